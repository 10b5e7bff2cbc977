//! apache/flink #12948 (FLINK-18533): a heartbeat that lists the deployed tasks overtakes the acknowledgement of the
//! deployment, and the job master cancels a healthy task as unknown. With the fix, the job master also knows the task
//! of a pending deployment.

use super::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct JobMaster {
    phase: Phase,
    knows_pending: bool,
}

impl Controller for JobMaster {
    fn on(&mut self, input: Input, _now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match (self.phase.stage, notice.kind) {
            (Stage::Starting, Kind::Own("acknowledge")) => self.phase = phase("RUNNING", Stage::Up),
            // The heartbeat lists a task whose deployment has not been acknowledged.
            (Stage::Starting, Kind::Own("heartbeat")) if !self.knows_pending => {
                self.phase = phase("CANCELING", Stage::Failed(Reason::Other("unknown task")));
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn names(&self) -> &'static [&'static str] {
        &["acknowledge", "heartbeat"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    // Two connections: there is no order between them.
    let steps = script(&[Step::OnStart, says("acknowledge"), says("heartbeat")]).via(Via::Inbox(WorkerId(2)));
    let master = JobMaster { phase: phase("DEPLOYING", Stage::Starting), knows_pending: fixed };
    let executor = vec![Actor::task("task executor", steps.then(Step::Run))];
    let claim = never("no-healthy-cancel", "(always): a healthy task is not cancelled", |state| {
        matches!(state.stage(), Stage::Failed(_))
    });
    told(master, RunRules::DEFAULT, executor, claim)
}
