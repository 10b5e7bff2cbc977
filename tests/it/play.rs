//! The game: each level is what it says, can be won by hints and by hand, and says the truth at every step.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::common::cli::is_to_paste;
use num_bigint::BigUint;
use startup_race::claims::{Claim, Scope};
use startup_race::core::{Input, Kind as Notice, PipelineController, Stage};
use startup_race::explore::forecast::Outcome;
use startup_race::explore::probability::Probability;
use startup_race::explore::verdict::VerdictKind;
use startup_race::model::World;
use startup_race::play::command::{COMMANDS, Command};
use startup_race::play::game::{Answer, End, Game, Position};
use startup_race::play::levels::{Goal, LEVELS, Level};
use startup_race::scenario::Setup;
use startup_race::schedule::Schedule;
use startup_race::show::Style;
use startup_race::show::play::{Reply, answer, levels, opening};
use startup_race::transition::Event;

fn level(id: &str) -> &'static Level {
    Level::find(id).unwrap_or_else(|| panic!("there is a level {id}"))
}

fn say(game: &mut Game, line: &str) -> Reply {
    answer(game, line, Style::default())
}

/// What is printed where these lines are said, and whether the level is over.
fn transcript(level: &'static Level, lines: &[&str]) -> (String, bool) {
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

/// Whether a state breaks the claim of a level, where that is judged there.
fn breaks(
    claim: &Claim<PipelineController>,
    setup: &Setup<PipelineController>,
    world: &World<PipelineController>,
) -> bool {
    let judged = claim.scope == Scope::Always || setup.model.actions(world).is_empty();
    judged && claim.is_broken_in(&setup.model, world)
}

/// Every state to which a step leads, with the step's event.
fn steps<'a>(
    setup: &'a Setup<PipelineController>,
    world: &'a World<PipelineController>,
) -> impl Iterator<Item = (World<PipelineController>, Event)> + 'a {
    setup.model.actions(world).into_iter().map(move |action| {
        let mut next = world.clone();
        let event = setup.model.observe(&mut next, action).expect("an enabled action can be taken");
        (next, event)
    })
}

/// The fewest context switches of any schedule that breaks the claim, whatever its length; none where none does.
fn fewest_switches(level: &Level) -> Option<usize> {
    let game = Game::new(Level::find(level.id)?);
    let (setup, claim) = (game.setup(), &game.judgement().claim);
    let mut open = VecDeque::from([(0, setup.model.start(), None)]);
    let mut seen = HashSet::new();
    while let Some((switches, world, last)) = open.pop_front() {
        if !seen.insert((world.clone(), last)) {
            continue;
        }
        if breaks(claim, setup, &world) {
            return Some(switches);
        }
        for (next, event) in steps(setup, &world) {
            let actor = Some(event.task_run());
            match last.is_some() && last != actor {
                false => open.push_front((switches, next, actor)),
                true => open.push_back((switches + 1, next, actor)),
            }
        }
    }
    None
}

/// Whether a level is what its goal says; else what is wrong with it.
fn is_as_it_says(level: &'static Level) -> Result<(), String> {
    let game = Game::new(level);
    let start = &game.standings()[0];
    let kind = game.judgement().verdict.kind();
    if !game.report.complete {
        return Err("it was not explored to the end".to_string());
    }
    match level.goal {
        Goal::SayImpossible if kind != VerdictKind::Proved => Err(format!("its claim is {}", kind.name())),
        Goal::SayImpossible if *start != Outcome::Impossible => Err("its start is not impossible".to_string()),
        Goal::Break | Goal::BreakWithin(_) if kind != VerdictKind::Refuted || *start == Outcome::Impossible => {
            Err(format!("its claim is {}", kind.name()))
        }
        Goal::BreakWithin(most) if fewest_switches(level) != Some(most) => {
            Err(format!("{most} switches are allowed, and the fewest are {:?}", fewest_switches(level)))
        }
        _ => Ok(()),
    }
}

#[test]
fn every_level_is_winnable_or_impossible_as_it_says() {
    for level in &LEVELS {
        assert_eq!(is_as_it_says(level), Ok(()), "{}", level.id);
    }
}

