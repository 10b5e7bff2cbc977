//! The probability from here, and how each step changed the forecast.

use num_traits::Zero;

use crate::explore::forecast::Outcome;
use crate::explore::probability::runs_for_95_percent;
use crate::play::game::Game;
use crate::show::layout::{Style, labelled};
use crate::show::names::Names;
use crate::show::{explanation, labels, probability};

use super::position::{action, listed};

/// The probability from here, and after each move.
pub fn probability(game: &Game, style: Style) -> String {
    let (all, breaking) = game.ahead();
    let all_of = labels::count(&all, "schedule");
    let counts = format!("{all_of} from here, of which {} break the claim", labels::number_text(&breaking.schedules));
    let mut text = labelled("counts", &[counts], style);
    if breaking.probability.is_zero() {
        return text + &labelled("probability", &["0: no scheduler breaks the claim from here"], style);
    }
    let mut says = format!("{}: {}", breaking.probability, probability::runs(&breaking.probability));
    if let Some(runs) = runs_for_95_percent(&breaking.probability) {
        says += &format!("; {} to see it with 95 %", labels::count(&runs, "run"));
    }
    let means = "for the uniform scheduler, which takes each move that is possible with equal probability. Schedules \
                 are not equally likely, so the probability is not a quotient of the counts; and yours is another scheduler";
    text += &labelled("probability", &[says.as_str(), means], style);
    text + &after_each_move(game, style)
}

fn after_each_move(game: &Game, style: Style) -> String {
    let workers = game.setup().model.inboxes();
    let able = game.setup().model.actions(game.trace().last());
    let rows: Vec<(String, String)> = able
        .into_iter()
        .filter_map(|actor| Some((actor, game.standing_after(actor)?)))
        .map(|(actor, standing)| (labels::actors(&[actor], workers), probability::standing_short(&standing)))
        .collect();
    listed("after", &rows, 0, style)
}

/// How each step changed the forecast, and why the forecast is what it is.
pub fn why(game: &Game, style: Style) -> String {
    let standings = game.standings();
    let (setup, trace) = (game.setup(), game.trace());
    let start = std::iter::once("0  start".to_string());
    let steps = start.chain(trace.steps().map(|(step, event)| {
        format!("{step}  {}: {}", labels::event_actor(event, Names::of(&setup.model)), action(setup, event))
    }));
    // The forecast at the start would answer the question of the level.
    let stands = standings.iter().map(probability::standing_short).skip(1);
    let stands = std::iter::once("(that is the question)".to_string()).chain(stands);
    let rows: Vec<(String, String)> = steps.zip(stands).collect();
    let mut reasons = vec![reason(&standings)];
    let certain = standings.last() == Some(&Outcome::Certain);
    if !certain && !game.level.needs.is_empty() {
        reasons.push(format!("to break the claim, {}", game.level.needs));
    }
    let because = if certain { because(game, style) } else { String::new() };
    listed("steps", &rows, 0, style) + &labelled("why", &reasons, style) + &because
}

/// Why the claim will be broken if the shortest continuation is taken.
fn because(game: &Game, style: Style) -> String {
    let taken = game.trace().events.len();
    let Some(way) = game.way_from(taken) else { return String::new() };
    let judgement = game.judgement_of(&way);
    let Some(explanation) = game.explanation(&judgement) else { return String::new() };
    let rest = labels::actors(&way.schedule.0[taken..], game.setup().model.inboxes());
    let mut lines = vec![format!("if it goes on with {rest}:")];
    lines.extend(explanation::because(&game.report, &judgement, &explanation));
    labelled("because", &lines, style)
}

/// Why the forecast is what it is, in a sentence.
fn reason(standings: &[Outcome]) -> String {
    let now = &standings[standings.len() - 1];
    let is_other = |standing: &Outcome| standing != now;
    let since = standings.iter().rposition(is_other).map_or(0, |before| before + 1);
    match (now, since) {
        (Outcome::Possible(_), _) => {
            "it is open: what the actors do from here decides. `probability` tells what each move would make of it"
                .to_string()
        }
        (Outcome::Impossible, 0 | 1) => "no schedule from here breaks the claim".to_string(),
        (Outcome::Certain, 0 | 1) => "every schedule from here breaks the claim".to_string(),
        (Outcome::Impossible, step) => {
            let before = probability::standing_short(&standings[step - 1]);
            format!(
                "step {step} decided it: before it the probability was {before}, and since then no schedule breaks the claim"
            )
        }
        (Outcome::Certain, step) => {
            let before = probability::standing_short(&standings[step - 1]);
            format!(
                "step {step} decided it: before it the probability was {before}, and since then every schedule breaks the claim"
            )
        }
    }
}
