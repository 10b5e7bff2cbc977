//! risingwavelabs/risingwave #13498: after a recovery, every actor of a job that is being created is expected to report
//! progress, although some kinds of actor never do. The fix expects progress only from the actors that report it.

use std::collections::BTreeSet;

use super::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Meta {
    /// The actors whose progress is awaited. This set is stored.
    awaited: BTreeSet<ActorId>,
    actors: u8,
    knows_kinds: bool,
}

impl Controller for Meta {
    fn on(&mut self, input: Input, _now: &mut Context) {
        match input {
            Input::Notice(notice) => drop(self.awaited.remove(&notice.from)),
            // A job that has been created needs no tracking.
            Input::Restarted if !self.awaited.is_empty() && !self.knows_kinds => {
                self.awaited = (1..=self.actors).map(ActorId).collect();
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        if self.awaited.is_empty() { phase("CREATED", Stage::Up) } else { phase("CREATING", Stage::Starting) }
    }

    fn names(&self) -> &'static [&'static str] {
        &["finished backfill"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let backfill = Actor::task("backfill", script(&[Step::OnStart, says("finished backfill"), Step::Run]));
    let sink = Actor::task("sink", script(&[Step::OnStart, Step::Run]));
    let meta = Meta { awaited: BTreeSet::from([ActorId(1)]), actors: 2, knows_kinds: fixed };
    told(meta, RunRules { crashes: 1, ..RunRules::DEFAULT }, vec![backfill, sink], claim("always-decides"))
}
