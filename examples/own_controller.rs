//! Your own control plane, checked in one call. This controller has a plausible bug.
//!
//! `cargo run --example own_controller`

use startup_race::{Context, Controller, Input, Kind, Phase, Reason, Rules, Scenario, Setup, Stage, check};

/// Counts the tasks that have started. It handles failures, but ignores a failure that comes after the first start and
/// before the last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ControlPlane {
    stage: Stage,
    started: u8,
}

impl Controller for ControlPlane {
    fn on(&mut self, input: Input, now: &mut Context) {
        match (self.stage, input) {
            (Stage::Failed(_), _) => {}
            (_, Input::TimedOut) => self.stage = Stage::Failed(Reason::TimedOut),
            (Stage::Starting, Input::Notice(notice)) if notice.kind == Kind::Started => {
                self.started += 1;
                if self.started == now.tasks {
                    self.stage = Stage::Up;
                }
            }
            (Stage::Starting, Input::Notice(_)) if self.started > 0 => {}
            (_, Input::Notice(notice)) => {
                if let Kind::Failed(cause) = notice.kind {
                    self.stage = Stage::Failed(Reason::Task(notice.from, cause));
                }
            }
            // This scenario has no stop and no crash.
            (_, Input::Stop | Input::Restarted) => {}
        }
    }

    fn phase(&self) -> Phase {
        let name = match self.stage {
            Stage::Starting => "Scheduling",
            Stage::Up => "Running",
            _ => "Failed",
        };
        Phase { name, stage: self.stage }
    }

    fn counted(&self) -> Option<u8> {
        Some(self.started)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Rules::named("arroyo/before").ok_or("there is no such protocol")?;
    let scenario = Scenario::new(rules, 2)?.failing(&[2])?;
    let controller = ControlPlane { stage: Stage::Starting, started: 0 };
    print!("{}", check(Setup::with(controller, scenario)).run()?.text());
    Ok(())
}
