//! Random control planes: scripts with alternatives, conditions, calls, two inboxes and commands; helpers; faults with
//! conditions; and a controller whose reactions are all random.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use startup_race::core::*;
use startup_race::model::{Actor, Model};
use startup_race::scenario::{Rules, Scenario, Setup};

use super::compare;

const STATES: usize = 5;
const INPUTS: usize = 8;

/// A controller that is a table: for each state and input, the next state and the effects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Drawn {
    state: u8,
    table: [(u8, u8); STATES * INPUTS],
}

impl Controller for Drawn {
    fn on(&mut self, input: Input, now: &mut Context) {
        if self.phase().stage.is_final() {
            return;
        }
        let row = match input {
            Input::Notice(Notice { kind: Kind::Started, .. }) => 0,
            Input::Notice(Notice { kind: Kind::Failed(_), .. }) => 1,
            Input::Notice(Notice { kind: Kind::Finished, .. }) => 2,
            Input::Notice(_) if now.is_stale() => 3,
            Input::Notice(_) => 4,
            Input::Stop => 5,
            Input::TimedOut => 6,
            Input::Restarted => 7,
        };
        let (next, asks) = self.table[usize::from(self.state) * INPUTS + row];
        let begins = matches!(asks, 1 | 2 | 5) && now.attempts_left > 0;
        self.state = match next {
            3 | 4 if begins => 0,
            0 | 2 if input == Input::TimedOut && !begins => 1,
            next => next,
        };
        if self.phase().stage.is_final() {
            return;
        }
        let (go, noise) = (Effect::Send(ActorId(1), Command("go")), Effect::Send(ActorId(2), Command("noise")));
        match asks {
            1 if begins => now.effects.push(Effect::Retry),
            2 if begins => now.effects.push(Effect::Restart(ActorId(1))),
            3 => now.effects.push(go),
            4 => now.effects.extend([noise, go]),
            5 if begins => now.effects.extend([go, Effect::Retry, noise]),
            6 if input == Input::Restarted => now.effects.push(Effect::Reannounce),
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        let stages = [Stage::Starting, Stage::Up, Stage::Stopping, Stage::Ended, Stage::Failed(Reason::TimedOut)];
        Phase { name: ["A", "B", "C", "D", "E"][usize::from(self.state)], stage: stages[usize::from(self.state)] }
    }

    fn names(&self) -> &'static [&'static str] {
        &["own", "go", "noise"]
    }
}

/// A line: its step, its condition, the route of its notice, and whether it is an alternative.
type DrawnLine = (u8, u8, u8, bool);

fn script(lines: &[DrawnLine], other: ActorId) -> Script {
    lines.iter().enumerate().fold(Script::default(), |script, (at, &(step, when, via, is_alternative))| {
        let step = match step {
            0 | 1 => Step::ANNOUNCE,
            2 | 3 => Step::OnStart,
            4 => Step::Arrive,
            5 | 6 => Step::Run,
            7 => Step::FINISH,
            8 => Step::Panic(Cause::Died),
            9 => Step::Send(Kind::Failed(Cause::Vanished)),
            _ => Step::Send(Kind::Own("own")),
        };
        let script = if is_alternative && at > 0 { script.or(step) } else { script.then(step) };
        let script = script.via([Via::Worker, Via::Worker, Via::Inbox(WorkerId(2)), Via::Call][usize::from(via)]);
        match when {
            0 => script.when(When::Command(Command("go"))),
            1 => script.when(When::Command(Command("noise"))),
            2 => script.when(When::Dead(other)),
            3 => script.when(When::Gone(other)),
            4 => script.when(When::Stopping),
            _ => script,
        }
    })
}

fn line() -> impl Strategy<Value = DrawnLine> {
    (0..12u8, 0..12u8, 0..4u8, any::<bool>())
}

prop_compose! {
    fn run()(
        attempts in 1..=3u8, lingers in any::<bool>(), timeout in 0..4u8, stop in any::<bool>(),
        (duplicates, losses, crashes) in (0..2u8, 0..2u8, 0..2u8),
    ) -> RunRules {
        let timeout = [Timeout::None, Timeout::None, Timeout::Patient, Timeout::Hasty][usize::from(timeout)];
        RunRules { attempts, lingers, timeout, stop, duplicates, losses, crashes }
    }
}

prop_compose! {
    fn setup()(
        run in run(),
        scripts in vec(vec(line(), 1..4), 1..=2),
        (renewed, faults) in (any::<bool>(), vec((0..6u8, 0..4u8), 3)),
        table in vec((0..5u8, 0..8u8), STATES * INPUTS),
    ) -> Option<Setup<Drawn>> {
        let fault = |actor: Actor, (fault, when): (u8, u8)| {
            let faults = [Fault::Panics, Fault::Vanishes, Fault::Hangs, Fault::Dies];
            let when = [When::Dead(ActorId(1)), When::Gone(ActorId(2))].get(usize::from(when)).copied();
            let attempts: &[u8] = if fault % 2 == 0 { &[1] } else { &[] };
            match faults.get(usize::from(fault)) {
                Some(&fault) => actor.with(fault, attempts, when.as_slice()),
                None => actor,
            }
        };
        // The helper uses every name, so that the model has no unused one.
        let helper = Script::default().then(Step::Run).when(When::Command(Command("noise")));
        let helper = helper.or(Step::Send(Kind::Own("own"))).then(Step::Run).when(When::Command(Command("go")));
        let mut actors: Vec<Actor> = Vec::new();
        for (index, lines) in scripts.iter().enumerate() {
            actors.push(fault(Actor::task(format!("task-{index}"), script(lines, ActorId(2))), faults[index]));
        }
        let helper = Actor { renewed, ..Actor::helper("helper", helper) };
        actors.push(fault(helper, faults[2]));
        let tasks = scripts.len() as u8;
        let controller = Drawn { state: 0, table: table.try_into().expect("one for each") };
        let scenario = Scenario::new(Rules::named("seed/fixed").unwrap(), tasks).unwrap();
        Model::new(controller, run, actors).ok().map(|model| Setup { scenario, model })
    }
}

#[test]
fn the_search_and_a_plain_one_give_the_same_answers_for_drawn_control_planes() {
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let (compared, commands, calls) = (Cell::new(0), Cell::new(0), Cell::new(0));
    runner
        .run(&setup(), |setup| {
            let Some(setup) = setup else { return Ok(()) };
            let calls_the_controller = format!("{:?}", setup.model).contains("via: Call");
            if let Some(answer) = compare(&setup, None, 4_000) {
                compared.set(compared.get() + 1);
                calls.set(calls.get() + usize::from(calls_the_controller));
                commands.set(commands.get() + usize::from(answer.stored > 1_000));
            }
            Ok(())
        })
        .unwrap();
    let counts = (compared.get(), commands.get(), calls.get());
    assert!(counts.0 > 150 && counts.1 > 10 && counts.2 > 50, "{counts:?}: compared, large, with calls");
}
