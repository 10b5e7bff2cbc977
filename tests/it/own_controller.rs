//! A user's own controller, startup sequence and claims. A controller that breaks its contract is reported with the
//! schedule, and never as a verdict.

use crate::common::phases::{RUNNING, SCHEDULING, failed};
use crate::common::request::turned;
use startup_race::explore::contract::Violation;
use startup_race::model::{ContractRule, ContractViolation};
use startup_race::scenario::SequenceError;
use startup_race::{
    ActorId, Check, Claim, Context, Controller, Effect, Input, Kind, Phase, PipelineController, Reason, Rules,
    Scenario, Scope, Sequence, Setup, Stage, State, Step, check, replay,
};

/// The flaw of this controller, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Flaw {
    None,
    Panics,
    CountsEachTwice,
    FailsAndRetries,
    LeavesFailed,
    RestartsAnother,
    AsksForAnotherAttempt,
    IgnoresTheTimeout,
}

/// Counts the tasks that have started. A failure leads to a retry while an attempt is left.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Own {
    flaw: Flaw,
    phase: Phase,
    started: Vec<u8>,
}

impl Own {
    fn with(flaw: Flaw) -> Self {
        Self { flaw, phase: SCHEDULING, started: Vec::new() }
    }

    fn fail(&mut self, reason: Reason, now: &mut Context) {
        if now.attempts_left > 0 || self.flaw == Flaw::AsksForAnotherAttempt {
            *self = Self::with(self.flaw);
            now.effects.push(Effect::Retry);
        } else {
            self.phase = failed(reason);
        }
        match self.flaw {
            Flaw::FailsAndRetries => self.phase = failed(reason),
            Flaw::RestartsAnother => now.effects = vec![Effect::Restart(ActorId(now.tasks + 1))],
            _ => {}
        }
    }

    fn start(&mut self, task: u8, now: &Context) {
        if self.started.contains(&task) {
            return;
        }
        self.started.push(task);
        self.started.sort_unstable();
        match self.flaw {
            _ if self.started.len() < usize::from(now.tasks) => {}
            Flaw::Panics => panic!("no room for {task}"),
            _ => self.phase = RUNNING,
        }
    }
}

