//! intelligent-machine-learning/dlrover #1357: a node that is launched again inherits the report of its predecessor,
//! and the master uses this report. The fix clears the report at the launch.

use std::collections::BTreeSet;

use super::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Master {
    ready: BTreeSet<ActorId>,
    nodes: usize,
    clears: bool,
}

impl Controller for Master {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(Notice { from, kind, .. }) = input else { return };
        match kind {
            Kind::Own("ready") => drop(self.ready.insert(from)),
            _ => {
                now.effects.push(Effect::Restart(from));
                self.ready.retain(|node| !self.clears || *node != from);
            }
        }
    }

    fn phase(&self) -> Phase {
        let all = self.ready.len() == self.nodes;
        if all { phase("TRAINING", Stage::Up) } else { phase("RENDEZVOUS", Stage::Starting) }
    }

    fn names(&self) -> &'static [&'static str] {
        &["ready"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let node = |name| Actor::task(name, script(&[Step::OnStart, says("ready"), Step::Run]));
    let nodes = vec![node("worker-0"), node("worker-1").with(Fault::Dies, &[1], &[])];
    let master = Master { ready: BTreeSet::new(), nodes: nodes.len(), clears: fixed };
    let training = |state: &State<'_, Master>| state.stage() == Stage::Up;
    let built = |state: &State<'_, Master>| state.tasks().all(|node| node.is_dead() || node.completed_on_start());
    let claim =
        Claim::new("no-inherited-report", "TRAINING: no node is still being built", Scope::Always, training, built);
    told(master, RunRules { attempts: 2, ..RunRules::DEFAULT }, nodes, claim)
}
