//! Which models, actions and steps are refused, and with which error; and a controller that breaks its contract.

use super::search::explore;
use startup_race::core::*;
use startup_race::model::*;
use startup_race::scenario::own::ModelError;
use startup_race::scenario::{Rules, Scenario, ScenarioError};

const ONE: ActorId = ActorId(1);

/// A controller with given effects and phases.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Puppet(Vec<Effect>, Stage, Stage, u8, &'static str);

impl Controller for Puppet {
    fn on(&mut self, _: Input, now: &mut Context) {
        assert!(self.4.is_empty(), "{}", self.4);
        now.effects.extend(&self.0);
        self.1 = self.2;
    }

    fn phase(&self) -> Phase {
        Phase { name: "a phase", stage: self.1 }
    }

    fn counted(&self) -> Option<u8> {
        assert!(self.3 != 99, "no count");
        Some(self.3)
    }

    fn names(&self) -> &'static [&'static str] {
        &["go"]
    }
}

fn puppet(effects: &[Effect], before: Stage, after: Stage) -> Puppet {
    Puppet(effects.to_vec(), before, after, 0, "")
}

fn waits() -> Script {
    let script = Script::default().then(Step::OnStart).then(Step::ANNOUNCE).then(Step::Run);
    script.then(Step::FINISH).when(When::Command(Command("go")))
}

fn task() -> Actor {
    Actor::task("task", waits())
}

