//! The answers to a player. They are true, and do not give the solution away.

use std::collections::HashMap;

use num_bigint::BigUint;
use startup_race::core::PipelineController;
use startup_race::explore::forecast::Outcome;
use startup_race::explore::probability::Probability;
use startup_race::model::World;
use startup_race::play::command::{COMMANDS, Command};
use startup_race::play::game::{Game, Position};
use startup_race::play::levels::{Goal, LEVELS, Level};
use startup_race::show::Style;
use startup_race::show::play::{levels, opening};

use crate::common::cli::is_to_paste;

use super::{breaks, follow_hints, level, right_reason, say, steps, transcript, wander};

#[test]
fn nothing_gives_the_answer_away_until_it_is_asked_for() {
    for level in &LEVELS {
        for seed in 0..20 {
            let mut game = Game::new(level);
            let mut text = opening(&game, Style::default());
            wander(&mut game, seed, 30);
            for line in ["show", "rules", "hint", "undo", "forecast", "impossible", "undo"] {
                let reply = say(&mut game, line);
                text += if line == "forecast" { "" } else { &reply.text };
            }
            let told =
                ["PROVED", "REFUTED", "certain", "rare", "no longer", "none breaks", "every schedule from", "1/"];
            let told: Vec<&str> = told.into_iter().filter(|word| text.contains(word)).collect();
            assert!(told.is_empty(), "{}: {told:?} in\n{text}", level.id);
        }
    }
}

#[test]
fn help_is_counted_and_the_start_has_no_forecast() {
    for level in &LEVELS {
        let mut game = Game::new(level);
        for line in ["forecast", "why", "probability"] {
            assert!(say(&mut game, line).text.contains("is the question of the level"), "{}", level.id);
        }
        assert_eq!(game.helped(), 0);
        say(&mut game, "1");
        for line in ["forecast", "why", "probability", "hint"] {
            say(&mut game, line);
        }
        assert_eq!(game.helped(), 4);
        assert!(!say(&mut game, "why").text.contains("0  start  impossible"), "{}", level.id);
    }
}

