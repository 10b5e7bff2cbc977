//! Failures in every phase: after the start, while the pipeline stops, in the network, and in the controller itself.
//! Each record names the claims that the failure breaks, and the options that fix it, if there are any.

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
    // A record without options has no fixed entry.
    let mended = if options.is_empty() { None } else { Some(Mended { options, refuted: &[] }) };
    Record { name, group: Phase, evidence: Hypothetical, source, models, scenario, refuted, mend, mended }
}

/// Every record of the group [`Group::Phase`](super::Group::Phase).
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
        "A controller that drops TaskFailed in Running leaves a pipeline with a dead task Running.",
        "arroyo/after --tasks 2 --fails none --dies 2 --failed-while-running ignore",
        &["no-lost-failure"],
        "Handle a failure in Running.",
        "--failed-while-running fail",
    ),
    phase(
        "phase/stale-start-after-a-death",
        "A task dies while it runs, and a TaskStarted of that attempt is counted in the next one.",
        "seed/fixed --tasks 2 --fails none --dies 2@1 --attempts 2 --workers 1,2",
        &["no-false-start"],
        "Drop each notice of any attempt but the current one.",
        "--fence attempt",
    ),
    phase(
        "phase/stop-too-early",
        "A stop that is asked for in Scheduling is dropped, so the pipeline runs for ever.",
        "arroyo/after --tasks 2 --fails none --stop asked --stop-while-scheduling ignore",
        &["no-lost-stop"],
        "Obey the stop at once, or defer it until every task is counted.",
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
        "A failure while the pipeline stops begins the next attempt, and the stop is forgotten.",
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --stop asked --failed-while-stopping retry",
        &["no-lost-stop"],
        "Let a failure in Stopping fail the pipeline, even if attempts are left.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/barrier-while-stopping",
        "A dead task is counted as over, but another one still waits for it at the barrier and never \
         stops.",
        "arroyo/after --tasks 2 --fails 2 --stop asked --failed-while-stopping count",
        &["always-decides"],
        "Let a failure in Stopping fail the pipeline; or defer a stop until every task has started.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/report-lost-before-a-stop",
        "A TaskFailed was dropped in Scheduling, so the stop waits for its task for ever: the original \
         bug, with a stop.",
        "arroyo/before --tasks 2 --fails 2 --stop asked",
        &["no-false-start", "always-decides"],
        "Announce after the barrier, and let a failure in Scheduling end the attempt.",
        "--announce after-barrier --failed-while-scheduling fail",
    ),
    phase(
        "phase/no-timeout-while-stopping",
        "A stop is obeyed in Scheduling, and waits for a task that died without a notice; the timeout \
         applies in Scheduling only.",
        "arroyo/after --tasks 2 --fails none --vanishes 2 --timeout patient --stop asked",
        &["always-decides"],
        "Defer the stop until every task is counted: the timeout applies until then.",
        "--stop-while-scheduling defer",
    ),
    phase(
        "phase/finish-before-a-stop",
        "A neighbour of a dead task finishes, and its TaskFinished is dropped in Scheduling; a later stop \
         waits for that task for ever.",
        "seed/fixed --tasks 2 --fails none --dies 1 --workers 1,2 --cascade chain --stop asked \
         --failed-while-stopping count",
        &["always-decides"],
        "Fail while stopping.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/stale-finish",
        "A TaskFinished of the previous attempt counts the new task as over: Stopped, while it runs; a \
         TaskStarted of it counts the new task as started.",
        "seed/fixed --tasks 2 --fails 1@1 --attempts 2 --cascade chain --stop asked \
         --failed-while-stopping count",
        &["no-false-start", "no-false-stop"],
        "Drop each notice of any attempt but the current one.",
        "--fence attempt",
    ),
    phase(
        "phase/failure-twice-while-stopping",
        "A failure is delivered twice: the second delivery counts the new task as over, or uses up the \
         last attempt.",
        "seed/fixed --tasks 1 --fails 1@1 --attempts 2 --duplicates 1 --stop asked \
         --failed-while-stopping count",
        &["no-false-alarm", "no-false-stop"],
        "Drop each notice of any attempt but the current one.",
        "--fence attempt",
    ),
    phase(
        "phase/lost-start",
        "The network loses a TaskStarted, so the controller stays in Scheduling.",
        "arroyo/after --tasks 2 --fails none --losses 1",
        &["always-decides"],
        "A timeout and a second attempt. With the timeout alone a pipeline without a dead task fails.",
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
        "No option mends it: a running task is never asked whether it is alive. A heartbeat would mend it.",
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
        "A controller crashes and forgets which tasks it had counted: it stays in Scheduling.",
        "arroyo/after --tasks 2 --fails none --crashes 1",
        &["always-decides"],
        "Ask the tasks, or remember.",
        "--recovery asks",
    ),
    phase(
        "phase/crash-that-repeats-stale-starts",
        "The tasks announce themselves again after a crash; with or without one, a TaskStarted of \
         attempt 1 is counted in attempt 2.",
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
        "Store the stop: asking the tasks to announce themselves does not bring it back.",
        "--recovery remembers",
    ),
    phase(
        "phase/restart-one-twice",
        "A failure is delivered twice, so its task is restarted twice; the TaskStarted of attempt 2 \
         is counted for attempt 3.",
        "arroyo/after --tasks 2 --fails none --dies 2@1 --attempts 3 --restart one --duplicates 1",
        &["no-false-start"],
        "Drop each notice that is not of its task's current attempt.",
        "--fence attempt",
    ),
    phase(
        "phase/restart-one-and-a-crash",
        "One task is restarted; then the controller crashes and forgets the others, which do not announce \
         themselves again.",
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --restart one --crashes 1",
        &["always-decides"],
        "Ask the tasks, or remember.",
        "--recovery asks",
    ),
    phase(
        "phase/restart-one-while-stopping",
        "A failure while the pipeline stops restarts one task; a task that has already stopped does not \
         come back.",
        "seed/fixed --tasks 2 --fails 2@1 --attempts 2 --restart one --stop asked \
         --failed-while-stopping retry",
        &["always-decides", "no-lost-stop", "no-half-run"],
        "Fail while stopping.",
        "--failed-while-stopping fail",
    ),
    phase(
        "phase/half-a-pipeline",
        "A task finishes because its neighbour died. Only the neighbour is restarted: Running, with \
         half a pipeline.",
        "arroyo/after --tasks 2 --fails none --dies 1@1 --attempts 2 --restart one --cascade chain",
        &["no-half-run"],
        "Restart every task.",
        "--restart all",
    ),
    phase(
        "phase/stop-and-a-lingering-attempt",
        "A stop does not reach a lingering attempt: Stopped, while a task of attempt 1 waits at its \
         barrier.",
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --old-attempt lingers --stop asked \
         --stop-while-scheduling defer",
        &["no-false-stop"],
        "Stop the old attempt when the next one begins.",
        "--old-attempt stopped",
    ),
];
