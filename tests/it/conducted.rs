//! Code on plain threads under the schedules of the model. `examples/tokio-pipeline` does the same for tokio.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use startup_race::conformance::{Conduct, Conducted, Parting};
use startup_race::{PipelineController, Rules, RunRules, Scenario, Setup, conduct, point_blocking as point};

/// The fault of the code, if it has one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The controller is Running after one notice, whichever task sent it.
    OneIsEnough,
    /// Task 2 never announces itself.
    Silent,
    /// The controller never ends its step.
    NoRest,
    /// Each task announces itself before its `on_start`.
    Early,
}

/// Threads that are joined when the run is over.
struct Threads(Vec<JoinHandle<()>>);

impl Drop for Threads {
    fn drop(&mut self) {
        self.0.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

/// Starts two tasks of `seed/fixed` and the controller. Returns a function that reads the published phase.
fn start(fault: Fault) -> impl FnMut() -> String {
    let phase = Arc::new(Mutex::new("Scheduling"));
    let (sender, inbox) = channel();
    let started = |id| {
        let sender = sender.clone();
        thread::spawn(move || task(id, fault, &sender))
    };
    let mut threads = Threads((1..=2).map(started).collect());
    let published = Arc::clone(&phase);
    let controller = thread::Builder::new().name("controller".into());
    threads.0.push(controller.spawn(move || control(fault, &inbox, &published)).unwrap());
    move || {
        let _joined_at_the_end = &threads;
        phase.lock().unwrap().to_string()
    }
}

fn task(id: u8, fault: Fault, sender: &Sender<u8>) {
    let announce = || {
        let _step = point(id, "announce");
        let _ = sender.send(id);
    };
    if fault == Fault::Early {
        announce();
    }
    drop(point(id, "on_start"));
    match fault {
        Fault::Silent if id == 2 => {}
        Fault::Early => {}
        _ => announce(),
    }
    drop(point(id, "run"));
}

fn control(fault: Fault, inbox: &Receiver<u8>, phase: &Mutex<&'static str>) {
    let mut started = BTreeSet::new();
    while let Ok(task) = inbox.recv() {
        let step = point(0, "receive");
        started.insert(task);
        if started.len() == 2 || fault == Fault::OneIsEnough {
            *phase.lock().unwrap() = "Running";
        }
        if fault == Fault::NoRest {
            std::mem::forget(step);
        }
    }
}

fn model() -> Conduct<PipelineController> {
    let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap();
    conduct(Setup::of(scenario))
}

/// The same with a short limit of time, for code that is stuck.
fn hasty() -> Conduct<PipelineController> {
    model().limit(Duration::from_secs(2))
}

fn of(fault: Fault) -> Conducted<PipelineController> {
    model().on_threads(|| start(fault)).expect("the model is small")
}

#[test]
fn code_that_is_the_model_conforms_on_every_schedule_and_takes_every_step() {
    let conducted = of(Fault::None).expect_conforms();
    assert!(conducted.all && conducted.schedules > 20, "{}", conducted.text());
    assert_eq!(conducted.covered, conducted.steps);
    assert!(conducted.text().starts_with("conforms  on all "), "{}", conducted.text());
}

#[test]
fn fewer_schedules_take_every_step_as_well() {
    let (all, few) = (of(Fault::None), model().all_up_to(5).on_threads(|| start(Fault::None)).unwrap());
    assert!(few.conforms() && !few.all && few.schedules < all.schedules, "{} of {}", few.schedules, all.schedules);
    assert_eq!((few.covered, few.steps), (all.covered, all.steps));
}

#[test]
fn code_that_publishes_another_phase_diverges_at_that_step() {
    let conducted = of(Fault::OneIsEnough);
    let text = conducted.text();
    let parted = conducted.parted.expect("one is not enough");
    assert_eq!(parted.how, Parting::Phase("Running".to_string()));
    assert!(text.starts_with("diverges  on schedule 1, at step "), "{text}");
    assert!(text.contains("TaskStarted(1): 1 of 2"), "{text}");
    assert!(
        text.contains("model    Scheduling after step") && text.contains("code     it publishes Running"),
        "{text}"
    );
}

#[test]
fn code_whose_next_action_is_another_one_diverges() {
    let conducted = of(Fault::Early);
    let parted = conducted.parted.as_ref().expect("it announces itself too early");
    assert!(matches!(&parted.how, Parting::Instead(point) if point.action == "announce"), "{}", conducted.text());
}

#[test]
fn a_skipped_point_diverges_and_code_that_stops_is_stuck_and_the_text_says_where() {
    let conducted = of(Fault::Silent);
    let text = conducted.text();
    let parted = conducted.parted.expect("task 2 never announces itself");
    assert!(matches!(&parted.how, Parting::Instead(point) if point.action == "run"), "{text}");
    let absent = hasty().on_threads(|| || "Scheduling").unwrap();
    assert!(absent.text().starts_with("stuck"), "{}", absent.text());
    let conducted = hasty().on_threads(|| start(Fault::NoRest)).unwrap();
    let text = conducted.text();
    assert!(matches!(conducted.parted.unwrap().how, Parting::NoRest(_)), "{text}");
    assert!(text.contains("last     controller ThreadId(") && text.contains("the controller at `receive`"), "{text}");
}

/// A wait that went on after its limit would take at least a second. A busy machine can delay one run, but not each.
#[test]
fn code_that_reaches_no_point_is_stuck_when_the_limit_is_over() {
    let waited = || {
        let begun = Cell::new(Instant::now());
        let absent = model().limit(Duration::from_millis(10)).on_threads(|| {
            begun.set(Instant::now());
            || "Scheduling"
        });
        assert!(absent.unwrap().text().starts_with("stuck"));
        begun.get().elapsed()
    };
    assert!((0..5).any(|_| waited() < Duration::from_secs(1)));
}

#[test]
fn a_knob_that_adds_steps_without_a_point_in_the_code_is_refused_by_name() {
    let refused = |run: RunRules| {
        let rules = Rules { run, ..Rules::named("seed/fixed").unwrap() };
        let setup = Setup::of(Scenario::new(rules, 2).unwrap());
        conduct(setup).on_threads(|| start(Fault::None)).err().map(|error| error.to_string())
    };
    let usual = RunRules::DEFAULT;
    for (knob, run) in [
        ("losses", RunRules { losses: 1, ..usual }),
        ("duplicates", RunRules { duplicates: 1, ..usual }),
        ("old-attempt lingers", RunRules { lingers: true, attempts: 2, ..usual }),
    ] {
        let error = refused(run).expect("it is refused");
        assert!(error.contains(&format!("`{knob}` cannot be conducted")), "{error}");
        assert!(error.contains(&format!("Conduct the same setup without `{knob}`")), "{error}");
    }
    assert_eq!(refused(RunRules { lingers: true, ..usual }), None, "with one attempt no task lingers");
}

#[test]
fn a_point_holds_nothing_unless_code_is_conducted() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", "conducted::alone", "--ignored"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "no other code may be conducted meanwhile: another test runs it in a process of its own"]
fn alone() {
    drop(point(1, "announce"));
    of(Fault::None).expect_conforms();
    drop(point(1, "announce"));
    let message = std::panic::catch_unwind(|| of(Fault::Early).expect_conforms()).expect_err("it diverges");
    assert!(message.downcast_ref::<String>().expect("a message").starts_with("diverges"));
}

#[test]
fn a_step_for_which_code_has_no_point_is_not_blamed_on_the_controller_alone() {
    let mut conducted = of(Fault::OneIsEnough);
    conducted.parted.as_mut().expect("one is not enough").how = Parting::NoPoint;
    let text = conducted.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("its controller does not do the same each time, or code has no point for this step"),
        "{text}"
    );
}
