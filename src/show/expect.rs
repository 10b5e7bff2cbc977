//! For tests: a check that must come out as expected, and says what it found where it does not.

use super::Style;
use super::foreign::escaped;
use super::report::report;
use super::table::table;
use crate::claims::Scope;
use crate::core::Controller;
use crate::explore::replay::ReplayError;
use crate::explore::report::{Check, Report};

impl<C: Controller> Check<'_, C> {
    /// Runs the check. Every claim must be proved.
    ///
    /// # Panics
    /// Where one is not; the message is the report, with each counterexample in a table. Also where the controller
    /// broke its contract; the message is what it did, and the schedule.
    #[track_caller]
    pub fn expect_proved(self) -> Report<C> {
        let report = self.expect_kept();
        report.expect_proved();
        report
    }

    /// Runs the check. This claim must be refuted.
    ///
    /// # Panics
    /// As [`Check::expect_proved`].
    #[track_caller]
    pub fn expect_refuted(self, id: &str) -> Report<C> {
        let report = self.expect_kept();
        report.expect_refuted(id);
        report
    }

    /// Pins a schedule as a regression test, in one line: none of the check's claims may be broken by it. A schedule that stops
    /// before an end goes on in canonical order, at each step the first actor that can move.
    ///
    /// # Panics
    /// If a claim is broken; the message is the schedule as a table. If the schedule no longer fits; the message says which
    /// step cannot be taken, why, and what can move instead. If the check has no claim that one schedule can break.
    #[track_caller]
    pub fn pin(self, schedule: &str) {
        match self.pinned(schedule) {
            Ok(()) => {}
            Err(message) => panic!("{message}"),
        }
    }

    fn pinned(&self, schedule: &str) -> Result<(), String> {
        if self.claims.iter().all(|claim| claim.scope == Scope::Reachable) {
            return Err("this pin cannot fail: the check has no claim that one schedule can break".to_string());
        }
        let (trace, broken) = self.trace(schedule).map_err(|error| match error {
            ReplayError::Broken(broken) => broken.to_string(),
            other => format!(
                "the pinned schedule \"{}\" no longer fits: {other}\nIf that is meant, pin a schedule of the protocol as it is now",
                escaped(schedule)
            ),
        })?;
        let shown = broken.into_iter().map(|claim| {
            let (id, says) = (escaped(&claim.id), escaped(&claim.statement));
            format!("{id}: {says}\n\n{}", table(&self.setup, &trace, Some(claim), Style::default()))
        });
        let shown: Vec<String> = shown.collect();
        if shown.is_empty() { Ok(()) } else { Err(format!("the pinned schedule breaks {}", shown.join("\nand "))) }
    }

    #[track_caller]
    fn expect_kept(self) -> Report<C> {
        match self.run() {
            Ok(report) => report,
            Err(broken) => panic!("{broken}"),
        }
    }
}

impl<C: Controller> Report<C> {
    /// The report as text, 80 columns wide.
    pub fn text(&self) -> String {
        report(self, Style::default())
    }
}
