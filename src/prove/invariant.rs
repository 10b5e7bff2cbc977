//! An inductive invariant. Its conjuncts are derived from the states that the search found, and those that are not
//! needed are removed.
//!
//! A conjunct is about one task at a time. It says which queues and marks a task at a place can have in a phase; or
//! that in a phase some task is not counted (or is dead, for example). To decide whether the conjuncts are enough, this
//! module looks at sets of local states. The certificate states the same questions for two solvers.

use std::collections::BTreeSet;

use super::no_certificate::NoCertificate;
use super::parametric::Parametric;
use super::search::Search;
use super::table::{Reaction, Table, Triple};

/// A part of the invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conjunct {
    /// In this phase, a task at one of these places has one of these pairs of queue and mark.
    Each {
        /// The phase.
        phase: usize,
        /// The places.
        places: Vec<usize>,
        /// The allowed pairs of queue and mark. Empty if no task is at these places.
        allowed: BTreeSet<(usize, usize)>,
    },
    /// In this phase, some task is at one of these places and has one of these marks.
    Some {
        /// The phase.
        phase: usize,
        /// The places.
        places: BTreeSet<usize>,
        /// The marks.
        marks: BTreeSet<usize>,
    },
}

impl Conjunct {
    /// Whether it holds if this is the phase and tasks are in these local states.
    pub fn holds(&self, now: usize, locals: &BTreeSet<Triple>) -> bool {
        match self {
            Self::Each { phase, .. } => *phase != now || locals.iter().all(|&local| holds_of(self, local)),
            Self::Some { phase, .. } => *phase != now || locals.iter().any(|&local| holds_of(self, local)),
        }
    }
}

/// The allowed pairs of a task's queue and mark.
type Allowed = BTreeSet<(usize, usize)>;

/// What the conjuncts say about a phase.
struct Phase {
    allowed: BTreeSet<Triple>,
    some: Vec<BTreeSet<Triple>>,
}

/// Finds the conjuncts.
///
/// # Errors
/// If conjuncts about one task at a time are not enough.
pub fn invariant<C: Parametric>(table: &Table<C>, search: &Search<'_, C>) -> Result<Vec<Conjunct>, NoCertificate> {
    let mut conjuncts = candidates(table, search);
    if !is_enough(table, &conjuncts) {
        return Err(NoCertificate::Invariant);
    }
    // Removing a conjunct may make others necessary. So all of them are tried again until each one is needed.
    while let Some(fewer) = (0..conjuncts.len()).map(|at| without(&conjuncts, at)).find(|rest| is_enough(table, rest)) {
        conjuncts = fewer;
    }
    Ok(conjuncts)
}

fn without(conjuncts: &[Conjunct], at: usize) -> Vec<Conjunct> {
    [&conjuncts[..at], &conjuncts[at + 1..]].concat()
}

/// Everything that the search found, as conjuncts about one task at a time.
fn candidates<C: Parametric>(table: &Table<C>, search: &Search<'_, C>) -> Vec<Conjunct> {
    let (mut each, mut some) = (Vec::new(), Vec::new());
    for (phase, control) in table.phases.iter().enumerate() {
        let met: Vec<BTreeSet<Triple>> = met(table, search, control);
        if !control.stage().is_final() {
            let all: BTreeSet<Triple> = met.iter().flatten().copied().collect();
            let mut groups: Vec<(Allowed, Vec<usize>)> = Vec::new();
            for place in 0..table.places.len() {
                let here =
                    all.iter().filter(|(at, _, _)| *at == place).map(|&(_, queue, mark)| (queue, mark)).collect();
                match groups.iter_mut().find(|(allowed, _)| *allowed == here) {
                    Some((_, places)) => places.push(place),
                    None => groups.push((here, vec![place])),
                }
            }
            each.extend(groups.into_iter().map(|(allowed, places)| Conjunct::Each { phase, places, allowed }));
        }
        some.extend(
            somes(table, phase)
                .into_iter()
                .filter(|one| met.iter().all(|locals| locals.iter().any(|local| holds_of(one, *local)))),
        );
    }
    // Conjuncts about some task come last. Each conjunct is kept only if it is needed.
    each.into_iter().chain(some).collect()
}

