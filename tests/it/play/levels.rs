//! Each level is what its data says.

use std::collections::{HashSet, VecDeque};

use num_bigint::BigUint;
use startup_race::core::{Input, Kind as Notice, PipelineController, Stage};
use startup_race::explore::forecast::Outcome;
use startup_race::explore::probability::Probability;
use startup_race::explore::verdict::VerdictKind;
use startup_race::model::World;
use startup_race::play::game::Game;
use startup_race::play::levels::{Goal, LEVELS, Level};
use startup_race::transition::Event;

use super::{breaks, level, steps};

/// The smallest number of context switches of any schedule that breaks the claim. `None` if no schedule does.
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

/// Checks that a level is what its goal says. The error says what is wrong.
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

/// Whether every schedule that breaks the claim has an event of this kind.
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
