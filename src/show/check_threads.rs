//! The result of a check of the real threads, as text and as a test.

use std::panic::Location;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use super::foreign::escaped;
use super::layout::{Style, labelled, to_paste};
use super::{mermaid, table::table};
use crate::conformance::check_threads::{CheckThreads, ThreadsError, ThreadsJudgement, ThreadsReport};
use crate::core::Controller;
use crate::explore::verdict::VerdictKind;

impl std::error::Error for ThreadsError {}

impl fmt::Display for ThreadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(why) => write!(f, "threads cannot run this setup: {why}"),
            Self::Unfinished(why) => write!(f, "the search did not run to its end: {why:?}"),
            Self::Broken(broken) => broken.fmt(f),
            Self::OneExecution => write!(f, "there was one execution: no second thread ran, and that proves nothing"),
            Self::Missed(missed) => {
                write!(
                    f,
                    "the model allows {missed} outcomes that no execution of the threads reaches: threads and model differ"
                )
            }
            Self::Differ(claim) => {
                write!(
                    f,
                    "threads and explorer come to different verdicts on {}: report it, one of them is wrong",
                    escaped(claim)
                )
            }
        }
    }
}

impl<C: Controller> ThreadsReport<C> {
    /// The report as text: each claim, and the table of an execution that breaks it.
    pub fn text(&self) -> String {
        let style = Style::default();
        let says = format!(
            "{} executions on loom's threads, {} outcomes, exactly those of the model",
            self.executions, self.outcomes
        );
        let mut text = labelled("threads", &[says], style);
        for ThreadsJudgement { claim, verdict, broken, trace } in &self.claims {
            let says = format!("{}: {}", escaped(&claim.id), escaped(&claim.statement));
            let times = if *broken == 0 { says } else { format!("{says}; broken in {broken} outcomes") };
            text += &labelled(verdict.name(), &[times], style);
            if let Some(trace) = trace {
                text += &format!("\n{}\n", table(&self.setup, trace, Some(claim), style));
                let schedule = trace.schedule.text(self.setup.model.inboxes());
                text += &to_paste("replay", &format!("startup_race::replay(&setup, \"{schedule}\")"));
            }
        }
        for id in &self.left_out {
            let says = format!(
                "{} is not judged. A claim that is judged in every state needs `flags`; one that asks for a state needs `check`",
                escaped(id)
            );
            text += &labelled("left out", &[says], style);
        }
        text
    }

    /// The sequence diagram of the first execution that breaks a claim, for Mermaid.
    pub fn mermaid(&self) -> Option<String> {
        let trace = self.claims.iter().find_map(|judgement| judgement.trace.as_ref())?;
        Some(mermaid::diagram(&self.setup, &trace.events, &[]))
    }
}

/// Draws the first execution that breaks a claim, and names the file. The file is in cargo's build folder, beside the
/// test program. Empty if no claim is broken.
fn drawn<C: Controller>(report: &ThreadsReport<C>, test: &Location<'_>) -> String {
    let Some(diagram) = report.mermaid() else { return String::new() };
    match write(test, &diagram) {
        Ok(file) => to_paste("drawn", &file.display().to_string()),
        Err(error) => labelled("not drawn", &[error.to_string()], Style::default()),
    }
}

/// Writes a diagram for the call of a test: `traces/gate-17.mmd`.
fn write(test: &Location<'_>, diagram: &str) -> io::Result<PathBuf> {
    let folder = env::current_exe()?.with_file_name("traces");
    fs::create_dir_all(&folder)?;
    let stem = Path::new(test.file()).file_stem().unwrap_or_default();
    let file = folder.join(format!("{}-{}.mmd", stem.display(), test.line()));
    fs::write(&file, diagram)?;
    Ok(file)
}

impl<C: Controller + Send + Sync> CheckThreads<C> {
    /// Explores the threads. Every claim that is judged must be proved. [`ThreadsReport::left_out`] names the others.
    ///
    /// # Panics
    /// If one is not, or if there is no verdict. The message says what was found, shows each execution that breaks a
    /// claim as a table, and names a file with a diagram of the first one, for Mermaid.
    #[track_caller]
    pub fn expect_proved(self) -> ThreadsReport<C> {
        let report = self.run_or_panic();
        assert!(report.verdict() == VerdictKind::Proved, "{}{}", report.text(), drawn(&report, Location::caller()));
        report
    }

    /// Explores the threads. This claim must be refuted.
    ///
    /// # Panics
    /// If it is not, or if there is no verdict. The message says what was found, and shows an execution that breaks
    /// another claim, if there is one, as a table.
    #[track_caller]
    pub fn expect_refuted(self, id: &str) -> ThreadsReport<C> {
        let report = self.run_or_panic();
        let refuted =
            |judgement: &ThreadsJudgement<C>| judgement.claim.id == id && judgement.verdict == VerdictKind::Refuted;
        assert!(report.claims.iter().any(refuted), "{id} is not refuted\n\n{}", report.text());
        report
    }

    #[track_caller]
    fn run_or_panic(self) -> ThreadsReport<C> {
        match self.run() {
            Ok(report) => report,
            Err(error) => panic!("{error}"),
        }
    }
}
