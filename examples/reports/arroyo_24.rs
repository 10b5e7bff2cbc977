//! ArroyoSystems/arroyo #24: a stop that comes during a checkpoint starts a second checkpoint, and the job hangs. With
//! the fix, the stop waits until the first one has ended.

use super::prelude::*;

const CHECKPOINT: Command = Command("checkpoint");
const LAST: Command = Command("final");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Job {
    phase: Phase,
    stop_is_due: bool,
    waits: bool,
}

impl Job {
    fn stop(&mut self, now: &mut Context) {
        self.phase = phase("Stopping", Stage::Stopping);
        now.effects.push(Effect::Send(ActorId(1), LAST));
    }
}

impl Controller for Job {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match (self.phase.name, notice.kind) {
            ("Healthy", Kind::Own("it is time")) => {
                self.phase = phase("Checkpointing", Stage::Up);
                now.effects.push(Effect::Send(ActorId(1), CHECKPOINT));
            }
            ("Checkpointing", Kind::Own("stop")) if self.waits => self.stop_is_due = true,
            ("Healthy" | "Checkpointing", Kind::Own("stop")) => self.stop(now),
            ("Checkpointing", Kind::Own("done")) if self.stop_is_due => self.stop(now),
            ("Checkpointing", Kind::Own("done")) => self.phase = phase("Healthy", Stage::Up),
            ("Stopping", Kind::Finished) => self.phase = phase("Stopped", Stage::Ended),
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn names(&self) -> &'static [&'static str] {
        &["it is time", "stop", "begun", "barrier lost", "aligned", "done", "checkpoint", "final"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let last = |script: Script, or: bool| if or { script.or(Step::FINISH) } else { script.then(Step::FINISH) };
    let begins = script(&[Step::Run, says("begun")]).when(When::Command(CHECKPOINT));
    // A second barrier that comes while the first one is aligned is lost.
    let aligns = last(begins, true).when(When::Command(LAST)).then(says("barrier lost")).when(When::Command(LAST));
    let worker = last(aligns.or(says("aligned")).then(says("done")), false).when(When::Command(LAST));
    let helper = |name, kind, worker| Actor::helper(name, script(&[says(kind)])).on(worker);
    let actors = vec![Actor::task("worker", worker), helper("timer", "it is time", 2), helper("user", "stop", 3)];
    let stopped = at_end("stopped", "every end is Stopped", |state| state.stage() == Stage::Ended);
    let job = Job { phase: phase("Healthy", Stage::Up), stop_is_due: false, waits: fixed };
    told(job, RunRules::DEFAULT, actors, claim("always-decides")).witness(stopped)
}
