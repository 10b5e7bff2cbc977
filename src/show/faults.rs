//! What goes wrong with the tasks, in words.

use super::labels::numbered;
use super::names::Names;
use crate::core::{ActorId, Fault};
use crate::scenario::Scenario;

/// What goes wrong with the tasks: `task 2 panics in on_start`, `nobody fails`.
pub fn faults(scenario: &Scenario, names: Names<'_>) -> String {
    let mut says = Vec::new();
    for fault in [Fault::Panics, Fault::Vanishes, Fault::Hangs, Fault::Dies] {
        let attempts = |task: &ActorId| attempts_with(scenario, *task, fault);
        let mut doomed: Vec<ActorId> = scenario.ids().filter(|task| !attempts(task).is_empty()).collect();
        while let Some(first) = doomed.first().map(attempts) {
            let (alike, others): (Vec<ActorId>, Vec<ActorId>) = doomed.iter().partition(|task| attempts(task) == first);
            says.push(fault_text(fault, &alike, &first, scenario.rules().run.attempts, names));
            doomed = others;
        }
    }
    if says.is_empty() { "nobody fails".to_string() } else { says.join(", ") }
}

/// Tasks that have the same fault in the same attempts.
fn fault_text(fault: Fault, tasks: &[ActorId], attempts: &[u8], budget: u8, names: Names<'_>) -> String {
    let is_always = attempts.len() == usize::from(budget);
    let when = if is_always { String::new() } else { format!(" in {}", numbered("attempt", attempts)) };
    format!("{} {}{when}", names.several(tasks), fault_verb(fault, tasks.len()))
}

/// What a fault does to one task, or to several: `panics in on_start`.
pub fn fault_verb(fault: Fault, tasks: usize) -> String {
    let (one, several, place) = match fault {
        Fault::Panics => ("panics", "panic", "on_start"),
        Fault::Vanishes => ("vanishes", "vanish", "on_start"),
        Fault::Hangs => ("hangs", "hang", "on_start"),
        Fault::Dies => ("dies", "die", "run"),
    };
    format!("{} in {place}", if tasks == 1 { one } else { several })
}

/// The attempts in which a task has a fault.
pub fn attempts_with(scenario: &Scenario, task: ActorId, fault: Fault) -> Vec<u8> {
    let faults = (1..=u8::MAX).zip(&scenario.task(task).faults);
    faults.filter(|(_, one)| **one == Some(fault)).map(|(attempt, _)| attempt).collect()
}
