//! Failures in every phase: after the start, while the pipeline stops, on the way, and in the controller itself. Each is
//! refuted, and mended if an option can mend it.

use super::Evidence::Hypothetical;
use super::Group::Phase;
use super::{Mended, Record, Source};

const fn phase(
    name: &'static str,
    models: &'static str,
    scenario: &'static str,
    refuted: &'static [&'static str],
    mend: &'static str,
    options: &'static str,
) -> Record {
    let source =
        Source { repository: "ArroyoSystems/arroyo", numbers: &[], remark: "no report found; the model allows it" };
    // No option mends what has none.
    let mended = if options.is_empty() { None } else { Some(Mended { options, refuted: &[] }) };
    Record { name, group: Phase, evidence: Hypothetical, source, models, scenario, refuted, mend, mended }
}

/// Every record of a failure after the start.
pub const PHASES: &[Record] = &[
    phase(
        "phase/death-before-the-last-start",
        "A task dies while it runs, and another one has yet to announce itself: the report meets \
         Scheduling and is dropped.",
        "arroyo/late-only --tasks 2 --fails none --dies 2",
        &["no-lost-failure"],
        "Let a failure while scheduling end the attempt.",
        "--failed-while-scheduling fail",
    ),
    phase(
        "phase/deaf-while-running",
        "A controller that drops TaskFailed in Running keeps a pipeline Running whose task is dead.",
        "arroyo/after --tasks 2 --fails none --dies 2 --failed-while-running ignore",
        &["no-lost-failure"],
        "Handle a failure in Running.",
        "--failed-while-running fail",
    ),
    phase(
        "phase/stale-start-after-a-death",
        "A task dies while it runs, and what its attempt had announced is counted in the next one.",
        "seed/fixed --tasks 2 --fails none --dies 2@1 --attempts 2 --workers 1,2",
        &["no-false-start"],
        "Drop each notice of any attempt but the current one.",
        "--fence attempt",
    ),
    phase(
        "phase/stop-too-early",
        "A stop that is asked while the pipeline is scheduled is dropped: it runs for ever.",
        "arroyo/after --tasks 2 --fails none --stop asked --stop-while-scheduling ignore",
        &["no-lost-stop"],
        "Obey the stop at once, or keep the wish until the set is whole.",
        "--stop-while-scheduling defer",
    ),
    phase(
        "phase/death-unheard-while-stopping",
        "A task dies while the pipeline stops, and its report is dropped: the stop waits for it for ever.",
        "arroyo/after --tasks 2 --fails none --dies 2 --stop asked --failed-while-stopping ignore",
        &["always-decides"],
        "Count a dead task as one that is over.",
        "--failed-while-stopping count",
    ),
    phase(
        "phase/stop-that-restarts",
        "A failure while the pipeline stops begins the next attempt, which knows of no stop.",
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --stop asked --failed-while-stopping retry",
        &["no-lost-stop"],
        "Fail while stopping, whatever is left of the budget.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/barrier-while-stopping",
        "A dead task is counted as over, but another one still waits for it at the barrier and never \
         stops.",
        "arroyo/after --tasks 2 --fails 2 --stop asked --failed-while-stopping count",
        &["always-decides"],
        "Fail while stopping; or stop only what has started.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/report-lost-before-a-stop",
        "A report that was dropped in Scheduling is missed in Stopping, which never ends: the bug of \
         the first report meets a stop.",
        "arroyo/before --tasks 2 --fails 2 --stop asked",
        &["no-false-start", "always-decides"],
        "Both halves of the fix.",
        "--announce after-barrier --failed-while-scheduling fail",
    ),
    phase(
        "phase/no-timeout-while-stopping",
        "A stop is obeyed in Scheduling, and waits for a silent task; the timeout reaches Scheduling \
         only.",
        "arroyo/after --tasks 2 --fails none --vanishes 2 --timeout patient --stop asked",
        &["always-decides"],
        "Keep the wish until the set is whole: the timeout then still counts.",
        "--stop-while-scheduling defer",
    ),
    phase(
        "phase/finish-before-a-stop",
        "A neighbour of a dead task finishes, which is dropped in Scheduling; the stop that comes \
         later waits for it.",
        "seed/fixed --tasks 2 --fails none --dies 1 --workers 1,2 --cascade chain --stop asked \
         --failed-while-stopping count",
        &["always-decides"],
        "Fail while stopping.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/stale-finish",
        "TaskFinished of the attempt that ended makes the new task over: Stopped, while it runs.",
        "seed/fixed --tasks 2 --fails 1@1 --attempts 2 --cascade chain --stop asked \
         --failed-while-stopping count",
        &["no-false-start", "no-false-stop"],
        "Drop each notice of any attempt but the current one.",
        "--fence attempt",
    ),
    phase(
        "phase/failure-twice-while-stopping",
        "A failure is delivered twice: the second delivery makes the new task over, or costs the last \
         attempt.",
        "seed/fixed --tasks 1 --fails 1@1 --attempts 2 --duplicates 1 --stop asked \
         --failed-while-stopping count",
        &["no-false-alarm", "no-false-stop"],
        "Drop each notice of any attempt but the current one.",
        "--fence attempt",
    ),
    phase(
        "phase/lost-start",
        "The network loses a TaskStarted: Scheduling for ever.",
        "arroyo/after --tasks 2 --fails none --losses 1",
        &["always-decides"],
        "A timeout, and an attempt to spare: the timeout alone is a false alarm.",
        "--timeout patient --attempts 2",
    ),
    phase(
        "phase/lost-failure-while-scheduling",
        "The network loses a TaskFailed in Scheduling.",
        "arroyo/after --tasks 2 --fails 2 --losses 1",
        &["always-decides"],
        "A timeout.",
        "--timeout patient",
    ),
    phase(
        "phase/lost-failure-while-running",
        "The network loses a TaskFailed in Running.",
        "arroyo/after --tasks 2 --fails none --dies 2 --losses 1",
        &["no-lost-failure"],
        "No option mends it: a task that runs is never asked whether it lives. A heartbeat would.",
        "",
    ),
    phase(
        "phase/lost-finish-while-stopping",
        "The network loses a TaskFinished in Stopping.",
        "arroyo/after --tasks 2 --fails none --losses 1 --stop asked",
        &["always-decides"],
        "No option mends it: there is no timeout in Stopping.",
        "",
    ),
    phase(
        "phase/crash-that-forgets",
        "A controller crashes and forgets whom it had counted: Scheduling for ever.",
        "arroyo/after --tasks 2 --fails none --crashes 1",
        &["always-decides"],
        "Ask the tasks, or remember.",
        "--recovery asks",
    ),
    phase(
        "phase/crash-that-repeats-stale-starts",
        "A controller that crashed asks the tasks; what attempt 1 said, and said again, is counted in \
         attempt 2.",
        "seed/fixed --tasks 2 --fails 2@1 --attempts 2 --crashes 1 --recovery asks",
        &["no-false-start"],
        "Drop each notice of any attempt but the current one.",
        "--fence attempt",
    ),
    phase(
        "phase/crash-back-into-scheduling",
        "A crash puts a Running controller back into Scheduling, where the report of a death is dropped.",
        "arroyo/late-only --tasks 2 --fails none --dies 2 --crashes 1 --recovery asks",
        &["no-lost-failure", "always-decides"],
        "Let a failure while scheduling end the attempt.",
        "--failed-while-scheduling fail",
    ),
    phase(
        "phase/lost-answer-after-a-crash",
        "A controller that crashed asks the tasks, and the network loses an answer.",
        "arroyo/after --tasks 2 --fails none --crashes 1 --losses 1 --recovery asks",
        &["always-decides"],
        "A timeout, and an attempt to spare.",
        "--timeout patient --attempts 2",
    ),
    phase(
        "phase/crash-while-stopping",
        "A controller that crashed asks the tasks, but forgot the stop; and a task that has stopped \
         does not answer.",
        "arroyo/after --tasks 2 --fails none --crashes 1 --stop asked --recovery asks",
        &["always-decides", "no-lost-stop", "no-half-run"],
        "Store the wish: asking the tasks is not enough for a stop.",
        "--recovery remembers",
    ),
    phase(
        "phase/restart-one-twice",
        "A failure is delivered twice and begins its task anew twice; what the one between announced \
         is counted for the last.",
        "arroyo/after --tasks 2 --fails none --dies 2@1 --attempts 3 --restart one --duplicates 1",
        &["no-false-start"],
        "Drop each notice of any attempt but its task's current one.",
        "--fence attempt",
    ),
    phase(
        "phase/restart-one-and-a-crash",
        "One task is begun anew, and the controller forgets the others, which do not announce \
         themselves again.",
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --restart one --crashes 1",
        &["always-decides"],
        "Ask the tasks, or remember.",
        "--recovery asks",
    ),
    phase(
        "phase/restart-one-while-stopping",
        "A failure while the pipeline stops begins one task anew; a task that has stopped does not \
         come back.",
        "seed/fixed --tasks 2 --fails 2@1 --attempts 2 --restart one --stop asked \
         --failed-while-stopping retry",
        &["always-decides", "no-lost-stop", "no-half-run"],
        "Fail while stopping.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/half-a-pipeline",
        "A task finishes for want of its dead neighbour, which comes back alone: Running, with half a \
         pipeline.",
        "arroyo/after --tasks 2 --fails none --dies 1@1 --attempts 2 --restart one --cascade chain",
        &["no-half-run"],
        "Begin every task anew.",
        "--restart all",
    ),
    phase(
        "phase/stop-and-a-lingering-attempt",
        "A stop does not reach what lingers: Stopped, while a task of attempt 1 still waits at its \
         barrier.",
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --old-attempt lingers --stop asked \
         --stop-while-scheduling defer",
        &["no-false-stop"],
        "Stop the old attempt when the next one begins.",
        "--old-attempt stopped",
    ),
];
