//! Explains the claims about a stop (it was undone, came too early, or never ends), and the claim that no task is
//! finished in Running. Restarts of single tasks, hangs and ends of tasks can be causes.

use super::because::{Story, in_order};
use super::cause::{Cause, Fact, NotOver, TaskRun};
use super::queries::{self, awaited, death};
use crate::core::{Controller, Effect, Input, Kind, Notice, Script, Stage, Status, Step, TaskState};
use crate::explore::trace::Trace;
use crate::scenario::Setup;

impl<C: Controller> Story<'_, C> {
    /// Running, although a stop was asked for: what happened to the stop, what undid it, and what made the phase
    /// Running.
    pub(super) fn lost_stop(&self) -> Option<Vec<Cause>> {
        let asked = asked(self.trace)?;
        let mut causes: Vec<Cause> = vec![asked.into()];
        causes.extend(self.undone());
        causes.extend(self.became_running());
        Some(in_order(causes))
    }

    /// Stopped, and some task continues.
    pub(super) fn false_stop(&self) -> Option<Vec<Cause>> {
        let at = queries::entered(self.trace)?;
        let transition = self.trace.event(at).transition().filter(|it| it.after.stage == Stage::Ended)?;
        let input = transition.input;
        let mut causes: Vec<Cause> = asked(self.trace).into_iter().map(Cause::from).collect();
        causes.extend(self.restarts());
        causes.push(Fact::BecameEnded { at, phase: transition.after, input }.into());
        let tasks = usize::from(self.setup.model.tasks());
        let states =
            self.trace.last().attempts.iter().flat_map(|states| self.setup.scenario.ids().zip(states).take(tasks));
        let go_on = states.filter(|(_, state)| !state.is_gone());
        let go_on: Vec<TaskRun> = go_on.map(|(task, state)| TaskRun { task, attempt: state.attempt }).collect();
        let mut causes = in_order(causes);
        causes.push(Fact::GoOn(go_on).into());
        Some(causes)
    }

    /// Running, and a task is finished.
    pub(super) fn half_run(&self) -> Option<Vec<Cause>> {
        let is_finished = |(_, state): &(TaskRun, TaskState)| state.status == Status::Finished;
        let ends = self.crew().filter(is_finished).filter_map(|(who, _)| finished(self.trace, who).map(Cause::from));
        let mut causes: Vec<Cause> = ends.collect();
        causes.extend(asked(self.trace).map(Cause::from));
        causes.extend(self.undone());
        causes.extend(self.became_running());
        Some(in_order(causes))
    }

    /// Stopping at the end: which tasks are not over, and why the controller never learns of it.
    pub(super) fn never_stopped(&self) -> Option<Vec<Cause>> {
        if !tells_ends(self.setup) {
            return None;
        }
        let mut causes: Vec<Cause> = asked(self.trace).into_iter().map(Cause::from).collect();
        causes.extend(self.restarts());
        let mut causes = in_order(causes);
        for (who, why) in not_over(self.setup, self.trace) {
            let because = match &why {
                NotOver::Dead(death) => vec![self.died(*death)],
                _ => Vec::new(),
            };
            causes.push(Cause::new(Fact::NotOver(who, why), because));
        }
        Some(causes)
    }

    /// The tasks that do not return from `on_start`.
    pub(super) fn hangs(&self) -> Vec<Cause> {
        let hangs = self.crew().filter(|(_, state)| state.status == Status::Hung);
        hangs
            .filter_map(|(who, _)| Some(Fact::Hangs { who, at: queries::took(self.trace, who, Step::OnStart)? }.into()))
            .collect()
    }

    /// The tasks that were restarted alone.
    pub(super) fn restarts(&self) -> Vec<Cause> {
        let restarts = self.trace.steps().filter_map(|(at, event)| {
            let transition = event.transition()?;
            let task = transition.effects.iter().find_map(|effect| match effect {
                Effect::Restart(task) => Some(*task),
                _ => None,
            })?;
            Some(Fact::Restarted { who: TaskRun { task, attempt: transition.began? }, at }.into())
        });
        restarts.collect()
    }

    /// What undid a stop that had begun, or was deferred: a crash, or the next attempt.
    fn undone(&self) -> Vec<Cause> {
        let Some(Fact::StopAsked { at: asked, changed: true, .. }) = asked(self.trace) else { return Vec::new() };
        let undone = self.trace.steps().skip(asked).filter_map(|(at, event)| {
            let transition = event.transition()?;
            let is_crash = transition.input == Input::Restarted && transition.before != transition.after;
            let forgets = is_crash || self.forgets_a_deferred_stop(at) || transition.began.is_some();
            let (input, began, phase) = (transition.input, transition.began, transition.after);
            forgets.then_some(Fact::StopUndone { at, input, began, phase }.into())
        });
        undone.take(1).collect()
    }

    /// Whether this step is a crash that changed the controller. A deferred stop is forgotten without a change of the
    /// phase.
    fn forgets_a_deferred_stop(&self, at: usize) -> bool {
        let is_crash = self.trace.event(at).transition().is_some_and(|it| it.input == Input::Restarted);
        is_crash && self.trace.before(at).driver != self.trace.after(at).driver
    }
}