#[test]
fn a_level_that_says_otherwise_is_noticed() {
    static LIES: [(Level, &str); 3] = [
        (Level { goal: Goal::SayImpossible, ..LEVELS[0] }, "REFUTED"),
        (Level { goal: Goal::Break, ..LEVELS[2] }, "PROVED"),
        (Level { goal: Goal::BreakWithin(3), ..LEVELS[4] }, "the fewest are Some(2)"),
    ];
    for (lie, noticed) in &LIES {
        let error = is_as_it_says(lie).expect_err("this level lies");
        assert!(error.contains(noticed), "{error}");
    }
}

#[test]
fn the_first_level_is_open_at_its_start() {
    let probability = Probability::new(BigUint::from(1u8), BigUint::from(8u8));
    assert_eq!(Game::new(&LEVELS[0]).standings(), [Outcome::Possible(probability)]);
    assert_eq!(LEVELS[0].protocol(), "arroyo/before");
}

#[test]
fn the_levels_hold_what_a_learner_should_meet() {
    assert!(LEVELS.len() >= 8);
    let of = |wanted: &dyn Fn(&Level) -> bool| LEVELS.iter().filter(|level| wanted(level)).count();
    assert!(of(&|level| level.protocol() == "arroyo/handled-only") >= 1);
    assert!(of(&|level| level.protocol() == "arroyo/late-only") >= 1);
    assert!(of(&|level| matches!(level.goal, Goal::BreakWithin(_))) >= 1);
    assert!(of(&|level| level.scenario.contains("--tasks 3")) >= 1);
    assert!(of(&|level| level.scenario.contains("--workers 1,2")) >= 1);
    assert!(of(&|level| level.scenario.contains("--cascade chain")) >= 1);
    assert!(of(&|level| level.protocol() == "arroyo/after" && level.goal == Goal::SayImpossible) >= 1);
    assert!(of(&|level| level.scenario.starts_with("seed/fixed") && level.scenario.contains("2@1")) >= 1);
    let ids: HashSet<&str> = LEVELS.iter().map(|level| level.id).collect();
    assert_eq!(ids.len(), LEVELS.len(), "each level has a name of its own");
}

