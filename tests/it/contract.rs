//! A controller that breaks its contract, and a user's code that panics: each is a breach with the schedule, never a
//! verdict, and never a panic of the library.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::common::phases::{RUNNING, SCHEDULING, failed};
use crate::common::request::turned;
use startup_race::explore::contract::{Difference, Violation};
use startup_race::explore::report::Broken;
use startup_race::explore::trace::Trace;
use startup_race::model::ContractViolation;
use startup_race::transition::Event;
use startup_race::{
    ActorId, Check, Claim, Context, Controller, Input, Kind, Phase, Reason, Rules, Scenario, Scope, Setup, Stage,
    State, Symmetric, check,
};

/// How this controller breaks its contract, or in which function it panics once it is Running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Flaw {
    /// It keeps its contract. It has a bug: it drops a failure if task 2 started first.
    None,
    EqForgets,
    HashKnowsMore,
    CloneForgets,
    ClonesShare,
    CountsCalls,
    On,
    Phase,
    Counted,
    Clone,
    Eq,
    Hash,
    Swap,
    Mark,
}

/// How many inputs all controllers with the flaw `CountsCalls` have had.
static HEARD: AtomicUsize = AtomicUsize::new(0);

/// Counts the tasks that have started, and remembers the first.
struct Own {
    flaw: Flaw,
    phase: Phase,
    started: Vec<u8>,
    first: Option<u8>,
    shared: Rc<Cell<usize>>,
}

impl Own {
    fn with(flaw: Flaw) -> Self {
        Self { flaw, phase: SCHEDULING, started: Vec::new(), first: None, shared: Rc::new(Cell::new(0)) }
    }

    /// Panics if it has this flaw and is Running.
    fn may_panic(&self, flaw: Flaw) {
        assert!(self.flaw != flaw || self.phase != RUNNING, "the flaw is in {flaw:?}");
    }

    fn start(&mut self, task: u8, now: &Context) {
        if self.started.contains(&task) {
            return;
        }
        self.first.get_or_insert(task);
        self.started.push(task);
        self.started.sort_unstable();
        if self.started.len() == usize::from(now.tasks) {
            self.phase = RUNNING;
            self.may_panic(Flaw::On);
        }
    }

    /// Whether a failure is lost.
    fn loses(&self) -> bool {
        match self.flaw {
            Flaw::ClonesShare => {
                self.shared.set(self.shared.get() + 1);
                self.shared.get() > 8
            }
            _ => self.flaw != Flaw::CountsCalls && self.first == Some(2),
        }
    }
}

impl Clone for Own {
    fn clone(&self) -> Self {
        self.may_panic(Flaw::Clone);
        let first = self.first.filter(|_| self.flaw != Flaw::CloneForgets);
        Self { started: self.started.clone(), shared: Rc::clone(&self.shared), first, ..*self }
    }
}

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        self.may_panic(Flaw::Eq);
        let forgets = matches!(self.flaw, Flaw::EqForgets | Flaw::HashKnowsMore);
        let known = |own: &Self| own.first.filter(|_| !forgets);
        (self.flaw, self.phase, &self.started, known(self)) == (other.flaw, other.phase, &other.started, known(other))
    }
}

impl Eq for Own {}

impl Hash for Own {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.may_panic(Flaw::Hash);
        let first = self.first.filter(|_| self.flaw != Flaw::EqForgets);
        (self.flaw, self.phase, &self.started, first).hash(state);
    }
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = self.first.filter(|_| self.flaw != Flaw::HashKnowsMore);
        write!(f, "Own({:?}, {:?}, {:?}, {first:?})", self.flaw, self.phase, self.started)
    }
}

