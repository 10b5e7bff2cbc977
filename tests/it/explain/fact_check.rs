//! Checks facts against the events, with other code than the explanation's.

use startup_race::claims::Claim;
use startup_race::core::{
    ActorId, Attempt, Cause, Controller, Effect, Input, Kind, Notice, Script, Stage, Status, Step, TaskState,
};
use startup_race::explore::explain::cause::{Death, Fact, How, Missing, NotOver, TaskRun};
use startup_race::explore::trace::Trace;
use startup_race::model::{Action, Message, Model, World};
use startup_race::scenario::Setup;
use startup_race::transition::{Event, Reaction, Transition};

/// A schedule with the claim that it breaks.
pub struct Shown<'a, C> {
    pub setup: &'a Setup<C>,
    pub trace: &'a Trace<C>,
    pub claim: &'a Claim<C>,
}

/// Whether a part of a claim holds in a state.
type Part<C> = fn(&Claim<C>, &Model<C>, &World<C>) -> bool;

impl<C: Controller> Shown<'_, C> {
    fn event(&self, step: usize) -> Option<&Event> {
        step.checked_sub(1).and_then(|index| self.trace.events.get(index))
    }

    fn received(&self, step: usize) -> Option<&Transition> {
        self.event(step)?.transition()
    }

    fn is_act(&self, step: usize, who: TaskRun, wanted: Step) -> bool {
        matches!(self.event(step), Some(Event::Task { attempt, task, step, .. })
            if *attempt == who.attempt && *task == who.task && *step == wanted)
    }

    fn status_after(&self, step: usize) -> Option<Status> {
        match self.event(step)? {
            Event::Task { state, .. } => Some(state.status),
            Event::Controller { .. } | Event::Lost(..) => None,
        }
    }

    fn script(&self, who: TaskRun) -> &Script {
        &self.setup.model.actor(who.task).script
    }

    fn reads(&self, step: usize, notice: Notice) -> bool {
        self.received(step).is_some_and(|received| received.input == Input::Notice(notice))
    }

    fn counts(&self, step: usize, task: ActorId) -> bool {
        let counts = |received: &Transition| {
            let is_taken = |notice: Notice| match received.reaction {
                Reaction::Counted | Reaction::BecameUp => true,
                // The controller does not say how many tasks it has counted.
                Reaction::Acknowledged => received.counted.is_none() && notice.kind == Kind::Started,
                _ => false,
            };
            matches!(received.input, Input::Notice(notice) if notice.from == task && is_taken(notice))
        };
        self.received(step).is_some_and(counts)
    }

    fn last_state(&self, who: TaskRun) -> Option<TaskState> {
        let world = self.trace.last();
        let age = usize::from(world.driver.attempt.0).checked_sub(usize::from(who.attempt.0))?;
        Some(world.attempts.get(age)?[who.task.index()])
    }

    fn breaks(&self, step: usize, part: Part<C>) -> bool {
        part(self.claim, &self.setup.model, &self.trace.worlds[step])
    }

    /// Whether a part of the claim holds from a step on, and does not hold directly before that step.
    fn since(&self, since: Option<usize>, part: Part<C>) -> bool {
        let from = since.unwrap_or(0);
        let holds = |step| self.breaks(step, part);
        (from..=self.trace.events.len()).all(holds) && since.is_none_or(|step| step > 0 && !holds(step - 1))
    }

    #[allow(clippy::too_many_lines, reason = "an arm for each fact")]
    pub fn holds(&self, fact: &Fact) -> bool {
        let last = self.trace.events.len();
        match fact {
            Fact::Broken(since) => self.since(*since, Claim::is_broken_in),
            Fact::Died(death) => {
                let how = death.how;
                let act = if matches!(how, How::Cascaded | How::Died) { Step::Panic(how) } else { Step::OnStart };
                let ended = match how {
                    How::Vanished => Status::Dead(Cause::Vanished),
                    How::Panicked | How::Cascaded | How::Died => Status::Panicked(how),
                };
                let ended = self.status_after(death.at) == Some(ended);
                let report = Step::Send(Kind::Failed(how));
                let reported =
                    death.reported.is_none_or(|step| step > death.at && self.is_act(step, death.who, report));
                self.is_act(death.at, death.who, act) && ended && reported
            }
            Fact::InVain { at, notice, phase, counted, reaction, changed } => {
                let Some(received) = self.received(*at) else { return false };
                let (before, after) = (&self.trace.worlds[at - 1].driver, &self.trace.worlds[*at].driver);
                self.reads(*at, *notice)
                    && matches!(notice.kind, Kind::Failed(_))
                    && (received.before, received.reaction) == (*phase, *reaction)
                    && received.after == received.before
                    && received.began.is_none()
                    && before.controller.counted() == *counted
                    && (before != after) == *changed
            }
            Fact::Announced { who, at } => {
                let state = self.trace.worlds.get(*at).map(|world| world.attempts[0][who.task.index()]);
                let early = state.is_some_and(|state| !state.has_completed(Step::OnStart, self.script(*who)));
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
                    && received.before.stage != Stage::Up
                    && received.after.stage == Stage::Up
                    && counted == *whole
            }),
            Fact::NotCompleted(whos) => {
                let missing = |who: &TaskRun| {
                    let state = self.last_state(*who);
                    state.is_some_and(|state| !state.has_completed(Step::OnStart, self.script(*who)))
                };
                !whos.is_empty() && whos.iter().all(missing)
            }
            Fact::Missing(who, why) => self.misses(*who, why),
            Fact::Waits { who, arrived, missing } => {
                let waits = self.last_state(*who).is_some_and(|state| state.is_at_barrier(self.script(*who)));
                waits && self.is_act(*arrived, *who, Step::Arrive) && self.never_arrive(*who, missing)
            }
            Fact::TimedOut { at, others } => {
                let enabled = at.checked_sub(1).map(|before| self.setup.model.actions(&self.trace.worlds[before]));
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
                received.input == *input && !received.before.stage.is_final() && received.after.stage.is_final()
            }),
            Fact::NobodyDead(attempt) => {
                let world = self.trace.last();
                world.driver.attempt == *attempt && !world.attempts[0].iter().any(|task| task.is_dead())
            }
            Fact::Premise(since) => {
                self.happened(since.as_ref()) && self.since(since.as_ref().map(|(step, _)| *step), Claim::applies)
            }
            Fact::Conclusion(since) => {
                let fails: Part<C> = |claim, model, world| !claim.holds(model, world);
                self.happened(since.as_ref()) && self.since(since.as_ref().map(|(step, _)| *step), fails)
            }
            Fact::ReportLost { notice, at } => self.loses(*at, *notice),
            Fact::Hangs { who, at } => {
                self.is_act(*at, *who, Step::OnStart) && self.status_after(*at) == Some(Status::Hung)
            }
            Fact::CountedFor { notice, sent, read } => {
                let is_sent = matches!(self.event(*sent), Some(Event::Task { sent: Some(one), .. }) if one == notice);
                is_sent && self.reads(*read, *notice) && self.counts(*read, notice.from) && notice.kind != Kind::Started
            }
            Fact::Kept { who, read, began } => {
                let begins = self.received(*began).is_some_and(|received| received.began == Some(who.attempt));
                begins && self.counts(*read, who.task) && read < began
            }
            Fact::StopAsked { at, before, after, changed } => self.received(*at).is_some_and(|received| {
                let drivers = (&self.trace.worlds[at - 1].driver, &self.trace.worlds[*at].driver);
                received.input == Input::Stop
                    && (received.before, received.after) == (*before, *after)
                    && (drivers.0 != drivers.1) == *changed
            }),
            Fact::StopUndone { at, input, began, phase } => self.received(*at).is_some_and(|received| {
                (received.input, received.began, received.after) == (*input, *began, *phase)
                    && (began.is_some() || *input == Input::Restarted)
            }),
            Fact::Restarted { who, at } => self.received(*at).is_some_and(|received| {
                received.effects.contains(&Effect::Restart(who.task)) && received.began == Some(who.attempt)
            }),
            Fact::Finished { who, at, stopped } => {
                self.is_act(*at, *who, if *stopped { Step::Stop } else { Step::FINISH })
            }
            Fact::NotOver(who, why) => self.is_not_over(*who, why),
            Fact::BecameEnded { at, input, .. } => self.received(*at).is_some_and(|received| {
                received.input == *input
                    && received.before.stage != Stage::Ended
                    && received.after.stage == Stage::Ended
            }),
            Fact::GoOn(whos) => {
                !whos.is_empty() && whos.iter().all(|who| self.last_state(*who).is_some_and(|state| !state.is_gone()))
            }
            // Another test checks this against every continuation.
            Fact::Recovery(_) => true,
        }
    }

    fn loses(&self, step: usize, notice: Notice) -> bool {
        matches!(self.event(step), Some(Event::Lost(_, Message::Notice(one))) if *one == notice)
    }

    fn is_not_over(&self, who: TaskRun, why: &NotOver) -> bool {
        match why {
            NotOver::Dead(death) => death.who == who && self.holds(&Fact::Died(*death)),
            NotOver::Hangs => self.last_state(who).is_some_and(|state| state.status == Status::Hung),
            NotOver::AtBarrier(others) => self.never_arrive(who, others),
            NotOver::GoesOn => self.last_state(who).is_some_and(|state| !state.is_gone()),
            NotOver::Lost { notice, lost, .. } => self.loses(*lost, *notice),
            NotOver::ForgottenInCrash { notice, read, crash } => {
                self.reads(*read, *notice) && self.crashes(*crash) && read < crash
            }
            NotOver::NotCounted { notice, read, phase } => {
                self.reads(*read, *notice) && self.received(*read).is_some_and(|received| received.before == *phase)
            }
        }
    }

    fn crashes(&self, step: usize) -> bool {
        self.received(step).is_some_and(|received| received.input == Input::Restarted)
    }

    fn happened(&self, since: Option<&(usize, Event)>) -> bool {
        since.is_none_or(|(step, event)| self.event(*step) == Some(event))
    }

    pub fn misses(&self, who: TaskRun, why: &Missing) -> bool {
        let started = Notice { from: who.task, attempt: who.attempt, kind: Kind::Started };
        let sends =
            |step: usize| matches!(self.event(step), Some(Event::Task { sent: Some(one), .. }) if *one == started);
        let never_sent = (1..=self.trace.events.len()).all(|step| !sends(step));
        match why {
            Missing::Forgotten => !self.setup.sequence().steps().contains(&Step::ANNOUNCE),
            Missing::Dead(death) => {
                never_sent
                    && death.who == who
                    && self.last_state(who).is_some_and(TaskState::is_dead)
                    && self.holds(&Fact::Died(*death))
            }
            Missing::AtBarrier(others) => never_sent && self.never_arrive(who, others),
            Missing::NotCounted { sent, read } => {
                sends(*sent) && self.reads(*read, started) && !self.counts(*read, who.task) && sent < read
            }
            Missing::Hangs => never_sent && self.last_state(who).is_some_and(|state| state.status == Status::Hung),
            Missing::NotSent => never_sent,
            Missing::Lost { sent, lost } => sends(*sent) && self.loses(*lost, started) && sent < lost,
            Missing::ForgottenInCrash { read, crash } => {
                self.counts(*read, who.task) && self.reads(*read, started) && self.crashes(*crash) && read < crash
            }
        }
    }

    /// Whether these are all tasks of that worker and attempt that have not arrived, and no actor can move any more.
    pub fn never_arrive(&self, who: TaskRun, missing: &[TaskRun]) -> bool {
        let worker = self.setup.scenario.task(who.task).worker;
        let has_arrived =
            |other: TaskRun| (1..=self.trace.events.len()).any(|step| self.is_act(step, other, Step::Arrive));
        let same_worker = self.setup.scenario.on(worker).map(|task| TaskRun { task, ..who });
        let absent: Vec<TaskRun> = same_worker.filter(|&other| !has_arrived(other)).collect();
        absent == missing && self.setup.model.actions(self.trace.last()).is_empty()
    }
}

