//! apache/flink #2095 (FLINK-4046): a job that waits to be restarted fails again. It goes to FAILING, and waits for
//! ends that have already been reported. The fix fails the job at once.

use super::prelude::*;

const RUNNING: Phase = phase("RUNNING", Stage::Up);
const FAILING: Phase = phase("FAILING", Stage::Stopping);
const RESTARTING: Phase = phase("RESTARTING", Stage::Starting);
const FAILED: Phase = phase("FAILED", Stage::Failed(Reason::Other("suppressed")));
const CANCEL: Command = Command("cancel");
const DELAY: Command = Command("delay");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Job {
    phase: Phase,
    fails_at_once: bool,
}

impl Controller for Job {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match (self.phase, notice.kind) {
            // The only task has ended, so the job restarts, if a restart is left.
            (RUNNING | FAILING, Kind::Failed(_) | Kind::Finished) if now.attempts_left == 0 => self.phase = FAILED,
            (RUNNING | FAILING, Kind::Failed(_) | Kind::Finished) => {
                self.phase = RESTARTING;
                now.effects.push(Effect::Send(ActorId(2), DELAY));
            }
            (RUNNING, Kind::Own("fail")) => {
                self.phase = FAILING;
                now.effects.push(Effect::Send(ActorId(1), CANCEL));
            }
            (RESTARTING, Kind::Own("fail")) => self.phase = if self.fails_at_once { FAILED } else { FAILING },
            (RESTARTING, Kind::Own("restart")) => {
                self.phase = RUNNING;
                now.effects.push(Effect::Retry);
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn names(&self) -> &'static [&'static str] {
        &["fail", "restart", "cancel", "delay"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let vertex = script(&[Step::Run, Step::FINISH]).when(When::Command(CANCEL));
    let timer = Actor::helper("timer", script(&[says("restart")]).when(When::Command(DELAY))).on(2);
    let manager = Actor { is_fault: true, ..Actor::helper("manager", script(&[says("fail")])).on(3) };
    let actors = vec![Actor::task("vertex", vertex).with(Fault::Dies, &[1], &[]), timer, manager];
    let run = RunRules { attempts: 2, ..RunRules::DEFAULT };
    told(Job { phase: RUNNING, fails_at_once: fixed }, run, actors, claim("always-decides"))
}