impl Controller for Own {
    fn on(&mut self, input: Input, now: &mut Context) {
        let is_97th = self.flaw == Flaw::CountsCalls && (HEARD.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(97);
        let reason = match (self.phase.stage, input) {
            _ if is_97th => return,
            (Stage::Failed(_), _) | (_, Input::Stop | Input::Restarted) => return,
            (_, Input::TimedOut) => Reason::TimedOut,
            (_, Input::Notice(notice)) => match notice.kind {
                Kind::Started => return self.start(notice.from.0, now),
                Kind::Finished | Kind::Own(_) => return,
                Kind::Failed(_) if self.loses() => return,
                Kind::Failed(cause) => Reason::Task(notice.from, cause),
            },
        };
        self.phase = failed(reason);
    }

    fn phase(&self) -> Phase {
        self.may_panic(Flaw::Phase);
        self.phase
    }

    fn counted(&self) -> Option<u8> {
        self.may_panic(Flaw::Counted);
        u8::try_from(self.started.len()).ok()
    }
}

/// The number of a task after an exchange of two tasks.
fn swapped(task: u8, a: ActorId, b: ActorId) -> u8 {
    match task {
        task if task == a.0 => b.0,
        task if task == b.0 => a.0,
        task => task,
    }
}

impl Symmetric for Own {
    fn mark(&self, task: ActorId) -> u64 {
        self.may_panic(Flaw::Mark);
        u64::from(self.started.contains(&task.0)) + 2 * u64::from(self.first == Some(task.0))
    }

    fn swap(&mut self, a: ActorId, b: ActorId) {
        self.may_panic(Flaw::Swap);
        let swapped = |task| swapped(task, a, b);
        self.started.iter_mut().for_each(|task| *task = swapped(*task));
        self.started.sort_unstable();
        self.first = self.first.map(swapped);
    }
}

fn setup(flaw: Flaw, tasks: u8) -> Setup<Own> {
    let rules = Rules::named("arroyo/before").unwrap();
    Setup::with(Own::with(flaw), Scenario::new(rules, tasks).unwrap().failing(&[tasks]).unwrap())
}

/// A check of `no-lost-failure`: two tasks, of which the second fails.
fn no_lost_failure(flaw: Flaw) -> Check<'static, Own> {
    let setup = setup(flaw, 2);
    let claims = setup.standard_claims().into_iter().filter(|claim| claim.id == "no-lost-failure");
    check(setup).claims(claims.collect())
}

/// The breach of a check. Asserts that the message names the schedule.
fn broken(check: Check<'_, Own>) -> Broken {
    let broken = check.run().err().expect("the contract is broken");
    let (text, schedule) = (broken.to_string(), broken.schedule.text(broken.workers));
    assert!(text.contains(&format!("\"{schedule}\"")), "the message names the schedule {schedule}: {text}");
    broken
}

fn difference(flaw: Flaw) -> (Difference, String) {
    let broken = broken(no_lost_failure(flaw));
    let Violation::Differs(difference) = broken.violation else { panic!("{flaw:?}: {:?}", broken.violation) };
    (difference, broken.schedule.text(1))
}

#[test]
fn the_honest_twin_of_each_liar_is_refuted() {
    no_lost_failure(Flaw::None).expect_refuted("no-lost-failure");
}

#[test]
fn a_controller_whose_eq_leaves_out_a_field_is_a_breach() {
    let (difference, schedule) = difference(Flaw::EqForgets);
    let Difference::Debug(one, other) = difference else { panic!("{difference:?}") };
    assert!(one.contains("Some(1)") && other.contains("Some(2)"), "{one} {other}");
    assert_eq!(schedule, "2 1 c c", "task 1 was first in what was met before");
}

#[test]
fn a_controller_whose_hash_knows_more_than_its_eq_is_a_breach() {
    let found = no_lost_failure(Flaw::HashKnowsMore).run().err().expect("the contract is broken");
    assert!(matches!(found.violation, Violation::Differs(Difference::Hash(..))), "{found}");
}

#[test]
fn a_controller_whose_clone_forgets_a_field_is_a_breach() {
    let (difference, schedule) = difference(Flaw::CloneForgets);
    assert!(matches!(difference, Difference::Clone(one, other) if one.contains("Some(1)") && other.contains("None")));
    assert_eq!(schedule, "1 c");
}

#[test]
fn a_controller_whose_clones_share_memory_is_a_breach() {
    assert!(matches!(difference(Flaw::ClonesShare).0, Difference::Reaction(_)));
}

#[test]
fn a_controller_that_counts_its_calls_outside_of_itself_is_a_breach() {
    let (difference, _) = difference(Flaw::CountsCalls);
    let Difference::Reaction(both) = difference else { panic!("{difference:?}") };
    assert_ne!(both[0].0.reaction, both[1].0.reaction);
}

thread_local! {
    /// The panics of this thread.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Makes a call. Returns its result, and the number of panics that it printed on this thread.
fn panics_of<T>(call: impl FnOnce() -> T) -> (T, usize) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.with_borrow_mut(|panics| panics.push(info.to_string()));
            before(info);
        }));
    });
    PANICS.with_borrow_mut(Vec::clear);
    (call(), PANICS.with_borrow(Vec::len))
}

