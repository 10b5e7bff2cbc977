//! A user's own control plane, end to end: helpers, own names, an own witness, and what is refused.

use startup_race::claims::standard;
use startup_race::explore::trace::Trace;
use startup_race::explore::verdict::VerdictKind;
use startup_race::scenario::ScenarioError;
use startup_race::show::space_time::{Marks, Panel, diagram};
use startup_race::{
    Actor, ActorId, Claim, Command, Context, Controller, Effect, Input, Kind, ModelError, Phase, PipelineController,
    Rules, RunRules, Scenario, Scope, Script, Sequence, Setup, Stage, State, Step, When, check, replay,
};

const CANCEL: Command = Command("cancel");

/// The state of a job, and whether a cancel is handled while it is pending.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Coordinator {
    phase: Phase,
    cancels_pending: bool,
}

const PENDING: Phase = Phase { name: "PENDING", stage: Stage::Starting };
const RUNNING: Phase = Phase { name: "RUNNING", stage: Stage::Up };
const CANCELLED: Phase = Phase { name: "CANCELLED", stage: Stage::Ended };

impl Controller for Coordinator {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match notice.kind {
            Kind::Own("started") if self.phase == PENDING => self.phase = RUNNING,
            Kind::Own("cancel") if self.phase == RUNNING || self.phase == PENDING && self.cancels_pending => {
                self.phase = CANCELLED;
                now.effects.push(Effect::Send(ActorId(1), CANCEL));
            }
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn names(&self) -> &'static [&'static str] {
        &["started", "cancel"]
    }
}

fn setup(cancels_pending: bool) -> Setup<Coordinator> {
    setup_with(cancels_pending, 0)
}

/// The same with more users.
fn setup_with(cancels_pending: bool, more: usize) -> Setup<Coordinator> {
    let (started, cancel) = (Step::Send(Kind::Own("started")), Step::Send(Kind::Own("cancel")));
    let work = Script::default().then(Step::FINISH).when(When::Command(CANCEL)).or(Step::OnStart).then(started);
    let work = work.then(Step::Run).then(Step::FINISH).when(When::Command(CANCEL));
    let user = |name: String| Actor::helper(name, Script::default().then(cancel)).on(2);
    let users = (1..=more).map(|number| user(format!("user {number}")));
    let actors = [Actor::task("work", work), user("the user".to_string())].into_iter().chain(users).collect();
    let coordinator = Coordinator { phase: PENDING, cancels_pending };
    Setup::own(coordinator, RunRules::DEFAULT, actors).unwrap()
}

fn no_work(state: &State<'_, Coordinator>) -> bool {
    state.stage() == Stage::Ended && !state.tasks().any(|task| task.runs())
}

fn cancelled() -> Claim<Coordinator> {
    Claim::new("cancelled", "every end is CANCELLED, and nothing runs", Scope::AtEnd, |_| true, no_work)
}

