//! runabol/tork #226: a cancel is handled only for a running job. A cancel for a pending job is lost, and the job runs.

use super::prelude::*;

const CANCEL: Command = Command("cancel");
const PENDING: Phase = phase("PENDING", Stage::Starting);
const RUNNING: Phase = phase("RUNNING", Stage::Up);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Coordinator {
    phase: Phase,
    cancels_pending: bool,
}

impl Controller for Coordinator {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match notice.kind {
            Kind::Own("started") if self.phase == PENDING => self.phase = RUNNING,
            Kind::Own("cancel") if self.phase == RUNNING || self.cancels_pending => {
                self.phase = phase("CANCELLED", Stage::Ended);
                now.effects.push(Effect::Send(ActorId(1), CANCEL));
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn names(&self) -> &'static [&'static str] {
        &["started", "cancel"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let job = Script::default().then(Step::FINISH).when(When::Command(CANCEL)).or(Step::OnStart);
    let job = job.then(says("started")).then(Step::Run).then(Step::FINISH).when(When::Command(CANCEL));
    let actors = vec![Actor::task("job", job), Actor::helper("user", script(&[says("cancel")])).on(2)];
    let cancelled = || {
        at_end("cancelled", "every end is CANCELLED, and nothing runs", |state| {
            state.stage() == Stage::Ended && !state.tasks().any(|job| job.runs())
        })
    };
    let coordinator = Coordinator { phase: PENDING, cancels_pending: fixed };
    told(coordinator, RunRules::DEFAULT, actors, cancelled()).witness(cancelled())
}
