//! Why a claim is broken. Each claim of the protocol has its own tree of causes. For any other claim, the tree names
//! the step since which its premise holds, and the step since which its conclusion fails.
//!
//! A claim of the protocol is recognised by its name and by [`Claim::is_symmetric`], which is false for a user's own
//! claims. If the schedule does not show what the claim's own tree is about, the general tree is used.

use super::annotations::{self, read};
use super::cause::{Cause, Death, Fact, How, Missing, NotOver, TaskRun};
use super::queries::{self, awaited, counted, crew, death};
use super::recovery::Continuations;
use super::stuck;
use crate::claims::{Claim, Scope};
use crate::core::{ActorId, Controller, Input, Kind, Notice, Stage, Step, TaskState};
use crate::explore::limits::Limits;
use crate::explore::trace::Trace;
use crate::model::{Action, World};
use crate::scenario::Setup;

/// The schedule that breaks a claim, with everything that the trees need.
pub(super) struct Story<'a, C> {
    pub(super) setup: &'a Setup<C>,
    pub(super) trace: &'a Trace<C>,
    claim: &'a Claim<C>,
}

/// Why a schedule breaks a claim.
pub fn because<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, claim: &Claim<C>, limits: &Limits) -> Cause {
    because_of(setup, trace, claim, &mut Continuations::new(vec![claim.clone()], limits))
}

/// Like [`because`], but several explanations share the continuations.
pub(super) fn because_of<C: Controller>(
    setup: &Setup<C>,
    trace: &Trace<C>,
    claim: &Claim<C>,
    continuations: &mut Continuations<C>,
) -> Cause {
    let story = Story { setup, trace, claim };
    let causes = match claim.id.as_ref() {
        _ if !claim.is_symmetric() => None,
        "no-lost-failure" => story.lost_failure(),
        "no-false-start" => story.false_start(),
        "always-decides" => story.undecided(),
        "running-runs" => story.not_running(),
        "no-false-alarm" => story.false_alarm(),
        "no-lost-stop" => story.lost_stop(),
        "no-false-stop" => story.false_stop(),
        "no-half-run" => story.half_run(),
        _ => None,
    };
    let mut causes = causes.unwrap_or_else(|| story.generic());
    if claim.scope == Scope::AtEnd {
        let last = causes.iter().map(last_step).max().unwrap_or(0).max(story.broken().unwrap_or(0));
        causes.push(Fact::Recovery(continuations.outlook(setup, trace.after(last), claim)).into());
    }
    Cause::new(Fact::Broken(story.broken().filter(|&step| step > 0)), causes)
}