impl Controller for Own {
    fn on(&mut self, input: Input, now: &mut Context) {
        match (self.phase.stage, input) {
            (Stage::Failed(_), _) if self.flaw == Flaw::LeavesFailed => self.phase = RUNNING,
            (Stage::Failed(_), _) => {}
            (_, Input::TimedOut) if self.flaw == Flaw::IgnoresTheTimeout => {}
            (_, Input::TimedOut) => self.fail(Reason::TimedOut, now),
            (_, Input::Notice(_)) if now.is_stale() => {}
            (Stage::Up, Input::Notice(notice)) if notice.kind == Kind::Started => {}
            (_, Input::Notice(notice)) => match notice.kind {
                Kind::Started => self.start(notice.from.0, now),
                Kind::Failed(cause) => self.fail(Reason::Task(notice.from, cause), now),
                Kind::Finished | Kind::Own(_) => {}
            },
            (_, Input::Stop | Input::Restarted) => {}
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn counted(&self) -> Option<u8> {
        let times = if self.flaw == Flaw::CountsEachTwice { 2 } else { 1 };
        u8::try_from(times * self.started.len()).ok()
    }
}

fn fixed(attempts: u8) -> Rules {
    turned(Rules::named("arroyo/after").unwrap(), "attempts", &attempts.to_string())
}

fn setup(flaw: Flaw, rules: Rules, fails: &[u8]) -> Setup<Own> {
    Setup::with(Own::with(flaw), Scenario::new(rules, 2).unwrap().failing(fails).unwrap())
}

fn breach(flaw: Flaw, rules: Rules, fails: &[u8]) -> (ContractViolation, String) {
    let broken = check(setup(flaw, rules, fails)).run().err().expect("the controller breaks its contract");
    let text = broken.to_string();
    let schedule = broken.schedule.text(broken.workers);
    assert!(text.contains(&schedule), "the message names the schedule {schedule}: {text}");
    let Violation::Breach(breach) = broken.violation else { panic!("not what the controller answered: {text}") };
    (breach, schedule)
}

/// The rule that is broken, the input that breaks it, and the schedule.
fn broken_rule(flaw: Flaw, rules: Rules, fails: &[u8]) -> (ContractRule, Input, String) {
    let (breach, schedule) = breach(flaw, rules, fails);
    let ContractViolation::NotAllowed(what) = breach else { panic!("{flaw:?}: {breach:?}") };
    (what.rule, what.input, schedule)
}

#[test]
fn a_sound_controller_is_proved_with_and_without_retries() {
    for attempts in [1, 2] {
        let report = check(setup(Flaw::None, fixed(attempts), &[2])).expect_proved();
        assert!(report.complete);
    }
}

#[test]
fn a_sound_controller_has_as_many_schedules_as_the_pipelines_own() {
    let own = check(setup(Flaw::None, fixed(2), &[2])).run().unwrap();
    let fenced = turned(fixed(2), "fence", "attempt");
    let pipeline = check(Setup::of(Scenario::new(fenced, 2).unwrap().failing(&[2]).unwrap())).run().unwrap();
    assert_eq!(own.schedules, pipeline.schedules);
    assert_eq!(own.states, pipeline.states);
}

#[test]
fn a_controller_that_panics_is_reported_with_the_schedule() {
    let (breach, schedule) = breach(Flaw::Panics, fixed(1), &[]);
    assert_eq!(breach, ContractViolation::Panicked("no room for 2".to_string()));
    assert_eq!(schedule.split(' ').next_back(), Some("c"));
}

#[test]
fn a_controller_that_contradicts_itself_is_reported() {
    for (flaw, attempts, fails, rule) in [
        (Flaw::CountsEachTwice, 1, &[][..], ContractRule::Counted(4, 2)),
        (Flaw::FailsAndRetries, 2, &[2], ContractRule::NoAttemptWhenFinal),
        (Flaw::LeavesFailed, 1, &[1, 2], ContractRule::FinalStays),
        (Flaw::RestartsAnother, 2, &[2], ContractRule::NoSuchActor(ActorId(3), 2)),
    ] {
        assert_eq!(broken_rule(flaw, fixed(attempts), fails).0, rule, "{flaw:?}");
    }
}

#[test]
fn a_controller_that_asks_for_a_retry_without_budget_is_reported() {
    for attempts in [1, 2] {
        let (rule, input, _) = broken_rule(Flaw::AsksForAnotherAttempt, fixed(attempts), &[2]);
        assert_eq!(rule, ContractRule::AttemptsLeft(0));
        assert!(matches!(input, Input::Notice(notice) if matches!(notice.kind, Kind::Failed(_))));
    }
}

#[test]
fn a_controller_that_ignores_a_timeout_is_reported() {
    let found = broken_rule(Flaw::IgnoresTheTimeout, turned(fixed(1), "timeout", "hasty"), &[]);
    assert_eq!(found, (ContractRule::TimeoutEndsTheWait, Input::TimedOut, "t".to_string()));
}

#[test]
fn a_breach_in_the_witness_alone_is_reported_too() {
    // If task 2 fails, the second start never comes. Without faults it does, and then the controller panics.
    let broken = check(setup(Flaw::Panics, fixed(1), &[2])).run().err().expect("the controller breaks its contract");
    let panicked = Violation::Breach(ContractViolation::Panicked("no room for 2".to_string()));
    assert_eq!((broken.violation.clone(), broken.without_faults), (panicked, true));
    assert!(broken.to_string().contains("with every fault taken out"), "{broken}");
}

#[test]
fn a_failing_check_says_why_in_a_table() {
    let rules = Rules::named("arroyo/before").unwrap();
    let message = std::panic::catch_unwind(|| {
        check(Setup::of(Scenario::new(rules, 2).unwrap().failing(&[2]).unwrap())).expect_proved()
    });
    let payload = message.err().expect("it is not proved");
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(text.contains("REFUTED  no-lost-failure"), "{text}");
    assert!(text.contains("TaskFailed(2): dropped   <- lost here"), "{text}");
}

#[test]
fn a_startup_sequence_has_one_on_start_and_each_other_step_at_most_once() {
    use Step::{Arrive, OnStart};
    const ANNOUNCE: Step = Step::ANNOUNCE;
    assert_eq!(Sequence::new(&[]), Err(SequenceError::OnStart(0)));
    assert_eq!(Sequence::new(&[ANNOUNCE, Arrive]), Err(SequenceError::OnStart(0)));
    assert_eq!(Sequence::new(&[OnStart, OnStart]), Err(SequenceError::OnStart(2)));
    assert_eq!(Sequence::new(&[ANNOUNCE, OnStart, ANNOUNCE]), Err(SequenceError::Repeated(ANNOUNCE)));
    assert_eq!(Sequence::new(&[Arrive, Arrive, OnStart]), Err(SequenceError::Repeated(Arrive)));
    assert!(SequenceError::OnStart(0).to_string().contains("exactly one"));
    assert!(SequenceError::Repeated(Arrive).to_string().contains("at most once"));
}

#[test]
fn a_startup_sequence_of_ones_own_is_walked() {
    let healthy = Scenario::new(fixed(1), 2).unwrap();
    let walked = |steps: &[Step]| Setup::of(healthy.clone()).with_sequence(&Sequence::new(steps).unwrap());
    check(walked(&[Step::Arrive, Step::OnStart, Step::ANNOUNCE])).expect_proved();
    let report = check(walked(&[Step::Arrive, Step::ANNOUNCE, Step::OnStart])).expect_refuted("no-false-start");
    let text = report.text().replace("\n         ", " ");
    assert!(text.contains("PipelineController, startup sequence arrive, announce, on_start, run"), "{text}");
    assert!(!text.contains("announce after-barrier"), "{text}");
}

#[test]
fn a_claim_of_ones_own_that_names_no_task_is_judged_and_tasks_are_interchanged() {
    let all_counted = Claim::new(
        "all-counted",
        "Running: all are counted",
        Scope::Always,
        |state: &State<'_, PipelineController>| state.stage() == Stage::Up,
        |state| state.world.driver.controller.counted() == Some(3),
    );
    let setup = Setup::of(Scenario::new(fixed(1), 3).unwrap().failing(&[3]).unwrap());
    let alone = check(setup.clone()).symmetric().run().unwrap();
    let both = check(setup).symmetric().claim(all_counted).run().unwrap();
    assert!(alone.reduced && both.reduced);
    assert_eq!(alone.states, both.states);
    assert_eq!(both.claims[5].claim.id, "all-counted");
    assert!(both.claims[5].verdict.is_proved());
}

#[test]
fn asking_for_a_state_gives_the_shortest_way_there() {
    let rules = Rules::named("arroyo/before").unwrap();
    let dead_and_running = || {
        Claim::reachable("dead-and-running", "Running with a dead task", |state: &State<'_, PipelineController>| {
            state.stage() == Stage::Up && state.tasks().any(|task| task.is_dead())
        })
    };
    let of = |rules| Setup::of(Scenario::new(rules, 2).unwrap().failing(&[2]).unwrap());
    let found = Check::new(of(rules)).claims(vec![dead_and_running()]).run().unwrap();
    assert!(found.claims[0].verdict.is_proved());
    let trace = found.claims[0].trace.as_ref().unwrap();
    assert_eq!(trace.schedule.text(1), "1 2 2 2 c c");
    let missing = Check::new(of(fixed(1))).claims(vec![dead_and_running()]).run().unwrap();
    assert_eq!(missing.claims[0].verdict.kind().name(), "REFUTED");
    assert!(missing.complete && missing.claims[0].trace.is_none());
    let cut = Check::new(of(fixed(1))).claims(vec![dead_and_running()]).max_states(3).run().unwrap();
    assert_eq!(cut.claims[0].verdict.kind().name(), "CUT SHORT");
}

#[test]
fn a_witness_whose_search_met_no_end_does_not_hold() {
    let setup = Setup::of(Scenario::new(Rules::named("arroyo/after").unwrap(), 2).unwrap());
    let witness = |max_states: usize| Check::new(setup.clone()).max_states(max_states).run().unwrap().witness;
    assert!(!witness(3).holds && witness(3).complete.is_none());
    assert!(witness(100_000).holds && witness(100_000).complete.is_some());
}

#[test]
fn of_no_claim_nothing_is_proved() {
    let setup = Setup::of(Scenario::new(Rules::named("arroyo/after").unwrap(), 2).unwrap());
    let report = Check::new(setup).claims(vec![]).run().unwrap();
    assert_eq!(report.verdict().name(), "VACUOUS");
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| report.expect_proved())).is_err());
}