#[test]
fn a_panic_in_any_function_of_a_controller_is_a_breach_and_is_printed_once() {
    for (flaw, schedule) in [
        (Flaw::On, "1 2 c c"),
        (Flaw::Phase, "1 2 c c"),
        (Flaw::Counted, "1 2 c c"),
        (Flaw::Clone, "1 2 c c"),
        (Flaw::Eq, "1 2 c c"),
        (Flaw::Hash, "1 2 c c"),
    ] {
        let (broken, panics) = panics_of(|| broken(check(setup(flaw, 2))));
        assert_eq!(
            broken.violation,
            Violation::Breach(ContractViolation::Panicked(format!("the flaw is in {flaw:?}")))
        );
        assert_eq!((broken.schedule.text(1).as_str(), panics), (schedule, 1), "{flaw:?}");
    }
}

#[test]
fn a_panic_while_tasks_are_interchanged_is_a_breach_with_the_schedule() {
    for flaw in [Flaw::On, Flaw::Clone, Flaw::Swap, Flaw::Mark] {
        let (broken, panics) = panics_of(|| broken(check(setup(flaw, 3)).symmetric()));
        assert_eq!(
            broken.violation,
            Violation::Breach(ContractViolation::Panicked(format!("the flaw is in {flaw:?}")))
        );
        let walked = startup_race::replay(&setup(Flaw::None, 3), &broken.schedule.text(1)).expect("it can be stepped");
        let last = walked.events.last().and_then(Event::transition);
        let is_running = last.is_some_and(|last| last.after == RUNNING || last.before == RUNNING);
        assert!(is_running && panics == 1, "{flaw:?}: {broken}, {panics} panics");
    }
}

#[test]
fn a_controller_that_panics_from_the_start_is_a_breach_before_the_first_step() {
    let running = Own { phase: RUNNING, ..Own::with(Flaw::Phase) };
    let setup = Setup::with(running, setup(Flaw::None, 2).scenario);
    let text = check(setup).run().err().expect("the contract is broken").to_string();
    assert!(text.contains("before the first step") && text.contains("the flaw is in Phase"), "{text}");
}

#[test]
fn a_panic_in_a_claim_is_a_breach_of_the_claim_with_the_schedule() {
    let is_running = |state: &State<'_, Own>| state.stage() == Stage::Up;
    for (judged, schedule) in [(Scope::Always, "1 2 c c"), (Scope::Reachable, "1 2 c c")] {
        let claim =
            Claim::new("own", "says", judged, move |state| !is_running(state) || panic!("no premise"), |_| true);
        let (broken, panics) = panics_of(|| broken(check(setup(Flaw::None, 2)).claim(claim)));
        assert_eq!(broken.violation, Violation::Claim { id: "own".to_string(), panic: "no premise".to_string() });
        assert_eq!((broken.schedule.text(1).as_str(), panics), (schedule, 1));
        assert!(broken.to_string().starts_with("the claim own panicked at step 4"), "{broken}");
    }
    let at_ends = Claim::new("own", "says", Scope::AtEnd, is_running, |_| panic!("no conclusion"));
    let broken = broken(check(setup(Flaw::None, 2)).claim(at_ends));
    assert_eq!(broken.violation, Violation::Claim { id: "own".to_string(), panic: "no conclusion".to_string() });
}

#[test]
fn a_replay_of_a_controller_that_panics_is_a_breach() {
    for flaw in [Flaw::On, Flaw::Phase, Flaw::Counted] {
        let refused = startup_race::replay(&setup(flaw, 2), "1 2 c c").unwrap_err().to_string();
        assert!(refused.contains(&format!("the flaw is in {flaw:?}")), "{refused}");
    }
    let refused = startup_race::replay(&setup(Flaw::Clone, 2), "1 2 c c 1").unwrap_err().to_string();
    assert!(refused.contains("step 5") && refused.contains("the flaw is in Clone"), "{refused}");
}

