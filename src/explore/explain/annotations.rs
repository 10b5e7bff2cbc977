//! Finds two kinds of step that are marked in a schedule: those in which a failure was lost, and the one that broke the
//! claim.

use crate::claims::{Claim, Scope};
use crate::core::{Controller, Input, Kind, Notice};
use crate::explore::trace::Trace;
use crate::model::Message;
use crate::scenario::Setup;
use crate::transition::Event;

/// The notice that a step gives to the controller, and whether it stays in its inbox.
pub fn read(event: &Event) -> Option<(Notice, bool)> {
    let stays = matches!(event, Event::Controller { redelivered: true, .. });
    match event.transition()?.input {
        Input::Notice(notice) => Some((notice, stays)),
        Input::Stop | Input::TimedOut | Input::Restarted => None,
    }
}

/// The failure that a step delivers or loses.
pub fn failure(event: &Event) -> Option<Notice> {
    let notice = match event {
        Event::Lost(_, Message::Notice(notice)) => Some(*notice),
        _ => read(event).map(|(notice, _)| notice),
    };
    notice.filter(|notice| matches!(notice.kind, Kind::Failed(_)))
}

/// The steps in which a failure of the current attempt was lost. Either the network lost the notice; or the notice left
/// the inbox, and the controller and its attempt did not change. In both cases no earlier delivery of the notice had
/// changed them, and the stage was not final. The reaction of the event is not used.
pub fn lost<C: Controller>(trace: &Trace<C>) -> Vec<usize> {
    trace.steps().filter(|&(step, event)| is_lost(trace, step, event)).map(|(step, _)| step).collect()
}

fn is_lost<C: Controller>(trace: &Trace<C>, step: usize, event: &Event) -> bool {
    let (notice, is_dropped) = match (read(event), event) {
        (Some((notice, false)), _) => (notice, false),
        (None, Event::Lost(_, Message::Notice(notice))) => (*notice, true),
        _ => return false,
    };
    let before = trace.before(step);
    let sender = before.attempts[0].get(notice.from.index());
    let current = sender.is_some_and(|sender| sender.attempt == notice.attempt) && !before.stage().is_final();
    let was_heard = |step: usize| trace.before(step).driver != trace.after(step).driver;
    let earlier = trace.events[..step - 1].iter().enumerate();
    let mut deliveries = earlier.filter(|(_, event)| read(event).is_some_and(|(other, _)| other == notice));
    matches!(notice.kind, Kind::Failed(_))
        && current
        && (is_dropped || !was_heard(step))
        && !deliveries.any(|(index, _)| was_heard(index + 1))
}

/// The step that broke the claim for good: in every state after it, the premise holds and the conclusion does not. 0 if
/// that is so in every state: then no step broke the claim. `None` if the last state does not break it.
pub fn broken<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, claim: &Claim<C>) -> Option<usize> {
    let breaks = |step: usize| claim.scope != Scope::Reachable && claim.is_broken_in(&setup.model, trace.after(step));
    (0..=trace.events.len()).rev().take_while(|&step| breaks(step)).last()
}
