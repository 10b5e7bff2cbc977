//! One short test for each feature that other control planes need, in addition to the three reports.

use std::marker::PhantomData;

use super::search::{check, command, explore, standard};
use startup_race::claims::{Claim, Scope, State, can_run};
use startup_race::core::*;
use startup_race::model::{Action, Actor, Blocked, Channel, Model};
use startup_race::scenario::{Rules, Scenario};
use startup_race::schedule::Schedule;
use startup_race::transition::{Dropped, Event, Reaction};

const START: Step = Step::ANNOUNCE;
const DONE: Step = Step::FINISH;
const GO: Command = Command("go");

const UP: Phase = Phase { name: "Up", stage: Stage::Up };
const WAITING: Phase = Phase { name: "Waiting", stage: Stage::Starting };
const DOWN: Phase = Phase { name: "Down", stage: Stage::Failed(Reason::Other("a task is down")) };

fn own(kind: &'static str) -> Step {
    Step::Send(Kind::Own(kind))
}

fn script(steps: &[Step]) -> Script {
    steps.iter().fold(Script::default(), |script, step| script.then(*step))
}

fn always<C>(_: &State<'_, C>) -> bool {
    true
}

/// A controller for short tests. Its phase is a function of the notices that it has received.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Ledger<P>(Vec<Kind>, PhantomData<P>);

/// The behaviour of a [`Ledger`].
trait Plan: Clone + Eq + std::hash::Hash + std::fmt::Debug + 'static {
    const NAMES: &'static [&'static str] = &[];
    /// The commands that are sent in answer to notices: the kind of the notice, the receiver, the command.
    const ANSWERS: &'static [(Kind, ActorId, Command)] = &[];
    fn phase(heard: &[Kind]) -> Phase;
}

impl<P: Plan> Ledger<P> {
    fn new() -> Self {
        Self(vec![], PhantomData)
    }
}

impl<P: Plan> Controller for Ledger<P> {
    fn on(&mut self, input: Input, now: &mut Context) {
        match input {
            Input::Notice(Notice { kind, .. }) if !self.phase().stage.is_final() => {
                self.0.push(kind);
                let sent = P::ANSWERS.iter().filter(|(to, ..)| *to == kind);
                now.effects.extend(sent.map(|(_, actor, command)| Effect::Send(*actor, *command)));
            }
            Input::Restarted => self.0.clear(),
            Input::TimedOut => self.0.push(Kind::Own("timeout")),
            Input::Notice(_) | Input::Stop => {}
        }
    }

    fn phase(&self) -> Phase {
        P::phase(&self.0)
    }

    fn names(&self) -> &'static [&'static str] {
        P::NAMES
    }
}

fn model<P: Plan>(_: P, run: RunRules, actors: Vec<Actor>) -> Model<Ledger<P>> {
    Model::new(Ledger::new(), run, actors).unwrap()
}

/// Up when a task has started; down when a task has failed or the wait has timed out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct FirstStart;

impl Plan for FirstStart {
    fn phase(heard: &[Kind]) -> Phase {
        match heard.iter().find(|kind| **kind != Kind::Finished) {
            _ if heard.iter().any(|kind| matches!(kind, Kind::Failed(_) | Kind::Own("timeout"))) => DOWN,
            Some(Kind::Started) => UP,
            _ => WAITING,
        }
    }
}

/// The same, but in answer to `begin` it sends two commands to task 1, which waits for one of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Commands;

impl Plan for Commands {
    const NAMES: &'static [&'static str] = &["begin", "go", "noise"];
    const ANSWERS: &'static [(Kind, ActorId, Command)] =
        &[(Kind::Own("begin"), ActorId(1), Command("noise")), (Kind::Own("begin"), ActorId(1), GO)];
    fn phase(heard: &[Kind]) -> Phase {
        FirstStart::phase(heard)
    }
}

/// A sequence for each task; a fault with a condition; awaiting another actor's step (istio/istio #11130).
#[test]
fn an_application_dies_if_its_proxy_is_not_ready() {
    const PROXY: ActorId = ActorId(2);
    let with = |waits: &[When]| {
        let first = waits.iter().fold(script(&[Step::OnStart]), |script, when| script.when(*when));
        let app = Actor::task("app", first.then(START).then(Step::Run));
        let app = app.with(Fault::Panics, &[], &[When::Before(PROXY, Step::Run)]);
        let proxy = Actor::task("proxy", script(&[Step::OnStart, Step::Run]));
        model(FirstStart, RunRules::DEFAULT, vec![app, proxy])
    };
    let healthy = Claim::new("healthy", "the pod is never down", Scope::Always, always, |s| s.stage() != DOWN.stage);
    assert_eq!(check(&with(&[]), &healthy), (9, 11));
    assert_eq!(check(&with(&[When::After(PROXY, Step::Run)]), &healthy), (0, 2));
    assert_eq!(explore(&with(&[When::After(PROXY, Step::Run)]).without_faults(), &[can_run()]).breaking("can-run"), 0);
}

