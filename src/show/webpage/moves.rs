//! Who can move in a state, what that does and where it leads; and why the others cannot.

use serde_json::{Value, json};

use super::sheet::{Sheet, Tables};
use crate::explore::explain::marks;
use crate::explore::replay::Walk;
use crate::core::{Attempt, Controller};
use crate::model::{Action, Blocked, Channel, World};
use crate::schedule::{Schedule};
use crate::transition::{Event};
use crate::show::words;

/// The moves of a state, each `[actor, event, state]` with `null` for a state that the page does not carry, and
/// the actors that cannot move, each `[actor, reason]`.
pub fn of<C: Controller>(sheet: &Sheet<C>, tables: &mut Tables, world: &World<C>) -> (Vec<Value>, Vec<Value>) {
    let setup = &sheet.report.setup;
    let (mut moves, mut blocked) = (Vec::new(), Vec::new());
    for actor in world.actors(setup) {
        let named = tables.actors.place(name(actor, setup.scenario.workers()));
        match world.action(setup, actor) {
            Ok(_) => {
                let Some((event, next)) = step(sheet, world, actor) else { continue };
                let event = tables.events.place(event);
                moves.push(json!([named, event, sheet.worlds.get_index_of(&next)]));
            }
            Err(why) => blocked.push(json!([named, tables.reasons.place(reason(why))])),
        }
    }
    (moves, blocked)
}

/// The carried states that the moves of a state lead to.
pub fn targets<C: Controller>(sheet: &Sheet<C>, world: &World<C>) -> impl Iterator<Item = usize> {
    let next = |actor: Action| {
        let mut next = world.clone();
        next.step(&sheet.report.setup, actor).ok()?;
        sheet.worlds.get_index_of(&next)
    };
    world.enabled(&sheet.report.setup).into_iter().filter_map(next).collect::<Vec<_>>().into_iter()
}

/// What an actor's step does, for a table of one column an actor, and the state after it.
fn step<C: Controller>(sheet: &Sheet<C>, world: &World<C>, actor: Action) -> Option<(Value, World<C>)> {
    let setup = &sheet.report.setup;
    let mut next = world.clone();
    let event = next.step(setup, actor).ok()?;
    let column = match event {
        Event::Task { task, .. } => task.index(),
        Event::Controller { .. } => setup.scenario.tasks().len(),
    };
    let text = words::deed(&setup.scenario, world.driver.attempt, &event);
    // A step alone shows whether it lost a failure: only a delivery that was kept could say otherwise, and what it
    // changed would have ended the attempt.
    let alone = Walk { schedule: Schedule(vec![actor]), worlds: vec![world.clone(), next], events: vec![event] };
    let mut value = json!({ "column": column, "text": text });
    if !marks::lost(&alone).is_empty() {
        value["lost"] = json!(true);
    }
    if let Some(began) = began(&event) {
        value["began"] = json!(words::attempt_begins(&setup.scenario, began));
    }
    let next = alone.worlds.into_iter().next_back()?;
    Some((value, next))
}

fn began(event: &Event) -> Option<Attempt> {
    match event {
        Event::Controller { transition, .. } => received.began,
        Event::Task { .. } => None,
    }
}

/// An actor: the word for it in a schedule, its name, and the key that moves it.
fn name(actor: Action, workers: u8) -> Value {
    let inbox = |worker: u8| if workers > 1 { format!(" {worker}") } else { String::new() };
    let nth = |keys: &str, index: usize| keys.chars().nth(index).map(String::from);
    let (name, key) = match actor {
        Action::Step(task) => (format!("task {}", task.0), nth("123456789", task.index())),
        Action::Linger(attempt, task) => (format!("task {} of attempt {}", task.0, attempt.0), None),
        Action::Receive(worker) => (format!("read inbox{}", inbox(worker.0)), nth("cvb", worker.index())),
        Action::Redeliver(Channel::Inbox(worker)) => (format!("read inbox{}, keep", inbox(worker.0)), nth("dfg", worker.index())),
        Action::TimeOut => ("time out".to_string(), Some("t".to_string())),
    };
    let controller = !matches!(actor, Action::Step(_) | Action::Linger(..));
    json!({ "word": words::actors(&[actor], workers), "name": name, "key": key, "controller": controller })
}

/// Why an actor cannot move.
fn reason(why: Blocked) -> Value {
    json!(why.to_string())
}
