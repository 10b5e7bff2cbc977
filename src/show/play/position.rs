//! The position: what happened, what is in the inboxes, which actors can move, and the state of the claim.

use crate::core::PipelineController;
use crate::explore::forecast::Outcome;
use crate::model::{Action, Blocked};
use crate::play::game::{Game, Position};
use crate::play::levels::Goal;
use crate::scenario::Setup;
use crate::show::layout::{INDENT, Paint, Style, fill, labelled};
use crate::show::names::Names;
use crate::show::{labels, probability, table};
use crate::transition::{Event, Transition};

/// The position.
pub fn position(game: &Game, style: Style) -> String {
    let setup = game.setup();
    let moves = game.moves();
    let rows = |able: bool| {
        let rows = moves.iter().filter(|(_, outcome)| outcome.is_ok() == able);
        rows.map(|(actor, outcome)| row(setup, *actor, outcome)).collect::<Vec<_>>()
    };
    let column = moves.iter().map(|(actor, _)| typed(setup, *actor).len()).max().unwrap_or(0);
    let mut text = table::unmarked(setup, game.trace(), style) + "\n";
    text += &inboxes(game, style);
    text += &listed("moves", &rows(true), column, style);
    text += &listed("cannot", &rows(false), column, style);
    if let Goal::BreakWithin(most) = game.level.goal {
        text +=
            &labelled("spent", &[format!("{} context switches; {most} are enough", game.trace().switches())], style);
    }
    text + &standing(game, style) + &question(game, style)
}

fn inboxes(game: &Game, style: Style) -> String {
    let inboxes = &game.trace().last().inboxes;
    let model = &game.setup().model;
    let mut text = String::new();
    for (index, inbox) in inboxes.iter().enumerate() {
        let notices: Vec<String> =
            inbox.iter().map(|&queued| labels::notice(model.notice(queued), Names::of(model))).collect();
        let label = if inboxes.len() > 1 { format!("inbox {}", index + 1) } else { "inbox".to_string() };
        let holds = if notices.is_empty() { "empty".to_string() } else { notices.join(", ") };
        text += &labelled(&label, &[holds], style);
    }
    text
}

/// Every actor: how it is typed, what it would do (or why it cannot move), and whether it can move.
pub fn moves(game: &Game) -> Vec<(String, String, bool)> {
    let row = |(actor, outcome): (Action, Result<Event, Blocked>)| {
        let (word, does) = row(game.setup(), actor, &outcome);
        (word, does, outcome.is_ok())
    };
    game.moves().into_iter().map(row).collect()
}

/// An actor as it is typed, and its name with what it would do or why it cannot move.
fn row(setup: &Setup<PipelineController>, actor: Action, outcome: &Result<Event, Blocked>) -> (String, String) {
    let name = labels::actor(actor, Names::of(&setup.model));
    let name = name.trim_start_matches("the ");
    let does = match outcome {
        Ok(event) => action(setup, event),
        Err(why) => why.to_string(),
    };
    (typed(setup, actor), format!("{name}: {does}"))
}

/// An actor as it is typed.
fn typed(setup: &Setup<PipelineController>, actor: Action) -> String {
    labels::actors(&[actor], setup.model.inboxes())
}

/// The text of an event: `announce, sends TaskStarted(2)`, `TaskStarted(2): 1 of 2`.
pub fn action(setup: &Setup<PipelineController>, event: &Event) -> String {
    let names = Names::of(&setup.model);
    match event {
        Event::Task { step, state, sent, called, .. } => {
            let sends = sent.map(|sent| format!(", sends {}", labels::notice(sent, names)));
            let called = called.as_ref().map(|called| format!(": {}", react(setup, called)));
            format!("{}{}{}", labels::task_event(*step, *state), sends.unwrap_or_default(), called.unwrap_or_default())
        }
        Event::Controller { redelivered, transition, .. } => {
            let input = labels::input(transition.input, names);
            let kept = if *redelivered { ", and the network keeps it" } else { "" };
            format!("{input}: {}{kept}", react(setup, transition))
        }
        Event::Lost(channel, message) => format!("{}: lost", labels::message(*channel, *message, names)),
    }
}

fn react(setup: &Setup<PipelineController>, transition: &Transition) -> String {
    labels::reaction_short(transition, setup.scenario.tasks().len(), Names::of(&setup.model))
}

/// Rows of two columns beside a label. The first column is at least `least` wide. Empty if there are no rows.
pub fn listed(label: &str, rows: &[(String, String)], least: usize, style: Style) -> String {
    let column = rows.iter().map(|(word, _)| word.chars().count()).max().unwrap_or(0).max(least) + 2;
    let mut text = String::new();
    for (word, says) in rows {
        for (index, line) in fill(says, style.columns() - INDENT - column).iter().enumerate() {
            let label = if text.is_empty() { label } else { "" };
            let word = if index == 0 { word } else { "" };
            text += &format!("{label:INDENT$}{word:column$}{line}\n");
        }
    }
    text
}

/// What the position means for the goal. It does not say whether the claim can still be broken.
fn standing(game: &Game, style: Style) -> String {
    const BACK: &str = "Take steps back with `undo`, or begin `again`; or does no schedule break it?";
    let (word, paint, rest) = match game.position() {
        Position::Open => return String::new(),
        Position::Broken => ("broken", Paint::Bad, ": say why".to_string()),
        Position::TooManySwitches => ("broken", Paint::Unsure, format!(", but with too many context switches. {BACK}")),
        Position::Held => ("held", Paint::Good, format!(": no actor can move, and the claim is not broken. {BACK}")),
    };
    labelled("stands", &[format!("{word}{rest}")], style).replacen(word, &style.paint(word, paint), 1)
}

/// The question. It is shown above the prompt, where it stays visible.
fn question(game: &Game, style: Style) -> String {
    labelled("asked", &[game.level.question], style)
}

/// Whether the claim can still be broken from here, and with which probability.
pub fn forecast(game: &Game, style: Style) -> String {
    let standings = game.standings();
    let (word, paint, rest) = match &standings[standings.len() - 1] {
        Outcome::Impossible => {
            let ahead = labels::count(&game.ahead().0, "schedule");
            ("impossible", Paint::Good, format!(": of the {ahead} from here none breaks the claim"))
        }
        Outcome::Certain => ("certain", Paint::Bad, ": every schedule from here breaks the claim".to_string()),
        Outcome::Possible(probability) => {
            let runs = probability::runs(probability);
            ("possible", Paint::Unsure, format!(": {probability}; left to chance from here, {runs}"))
        }
    };
    labelled("forecast", &[format!("{word}{rest}")], style).replacen(word, &style.paint(word, paint), 1)
}
