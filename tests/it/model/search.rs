//! A plain search (memoised, no reductions), and the options of the reference tables. It uses only public types.

use std::collections::{BTreeMap, HashMap, HashSet};

use startup_race::claims::{self, Claim, Scope};
use startup_race::core::{Controller, Fault, PipelineController, RunRules};
use startup_race::model::{Action, Actor, Event, Model, Refused, World};
use startup_race::scenario::knobs::KNOBS;
use startup_race::scenario::{Rules, Scenario};
use startup_race::schedule::Schedule;

/// What an exploration found.
#[derive(Debug)]
pub struct Found {
    pub schedules: u128,
    pub states: usize,
    pub claims: BTreeMap<String, Counts>,
    pub refused: Vec<Refused>,
}

/// How many schedules break a claim, with which probability, and in how many states or ends its premise held.
#[derive(Debug)]
pub struct Counts {
    pub breaking: u128,
    pub probability: Ratio,
    pub premise_held: usize,
}

impl Found {
    pub fn breaking(&self, claim: &str) -> u128 {
        self.claims[claim].breaking
    }

    pub fn probability(&self, claim: &str) -> String {
        match self.claims[claim].probability {
            Some((n, 1)) => n.to_string(),
            Some((n, d)) => format!("{n}/{d}"),
            None => "does not fit".to_string(),
        }
    }
}

/// An exact fraction, reduced; `None` if it does not fit.
pub type Ratio = Option<(u128, u128)>;

fn reduced(n: u128, d: u128) -> Ratio {
    let (mut a, mut b) = (n, d);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    Some((n / a, d / a))
}

/// `a + b / choices`
#[allow(clippy::many_single_char_names, reason = "a fraction is n over d")]
fn plus(a: Ratio, b: Ratio, choices: u128) -> Ratio {
    let ((n, d), (m, e)) = (a?, b?);
    let (m, e) = reduced(m, e.checked_mul(choices)?)?;
    let (by_d, by_e) = reduced(d, e)?;
    reduced(n.checked_mul(by_e)?.checked_add(m.checked_mul(by_d)?)?, d.checked_mul(by_e)?)
}

/// For a state: the number of schedules from it; and for each claim, the number and the probability of those that break
/// it.
#[derive(Clone)]
struct Ahead {
    schedules: u128,
    breaking: Vec<(u128, Ratio)>,
}

struct Search<'a, C> {
    model: &'a Model<C>,
    claims: &'a [Claim<C>],
    memo: HashMap<World<C>, Ahead>,
    premises: Vec<usize>,
    refused: Vec<Refused>,
}

/// Whether a state breaks a claim. No state breaks a claim that asks for a state.
fn is_broken<C: Controller>(model: &Model<C>, claim: &Claim<C>, world: &World<C>) -> bool {
    claim.scope != Scope::Reachable && claim.applies(model, world) && !claim.holds(model, world)
}

/// Explores every schedule.
pub fn explore<C: Controller>(model: &Model<C>, claims: &[Claim<C>]) -> Found {
    let premises = vec![0; claims.len()];
    let mut search = Search { model, claims, memo: HashMap::new(), premises, refused: vec![] };
    let Ahead { schedules, breaking } = search.visit(model.start());
    let counts = breaking.into_iter().zip(&search.premises).map(|((breaking, probability), premise_held)| Counts {
        breaking,
        probability,
        premise_held: *premise_held,
    });
    let claims = claims.iter().map(|claim| claim.id.to_string()).zip(counts).collect();
    Found { schedules, states: search.memo.len(), claims, refused: search.refused }
}

impl<C: Controller> Search<'_, C> {
    fn visit(&mut self, world: World<C>) -> Ahead {
        if let Some(ahead) = self.memo.get(&world) {
            return ahead.clone();
        }
        let actions = self.model.actions(&world);
        let (is_end, choices) = (actions.is_empty(), actions.len() as u128);
        let none = (0, Some((0, 1)));
        let mut ahead = Ahead { schedules: u128::from(is_end), breaking: vec![none; self.claims.len()] };
        for action in actions {
            let mut next = world.clone();
            match self.model.apply(&mut next, action) {
                Ok(event) => {
                    if let (Action::Linger(attempt, _), Event::Task { state, .. }) = (action, event) {
                        assert_eq!(attempt, state.attempt);
                    }
                    let next = self.visit(next);
                    ahead.schedules += next.schedules;
                    for (sum, (count, probability)) in ahead.breaking.iter_mut().zip(next.breaking) {
                        *sum = (sum.0 + count, plus(sum.1, probability, choices));
                    }
                }
                Err(refused) => self.refused.push(refused),
            }
        }
        for (number, claim) in self.claims.iter().enumerate() {
            if claim.scope != Scope::AtEnd || is_end {
                self.premises[number] += usize::from(claim.applies(self.model, &world));
                if is_broken(self.model, claim, &world) {
                    ahead.breaking[number] = (ahead.schedules, Some((1, 1)));
                }
            }
        }
        self.memo.insert(world, ahead.clone());
        ahead
    }
}

