//! How a level is won, and how it is not.

use std::collections::HashSet;

use startup_race::play::command::Command;
use startup_race::play::game::{Answer, End, Game, Position};
use startup_race::play::levels::{Goal, LEVELS};
use startup_race::schedule::Schedule;

use super::{follow_hints, level, right_reason, say, transcript, wander};

#[test]
fn a_level_that_cannot_be_broken_is_won_by_saying_so_and_why_and_no_other() {
    for level in &LEVELS {
        let mut game = Game::new(level);
        wander(&mut game, 3, 2);
        let all = startup_race::show::labels::number_text(game.report.schedules.as_ref().unwrap());
        let asked = say(&mut game, "impossible");
        assert!(!asked.over && asked.text.contains("You say that no schedule breaks it. Why not?"), "{}", asked.text);
        let number = right_reason(&game);
        let reply = say(&mut game, &number);
        if level.goal == Goal::SayImpossible {
            assert!(reply.over && reply.won, "{}", level.id);
            assert!(reply.text.contains(&format!("every schedule keeps it, all {all} through")), "{}", reply.text);
        } else {
            assert!(!reply.over, "{}: no reason is right for what is not so", level.id);
            assert!(reply.text.starts_with("wrong    That is not so."), "{}", reply.text);
            follow_hints(&mut game);
        }
    }
}

#[test]
fn a_level_is_won_by_the_right_reason_and_a_wrong_one_begins_it_anew() {
    for level in &LEVELS {
        let mut game = Game::new(level);
        let settle = |game: &mut Game| match level.goal {
            Goal::SayImpossible => drop(say(game, "impossible")),
            Goal::Break | Goal::BreakWithin(_) => drop(follow_hints(game)),
        };
        settle(&mut game);
        let right = right_reason(&game);
        let wrong = if right == "4" { "3" } else { "4" };
        let reply = say(&mut game, wrong);
        assert_eq!(
            (reply.over, reply.won, game.trace().events.len(), game.tries()),
            (false, false, 0, 1),
            "{}",
            level.id
        );
        settle(&mut game);
        assert_ne!(right_reason(&game), right, "{}: after a try it is in another place", level.id);
        assert!(!say(&mut game, "c").over, "{}: this is no reason, and costs nothing", level.id);
        let right = right_reason(&game);
        let reply = say(&mut game, &right);
        assert!(reply.won && reply.text.contains("After one wrong, without help."), "{}", reply.text);
    }
}

#[test]
fn every_level_has_four_reasons_and_the_right_one_is_in_every_place() {
    let mut places = HashSet::new();
    for level in &LEVELS {
        let mut game = Game::new(level);
        say(&mut game, "impossible");
        let reasons = game.reasons(End::Impossible);
        assert!(!level.hint.is_empty() && reasons.iter().collect::<HashSet<_>>().len() == 4, "{}", level.id);
        if level.goal != Goal::SayImpossible {
            say(&mut game, "again");
            follow_hints(&mut game);
            let reasons = game.reasons(End::Broken);
            assert!(reasons.iter().all(|reason| !reason.is_empty()), "{}", level.id);
            assert_eq!(reasons.iter().collect::<HashSet<_>>().len(), 4, "{}", level.id);
        }
        places.insert(right_reason(&game));
    }
    assert_eq!(places.len(), 4, "{places:?}");
}

/// Plays a level at random: random moves, undo at the end, sometimes `impossible`, and a random reason. Returns whether
/// the level is won.
fn is_won_by_chance(game: &mut Game, seed: u64) -> bool {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    };
    for _ in 0..400 {
        let able = game.setup().model.actions(game.trace().last());
        let command = if game.asked().is_some() {
            let task = u8::try_from(random(4) + 1).unwrap();
            Command::Move(Schedule(vec![startup_race::model::Action::Step(startup_race::ActorId(task))]))
        } else if able.is_empty() || game.position() != Position::Open {
            let steps = game.trace().events.len();
            if random(4) == 0 { Command::Impossible } else { Command::Undo(random(steps) + 1) }
        } else {
            Command::Move(Schedule(vec![able[random(able.len())]]))
        };
        match game.answer(command) {
            Answer::Right(_) => return true,
            Answer::Wrong(_) => return false,
            _ => {}
        }
    }
    false
}