fn two_tasks(protocol: &str) -> Setup<PipelineController> {
    Setup::of(Scenario::new(Rules::named(protocol).unwrap(), 2).unwrap().failing(&[2]).unwrap())
}

/// The message of a test that fails.
fn message(test: impl FnOnce()) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(test)).expect_err("the test fails");
    payload.downcast_ref::<String>().expect("a message").clone()
}

#[test]
fn a_schedule_is_pinned_in_one_line() {
    check(two_tasks("arroyo/after")).pin("2 2 1 1 c");
    let broken = |name| check(two_tasks(name)).broken_by("2 2 2 1 1 1 c c c").unwrap();
    assert_eq!(broken("arroyo/before"), ["no-false-start", "no-lost-failure", "running-runs"]);
    let text = message(|| check(two_tasks("arroyo/before")).pin("2 2 2 1 1 1 c c c"));
    assert!(text.starts_with("the pinned schedule breaks no-false-start: Running: every task"), "{text}");
    assert!(text.contains("and no-lost-failure: ") && text.contains("TaskFailed(2): dropped   <- lost here"), "{text}");
    let text = message(|| check(two_tasks("arroyo/late-only")).pin("2 2 c"));
    assert!(text.contains("breaks always-decides"), "a schedule that stops early goes on to an end: {text}");
}

