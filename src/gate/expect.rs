//! For tests: expectations on a suite, on its coverage, or on mutants. If one is not met, the panic says what was
//! found.

use std::panic::Location;

use super::coverage::Coverage;
use super::pins;
use super::suite::{Suite, SuiteReport};
use super::teeth::Teeth;
use crate::core::Controller;
use crate::explore::report::Check;
use crate::explore::verdict::VerdictKind;
use crate::show::{breach, write_pins};

impl<C: Controller> Suite<C> {
    /// Runs every check. Every claim must be proved in each scenario that judges it, and its premise must be met in at
    /// least one.
    ///
    /// # Panics
    /// If a claim is not proved, or its premise is not met in any scenario: the message names the claim and the
    /// scenario, and shows the counterexample as a table, if there is one. Also if the controller or a claim breaks its
    /// contract, if a pinned schedule breaks a claim, or if the suite has no scenario.
    #[track_caller]
    pub fn expect_proved(self) -> SuiteReport<C> {
        let file = pins::beside(Location::caller());
        self.checks().for_each(|check| check.try_pins(file.as_deref()));
        let setups: Vec<_> = self.subjects().into_iter().map(|subject| (subject.name, subject.setup)).collect();
        let report = match self.run() {
            Ok(report) => report,
            Err((scenario, broken)) => {
                let setup = setups.iter().find(|(name, _)| *name == scenario);
                let told = setup.map_or_else(|| broken.to_string(), |(_, setup)| breach(setup, &broken));
                panic!("{scenario}: {told}");
            }
        };
        for (_, found) in &report.reports {
            write_pins(file.as_deref(), &Ok(found.clone()));
        }
        assert!(!report.reports.is_empty(), "a suite without a scenario proves nothing: add one with `check`");
        assert!(report.verdict() == VerdictKind::Proved && report.unmet().is_empty(), "{}", report.text());
        report
    }

    /// Tests mutants of the controller. Each must be killed in one of the scenarios, or behave the same in all of them.
    ///
    /// # Panics
    /// If one survives: the message says what would kill it. Also if a search was cut short, or if the checks
    /// themselves do not pass.
    #[track_caller]
    pub fn expect_teeth(self) -> Teeth
    where
        C: Send + Sync,
    {
        match self.teeth() {
            Ok(teeth) => none_survives(teeth),
            Err(error) => panic!("{error}"),
        }
    }

    /// Computes the coverage of the scenarios. These pairs of an input and a phase must be found.
    ///
    /// # Panics
    /// If one is not found: the message names it, and shows a table of what was found. Also if there is no coverage:
    /// see [`Suite::coverage`].
    #[track_caller]
    pub fn expect_met(self, pairs: &[(super::coverage::InputKind, &str)]) -> Coverage {
        let coverage = match self.coverage() {
            Ok(coverage) => coverage,
            Err(error) => panic!("{error}"),
        };
        for &(input, phase) in pairs {
            assert!(coverage.cell(input, phase).is_some(), "{input} is never met in {phase}\n\n{}", coverage.text());
        }
        coverage
    }
}

impl<C: Controller + Send + Sync> Check<'_, C> {
    /// Tests mutants of the controller. Each must be killed, or behave the same in this scenario.
    ///
    /// # Panics
    /// The same as for [`Suite::expect_teeth`].
    #[track_caller]
    pub fn expect_teeth(self) -> Teeth {
        match self.teeth() {
            Ok(teeth) => none_survives(teeth),
            Err(error) => panic!("{error}"),
        }
    }
}

#[track_caller]
fn none_survives(teeth: Teeth) -> Teeth {
    assert!(teeth.survivors().next().is_none(), "a mutant of the controller survives\n\n{}", teeth.text());
    teeth
}
