//! The records of the catalog, except those of [`phases`](super::phases). Each is data: what it models, where it comes
//! from, and what is expected of it.
//!
//! The source of a pattern is a report of another system that shows it. The scenario models the pattern, in this
//! protocol's terms; it is not a model of that system.

use super::Evidence::{Hypothetical, Reported, VisibleInTheCode};
use super::Group::{Hazard, Pattern, Protocol};
use super::{Mended, Record, Source};

/// A fix that leaves nothing refuted.
const fn proved_by(options: &'static str) -> Option<Mended> {
    Some(Mended { options, refuted: &[] })
}

const fn source(repository: &'static str, numbers: &'static [u32], remark: &'static str) -> Source {
    Source { repository, numbers, remark }
}

const ARROYO: &str = "ArroyoSystems/arroyo";

/// The records of this file, in the order in which they are listed.
pub const RECORDS: &[Record] = &[
    // The protocols.
    Record {
        name: "seed/buggy",
        group: Protocol,
        evidence: Reported,
        source: source(ARROYO, &[712], "told more simply: no barrier, and a failure is ignored in every phase"),
        models: "Each task announces itself and then starts. The controller ignores that one failed.",
        scenario: "seed/buggy --tasks 2 --fails 2",
        refuted: &["no-false-start", "no-lost-failure"],
        mend: "Announce a task once its on_start has run, and fail on TaskFailed in every phase: seed/fixed.",
        mended: None,
    },
    Record {
        name: "seed/fixed",
        group: Protocol,
        evidence: Reported,
        source: source(ARROYO, &[712], "the same telling of the fix"),
        models: "Each task starts and then announces itself. A failure ends the attempt in every phase.",
        scenario: "seed/fixed --tasks 2 --fails 2",
        refuted: &[],
        mend: "Nothing to mend within one attempt; with retries see hazard/stale-worker-same-run.",
        mended: None,
    },
    Record {
        name: "arroyo/before",
        group: Protocol,
        evidence: Reported,
        source: source(ARROYO, &[712], "what the fix found"),
        models: "TaskStarted is sent as a task is spawned; TaskFailed is dropped while scheduling; the peers of a \
                 dead task wait for it at their worker's barrier. Nothing orders that TaskStarted against on_start: \
                 the model takes the worst of it.",
        scenario: "arroyo/before --tasks 2 --fails 2",
        refuted: &["no-false-start", "no-lost-failure", "running-runs"],
        mend: "Announce after the barrier, and let a failure while scheduling end the attempt: arroyo/after.",
        mended: None,
    },
    Record {
        name: "arroyo/after",
        group: Protocol,
        evidence: Reported,
        source: source(ARROYO, &[712], "what the fix made"),
        models: "A task announces itself after on_start and the barrier; TaskFailed while scheduling starts over.",
        scenario: "arroyo/after --tasks 2 --fails 2",
        refuted: &[],
        mend: "Nothing to mend within one attempt; the hazards below are what it leaves.",
        mended: None,
    },
    Record {
        name: "arroyo/late-only",
        group: Protocol,
        evidence: Hypothetical,
        source: source(ARROYO, &[712], "half of the fix"),
        models: "Tasks announce themselves late, but TaskFailed is still dropped while scheduling.",
        scenario: "arroyo/late-only --tasks 2 --fails 2",
        refuted: &["always-decides"],
        mend: "The other half: let a failure while scheduling end the attempt.",
        mended: proved_by("--failed-while-scheduling fail"),
    },
    Record {
        name: "arroyo/handled-only",
        group: Protocol,
        evidence: Hypothetical,
        source: source(ARROYO, &[712], "the other half of the fix"),
        models: "TaskFailed ends the attempt in every phase, but tasks still announce themselves early.",
        scenario: "arroyo/handled-only --tasks 2 --fails 2",
        refuted: &["no-false-start"],
        mend: "The other half: announce after the barrier.",
        mended: proved_by("--announce after-barrier"),
    },
    // Hazards that the fix leaves.
    Record {
        name: "hazard/stale-worker",
        group: Hazard,
        evidence: Reported,
        source: source(ARROYO, &[914], ""),
        models: "A worker of the run that failed registers while the next run waits for its workers, and is taken \
                 for one of them. Here a task is a worker process, and its TaskStarted the registration.",
        scenario: "seed/fixed --tasks 3 --fails 3@1 --workers 1,2,3 --names worker-1,worker-2,worker-3 \
                   --attempts 2 --old-attempt lingers",
        refuted: &["no-false-start"],
        mend: "Let a registration carry its run, and drop those of any other.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "hazard/stale-worker-same-run",
        group: Hazard,
        evidence: Reported,
        source: source(ARROYO, &[1065], ""),
        models: "An attempt is retried within one run, so that the run's number tells nothing: a registration of \
                 the attempt before is taken for one of this attempt. Here too a task is a worker process.",
        scenario: "seed/fixed --tasks 2 --fails 1@1 --workers 1,2 --names worker-1,worker-2 --attempts 2",
        refuted: &["no-false-start"],
        mend: "Count attempts, not runs, and drop the registrations of any attempt but the current one.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "hazard/worker-twice",
        group: Hazard,
        evidence: Reported,
        source: source(ARROYO, &[915], "the same signature in the logs of #653 and #728"),
        models: "One worker is started twice, and what it says is heard twice: a failure that ended an attempt \
                 ends the next one too. The second copy is modelled as a repeated delivery.",
        scenario: "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --duplicates 1",
        refuted: &["no-false-alarm"],
        mend: "Start it once; a fence keeps what the second copy says out of the next attempt.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "hazard/wrong-listener",
        group: Hazard,
        evidence: Reported,
        source: source(ARROYO, &[1092], "the class of #712, two years later"),
        models: "While a job starts, a task's failure is sent to a listener that is not in charge yet: to the one \
                 that is, the task falls silent.",
        scenario: "arroyo/after --tasks 2 --fails none --vanishes 2 --workers 1,2",
        refuted: &["always-decides"],
        mend: "Send it to whoever is in charge of the start: the same death, but reported.",
        mended: proved_by("--fails 2 --vanishes none"),
    },
    Record {
        name: "hazard/retry-budget",
        group: Hazard,
        evidence: Reported,
        source: source(ARROYO, &[991, 993, 1091], ""),
        models: "A slow start and a failure are charged to one budget: a timeout that comes too soon spends the \
                 attempt that was left, and a healthy pipeline ends as Failed.",
        scenario: "arroyo/after --tasks 2 --fails 1@1 --attempts 2 --timeout hasty",
        refuted: &["no-false-alarm"],
        mend: "Give up waiting only where nothing else can happen; a real system comes close to that with a long \
               wait and a budget of its own for each kind of error.",
        mended: proved_by("--timeout patient"),
    },
    Record {
        name: "hazard/stale-started",
        group: Hazard,
        evidence: Hypothetical,
        source: source(ARROYO, &[], "no report found; it drains its queue before it waits, the model does not"),
        models: "A TaskStarted of the attempt that failed, still on its way from another worker, is counted in \
                 the next attempt.",
        scenario: "arroyo/after --tasks 2 --fails 2@1 --workers 1,2 --attempts 2",
        refuted: &["no-false-start"],
        mend: "Drop each notice of any attempt but the current one.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "hazard/two-failures",
        group: Hazard,
        evidence: Hypothetical,
        source: source(ARROYO, &[], "no report found; the same narrow window"),
        models: "Two tasks fail in one attempt. The first TaskFailed ends it; the second is read in the next \
                 attempt, and ends that too.",
        scenario: "arroyo/after --tasks 2 --fails 1@1,2@1 --attempts 2",
        refuted: &["no-false-alarm"],
        mend: "Drop each notice of any attempt but the current one.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "hazard/lost-finish",
        group: Hazard,
        evidence: VisibleInTheCode,
        source: source(ARROYO, &[], "there a source with little data finishes; a later checkpoint notices"),
        models: "A source is gone before the pipeline runs. The tasks after it run out of input and say that they \
                 have finished; TaskFinished is dropped while scheduling, so that nothing which was sent ends the \
                 wait. No source of the model ends in good order: a silent end stands for it.",
        scenario: "arroyo/after --tasks 3 --fails none --vanishes 1 --barrier none --cascade chain",
        refuted: &["always-decides"],
        mend: "Take TaskFinished in every phase; short of that, only the end of the wait decides.",
        mended: proved_by("--timeout patient"),
    },
    Record {
        name: "hazard/silent-death",
        group: Hazard,
        evidence: VisibleInTheCode,
        source: source(ARROYO, &[], ""),
        models: "A worker dies while scheduling and sends nothing.",
        scenario: "arroyo/after --tasks 2 --fails none --vanishes 2",
        refuted: &["always-decides"],
        mend: "A timeout: nothing else can end the wait.",
        mended: proved_by("--timeout patient"),
    },
    // The same bug in other systems: a system says that it is ready too early.
    Record {
        name: "pattern/executor-registered-first",
        group: Pattern,
        evidence: Reported,
        source: source("apache/spark", &[25964], "SPARK-29287"),
        models: "Pattern: an executor registers before it is built, and from then on is offered work.",
        scenario: "seed/fixed --tasks 2 --fails none --workers 1,2 --names executor-1,executor-2 \
                   --announce before-on-start",
        refuted: &["no-false-start"],
        mend: "A message of its own, sent once the executor is built; only then is it offered work.",
        mended: proved_by("--announce after-on-start"),
    },
    Record {
        name: "pattern/startup-probe",
        group: Pattern,
        evidence: Reported,
        source: source("kubernetes/kubernetes", &[92196], ""),
        models: "Pattern: a container whose only probe is a startup probe counts as ready before that probe has \
                 passed. Here on_start is the probe; it fails once, and the container is started again.",
        scenario: "seed/fixed --tasks 1 --fails 1@1 --names container --attempts 2 --announce before-on-start",
        refuted: &["no-false-start"],
        mend: "Not ready until the startup probe has passed.",
        mended: proved_by("--announce after-on-start"),
    },
    Record {
        name: "pattern/consumer-before-pool",
        group: Pattern,
        evidence: Reported,
        source: source("celery/celery", &[3752], "the crash: #3620"),
        models: "Pattern: a worker takes work, and says that it is ready, before its pool has joined the event \
                 loop; the first work that comes too soon crashes it.",
        scenario: "seed/fixed --tasks 2 --fails 2 --names consumer,pool --announce before-on-start",
        refuted: &["no-false-start"],
        mend: "Let the pool join first; then consume, and say ready.",
        mended: proved_by("--announce after-on-start"),
    },
    Record {
        name: "pattern/group-not-ready",
        group: Pattern,
        evidence: Reported,
        source: source("apache/kafka", &[21110], "KAFKA-19978"),
        models: "Pattern: members say that they run while their group is not ready. Here the group is the \
                 barrier, and one member never gets to it.",
        scenario: "arroyo/handled-only --tasks 3 --fails none --vanishes 3 --names member-1,member-2,member-3",
        refuted: &["no-false-start", "no-lost-failure", "running-runs"],
        mend: "Let the state of the group delay Running, and end the wait at some time.",
        mended: proved_by("--announce after-barrier --timeout patient"),
    },
    Record {
        name: "pattern/running-while-restoring",
        group: Pattern,
        evidence: Reported,
        source: source("apache/flink", &[15221], "FLINK-17012"),
        models: "Pattern: RUNNING covers the restore of state. Nobody fails and nothing is lost; what is wrong is \
                 what an observer may conclude.",
        scenario: "arroyo/handled-only --tasks 2 --fails none",
        refuted: &["no-false-start"],
        mend: "A state of its own for the restore, so that RUNNING is said after it.",
        mended: proved_by("--announce after-barrier"),
    },
    // A failure is ignored while starting.
    Record {
        name: "pattern/failed-while-queued",
        group: Pattern,
        evidence: Reported,
        source: source("apache/airflow", &[15929], ""),
        models: "Pattern: a task fails before it is seen to start; the scheduler, which has it as queued, does \
                 not act on the report, and waits.",
        scenario: "seed/fixed --tasks 1 --fails 1 --failed-while-scheduling ignore",
        refuted: &["always-decides"],
        mend: "Act on a failure in every phase.",
        mended: proved_by("--failed-while-scheduling fail"),
    },
    Record {
        name: "pattern/guarded-by-running",
        group: Pattern,
        evidence: Reported,
        source: source("apache/flink", &[21999], "FLINK-29816"),
        models: "Pattern: the handler of failures is guarded by a test for running; one that comes during the \
                 restore is dropped, and no restart follows.",
        scenario: "arroyo/late-only --tasks 2 --fails 1@1 --attempts 2",
        refuted: &["always-decides"],
        mend: "Handle it while restoring too: then the second attempt is made.",
        mended: proved_by("--failed-while-scheduling fail"),
    },
    Record {
        name: "pattern/start-error-ignored",
        group: Pattern,
        evidence: Reported,
        source: source("argoproj/argo-workflows", &[4011], ""),
        models: "Pattern: a workflow counts as running once its pod is made; that the pod could not start is \
                 not taken for a failure, and it counts as running for good.",
        scenario: "seed/buggy --tasks 1 --fails 1 --names pod",
        refuted: &["no-false-start", "no-lost-failure"],
        mend: "Take the error for the failure that it is; that the workflow runs a little early remains.",
        mended: Some(Mended {
            options: "--failed-while-scheduling fail --failed-while-running fail",
            refuted: &["no-false-start"],
        }),
    },
    Record {
        name: "pattern/failed-before-it-registered",
        group: Pattern,
        evidence: Reported,
        source: source("apache-spark-on-k8s/spark", &[600], ""),
        models: "Pattern: an executor's pod fails before the executor has registered; the event is ignored, and \
                 the driver waits for it.",
        scenario: "seed/fixed --tasks 2 --fails 2 --workers 1,2 --names executor-1,executor-2 \
                   --failed-while-scheduling ignore",
        refuted: &["always-decides"],
        mend: "Act on the event, whether the executor has registered or not.",
        mended: proved_by("--failed-while-scheduling fail"),
    },
    Record {
        name: "pattern/failure-never-sent",
        group: Pattern,
        evidence: Reported,
        source: source("ray-project/ray", &[6617], "the issue: #6612"),
        models: "Pattern: the creation of an actor fails and nobody publishes that it is dead: never sent, where \
                 the others are ignored.",
        scenario: "seed/fixed --tasks 1 --fails none --vanishes 1 --names actor",
        refuted: &["always-decides"],
        mend: "Publish it: the same death, but reported.",
        mended: proved_by("--fails 1 --vanishes none"),
    },
    // A message of an earlier attempt.
    Record {
        name: "pattern/ids-used-again",
        group: Pattern,
        evidence: Reported,
        source: source("risingwavelabs/risingwave", &[26931], ""),
        models: "Pattern: recovery uses the same ids in each attempt, so that a late request of one attempt is \
                 taken for one of the next.",
        scenario: "seed/fixed --tasks 3 --fails 3@1 --workers 1,1,2 --attempts 2",
        refuted: &["no-false-start"],
        mend: "A term of its own for each attempt, and a fence on it.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "pattern/recovery-after-recovery",
        group: Pattern,
        evidence: Reported,
        source: source("risingwavelabs/risingwave", &[20879], ""),
        models: "Pattern: recovery fails more than once, and what one round has sent disturbs the round after.",
        scenario: "seed/fixed --tasks 2 --fails 2@1+2 --attempts 3",
        refuted: &["no-false-start"],
        mend: "A new term in each round; a request of another term is refused.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "pattern/answer-of-an-earlier-run",
        group: Pattern,
        evidence: Reported,
        source: source("dask/distributed", &[7356], "the mend: #7463"),
        models: "Pattern: a task is given out again while its earlier run still goes on, and the answer of the \
                 earlier run is taken for that of the later.",
        scenario: "seed/fixed --tasks 2 --fails 1@1 --workers 1,2 --attempts 2 --old-attempt lingers",
        refuted: &["no-false-start"],
        mend: "Let each answer carry the id of its run, and refuse one that is stale.",
        mended: proved_by("--fence attempt"),
    },
    Record {
        name: "pattern/delayed-status",
        group: Pattern,
        evidence: Reported,
        source: source("apache/kafka", &[13453], "KAFKA-12525"),
        models: "Pattern: a status of an older generation arrives late and overwrites that of the newer one, \
                 which is well. Here the status is the failure of a second task.",
        scenario: "arroyo/after --tasks 3 --fails 1@1,3@1 --workers 1,1,2 --attempts 2",
        refuted: &["no-false-alarm"],
        mend: "Compare generations before a status is taken.",
        mended: proved_by("--fence attempt"),
    },
];