#[test]
fn a_pin_judges_the_claims_of_its_check() {
    let never_runs = || {
        let is_running = |state: &State<'_, PipelineController>| state.stage() == Stage::Up;
        Claim::new("never-runs", "Running: never", Scope::Always, is_running, |_| false)
    };
    let healthy = || Setup::of(Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap());
    check(healthy()).pin("1 1 2 2 c c");
    let text = message(|| check(healthy()).claims(vec![never_runs()]).pin("1 1 2 2 c c"));
    assert!(text.starts_with("the pinned schedule breaks never-runs: Running: never"), "{text}");
    assert_eq!(check(healthy()).claim(never_runs()).broken_by("1 1 2 2 c c").unwrap(), ["never-runs"]);
    // The whole schedule is judged, not only its end.
    let starts = Claim::new(
        "starts",
        "at the start: never",
        Scope::Always,
        |_| true,
        |state: &State<'_, PipelineController>| state.tasks().any(|task| task.completed_on_start()),
    );
    assert_eq!(check(healthy()).claim(starts).broken_by("1 1 2 2 c c").unwrap(), ["starts"]);
}

#[test]
fn a_pin_that_cannot_fail_is_refused() {
    let found = Claim::reachable("found", "a state", |_: &State<'_, PipelineController>| true);
    let text = message(|| check(two_tasks("arroyo/after")).claims(vec![found]).pin("2 2 1 1 c"));
    assert!(text.contains("cannot fail"), "{text}");
    let text = message(|| check(two_tasks("arroyo/after")).claims(vec![]).pin("2 2 1 1 c"));
    assert!(text.contains("cannot fail"), "{text}");
}

#[test]
fn a_pin_that_no_longer_fits_says_where_and_what_can_move_there() {
    let text = message(|| check(two_tasks("arroyo/before")).pin("2 2 1 2 1 1 c c c c"));
    assert!(text.contains("no longer fits: step 10 of the schedule, `c`, cannot be taken"), "{text}");
    let text = message(|| check(two_tasks("arroyo/after")).pin("2 2 2"));
    assert!(text.contains("step 3") && text.contains("what can move there: 1 c"), "{text}");
    let text = message(|| check(two_tasks("arroyo/after")).pin("2 y"));
    assert!(text.contains("no longer fits") && text.contains("`y`, names no actor"), "{text}");
    let refused = replay(&two_tasks("arroyo/after"), "2 2 2").unwrap_err().to_string();
    assert!(refused.contains("step 3") && refused.contains("what can move there"), "{refused}");
}

#[test]
fn a_pin_of_a_controller_or_a_claim_that_panics_names_the_schedule() {
    let text = message(|| check(setup(Flaw::Panics, fixed(1), &[])).pin("1 1 2 2 1 2 c c"));
    assert!(text.contains("broke its contract at step") && text.contains("no room for 2"), "{text}");
    let claim = || Claim::new("own", "says", Scope::AtEnd, |_: &State<'_, Own>| true, |_| panic!("no conclusion"));
    let text = message(|| check(setup(Flaw::None, fixed(1), &[2])).claim(claim()).pin("2 2"));
    assert!(text.contains("the claim own panicked at step") && text.contains("no conclusion"), "{text}");
}

#[test]
fn a_pin_that_fails_is_reported_at_the_line_that_pins() {
    use std::sync::Mutex;
    static PLACE: Mutex<Option<(String, u32)>> = Mutex::new(None);
    let before = std::panic::take_hook();
    let this = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == this {
            *PLACE.lock().unwrap() = info.location().map(|place| (place.file().to_string(), place.line()));
        }
        before(info);
    }));
    let line = line!() + 1;
    message(|| check(two_tasks("arroyo/before")).pin("2 2 2 1 1 1 c c c"));
    let (file, at) = PLACE.lock().unwrap().clone().expect("it failed");
    assert!(file.ends_with("own_controller.rs") && at == line, "{file}:{at}");
}