/// How many schedules break a claim, and how many there are. The claim's premise must hold somewhere, and no action may
/// be refused.
pub fn check<C: Controller>(model: &Model<C>, claim: &Claim<C>) -> (u128, u128) {
    let found = explore(model, std::slice::from_ref(claim));
    assert!(found.refused.is_empty() && found.claims[claim.id.as_ref()].premise_held > 0, "{found:?}");
    (found.breaking(&claim.id), found.schedules)
}

/// Judges a claim with the same actors, with a controller that has the bug and with one that has the fix. The witness
/// must hold for the fix without faults.
pub fn compare<C: Controller>(
    (run, actors): (RunRules, Vec<Actor>),
    [bug, fix]: [C; 2],
    claim: &Claim<C>,
    witness: &Claim<C>,
) -> [(u128, u128); 2] {
    let [bug, fix] = [bug, fix].map(|controller| Model::new(controller, run, actors.clone()).unwrap());
    assert_eq!(check(&fix.without_faults(), witness).0, 0, "{}", witness.id);
    [check(&bug, claim), check(&fix, claim)]
}

/// A claim of the protocol.
pub fn standard<C: Controller>(id: &str) -> Claim<C> {
    claims::standard(&RunRules::DEFAULT).into_iter().find(|claim| claim.id == id).unwrap()
}

/// The shortest schedule that breaks a claim (the first one in the order of actions), as text.
pub fn counterexample<C: Controller>(model: &Model<C>, claim: &Claim<C>) -> Option<String> {
    let mut layer: Vec<(World<C>, Vec<Action>)> = vec![(model.start(), vec![])];
    let mut seen: HashSet<World<C>> = HashSet::new();
    while !layer.is_empty() {
        let mut next = vec![];
        for (world, path) in layer {
            let actions = model.actions(&world);
            if (claim.scope == Scope::Always || actions.is_empty()) && is_broken(model, claim, &world) {
                return Some(Schedule(path).text(model.inboxes()));
            }
            for action in actions {
                let mut world = world.clone();
                model.apply(&mut world, action).unwrap();
                if seen.insert(world.clone()) {
                    next.push((world, [path.as_slice(), &[action]].concat()));
                }
            }
        }
        layer = next;
    }
    None
}

/// Reads a scenario as written in the reference tables: `arroyo/after --tasks 2 --dies 2 …`.
pub fn scenario(line: &str) -> Scenario {
    let mut words = line.split_whitespace();
    let mut rules = Rules::named(words.next().unwrap()).unwrap();
    let (mut tasks, mut workers, mut fails, mut faults) = (2, vec![], None, vec![]);
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        match option {
            "--tasks" => tasks = value.parse().unwrap(),
            "--workers" => workers = value.split(',').map(|worker| worker.parse().unwrap()).collect(),
            "--fails" => fails = Some(value),
            "--vanishes" => faults.push((Fault::Vanishes, value)),
            "--dies" => faults.push((Fault::Dies, value)),
            knob => {
                let knob = KNOBS.iter().find(|other| knob.strip_prefix("--") == Some(other.name)).expect(option);
                (knob.set)(&mut rules, value).expect(value);
            }
        }
    }
    let last = tasks.to_string();
    faults.push((Fault::Panics, fails.unwrap_or(if faults.is_empty() { &last } else { "none" })));
    let mut scenario = Scenario::new(rules, tasks).unwrap();
    if !workers.is_empty() {
        scenario = scenario.on_workers(&workers).unwrap();
    }
    for (fault, list) in faults {
        for item in list.split(',').filter(|item| *item != "none") {
            let (task, attempts) = item.split_once('@').unwrap_or((item, ""));
            let attempts: Vec<u8> = attempts.split('+').filter_map(|attempt| attempt.parse().ok()).collect();
            scenario = scenario.with_fault(fault, task.parse().unwrap(), &attempts).unwrap();
        }
    }
    scenario
}

/// The model of a scenario as written in the reference tables.
pub fn command(line: &str) -> Model<PipelineController> {
    scenario(line).model()
}

/// The claims that are judged by default.
pub fn judged(line: &str) -> Vec<Claim<PipelineController>> {
    let rules = *scenario(line).rules();
    let mut claims = claims::standard(&rules.run);
    claims.retain(|claim| match claim.id.as_ref() {
        "no-lost-stop" | "no-false-stop" => rules.run.stop,
        "no-half-run" => rules.run.stop || rules.controller.restart_one,
        _ => true,
    });
    claims
}
