//! A game as text: what a player reads first, the position after each step, the answer to each line.
//!
//! 1. A line in, text out: [`answer`] is all that a terminal, a pipe or a test needs.
//! 2. After every step it is said how the claim stands, in words and with the exact probability. At the start it is not: that is
//!    the question which a level asks.

mod ending;
mod opening;
mod position;
mod probabilities;

use super::labels;
use super::layout::{Style, fill};
use crate::explore::replay::ReplayError;
use crate::model::{Action, Channel};
use crate::play::command::{COMMANDS, Command, Unknown};
use crate::play::game::{Answer, Game, Hint, Position};
use crate::show::names::Names;

pub use opening::{levels, opening};

/// What is said to a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Whether the level is over.
    pub over: bool,
}

/// Answers a line.
pub fn answer(game: &mut Game, line: &str, style: Style) -> Reply {
    match Command::parse(line) {
        Ok(command) => {
            let answer = game.answer(command);
            Reply { text: text(game, &answer, style), over: is_over(&answer) }
        }
        Err(Unknown(word)) => Reply { text: said(&unknown(game, &word), style), over: false },
    }
}

/// What is said where the input ends before the level does.
pub fn input_ended(game: &Game) -> String {
    format!("\nThe input has ended, and level {} is not over.\n", game.level.id)
}

fn is_over(answer: &Answer) -> bool {
    matches!(answer, Answer::Position(Position::Broken) | Answer::GaveUp | Answer::Right | Answer::Quit)
}

fn text(game: &Game, answer: &Answer, style: Style) -> String {
    match answer {
        Answer::Position(Position::Broken) => ending::broken(game, style),
        Answer::Position(_) => position::position(game, style),
        Answer::Stopped(taken, error) => {
            let moved = if *taken > 0 { position::position(game, style) + "\n" } else { String::new() };
            moved + &said(&stopped(game, error), style)
        }
        Answer::NothingToUndo => said(&nothing_to_undo(game), style),
        Answer::Hint(hint) => said(&hinted(game, *hint), style),
        Answer::Wrong(hint) => said(&wrong(game, *hint), style),
        Answer::Right => ending::right(game, style),
        Answer::Why => probabilities::why(game, style),
        Answer::Probability => probabilities::probability(game, style),
        Answer::GaveUp => ending::whole(game, style),
        Answer::Help => help(style),
        Answer::Quit => "Goodbye.\n".to_string(),
        Answer::Nothing => String::new(),
    }
}

/// A paragraph of an answer.
fn said(text: &str, style: Style) -> String {
    fill(text, style.columns()).iter().map(|line| format!("{line}\n")).collect()
}

/// The actors that can move, as they are typed.
fn able(game: &Game) -> String {
    let actors = game.setup().model.actions(game.trace().last());
    if actors.is_empty() {
        return "No actor can move here: `undo` takes a step back".to_string();
    }
    let workers = game.setup().model.inboxes();
    let words = actors.iter().map(|&actor| format!("`{}`", labels::actors(&[actor], workers)));
    format!("What can move here: {}", labels::list(words))
}

fn stopped(game: &Game, error: &ReplayError) -> String {
    let ReplayError::Blocked { actor, why, .. } = error else { return error.to_string() };
    let workers = match actor {
        Action::Receive(worker) | Action::Redeliver(Channel::Inbox(worker)) | Action::Lose(Channel::Inbox(worker)) => {
            game.setup().model.inboxes().max(worker.0)
        }
        _ => 1,
    };
    format!("`{}` cannot move: {why}. {}.", labels::actors(&[*actor], workers), able(game))
}

fn unknown(game: &Game, word: &str) -> String {
    let commands = labels::listed(COMMANDS.iter().map(|(name, _)| format!("`{}`", name.replace(' ', "\u{a0}"))), "or");
    let word: String = word.escape_debug().take(40).collect();
    format!("`{word}` is neither an actor nor a command. {}. Or say {commands}.", able(game))
}

fn nothing_to_undo(game: &Game) -> String {
    match game.trace().events.len() {
        0 => "No step was taken, so there is none to take back.".to_string(),
        1 => "One step was taken: `undo` takes it back.".to_string(),
        taken => format!("{taken} steps were taken: `undo` takes the last one back, `undo {taken}` all of them."),
    }
}

fn hinted(game: &Game, hint: Option<Hint>) -> String {
    let Some(Hint { undo, actor }) = hint else {
        return "There is no move to hint at. If you think that nothing breaks the claim, say so: `impossible`."
            .to_string();
    };
    let word = labels::actors(&[actor], game.setup().model.inboxes());
    let moves = format!("`{word}` ({})", labels::actor(actor, Names::of(&game.setup().model)));
    match undo {
        0 => format!("Hint: {moves}."),
        1 => format!("Hint: it is too late here. `undo`, then {moves}."),
        steps => format!("Hint: it is too late here. `undo {steps}`, then {moves}."),
    }
}

/// Nothing breaks the claim, says the player; and something does.
fn wrong(game: &Game, hint: Hint) -> String {
    let counts = (&game.judgement().share, &game.report.schedules);
    let (Some(share), Some(all)) = counts else { return hinted(game, Some(hint)) };
    let (breaking, all) = (labels::number_text(&share.schedules), labels::count(all, "schedule"));
    format!("Not so: from the start, {breaking} of {all} break it. {}", hinted(game, Some(hint)))
}

fn help(style: Style) -> String {
    const MOVES: &str = "Say who moves next: 2 is task 2, c the controller (c2: from the inbox of worker 2). Where a level has \
                         them, 2@1 is task 2 of attempt 1, which goes on; d a delivery that the network repeats; t a \
                         timeout. Several move in turn: 2 2 1 c. Or say:";
    let mut text = said(MOVES, style) + "\n";
    for (name, does) in COMMANDS {
        text.push_str(&format!("  {name:12} {does}\n"));
    }
    text
}
