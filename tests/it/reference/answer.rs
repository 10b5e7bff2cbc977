//! The answers: how many schedules, how many break each claim, the probability, the canonical counterexamples.

use std::collections::{HashMap, HashSet};

use num_bigint::BigUint;
use num_rational::Ratio;

use super::{Action, CLAIMS, Phase, Progress, Scenario, State, breaks, enabled, false_start, step};

/// A fraction that is never below nothing.
type Fraction = Ratio<BigUint>;

/// How many schedules break a claim, with what probability, and the canonical counterexample as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub breaking: BigUint,
    pub probability: Fraction,
    pub canonical: Option<String>,
}

/// The number of schedules and of distinct states, the five claims, and whether the witness holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub schedules: BigUint,
    pub states: usize,
    pub claims: Vec<(&'static str, Judged)>,
    pub can_run: bool,
}

/// Every state that some schedule passes through.
fn reachable(scenario: &Scenario) -> HashSet<State> {
    let mut seen = HashSet::new();
    let mut open = vec![State::first(scenario)];
    while let Some(state) = open.pop() {
        if seen.insert(state.clone()) {
            let actions = enabled(scenario, &state).into_iter();
            open.extend(actions.map(|action| step(scenario, &state, action)));
        }
    }
    seen
}

/// The witness: with every fault taken out, every end is Running with every task in its loop.
fn can_run(scenario: &Scenario) -> bool {
    let calm = scenario.without_faults();
    let in_loop = vec![Progress::Done(calm.sequence().len()); calm.tasks.len()];
    let mut states = reachable(&calm).into_iter();
    states.all(|state| {
        let runs = state.phase == Phase::Running && state.crews.last() == Some(&in_loop);
        runs || !enabled(&calm, &state).is_empty()
    })
}

/// A way to break a claim: its length, its switches, its actions. The least is the canonical one.
type Way = (usize, usize, Vec<Action>);

fn way(actions: &[Action]) -> Way {
    let switched = |pair: &&[Action]| pair[0].actor() != pair[1].actor();
    let switches = actions.windows(2).filter(switched).count();
    (actions.len(), switches, actions.to_vec())
}

/// So many schedules, and for each claim how many break it, with what probability, and the best way to.
#[derive(Clone, Default)]
struct Tally {
    schedules: BigUint,
    claims: [(BigUint, Fraction, Option<Way>); CLAIMS.len()],
}

impl Tally {
    /// One schedule, from its end, and the part of it up to a false start, if there was one.
    fn one(scenario: &Scenario, end: &State, schedule: &[Action], to_start: Option<Way>) -> Tally {
        let at_end = |claim| breaks(scenario, end, claim).then(|| way(schedule));
        let mut ways = CLAIMS.map(at_end);
        ways[0] = to_start;
        let judge = |way: Option<Way>| {
            let broken = u8::from(way.is_some());
            (broken.into(), Fraction::from_integer(broken.into()), way)
        };
        let (schedules, claims) = (1u8.into(), ways.map(judge));
        Tally { schedules, claims }
    }

    /// Adds other schedules, which are come to with this probability.
    fn add(&mut self, more: Tally, reached: &Fraction) {
        self.schedules += more.schedules;
        for (sum, (breaking, probability, way)) in self.claims.iter_mut().zip(more.claims) {
            sum.0 += breaking;
            sum.1 += probability * reached;
            sum.2 = [sum.2.take(), way].into_iter().flatten().min();
        }
    }

    fn answer(self, scenario: &Scenario) -> Answer {
        let Tally { schedules, claims } = self;
        let inboxes = State::first(scenario).inboxes.len();
        let text = |(_, _, actions): Way| {
            let words = actions.iter().map(|action| action.text(inboxes));
            words.collect::<Vec<_>>().join(" ")
        };
        let judge = |(breaking, probability, way): (_, _, Option<Way>)| Judged {
            breaking,
            probability,
            canonical: way.map(text),
        };
        let claims = CLAIMS.into_iter().zip(claims.map(judge)).collect();
        let (states, can_run) = (reachable(scenario).len(), can_run(scenario));
        Answer { schedules, states, claims, can_run }
    }
}

/// The probability of one of so many equally likely actions.
fn one_in(actions: usize) -> Fraction {
    Fraction::new(1u8.into(), actions.into())
}

/// The answer by walking every schedule, from its first action to its end.
pub fn answer(scenario: &Scenario) -> Answer {
    let mut all = Tally::default();
    let (actions, probability, to_start) = (vec![], one_in(1), None);
    let trace = Trace { actions, probability, to_start };
    walk(scenario, &State::first(scenario), trace, &mut all);
    all.answer(scenario)
}

/// The way to a state: its actions, its probability, and the part of it up to a false start, if any.
#[derive(Clone)]
struct Trace {
    actions: Vec<Action>,
    probability: Fraction,
    to_start: Option<Way>,
}

/// Walks on from a state that this trace leads to.
fn walk(scenario: &Scenario, state: &State, mut trace: Trace, all: &mut Tally) {
    if trace.to_start.is_none() && false_start(scenario, state) {
        trace.to_start = Some(way(&trace.actions));
    }
    let actions = enabled(scenario, state);
    for action in &actions {
        let mut longer = trace.clone();
        longer.actions.push(*action);
        longer.probability *= one_in(actions.len());
        walk(scenario, &step(scenario, state, *action), longer, all);
    }
    if actions.is_empty() {
        let one = Tally::one(scenario, state, &trace.actions, trace.to_start);
        all.add(one, &trace.probability);
    }
}

/// The answer by looking once at each place: a state, the action that led to it, and whether there
/// was a false start before, which the state may no longer show.
pub fn answer_memo(scenario: &Scenario) -> Answer {
    let start = (State::first(scenario), None, false);
    tally(scenario, start, &mut HashMap::new()).answer(scenario)
}

type Place = (State, Option<Action>, bool);

/// The schedules from a place on. Their ways begin there, with one switch more if the first action
/// is one. A way to a false start means nothing where there was one before: that one ends the way.
fn tally(scenario: &Scenario, place: Place, known: &mut HashMap<Place, Tally>) -> Tally {
    if let Some(tally) = known.get(&place) {
        return tally.clone();
    }
    let (state, last, before) = &place;
    let now = false_start(scenario, state);
    let actions = enabled(scenario, state);
    let mut sum = Tally::default();
    if actions.is_empty() {
        sum = Tally::one(scenario, state, &[], (*before || now).then(|| way(&[])));
    }
    for action in &actions {
        let next = step(scenario, state, *action);
        let mut after = tally(scenario, (next, Some(*action), *before || now), known);
        let switch = last.is_some_and(|last| last.actor() != action.actor());
        for (length, switches, rest) in after.claims.iter_mut().flat_map(|claim| &mut claim.2) {
            *length += 1;
            *switches += usize::from(switch);
            rest.insert(0, *action);
        }
        sum.add(after, &one_in(actions.len()));
    }
    if now {
        sum.claims[0].2 = Some(way(&[]));
    }
    known.insert(place, sum.clone());
    sum
}
