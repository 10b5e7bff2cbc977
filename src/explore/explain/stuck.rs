//! Who has not finished where nobody can move any more: what each waits for, and the step that made that impossible.

use super::cause::{Death, Missing, Who};
use super::history::{self, awaited, counted, death};
use crate::explore::replay::Walk;
use crate::core::{ActorId, Attempt, Controller, Phase, Step};
use crate::scenario::{Setup};

/// An actor that waits in vain, or several that wait for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stuck {
    /// Tasks wait at their barrier for others that are dead.
    AtBarrier {
        /// Who waits.
        who: Vec<Who>,
        /// Those they wait for.
        missing: Vec<Death>,
    },
    /// The controller waits in Scheduling for the `TaskStarted` of these tasks.
    Controller(Vec<(Who, Missing)>),
}

/// Who is stuck in the last state; nobody where an actor can move there.
pub fn stuck<C: Controller>(setup: &Setup<C>, walk: &Walk<C>) -> Vec<Stuck> {
    let mut stuck: Vec<Stuck> = Vec::new();
    if !walk.last().enabled(setup).is_empty() {
        return stuck;
    }
    for (index, lives) in walk.last().attempts.iter().enumerate() {
        let attempt = Attempt::at(walk.last().driver.attempt.index() - index);
        for (task, _) in lives.iter().enumerate().filter(|(_, life)| life.waits(&setup.sequence)) {
            let who = Who { task: ActorId::at(task), attempt };
            let deaths: Vec<Death> =
                awaited(setup, walk, index, who).into_iter().filter_map(|one| death(walk, one)).collect();
            join(&mut stuck, who, deaths);
        }
    }
    if walk.last().phase() == Phase::Scheduling {
        stuck.push(Stuck::Controller(missing(setup, walk)));
    }
    stuck
}

/// Adds a task that waits to those who wait for the same.
fn join(stuck: &mut Vec<Stuck>, one: Who, deaths: Vec<Death>) {
    let same = stuck.iter_mut().find_map(|stuck| match stuck {
        Stuck::AtBarrier { who, missing } if *missing == deaths => Some(who),
        Stuck::AtBarrier { .. } | Stuck::Controller(_) => None,
    });
    match same {
        Some(who) => who.push(one),
        None => stuck.push(Stuck::AtBarrier { who: vec![one], missing: deaths }),
    }
}

/// The tasks of the current attempt that the controller has not counted, and why it never will.
pub fn missing<C: Controller>(setup: &Setup<C>, walk: &Walk<C>) -> Vec<(Who, Missing)> {
    let counted: Vec<ActorId> = counted(walk).iter().map(|(_, notice)| notice.task).collect();
    let mut all = Vec::new();
    for (who, life) in history::crew(walk).filter(|(who, _)| !counted.contains(&who.task)) {
        let notice = history::started(who);
        let why = match (history::sent(walk, notice), history::readings(walk, notice).pop()) {
            _ if !setup.sequence.steps().contains(&Step::ANNOUNCE) => Missing::Forgotten,
            (Some(sent), Some(read)) => Missing::NotCounted { sent, read },
            (Some(_), None) => continue,
            (None, _) => match death(walk, who).filter(|_| life.is_dead()) {
                Some(death) => Missing::Dead(death),
                None => Missing::AtBarrier(awaited(setup, walk, 0, who)),
            },
        };
        all.push((who, why));
    }
    // Those who died first: the others wait for them.
    all.sort_by_key(|(_, why)| matches!(why, Missing::AtBarrier(_)));
    all
}