impl<C: Controller> Story<'_, C> {
    fn broken(&self) -> Option<usize> {
        annotations::broken(self.setup, self.trace, self.claim)
    }

    /// Running, and a task is dead: which task, what happened to its report, and what made the phase Running.
    fn lost_failure(&self) -> Option<Vec<Cause>> {
        let mut causes = self.losses();
        causes.extend(self.became_running());
        Some(in_order(causes))
    }

    /// Running, and a task has not completed `on_start`: which task, and why it was counted.
    fn false_start(&self) -> Option<Vec<Cause>> {
        let completed = |who: TaskRun| queries::has_completed(self.setup, self.trace, who, Step::OnStart);
        let missing: Vec<TaskRun> = self.crew().map(|(who, _)| who).filter(|&who| !completed(who)).collect();
        let at = queries::entered(self.trace)?;
        let mut running = self.running_fact(at)?;
        for &who in &missing {
            running.because.extend(self.counted_too_early(who));
        }
        running.because.extend(self.counted_twice());
        running.because = in_order(std::mem::take(&mut running.because));
        let deaths = missing.iter().filter_map(|&who| death(self.trace, who)).map(|death| Fact::Died(death).into());
        Some(vec![running, Cause::new(Fact::NotCompleted(missing.clone()), deaths.collect())])
    }

    /// Scheduling at the end: which notices are missing, why they never come, and which failure was dropped. Stopping
    /// at the end: which tasks are not over.
    fn undecided(&self) -> Option<Vec<Cause>> {
        match self.trace.last().stage() {
            Stage::Starting if self.setup.announces() => {}
            Stage::Stopping => return self.never_stopped(),
            Stage::Starting | Stage::Up | Stage::Ended | Stage::Failed(_) => return None,
        }
        let missing = stuck::missing(self.setup, self.trace);
        let mut causes = in_order(self.losses().into_iter().chain(self.restarts()).collect());
        causes.extend(missing.iter().map(|(who, why)| self.missing(*who, why.clone())));
        (!missing.is_empty()).then_some(causes)
    }

    /// Running, and a task waits at its barrier or hangs: which tasks it waits for, what happened to them, and what
    /// made the phase Running.
    fn not_running(&self) -> Option<Vec<Cause>> {
        let waits = |(who, state): &(TaskRun, TaskState)| state.is_at_barrier(&self.setup.model.actor(who.task).script);
        let waiting: Vec<Cause> = self.crew().filter(waits).filter_map(|(who, _)| self.waits(0, who)).collect();
        let mut causes = waiting;
        causes.extend(self.hangs());
        causes.extend(self.losses());
        causes.extend(self.became_running());
        Some(in_order(causes))
    }

    /// Failed, and no task of the current attempt is dead: why the controller failed the pipeline.
    fn false_alarm(&self) -> Option<Vec<Cause>> {
        let has_failed = matches!(self.trace.last().stage(), Stage::Failed(_));
        let at = queries::entered(self.trace).filter(|_| has_failed)?;
        let received = self.trace.event(at).transition()?;
        let reasons: Vec<Cause> = match received.input {
            Input::TimedOut => vec![self.timed_out(at)],
            Input::Notice(notice) => self.untimely(at, notice),
            Input::Stop | Input::Restarted => Vec::new(),
        };
        let nobody = Fact::NobodyDead(self.trace.last().driver.attempt);
        Some(vec![Cause::new(Fact::Failed { at, input: received.input }, reasons), nobody.into()])
    }

    /// For any claim: since when the premise holds, and since when the conclusion fails.
    fn generic(&self) -> Vec<Cause> {
        let since = |wanted: &dyn Fn(&World<C>) -> bool| {
            let so = self.trace.worlds.iter().rev().take_while(|world| wanted(world)).count();
            let step = Some(self.trace.worlds.len().saturating_sub(so)).filter(|&step| step > 0)?;
            Some((step, self.trace.event(step).clone()))
        };
        let premise = since(&|world| self.claim.applies(&self.setup.model, world));
        let conclusion = since(&|world| !self.claim.holds(&self.setup.model, world));
        vec![Fact::Premise(premise).into(), Fact::Conclusion(conclusion).into()]
    }

    pub(super) fn crew(&self) -> impl Iterator<Item = (TaskRun, TaskState)> {
        crew(self.setup, self.trace)
    }

    /// What happened to the reports of the tasks that died in the current attempt.
    pub(super) fn losses(&self) -> Vec<Cause> {
        let dead = self.crew().filter(|(_, state)| state.is_dead()).map(|(who, _)| who);
        let mut losses = Vec::new();
        for death in dead.filter_map(|who| death(self.trace, who)) {
            let report = queries::report(&death);
            let last = report.and_then(|notice| queries::readings(self.trace, notice).pop());
            let lost =
                report.and_then(|notice| Some(Fact::ReportLost { notice, at: queries::lost(self.trace, notice)? }));
            losses.push(match last.and_then(|at| self.in_vain(at)).or(lost.filter(|_| last.is_none())) {
                Some(vain) => Cause::new(vain, vec![self.died(death)]),
                None => self.died(death),
            });
        }
        losses
    }

    /// A death. If the death of a neighbour caused it, the neighbour's death is its child.
    pub(super) fn died(&self, death: Death) -> Cause {
        let neighbour = TaskRun { task: ActorId::at(death.who.task.index() + 1), ..death.who };
        let before = match death.how {
            How::Cascaded => self.death_of(neighbour),
            How::Panicked | How::Vanished | How::Died => None,
        };
        Cause::new(Fact::Died(death), before.into_iter().collect())
    }

    fn death_of(&self, who: TaskRun) -> Option<Cause> {
        death(self.trace, who).map(|death| self.died(death))
    }

    /// The fact that the controller read a report in this step, and neither failed nor retried.
    fn in_vain(&self, at: usize) -> Option<Fact> {
        let (notice, _) = read(self.trace.event(at))?;
        let received = self.trace.event(at).transition()?;
        let acted = received.reaction.fails();
        let changed = self.trace.before(at).driver != self.trace.after(at).driver;
        let (phase, reaction) = (received.before, received.reaction);
        let counted = self.trace.before(at).driver.controller.counted();
        (!acted).then_some(Fact::InVain { at, notice, phase, counted, reaction, changed })
    }

    /// What made the phase Running. Its children are the counted notices of earlier attempts, and the tasks that were
    /// counted twice.
    pub(super) fn became_running(&self) -> Option<Cause> {
        let mut running = self.running_fact(queries::entered(self.trace)?)?;
        let stale = counted(self.trace).into_iter().filter_map(|(read, notice)| self.stale(read, notice));
        running.because.extend(stale.map(Cause::from));
        running.because.extend(self.counted_twice());
        Some(running)
    }

    fn running_fact(&self, at: usize) -> Option<Cause> {
        let received = self.trace.event(at).transition()?;
        let whole = received.counted.map(usize::from) == Some(self.setup.scenario.tasks().len());
        Some(Fact::BecameUp { at, input: received.input, whole }.into())
    }

    /// Why a task was counted although it had not completed `on_start`; or the fact that it was not counted at all.
    fn counted_too_early(&self, who: TaskRun) -> Option<Cause> {
        let counted = counted(self.trace);
        let Some(&(read, notice)) = counted.iter().find(|(_, notice)| notice.from == who.task) else {
            return Some(Fact::NeverCounted(who).into());
        };
        let fact = match self.stale(read, notice) {
            Some(stale) => stale,
            None if notice.kind != Kind::Started => {
                Fact::CountedFor { notice, sent: queries::sent(self.trace, notice)?, read }
            }
            None if notice.attempt < who.attempt => {
                Fact::Kept { who, read, began: queries::began(self.trace, who.attempt)? }
            }
            None => Fact::Announced { who, at: queries::sent(self.trace, notice)? },
        };
        Some(fact.into())
    }

    /// A notice that was read in a later attempt than the one it belongs to.
    fn stale(&self, read: usize, notice: Notice) -> Option<Fact> {
        let attempt = self.trace.before(read).attempts[0].get(notice.from.index())?.attempt;
        let sent = queries::sent(self.trace, notice)?;
        let began = queries::began(self.trace, attempt).filter(|_| notice.attempt < attempt)?;
        Some(Fact::Stale { notice, sent, attempt, began, read })
    }

    fn counted_twice(&self) -> Vec<Cause> {
        let counted = counted(self.trace);
        let twice = |(index, &(again, notice)): (usize, &(usize, Notice))| {
            let (first, _) = counted[..index].iter().find(|(_, other)| other.from == notice.from)?;
            Some(Fact::CountedTwice { task: notice.from, first: *first, again }.into())
        };
        counted.iter().enumerate().filter_map(twice).collect()
    }

    /// The fact that a `TaskStarted` never comes. Its children are the deaths that prevent it.
    fn missing(&self, who: TaskRun, why: Missing) -> Cause {
        let because = match &why {
            Missing::Forgotten
            | Missing::Hangs
            | Missing::NotSent
            | Missing::Lost { .. }
            | Missing::ForgottenInCrash { .. }
            | Missing::NotCounted { .. } => Vec::new(),
            Missing::Dead(death) => vec![self.died(*death)],
            Missing::AtBarrier(others) => others.iter().filter_map(|&other| self.death_of(other)).collect(),
        };
        Cause::new(Fact::Missing(who, why), because)
    }

    /// The fact that a task waits at its barrier. Its children are the deaths of the tasks that it waits for.
    fn waits(&self, crew: usize, who: TaskRun) -> Option<Cause> {
        let missing = awaited(self.setup, self.trace, crew, who);
        let deaths = missing.iter().filter_map(|&other| self.death_of(other)).collect();
        let arrived = queries::took(self.trace, who, Step::Arrive)?;
        Some(Cause::new(Fact::Waits { who, arrived, missing }, deaths))
    }

    fn timed_out(&self, at: usize) -> Cause {
        let mut others = self.setup.model.actions(self.trace.before(at));
        others.retain(|&actor| actor != Action::TimeOut);
        Fact::TimedOut { at, others }.into()
    }

    /// Why a notice should not have ended the current attempt: it was read before, or belongs to an earlier attempt.
    fn untimely(&self, at: usize, notice: Notice) -> Vec<Cause> {
        let earlier = queries::readings(self.trace, notice).into_iter().find(|&step| step < at);
        let repeated = earlier.map(|first| {
            let began = self.trace.event(first).transition().and_then(|received| received.began);
            Fact::Repeated { notice, first, began, again: at }
        });
        repeated.or_else(|| self.stale(at, notice)).map(Cause::from).into_iter().collect()
    }
}

