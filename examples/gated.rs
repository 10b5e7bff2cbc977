//! Your own control plane, gated in CI: `cargo test --example gated`, and the same under `RUSTFLAGS="--cfg loom"`.
//!
//! The explorer proves the controller for every schedule of the model. The same controller also runs on real threads:
//! natively many times, and under loom once for every order of dependent operations.

use startup_race::{Context, Controller, Input, Kind, Phase, Reason, Rules, Scenario, Setup, Stage, check};

/// Remembers the tasks that have started, and fails on any failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct ControlPlane {
    started: Vec<u8>,
    failed: Option<Reason>,
    running: bool,
}

impl Controller for ControlPlane {
    fn on(&mut self, input: Input, now: &mut Context) {
        match input {
            _ if self.failed.is_some() => {}
            Input::TimedOut => self.failed = Some(Reason::TimedOut),
            Input::Notice(notice) => match notice.kind {
                Kind::Failed(cause) => self.failed = Some(Reason::Task(notice.from, cause)),
                Kind::Started => self.count(notice.from.0, now.tasks),
                Kind::Finished | Kind::Own(_) => {}
            },
            // This scenario has no stop and no crash.
            Input::Stop | Input::Restarted => {}
        }
    }

    fn phase(&self) -> Phase {
        let (name, stage) = match self.failed {
            Some(reason) => ("Failed", Stage::Failed(reason)),
            None if self.running => ("Running", Stage::Up),
            None => ("Scheduling", Stage::Starting),
        };
        Phase { name, stage }
    }

    fn counted(&self) -> Option<u8> {
        u8::try_from(self.started.len()).ok()
    }
}

impl ControlPlane {
    fn count(&mut self, task: u8, tasks: u8) {
        if !self.started.contains(&task) {
            self.started.push(task);
            self.started.sort_unstable();
        }
        self.running = self.started.len() == usize::from(tasks);
    }
}

/// Two tasks that announce themselves after `on_start`. The tasks in `fails` fail.
fn setup(fails: &[u8]) -> Setup<ControlPlane> {
    let rules = Rules::named("seed/fixed").expect("a named protocol");
    let scenario = Scenario::new(rules, 2).and_then(|scenario| scenario.failing(fails)).expect("two tasks");
    Setup::with(ControlPlane::default(), scenario)
}

fn main() {
    for fails in [&[][..], &[1], &[2], &[1, 2]] {
        print!("{}", check(setup(fails)).expect_proved().text());
    }
}

#[cfg(test)]
mod tests {
    #[cfg(not(loom))]
    use startup_race::threads::{NoHooks, Options};

    use super::*;

    #[test]
    fn the_control_plane_is_proved_for_every_set_of_failing_tasks() {
        for fails in [&[][..], &[1], &[2], &[1, 2]] {
            check(setup(fails)).expect_proved();
        }
    }

    #[test]
    fn a_schedule_that_once_broke_it_is_pinned() {
        check(setup(&[2])).pin("1 1 c 2 2 c 1");
    }

    #[test]
    #[cfg(not(loom))]
    fn on_the_machines_threads_no_failure_is_lost() {
        for _ in 0..200 {
            let run = startup_race::threads::run(&setup(&[2]), Options::<NoHooks>::default());
            let run = run.expect("threads can run it");
            let died = run.ends.values().any(|task| task.state.is_dead());
            assert!(run.breach.is_none() && !(died && run.phase.stage == Stage::Up), "{run:#?}");
        }
    }

    #[test]
    #[cfg(loom)]
    fn in_every_order_of_dependent_operations_no_failure_is_lost() {
        startup_race::check_threads(setup(&[2])).expect_proved();
    }
}
