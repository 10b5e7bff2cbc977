//! The actors that have not finished when no actor can move any more: what each waits for, and which step made that
//! impossible.

use super::cause::{Death, Missing, NotOver, TaskRun};
use super::queries::{self, awaited, counted, death};
use super::stop::{not_over, tells_ends};
use crate::core::{ActorId, Controller, Phase, Stage, Status, Step};
use crate::explore::trace::Trace;
use crate::scenario::Setup;

/// An actor that waits for something that will not happen, or several actors that wait for the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stuck {
    /// Tasks wait at their barrier for others that will not arrive.
    AtBarrier {
        /// The tasks that wait.
        who: Vec<TaskRun>,
        /// The tasks that they wait for, and how each of them died, if it did.
        missing: Vec<(TaskRun, Option<Death>)>,
    },
    /// The controller waits in a starting phase for the `TaskStarted` of these tasks.
    Controller(Vec<(TaskRun, Missing)>),
    /// The controller waits in a starting phase, although by its reactions it has counted every task. The number is how
    /// many tasks it says that it has counted, if it counts.
    Undecided(Phase, Option<u8>),
    /// The controller waits in a stopping phase for the ends of these tasks.
    Stopping(Phase, Vec<(TaskRun, NotOver)>),
}

/// The actors that are stuck in the last state. Empty if an actor can still move.
pub fn stuck<C: Controller>(setup: &Setup<C>, trace: &Trace<C>) -> Vec<Stuck> {
    let mut stuck: Vec<Stuck> = Vec::new();
    if !setup.model.actions(trace.last()).is_empty() {
        return stuck;
    }
    for (age, states) in trace.last().attempts.iter().enumerate() {
        for (task, state) in setup.scenario.ids().zip(states) {
            if state.is_at_barrier(&setup.model.actor(task).script) {
                let who = TaskRun { task, attempt: state.attempt };
                let missing = awaited(setup, trace, age, who).into_iter().map(|one| (one, death(trace, one)));
                join(&mut stuck, who, missing.collect());
            }
        }
    }
    let (phase, counted) = (trace.last().phase(), trace.last().driver.controller.counted());
    match phase.stage {
        Stage::Starting if setup.announces() => {
            let missing = missing(setup, trace);
            stuck.push(if missing.is_empty() { Stuck::Undecided(phase, counted) } else { Stuck::Controller(missing) });
        }
        Stage::Stopping if tells_ends(setup) => stuck.push(Stuck::Stopping(phase, not_over(setup, trace))),
        Stage::Starting | Stage::Stopping | Stage::Up | Stage::Ended | Stage::Failed(_) => {}
    }
    stuck
}

/// Adds a waiting task to the tasks that wait for the same ones.
fn join(stuck: &mut Vec<Stuck>, one: TaskRun, awaited: Vec<(TaskRun, Option<Death>)>) {
    let same = stuck.iter_mut().find_map(|stuck| match stuck {
        Stuck::AtBarrier { who, missing } if *missing == awaited => Some(who),
        _ => None,
    });
    match same {
        Some(who) => who.push(one),
        None => stuck.push(Stuck::AtBarrier { who: vec![one], missing: awaited }),
    }
}

/// The tasks of the current attempt that the controller has not counted, and why it never will.
pub fn missing<C: Controller>(setup: &Setup<C>, trace: &Trace<C>) -> Vec<(TaskRun, Missing)> {
    let counted: Vec<ActorId> = counted(trace).iter().map(|(_, notice)| notice.from).collect();
    let (mut ended, mut waiting) = (Vec::new(), Vec::new());
    for (who, state) in queries::crew(setup, trace).filter(|(who, _)| !counted.contains(&who.task)) {
        let notice = queries::started(who);
        let why = match (queries::sent(trace, notice), queries::readings(trace, notice).pop()) {
            _ if !setup.sequence_of(who.task).steps().contains(&Step::ANNOUNCE) => Missing::Forgotten,
            (Some(sent), Some(read)) => match forgotten(trace, who) {
                Some((read, crash)) => Missing::ForgottenInCrash { read, crash },
                None => Missing::NotCounted { sent, read },
            },
            (Some(sent), None) => match queries::lost(trace, notice) {
                Some(lost) => Missing::Lost { sent, lost },
                None => continue,
            },
            (None, _) => match death(trace, who).filter(|_| state.is_dead()) {
                Some(death) => Missing::Dead(death),
                None if state.status == Status::Hung => Missing::Hangs,
                None if state.is_at_barrier(&setup.model.actor(who.task).script) => {
                    Missing::AtBarrier(awaited(setup, trace, 0, who))
                }
                None => Missing::NotSent,
            },
        };
        let kind = if matches!(why, Missing::AtBarrier(_)) { &mut waiting } else { &mut ended };
        kind.push((who, why));
    }
    // Tasks that wait at a barrier come last, because they wait for the others.
    ended.append(&mut waiting);
    ended
}

/// The step that counted a task, and the crash in which the controller forgot it.
fn forgotten<C: Controller>(trace: &Trace<C>, who: TaskRun) -> Option<(usize, usize)> {
    let (crash, notice) = (queries::forgot(trace)?, queries::started(who));
    let mut counted = queries::counted_ever(trace).into_iter();
    let (read, _) = counted.find(|&(step, other)| other == notice && step < crash)?;
    Some((read, crash))
}