#[test]
fn a_player_without_a_thought_wins_no_level_in_more_than_three_plays_of_ten() {
    for level in &LEVELS {
        let mut game = Game::new(level);
        let plays = (1..=1_000).filter(|&seed| {
            game.restart();
            is_won_by_chance(&mut game, seed)
        });
        let won = plays.count();
        assert!(won <= 300, "{}: {won} of 1,000", level.id);
        assert!(won > 0, "{}: the player does play", level.id);
    }
}

/// For each level, the lines of a player, and parts of the last answer.
#[test]
fn every_level_is_won_by_hand() {
    let won: [(&str, &[&str], &[&str]); 15] = [
        ("lie", &["2", "2", "2", "1", "c", "c", "c", "1 1"], &["<- lost here"]),
        ("early", &["1 1 2", "c c"], &["Broken, in 5 steps with 2 context switches"]),
        ("handled", &["2 2 2 1 c c", "again", "impossible"], &["PROVED", "545"]),
        ("late", &["2 2 c", "1 1"], &["no order saves it, 10 of 10"]),
        ("switches", &["1 1 1", "2 2 2 c c c", "undo 9", "2 2 2 1 1 1 c c c"], &["2 context switches"]),
        ("three", &["2 2 2 1 1 1 c c c 3 c", "3 3"], &["Broken, in 1", "48,558 of 417,482"]),
        ("fixed", &["2 2 c 1 2 1 2 1 2 c c", "impossible"], &["PROVED", "3,000"]),
        ("stale", &["1 1 2 2", "again", "2 2 1 1 c", "2 2 c c"], &["228 of 11,888", "TaskStarted(1@1)"]),
        ("workers", &["1 1 1 2 2 c2 2 2 2 c1 c2"], &["1,850 of 275,436"]),
        ("fence", &["1 1 1 2 2 c2 2 2 2 c1 c2", "impossible"], &["PROVED", "275,436"]),
        ("cascade", &["2 2 2 1 1 1 1 1 3 c c c c", "3 3 3 c c"], &["44,798 of 16,372,378", "Failed(1): dropped"]),
        ("sink", &["1", "probability", "impossible"], &["PROVED", "11,391,826"]),
        ("stop", &["s", "1 1 2 2 c c 1 2"], &["103 runs in 108"]),
        ("lost", &["1 2 1 2 1 l 2 c 1 2"], &["600 of 900"]),
        ("restart", &["1 2 1 2 1 c x", "impossible"], &["PROVED", "5,364"]),
    ];
    assert_eq!(won.each_ref().map(|(id, ..)| *id), LEVELS.each_ref().map(|level| level.id));
    for (id, lines, said) in won {
        let mut game = Game::new(level(id));
        lines.iter().for_each(|line| drop(say(&mut game, line)));
        let number = right_reason(&game);
        let (text, over) = transcript(level(id), &[lines, &[number.as_str()]].concat());
        assert!(over, "{text}");
        for said in said {
            assert!(text.split("\n> ").last().unwrap().contains(said), "{said:?} is not said:\n{text}");
        }
    }
}

#[test]
fn a_goal_of_few_switches_is_not_met_with_more() {
    let mut game = Game::new(level("switches"));
    let reply = say(&mut game, "2 2 2 1 c c 1 c 1");
    assert!(!reply.over);
    assert_eq!((game.position(), game.trace().switches()), (Position::TooManySwitches, 5));
    assert!(reply.text.contains("stands   broken, but with too many context switches."), "{}", reply.text);
    follow_hints(&mut game);
}

#[test]
fn giving_up_shows_the_whole() {
    for level in &LEVELS {
        let (text, over) = transcript(level, &["give up"]);
        assert!(over && text.contains(level.lesson.split(' ').next().unwrap()));
        let canonical = Game::new(level).judgement().trace.clone();
        match canonical {
            Some(trace) => assert!(
                text.contains(&format!(
                    "\"{}\"",
                    trace.schedule.text(if level.scenario.contains("--workers") { 2 } else { 1 })
                )),
                "{text}"
            ),
            None => assert!(text.contains("`impossible` was the answer"), "{text}"),
        }
    }
}