/// A supervisor that reacts only to a death waits for ever (vllm-project/vllm #46534).
#[test]
fn a_child_that_hangs_is_not_dead() {
    let with = |timeout| {
        let child = Actor::task("child", script(&[Step::OnStart, START, Step::Run]));
        model(FirstStart, RunRules { timeout, ..RunRules::DEFAULT }, vec![child.with(Fault::Hangs, &[], &[])])
    };
    assert_eq!(check(&with(Timeout::None), &standard("always-decides")), (1, 1));
    assert_eq!(check(&with(Timeout::Patient), &standard("always-decides")), (0, 1));
    let no_task_died = explore(&with(Timeout::Patient), &[standard("no-false-alarm")]);
    assert_eq!(no_task_died.breaking("no-false-alarm"), 1);
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Heartbeats;

impl Plan for Heartbeats {
    const NAMES: &'static [&'static str] = &["ack", "heartbeat"];
    fn phase(heard: &[Kind]) -> Phase {
        let (name, stage) = match heard {
            [Kind::Own("heartbeat"), ..] => ("Cancelling", Stage::Failed(Reason::Other("unknown task"))),
            [] => ("Deploying", Stage::Starting),
            _ => return UP,
        };
        Phase { name, stage }
    }
}

/// Two channels of one task, own kinds (apache/flink #12948).
#[test]
fn a_heartbeat_overtakes_the_acknowledgement() {
    let with = |way| {
        let script = script(&[Step::OnStart, own("ack"), own("heartbeat")]).via(way).then(Step::Run);
        model(Heartbeats, RunRules::DEFAULT, vec![Actor::task("executor", script)])
    };
    let two = Via::Inbox(WorkerId(2));
    assert_eq!(check(&with(two), &standard("always-decides")), (0, 8));
    assert_eq!(explore(&with(two), &[standard("no-false-alarm")]).breaking("no-false-alarm"), 3);
    assert_eq!(explore(&with(Via::Worker), &[standard("no-false-alarm")]).breaking("no-false-alarm"), 0);
    assert_eq!(explore(&with(Via::Worker).without_faults(), &[can_run()]).breaking("can-run"), 0);
}

/// A claim about some of the tasks; a call without an inbox; a command that no line waits for.
#[test]
fn commands_are_lost_repeated_and_discarded() {
    let with = |run| {
        let waits = script(&[Step::OnStart]).when(When::Command(GO)).then(START).then(Step::Run);
        // An alternative that is never taken, so that the other name is used.
        let free = script(&[Step::Run]).or(Step::Run).when(When::Command(Command("noise")));
        let user = script(&[own("begin")]).via(Via::Call);
        let actors = vec![Actor::task("waits", waits), Actor::task("free", free), Actor::helper("user", user)];
        model(Commands, run, actors)
    };
    let runs = |s: &State<'_, _>| s.tasks().all(|task| task.runs());
    let all_run = || Claim::new("all-run", "every task runs", Scope::AtEnd, always, runs);
    let (broken, schedules) = check(&with(RunRules::DEFAULT), &all_run());
    assert!(broken == 0 && schedules > 1);
    let lossy = with(RunRules { losses: 1, ..RunRules::DEFAULT });
    let (broken, _) = check(&lossy, &all_run());
    assert!(broken > 0);
    assert_eq!(check(&lossy, &all_run().about(&[ActorId(2)])).0, 0);
    assert_eq!(check(&with(RunRules { duplicates: 1, ..RunRules::DEFAULT }), &all_run()).0, 0);
}

