//! Cases that a property found and shrank, each with the mistake that it caught. `proptest-regressions/` has their
//! seeds. They are written out here, so that they do not change when the generators do.

use crate::common::request::turned;
use startup_race::core::{ActorId, Cause, PipelineController, Reason, Stage};
use startup_race::model::{Blocked, Refused, World};
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::schedule::Schedule;
use startup_race::transition::{Event, Reaction};

/// Steps a schedule as far as possible, and asserts that no state breaks `no-false-start`. Returns what happened, the
/// last state, and what was refused.
fn replay(
    rules: Rules,
    tasks: u8,
    fails: &[u8],
    schedule: &str,
) -> (Vec<Event>, World<PipelineController>, Option<Refused>) {
    let setup = Setup::of(Scenario::new(rules, tasks).unwrap().failing(fails).unwrap());
    let (mut world, mut events) = (setup.model.start(), Vec::new());
    for actor in schedule.parse::<Schedule>().unwrap().0 {
        match setup.model.observe(&mut world, actor) {
            Ok(event) => events.push(event),
            Err(refused) => return (events, world, Some(refused)),
        }
        let no_false_start = &setup.standard_claims()[0];
        assert!(!no_false_start.is_broken_in(&setup.model, &world), "after step {}", events.len());
    }
    (events, world, None)
}

fn fixed_behind_a_fence() -> Rules {
    turned(Rules::named("seed/fixed").unwrap(), "fence", "attempt")
}

fn failed(task: u8) -> Stage {
    Stage::Failed(Reason::Task(ActorId(task), Cause::Panicked))
}

/// Caught a controller that counted notices instead of tasks. It read one start twice, and was Running at the second to
/// last `c` although task 3 was dead.
#[test]
fn a_start_that_is_delivered_twice_counts_its_task_once() {
    let rules = turned(turned(fixed_behind_a_fence(), "timeout", "patient"), "duplicates", "1");
    let (events, end, refused) = replay(rules, 3, &[3], "1 1 1 d 2 2 2 3 3 c c c");
    let reactions =
        events.iter().filter_map(Event::transition).map(|transition| (transition.reaction, transition.counted));
    let why = Reason::Task(ActorId(3), Cause::Panicked);
    let counted = |reaction, tasks| (reaction, Some(tasks));
    let expected = [
        counted(Reaction::Counted, 1),
        counted(Reaction::Duplicate, 1),
        counted(Reaction::Counted, 2),
        counted(Reaction::Failed(why), 2),
    ];
    assert_eq!(reactions.collect::<Vec<_>>(), expected);
    assert_eq!((end.stage(), refused), (failed(3), None));
}

/// Caught a fixed protocol whose first two steps were swapped: the task announced itself first, and with one notice the
/// controller was Running before `on_start` had run.
#[test]
fn a_fixed_task_has_announced_nothing_before_its_on_start() {
    let (events, _, refused) = replay(fixed_behind_a_fence(), 1, &[], "1 c 1 1");
    assert_eq!(events.len(), 1);
    assert_eq!(refused, Some(Refused::Blocked(Blocked::InboxEmpty)));
}

/// Caught a controller without an arm for a failure while Scheduling: it dropped the only notice, and waited for ever.
#[test]
fn a_failure_while_scheduling_ends_the_only_attempt() {
    let (_, end, refused) = replay(fixed_behind_a_fence(), 1, &[1], "1 1 c");
    assert_eq!((end.stage(), refused), (failed(1), None));
}
