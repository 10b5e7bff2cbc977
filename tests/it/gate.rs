//! Checks of a user's own checks: a suite, the coverage of its scenarios, mutants of its controller.

use startup_race::gate::{Fate, Flaw, InputKind, Killer, NoAnswer, Note, Remark, SuiteReport};
use startup_race::{
    Actor, ActorId, Claim, Context, Controller, Fault, Input, Kind, Phase, PipelineController, Reason, Rules, RunRules,
    Scenario, Scope, Script, Setup, Stage, State, Step, Suite, check,
};

use crate::common::request::{self, turned};

/// Counts notices, and does not look at their sender; a failure is final.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Counter {
    started: u8,
    failed: Option<Reason>,
}

impl Controller for Counter {
    fn on(&mut self, input: Input, now: &mut Context) {
        match input {
            Input::Notice(notice) if self.failed.is_none() => match notice.kind {
                Kind::Started if self.started < now.tasks => self.started += 1,
                Kind::Failed(cause) => self.failed = Some(Reason::Task(notice.from, cause)),
                _ => {}
            },
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        let (name, stage) = match self.failed {
            Some(reason) => ("Broken", Stage::Failed(reason)),
            None if self.started < 2 => ("Waiting", Stage::Starting),
            None => ("Open", Stage::Up),
        };
        Phase { name, stage }
    }
}

fn scenario(protocol: &str, fails: &[u8]) -> Scenario {
    Scenario::new(Rules::named(protocol).unwrap(), 2).unwrap().failing(fails).unwrap()
}

fn counter(fails: &[u8]) -> Setup<Counter> {
    Setup::with(Counter::default(), scenario("seed/fixed", fails))
}

fn of(protocol: &str, fails: &[u8]) -> Setup<PipelineController> {
    Setup::of(scenario(protocol, fails))
}

fn both() -> Suite<Counter> {
    Suite::new().check("no task fails", check(counter(&[]))).check("task 2 fails", check(counter(&[2])))
}

/// The message of a panic.
fn message(call: impl FnOnce()) -> String {
    let call = std::panic::AssertUnwindSafe(call);
    let payload = std::panic::catch_unwind(call).expect_err("it panics");
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).expect("a message")
}

fn fate_of(suite: &Suite<Counter>, flaw: Flaw) -> Fate {
    let teeth = suite.teeth().expect("the suite passes");
    teeth.mutants.into_iter().find(|(other, _)| *other == flaw).map(|(_, fate)| fate).expect("there is such a mutant")
}

#[test]
fn a_suite_passes_only_if_each_claim_is_put_to_the_test_in_one_of_its_scenarios() {
    let report = both().expect_proved();
    assert_eq!(report.unmet(), [""; 0]);
    for (name, found) in &report.reports {
        assert!(
            found.claims.iter().any(|judgement| !judgement.premise_met()),
            "{name} alone does not test every claim"
        );
    }
    let text = message(|| drop(Suite::new().check("task 2 fails", check(counter(&[2]))).expect_proved()));
    assert!(text.contains("never put to the test:") && text.contains("no-false-start"), "{text}");
    assert!(!text.contains("always-decides. No scenario"), "{text}");
}

#[test]
fn a_suite_says_which_scenario_breaks_which_claim_and_shows_how() {
    let suite = Suite::new()
        .check("before the fix", check(of("arroyo/before", &[2])))
        .check("after it", check(of("arroyo/after", &[2])));
    let text = message(|| drop(suite.expect_proved()));
    assert!(text.starts_with("REFUTED   before the fix: "), "{text}");
    assert!(text.contains("PROVED    after it: "), "{text}");
    assert!(text.contains("TaskFailed(2): dropped"), "{text}");
    let empty = message(|| drop(Suite::<Counter>::new().expect_proved()));
    assert!(empty.contains("proves nothing"), "{empty}");
}

/// With a stop, no end of a sound controller is Running, so `no-half-run` is not tested. Another scenario tests it.
#[test]
fn a_standard_claim_that_one_scenario_of_a_suite_judges_is_judged_in_each() {
    let mut rules = Rules::named("arroyo/after").unwrap();
    rules.run.stop = true;
    let stops = || check(Setup::of(Scenario::new(rules, 2).unwrap()));
    let judges = |report: &SuiteReport<PipelineController>, scenario: usize| {
        report.reports[scenario].1.claims.iter().any(|judgement| judgement.claim.id == "no-half-run")
    };
    let suite = || Suite::new().check("it stops", stops()).check("task 2 fails", check(of("arroyo/after", &[2])));
    let report = suite().check("no task fails", check(of("arroyo/after", &[]))).expect_proved();
    assert!((0..3).all(|scenario| judges(&report, scenario)));
    // A check of chosen claims judges these only.
    let chosen = check(of("arroyo/after", &[])).run().unwrap().claims.remove(1).claim;
    let report = suite().check("one claim", check(of("arroyo/after", &[])).claims(vec![chosen])).run();
    let report = report.expect("no contract is broken");
    assert!(!judges(&report, 2) && report.unmet().contains(&"no-half-run"), "{:?}", report.unmet());
}

