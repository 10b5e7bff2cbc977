//! istio/istio #11130 (fix #24737): an application starts before its proxy passes traffic, and therefore dies. The fix
//! holds the application back until the proxy has started.

use super::prelude::*;

const PROXY: ActorId = ActorId(2);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kubelet(Phase);

impl Controller for Kubelet {
    fn on(&mut self, input: Input, _now: &mut Context) {
        match input {
            Input::Notice(notice) if notice.kind == Kind::Own("ready") => self.0 = phase("Ready", Stage::Up),
            Input::Notice(_) => {
                self.0 = phase("CrashLoopBackOff", Stage::Failed(Reason::Other("the application died")));
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        self.0
    }

    fn names(&self) -> &'static [&'static str] {
        &["ready"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let start = script(&[Step::OnStart]);
    let start = if fixed { start.when(When::After(PROXY, Step::Run)) } else { start };
    let app = Actor::task("app", start.then(says("ready")).then(Step::Run));
    // Without a network its first request fails.
    let app = app.with(Fault::Panics, &[], &[When::Before(PROXY, Step::Run)]);
    let proxy = Actor::task("istio-proxy", script(&[Step::OnStart, Step::Run]));
    let claim = never("no-crash-loop", "(always): the application does not die", |state| {
        matches!(state.stage(), Stage::Failed(_))
    });
    told(Kubelet(phase("PodInitializing", Stage::Starting)), RunRules::DEFAULT, vec![app, proxy], claim)
}
