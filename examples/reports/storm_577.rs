//! apache/storm STORM-577: one loop of the supervisor launches workers and sends the heartbeat. A long launch delays
//! the heartbeat, and Nimbus moves healthy work. The fix sends heartbeats from a separate thread.
//!
//! No clock is modelled. Instead, Nimbus checks for a heartbeat twice, and the second check may come during a launch.
//! It is assumed that a thread that only sends heartbeats has sent another one by then.

use super::prelude::*;

const BEAT: Step = says("heartbeat");
const BEAT_AGAIN: Step = says("next heartbeat");

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Nimbus {
    has_heard: bool,
    moved: bool,
}

impl Controller for Nimbus {
    fn on(&mut self, input: Input, _now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match notice.kind {
            _ if self.moved => {}
            Kind::Own("look") => (self.has_heard, self.moved) = (false, !self.has_heard),
            _ => self.has_heard = true,
        }
    }

    fn phase(&self) -> Phase {
        let moved = Stage::Failed(Reason::Other("no heartbeat"));
        if self.moved { phase("REASSIGNED", moved) } else { phase("ASSIGNED", Stage::Up) }
    }

    fn names(&self) -> &'static [&'static str] {
        &["heartbeat", "next heartbeat", "look"]
    }
}

pub fn system(fixed: bool) -> Check<'static, impl Controller> {
    let (beats, clock, look) = (ActorId(if fixed { 3 } else { 1 }), ActorId(2), says("look"));
    let next_period = |script: Script| script.then(BEAT_AGAIN).when(When::After(clock, look));
    let looks = script(&[look]).when(When::After(beats, BEAT)).then(look);
    let (steps, looks) = match fixed {
        false => (next_period(script(&[BEAT, Step::OnStart])).then(Step::Run), looks),
        true => (script(&[Step::OnStart, Step::Run]), looks.when(When::After(beats, BEAT_AGAIN))),
    };
    let mut actors = vec![Actor::task("supervisor", steps), Actor::helper("clock", looks)];
    actors.extend(fixed.then(|| Actor::helper("beater", next_period(script(&[BEAT])))));
    let claim = never("no-healthy-move", "(always): healthy work is not moved", |state| {
        matches!(state.stage(), Stage::Failed(_))
    });
    let kept = |state: &State<'_, Nimbus>| state.stage() == Stage::Up && state.tasks().all(|task| task.runs());
    let kept = Claim::reachable("kept", "the work stays where it is, and runs", kept);
    told(Nimbus { has_heard: false, moved: false }, RunRules::DEFAULT, actors, claim).witness(kept)
}