#[test]
fn a_claim_that_is_allowed_to_be_unmet_does_not_fail_a_suite() {
    let never = || Claim::new("never", "never: never", Scope::AtEnd, |_: &State<'_, Counter>| false, |_| false);
    let suite = |allows: bool| {
        let check = check(counter(&[2])).claims(vec![never()]);
        Suite::new().check("one", if allows { check.allow_unmet_premise() } else { check })
    };
    assert!(message(|| drop(suite(false).expect_proved())).contains("never put to the test:"));
    suite(true).expect_proved();
}

#[test]
fn a_tight_suite_kills_every_mutant_of_its_controller() {
    let teeth = both().expect_teeth();
    let killed = teeth.mutants.iter().filter(|(_, fate)| matches!(fate, Fate::Killed { .. })).count();
    assert_eq!((killed, teeth.mutants.len()), (6, 6), "{}", teeth.text());
    insta::assert_snapshot!("teeth", teeth.text());
}

#[test]
fn a_mutant_survives_if_no_claim_looks_at_what_it_does_and_the_message_says_what_it_needs() {
    let blind = |setup| {
        let claims = check(setup).run().unwrap().claims.into_iter().map(|judgement| judgement.claim);
        claims.filter(|claim| claim.id == "no-false-start").collect()
    };
    let suite = || {
        let one = check(counter(&[])).claims(blind(counter(&[])));
        let other = check(counter(&[2])).claims(blind(counter(&[2])));
        Suite::new().check("no task fails", one).check("task 2 fails", other)
    };
    let Fate::Survived(difference) = fate_of(&suite(), Flaw::DropsFirst(InputKind::Failed)) else {
        panic!("no claim speaks of a failure: {}", suite().teeth().unwrap().text())
    };
    assert_eq!((difference.sound.name, difference.mutant.name), ("Broken", "Waiting"));
    let text = message(|| drop(suite().expect_teeth()));
    assert!(text.starts_with("a mutant of the controller survives"), "{text}");
    let text = text.replace("\n         ", " ");
    assert!(text.contains("SURVIVED  drops the first TaskFailed: task 2 fails: after \""), "{text}");
    assert!(text.contains("the controller is Broken, the mutant Waiting, and no claim is broken"), "{text}");
    // The schedule can be taken with the unchanged controller, and leads to the difference.
    let trace = startup_race::replay(&counter(&[2]), &difference.schedule).expect("a schedule of the controller");
    assert_eq!(trace.last().phase().name, "Broken");
}

#[test]
fn what_a_scenario_cannot_show_is_called_the_same_and_does_not_fail() {
    let suite = Suite::new().check("no task fails", check(counter(&[])));
    let teeth = suite.expect_teeth();
    assert!(teeth.mutants.iter().all(|(flaw, _)| *flaw != Flaw::DropsFirst(InputKind::Failed)), "no task fails");
    // The built-in controller counts in a set, so a notice that comes twice changes nothing.
    let teeth = check(of("arroyo/after", &[2])).expect_teeth();
    let twice = teeth.mutants.iter().find(|(flaw, _)| *flaw == Flaw::CountsTwice(InputKind::Started));
    assert_eq!(twice.map(|(_, fate)| fate), Some(&Fate::Same));
    assert!(
        matches!(fate_of(&both(), Flaw::CountsTwice(InputKind::Started)), Fate::Killed { .. }),
        "a counter shows it"
    );
}

#[test]
fn a_mutant_is_killed_by_a_claim_by_the_witness_or_by_the_contract() {
    let forgets = fate_of(&both(), Flaw::ForgetsTask(ActorId(1)));
    assert!(matches!(forgets, Fate::Killed { by: Killer::Claim(ref id, Some(_)), .. } if id == "always-decides"));
    let early = fate_of(&both(), Flaw::UpOneEarly);
    assert!(matches!(early, Fate::Killed { by: Killer::Claim(ref id, _), .. } if id == "no-false-start"), "{early:?}");
    let only_always = |setup| {
        let claims = check(setup).run().unwrap().claims.into_iter().map(|judgement| judgement.claim);
        claims.filter(|claim| claim.id == "no-false-start").collect::<Vec<_>>()
    };
    let suite = Suite::new().check("one", check(counter(&[])).claims(only_always(counter(&[]))));
    let forgets = fate_of(&suite, Flaw::ForgetsTask(ActorId(1)));
    assert_eq!(forgets, Fate::Killed { scenario: "one".to_string(), by: Killer::Witness("can-run".to_string()) });
}

#[test]
fn teeth_are_asked_only_of_a_check_that_passes() {
    let error = check(of("arroyo/before", &[2])).teeth().expect_err("it is refuted");
    assert!(
        matches!(error, NoAnswer::NotProved(_)) && error.to_string().contains("make `expect_proved` pass"),
        "{error}"
    );
}

#[test]
fn the_coverage_is_what_the_controller_received_in_each_phase_and_what_never() {
    let coverage = both().coverage().unwrap();
    let never = [(InputKind::Started, "Open"), (InputKind::Failed, "Open"), (InputKind::Failed, "Broken")];
    assert_eq!(coverage.never(), never);
    insta::assert_snapshot!("coverage", coverage.text());
    let dropped = check(of("arroyo/before", &[2])).coverage().unwrap();
    let cell = dropped.cell(InputKind::Failed, "Scheduling").expect("it is met");
    assert!(cell.met > 0 && cell.met == cell.dropped, "the bug drops it every time: {cell:?}");
    let text = message(|| drop(both().expect_met(&[(InputKind::Failed, "Open")])));
    assert!(text.starts_with("TaskFailed is never met in Open"), "{text}");
    both().expect_met(&[(InputKind::Failed, "Waiting")]);
}

/// With several inboxes, one state can give the controller an input in several ways. 11 and 21 end in 1, but need the
/// plural.
#[test]
fn the_coverage_says_how_often_an_input_was_met_and_not_in_how_many_states() {
    let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap().on_workers(&[1, 2]).unwrap();
    let (two, states) = (check(Setup::of(scenario.clone())).coverage().unwrap(), check(Setup::of(scenario)).run());
    let met = two.cell(InputKind::Started, "Scheduling").expect("it is met").met;
    assert!(two.text().contains(&format!("  {met} times")), "{} {}", two.text(), states.unwrap().states);
    for (met, shown) in [(1, "once"), (2, "2 times"), (11, "11 times"), (21, "21 times")] {
        let mut coverage = check(of("seed/fixed", &[])).coverage().unwrap();
        coverage.cells.truncate(1);
        coverage.cells[0].met = met;
        assert!(coverage.text().lines().any(|line| line.contains(&format!("  {shown}"))), "{}", coverage.text());
    }
}

#[test]
fn stale_notices_that_change_something_are_counted_in_the_coverage() {
    let stale = |fence: &str| {
        let rules = turned(turned(Rules::named("seed/fixed").unwrap(), "attempts", "2"), "fence", fence);
        let scenario = Scenario::new(rules, 2).unwrap().failing(&[2]).unwrap();
        let coverage = check(Setup::of(scenario)).coverage().unwrap();
        coverage.cells.iter().map(|cell| cell.stale).sum::<usize>()
    };
    assert!(stale("none") > 0 && stale("attempt") == 0, "{} and {}", stale("none"), stale("attempt"));
}

#[test]
fn a_scenario_with_too_many_states_has_no_coverage_and_says_so() {
    let error = check(of("arroyo/after", &[2])).max_states(10).coverage().expect_err("cut short");
    assert!(error.to_string().contains("Use a smaller scenario"), "{error}");
}

fn remarks(setup: Setup<PipelineController>) -> Vec<(Remark, String)> {
    let notes = check(setup).review().unwrap().notes;
    notes.into_iter().map(|note| (note.remark, note.claim)).collect()
}

#[test]
fn a_review_remarks_on_what_is_suspicious_and_names_the_claim_that_is_broken() {
    let early = Remark::AnnouncesEarly(vec![ActorId(1), ActorId(2)]);
    let expected =
        [(early, "no-false-start".to_string()), (Remark::FailureDropped("Scheduling"), "no-lost-failure".to_string())];
    assert_eq!(remarks(of("arroyo/before", &[2])), expected);
    let rules = |fence| turned(turned(Rules::named("seed/fixed").unwrap(), "attempts", "2"), "fence", fence);
    let stale =
        |fence| remarks(Setup::of(Scenario::new(rules(fence), 2).unwrap().with_fault(Fault::Panics, 2, &[1]).unwrap()));
    assert!(stale("none").iter().any(|(remark, _)| *remark == Remark::StaleTaken("Scheduling")), "{:?}", stale("none"));
    assert!(!stale("attempt").iter().any(|(remark, _)| matches!(remark, Remark::StaleTaken(_))));
    let rules =
        turned(turned(Rules::named("arroyo/after").unwrap(), "stop", "asked"), "stop-while-scheduling", "ignore");
    let stop = remarks(Setup::of(Scenario::new(rules, 2).unwrap()));
    assert!(stop.contains(&(Remark::StopIgnored("Scheduling"), "no-lost-stop".to_string())), "{stop:?}");
}

#[test]
fn a_review_is_silent_on_what_the_search_has_proved_to_be_harmless() {
    assert_eq!(remarks(of("arroyo/after", &[2])), []);
    // In Running, a failure of the attempt before is dropped. The claims about lost failures are proved. The same notice
    // is taken in Scheduling, and that is not harmless.
    let fails = "--fails 1@1,2@1 --attempts 2 --old-attempt lingers --failed-while-running ignore";
    let setup = || Setup::of(request::scenario(&format!("seed/fixed {fails}")).1);
    let coverage = check(setup()).coverage().unwrap();
    let failed = coverage.cell(InputKind::Failed, "Running").expect("it is met");
    assert!(failed.dropped > failed.fenced, "it is suspicious: {failed:?}");
    assert_eq!(remarks(setup()), [(Remark::StaleTaken("Scheduling"), "no-false-alarm".to_string())]);
}

/// Task 1 announces itself early. Task 2 fails before it announces itself, so the controller is never Open.
#[test]
fn a_claim_whose_premise_is_never_met_proves_nothing_harmless() {
    let early = Script::default().then(Step::ANNOUNCE).then(Step::OnStart).then(Step::Run);
    let late = Script::default().then(Step::OnStart).then(Step::ANNOUNCE).then(Step::Run);
    let late = Actor::task("late", late).with(Fault::Panics, &[1], &[]);
    let actors = vec![Actor::task("early", early), late];
    let review = check(Setup::own(Counter::default(), RunRules::DEFAULT, actors).unwrap()).review().unwrap();
    let claim = review.report.claims.iter().find(|judgement| judgement.claim.id == "no-false-start").unwrap();
    assert!(claim.verdict.is_proved() && !claim.premise_met());
    let note = Note { remark: Remark::AnnouncesEarly(vec![ActorId(1)]), claim: "no-false-start".to_string() };
    assert_eq!(review.notes, [note]);
}

#[test]
fn a_counterexample_is_pinned_beside_the_test_and_tried_first_the_next_time() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pins");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("tests/it")).unwrap();
    std::fs::write(folder.join("tests/it/gate.rs"), "").unwrap();
    let pins = folder.join("tests/it/gate.pins");
    let run = |pin: Option<&str>| {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "gate::this_check_fails", "--ignored"]).current_dir(&folder);
        child.env_remove("STARTUP_RACE_PIN").env("RUST_BACKTRACE", "0");
        child.envs(pin.map(|value| ("STARTUP_RACE_PIN", value)));
        let output = child.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    assert!(run(None).contains("REFUTED  no-lost-failure") && !pins.exists(), "nothing is written unasked");
    let text = run(Some("always"));
    assert!(text.contains("STARTUP_RACE_PIN is \"always\": `write` is its only value"), "{text}");
    let text = run(Some("write"));
    assert!(text.contains("2 new in "), "{text}");
    let written = std::fs::read_to_string(&pins).unwrap();
    assert!(written.contains("2 2 2 1 1 1 c c c  # no-lost-failure\n"), "{written}");
    // The next run fails at the first pin, before its search. Nothing is written twice.
    let text = run(Some("write"));
    assert!(text.contains("gate.pins:2: the pinned schedule breaks "), "{text}");
    assert!(!text.contains("PROVED"), "no search was made: {text}");
    assert_eq!(std::fs::read_to_string(&pins).unwrap(), written);
    // A line that is not a schedule is an error. A schedule that cannot be taken belongs to another check.
    std::fs::write(&pins, "9 9 9\n").unwrap();
    assert!(run(None).contains("REFUTED  no-lost-failure"));
    std::fs::write(&pins, "# fine\n2 z\n").unwrap();
    assert!(run(None).contains("gate.pins:2: step 2 of the schedule, `z`, names no actor"));
}

#[test]
#[ignore = "it fails: another test runs it"]
fn this_check_fails() {
    check(of("arroyo/before", &[2])).expect_proved();
}
