//! ray-project/ray #62994: an actor's worker dies after the actor's creation, but before the write that records the
//! creation has completed. The address is cleared, the callback of the write sends an empty address to the client, and
//! the client crashes. The fix answers before the address is cleared.

use super::prelude::*;

const WRITE: Command = Command("write ALIVE");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Gcs {
    address: Option<Attempt>,
    /// The answer to the client: an address, or an empty one.
    answer: Option<Option<Attempt>>,
    answers_early: bool,
}

impl Controller for Gcs {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(Notice { from, attempt, kind }) = input else { return };
        match kind {
            Kind::Own("created") => {
                self.address = Some(attempt);
                now.effects.push(Effect::Send(ActorId(2), WRITE));
            }
            Kind::Failed(_) => {
                self.answer = self.answer.or(self.address.filter(|_| self.answers_early).map(Some));
                self.address = None;
                now.effects.push(Effect::Restart(from));
            }
            _ => self.answer = self.answer.or(Some(self.address)),
        }
    }

    fn phase(&self) -> Phase {
        if self.address.is_some() { phase("ALIVE", Stage::Up) } else { phase("PENDING", Stage::Starting) }
    }

    fn names(&self) -> &'static [&'static str] {
        &["created", "written", "write ALIVE"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let worker = Actor::task("worker", script(&[Step::OnStart, says("created"), Step::Run]));
    let write = |script: Script| script.then(says("written")).when(When::Command(WRITE));
    let store = Actor::helper("store", write(write(Script::default()))).on(2);
    let gcs = Gcs { address: None, answer: None, answers_early: fixed };
    let claim = never("no-empty-address", "(always): no client is sent an empty address", |state: &State<'_, Gcs>| {
        state.controller().answer == Some(None)
    });
    let run = RunRules { attempts: 2, ..RunRules::DEFAULT };
    told(gcs, run, vec![worker.with(Fault::Dies, &[1], &[]), store], claim)
}
