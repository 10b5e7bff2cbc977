//! Schedules as text, and the actors of a scenario. A schedule that is written is read back as the same schedule, and
//! an error names the place.

use std::ops::ControlFlow;

use startup_race::check;
use startup_race::core::{ActorId, Attempt, Fault, Status, WorkerId};
use startup_race::explore::limits::Limit;
use startup_race::explore::replay::ReplayError;
use startup_race::explore::state_space::StateSpace;
use startup_race::explore::trace::Trace;
use startup_race::model::{Action, Blocked, Channel};
use startup_race::scenario::spec;
use startup_race::scenario::{Rules, Scenario, ScenarioError, Setup};
use startup_race::schedule::{Schedule, ScheduleError};

/// Every kind of actor, with small numbers and the largest.
fn all_kinds() -> Vec<Action> {
    let numbers = [1, 2, 255];
    let tasks = numbers.map(|n| Action::Step(ActorId(n)));
    let lingering = numbers.map(|n| Action::Linger(Attempt(n), ActorId(7)));
    let inboxes = numbers.into_iter().flat_map(|n| {
        let inbox = Channel::Inbox(WorkerId(n));
        [Action::Receive(WorkerId(n)), Action::Redeliver(inbox), Action::Lose(inbox)]
    });
    let commands = numbers.into_iter().flat_map(|n| {
        let commands = Channel::Commands(ActorId(n));
        [Action::Redeliver(commands), Action::Lose(commands)]
    });
    let others = [Action::Stop, Action::TimeOut, Action::Crash];
    tasks.into_iter().chain(lingering).chain(inboxes).chain(commands).chain(others).collect()
}

#[test]
fn a_schedule_is_read_as_it_is_written() {
    let schedule = Schedule(all_kinds());
    assert_eq!(
        schedule.text(2),
        "1 2 255 7@1 7@2 7@255 c1 d1 l1 c2 d2 l2 c255 d255 l255 d@1 l@1 d@2 l@2 d@255 l@255 s t x"
    );
    assert_eq!(schedule.text(2).parse(), Ok(schedule));
    assert_eq!("".parse(), Ok(Schedule::default()));
}

#[test]
fn one_worker_needs_no_number() {
    let inbox = Channel::Inbox(WorkerId(1));
    let one = Schedule(vec![Action::Receive(WorkerId(1)), Action::Redeliver(inbox), Action::Lose(inbox)]);
    assert_eq!(one.text(1), "c d l");
    assert_eq!(" c\td l ".parse(), Ok(one));
}

#[test]
fn a_word_that_names_no_actor_is_told_with_its_place() {
    for word in [
        "0", "256", "+1", "-1", "y", "tt", "t1", "s1", "xx", "c0", "c+1", "cc", "c@1", "d-", "d@", "d@0", "l0", "ll",
        "2@", "@2", "2@0", "0@2", "2@+1", "é",
    ] {
        let wrong = ScheduleError { step: 3, word: word.to_string() };
        assert_eq!(format!("1 c {word} 2").parse::<Schedule>(), Err(wrong));
    }
}

#[test]
fn an_actor_that_takes_no_part_in_a_scenario_is_not_among_its_actors() {
    let actors = |line: &str| {
        let setup = Setup::of(spec::read(line).unwrap());
        Schedule(setup.model.candidates(&setup.model.start())).text(setup.scenario.workers())
    };
    assert_eq!(actors("seed/fixed"), "1 2 c");
    assert_eq!(actors("seed/fixed --duplicates 1"), "1 2 c d");
    assert_eq!(actors("seed/fixed --timeout patient --tasks 3 --workers 1,2,1"), "1 2 3 c1 c2 t");
    assert_eq!(actors("seed/fixed --attempts 2 --old-attempt lingers"), "1 2 c", "the first attempt is the only one");
}

#[test]
fn a_state_that_is_kept_is_an_end_if_no_actor_can_move() {
    let setup = Setup::of(spec::read("arroyo/before").unwrap());
    let within = |most: usize| StateSpace::explore(&setup, &setup.standard_claims(), most);
    let space = within(74).expect("a bound that is kept ends nothing");
    let stuck = |id: u32| setup.model.actions(&space.worlds()[id as usize]).is_empty();
    let states = 0..space.worlds().len() as u32;
    assert!(states.clone().all(|id| space.is_end(id) == stuck(id)));
    assert_eq!((states.clone().filter(|&id| space.is_end(id)).count(), states.len()), (2, 74));
    assert!(within(73).is_none(), "some of the states are not kept");
}

#[test]
fn a_callback_on_progress_can_end_a_search() {
    let setup = Setup::of(spec::read("arroyo/before").unwrap());
    let report = check(setup).on_progress(|_, _| ControlFlow::Break(())).run().unwrap();
    assert!(!report.complete);
    assert_eq!(report.cut, Some(Limit::Interrupted));
}

#[test]
fn why_a_task_cannot_move_is_told() {
    let why = |line: &str, schedule: &str| {
        let setup = Setup::of(spec::read(line).unwrap());
        match Trace::of(&setup, &schedule.parse().unwrap()) {
            Err(ReplayError::Blocked { why, .. }) => why,
            other => panic!("{schedule} can be taken: {other:?}"),
        }
    };
    assert_eq!(why("arroyo/after", "1 1 1"), Blocked::AtBarrier);
    assert!(matches!(why("seed/fixed", "1 1 1 1"), Blocked::Over(state) if state.status == Status::Live));
    assert_eq!(why("seed/fixed", "3"), Blocked::NoSuchActor);
    assert_eq!(why("seed/fixed", "c"), Blocked::InboxEmpty);
    assert_eq!(why("seed/fixed", "t"), Blocked::NoTimeout);
}

#[test]
fn a_name_is_unique_and_can_be_printed() {
    let two = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap();
    let named = |names: [&str; 2]| two.clone().with_names(&names);
    assert_eq!(named(["a", "b-1"]).unwrap().tasks()[1].name, "b-1");
    for (names, wrong) in
        [(["a", "a"], "a"), (["a", ""], ""), (["a,b", "c"], "a,b"), (["a", "b c"], "b c"), (["a", "b\u{7}"], "b\u{7}")]
    {
        assert_eq!(named(names).unwrap_err(), ScenarioError::Name(wrong.to_string()));
    }
}

#[test]
fn tasks_have_their_usual_names_and_lists_are_as_long_as_there_are_tasks() {
    let five = Scenario::new(Rules::named("seed/fixed").unwrap(), 5).unwrap();
    let names: Vec<&str> = five.tasks().iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["source", "transform", "sink", "task-4", "task-5"]);
    assert_eq!(five.clone().with_names(&["a"]).unwrap_err(), ScenarioError::Length("names", 1, 5));
    assert_eq!(five.clone().on_workers(&[1; 6]).unwrap_err(), ScenarioError::Length("workers", 6, 5));
    let failing = five.with_fault(Fault::Panics, 2, &[]).unwrap();
    assert_eq!([1, 2].map(|task| failing.fault(ActorId(task), Attempt(1))), [None, Some(Fault::Panics)]);
}
