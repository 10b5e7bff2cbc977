//! For tests: a check that must come out as expected, and says what it found where it does not.

use super::Style;
use super::report::report;
use crate::explore::report::{Check, Report};
use crate::protocol::controller::Controller;

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
