//! risingwavelabs/risingwave #8233: the actors of a job are built, and a recovery removes them. The barrier that should
//! create the job then waits for actors that no longer exist. The fix cancels a job that a recovery finds half created.

use super::prelude::*;

const BUILD: Command = Command("build");
const BARRIER: Command = Command("barrier");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Meta {
    phase: Phase,
    cancels: bool,
}

impl Controller for Meta {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match (self.phase.name, notice.kind) {
            ("INITIAL", Kind::Own("create")) => {
                self.phase = phase("BUILDING", Stage::Starting);
                now.effects.push(Effect::Send(ActorId(1), BUILD));
            }
            ("BUILDING", Kind::Own("built")) => {
                self.phase = phase("CREATING", Stage::Starting);
                now.effects.push(Effect::Send(ActorId(1), BARRIER));
            }
            ("CREATING", Kind::Own("collected")) => self.phase = phase("CREATED", Stage::Up),
            // A job that is not created yet is in no catalog, so it cannot be built again.
            ("BUILDING" | "CREATING", Kind::Own("node lost")) if self.cancels => {
                self.phase = phase("CANCELLED", Stage::Failed(Reason::Other("recovery")));
            }
            ("BUILDING" | "CREATING", Kind::Own("node lost")) => now.effects.push(Effect::Restart(ActorId(1))),
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn names(&self) -> &'static [&'static str] {
        &["create", "built", "collected", "node lost", "build", "barrier"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let actor = script(&[Step::OnStart]).when(When::Command(BUILD)).then(says("built"));
    let actor = actor.then(says("collected")).when(When::Command(BARRIER)).then(Step::Run);
    let user = Actor::helper("user", script(&[says("create")])).on(2);
    let loss = Actor { is_fault: true, ..Actor::helper("another node", script(&[says("node lost")])).on(3) };
    let meta = Meta { phase: phase("INITIAL", Stage::Starting), cancels: fixed };
    let run = RunRules { attempts: 2, ..RunRules::DEFAULT };
    told(meta, run, vec![Actor::task("actor", actor), user, loss], claim("always-decides"))
}