/// A command can be repeated only when the actor can take it.
#[test]
fn a_command_waits_for_the_other_conditions_of_its_line() {
    const TWO: ActorId = ActorId(2);
    let one = script(&[Step::Run]).when(When::Command(GO)).when(When::After(TWO, Step::Run));
    let one = one.or(Step::FINISH).when(When::Command(Command("noise"))).when(When::Before(TWO, own("begin")));
    let two = script(&[own("begin")]).via(Via::Call).then(Step::Run);
    let actors = vec![Actor::task("one", one), Actor::task("two", two)];
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct OneCommand;
    impl Plan for OneCommand {
        const NAMES: &'static [&'static str] = Commands::NAMES;
        const ANSWERS: &'static [(Kind, ActorId, Command)] = &[(Kind::Own("begin"), ActorId(1), GO)];
        fn phase(heard: &[Kind]) -> Phase {
            FirstStart::phase(heard)
        }
    }
    let model = model(OneCommand, RunRules { duplicates: 1, ..RunRules::DEFAULT }, actors);
    let (mut world, again) = (model.start(), Action::Redeliver(Channel::Commands(ActorId(1))));
    model.apply(&mut world, Action::Step(TWO)).unwrap();
    assert_eq!(model.actions(&world), [Action::Step(TWO)]);
    assert_eq!(model.check(&world, again), Err(Blocked::NotTaken));
    model.apply(&mut world, Action::Step(TWO)).unwrap();
    assert_eq!(model.actions(&world), [Action::Step(ActorId(1)), again]);
}

/// The built-in controller, which also knows the notice `beat` of a monitor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Monitored(PipelineController);

impl Controller for Monitored {
    fn on(&mut self, input: Input, now: &mut Context) {
        self.0.on(input, now);
    }

    fn phase(&self) -> Phase {
        self.0.phase()
    }

    fn names(&self) -> &'static [&'static str] {
        &["beat"]
    }
}

#[test]
fn a_retry_leaves_a_helper_as_it_is_unless_it_is_renewed() {
    let with = |renewed| {
        let mut rules = Rules::named("seed/fixed").unwrap();
        rules.run.attempts = 2;
        let mut actors = Scenario::new(rules, 1).unwrap().with_fault(Fault::Panics, 1, &[1]).unwrap().actors();
        actors.push(Actor { renewed, ..Actor::helper("monitor", script(&[own("beat")])).on(2) });
        Model::new(Monitored(rules.controller()), rules.run, actors).unwrap()
    };
    let decides = standard("always-decides");
    assert_eq!(check(&with(false), &decides), (0, 72));
    assert_eq!(check(&with(true), &decides), (0, 630));
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Timer;

impl Plan for Timer {
    const NAMES: &'static [&'static str] = &["timer"];
    fn phase(heard: &[Kind]) -> Phase {
        let (name, stage) = match heard {
            [.., Kind::Own("timer")] => ("TimedOut", Stage::Failed(Reason::TimedOut)),
            [.., Kind::Finished] => ("Done", Stage::Ended),
            _ => return UP,
        };
        Phase { name, stage }
    }
}

#[test]
fn a_helper_can_be_a_timer_in_any_phase_and_the_witness_leaves_it_out_if_it_is_a_fault() {
    let work = Actor::task("work", script(&[Step::Run, DONE]));
    let timer = Actor::helper("timer", script(&[own("timer")])).on(2);
    let with = |timer| model(Timer, RunRules::DEFAULT, vec![work.clone(), timer]);
    let ended = |s: &State<'_, _>| s.stage() == Stage::Ended;
    let done = || Claim::new("done", "every end is Done", Scope::AtEnd, always, ended);
    let race = with(timer.clone());
    assert_eq!(check(&race, &done()), (6, 10));
    assert_ne!(explore(&race.without_faults(), &[done()]).breaking("done"), 0);
    assert_eq!(explore(&with(Actor { is_fault: true, ..timer }).without_faults(), &[done()]).breaking("done"), 0);
}

#[test]
fn a_users_own_controller_decides_what_it_remembers_after_a_crash() {
    let task = Actor::task("task", script(&[Step::OnStart, START, Step::Run]));
    let crashes = model(FirstStart, RunRules { crashes: 1, ..RunRules::DEFAULT }, vec![task]);
    assert_eq!(check(&crashes, &standard("always-decides")), (3, 10));
}

