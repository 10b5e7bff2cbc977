//! For tests: expectations on a check. If one is not met, the panic says what was found.

use std::panic::Location;
use std::path::Path;

use super::Style;
use super::foreign::escaped;
use super::messages;
use super::names::Names;
use super::report::report;
use super::table::table;
use crate::claims::Scope;
use crate::core::Controller;
use crate::explore::replay::ReplayError;
use crate::explore::report::{Broken, Check, Judgement, Report};
use crate::explore::trace::Trace;
use crate::gate::pins;
use crate::model::guard::guard;
use crate::scenario::Setup;
use crate::schedule::Schedule;

impl<C: Controller> Check<'_, C> {
    /// Tries the schedules that are pinned for the test, and runs the check. Every claim must be proved, and the
    /// premise of each claim of your own must be met: see [`Report::expect_proved`].
    ///
    /// # Panics
    /// If this is not so: the message is the report, with each counterexample as a table. Also if a pinned schedule
    /// breaks a claim, or if the controller breaks its contract: the message says what happened, and shows the
    /// schedule.
    ///
    /// With `STARTUP_RACE_PIN=write` in the environment, each counterexample is appended to a file beside the test,
    /// such as `tests/gate.pins`. Every later run tries the schedules of that file first, so commit it.
    #[track_caller]
    pub fn expect_proved(self) -> Report<C> {
        let file = pins::beside(Location::caller());
        self.try_pins(file.as_deref());
        let setup = self.setup.clone();
        let run = self.run();
        write_pins(file.as_deref(), &run);
        let report = run.unwrap_or_else(|broken| panic!("{}", breach(&setup, &broken)));
        report.expect_proved();
        report
    }

    /// Tries the schedules that are pinned in a file. A schedule that cannot be taken in this check belongs to another
    /// one.
    #[track_caller]
    pub(crate) fn try_pins(&self, file: Option<&Path>) {
        let Some(file) = file else { return };
        let pins = pins::read(file).unwrap_or_else(|error| panic!("{error}"));
        for pin in pins {
            let place = format!("{}:{}", file.display(), pin.line);
            match self.trace(&pin.schedule) {
                Err(ReplayError::Blocked { .. }) => {}
                Err(ReplayError::Text(error)) => panic!("{place}: {error}"),
                Ok((_, broken)) if broken.is_empty() => {}
                Ok(_) | Err(ReplayError::Broken(_)) => {
                    let told = self.pinned(&pin.schedule).err().unwrap_or_default();
                    panic!("{place}: {told}");
                }
            }
        }
    }

    /// Runs the check. This claim must be refuted.
    ///
    /// # Panics
    /// If it is not, or is not judged: the message is the report. Also if the controller breaks its contract: the
    /// message says what it did, and shows the schedule.
    #[track_caller]
    pub fn expect_refuted(self, id: &str) -> Report<C> {
        let report = self.expect_kept();
        report.expect_refuted(id);
        report
    }

    /// Pins a schedule as a regression test, in one line: it must break none of the check's claims. If it stops before
    /// an end, it is completed in canonical order: at each step, the first actor that can move does.
    ///
    /// # Panics
    /// If a claim is broken: the message is the schedule as a table. If the schedule can no longer be taken: the
    /// message says which step cannot be taken, why, and what can move instead. If the check has no claim that a single
    /// schedule can break.
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
            ReplayError::Broken(broken) => breach(&self.setup, &broken),
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
        let setup = self.setup.clone();
        match self.run() {
            Ok(report) => report,
            Err(broken) => panic!("{}", breach(&setup, &broken)),
        }
    }
}

/// Writes the counterexamples of a check to a file of pins, if the environment asks for it.
#[track_caller]
pub fn write_pins<C>(file: Option<&Path>, run: &Result<Report<C>, Broken>) {
    let is_asked = pins::is_asked().unwrap_or_else(|error| panic!("{error}"));
    let schedules: Vec<(String, String)> = match run {
        Ok(report) => report.claims.iter().filter_map(counterexample).collect(),
        Err(broken) if broken.without_faults => Vec::new(),
        Err(broken) => vec![(broken.schedule.text(broken.workers), "the contract of a controller".to_string())],
    };
    if !is_asked || schedules.is_empty() {
        return;
    }
    let Some(file) = file else { panic!("{}=write: the test file is not found from this folder", pins::VARIABLE) };
    let new = pins::write(file, &schedules).unwrap_or_else(|error| panic!("{error}"));
    eprintln!("{new} new in {}", file.display());
}

fn counterexample<C>(judgement: &Judgement<C>) -> Option<(String, String)> {
    let trace = judgement.trace.as_ref().filter(|_| judgement.claim.scope != Scope::Reachable)?;
    let workers = trace.worlds.first().map_or(1, |world| world.inboxes.len());
    Some((trace.schedule.text(u8::try_from(workers).unwrap_or(u8::MAX)), judgement.claim.id.to_string()))
}

/// A contract that was broken. The schedule up to that step is shown as a table, unless it is empty or cannot be
/// stepped again.
pub fn breach<C: Controller>(setup: &Setup<C>, broken: &Broken) -> String {
    let says = messages::breach(broken, Names::of(&setup.model));
    let healthy = broken.without_faults.then(|| setup.without_faults());
    let setup = healthy.as_ref().unwrap_or(setup);
    let steps = broken.schedule.0.split_last().map_or(&[][..], |(_, before)| before);
    let drawn = || {
        let before = Trace::of(setup, &Schedule(steps.to_vec())).ok()?;
        (!steps.is_empty()).then(|| table(setup, &before, None, Style::default()))
    };
    match guard(drawn) {
        Ok(Some(table)) => format!("{says}\n\n{table}"),
        Ok(None) | Err(_) => says,
    }
}

impl<C: Controller> Trace<C> {
    /// The schedule as a table, 80 columns wide.
    ///
    /// ```
    /// use startup_race::{Rules, Scenario, Setup, replay};
    ///
    /// let setup = Setup::of(Scenario::new(Rules::named("seed/fixed").unwrap(), 2)?);
    /// let trace = replay(&setup, "1 1 c")?;
    /// assert!(trace.text(&setup).contains("TaskStarted(1): 1 of 2"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(&self, setup: &Setup<C>) -> String {
        table(setup, self, None, Style::default())
    }
}

impl<C: Controller> Report<C> {
    /// The report as text, 80 columns wide.
    pub fn text(&self) -> String {
        report(self, Style::default())
    }
}
