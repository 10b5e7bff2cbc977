//! What the built-in controller remembers, input by input.

use startup_race::core::*;
use startup_race::model::Driver;
use startup_race::scenario::Rules;

fn rules(restart_one: bool, stop: bool) -> Rules {
    let mut rules = Rules::named("seed/fixed").unwrap();
    (rules.controller.restart_one, rules.run.stop) = (restart_one, stop);
    rules
}

/// A controller of two tasks that has received these notices of the current attempt, and its effects.
fn after(rules: Rules, notices: &[(u8, Kind)]) -> (PipelineController, Vec<Effect>) {
    let mut driver = Driver::new(rules.controller(), 2, 2, 3);
    let mut effects = Vec::new();
    for &(task, kind) in notices {
        let notice = Notice { from: ActorId(task), attempt: driver.attempt, kind };
        effects.extend(driver.receive(Input::Notice(notice), false).unwrap().effects);
    }
    (driver.controller, effects)
}

const DIED: Kind = Kind::Failed(Cause::Died);
const BOTH_STARTED: [(u8, Kind); 2] = [(1, Kind::Started), (2, Kind::Started)];

#[test]
fn a_retry_of_every_task_forgets_which_tasks_were_counted_or_over() {
    let rules = rules(false, true);
    let (controller, effects) = after(rules, &[&BOTH_STARTED[..], &[(2, Kind::Finished), (1, DIED)]].concat());
    assert_eq!((controller, effects), (rules.controller(), vec![Effect::Retry]));
}

#[test]
fn a_restart_of_one_task_forgets_that_task_only() {
    let rules = rules(true, true);
    let finished = [(1, Kind::Finished), (2, Kind::Finished)];
    let (controller, effects) = after(rules, &[&BOTH_STARTED[..], &finished, &[(2, DIED)]].concat());
    assert_eq!(effects, [Effect::Restart(ActorId(2))]);
    assert!(controller.has_counted(ActorId(1)) && !controller.has_counted(ActorId(2)));
    // Task 1 is still over, so the stop waits only for task 2.
    let mut driver = Driver::new(controller, 2, 2, 1);
    driver.receive(Input::Stop, false).unwrap();
    assert_eq!(driver.controller.phase().stage, Stage::Stopping);
    let finished = Notice { from: ActorId(2), attempt: Attempt(1), kind: Kind::Finished };
    driver.receive(Input::Notice(finished), false).unwrap();
    assert_eq!(driver.controller.phase().stage, Stage::Ended);
}

#[test]
fn a_task_that_finishes_in_running_is_over_only_if_a_stop_may_come() {
    let running = |stop| after(rules(false, stop), &BOTH_STARTED).0;
    let finished = |stop| after(rules(false, stop), &[&BOTH_STARTED[..], &[(1, Kind::Finished)]].concat()).0;
    assert_eq!(finished(false), running(false));
    assert_ne!(finished(true), running(true));
}