/// Whether a stop is enabled depends on the phase, also before the first step.
#[test]
fn a_schedule_of_a_controller_that_panics_from_the_start_is_a_breach_and_no_panic() {
    let rules = turned(Rules::named("seed/fixed").unwrap(), "stop", "asked");
    let running = Own { phase: RUNNING, ..Own::with(Flaw::Phase) };
    let setup = Setup::with(running, Scenario::new(rules, 2).unwrap());
    let completed = check(setup.clone()).broken_by("").map_err(|error| error.to_string());
    assert!(completed.as_ref().is_err_and(|text| text.contains("the flaw is in Phase")), "{completed:?}");
    let blocked = startup_race::replay(&setup, "1 c2").map(|_| ()).map_err(|error| error.to_string());
    assert!(blocked.as_ref().is_err_and(|text| text.contains("the flaw is in Phase")), "{blocked:?}");
    assert!(Trace::first_complete(&setup).is_none());
}

/// A claim that does not depend on the state alone: it is broken only once.
#[test]
fn a_counterexample_that_is_not_one_when_it_is_replayed_is_a_breach() {
    for judged in [Scope::Always, Scope::AtEnd] {
        let once = AtomicBool::new(false);
        let breaks_once = move |_: &State<'_, Own>| once.swap(true, Ordering::Relaxed);
        let claim = Claim::new("once", "says", judged, |_| true, breaks_once);
        let found = check(setup(Flaw::None, 2)).claims(vec![claim]).run().err().expect("it is no counterexample");
        assert_eq!(found.violation, Violation::NotReplayed { id: "once".to_string() });
        assert!(found.to_string().contains("does not lead there"), "{found}");
    }
}

/// Whether the search of the next test is over. From then on, its controllers react otherwise.
static TURNED: AtomicBool = AtomicBool::new(false);

/// Drops every failure, and after the search every notice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Turning(Vec<u8>);

impl Controller for Turning {
    fn on(&mut self, input: Input, _: &mut Context) {
        match input {
            Input::Notice(notice) if notice.kind == Kind::Started && !TURNED.load(Ordering::Relaxed) => {
                self.0.push(notice.from.0);
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        if self.0.len() < 2 { SCHEDULING } else { RUNNING }
    }
}

#[test]
fn a_report_shows_its_schedule_as_the_search_stepped_it() {
    let scenario = Scenario::new(Rules::named("seed/buggy").unwrap(), 2).unwrap().failing(&[2]).unwrap();
    let report = check(Setup::with(Turning(Vec::new()), scenario)).run().unwrap();
    let before = report.text();
    assert!(before.contains("<- claim broken"), "{before}");
    TURNED.store(true, Ordering::Relaxed);
    assert_eq!(report.text(), before);
    // The test can fail: the result of stepping the schedule again is now different.
    let (setup, trace) = (&report.setup, report.claims[0].trace.as_ref().unwrap());
    assert_ne!(Trace::of(setup, &trace.schedule).unwrap().events, trace.events);
}

/// Has a leader from the start, which `swap` renames. So not all renamings of a state are reachable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Led {
    leader: u8,
    own: Vec<u8>,
}

impl Controller for Led {
    fn on(&mut self, input: Input, _: &mut Context) {
        match input {
            Input::Notice(notice) if notice.kind == Kind::Started && !self.own.contains(&notice.from.0) => {
                self.own.push(notice.from.0);
                self.own.sort_unstable();
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        if self.own.len() < 4 { SCHEDULING } else { RUNNING }
    }
}

impl Symmetric for Led {
    fn mark(&self, task: ActorId) -> u64 {
        u64::from(self.own.contains(&task.0)) + 2 * u64::from(self.leader == task.0)
    }

    fn swap(&mut self, a: ActorId, b: ActorId) {
        let swapped = |task| swapped(task, a, b);
        self.own.iter_mut().for_each(|task| *task = swapped(*task));
        self.own.sort_unstable();
        self.leader = swapped(self.leader);
    }
}

#[test]
fn a_controller_that_prefers_a_task_from_the_start_is_searched_in_full() {
    let scenario = || Scenario::new(Rules::named("seed/buggy").unwrap(), 4).unwrap().failing(&[4]).unwrap();
    let led = |leader| Setup::with(Led { leader, own: Vec::new() }, scenario());
    let (full, symmetric) = (check(led(1)).run().unwrap(), check(led(1)).symmetric().run().unwrap());
    assert_eq!((&full.states, full.orbits), (&symmetric.states, symmetric.orbits));
    assert!(!symmetric.reduced);
    // The test can fail: without a leader among the tasks that are alike, they are interchanged.
    let unled = check(led(4)).symmetric().run().unwrap();
    assert!(unled.reduced && unled.orbits < full.orbits && unled.states == full.states);
}
