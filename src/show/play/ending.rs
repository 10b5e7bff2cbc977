//! The end of a level: the player broke the claim, gave up, or rightly said that it is impossible.

use crate::core::PipelineController;
use crate::explore::trace::Trace;
use crate::play::game::{End, Game};
use crate::show::layout::{Style, labelled};
use crate::show::{explanation, report, table};

use super::position::{listed, position};

/// Asks for the reason of this end, below what the player did. The table has no marks: they would tell the reason.
pub fn asked(game: &Game, end: End, style: Style) -> String {
    let (head, question) = match end {
        End::Broken => {
            let table = table::unmarked(game.setup(), game.trace(), style);
            (table + "\n", "Broken. Why could it be broken?")
        }
        End::Impossible => (String::new(), "You say that no schedule breaks it. Why not?"),
    };
    let reasons = game.reasons(end);
    let rows: Vec<(String, String)> =
        (1..).zip(reasons).map(|(place, reason): (u8, _)| (place.to_string(), reason.to_string())).collect();
    let how = "Say a number, once: a wrong one begins the level anew. Or `undo` to go on playing.";
    head + &labelled("asked", &[question], style) + &listed("why", &rows, 0, style) + &labelled("you", &[how], style)
}

/// The player is wrong. The right answer is not shown.
pub fn wrong(game: &Game, style: Style) -> String {
    let said = "That is not so. The level begins anew; think of what would have to be true.";
    labelled("wrong", &[said], style) + "\n" + &position(game, style)
}

/// The player broke the claim, and rightly says why.
pub fn broken(game: &Game, style: Style) -> String {
    let (steps, switches) = (game.trace().events.len(), game.trace().switches());
    let plural = if switches == 1 { "" } else { "es" };
    let head = format!("Right. Broken, in {steps} steps with {switches} context switch{plural}.\n{}\n\n", record(game));
    head + &counterexample(game, game.trace(), style) + &closing(game, style)
}

/// The player gave up.
pub fn whole(game: &Game, style: Style) -> String {
    match &game.judgement().trace {
        Some(trace) => {
            let head = "No schedule breaks it in fewer steps, nor in as many with fewer switches.\n\n";
            head.to_string() + &counterexample(game, trace, style) + &closing(game, style)
        }
        None => "Nothing breaks it: `impossible` was the answer.\n\n".to_string() + &proof(game, style),
    }
}

/// The player said that nothing breaks the claim, and is right.
pub fn right(game: &Game, style: Style) -> String {
    format!("Right: nothing breaks it.\n{}\n\n", record(game)) + &proof(game, style)
}

/// How many tries and how much help the player needed.
fn record(game: &Game) -> String {
    let times = |count: usize| if count == 1 { "once".to_string() } else { format!("{count} times") };
    let first = match game.tries() {
        0 => "At the first try".to_string(),
        tries => format!("After {} wrong", times(tries).replace("once", "one").replace(" times", "")),
    };
    match game.helped() {
        0 => format!("{first}, without help."),
        helped => format!("{first}, with help asked for {}.", times(helped)),
    }
}

fn proof(game: &Game, style: Style) -> String {
    report::judged(&game.report, game.judgement(), style) + &closing(game, style)
}

fn counterexample(game: &Game, trace: &Trace<PipelineController>, style: Style) -> String {
    let judgement = game.judgement_of(trace);
    let table = table::table(game.setup(), trace, Some(&judgement.claim), style);
    let explanation = game.explanation(&judgement);
    table + "\n" + &explanation::reasons(&game.report, &judgement, explanation.as_ref(), style)
}

/// The lesson, and what to play next.
fn closing(game: &Game, style: Style) -> String {
    let next = match game.level.next() {
        Some(next) => format!("startup-race play {}", next.id),
        None => "this was the last level; startup-race check judges every claim of any protocol".to_string(),
    };
    "\n".to_string() + &labelled("lesson", &[game.level.lesson], style) + &labelled("next", &[next], style)
}