/// Wrong versions of a fact: with moved steps, with something left out, or with another reason.
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
        Fact::Missing(who, Missing::ForgottenInCrash { read, crash }) => vec![
            Fact::Missing(who, Missing::ForgottenInCrash { read: read - 1, crash }),
            Fact::Missing(who, Missing::ForgottenInCrash { read, crash: crash - 1 }),
        ],
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
        Fact::ReportLost { notice, at } => vec![Fact::ReportLost { notice, at: at - 1 }],
        Fact::Hangs { who, at } => vec![Fact::Hangs { who, at: at - 1 }],
        Fact::CountedFor { notice, sent, read } => vec![Fact::CountedFor { notice, sent: read, read: sent }],
        Fact::Kept { who, read, began } => vec![Fact::Kept { who, read: began, began: read }],
        Fact::StopAsked { at, before, after, changed } => {
            vec![Fact::StopAsked { at: at + 1, before, after, changed }]
        }
        Fact::StopUndone { at, input, began, phase } => vec![Fact::StopUndone { at: at - 1, input, began, phase }],
        Fact::Restarted { who, at } => vec![Fact::Restarted { who, at: at - 1 }],
        Fact::Finished { who, at, stopped } => vec![Fact::Finished { who, at, stopped: !stopped }],
        Fact::BecameEnded { at, phase, input } => vec![Fact::BecameEnded { at: at - 1, phase, input }],
        Fact::GoOn(_) => vec![Fact::GoOn(Vec::new())],
        Fact::NotOver(who, NotOver::Lost { notice, sent, lost }) => {
            vec![Fact::NotOver(who, NotOver::Lost { notice, sent: lost, lost: sent })]
        }
        Fact::NotOver(..)
        | Fact::NeverCounted(_)
        | Fact::Broken(None)
        | Fact::Premise(None)
        | Fact::Conclusion(None)
        | Fact::Recovery(_) => Vec::new(),
    }
}

pub fn name(fact: &Fact) -> String {
    let text = format!("{fact:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_string()
}
