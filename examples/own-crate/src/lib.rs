//! A state machine that does not depend on how it is tested: `cargo test -p own-crate`, and the same with
//! `RUSTFLAGS="--cfg loom"`.

use std::collections::BTreeSet;

/// What the machine publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not every part has started.
    Waiting,
    /// Every part has started.
    Open,
    /// This part failed.
    Broken(u8),
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    parts: u8,
    started: BTreeSet<u8>,
    state: State,
}

impl Machine {
    /// A machine with this many parts.
    pub fn new(parts: u8) -> Self {
        Self { parts, started: BTreeSet::new(), state: State::Waiting }
    }

    /// The state that it publishes.
    pub fn state(&self) -> State {
        self.state
    }

    /// A part has started.
    pub fn started(&mut self, part: u8) {
        self.started.insert(part);
        if self.state == State::Waiting && self.started.len() == usize::from(self.parts) {
            self.state = State::Open;
        }
    }

    /// A part has failed.
    pub fn failed(&mut self, part: u8) {
        if !matches!(self.state, State::Broken(_)) {
            self.state = State::Broken(part);
        }
    }
}

#[cfg(test)]
mod gate {
    use startup_race::{Context, Controller, Input, Kind, Phase, Reason, Rules, Scenario, Setup, Stage, Suite, check};

    use super::*;

    impl Controller for Machine {
        fn on(&mut self, input: Input, _now: &mut Context) {
            match input {
                Input::Notice(notice) if notice.kind == Kind::Started => self.started(notice.from.0),
                Input::Notice(notice) if matches!(notice.kind, Kind::Failed(_)) => self.failed(notice.from.0),
                _ => {}
            }
        }

        fn phase(&self) -> Phase {
            let (name, stage) = match self.state {
                State::Waiting => ("Waiting", Stage::Starting),
                State::Open => ("Open", Stage::Up),
                State::Broken(_) => ("Broken", Stage::Failed(Reason::Other("a part failed"))),
            };
            Phase { name, stage }
        }
    }

    fn setup(fails: &[u8]) -> Setup<Machine> {
        let rules = Rules::named("seed/fixed").unwrap();
        let scenario = Scenario::new(rules, 2).unwrap().failing(fails).unwrap();
        Setup::with(Machine::new(2), scenario)
    }

    #[test]
    fn the_machine_is_proved_and_each_of_its_mutants_is_killed() {
        let suite = || Suite::new().check("no part fails", check(setup(&[]))).check("part 2 fails", check(setup(&[2])));
        suite().expect_proved();
        suite().expect_teeth();
    }

    #[test]
    #[cfg(loom)]
    fn the_machine_is_proved_on_threads() {
        for fails in [&[][..], &[1], &[2]] {
            startup_race::check_threads(setup(fails)).expect_proved();
        }
    }
}