/// The stop that a user asked for.
fn asked<C: Controller>(trace: &Trace<C>) -> Option<Fact> {
    let is_stop = |(at, transition)| {
        let transition: &crate::transition::Transition = transition;
        (transition.input == Input::Stop).then(|| Fact::StopAsked {
            at,
            before: transition.before,
            after: transition.after,
            changed: trace.before(at).driver != trace.after(at).driver,
        })
    };
    trace.steps().filter_map(|(at, event)| Some((at, event.transition()?))).find_map(is_stop)
}

/// A task's end in good order.
fn finished<C: Controller>(trace: &Trace<C>, who: TaskRun) -> Option<Fact> {
    let by = |step| Some((queries::took(trace, who, step)?, step == Step::Stop));
    let (at, stopped) = by(Step::Stop).or_else(|| by(Step::FINISH))?;
    Some(Fact::Finished { who, at, stopped })
}

/// Whether the script of each task sends a notice of its end, so that a controller can wait for it.
pub fn tells_ends<C: Controller>(setup: &Setup<C>) -> bool {
    let tells = |script: &Script| script.bits(Step::Stop) | script.bits(Step::FINISH) != 0;
    setup.model.actors().take(usize::from(setup.model.tasks())).all(|(_, actor)| tells(&actor.script))
}

/// The tasks whose end the controller does not learn of while the pipeline is stopping, and why.
pub fn not_over<C: Controller>(setup: &Setup<C>, trace: &Trace<C>) -> Vec<(TaskRun, NotOver)> {
    let over = over(trace);
    let crew = queries::crew(setup, trace).filter(|(who, _)| !over.contains(&who.task));
    crew.map(|(who, state)| (who, why(setup, trace, who, state))).collect()
}

fn why<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, who: TaskRun, state: TaskState) -> NotOver {
    let told = |kind| Notice { from: who.task, attempt: who.attempt, kind };
    let death = death(trace, who).filter(|_| state.is_dead());
    let notice = death.as_ref().and_then(queries::report).unwrap_or(told(Kind::Finished));
    let (sent, read) = (queries::sent(trace, notice), queries::readings(trace, notice).pop());
    let crash = |read: usize| trace.steps().skip(read).find(|(_, event)| is_forgetting(event)).map(|(step, _)| step);
    match (sent, read, queries::lost(trace, notice)) {
        (Some(sent), None, Some(lost)) => NotOver::Lost { notice, sent, lost },
        (_, Some(read), _) if counts_an_end(trace, read) && crash(read).is_some() => {
            NotOver::ForgottenInCrash { notice, read, crash: crash(read).unwrap_or(read) }
        }
        (Some(_), Some(read), _) if death.is_none() => {
            let phase = trace.event(read).transition().map_or_else(|| trace.last().phase(), |it| it.before);
            NotOver::NotCounted { notice, read, phase }
        }
        _ => match death {
            Some(death) => NotOver::Dead(death),
            None if state.status == Status::Hung => NotOver::Hangs,
            None if state.is_at_barrier(&setup.model.actor(who.task).script) => {
                NotOver::AtBarrier(awaited(setup, trace, 0, who))
            }
            None => NotOver::GoesOn,
        },
    }
}

/// The tasks whose end the controller has recorded since it last forgot them.
fn over<C: Controller>(trace: &Trace<C>) -> Vec<crate::core::ActorId> {
    let mut over = Vec::new();
    for (step, event) in trace.steps() {
        if is_forgetting(event) {
            over.clear();
        }
        over.retain(|&task| !queries::begins_anew(event, task));
        match event.transition().map(|transition| transition.input) {
            Some(Input::Notice(notice)) if counts_an_end(trace, step) => over.push(notice.from),
            _ => {}
        }
    }
    over
}

/// Whether the controller records the end of a task in a step.
fn counts_an_end<C: Controller>(trace: &Trace<C>, step: usize) -> bool {
    let Some(transition) = trace.event(step).transition() else { return false };
    let is_end =
        matches!(transition.input, Input::Notice(notice) if matches!(notice.kind, Kind::Finished | Kind::Failed(_)));
    let is_up = matches!(transition.before.stage, Stage::Up | Stage::Stopping);
    is_end && is_up && transition.began.is_none() && trace.before(step).driver != trace.after(step).driver
}

/// Whether the event is a crash that changed the controller's phase.
fn is_forgetting(event: &crate::transition::Event) -> bool {
    event.transition().is_some_and(|it| it.input == Input::Restarted && it.before != it.after)
}
