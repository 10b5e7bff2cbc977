//! The game.
//!
//! | file | the tests are about |
//! |---|---|
//! | `levels` | the levels: each is what its data says |
//! | `hints` | hints, which lead to a counterexample from any position |
//! | `winning` | how a level is won, and how it is not |
//! | `answers` | the answers to a player: they are true, and do not give the solution away |
//! | `program` | the command `play` |

mod answers;
mod hints;
mod levels;
mod program;
mod winning;

use startup_race::claims::{Claim, Scope};
use startup_race::core::PipelineController;
use startup_race::model::World;
use startup_race::play::command::Command;
use startup_race::play::game::{Answer, End, Game, Position};
use startup_race::play::levels::Level;
use startup_race::scenario::Setup;
use startup_race::schedule::Schedule;
use startup_race::show::Style;
use startup_race::show::play::{Reply, answer, opening};
use startup_race::transition::Event;

pub fn level(id: &str) -> &'static Level {
    Level::find(id).unwrap_or_else(|| panic!("there is a level {id}"))
}

pub fn say(game: &mut Game, line: &str) -> Reply {
    answer(game, line, Style::default())
}

/// The output of a game with these lines, and whether the level is over.
pub fn transcript(level: &'static Level, lines: &[&str]) -> (String, bool) {
    let mut game = Game::new(level);
    let mut text = opening(&game, Style::default());
    let mut over = false;
    for line in lines {
        assert!(!over, "{}: over before {line:?}\n{text}", level.id);
        let reply = say(&mut game, line);
        text += &format!("\n> {line}\n\n{}", reply.text);
        over = reply.over;
    }
    (text, over)
}

/// Whether a state is judged and breaks the claim.
pub fn breaks(
    claim: &Claim<PipelineController>,
    setup: &Setup<PipelineController>,
    world: &World<PipelineController>,
) -> bool {
    let judged = claim.scope == Scope::Always || setup.model.actions(world).is_empty();
    judged && claim.is_broken_in(&setup.model, world)
}

/// The states that the steps from a state lead to, with the events.
pub fn steps<'a>(
    setup: &'a Setup<PipelineController>,
    world: &'a World<PipelineController>,
) -> impl Iterator<Item = (World<PipelineController>, Event)> + 'a {
    setup.model.actions(world).into_iter().map(move |action| {
        let mut next = world.clone();
        let event = setup.model.observe(&mut next, action).expect("an enabled action can be taken");
        (next, event)
    })
}

/// Plays by hints only, and returns how many were needed.
pub fn follow_hints(game: &mut Game) -> usize {
    for asked in 0..200 {
        let hint = game.hint().unwrap_or_else(|| panic!("{}: no way from here", game.level.id));
        if hint.undo > 0 {
            game.answer(Command::Undo(hint.undo));
        }
        if game.answer(Command::Move(Schedule(vec![hint.actor]))) == Answer::Choose(End::Broken) {
            return asked + 1;
        }
    }
    panic!("{}: hints lead nowhere", game.level.id)
}

/// Takes a walk that depends only on the seed.
pub fn wander(game: &mut Game, seed: usize, steps: usize) {
    let mut number = seed;
    for _ in 0..steps {
        let able = game.setup().model.actions(game.trace().last());
        if able.is_empty() || game.position() != Position::Open {
            return;
        }
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        game.answer(Command::Move(Schedule(vec![able[(number >> 33) % able.len()]])));
    }
}

/// The number of the right reason at present. In the level's data, it is always the first.
pub fn right_reason(game: &Game) -> String {
    let end = game.asked().unwrap_or_else(|| panic!("{}: nothing is asked", game.level.id));
    let right = match end {
        End::Broken => game.level.why_broken[0],
        End::Impossible => game.level.why_impossible[0],
    };
    (game.reasons(end).iter().position(|reason| *reason == right).unwrap() + 1).to_string()
}
