//! What a fact says, read off the events by other means than the explanation's.

use startup_race::explore::explain::cause::{Death, Fact, How, Missing, Who};
use startup_race::explore::replay::Walk;
use startup_race::claims::{Claim, State};
use startup_race::core::{ActorId, Attempt, Controller, Input, Kind, Notice, Phase, Step, TaskState};
use startup_race::model::{Action};
use startup_race::scenario::{Setup};
use startup_race::transition::{Event, Reaction, Transition};

/// A schedule with the claim that it breaks.
pub struct Shown<'a, C> {
    pub setup: &'a Setup<C>,
    pub walk: &'a Walk<C>,
    pub claim: &'a Claim<C>,
}

impl<C: Controller> Shown<'_, C> {
    fn event(&self, step: usize) -> Option<&Event> {
        step.checked_sub(1).and_then(|index| self.walk.events.get(index))
    }

    fn received(&self, step: usize) -> Option<Transition> {
        match self.event(step)? {
            Event::Controller { transition, .. } => Some(*received),
            Event::Task { .. } => None,
        }
    }

    fn is_act(&self, step: usize, who: Who, wanted: Step) -> bool {
        matches!(self.event(step), Some(Event::Task { attempt, task, act, .. })
            if *attempt == who.attempt && *task == who.task && *act == wanted)
    }

    fn life_after(&self, step: usize) -> Option<Life> {
        match self.event(step)? {
            Event::Task { life, .. } => Some(*life),
            Event::Controller { .. } => None,
        }
    }

    fn reads(&self, step: usize, notice: Notice) -> bool {
        self.received(step).is_some_and(|received| received.input == Input::Notice(notice))
    }

    fn counts(&self, step: usize, task: ActorId) -> bool {
        let counts = |received: Transition| {
            matches!(received.reaction, Reaction::Counted | Reaction::BecameUp)
                && matches!(received.input, Input::Notice(notice) if notice.task == task)
        };
        self.received(step).is_some_and(counts)
    }

    fn last_life(&self, who: Who) -> Option<Life> {
        let world = self.walk.last();
        let crew = usize::from(world.driver.attempt.0).checked_sub(usize::from(who.attempt.0))?;
        Some(world.attempts.get(crew)?[who.task.index()])
    }

    fn breaks(&self, step: usize, part: fn(&Claim<C>, &State<'_, C>) -> bool) -> bool {
        part(self.claim, &State { setup: self.setup, world: &self.walk.worlds[step] })
    }

    /// Whether something is so from a step on and not before it.
    fn since(&self, since: Option<usize>, part: fn(&Claim<C>, &State<'_, C>) -> bool) -> bool {
        let from = since.unwrap_or(0);
        let holds = |step| self.breaks(step, part);
        (from..=self.walk.events.len()).all(holds) && since.is_none_or(|step| step > 0 && !holds(step - 1))
    }

    pub fn holds(&self, fact: &Fact) -> bool {
        let last = self.walk.events.len();
        match fact {
            Fact::Broken(since) => self.since(*since, |claim, state| claim.applies(state) && !claim.holds(state)),
            Fact::Died(death) => {
                let act = if death.how == How::SendFailed { Step::Panic } else { Step::OnStart };
                let life = self.life_after(death.at);
                let ended = match death.how {
                    How::Panicked | How::SendFailed => matches!(life, Some(Life::Panicked(_))),
                    How::Vanished => life == Some(Life::Vanished),
                };
                let reported =
                    death.reported.is_none_or(|step| step > death.at && self.is_act(step, death.who, Step::Report));
                self.is_act(death.at, death.who, act) && ended && reported
            }
            Fact::InVain { at, notice, phase, counted, reaction, changed } => {
                let Some(received) = self.received(*at) else { return false };
                let (before, after) = (&self.walk.worlds[at - 1].driver, &self.walk.worlds[*at].driver);
                self.reads(*at, *notice)
                    && matches!(notice.kind, Kind::Failed(_))
                    && (received.before, received.reaction) == (*phase, *reaction)
                    && received.after == received.before
                    && received.began.is_none()
                    && before.controller.counted() == *counted
                    && (before != after) == *changed
            }
            Fact::Announced { who, at } => {
                let life = self.walk.worlds.get(*at).map(|world| world.attempts[0][who.task.index()]);
                let early = life.is_some_and(|life| !life.completed(Step::OnStart, &self.setup.sequence));
                self.is_act(*at, *who, Step::ANNOUNCE) && early
            }
            Fact::NeverCounted(who) => {
                let since = (1..=last).rev().find(|&step| self.received(step).is_some_and(|r| r.began.is_some()));
                (since.unwrap_or(0) + 1..=last).all(|step| !self.counts(step, who.task))
            }
            Fact::CountedTwice { task, first, again } => {
                first < again && self.counts(*first, *task) && self.counts(*again, *task)
            }
            Fact::Stale { notice, sent, attempt, began, read } => {
                let is_sent = matches!(self.event(*sent), Some(Event::Task { sent: Some(one), .. }) if one == notice);
                let begins = self.received(*began).is_some_and(|received| received.began == Some(*attempt));
                is_sent
                    && begins
                    && self.reads(*read, *notice)
                    && notice.attempt < *attempt
                    && began < read
                    && sent < read
            }
            Fact::BecameUp { at, input, whole } => self.received(*at).is_some_and(|received| {
                let counted = received.counted.map(usize::from) == Some(self.setup.scenario.tasks().len());
                received.input == *input
                    && received.before != Phase::Running
                    && received.after == Phase::Running
                    && counted == *whole
            }),
            Fact::NotCompleted(whos) => {
                let missing = |who: &Who| {
                    self.last_life(*who).is_some_and(|life| !life.completed(Step::OnStart, &self.setup.sequence))
                };
                !whos.is_empty() && whos.iter().all(missing)
            }
            Fact::Missing(who, why) => self.misses(*who, why),
            Fact::Waits { who, arrived, missing } => {
                let waits = self.last_life(*who).is_some_and(|life| life.waits(&self.setup.sequence));
                waits && self.is_act(*arrived, *who, Step::Arrive) && self.never_arrive(*who, missing)
            }
            Fact::TimedOut { at, others } => {
                let enabled = at.checked_sub(1).map(|before| self.walk.worlds[before].enabled(self.setup));
                self.received(*at).is_some_and(|received| received.input == Input::TimedOut)
                    && enabled.is_some_and(|enabled| {
                        enabled.iter().filter(|actor| **actor != Action::TimeOut).eq(others.iter())
                    })
            }
            Fact::Repeated { notice, first, began, again } => {
                first < again
                    && self.reads(*first, *notice)
                    && self.reads(*again, *notice)
                    && self.received(*first).is_some_and(|received| received.began == *began)
            }
            Fact::Failed { at, input } => self.received(*at).is_some_and(|received| {
                received.input == *input && !received.before.is_final() && received.after.is_final()
            }),
            Fact::NobodyDead(attempt) => {
                let world = self.walk.last();
                world.driver.attempt == *attempt && !world.attempts[0].iter().any(|life| life.is_dead())
            }
            Fact::Premise(since) => self.happened(*since) && self.since(since.map(|(step, _)| step), Claim::applies),
            Fact::Conclusion(since) => {
                self.happened(*since) && self.since(since.map(|(step, _)| step), |claim, state| !claim.holds(state))
            }
            // Checked against every continuation, in a test of its own.
            Fact::Outlook(_) => true,
        }
    }

    fn happened(&self, since: Option<(usize, Event)>) -> bool {
        since.is_none_or(|(step, event)| self.event(step) == Some(&event))
    }

    pub fn misses(&self, who: Who, why: &Missing) -> bool {
        let started = Notice { task: who.task, attempt: who.attempt, kind: Kind::Started };
        let sends =
            |step: usize| matches!(self.event(step), Some(Event::Task { sent: Some(one), .. }) if *one == started);
        let never_sent = (1..=self.walk.events.len()).all(|step| !sends(step));
        match why {
            Missing::Forgotten => !self.setup.sequence.steps().contains(&Step::ANNOUNCE),
            Missing::Dead(death) => {
                never_sent
                    && death.who == who
                    && self.last_life(who).is_some_and(Life::is_dead)
                    && self.holds(&Fact::Died(*death))
            }
            Missing::AtBarrier(others) => never_sent && self.never_arrive(who, others),
            Missing::NotCounted { sent, read } => {
                sends(*sent) && self.reads(*read, started) && !self.counts(*read, who.task) && sent < read
            }
        }
    }

    /// Whether these are all tasks of the same worker and attempt that have not arrived, and nobody can move any more.
    pub fn never_arrive(&self, who: Who, missing: &[Who]) -> bool {
        let worker = self.setup.scenario.task(who.task).worker;
        let has_arrived = |other: Who| (1..=self.walk.events.len()).any(|step| self.is_act(step, other, Step::Arrive));
        let same_worker = self.setup.scenario.on(worker).map(|task| Who { task, ..who });
        let absent: Vec<Who> = same_worker.filter(|&other| !has_arrived(other)).collect();
        absent == missing && self.walk.last().enabled(self.setup).is_empty()
    }
}

/// The same fact with its steps moved, or with what it names taken away: what a wrong explanation would say.
pub fn moved(fact: &Fact) -> Vec<Fact> {
    match fact.clone() {
        Fact::Broken(Some(at)) => vec![Fact::Broken(Some(at + 1))],
        Fact::Died(death) => {
            let later = death.reported.map(|step| Fact::Died(Death { reported: Some(step + 1), ..death }));
            [Fact::Died(Death { at: death.at + 1, ..death })].into_iter().chain(later).collect()
        }
        Fact::InVain { at, notice, phase, counted, reaction, changed } => {
            vec![Fact::InVain { at: at - 1, notice, phase, counted, reaction, changed }]
        }
        Fact::Announced { who, at } => vec![Fact::Announced { who, at: at + 1 }],
        Fact::CountedTwice { task, first, again } => vec![Fact::CountedTwice { task, first: again, again: first }],
        Fact::Stale { notice, sent, attempt, began, read } => vec![
            Fact::Stale { notice, sent: sent + 1, attempt, began, read },
            Fact::Stale { notice, sent, attempt, began: began + 1, read },
            Fact::Stale { notice, sent, attempt, began, read: read - 1 },
        ],
        Fact::BecameUp { at, input, whole } => vec![Fact::BecameUp { at: at - 1, input, whole }],
        Fact::NotCompleted(_) => vec![Fact::NotCompleted(Vec::new())],
        Fact::Missing(who, Missing::Dead(_) | Missing::Forgotten) => {
            vec![Fact::Missing(who, Missing::NotCounted { sent: 1, read: 2 })]
        }
        Fact::Missing(who, _) => vec![Fact::Missing(who, Missing::AtBarrier(Vec::new()))],
        Fact::Waits { who, arrived, missing } => {
            vec![Fact::Waits { who, arrived: arrived - 1, missing }, Fact::Waits { who, arrived, missing: Vec::new() }]
        }
        Fact::TimedOut { at, others } => vec![Fact::TimedOut { at: at - 1, others }],
        Fact::Repeated { notice, first, began, again } => {
            vec![Fact::Repeated { notice, first: again, began, again: first }]
        }
        Fact::Failed { at, input } => vec![Fact::Failed { at: at - 1, input }],
        Fact::NobodyDead(attempt) => vec![Fact::NobodyDead(Attempt(attempt.0 + 1))],
        Fact::Premise(Some((step, event))) => vec![Fact::Premise(Some((step - 1, event)))],
        Fact::Conclusion(Some((step, event))) => vec![Fact::Conclusion(Some((step - 1, event)))],
        Fact::NeverCounted(_)
        | Fact::Broken(None)
        | Fact::Premise(None)
        | Fact::Conclusion(None)
        | Fact::Outlook(_) => Vec::new(),
    }
}

pub fn name(fact: &Fact) -> String {
    let text = format!("{fact:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_string()
}
