//! Random rules over every knob, random scenarios, and random walks. Shrinking leads to few healthy tasks on one
//! worker, to every knob at its default, and to the first actor that can move.

// No test crate uses all of this.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use startup_race::claims::{Claim, Scope};
use startup_race::core::{Fault, PipelineController};
use startup_race::model::{Action, Refused, World};
use startup_race::scenario::knobs::{KNOBS, Knob};
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::schedule::Schedule;
use startup_race::transition::{Event, Transition};

/// The knobs that [`rules`] does not draw, so that stored seeds keep their meaning.
const OF_EVERY_PHASE: [&str; 7] =
    ["restart", "losses", "stop", "stop-while-scheduling", "failed-while-stopping", "crashes", "recovery"];

/// The knobs of the startup.
pub fn startup_knobs() -> impl Iterator<Item = &'static Knob> {
    KNOBS.iter().filter(|knob| !OF_EVERY_PHASE.contains(&knob.name))
}

/// Random rules over every knob of the startup. A number is its default or up to two more.
pub fn rules() -> impl Strategy<Value = Rules> {
    drawn(startup_knobs().collect())
}

/// Random rules over every knob. If an old attempt lingers, a retry restarts every task.
pub fn rules_of_every_phase() -> impl Strategy<Value = Rules> {
    drawn(KNOBS.iter().collect()).prop_map(|mut rules| {
        rules.controller.restart_one &= !rules.run.lingers;
        rules
    })
}

fn drawn(knobs: Vec<&'static Knob>) -> impl Strategy<Value = Rules> {
    let choices: Vec<_> = knobs.iter().map(|knob| 0..values(knob).len()).collect();
    choices.prop_map(move |choices| {
        let mut rules = Rules::DEFAULT;
        for (knob, choice) in knobs.iter().zip(choices) {
            (knob.set)(&mut rules, &values(knob)[choice]).expect("a value of the knob");
        }
        rules
    })
}

/// The values of a knob that are tried. The default is first.
fn values(knob: &Knob) -> Vec<String> {
    let default = (knob.get)(&Rules::DEFAULT);
    let others = match default.parse::<u8>() {
        Ok(number) => vec![(number + 1).to_string(), (number + 2).to_string()],
        Err(_) => knob.values.iter().map(ToString::to_string).filter(|value| *value != default).collect(),
    };
    std::iter::once(default).chain(others).collect()
}

/// A random task: its worker, and its fault in each of three attempts.
fn task() -> impl Strategy<Value = (u8, [Option<Fault>; 3])> {
    let fault = || prop_oneof![4 => Just(None), 2 => Just(Some(Fault::Panics)), 1 => Just(Some(Fault::Vanishes))];
    (0..3u8, [fault(), fault(), fault()])
}

/// A scenario whose `Debug` text is its options.
#[derive(Clone)]
pub struct Case(pub Scenario);

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&options(&self.0))
    }
}

/// A random scenario under such rules, with at most this many tasks.
pub fn scenario(rules: impl Strategy<Value = Rules>, tasks: usize) -> impl Strategy<Value = Case> {
    (rules, vec(task(), 1..=tasks)).prop_map(|(rules, tasks)| {
        let workers = without_gap(tasks.iter().map(|(worker, _)| *worker));
        Case(build(rules, &workers, |task, attempt| tasks[task].1[attempt]))
    })
}

/// The same tasks under other rules, without faults in attempts that do not exist.
pub fn under(rules: Rules, scenario: &Scenario) -> Scenario {
    let tasks = scenario.tasks();
    let workers: Vec<u8> = tasks.iter().map(|task| task.worker.0).collect();
    build(rules, &workers, |task, attempt| tasks[task].faults[attempt])
}

fn build(rules: Rules, workers: &[u8], fault: impl Fn(usize, usize) -> Option<Fault>) -> Scenario {
    let scenario = Scenario::new(rules, workers.len() as u8).unwrap().on_workers(workers).unwrap();
    let attempts = 0..usize::from(rules.run.attempts);
    let places = (0..workers.len()).flat_map(|task| attempts.clone().map(move |attempt| (task, attempt)));
    places.fold(scenario, |scenario, (task, attempt)| match fault(task, attempt) {
        Some(fault) => scenario.with_fault(fault, task as u8 + 1, &[attempt as u8 + 1]).unwrap(),
        None => scenario,
    })
}

/// Numbers the drawn workers from 1, in the order in which they first occur.
fn without_gap(drawn: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut known = Vec::new();
    let number = |worker| {
        let at = known.iter().position(|&other| other == worker);
        at.unwrap_or_else(|| {
            known.push(worker);
            known.len() - 1
        }) as u8
            + 1
    };
    drawn.map(number).collect()
}

