//! apache/dolphinscheduler #10842: a worker dies while the record of its task does not name the worker yet. So no task
//! matches the dead worker, and the task stays dispatched. The fix records the worker at the dispatch.

use super::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Master {
    names_worker: bool,
    runs: bool,
}

impl Controller for Master {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match notice.kind {
            Kind::Own("running") => (self.runs, self.names_worker) = (true, true),
            Kind::Own("worker down") if self.names_worker => {
                self.runs = false;
                now.effects.push(Effect::Restart(ActorId(1)));
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        if self.runs { phase("RUNNING_EXECUTION", Stage::Up) } else { phase("DISPATCH", Stage::Starting) }
    }

    fn names(&self) -> &'static [&'static str] {
        &["running", "worker down"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let worker = Actor::task("worker", script(&[Step::OnStart, says("running"), Step::Run]));
    let registry = script(&[says("worker down")]).when(When::Dead(ActorId(1)));
    let actors = vec![worker.with(Fault::Vanishes, &[1], &[]), Actor::helper("registry", registry).on(2)];
    let run = RunRules { attempts: 2, ..RunRules::DEFAULT };
    told(Master { names_worker: fixed, runs: false }, run, actors, claim("always-decides"))
}
