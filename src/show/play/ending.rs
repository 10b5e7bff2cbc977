//! The end of a level: broken by the player, given up, or rightly called impossible.

use crate::core::PipelineController;
use crate::explore::trace::Trace;
use crate::play::game::Game;
use crate::show::layout::{Style, labelled};
use crate::show::{explanation, report, table};

/// The player broke the claim.
pub fn broken(game: &Game, style: Style) -> String {
    let (steps, switches) = (game.trace().events.len(), game.trace().switches());
    let plural = if switches == 1 { "" } else { "es" };
    let head = format!("Broken, in {steps} steps with {switches} context switch{plural}.\n\n");
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
    "Right: nothing breaks it.\n\n".to_string() + &proof(game, style)
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

/// What there is to learn, and what to play next.
fn closing(game: &Game, style: Style) -> String {
    let next = match game.level.next() {
        Some(next) => format!("startup-race play {}", next.id),
        None => "this was the last level; startup-race check judges every claim of any protocol".to_string(),
    };
    "\n".to_string() + &labelled("lesson", &[game.level.lesson], style) + &labelled("next", &[next], style)
}