/// A complete schedule, with its events and states.
#[derive(Clone)]
pub struct Walk {
    pub setup: Setup<PipelineController>,
    pub schedule: Schedule,
    /// The event of each step.
    pub events: Vec<Event>,
    /// The states, from the first to the last: one more than there are steps.
    pub states: Vec<World<PipelineController>>,
    /// The refusal that stopped it before an end, if there was one.
    pub refused: Option<Refused>,
}

/// A random walk. Each step is drawn from the enabled actions. After the drawn steps, the first enabled action is
/// taken.
pub fn walk(scenario: impl Strategy<Value = Case>) -> impl Strategy<Value = Walk> {
    (scenario, vec(any::<u8>(), 0..80)).prop_map(|(Case(scenario), picks)| Walk::new(scenario, &picks))
}

/// A random walk of up to four tasks, under random rules of the startup.
pub fn any_walk() -> impl Strategy<Value = Walk> {
    walk(scenario(rules(), 4))
}

impl Walk {
    /// The walk of these picks.
    pub fn new(scenario: Scenario, picks: &[u8]) -> Self {
        let setup = Setup::of(scenario);
        let mut states = vec![setup.model.start()];
        let mut picks = picks.iter().copied().chain(std::iter::repeat(0));
        let (mut actors, mut events, mut refused) = (Vec::new(), Vec::new(), None);
        loop {
            let mut world = states[states.len() - 1].clone();
            let enabled = setup.model.actions(&world);
            if enabled.is_empty() || refused.is_some() || actors.len() > 1_000 {
                return Self { setup, schedule: Schedule(actors), events, states, refused };
            }
            let actor = enabled[usize::from(picks.next().unwrap()) * enabled.len() / 256];
            actors.push(actor);
            match setup.model.observe(&mut world, actor) {
                Ok(event) => events.push(event),
                Err(why) => refused = Some(why),
            }
            states.push(world);
        }
    }

    /// The last state.
    pub fn end(&self) -> &World<PipelineController> {
        &self.states[self.states.len() - 1]
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        self.setup.scenario.rules()
    }

    /// The claims that it breaks.
    pub fn broken(&self) -> BTreeSet<String> {
        let model = &self.setup.model;
        let is_broken = |claim: &Claim<PipelineController>| match claim.scope {
            Scope::AtEnd => claim.is_broken_in(model, self.end()),
            Scope::Always | Scope::Reachable => self.states.iter().any(|world| claim.is_broken_in(model, world)),
        };
        self.setup.standard_claims().iter().filter(|claim| is_broken(claim)).map(|claim| claim.id.to_string()).collect()
    }

    /// Each step: the state before, the action, the event, the state after.
    pub fn steps(
        &self,
    ) -> impl Iterator<Item = (&World<PipelineController>, Action, &Event, &World<PipelineController>)> {
        let states = self.states.iter().zip(&self.states[1..]);
        states
            .zip(self.schedule.0.iter().zip(&self.events))
            .map(|((from, to), (&actor, event))| (from, actor, event, to))
    }

    /// Each reaction of the controller, with the state before and after.
    pub fn reactions(
        &self,
    ) -> impl Iterator<Item = (&World<PipelineController>, &Transition, &World<PipelineController>)> {
        self.steps().filter_map(|(from, _, event, to)| event.transition().map(|transition| (from, transition, to)))
    }
}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scenario, schedule) = (&self.setup.scenario, self.schedule.text(self.setup.scenario.workers()));
        write!(f, "{} \"{schedule}\"", options(scenario))
    }
}

/// A scenario as the options that differ from the default.
pub fn options(scenario: &Scenario) -> String {
    let mut options = vec![format!("--tasks {}", scenario.tasks().len())];
    for knob in KNOBS {
        let value = (knob.get)(scenario.rules());
        options.extend((value != (knob.get)(&Rules::DEFAULT)).then(|| format!("--{} {value}", knob.name)));
    }
    let faults =
        [("fails", Fault::Panics), ("vanishes", Fault::Vanishes), ("hangs", Fault::Hangs), ("dies", Fault::Dies)];
    for (option, fault) in faults {
        let listed = |index: usize| {
            let faults = &scenario.tasks()[index].faults;
            let attempts: Vec<_> =
                (1..=faults.len()).filter(|at| faults[at - 1] == Some(fault)).map(|at| at.to_string()).collect();
            (!attempts.is_empty()).then(|| format!("{}@{}", index + 1, attempts.join("+")))
        };
        let list: Vec<_> = (0..scenario.tasks().len()).filter_map(listed).collect();
        options.extend((!list.is_empty()).then(|| format!("--{option} {}", list.join(","))));
    }
    let workers: Vec<_> = scenario.tasks().iter().map(|task| task.worker.0.to_string()).collect();
    options.extend((scenario.workers() > 1).then(|| format!("--workers {}", workers.join(","))));
    options.join(" ")
}
