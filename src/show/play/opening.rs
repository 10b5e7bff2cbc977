//! The opening: the list of levels; and for a level the question, the claim, the rules and the task.

use crate::claims::Scope;
use crate::core::{EarlyStop, OnFailure, Recovery};
use crate::play::game::Game;
use crate::play::levels::{Goal, LEVELS};
use crate::scenario::Rules;
use crate::show::layout::{Style, fill, labelled};
use crate::show::{labels, report};

use super::position::position;

/// Every level with its question. Levels that are won have a mark.
pub fn levels(won: &[String]) -> String {
    let mut text = String::from("You are the scheduler. The levels:\n\n");
    for level in &LEVELS {
        for (index, line) in fill(level.question, 65).iter().enumerate() {
            let (number, id) = if index == 0 { (level.number().to_string(), level.id) } else { (String::new(), "") };
            let mark = if index == 0 && won.iter().any(|won| won == level.id) { "✓" } else { " " };
            text.push_str(&format!("{number:>2} {mark}{id:9}  {line}\n"));
        }
    }
    let first = LEVELS.iter().find(|level| !won.iter().any(|won| won == level.id)).unwrap_or(&LEVELS[0]);
    text + &format!("\nPlay one: startup-race play {}\n", first.id)
}

/// The opening of a level.
pub fn opening(game: &Game, style: Style) -> String {
    rules_of(game, style) + "\n" + &position(game, style)
}

/// The level, the question, the claim and the rules.
pub fn rules_of(game: &Game, style: Style) -> String {
    let level = game.level;
    let mut text = format!("Level {} of {}: {}\n\n", level.number(), LEVELS.len(), level.id);
    text += &labelled("asked", &[level.question], style);
    text += &labelled("claim", &claim(game), style);
    text += &labelled("given", &[report::scenario(&game.report)], style);
    text += &labelled("rules", &rules(game), style);
    if !level.remark.is_empty() {
        text += &labelled("remark", &[level.remark], style);
    }
    text + &labelled("you", &[task(game)], style)
}

/// The claim: its name with where it is judged, and what it says.
pub fn claim(game: &Game) -> [String; 2] {
    let claim = &game.judgement().claim;
    let judged = match claim.scope {
        Scope::AtEnd => "judged where no actor can move any more",
        Scope::Always | Scope::Reachable => "judged in every state",
    };
    [format!("{}, {judged}", claim.id), claim.statement.to_string()]
}

/// What the player is asked to do.
fn task(game: &Game) -> String {
    let all = game.report.schedules.as_ref().map_or(String::new(), |all| labels::count(all, "schedule"));
    let within = match game.level.goal {
        Goal::BreakWithin(most) => format!(" with no more than {most} context switches"),
        Goal::Break | Goal::SayImpossible => String::new(),
    };
    format!(
        "are the scheduler: say who moves next, until the claim is broken{within}. Every schedule was explored, {all} \
         in all: if you think that none of them breaks it, say `impossible`. `help` tells what else you can say"
    )
}

/// The rules that matter in this level.
pub fn rules(game: &Game) -> Vec<String> {
    let setup = game.setup();
    let rules = setup.scenario.rules();
    let mut says = vec![format!("each task: {}", labels::sequence(&setup.sequence()))];
    if rules.task.barrier {
        says.push("after arrive a task waits until every task of its worker has arrived".to_string());
    }
    says.push("a task that panics in on_start takes one step more: report".to_string());
    if rules.task.chain {
        says.push("a running task whose neighbour downstream is dead panics too, and reports".to_string());
        says.push("a running task whose neighbour upstream is gone finishes".to_string());
    }
    says.push("the controller is Running once it has counted TaskStarted of every task".to_string());
    says.push(failures(rules).to_string());
    if rules.run.attempts > 1 {
        let old = if rules.run.lingers { "the old ones go on" } else { "the old ones stop" };
        says.push(format!(
            "after a failed attempt the next begins, up to {}: every task anew; {old}",
            rules.run.attempts
        ));
        says.push(
            "TaskStarted(2@1) is sent by task 2 in attempt 1; what lies unread in an inbox stays there".to_string(),
        );
    }
    if rules.controller.fence {
        says.push("a notice of another attempt than the current one is dropped".to_string());
    }
    says.extend(of_every_phase(rules).into_iter().map(str::to_string));
    says
}

/// The rules of a stop, of losses and of crashes, if there are any.
fn of_every_phase(rules: &Rules) -> Vec<&'static str> {
    let mut says = Vec::new();
    if rules.run.stop {
        says.push("s asks for a stop, once; in Running the phase becomes Stopping, and each task that runs finishes");
        says.push(match rules.controller.stop_while_scheduling {
            EarlyStop::Obey => "in Scheduling a stop is obeyed",
            EarlyStop::Defer => "in Scheduling a stop is kept until every task is counted",
            EarlyStop::Ignore => "in Scheduling a stop is dropped",
        });
    }
    if rules.run.losses > 0 {
        says.push("l loses the oldest notice of the inbox, unread; at most as often as the line `given` says");
    }
    if rules.run.crashes > 0 {
        says.push(
            "x crashes the controller, at most as often as the line `given` says; tasks and inbox stay as they are",
        );
        says.push(match rules.controller.recovery {
            Recovery::Forgets => "after a crash it has forgotten what it had counted",
            Recovery::Asks => {
                "after a crash it has forgotten what it had counted, and each task that has announced itself and is \
                 starting or running does so again"
            }
            Recovery::Remembers => "after a crash it knows what it knew",
        });
    }
    says
}

/// What the controller does with a failure.
fn failures(rules: &Rules) -> &'static str {
    let is_dropped = |rule| rule == OnFailure::Ignore;
    match (is_dropped(rules.controller.failed_while_scheduling), is_dropped(rules.controller.failed_while_running)) {
        (true, true) => "the controller drops every TaskFailed",
        (true, false) => "TaskFailed is dropped in Scheduling; in Running it fails the attempt",
        (false, true) => "TaskFailed fails the attempt in Scheduling; in Running it is dropped",
        (false, false) => "TaskFailed fails the attempt, whenever the controller reads it",
    }
}
