//! The answers: how many schedules, how many break each claim, the probability, the canonical counterexamples.

use std::collections::{HashMap, HashSet};

use num_bigint::BigUint;
use num_rational::Ratio;

use super::{Action, CLAIMS, EVERYWHERE, Phase, Progress, Scenario, State, breaks, broken_now, enabled, step};

/// A fraction that is never negative.
type Fraction = Ratio<BigUint>;

/// How many schedules break a claim, with which probability, and the canonical counterexample as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub breaking: BigUint,
    pub probability: Fraction,
    pub canonical: Option<String>,
}

/// The number of schedules and of distinct states, the claims, and whether the witness holds.
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

/// The witness: without faults, every end is Running with every task in its loop.
fn can_run(scenario: &Scenario) -> bool {
    let calm = scenario.without_faults();
    let in_loop = vec![Progress::Done(calm.sequence().len()); calm.tasks.len()];
    let mut states = reachable(&calm).into_iter();
    states.all(|state| {
        let crew = state.crews.last().map(|crew| crew.iter().map(|member| member.1).collect::<Vec<_>>());
        let runs = state.phase == Phase::Running && crew.as_ref() == Some(&in_loop);
        runs || !enabled(&calm, &state).is_empty()
    })
}

/// A schedule that breaks a claim: its length, its switches, its actions. The smallest one is canonical.
type Way = (usize, usize, Vec<Action>);

fn way(actions: &[Action]) -> Way {
    let switched = |pair: &&[Action]| pair[0].actor() != pair[1].actor();
    let switches = actions.windows(2).filter(switched).count();
    (actions.len(), switches, actions.to_vec())
}

/// The number of schedules; and for each claim how many break it, with which probability, and the best schedule that
/// does.
#[derive(Clone, Default)]
struct Tally {
    schedules: BigUint,
    claims: [(BigUint, Fraction, Option<Way>); CLAIMS.len()],
}

impl Tally {
    /// The tally of one schedule, given its end and, for each claim that is judged in every state, the part up to the
    /// first state that breaks it, if any.
    fn one(scenario: &Scenario, end: &State, schedule: &[Action], first: [Option<Way>; 2]) -> Tally {
        let at_end = |claim| breaks(scenario, end, claim).then(|| way(schedule));
        let mut ways = CLAIMS.map(at_end);
        for (claim, way) in EVERYWHERE.into_iter().zip(first) {
            ways[claim] = way;
        }
        let judge = |way: Option<Way>| {
            let broken = u8::from(way.is_some());
            (broken.into(), Fraction::from_integer(broken.into()), way)
        };
        let (schedules, claims) = (1u8.into(), ways.map(judge));
        Tally { schedules, claims }
    }

    /// Adds other schedules, which are reached with this probability.
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

/// The probability of one of this many equally likely actions.
fn one_in(actions: usize) -> Fraction {
    Fraction::new(1u8.into(), actions.into())
}

/// The answer by walking every schedule, from its first action to its end.
pub fn answer(scenario: &Scenario) -> Answer {
    let mut all = Tally::default();
    let trace = Trace { actions: vec![], probability: one_in(1), first: [None, None] };
    walk(scenario, &State::first(scenario), trace, &mut all);
    all.answer(scenario)
}

/// A path to a state: its actions, its probability, and, for each claim that is judged in every state, the part up to
/// the first state that breaks it, if any.
#[derive(Clone)]
struct Trace {
    actions: Vec<Action>,
    probability: Fraction,
    first: [Option<Way>; 2],
}

/// Continues from a state that this trace leads to.
fn walk(scenario: &Scenario, state: &State, mut trace: Trace, all: &mut Tally) {
    for (first, is_broken) in trace.first.iter_mut().zip(broken_now(scenario, state)) {
        if first.is_none() && is_broken {
            *first = Some(way(&trace.actions));
        }
    }
    let actions = enabled(scenario, state);
    for action in &actions {
        let mut longer = trace.clone();
        longer.actions.push(*action);
        longer.probability *= one_in(actions.len());
        walk(scenario, &step(scenario, state, *action), longer, all);
    }
    if actions.is_empty() {
        let one = Tally::one(scenario, state, &trace.actions, trace.first);
        all.add(one, &trace.probability);
    }
}

/// The answer by visiting each place once. A place is a state, the action that led to it, and which claims that are
/// judged in every state were broken before (the state itself may not show this).
pub fn answer_memo(scenario: &Scenario) -> Answer {
    let start = (State::first(scenario), None, [false; 2]);
    tally(scenario, start, &mut HashMap::new()).answer(scenario)
}

type Place = (State, Option<Action>, [bool; 2]);

/// The schedules from a place on. Their paths begin at the place, with one more switch if the first action is a switch.
/// If a claim that is judged in every state was broken before, the path to the next state that breaks it is ignored.
fn tally(scenario: &Scenario, place: Place, known: &mut HashMap<Place, Tally>) -> Tally {
    if let Some(tally) = known.get(&place) {
        return tally.clone();
    }
    let (state, last, before) = &place;
    let now = broken_now(scenario, state);
    let ever = [0, 1].map(|claim| before[claim] || now[claim]);
    let actions = enabled(scenario, state);
    let mut sum = Tally::default();
    if actions.is_empty() {
        sum = Tally::one(scenario, state, &[], ever.map(|is_broken| is_broken.then(|| way(&[]))));
    }
    for action in &actions {
        let next = step(scenario, state, *action);
        let mut after = tally(scenario, (next, Some(*action), ever), known);
        let switch = last.is_some_and(|last| last.actor() != action.actor());
        for (length, switches, rest) in after.claims.iter_mut().flat_map(|claim| &mut claim.2) {
            *length += 1;
            *switches += usize::from(switch);
            rest.insert(0, *action);
        }
        sum.add(after, &one_in(actions.len()));
    }
    for (claim, is_broken) in EVERYWHERE.into_iter().zip(now) {
        if is_broken {
            sum.claims[claim].2 = Some(way(&[]));
        }
    }
    known.insert(place, sum.clone());
    sum
}