fn violation(controller: Puppet) -> ContractViolation {
    let run = RunRules { timeout: Timeout::Patient, attempts: 2, ..RunRules::DEFAULT };
    let found = explore(&Model::new(controller, run, vec![task()]).unwrap(), &[]);
    match found.refused.into_iter().next() {
        Some(Refused::Contract(violation)) => violation,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_breach_of_the_contract_is_a_value_that_says_what_was_allowed() {
    let (start, up, down) = (Stage::Starting, Stage::Up, Stage::Failed(Reason::TimedOut));
    let rule = |controller| match violation(controller) {
        ContractViolation::NotAllowed(breach) => breach.rule,
        panicked @ ContractViolation::Panicked(_) => panic!("{panicked:?}"),
    };
    let send = |id, command| Effect::Send(ActorId(id), Command(command));
    assert_eq!(rule(puppet(&[], down, up)), ContractRule::FinalStays);
    assert_eq!(rule(puppet(&[send(1, "go")], down, down)), ContractRule::FinalStays);
    assert_eq!(rule(puppet(&[Effect::Retry, Effect::Restart(ONE)], up, up)), ContractRule::AttemptsLeft(1));
    assert_eq!(rule(puppet(&[Effect::Retry], up, down)), ContractRule::NoAttemptWhenFinal);
    assert_eq!(rule(puppet(&[], start, start)), ContractRule::TimeoutEndsTheWait);
    assert_eq!(rule(puppet(&[Effect::Reannounce], up, up)), ContractRule::ReannounceAfterRestart);
    assert_eq!(rule(puppet(&[send(9, "go")], up, up)), ContractRule::NoSuchActor(ActorId(9), 1));
    assert_eq!(rule(puppet(&[send(0, "go")], up, up)), ContractRule::NoSuchActor(ActorId(0), 1));
    assert_eq!(rule(puppet(&[Effect::Restart(ActorId(2))], up, up)), ContractRule::NoSuchActor(ActorId(2), 1));
    assert_eq!(rule(puppet(&[send(1, "stop")], up, up)), ContractRule::UnlistedCommand(Command("stop")));
    assert_eq!(rule(Puppet(vec![], up, up, 7, "")), ContractRule::Counted(7, 1));
    assert_eq!(
        violation(Puppet(vec![], up, up, 0, "no address")),
        ContractViolation::Panicked("no address".to_string())
    );
    assert_eq!(violation(Puppet(vec![], up, up, 99, "")), ContractViolation::Panicked("no count".to_string()));
}

#[test]
fn an_action_that_is_not_enabled_is_refused_and_leaves_the_state_as_it_is() {
    let model = Model::new(puppet(&[], Stage::Up, Stage::Up), RunRules::DEFAULT, vec![task()]).unwrap();
    let start = model.start();
    assert_eq!(model.actions(&start), [Action::Step(ONE)]);
    let (first, second) = (Channel::Inbox(WorkerId(1)), Channel::Commands(ONE));
    for (action, why) in [
        (Action::Step(ActorId(2)), Blocked::NoSuchActor),
        (Action::Step(ActorId(0)), Blocked::NoSuchActor),
        (Action::Linger(Attempt(1), ONE), Blocked::NoSuchActor),
        (Action::Receive(WorkerId(1)), Blocked::InboxEmpty),
        (Action::Receive(WorkerId(2)), Blocked::NoSuchActor),
        (Action::Receive(WorkerId(0)), Blocked::NoSuchActor),
        (Action::Redeliver(first), Blocked::NoDuplicateLeft),
        (Action::Lose(second), Blocked::NoLossLeft),
        (Action::Stop, Blocked::NoStop),
        (Action::TimeOut, Blocked::NoTimeout),
        (Action::Crash, Blocked::NoCrashLeft),
    ] {
        let mut world = start.clone();
        assert_eq!(model.check(&world, action), Err(why), "{action:?}");
        assert_eq!(model.apply(&mut world, action), Err(Refused::Blocked(why)), "{action:?}");
        assert_eq!(world, start, "{action:?}");
    }
}

#[test]
fn why_a_stop_a_crash_a_timeout_or_a_step_is_not_possible_is_told() {
    let run = RunRules { timeout: Timeout::Hasty, stop: true, crashes: 1, ..RunRules::DEFAULT };
    let blocked = |stage, steps: &[Action], action| {
        let model = Model::new(puppet(&[], stage, stage), run, vec![task().with(Fault::Vanishes, &[], &[])]).unwrap();
        let mut world = model.start();
        steps.iter().for_each(|step| drop(model.apply(&mut world, *step).unwrap()));
        model.check(&world, action).unwrap_err()
    };
    assert_eq!(blocked(Stage::Ended, &[], Action::Stop), Blocked::Final);
    assert_eq!(blocked(Stage::Ended, &[], Action::Crash), Blocked::Final);
    assert_eq!(blocked(Stage::Up, &[Action::Stop], Action::Stop), Blocked::StopAsked);
    assert_eq!(blocked(Stage::Up, &[], Action::TimeOut), Blocked::NotStarting);
    let vanished = TaskState { status: Status::Dead(Cause::Vanished), ..TaskState::new(Attempt(1)) };
    assert_eq!(blocked(Stage::Up, &[Action::Step(ONE)], Action::Step(ONE)), Blocked::Over(vanished));
}

#[test]
fn a_task_that_cannot_move_says_why() {
    let actors =
        || vec![Actor::task("a", waits()), Actor::task("b", Script::default().then(Step::Arrive).then(Step::Run))];
    let arrives = Actor::task("c", Script::default().then(Step::Arrive).then(Step::Run));
    let mut actors = actors();
    actors.push(arrives.with(Fault::Hangs, &[], &[]));
    let model = Model::new(puppet(&[], Stage::Up, Stage::Up), RunRules::DEFAULT, actors).unwrap();
    let mut world = model.start();
    for _ in 0..3 {
        model.apply(&mut world, Action::Step(ONE)).unwrap();
    }
    model.apply(&mut world, Action::Step(ActorId(2))).unwrap();
    assert!(matches!(model.check(&world, Action::Step(ONE)), Err(Blocked::Over(_))), "it runs");
    assert_eq!(model.check(&world, Action::Step(ActorId(2))), Err(Blocked::AtBarrier));
}

#[test]
fn a_step_that_the_state_of_a_task_does_not_allow_is_a_value() {
    let script = Script::default().then(Step::Run);
    let new = TaskState::new(Attempt(1));
    for step in [Step::OnStart, Step::ANNOUNCE, Step::Stop, Step::Send(Kind::Failed(Cause::Died))] {
        let mut task = new;
        assert_eq!(task.take(step, &script, None), Err(IllegalStep(new, step)));
        assert_eq!(task, new);
    }
    let dead = TaskState { status: Status::Dead(Cause::Died), ..new };
    for step in [Step::Run, Step::Panic(Cause::Died), Step::Send(Kind::Failed(Cause::Died)), Step::Discard] {
        assert_eq!(dead.clone().take(step, &script, None), Err(IllegalStep(dead, step)));
    }
}

#[test]
fn a_model_that_refers_to_what_is_not_there_is_refused() {
    let run = RunRules::DEFAULT;
    let refused = |actors| Model::new(puppet(&[], Stage::Up, Stage::Up), run, actors).map(drop).unwrap_err();
    let with = |step: Step, when: When| Actor::task("other", Script::default().then(step).when(when));
    let helper = || Actor::helper("helper", Script::default());
    let kind = |name| Step::Send(Kind::Own(name));
    assert_eq!(refused(vec![]), ModelError::NoTasks);
    assert_eq!(refused(vec![helper()]), ModelError::NoTasks);
    assert_eq!(refused(vec![task(), helper(), task()]), ModelError::AfterHelper(ActorId(3)));
    let many: Vec<Actor> = [task()].into_iter().chain((0..17).map(|_| helper())).collect();
    assert_eq!(refused(many), ModelError::TooManyHelpers(17));
    assert_eq!(refused(vec![task(); 256]), ModelError::TooManyActors(256));
    let long = (0..33).fold(Script::default(), |script, _| script.then(Step::OnStart));
    assert_eq!(refused(vec![Actor::task("long", long)]), ModelError::TooManyLines(ONE, 33));
    assert_eq!(refused(vec![task().on(0)]), ModelError::NoSuchWorker(ONE));
    let nowhere = Script::default().then(Step::ANNOUNCE).via(Via::Inbox(WorkerId(0)));
    assert_eq!(refused(vec![Actor::task("nowhere", nowhere)]), ModelError::NoSuchWorker(ONE));
    let dead = When::Dead(ActorId(3));
    assert_eq!(refused(vec![task(), with(Step::Run, dead)]), ModelError::NoSuchActor(ActorId(2), ActorId(3)));
    let after = When::After(ONE, kind("begun"));
    let no_step = ModelError::NoSuchStep(ActorId(2), ONE, kind("begun"));
    assert_eq!(refused(vec![task(), with(Step::Run, after)]), no_step);
    let fault = task().with(Fault::Panics, &[], &[after]);
    assert_eq!(refused(vec![fault]), ModelError::NoSuchStep(ONE, ONE, kind("begun")));
    let mut none = RunRules::DEFAULT;
    none.attempts = 0;
    let no_attempts = Model::new(puppet(&[], Stage::Up, Stage::Up), none, vec![task()]).map(drop);
    assert_eq!(no_attempts, Err(ModelError::NoAttempts));
}

/// Every schedule must end, and a task is in one attempt only.
#[test]
fn a_line_without_end_and_a_task_in_two_attempts_are_refused() {
    let refused = |run, actor| {
        let controller = puppet(&[], Stage::Up, Stage::Up);
        Model::new(controller, run, vec![task(), actor]).map(drop).unwrap_err()
    };
    let discards = Actor::task("other", Script::default().then(Step::Discard).then(Step::Run));
    assert_eq!(refused(RunRules::DEFAULT, discards), ModelError::EndlessDiscard(ActorId(2)));
    let stays = || Actor { renewed: false, ..Actor::task("other", waits()) };
    let lingers = RunRules { attempts: 2, lingers: true, ..RunRules::DEFAULT };
    assert_eq!(refused(lingers, stays()), ModelError::InTwoAttempts(ActorId(2)));
    let stops = RunRules { lingers: false, ..lingers };
    assert!(Model::new(puppet(&[], Stage::Up, Stage::Up), stops, vec![task(), stays()]).is_ok());
}

/// A name that only one side uses is refused, because with such a typo a claim could hold only because nothing happens.
#[test]
fn a_name_that_only_one_side_uses_is_refused() {
    let refused =
        |actors| Model::new(puppet(&[], Stage::Up, Stage::Up), RunRules::DEFAULT, actors).map(drop).unwrap_err();
    let waits_for = |name| Actor::task("task", Script::default().then(Step::Run).when(When::Command(Command(name))));
    assert_eq!(refused(vec![waits_for("og")]), ModelError::Unlisted(ONE, "og"));
    let sends = Actor::task("task", Script::default().then(Step::Send(Kind::Own("g0"))));
    assert_eq!(refused(vec![sends]), ModelError::Unlisted(ONE, "g0"));
    assert_eq!(refused(vec![Actor::task("task", Script::default().then(Step::Run))]), ModelError::Unused("go"));
}

#[test]
fn one_task_cannot_be_restarted_while_the_others_linger() {
    let mut rules = Rules::named("seed/fixed").unwrap();
    (rules.controller.restart_one, rules.run.lingers) = (true, true);
    assert_eq!(Scenario::new(rules, 2), Err(ScenarioError::RestartOneLingers));
}