#[test]
fn a_report_is_told_in_the_users_words_only() {
    let report = check(setup(false)).claims(vec![cancelled()]).expect_refuted("cancelled");
    let text = report.text();
    for words in ["the user", "work ", "cancel(the user): dropped", "RUNNING", "1 helper (the user)"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    for foreign in ["task 1", "task 2", "Running", "Scheduling", "announce", "barrier"] {
        assert!(!text.contains(foreign), "{foreign}: {text}");
    }
}

#[test]
fn a_command_is_shown_where_it_is_sent_and_where_it_is_taken() {
    let cancelled = Claim::reachable("stops", "the work is cancelled", |state| {
        no_work(state) && state.tasks().all(|task| task.is_finished())
    });
    let text = check(setup(true)).claims(vec![cancelled]).run().unwrap().text();
    assert!(text.contains("cancel(the user): CANCELLED, cancel to work"), "{text}");
    assert!(text.contains("finish (cancel)"), "{text}");
}

#[test]
fn a_proof_is_not_vacuous_if_its_own_witness_holds_at_an_end_that_is_not_running() {
    let hollow = check(setup(true)).claims(vec![cancelled()]).run().unwrap();
    assert_eq!(hollow.verdict(), VerdictKind::Vacuous);
    let proved = check(setup(true)).claims(vec![cancelled()]).witness(cancelled()).expect_proved();
    assert!(proved.text().contains("cancelled holds without faults: every end is CANCELLED"), "{}", proved.text());
}

#[test]
fn a_witness_that_asks_for_a_state_holds_if_the_state_can_be_reached() {
    let runs = |state: &State<'_, Coordinator>| state.tasks().all(|task| task.runs());
    let witness = Claim::reachable("runs", "the work runs", runs);
    check(setup(true)).claims(vec![cancelled()]).witness(witness).expect_proved();
    let never =
        Claim::reachable("two-run", "two tasks run", |state| state.tasks().filter(|task| task.runs()).count() == 2);
    let report = check(setup(true)).claims(vec![cancelled()]).witness(never).run().unwrap();
    assert_eq!(report.verdict(), VerdictKind::Vacuous);
    assert!(report.text().contains("two-run does not hold, so nothing is proved"), "{}", report.text());
}

#[test]
#[cfg(feature = "cli")]
fn the_json_names_the_witness_of_the_check() {
    let report = check(setup(true)).claims(vec![cancelled()]).witness(cancelled()).run().unwrap();
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(json["witness"]["id"], "cancelled");
    let schema = serde_json::to_value(startup_race::json::schema::<startup_race::json::check::Checks>()).unwrap();
    assert!(jsonschema::is_valid(&schema, &json), "{json}");
}

#[test]
fn a_claim_about_a_task_that_is_not_there_is_refused() {
    for (about, says) in [(&[ActorId(2)][..], "task 2, which is not there"), (&[], "about no task")] {
        let broken = check(setup(true)).claims(vec![cancelled().about(about)]).run().map(|_| ()).expect_err("refused");
        assert!(broken.to_string().contains(says), "{broken}");
        let broken = check(setup(true)).claims(vec![cancelled().about(about)]).broken_by("1").expect_err("refused");
        assert!(broken.to_string().contains(says), "{broken}");
    }
}

#[test]
fn a_claim_about_some_tasks_says_nothing_of_the_others() {
    let scenario = Scenario::new(Rules::named("seed/buggy").unwrap(), 3).unwrap().failing(&[3]).unwrap();
    let no_lost_failure = |about: &[ActorId]| {
        let claims = standard::<PipelineController>(&RunRules::DEFAULT).into_iter();
        claims.filter(|claim| claim.id == "no-lost-failure").map(|claim| claim.about(about)).collect()
    };
    let quorum = check(Setup::of(scenario.clone())).claims(no_lost_failure(&[ActorId(1), ActorId(2)]));
    quorum.expect_proved();
    check(Setup::of(scenario)).claims(no_lost_failure(&[ActorId(3)])).expect_refuted("no-lost-failure");
}

#[test]
fn two_actors_of_one_name_are_refused() {
    let run = |name: &'static str| Actor::task(name, Script::default().then(Step::Run));
    let refused = |names: [&'static str; 2]| {
        let actors = names.map(run).to_vec();
        let controller = Rules::DEFAULT.controller();
        Setup::own(controller, RunRules::DEFAULT, actors).err()
    };
    assert_eq!(refused(["a", "b"]), None);
    for names in [["a", "a"], ["a", ""], ["a", "b\n"]] {
        assert_eq!(refused(names), Some(ModelError::Name(ActorId(2))), "{names:?}");
    }
}

#[test]
fn a_startup_sequence_of_one_task_alone_is_shown_with_that_task() {
    let hasty = Sequence::new(&[Step::ANNOUNCE, Step::OnStart]).unwrap();
    let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap();
    let setup = || Setup::of(scenario.clone());
    let report = check(setup().with_sequence_of(&[ActorId(2)], &hasty).unwrap()).expect_refuted("no-false-start");
    let text = report.text().replace("\n         ", " ");
    assert!(text.contains("startup sequence of task 1 on_start, announce, run"), "{text}");
    assert!(text.contains("startup sequence of task 2 announce, on_start, run"), "{text}");
    let refused = setup().with_sequence_of(&[ActorId(3)], &hasty).err();
    assert_eq!(refused, Some(ScenarioError::NoSuchTask(3, 2)));
}

#[test]
fn a_schedule_of_helpers_is_replayed_as_it_is_printed() {
    let report = check(setup(false)).claims(vec![cancelled()]).run().unwrap();
    let trace = report.claims[0].trace.clone().unwrap();
    let text = trace.schedule.text(2);
    assert_eq!(replay(&setup(false), &text).unwrap().events, trace.events);
    assert!(report.text().contains(&format!("replay(&setup, \"{text}\")")), "{}", report.text());
}

#[test]
#[cfg(feature = "cli")]
fn a_bug_report_is_refused_with_its_file_or_with_the_reason_why_it_has_none() {
    let ask = |name: &str| crate::common::cli::run(&["check", name]);
    let flynn = ask("report/flynn-1182");
    assert_eq!((flynn.code, flynn.stdout.as_str()), (2, ""));
    assert!(flynn.stderr.contains("two controllers at once"), "{}", flynn.stderr);
    let tork = ask("report/tork-226");
    assert_eq!(tork.code, 2);
    assert!(tork.stderr.contains("examples/reports/tork_226.rs"), "{}", tork.stderr);
}

#[test]
fn a_helper_without_a_lifeline_is_not_called_a_task() {
    let setup = setup_with(true, 8);
    let trace = Trace::of(&setup, &"".parse().unwrap()).unwrap();
    let picture = diagram(&setup, &[Panel::new("a run".to_string(), &trace, Marks::default())]);
    let note = "not shown, without a step: task 1, helpers 2, 3, 4, 5, 6, 7, 8, 9 and 10";
    assert!(picture.contains(note), "{picture}");
}