/// The last step that a tree names.
fn last_step(cause: &Cause) -> usize {
    cause.facts().into_iter().filter_map(step).max().unwrap_or(0)
}

/// The step by which a fact is sorted: the last step of its own. `None` if it has none, like a fact about something
/// that did not happen.
fn step(fact: &Fact) -> Option<usize> {
    match *fact {
        Fact::Broken(at) => at,
        Fact::Premise(ref since) | Fact::Conclusion(ref since) => since.as_ref().map(|(step, _)| *step),
        Fact::Died(Death { at, reported, .. }) => Some(reported.unwrap_or(at)),
        Fact::InVain { at, .. }
        | Fact::Announced { at, .. }
        | Fact::BecameUp { at, .. }
        | Fact::TimedOut { at, .. }
        | Fact::ReportLost { at, .. }
        | Fact::Hangs { at, .. }
        | Fact::StopAsked { at, .. }
        | Fact::StopUndone { at, .. }
        | Fact::Restarted { at, .. }
        | Fact::Finished { at, .. }
        | Fact::BecameEnded { at, .. }
        | Fact::Failed { at, .. } => Some(at),
        Fact::CountedFor { read, .. } => Some(read),
        Fact::Kept { began, .. } => Some(began),
        Fact::NotOver(
            _,
            NotOver::Lost { lost: at, .. }
            | NotOver::ForgottenInCrash { crash: at, .. }
            | NotOver::NotCounted { read: at, .. },
        ) => Some(at),
        Fact::CountedTwice { again, .. } | Fact::Repeated { again, .. } => Some(again),
        Fact::Stale { read, .. } => Some(read),
        Fact::Waits { arrived, .. } => Some(arrived),
        Fact::Missing(_, Missing::NotCounted { read, .. }) => Some(read),
        Fact::Missing(_, Missing::Lost { lost: at, .. } | Missing::ForgottenInCrash { crash: at, .. }) => Some(at),
        Fact::NotOver(..)
        | Fact::GoOn(_)
        | Fact::Missing(..)
        | Fact::NeverCounted(_)
        | Fact::NotCompleted(_)
        | Fact::NobodyDead(_)
        | Fact::Recovery(_) => None,
    }
}

pub(super) fn in_order(mut causes: Vec<Cause>) -> Vec<Cause> {
    causes.sort_by_key(|cause| step(&cause.fact));
    causes
}
