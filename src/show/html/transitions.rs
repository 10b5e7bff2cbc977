//! For a state: the actors that can move, what each move does and where it leads, and why the others cannot move.

use super::data::{self, Actor, Tables};
use super::page_data::PageData;
use crate::core::Controller;
use crate::explore::explain::annotations;
use crate::explore::trace::Trace;
use crate::model::{Action, Channel, World};
use crate::schedule::Schedule;
use crate::show::labels;
use crate::show::names::Names;
use crate::transition::Event;

/// Actor, event, and the state that it leads to. `None` for a state that the page does not have.
type Move = (usize, usize, Option<usize>);

/// The moves of a state, and the actors that cannot move, each with the reason.
pub fn of<C: Controller>(
    sheet: &PageData<C>,
    tables: &mut Tables,
    world: &World<C>,
) -> (Vec<Move>, Vec<(usize, usize)>) {
    let setup = &sheet.report.setup;
    let (mut moves, mut blocked) = (Vec::new(), Vec::new());
    for actor in setup.model.candidates(world) {
        let named = tables.actors.place(name(actor, setup.model.inboxes(), Names::of(&setup.model)));
        match setup.model.check(world, actor) {
            Ok(()) => {
                let Some((event, next)) = step(sheet, world, actor) else { continue };
                let event = tables.events.place(event);
                moves.push((named, event, sheet.worlds.get_index_of(&next)));
            }
            Err(why) => blocked.push((named, tables.reasons.place(why.to_string()))),
        }
    }
    (moves, blocked)
}

/// What an actor's step does, for a table with one column for each actor, and the state after it.
fn step<C: Controller>(sheet: &PageData<C>, world: &World<C>, actor: Action) -> Option<(data::Event, World<C>)> {
    let setup = &sheet.report.setup;
    let mut next = world.clone();
    let event = setup.model.observe(&mut next, actor).ok()?;
    let column = match event {
        Event::Task { task, .. } => task.index(),
        Event::Controller { .. } | Event::Lost(..) => setup.scenario.tasks().len(),
    };
    let began = event.transition().and_then(|it| labels::attempt_begins(setup, it));
    let text = labels::deed(setup, world.driver.attempt, &event);
    // One step shows whether it lost a failure, unless an earlier delivery of the same notice, which was kept, has
    // changed the controller. The page knows the earlier steps, and looks for such a delivery.
    let failure = annotations::failure(&event).map(|notice| labels::notice(notice, Names::NUMBERS));
    let is_heard = matches!(event, Event::Controller { redelivered: true, .. }) && world.driver != next.driver;
    let heard = failure.clone().filter(|_| is_heard);
    let (schedule, worlds) = (Schedule(vec![actor]), vec![world.clone(), next]);
    let alone = Trace { schedule, worlds, events: vec![event], canonical: false };
    let lost = failure.filter(|_| !annotations::lost(&alone).is_empty());
    let next = alone.worlds.into_iter().next_back()?;
    Some((data::Event { column, text, lost, heard, began }, next))
}

/// An actor: its word in a schedule, its name, and the key that moves it. The page itself uses `x`, to fork.
fn name(actor: Action, workers: u8, names: Names<'_>) -> Actor {
    let inbox = |worker: u8| if workers > 1 { format!(" {worker}") } else { String::new() };
    let nth = |keys: &str, index: usize| keys.chars().nth(index).map(String::from);
    let (name, key) = match actor {
        Action::Step(task) => (names.one(task), nth("123456789", task.index())),
        Action::Linger(attempt, task) => (format!("{} of attempt {}", names.one(task), attempt.0), None),
        Action::Receive(worker) => (format!("read inbox{}", inbox(worker.0)), nth("cvb", worker.index())),
        Action::Redeliver(Channel::Inbox(worker)) => {
            (format!("read inbox{}, keep", inbox(worker.0)), nth("dfg", worker.index()))
        }
        Action::Redeliver(Channel::Commands(task)) => (format!("{}, keep the command", names.one(task)), None),
        Action::Lose(Channel::Inbox(worker)) => (format!("lose from inbox{}", inbox(worker.0)), None),
        Action::Lose(Channel::Commands(task)) => (format!("lose a command to {}", names.one(task)), None),
        Action::Stop => ("stop".to_string(), Some("s".to_string())),
        Action::Crash => ("crash".to_string(), Some("r".to_string())),
        Action::TimeOut => ("time out".to_string(), Some("t".to_string())),
    };
    let controller = !matches!(actor, Action::Step(_) | Action::Linger(..));
    Actor { word: labels::actors(&[actor], workers), name, key, controller }
}
