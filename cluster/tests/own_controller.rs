//! Several processes check a user's own controller. Here the processes are threads of one program.

use std::hash::{Hash, Hasher};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use startup_race::json;
use startup_race::{
    Check, Claim, Context, Controller, Input, Kind, Phase, Report, Rules, Scenario, Scope, Setup, Stage, State,
    Symmetric, check,
};
use startup_race_cluster::{Cluster, Error, Hosts};

/// Counts `TaskStarted`, and never looks at the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
struct Counter(u8);

impl Controller for Counter {
    fn on(&mut self, input: Input, now: &mut Context) {
        match input {
            Input::Notice(notice) if notice.kind == Kind::Started && self.0 < now.tasks => self.0 += 1,
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        let (name, stage) = if self.0 < 3 { ("Scheduling", Stage::Starting) } else { ("Running", Stage::Up) };
        Phase { name, stage }
    }
}

impl Symmetric for Counter {
    fn mark(&self, _: startup_race::ActorId) -> u64 {
        0
    }

    fn swap(&mut self, _: startup_race::ActorId, _: startup_race::ActorId) {}
}

/// A [`Counter`] that panics at the first input after it has counted two tasks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Fragile(Counter);

impl Controller for Fragile {
    fn on(&mut self, input: Input, now: &mut Context) {
        assert!(self.0.0 < 2, "three is too many");
        self.0.on(input, now);
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }
}

thread_local! {
    /// A different number in each thread, that is, in each process of this test.
    static SALT: u64 = SALTS.fetch_add(1, Ordering::SeqCst);
}

static SALTS: AtomicU64 = AtomicU64::new(0);

/// Counts `TaskStarted`. Its hash differs from process to process, as the hash of a pointer does.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Placed(Counter);

impl Hash for Placed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, SALT.with(|salt| *salt)).hash(state);
    }
}

impl Controller for Placed {
    fn on(&mut self, input: Input, now: &mut Context) {
        self.0.on(input, now);
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }
}

fn setup<C: Controller>(controller: C) -> Setup<C> {
    let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 3).unwrap().failing(&[2]).unwrap();
    Setup::with(controller, scenario)
}

/// Runs a check by several processes; returns the reports of all.
fn together<C: Controller + 'static>(
    count: usize,
    check: impl Fn() -> Check<'static, C> + Copy + Send + 'static,
) -> Vec<Result<String, Error>> {
    let ports: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let list: String = ports.iter().map(|port| format!("{}\n", port.local_addr().unwrap())).collect();
    drop(ports);
    let process = |index| {
        let hosts = Hosts::of(&list, index, false).unwrap();
        thread::spawn(move || {
            let mut cluster = Cluster::join(&hosts, Duration::from_secs(60)).unwrap();
            let report = cluster.check(check());
            cluster.leave();
            report.map(|report| printed(&report))
        })
    };
    let processes: Vec<_> = (0..count).map(process).collect();
    processes.into_iter().map(|process| process.join().unwrap()).collect()
}

fn printed<C: Controller>(report: &Report<C>) -> String {
    json::print(&json::check::Checks::of(std::slice::from_ref(report)))
}

fn assert_same<C: Controller + 'static>(asked: impl Fn() -> Check<'static, C> + Copy + Send + 'static) {
    let alone = printed(&asked().run().unwrap());
    for report in together(2, asked) {
        assert_eq!(report.unwrap(), alone);
    }
}

#[test]
fn a_controller_and_claims_of_your_own_have_the_report_of_one_machine() {
    let asked = || {
        check(setup(Counter::default()))
            .claim(Claim::new(
                "counts-two",
                "At most two are counted",
                Scope::Always,
                |_: &State<'_, Counter>| true,
                |state: &State<'_, Counter>| state.controller().0 <= 2,
            ))
            .claim(Claim::reachable("counts-three", "Three are counted", |state: &State<'_, Counter>| {
                state.controller().0 == 3
            }))
    };
    assert_same(asked);
    assert_same(move || asked().symmetric());
}

#[test]
fn a_controller_that_panics_has_no_report_at_any_process() {
    let asked = || check(setup(Fragile::default()));
    let alone = asked().run().err().unwrap();
    assert!(!alone.schedule.0.is_empty());
    for report in together(2, asked) {
        assert!(matches!(&report, Err(Error::Broken(broken)) if **broken == alone), "{report:?} {alone:?}");
    }
}

#[test]
fn a_controller_whose_hash_differs_between_processes_has_no_report() {
    for report in together(2, || check(setup(Placed::default()))) {
        assert!(matches!(report, Err(Error::Broken(_))), "{report:?}");
    }
}
