//! A game as text: the opening, the position after each step, and the answer to each line.
//!
//! 1. [`answer`] takes a line and returns text. A terminal, a pipe or a test needs nothing else.
//! 2. The text says whether the claim can still be broken only if the player asks, which is counted, or when the level
//!    is over.
//! 3. If a player says `impossible` and is wrong, the text does not reveal whether only the reason is wrong, or whether
//!    the claim can be broken.

#![cfg(not(loom))]

mod ending;
mod opening;
mod position;
mod probabilities;

use super::labels;
use super::layout::{Style, fill, labelled};
use crate::explore::replay::ReplayError;
use crate::model::{Action, Channel};
use crate::play::command::{COMMANDS, Command, Unknown};
use crate::play::game::{Answer, End, Game};
use crate::play::levels::Level;

pub use opening::{claim, levels, opening, rules};
pub use position::{moves, position};

/// The reply to a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Whether the level is over.
    pub over: bool,
    /// Whether it is won.
    pub won: bool,
    /// The next level, if the player continues with it.
    pub next: Option<&'static Level>,
}

/// Answers a line.
pub fn answer(game: &mut Game, line: &str, style: Style) -> Reply {
    match Command::parse(line) {
        Ok(command) => {
            let answer = game.answer(command);
            let next = if answer == Answer::Next { game.level.next() } else { None };
            let won = matches!(answer, Answer::Right(_));
            Reply { text: text(game, &answer, style), over: is_over(&answer), won, next }
        }
        Err(Unknown(word)) => Reply { text: said(&unknown(game, &word), style), over: false, won: false, next: None },
    }
}

/// The text if the input ends before the level does.
pub fn input_ended(game: &Game) -> String {
    format!("\nThe input has ended, and level {} is not over.\n", game.level.id)
}

fn is_over(answer: &Answer) -> bool {
    matches!(answer, Answer::GaveUp | Answer::Right(_) | Answer::Quit | Answer::Next)
}

fn text(game: &mut Game, answer: &Answer, style: Style) -> String {
    match answer {
        Answer::Position(_) | Answer::Show => position::position(game, style),
        Answer::Stopped(taken, error) => {
            let moved = if *taken > 0 { position::position(game, style) + "\n" } else { String::new() };
            moved + &said(&stopped(game, error), style)
        }
        Answer::NothingToUndo => said(&nothing_to_undo(game), style),
        Answer::Hint => said(&format!("Hint: {}", game.level.hint), style),
        Answer::TooEarly => said("How it stands at the start is the question of the level: take a step first.", style),
        Answer::Forecast => position::forecast(game, style),
        Answer::Why => probabilities::why(game, style),
        Answer::Probability => probabilities::probability(game, style),
        Answer::Choose(end) => ending::asked(game, *end, style),
        Answer::Wrong(_) => ending::wrong(game, style),
        Answer::Right(End::Broken) => ending::broken(game, style),
        Answer::Right(End::Impossible) => ending::right(game, style),
        Answer::GaveUp => ending::whole(game, style),
        Answer::Rules => opening::rules_of(game, style),
        Answer::Next => next(game, style),
        Answer::Help => help(style),
        Answer::Quit => "Goodbye.\n".to_string(),
        Answer::Nothing => String::new(),
    }
}

fn next(game: &Game, style: Style) -> String {
    match game.level.next() {
        Some(next) => labelled("next", &[format!("startup-race play {}", next.id)], style),
        None => said("This is the last level.", style),
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

fn help(style: Style) -> String {
    const MOVES: &str = "Say who moves next: 2 is task 2, c the controller (c2: from the inbox of worker 2). If a level has \
                         them, 2@1 is task 2 of attempt 1, which goes on; d a delivery that the network repeats; t a \
                         timeout. Several move in turn: 2 2 1 c. Or say:";
    let mut text = said(MOVES, style) + "\n";
    for (name, does) in COMMANDS {
        text.push_str(&format!("  {name:12} {does}\n"));
    }
    text
}
