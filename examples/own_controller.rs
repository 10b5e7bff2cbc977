//! Your own control plane, checked: a controller with a plausible bug, and one call.
//!
//! `cargo run --example own_controller`

use startup_race::{
    Controller, Dropped, Input, Kind, Phase, Reaction, Reason, Rules, Scenario, Setup, Context, check,
};

/// Counts who has started. It handles failures, but forgets one that comes after the first start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ControlPlane {
    phase: Phase,
    started: u8,
}

impl Controller for ControlPlane {
    fn on(&mut self, input: Input, now: Context) -> Reaction {
        match (self.phase, input) {
            (Phase::Failed(_), _) => Reaction::Dropped(Dropped::Final),
            (_, Input::TimedOut) => self.fail(Reason::TimedOut),
            (Phase::Scheduling, Input::Notice(notice)) if notice.kind == Kind::Started => {
                self.started += 1;
                if self.started < now.tasks {
                    return Reaction::Counted;
                }
                self.phase = Phase::Running;
                Reaction::BecameUp
            }
            (Phase::Scheduling, Input::Notice(_)) if self.started > 0 => Reaction::Dropped(Dropped::In("Scheduling")),
            (_, Input::Notice(notice)) => match notice.kind {
                Kind::Failed(cause) => self.fail(Reason::Task(notice.task, cause)),
                Kind::Started | Kind::Finished => Reaction::Acknowledged,
            },
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn counted(&self) -> Option<u8> {
        Some(self.started)
    }
}

impl ControlPlane {
    fn fail(&mut self, reason: Reason) -> Reaction {
        self.phase = Phase::Failed(reason);
        Reaction::Failed(reason)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Rules::named("arroyo/before").ok_or("there is such a protocol")?;
    let scenario = Scenario::new(rules, 2)?.failing(&[2])?;
    let controller = ControlPlane { phase: Phase::Scheduling, started: 0 };
    print!("{}", check(Setup::with(controller, scenario)).run()?.text());
    Ok(())
}
