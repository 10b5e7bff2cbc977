//! apache/helix #1567: a workflow is asked to stop, and an instance goes offline before its task is cancelled. The job
//! stays in STOPPING. The fix marks the task as dropped, which counts as stopped.

use super::prelude::*;

const CANCEL: Command = Command("cancel");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Job {
    running: Vec<ActorId>,
    is_stopping: bool,
    drops_offline: bool,
}

impl Controller for Job {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(Notice { from, kind, .. }) = input else { return };
        match kind {
            Kind::Own("stop") => {
                self.is_stopping = true;
                now.effects.extend(self.running.iter().map(|&task| Effect::Send(task, CANCEL)));
            }
            Kind::Failed(_) if self.is_stopping && !self.drops_offline => {}
            _ => self.running.retain(|&task| task != from),
        }
    }

    fn phase(&self) -> Phase {
        match (self.is_stopping, self.running.is_empty()) {
            (false, _) => phase("IN_PROGRESS", Stage::Up),
            (true, false) => phase("STOPPING", Stage::Stopping),
            (true, true) => phase("STOPPED", Stage::Ended),
        }
    }

    fn names(&self) -> &'static [&'static str] {
        &["stop", "cancel"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let task = |name| Actor::task(name, script(&[Step::Run, Step::FINISH]).when(When::Command(CANCEL)));
    let offline = task("instance 2").with(Fault::Dies, &[], &[]);
    let actors = vec![task("instance 1"), offline, Actor::helper("user", script(&[says("stop")])).on(2)];
    let job = Job { running: vec![ActorId(1), ActorId(2)], is_stopping: false, drops_offline: fixed };
    let stops = at_end("stops", "every end is STOPPED", |state| state.stage() == Stage::Ended);
    told(job, RunRules::DEFAULT, actors, claim("always-decides")).witness(stops)
}
