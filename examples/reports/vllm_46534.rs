//! vllm-project/vllm #46534: a child hangs in its initialisation: it is alive, but never ready. The supervisor reacts
//! only to a death, and waits for ever. The fix adds a timeout.

use super::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Supervisor {
    phase: Phase,
    waits_for: u8,
}

impl Controller for Supervisor {
    fn on(&mut self, input: Input, _now: &mut Context) {
        let down = |why| phase("ENGINE DEAD", Stage::Failed(why));
        self.phase = match input {
            Input::Notice(notice) if notice.kind == Kind::Own("ready") => {
                self.waits_for -= 1;
                if self.waits_for > 0 {
                    return;
                }
                phase("SERVING", Stage::Up)
            }
            Input::Notice(_) => down(Reason::Other("the child died")),
            Input::TimedOut => down(Reason::TimedOut),
            Input::Stop | Input::Restarted => return,
        };
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn names(&self) -> &'static [&'static str] {
        &["ready"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let child = |name| Actor::task(name, script(&[Step::OnStart, says("ready"), Step::Run]));
    let children = vec![child("engine core 0"), child("engine core 1").with(Fault::Hangs, &[], &[])];
    let timeout = if fixed { Timeout::Patient } else { Timeout::None };
    let supervisor = Supervisor { phase: phase("LOADING", Stage::Starting), waits_for: 2 };
    told(supervisor, RunRules { timeout, ..RunRules::DEFAULT }, children, claim("always-decides"))
}
