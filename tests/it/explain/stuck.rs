//! The actors that are stuck.

use startup_race::explore::explain::cause::{Fact, How, Missing, TaskRun};
use startup_race::explore::explain::stuck::{Stuck, stuck};

use startup_race::{
    Actor, ActorId, Attempt, Context, Controller, Fault, Input, Kind, Phase, PipelineController, Rules, RunRules,
    Scenario, Script, Setup, Stage, Step, check,
};

use super::fact_check::Shown;
use super::generators::{each_refuted, random_reports};

#[test]
fn a_stuck_actor_waits_for_what_dead_tasks_will_never_do() {
    let (mut at_barrier, mut controllers) = (0, 0);
    each_refuted(&random_reports(), |report, claim, trace| {
        let shown = Shown { setup: &report.setup, trace, claim };
        let all = stuck(&report.setup, trace);
        let mut waiting = 0;
        for one in &all {
            match one {
                Stuck::AtBarrier { who, missing } => {
                    waiting += who.len();
                    at_barrier += 1;
                    for who in who {
                        let absent: Vec<TaskRun> = missing.iter().map(|(who, _)| *who).collect();
                        assert!(shown.never_arrive(*who, &absent), "{who:?} {missing:?}");
                    }
                    for (who, death) in missing {
                        let death = death.expect("without a task that hangs, only the dead never arrive");
                        let gone = death.how == How::Vanished || death.reported.is_some();
                        assert!(gone && death.who == *who && shown.holds(&Fact::Died(death)), "{death:?}");
                    }
                }
                Stuck::Undecided(..) | Stuck::Stopping(..) => panic!("the random scenarios have no stop: {one:?}"),
                Stuck::Controller(missing) => {
                    controllers += 1;
                    assert!(!missing.is_empty());
                    assert!(missing.iter().all(|(who, why)| shown.misses(*who, why)), "{missing:?}");
                }
            }
        }
        // No waiting task is left out.
        let model = &report.setup.model;
        let tasks = trace.last().attempts.iter().flat_map(|tasks| model.actors().zip(tasks));
        let wait = tasks.filter(|((_, actor), task)| task.is_at_barrier(&actor.script)).count();
        let is_end = model.actions(trace.last()).is_empty();
        assert_eq!(waiting, if is_end { wait } else { 0 });
    });
    assert!(at_barrier > 10 && controllers > 10, "{at_barrier} {controllers}");
}

/// A controller with two starting phases of different names. The first `TaskStarted` leads from one to the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct InTwoPhases(u8);

impl Controller for InTwoPhases {
    fn on(&mut self, input: Input, _: &mut Context) {
        if matches!(input, Input::Notice(notice) if notice.kind == Kind::Started) {
            self.0 = (self.0 + 1).min(2);
        }
    }

    fn phase(&self) -> Phase {
        match self.0 {
            0 => Phase { name: "Idle", stage: Stage::Starting },
            1 => Phase { name: "Launching", stage: Stage::Starting },
            _ => Phase { name: "Serving", stage: Stage::Up },
        }
    }
}

/// Only the second task announces itself, and it hangs.
#[test]
fn only_a_task_that_does_not_announce_itself_is_said_not_to() {
    let script = |steps: &[Step]| steps.iter().fold(Script::default(), |script, &step| script.then(step));
    let quiet = Actor::task("quiet", script(&[Step::OnStart, Step::Run]));
    let loud = Actor::task("loud", script(&[Step::OnStart, Step::ANNOUNCE, Step::Run])).with(Fault::Hangs, &[], &[]);
    let controller = PipelineController::new(Rules::named("seed/fixed").unwrap().controller, false);
    let setup = Setup::own(controller, RunRules::DEFAULT, vec![quiet, loud]).unwrap();
    let report = check(setup).expect_refuted("always-decides");
    let judgement = report.claims.iter().find(|judgement| judgement.claim.id == "always-decides").unwrap();
    let trace = judgement.trace.as_ref().unwrap();
    let run = |task| TaskRun { task: ActorId(task), attempt: Attempt(1) };
    let expected = vec![(run(1), Missing::Forgotten), (run(2), Missing::Hangs)];
    assert_eq!(stuck(&report.setup, trace), [Stuck::Controller(expected)]);
    let text = report.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("quiet does not announce itself") && !text.contains("no task announces itself"), "{text}");
}

#[test]
fn a_notice_that_leads_to_another_phase_of_starting_is_counted() {
    let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap().failing(&[2]).unwrap();
    let report = check(Setup::with(InTwoPhases(0), scenario)).expect_refuted("always-decides");
    let text = report.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("TaskStarted(1): Launching"), "{text}");
    assert!(!text.contains("not counted"), "{text}");
    assert!(text.contains("the controller waits for TaskStarted of task 2, which is dead since"), "{text}");
}