/// A step that was skipped has not been completed.
#[test]
fn of_several_alternatives_only_the_one_that_was_taken_is_completed() {
    const TWO: ActorId = ActorId(2);
    let early = script(&[own("early")]).when(When::Before(TWO, Step::Run)).or(own("late")).then(Step::Run);
    let actors = vec![Actor::task("one", early), Actor::task("two", script(&[Step::Run]))];
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Alternatives;
    impl Plan for Alternatives {
        const NAMES: &'static [&'static str] = &["early", "late"];
        fn phase(heard: &[Kind]) -> Phase {
            if heard.is_empty() { WAITING } else { UP }
        }
    }
    let model = model(Alternatives, RunRules::DEFAULT, actors);
    for (schedule, taken, passed_over) in [("1 2 1", "early", "late"), ("2 1 1", "late", "early")] {
        let (mut world, schedule) = (model.start(), schedule.parse::<Schedule>().unwrap());
        schedule.0.iter().for_each(|action| drop(model.apply(&mut world, *action).unwrap()));
        let state = State::new(&model, &world);
        let one = state.task(ActorId(1)).unwrap();
        assert!(one.has_completed(own(taken)) && !one.has_completed(own(passed_over)) && one.runs(), "{one:?}");
    }
}

/// What a controller did is derived from what changed.
#[test]
fn reactions_are_derived() {
    let reactions = |line: &str, schedule: &str| {
        let (model, schedule) = (command(line), schedule.parse::<Schedule>().unwrap());
        let mut world = model.start();
        let events = schedule.0.iter().map(|action| model.observe(&mut world, *action).expect("enabled"));
        let events: Vec<Event> = events.collect();
        events.iter().filter_map(Event::transition).map(|transition| transition.reaction).collect::<Vec<_>>()
    };
    use Reaction::{Acknowledged, BecameUp, Counted, Duplicate, Failed, Moved, Restart, Retry};
    let (in_scheduling, fenced) = (Reaction::Dropped(Dropped::In("Scheduling")), Reaction::Dropped(Dropped::Fenced));
    let two = |cause| Reason::Task(ActorId(2), cause);
    let panicked = two(Cause::Panicked);
    let stale = "2 2 1 1 c 2 2 c c";
    assert_eq!(reactions("seed/fixed --fails 2@1 --attempts 2", stale), [Retry(panicked), Counted, BecameUp]);
    let with_fence = [Retry(panicked), fenced, Counted];
    assert_eq!(reactions("seed/fixed --fails 2@1 --attempts 2 --fence attempt", stale), with_fence);
    let restarted = [Restart(ActorId(2), panicked), Counted, BecameUp];
    assert_eq!(reactions("seed/fixed --fails 2@1 --attempts 2 --restart one", stale), restarted);
    let failed = [Failed(panicked), Reaction::Dropped(Dropped::Final)];
    assert_eq!(reactions("seed/fixed --fails 2", "2 2 1 1 c c"), failed);
    assert_eq!(reactions("seed/buggy", "2 2 2 1 c c c"), [Counted, in_scheduling, BecameUp]);
    assert_eq!(reactions("seed/fixed --fails none --duplicates 1", "1 1 d c"), [Counted, Duplicate]);
    let late = reactions("seed/fixed --fails none --duplicates 1", "1 1 2 2 c d c");
    assert_eq!(late, [Counted, BecameUp, Duplicate]);
    let timed_out = reactions("seed/fixed --fails none --timeout hasty", "t");
    assert_eq!(timed_out, [Failed(Reason::TimedOut)]);
    let died = Failed(Reason::Task(ActorId(1), Cause::Died));
    let line = "seed/fixed --dies 1 --workers 1,1 --cascade chain";
    assert_eq!(
        reactions(line, "1 1 1 2 2 2 c c 1 1 2 c c"),
        [Counted, BecameUp, died, Reaction::Dropped(Dropped::Final)]
    );
    let deaf = "seed/buggy --fails none --dies 1 --cascade chain";
    let in_running = Reaction::Dropped(Dropped::In("Running"));
    assert_eq!(reactions(deaf, "1 1 1 2 2 2 c c 1 1 2 c c"), [Counted, BecameUp, in_running, Acknowledged]);
    let stop = "seed/fixed --fails none --stop asked";
    assert_eq!(reactions(stop, "1 1 1 2 2 2 c c s 1 c 2 c"), [Counted, BecameUp, Moved, Acknowledged, Moved]);
    let deferred = "seed/fixed --fails none --stop asked --stop-while-scheduling defer";
    assert_eq!(reactions(deferred, "s 1 1 2 2 c c"), [Acknowledged, Counted, Moved]);
    assert_eq!(reactions("seed/fixed --fails none --crashes 1", "x"), [Acknowledged]);
    assert_eq!(reactions("seed/fixed --fails none --crashes 1", "1 1 2 2 c c x"), [Counted, BecameUp, Moved]);
}
