//! apache/airflow #69336: a task is assigned twice. The second copy gives up, and its event kills the copy that runs.
//! The fix accepts an event only from the copy that holds the task.

use super::prelude::*;

const GO: Command = Command("go");
const TAKEN: Command = Command("taken");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Scheduler {
    holder: Option<ActorId>,
    failed: bool,
    asks_who: bool,
}

impl Controller for Scheduler {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(Notice { from, kind, .. }) = input else { return };
        match (kind, self.holder) {
            _ if self.failed => {}
            (Kind::Own("start"), None) => {
                self.holder = Some(from);
                now.effects.push(Effect::Send(from, GO));
            }
            (Kind::Own("start"), Some(_)) => now.effects.push(Effect::Send(from, TAKEN)),
            _ => self.failed = !self.asks_who || self.holder == Some(from),
        }
    }

    fn phase(&self) -> Phase {
        match (self.failed, self.holder) {
            (true, _) => phase("failed", Stage::Failed(Reason::Other("killed by an event"))),
            (false, Some(_)) => phase("running", Stage::Up),
            (false, None) => phase("queued", Stage::Starting),
        }
    }

    fn names(&self) -> &'static [&'static str] {
        &["start", "late", "go", "taken"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let copy = |name| {
        let start = script(&[says("start")]).via(Via::Call).then(Step::Run).when(When::Command(GO));
        Actor::task(name, start.or(says("late")).when(When::Command(TAKEN)))
    };
    let scheduler = Scheduler { holder: None, failed: false, asks_who: fixed };
    let killed = never("no-kill", "(always): no event of another copy kills the task", |state| {
        matches!(state.stage(), Stage::Failed(_))
    });
    let one_runs = at_end("one-runs", "the task is running, in one copy", |state| {
        state.stage() == Stage::Up && state.tasks().filter(|copy| copy.runs()).count() == 1
    });
    told(scheduler, RunRules::DEFAULT, vec![copy("copy 1"), copy("copy 2")], killed).witness(one_runs)
}