#[test]
fn a_claim_of_ones_own_that_was_never_put_to_the_test_is_no_pass_unless_the_test_says_so() {
    let never =
        || Claim::new("never", "never: never", Scope::AtEnd, |_: &State<'_, PipelineController>| false, |_| false);
    let text = message(|| drop(check(two_tasks("arroyo/after")).claim(never()).expect_proved()));
    assert!(text.starts_with("premise never met: never. ") && text.contains("allow_unmet_premise"), "{text}");
    check(two_tasks("arroyo/after")).claim(never()).allow_unmet_premise().expect_proved();
    let report = check(two_tasks("arroyo/after")).expect_proved();
    let unmet = |report: &startup_race::Report<PipelineController>| -> Vec<String> {
        let unmet = report.claims.iter().filter(|judgement| !judgement.premise_met());
        unmet.map(|judgement| judgement.claim.id.to_string()).collect()
    };
    assert_eq!(unmet(&report), ["no-false-start", "no-lost-failure", "running-runs"], "a standard claim passes");
    for id in unmet(&report) {
        assert!(report.text().contains(&format!("PROVED   {id} (premise never met)")), "{}", report.text());
    }
    let verdict = report.text().split("\nverdict  ").nth(1).expect("a verdict").replace("\n         ", " ");
    assert_eq!(
        verdict.trim_end(),
        "5 PROVED: no-false-start (premise never met), no-lost-failure (premise never met), no-false-alarm, always-decides \
         and running-runs (premise never met)"
    );
}

#[test]
fn what_a_claim_or_a_panic_says_is_escaped_when_it_is_printed() {
    let raw = "\u{1b}[31m\u{202e}\u{200b}\nPROVED";
    let shown = "\\u{1b}[31m\\u{202e}\\u{200b}\\nPROVED";
    let claim = || Claim::new(format!("id{raw}"), format!("says{raw}"), Scope::AtEnd, |_| true, |_| false);
    let check = |protocol: bool| {
        let check = check(setup(Flaw::None, fixed(1), &[2])).claims(vec![claim()]);
        if protocol { check.protocol(raw) } else { check }
    };
    for report in [check(false).run().unwrap(), check(true).run().unwrap()] {
        let text = report.text();
        assert!(text.contains(&format!("id{shown}")) && text.contains(&format!("says{shown}")), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{200b}']) && !text.contains("\nPROVED"), "{text:?}");
    }
    let breach =
        startup_race::model::ContractViolation::Panicked("left\u{1b}[2J\nright\u{202e}".to_string()).to_string();
    assert_eq!(breach, "it panicked: left\\u{1b}[2J\nright\\u{202e}");
}

#[test]
fn a_breach_is_shown_as_a_table_up_to_its_step_and_names_no_attempt_if_there_is_only_one() {
    let text = message(|| drop(check(setup(Flaw::Panics, fixed(1), &[])).expect_proved()));
    assert!(text.contains("it panicked: no room for 2"), "{text}");
    assert!(text.contains("  #  task 1") && text.contains("TaskStarted(1): 1 of 2"), "{text}");
    let rows = text.lines().filter(|line| line.contains("TaskStarted(")).count();
    assert_eq!(rows, 1, "the step that broke it is not drawn: {text}");
    let text = message(|| drop(check(setup(Flaw::LeavesFailed, fixed(1), &[1, 2])).expect_proved()));
    assert!(text.contains("on TaskFailed(") && !text.contains('@'), "{text}");
    assert!(text.contains("is final, and there every input is dropped"), "{text}");
    let text = message(|| drop(check(setup(Flaw::FailsAndRetries, fixed(2), &[2])).expect_proved()));
    assert!(text.contains("on TaskFailed(2@1)"), "{text}");
    let broken = check(setup(Flaw::LeavesFailed, fixed(1), &[1, 2])).run().map(|_| ()).expect_err("a breach");
    assert!(!broken.to_string().contains('@'), "{broken}");
}

#[test]
fn a_claim_that_asks_for_a_state_is_not_said_to_be_unproved_and_proved() {
    let rules = turned(fixed(1), "announce", "never");
    let setup = || Setup::of(Scenario::new(rules, 1).unwrap());
    let runs = || Claim::reachable("runs", "a task runs", |state| state.tasks().any(|task| task.runs()));
    let text = check(setup()).claims(vec![runs()]).run().unwrap().text();
    assert!(text.contains("PROVED   runs") && !text.contains("nothing is proved"), "{text}");
    let text = check(setup()).claim(runs()).run().unwrap().text();
    assert!(text.replace("\n         ", " ").contains("nothing is proved but what asks for a state"), "{text}");
}

#[test]
#[cfg(feature = "cli")]
fn an_own_controller_has_the_same_json_and_the_same_page_as_a_protocol() {
    let report = check(setup(Flaw::None, fixed(1), &[2])).keep_states(5000).run().unwrap();
    let schema = serde_json::to_value(startup_race::json::schema::<startup_race::json::check::Checks>()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert!(jsonschema::is_valid(&schema, &json), "{json}");
    assert_eq!(json["verdict"], "PROVED");
    let page = report.page();
    assert!(page.starts_with("<!") && page.ends_with("</html>\n"), "{}", &page[..200]);
    let walked = check(setup(Flaw::None, fixed(1), &[2])).run().unwrap().page();
    assert!(walked.len() < page.len(), "without the states the page holds less");
}
