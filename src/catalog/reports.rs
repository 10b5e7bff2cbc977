//! Public bug reports that knobs cannot express. The example `reports` models each of them with a controller, actors
//! and a claim of its own, except one that cannot be modelled.

use super::Source;

/// A public report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Its name.
    pub name: &'static str,
    /// Where to read about it.
    pub source: Source,
    /// The report in a line.
    pub says: &'static str,
    /// Why it cannot be modelled. `None` if it can.
    pub refused: Option<&'static str>,
}

impl Report {
    /// The file of the example that models it. `None` if it cannot be modelled.
    pub fn file(&self) -> Option<String> {
        let name = self.name.trim_start_matches("report/").replace('-', "_");
        self.refused.is_none().then(|| format!("examples/reports/{name}.rs"))
    }

    /// Why `check` does not accept its name.
    pub fn not_checked(&self) -> String {
        match (self.file(), self.refused) {
            (Some(file), _) => format!(
                "{} needs a controller and actors of its own, which no options can express. {file} models it: cargo test \
                 --example reports",
                self.name
            ),
            (None, why) => format!("{} cannot be modelled. {}", self.name, why.unwrap_or_default()),
        }
    }
}

const fn told(
    name: &'static str,
    repository: &'static str,
    numbers: &'static [u32],
    remark: &'static str,
    says: &'static str,
) -> Report {
    Report { name, source: Source { repository, numbers, remark }, says, refused: None }
}

/// Every report, in the order in which they are listed.
pub const REPORTS: &[Report] = &[
    told(
        "report/dlrover-1357",
        "intelligent-machine-learning/dlrover",
        &[1357],
        "",
        "A node that is launched anew inherits what its predecessor had reported; the master judges it by that.",
    ),
    told(
        "report/flink-12948",
        "apache/flink",
        &[12948],
        "FLINK-18533",
        "A heartbeat that lists the deployed tasks overtakes the acknowledgement of the deployment; a healthy task is \
         cancelled as unknown.",
    ),
    told(
        "report/dolphinscheduler-10842",
        "apache/dolphinscheduler",
        &[10842],
        "",
        "The death of a worker is matched against a record that does not name the worker yet; the task stays dispatched.",
    ),
    told(
        "report/tork-226",
        "runabol/tork",
        &[226],
        "",
        "A cancel is handled only for running work; one for pending work is lost, and the work runs.",
    ),
    told(
        "report/flink-2095",
        "apache/flink",
        &[2095],
        "FLINK-4046",
        "A job that waits to be restarted is failed again; it waits for ends that have been reported already.",
    ),
    told(
        "report/risingwave-13498",
        "risingwavelabs/risingwave",
        &[13498],
        "",
        "After a recovery progress is expected of all actors of a job, though some kinds never report.",
    ),
    told(
        "report/helix-1567",
        "apache/helix",
        &[1567],
        "",
        "A workflow is asked to stop, an instance goes offline meanwhile, and the job stays in STOPPING.",
    ),
    told(
        "report/istio-11130",
        "istio/istio",
        &[11130, 24737],
        "",
        "An application starts before its proxy passes traffic, and dies of it.",
    ),
    told(
        "report/vllm-46534",
        "vllm-project/vllm",
        &[46534],
        "",
        "A child hangs in its initialisation; the supervisor acts on a death alone, and waits for ever.",
    ),
    told(
        "report/storm-577",
        "apache/storm",
        &[],
        "STORM-577",
        "One loop launches workers and sends the heartbeat; a long launch makes the master move healthy work.",
    ),
    told(
        "report/airflow-69336",
        "apache/airflow",
        &[69336],
        "",
        "A task is handed out twice; the event of the copy that lost kills the copy that runs.",
    ),
    told(
        "report/ray-62994",
        "ray-project/ray",
        &[62994],
        "",
        "A worker dies before the write of its creation has ended; the client is answered with an empty address.",
    ),
    told(
        "report/arroyo-24",
        "ArroyoSystems/arroyo",
        &[24],
        "",
        "A stop that comes during a checkpoint starts a second checkpoint, and the job hangs.",
    ),
    told(
        "report/risingwave-8233",
        "risingwavelabs/risingwave",
        &[8233],
        "",
        "A recovery wipes the actors of a job; the barrier that was to create it waits for actors that are gone.",
    ),
    Report {
        refused: Some(
            "It takes two controllers at once: after a failed heartbeat a follower becomes leader while the old leader goes \
             on, and both schedule. A model has one controller, and the claims speak of its phase. Modelled as a helper, the \
             second leader could send notices, but no command, and nothing would be claimed of it.",
        ),
        ..told(
            "report/flynn-1182",
            "flynn/flynn",
            &[1182],
            "",
            "After a failed heartbeat a follower becomes leader and the old leader goes on; both schedule.",
        )
    },
];