/// Plays by hints alone: does what each hint says.
fn follow_hints(game: &mut Game) -> usize {
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

#[test]
fn hints_from_the_start_play_the_canonical_counterexample() {
    for level in LEVELS.iter().filter(|level| level.goal != Goal::SayImpossible) {
        let mut game = Game::new(level);
        let hints = follow_hints(&mut game);
        let canonical = game.judgement().trace.as_ref().expect("its claim is refuted").schedule.clone();
        assert_eq!(game.trace().schedule, canonical, "{}", level.id);
        assert_eq!(hints, canonical.0.len(), "{}: one hint a move", level.id);
    }
}

#[test]
fn a_hint_goes_on_with_who_moved_last_where_that_saves_a_switch() {
    let mut game = Game::new(level("three"));
    say(&mut game, "3");
    follow_hints(&mut game);
    // Four actors move, so three switches are the fewest; the first actor in order would have cost one more.
    assert_eq!((game.trace().events.len(), game.trace().switches()), (13, 3), "{:?}", game.trace().schedule.text(1));
}

/// A walk that is the same every time and unlike the next one.
fn wander(game: &mut Game, seed: usize, steps: usize) {
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

#[test]
fn hints_win_from_wherever_a_player_has_strayed() {
    for level in LEVELS.iter().filter(|level| level.goal != Goal::SayImpossible) {
        for seed in 0..6 {
            let mut game = Game::new(level);
            wander(&mut game, seed, 4 + 3 * seed);
            if game.position() != Position::Broken {
                follow_hints(&mut game);
            }
            assert_eq!(game.position(), Position::Broken, "{}", level.id);
        }
    }
}

/// The number of the right reason, as it is said now. Whatever the place, it comes first in the level's data.
fn right_reason(game: &Game) -> String {
    let end = game.asked().unwrap_or_else(|| panic!("{}: nothing is asked", game.level.id));
    let right = match end {
        End::Broken => game.level.why_broken[0],
        End::Impossible => game.level.why_impossible[0],
    };
    (game.reasons(end).iter().position(|reason| *reason == right).unwrap() + 1).to_string()
}

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
            let told = ["PROVED", "REFUTED", "certain", "no longer", "none breaks", "every schedule from", "1/"];
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

/// A player without a thought: random moves, steps back when told, now and then `impossible`, a random reason. One play.
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

/// Levels played by hand: what is said, and what must be answered at the end.
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

/// Says everything that can be said, in positions all over a level.
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
    // A command that is there to be pasted is never broken.
    let lines = text.lines().filter(|line| !is_to_paste(line));
    let wide: Vec<&str> = lines.filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(text.lines().count() > 5_000, "much was said");
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

/// The probability that the claim breaks from a state on, by plain recursion, and the schedules: all, and those that break it.
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

#[test]
fn every_command_is_in_the_help_and_is_one() {
    let (text, _) = transcript(&LEVELS[0], &["help"]);
    for (name, does) in COMMANDS {
        assert!(Command::parse(name).is_ok_and(|command| !matches!(command, Command::Move(_))), "{name}");
        assert!(text.contains(&format!("{name:12} {does}")), "{text}");
    }
}

/// An event that no schedule which breaks the claim can do without, as a level says.
fn cannot_do_without(level: &Level, needed: impl Fn(&World<PipelineController>, &Event) -> bool) -> bool {
    let game = Game::new(Level::find(level.id).unwrap());
    let (setup, claim) = (game.setup(), &game.judgement().claim);
    let mut open = vec![setup.model.start()];
    let mut seen = HashSet::new();
    while let Some(world) = open.pop() {
        if !seen.insert(world.clone()) {
            continue;
        }
        if breaks(claim, setup, &world) {
            return false;
        }
        open.extend(steps(setup, &world).filter(|(_, event)| !needed(&world, event)).map(|(next, _)| next));
    }
    true
}

#[test]
fn what_a_level_says_that_the_lie_needs_is_needed() {
    let dropped = |_: &World<PipelineController>, event: &Event| {
        event.transition().is_some_and(|transition| {
            let Input::Notice(notice) = transition.input else { return false };
            matches!(notice.kind, Notice::Failed(_)) && transition.before.stage == Stage::Starting
        })
    };
    let stale = |world: &World<PipelineController>, event: &Event| {
        event.transition().is_some_and(|transition| {
            let Input::Notice(notice) = transition.input else { return false };
            notice.kind == Notice::Started && notice.attempt < world.driver.attempt
        })
    };
    for level in LEVELS.iter().filter(|level| !level.needs.is_empty()) {
        match level.needs {
            "TaskFailed(2) must be read before the last TaskStarted is"
            | "every TaskFailed must be read before the last TaskStarted is" => {
                assert!(cannot_do_without(level, dropped), "{}", level.id);
            }
            "TaskStarted(1@1), of the first attempt, must be read in the second" => {
                assert!(cannot_do_without(level, stale), "{}", level.id);
            }
            "the last TaskStarted must be read before some task has taken its on_start" => {
                assert_eq!(level.claim, "no-false-start", "this is the claim itself");
            }
            other => panic!("nothing proves {other:?}"),
        }
        assert!(!cannot_do_without(level, |_, _| false), "{}: the claim can be broken at all", level.id);
    }
}

#[test]
fn what_the_lessons_say_in_passing_is_so() {
    let schedules = |id: &str| Game::new(level(id)).report.schedules.clone().unwrap();
    let probability = |id: &str| Game::new(level(id)).judgement().share.as_ref().unwrap().probability.clone();
    let refuted = |scenario: &'static str, claim: &'static str| {
        let level: &'static Level = Box::leak(Box::new(Level { scenario, claim, ..LEVELS[0] }));
        Game::new(level).judgement().verdict.kind() == VerdictKind::Refuted
    };
    assert!(refuted(level("handled").scenario, "no-false-start"));
    assert!(!refuted(level("late").scenario, "no-false-start"));
    assert!(schedules("three") > schedules("lie") * 200u8 && probability("three") > probability("lie"));
    assert_eq!(schedules("workers"), schedules("fence"));
    assert!(refuted("arroyo/before --tasks 3 --fails 1 --barrier none --cascade chain", "no-lost-failure"));
    assert!(refuted("arroyo/before --tasks 3 --fails 2 --barrier none --cascade chain", "no-lost-failure"));
    assert!(probability("cascade") < probability("three"));
}

#[cfg(feature = "cli")]
mod program {
    use super::{LEVELS, Style, levels, opening};
    use crate::common::cli::{Output, refused, run, run_with_input};
    use startup_race::play::game::Game;

    fn played(level: &str, input: &[u8]) -> String {
        let Output { stdout, stderr, code } = run_with_input(&["play", level], input);
        assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
        assert!(!stdout.contains('\u{1b}'), "a pipe gets no colour");
        stdout
    }

    #[test]
    fn without_a_level_the_levels_are_listed() {
        let Output { stdout, code, .. } = run(&["play"]);
        assert_eq!((code, stdout), (0, levels(&[])));
        assert!(LEVELS.iter().all(|level| levels(&[]).contains(&format!("  {:9}  ", level.id))));
    }

    #[test]
    fn a_level_is_found_by_its_number_too() {
        assert_eq!(run(&["play", "2"]).stdout, run(&["play", "early"]).stdout);
        refused(&["play", "0"], "there is no level \"0\"");
        refused(&["play", "16"], "there is no level \"16\"");
    }

    #[test]
    fn an_unknown_level_is_refused_with_the_list() {
        refused(&["play", "li"], "there is no level \"li\". Did you mean lie?");
        refused(&["play", "nowhere"], &levels(&[]));
    }

    #[test]
    fn what_is_said_on_the_command_line_comes_first() {
        let Output { stdout, code, .. } = run_with_input(&["play", "lie", "2 2", "why"], b"undo\nquit\n");
        assert_eq!((code, stdout), (0, played("lie", b"2 2\nwhy\nundo\nquit\n")));
    }

    #[test]
    fn the_end_of_the_input_ends_the_game_politely() {
        for input in [b"".as_slice(), b"2\n", b"2 2", b"nonsense\n\n"] {
            assert!(played("lie", input).ends_with("> \nThe input has ended, and level lie is not over.\n"));
        }
        assert!(played("lie", b"quit\n2\n").ends_with("> quit\n\nGoodbye.\n"));
    }

    #[test]
    fn a_pipe_gets_what_was_said_and_what_was_answered() {
        let text = played("lie", b"2\nfoo\nundo\nquit\n");
        assert!(text.starts_with(&opening(&Game::new(&LEVELS[0]), Style::default())), "{text}");
        assert!(text.contains("\n> 2\n\n  #  task 1"), "{text}");
        assert!(text.contains("\n> foo\n\n`foo` is neither an actor nor a command."), "{text}");
        assert_eq!(text, played("lie", b"2\nfoo\nundo\nquit\n"));
    }

    #[test]
    fn what_is_no_text_is_answered_like_any_bad_word() {
        let text = played("lie", b"\xff\xfe\x1b[31m\n2\n");
        assert!(text.contains("is neither an actor nor a command"), "{text}");
        assert!(text.contains("> 2\n"), "{text}");
    }

    #[test]
    fn what_is_won_is_kept_if_a_file_is_named() {
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("progress/of-a-player");
        let _ = std::fs::remove_file(&file);
        let play = |arguments: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_startup-race"));
            command.arg("play").args(arguments).env("STARTUP_RACE_PROGRESS", &file).stdin(std::process::Stdio::null());
            String::from_utf8(command.output().expect("the program starts").stdout).expect("text")
        };
        play(&["lie", "2 2 2 1 1 1 c c c", "1"]);
        assert_eq!(play(&[]), levels(&[]), "a wrong reason wins nothing");
        play(&["lie", "2 2 2 1 1 1 c c c", "4"]);
        play(&["lie", "2 2 2 1 1 1 c c c", "4"]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "lie\n");
        let listed = play(&[]);
        assert!(listed.contains(" 1 ✓lie") && listed.ends_with("startup-race play early\n"), "{listed}");
    }

    #[test]
    fn the_next_level_is_a_word_away() {
        let text = played("lie", b"next\nnext\nquit\n");
        for level in ["Level 1 of 15: lie", "Level 2 of 15: early", "Level 3 of 15: handled"] {
            assert!(text.contains(level), "{text}");
        }
    }

    #[test]
    fn a_level_is_won_in_a_pipe() {
        let text = played("lie", b"2 2 2\n1 1 1\nc c c\n4\nthis is not read\n");
        assert!(text.contains("Broken, in 9 steps with 2 context switches."), "{text}");
        assert!(text.ends_with("next     startup-race play early\n"), "{text}");
    }
}