#[test]
fn the_player_is_told_how_many_schedules_were_explored() {
    let (text, _) = transcript(level("fence"), &[]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Every schedule was explored, 275,436 schedules in all"), "{text}");
    assert!(text.contains("if you think that none of them breaks it, say `impossible`"), "{text}");
}

#[test]
fn where_the_failure_was_lost_is_told_with_the_reason_and_not_before() {
    let (before, _) = transcript(level("lie"), &["2 2 2 1 1 1 c c c"]);
    assert!(before.contains("TaskFailed(2): dropped") && !before.contains("lost here"), "{before}");
    let mut game = Game::new(level("lie"));
    say(&mut game, "2 2 2 1 1 1 c c c");
    let number = right_reason(&game);
    assert!(say(&mut game, &number).text.contains("<- lost here"));
}

/// The answers to every command, in many positions of a level.
fn everything_that_is_said(level: &'static Level) -> String {
    let mut text = String::new();
    for seed in 0..8 {
        let mut game = Game::new(level);
        text += &opening(&game, Style::default());
        wander(&mut game, seed, 2 * seed);
        if game.position() == Position::Broken {
            text += &say(&mut game, "undo").text;
        }
        for line in ["impossible", "5", "2", "show", "rules", "forecast"] {
            text += &say(&mut game, line).text;
        }
        for line in
            ["undo", "1", "2 2 2", "c", "c2", "9", "2@1", "1 x 2", "hint", "why", "probability", "help", "undo 99", ""]
        {
            text += &say(&mut game, line).text;
        }
        text += &say(&mut game, "give up").text;
        match level.goal {
            Goal::SayImpossible => drop(say(&mut game, "impossible")),
            Goal::Break | Goal::BreakWithin(_) => drop(follow_hints(&mut game)),
        }
        let number = right_reason(&game);
        text += &say(&mut game, &number).text;
    }
    text
}

#[test]
fn no_line_is_wider_than_80_columns() {
    let mut text = levels(&[]);
    LEVELS.iter().for_each(|level| text += &everything_that_is_said(level));
    // A command to be copied is never broken.
    let lines = text.lines().filter(|line| !is_to_paste(line));
    let wide: Vec<&str> = lines.filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(text.lines().count() > 5_000, "much was said");
}

#[test]
fn on_a_screen_of_80_by_24_the_question_is_in_sight_after_a_step_and_after_a_short_answer() {
    for level in &LEVELS {
        for seed in 0..8 {
            let mut game = Game::new(level);
            wander(&mut game, seed, 3 * seed);
            if game.position() != Position::Open {
                continue;
            }
            let position = say(&mut game, "show").text;
            for line in ["", "hint", "forecast", "nonsense"] {
                let screen = format!("{position}\n> {line}\n\n{}\n> ", say(&mut game, line).text);
                let mut shown = screen.lines().rev().take(24);
                assert!(shown.any(|line| line.starts_with("asked")), "{}: {line:?}\n{screen}", level.id);
            }
        }
    }
}

#[test]
fn the_same_lines_are_answered_the_same() {
    for level in &LEVELS {
        assert_eq!(everything_that_is_said(level), everything_that_is_said(level), "{}", level.id);
    }
}

#[test]
fn the_first_level_reads_like_this() {
    let lines = [
        "forecast",
        "1",
        "why",
        "undo",
        "2",
        "2",
        "probability",
        "2",
        "c 3",
        "forecast",
        "why",
        "impossible",
        "1",
        "hint",
        "2 2 2 1 c c 1 1 c",
        "3",
    ];
    let (text, over) = transcript(&LEVELS[0], &lines);
    assert!(over);
    insta::assert_snapshot!(text);
}

/// By plain recursion: the probability that the claim is broken from a state on, the number of schedules, and the
/// number of those that break it.
fn recounted(
    game: &Game,
    world: &World<PipelineController>,
    known: &mut HashMap<World<PipelineController>, (Probability, u64, u64)>,
) -> (Probability, u64, u64) {
    let one = Probability::from(BigUint::from(1u8));
    if let Some(known) = known.get(world) {
        return known.clone();
    }
    let (setup, claim) = (game.setup(), &game.judgement().claim);
    let after: Vec<_> = steps(setup, world).map(|(next, _)| recounted(game, &next, known)).collect();
    let all = after.iter().map(|(_, all, _)| all).sum::<u64>().max(1);
    let counted = match (breaks(claim, setup, world), after.len()) {
        (true, _) => (one, all, all),
        (false, 0) => (one.clone() - one, 1, 0),
        (false, choices) => {
            let probability =
                after.iter().map(|(probability, ..)| probability.clone()).sum::<Probability>() / BigUint::from(choices);
            (probability, all, after.iter().map(|(.., breaking)| breaking).sum())
        }
    };
    known.insert(world.clone(), counted.clone());
    counted
}

#[test]
fn what_is_said_of_the_standing_is_what_a_plain_recount_finds() {
    for level in &LEVELS {
        let mut game = Game::new(level);
        let mut known = HashMap::new();
        for step in 0..30 {
            let (probability, all, breaking) = recounted(&game, game.trace().last(), &mut known);
            assert_eq!(game.standings()[step], Outcome::of(&probability), "{} after {step}", level.id);
            let (ahead, broken) = game.ahead();
            assert_eq!((ahead, broken.schedules), (all.into(), breaking.into()), "{} at {step}", level.id);
            assert_eq!(broken.probability, probability);
            let taken = game.trace().events.len();
            wander(&mut game, step + 1, 1);
            if game.trace().events.len() == taken {
                break;
            }
        }
    }
}

#[test]
fn an_actor_is_shown_with_what_it_would_do_or_why_it_cannot() {
    let (text, _) = transcript(&LEVELS[0], &["2 2 2"]);
    let position = text.split("\n> ").last().unwrap();
    for row in [
        "moves    1  task 1: announce, sends TaskStarted(1)\n",
        "         c  controller: TaskStarted(2): 1 of 2\n",
        "cannot   2  task 2: it is dead\n",
        "inbox    TaskStarted(2), TaskFailed(2)\n",
        "asked    Can a pipeline be called Running for good, with a dead task in it?\n",
    ] {
        assert!(position.contains(row), "{row:?} is not in:\n{position}");
    }
}

#[test]
fn bad_words_are_answered_and_change_nothing() {
    let mut game = Game::new(&LEVELS[0]);
    say(&mut game, "2");
    let before = game.trace().schedule.clone();
    for (line, said) in [
        ("impossibel", "`impossibel` is neither an actor nor a command. What can move here: `1`, `2` and `c`."),
        ("give", "`give` is neither"),
        ("undo x", "`x` is neither"),
        ("0", "`0` is neither"),
        ("c0", "`c0` is neither"),
        ("3", "`3` cannot move: there is no such actor"),
        ("c2", "`c2` cannot move: there is no such actor"),
        ("2@1", "`2@1` cannot move: there is no such actor"),
        ("t", "`t` cannot move: these rules have no timeout"),
        ("d", "`d` cannot move: the network has repeated every delivery that it may"),
        ("undo 2", "One step was taken"),
        ("\u{7}\u{1b}[2J", "`\\u{7}\\u{1b}[2j` is neither"),
    ] {
        let reply = say(&mut game, line);
        let text = reply.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(said), "{line:?}: {text}");
        assert!(!reply.over);
    }
    assert_eq!(game.trace().schedule, before);
}

#[test]
fn of_several_moves_those_before_the_bad_one_are_taken() {
    let mut game = Game::new(&LEVELS[0]);
    let reply = say(&mut game, "2 2 2 2 1");
    assert!(reply.text.contains("`2` cannot move: it is dead. What can move here: `1` and `c`."), "{}", reply.text);
    assert_eq!(game.trace().schedule.text(1), "2 2 2");
}

#[test]
fn every_command_is_in_the_help_and_is_one() {
    let (text, _) = transcript(&LEVELS[0], &["help"]);
    for (name, does) in COMMANDS {
        assert!(Command::parse(name).is_ok_and(|command| !matches!(command, Command::Move(_))), "{name}");
        assert!(text.contains(&format!("{name:12} {does}")), "{text}");
    }
}