/// The local states of each abstract state of a phase.
fn met<C: Parametric>(
    table: &Table<C>,
    search: &Search<'_, C>,
    control: &super::local::Control<C>,
) -> Vec<BTreeSet<Triple>> {
    let of_phase = search.states.iter().filter(|state| search.controls[usize::from(state.control)] == *control);
    let triple = |id: u16| table.triple(&search.locals[usize::from(id)]);
    of_phase.map(|state| state.locals.iter().filter_map(triple).collect()).collect()
}

/// The candidates about some task in a phase: the conditions of guards, and those of claims.
fn somes<C: Parametric>(table: &Table<C>, phase: usize) -> Vec<Conjunct> {
    let all_places: BTreeSet<usize> = (0..table.places.len()).collect();
    let all_marks: BTreeSet<usize> = (0..table.marks.len()).collect();
    let mut found: Vec<Conjunct> = Vec::new();
    if !table.phases[phase].stage().is_final() {
        let guards = table.reactions.iter().filter(|reaction| reaction.phase == phase);
        for (allowed, _) in guards.filter_map(|reaction| reaction.guard.as_ref()) {
            let marks = all_marks.difference(allowed).copied().collect();
            found.push(Conjunct::Some { phase, places: all_places.clone(), marks });
        }
    }
    for claim in table.claims.iter().filter(|claim| claim.needs_all && !claim.bad[phase].is_empty()) {
        let places = all_places.difference(&claim.bad[phase]).copied().collect();
        found.push(Conjunct::Some { phase, places, marks: all_marks.clone() });
    }
    found.dedup();
    found
}

fn holds_of(conjunct: &Conjunct, (place, queue, mark): Triple) -> bool {
    match conjunct {
        Conjunct::Each { places, allowed, .. } => !places.contains(&place) || allowed.contains(&(queue, mark)),
        Conjunct::Some { places, marks, .. } => places.contains(&place) && marks.contains(&mark),
    }
}

/// Whether the conjuncts hold at the start, every step and reaction keeps them, and they imply every claim.
pub fn is_enough<C: Parametric>(table: &Table<C>, conjuncts: &[Conjunct]) -> bool {
    let phases: Vec<Phase> = (0..table.phases.len()).map(|phase| Phase::of(table, conjuncts, phase)).collect();
    let start = (0, 0, 0);
    phases[0].allowed.contains(&start)
        && phases[0].some.iter().all(|some| some.contains(&start))
        && phases.iter().all(|phase| steps_keep(table, phase))
        && table.reactions.iter().all(|reaction| reaction_keeps(table, &phases, reaction))
        && finals_keep(table, &phases)
        && (0..phases.len()).all(|at| claims_hold(table, at, &phases[at]))
}

impl Phase {
    fn of<C>(table: &Table<C>, conjuncts: &[Conjunct], at: usize) -> Self {
        let of_phase = |conjunct: &&Conjunct| match conjunct {
            Conjunct::Each { phase, .. } | Conjunct::Some { phase, .. } => *phase == at,
        };
        let (each, some): (Vec<&Conjunct>, Vec<&Conjunct>) =
            conjuncts.iter().filter(of_phase).partition(|one| matches!(one, Conjunct::Each { .. }));
        let all = || {
            (0..table.places.len()).flat_map(move |place| {
                (0..=table.more()).flat_map(move |queue| (0..table.marks.len()).map(move |mark| (place, queue, mark)))
            })
        };
        let allowed: BTreeSet<Triple> = all().filter(|one| each.iter().all(|each| holds_of(each, *one))).collect();
        let some = some.iter().map(|some| allowed.iter().copied().filter(|one| holds_of(some, *one)).collect());
        Self { some: some.collect(), allowed }
    }

    /// Whether the conjuncts of the phase can hold if one task is in `mover` and the others are in some of these local
    /// states.
    fn can_be(&self, mover: Triple, others: &BTreeSet<Triple>) -> bool {
        self.some.iter().all(|some| some.contains(&mover) || !some.is_disjoint(others))
    }
}

fn steps_keep<C>(table: &Table<C>, phase: &Phase) -> bool {
    let is_kept = |from: Triple, step: &super::table::Step| {
        let to = (step.to, table.push(from.1, step.sends), from.2);
        let is_lost = |some: &BTreeSet<Triple>| {
            let others = phase.allowed.difference(some).copied().collect();
            some.contains(&from) && !some.contains(&to) && phase.can_be(from, &others)
        };
        phase.allowed.contains(&to) && !phase.some.iter().any(is_lost)
    };
    let steps = |from: Triple| table.steps.iter().filter(move |step| step.from == from.0);
    phase.allowed.iter().all(|&from| steps(from).all(|step| is_kept(from, step)))
}

fn reaction_keeps<C>(table: &Table<C>, phases: &[Phase], reaction: &Reaction) -> bool {
    let (before, after) = (&phases[reaction.phase], &phases[reaction.to]);
    let is_sender = |&&(_, queue, mark): &&Triple| mark == reaction.mark && table.oldest(queue) == Some(reaction.kind);
    let is_guarded = |local: &Triple| match &reaction.guard {
        Some((allowed, false)) => allowed.contains(&local.2),
        _ => true,
    };
    let others: BTreeSet<Triple> = before.allowed.iter().copied().filter(is_guarded).collect();
    // Whether these other tasks can meet the guard.
    let can_react = |others: &BTreeSet<Triple>| match &reaction.guard {
        Some((allowed, true)) => others.iter().any(|local| !allowed.contains(&local.2)),
        _ => true,
    };
    before.allowed.iter().filter(is_sender).all(|&from| {
        if !before.can_be(from, &others) || !can_react(&others) {
            return true;
        }
        let to = (from.0, table.pop(from.1), reaction.new_mark);
        let is_lost = |some: &BTreeSet<Triple>| {
            let rest: BTreeSet<Triple> = others.difference(some).copied().collect();
            !some.contains(&to) && before.can_be(from, &rest) && can_react(&rest)
        };
        after.allowed.contains(&to)
            && others.iter().all(|other| after.allowed.contains(other))
            && !after.some.iter().any(is_lost)
    })
}

/// Whether the conjuncts of the final phases are kept. In a final phase every notice is dropped.
fn finals_keep<C: Parametric>(table: &Table<C>, phases: &[Phase]) -> bool {
    let finals = phases.iter().zip(&table.phases).filter(|(_, control)| control.stage().is_final());
    finals.map(|(phase, _)| phase).all(|phase| {
        phase.allowed.iter().filter(|from| from.1 != 0).all(|&from| {
            let to = (from.0, table.pop(from.1), from.2);
            phase.allowed.contains(&to) && phase.some.iter().all(|some| some.contains(&from) == some.contains(&to))
        })
    })
}

fn claims_hold<C>(table: &Table<C>, at: usize, phase: &Phase) -> bool {
    table.claims.iter().all(|claim| {
        let bad = &claim.bad[at];
        let is_bad = |local: &Triple| bad.contains(&local.0);
        let mut all = phase.allowed.clone();
        if claim.needs_all {
            all.retain(is_bad);
        }
        if claim.at_end {
            all = resting(table, all);
        }
        let needs_met = phase.some.iter().all(|some| !some.is_disjoint(&all));
        !(needs_met && all.iter().any(is_bad))
    })
}

/// The largest subset of these local states in which no task can move and no notice is queued.
fn resting<C>(table: &Table<C>, mut all: BTreeSet<Triple>) -> BTreeSet<Triple> {
    all.retain(|&(place, queue, _)| queue == 0 && (!table.has_step(place) || !table.held_by[place].is_empty()));
    loop {
        let places: BTreeSet<usize> = all.iter().map(|local| local.0).collect();
        let before = all.len();
        all.retain(|&(place, _, _)| !table.has_step(place) || !table.held_by[place].is_disjoint(&places));
        if all.len() == before {
            return all;
        }
    }
}
