//! The tables of a protocol with one attempt: places, steps, reactions and claims. They are computed in small worlds.
//!
//! They have the steps of every place, and the reactions to every combination of phase, notice and mark, not only those
//! that a search finds. So an invariant that is checked against them is checked against everything that could happen.

use std::collections::BTreeSet;

use indexmap::IndexSet;

use super::local::{Control, Local, Place};
use super::no_certificate::NoCertificate;
use super::parametric::Parametric;
use super::search::{Search, Workers};
use super::small::{Marks, NotCovered};
use crate::claims::{Claim, Scope};
use crate::core::{Attempt, Kind, Timeout};
use crate::model::Action;

/// A step from one place to another, and the notice that it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The place before.
    pub from: usize,
    /// The place after.
    pub to: usize,
    /// The notice that it sends.
    pub sends: Option<usize>,
}

/// A reaction to a notice of a task with a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The phase before.
    pub phase: usize,
    /// The notice.
    pub kind: usize,
    /// The mark of the sender.
    pub mark: usize,
    /// The guard, if there is one. If its second value is `false`, every other task must have one of these marks. If it
    /// is `true`, some other task must have none of them.
    pub guard: Option<(BTreeSet<usize>, bool)>,
    /// The phase after.
    pub to: usize,
    /// The mark of the sender after it.
    pub new_mark: usize,
    /// Whether the search found this reaction.
    pub met: bool,
}

/// A claim as a formula. In each phase, it is broken if some task (or every task, if `needs_all`) is at one of the
/// places in `bad`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    /// Its name.
    pub id: String,
    /// Whether it is judged only at the ends.
    pub at_end: bool,
    /// For each phase, the places that break it.
    pub bad: Vec<BTreeSet<usize>>,
    /// Whether every task must be at such a place to break it. If not, one is enough.
    pub needs_all: bool,
}

impl Formula {
    /// Whether the claim is broken if this is the phase and tasks are at these places.
    pub fn is_broken(&self, phase: usize, places: &BTreeSet<usize>) -> bool {
        let is_bad = |place: &usize| self.bad[phase].contains(place);
        if self.needs_all { places.iter().all(is_bad) } else { places.iter().any(is_bad) }
    }
}

/// A local state in the tables: a place, a queue, a mark.
pub type Triple = (usize, usize, usize);

/// The tables.
pub struct Table<C> {
    /// The phases. The initial one is first.
    pub phases: Vec<Control<C>>,
    /// The places of a task. The initial one is first.
    pub places: Vec<Place>,
    /// The kinds of notice that a task sends.
    pub kinds: Vec<Kind>,
    /// The possible queues of one task's notices, oldest notice first. The first queue is empty.
    pub queues: Vec<Vec<usize>>,
    /// The marks. The first is that of a new task.
    pub marks: Vec<u8>,
    /// The steps.
    pub steps: Vec<Step>,
    /// For each place, the places of tasks that hold back a task there, if both tasks are on the same worker.
    pub held_by: Vec<BTreeSet<usize>>,
    /// The reactions, except those in a final phase, in which every notice is dropped.
    pub reactions: Vec<Reaction>,
    /// The claims.
    pub claims: Vec<Formula>,
    /// The workers that the tasks run on.
    pub workers: Workers,
}

impl<C: Parametric> Table<C> {
    /// Computes the tables.
    ///
    /// # Errors
    /// If the protocol does not fit in them.
    pub fn read(search: &mut Search<'_, C>, claims: &[Claim<C>]) -> Result<Self, NoCertificate> {
        let run = search.run;
        let knobs = [
            ("attempts", run.attempts > 1),
            ("timeout", run.timeout != Timeout::None),
            ("stop", run.stop),
            ("duplicates", run.duplicates > 0),
            ("losses", run.losses > 0),
            ("crashes", run.crashes > 0),
        ];
        if let Some((knob, _)) = knobs.into_iter().find(|(_, is_turned)| *is_turned) {
            return Err(NoCertificate::Knob(knob));
        }
        let start = search.small.start();
        let mut table = Self {
            phases: vec![start],
            places: Vec::new(),
            kinds: Vec::new(),
            queues: Vec::new(),
            marks: vec![0],
            steps: Vec::new(),
            held_by: Vec::new(),
            reactions: Vec::new(),
            claims: Vec::new(),
            workers: search.workers,
        };
        table.read_steps(search)?;
        table.read_queues();
        table.read_reactions(search)?;
        table.held_by = table.read_barrier(search, 0)?;
        table.expect_one_table_of_steps(search)?;
        table.claims = claims.iter().map(|claim| table.read_claim(search, claim)).collect::<Result<_, _>>()?;
        Ok(table)
    }

    /// Every step from every place. Without a stop, the steps are the same in every phase.
    fn read_steps(&mut self, search: &mut Search<'_, C>) -> Result<(), NotCovered> {
        let (mut places, mut kinds) = (IndexSet::new(), IndexSet::new());
        places.insert(Place::start(Attempt(1)));
        let mut from = 0;
        while let Some(&place) = places.get_index(from) {
            for step in search.moves(0, place)?.moves {
                let to = places.insert_full(step.to).0;
                let sends = step.sends.map(|(_, kind)| kinds.insert_full(kind).0);
                self.steps.push(Step { from, to, sends });
            }
            from += 1;
        }
        (self.places, self.kinds) = (places.into_iter().collect(), kinds.into_iter().collect());
        Ok(())
    }

    /// The possible queues: the notices that a task can have sent, without those that were received.
    fn read_queues(&mut self) {
        let mut sent = BTreeSet::from([(0, Vec::new())]);
        let mut open = vec![(0, Vec::new())];
        while let Some((place, queue)) = open.pop() {
            for step in self.steps.iter().filter(|step| step.from == place) {
                let mut queue: Vec<usize> = queue.clone();
                queue.extend(step.sends);
                if sent.insert((step.to, queue.clone())) {
                    open.push((step.to, queue));
                }
            }
        }
        let left = |queue: &Vec<usize>| (0..=queue.len()).map(|taken| queue[taken..].to_vec()).collect::<Vec<_>>();
        let queues: BTreeSet<Vec<usize>> = sent.iter().flat_map(|(_, queue)| left(queue)).collect();
        self.queues = queues.into_iter().collect();
        self.queues.sort_by_key(Vec::len);
    }

    /// Every reaction to every notice, with every mark. New phases and marks are processed until no more appear.
    fn read_reactions(&mut self, search: &mut Search<'_, C>) -> Result<(), NoCertificate> {
        loop {
            let (phases, marks) = (self.phases.len(), self.marks.len());
            self.reactions.clear();
            for phase in (0..phases).filter(|&phase| !self.phases[phase].stage().is_final()).collect::<Vec<_>>() {
                for (kind, mark) in (0..self.kinds.len()).flat_map(|kind| (0..marks).map(move |mark| (kind, mark))) {
                    self.read_reaction(search, phase, kind, mark)?;
                }
            }
            if (phases, marks) == (self.phases.len(), self.marks.len()) {
                return Ok(());
            }
        }
    }

    fn read_reaction(
        &mut self,
        search: &mut Search<'_, C>,
        phase: usize,
        kind: usize,
        mark: usize,
    ) -> Result<(), NoCertificate> {
        let subsets: Vec<BTreeSet<usize>> = (0..1_usize << self.marks.len())
            .map(|bits| (0..self.marks.len()).filter(|mark| bits & 1 << mark != 0).collect())
            .collect();
        let mut outcomes = Vec::new();
        for others in &subsets {
            outcomes.push(self.outcome(search, phase, (kind, mark), others)?);
        }
        let alone = outcomes[0];
        let allowed: BTreeSet<usize> = (0..self.marks.len())
            .filter(|&mark| {
                subsets
                    .iter()
                    .zip(&outcomes)
                    .any(|(one, outcome)| one.len() == 1 && one.contains(&mark) && *outcome == alone)
            })
            .collect();
        let beside = subsets.iter().zip(&outcomes).find(|(others, _)| !others.is_subset(&allowed)).map(|(_, one)| *one);
        let fits = |(others, outcome): (&BTreeSet<usize>, &(usize, usize))| {
            if others.is_subset(&allowed) { *outcome == alone } else { Some(*outcome) == beside }
        };
        if !subsets.iter().zip(&outcomes).all(fits) {
            return Err(NoCertificate::Guard);
        }
        let guard = |some: bool| beside.map(|_| (allowed.clone(), some));
        for (outcome, some) in [(Some(alone), false), (beside, true)] {
            let Some((to, new_mark)) = outcome else { continue };
            let guard = guard(some);
            let met = self.was_met(search, phase, (kind, mark), guard.as_ref());
            self.reactions.push(Reaction { phase, kind, mark, guard, to, new_mark, met });
        }
        Ok(())
    }

    /// The phase and the sender's mark after a reaction.
    fn outcome(
        &mut self,
        search: &mut Search<'_, C>,
        phase: usize,
        (kind, mark): (usize, usize),
        others: &BTreeSet<usize>,
    ) -> Result<(usize, usize), NoCertificate> {
        let queue = vec![(Attempt(1), self.kinds[kind])];
        let sender = Local { queue, mark: self.marks[mark], ..Local::start() };
        let marks = others.iter().fold(0, |marks: Marks, &mark| marks | 1 << self.marks[mark]);
        let receive = super::small::How::Taken.action();
        let reaction = search.small.tried(&self.phases[phase], Some(&sender), marks, receive)?;
        let reaction = reaction.filter(|reaction| !reaction.sweeps).ok_or(NoCertificate::Sweeps)?;
        let is_final = reaction.control.stage().is_final();
        let to = self.phases.iter().position(|phase| *phase == reaction.control).unwrap_or_else(|| {
            self.phases.push(reaction.control.clone());
            self.phases.len() - 1
        });
        // The search keeps no marks in a final phase. Here the sender keeps its mark.
        let new_mark = reaction.sender.map_or(sender.mark, |sender| sender.mark);
        let new_mark = if is_final { sender.mark } else { new_mark };
        let new_mark = self.marks.iter().position(|mark| *mark == new_mark).unwrap_or_else(|| {
            self.marks.push(new_mark);
            self.marks.len() - 1
        });
        Ok((to, new_mark))
    }

    /// Whether the search found this reaction.
    fn was_met(
        &self,
        search: &Search<'_, C>,
        phase: usize,
        (kind, mark): (usize, usize),
        guard: Option<&(BTreeSet<usize>, bool)>,
    ) -> bool {
        let allowed = guard.map(|(allowed, some)| {
            (allowed.iter().fold(0, |marks: Marks, &mark| marks | 1 << self.marks[mark]), *some)
        });
        search.reactions.keys().any(|&(control, sender, others, action)| {
            let sender = sender.map(|id| &search.locals[usize::from(id)]);
            action == Action::Receive(crate::core::WorkerId(1))
                && search.controls[usize::from(control)] == self.phases[phase]
                && sender.is_some_and(|sender| {
                    sender.mark == self.marks[mark] && sender.queue.first() == Some(&(Attempt(1), self.kinds[kind]))
                })
                && allowed.is_none_or(|(allowed, some)| (others & !allowed != 0) == some)
        })
    }

    /// Checks that the steps and the barrier, which were computed in the first phase, are the same in every other
    /// phase.
    fn expect_one_table_of_steps(&self, search: &mut Search<'_, C>) -> Result<(), NoCertificate> {
        for phase in &self.phases {
            let control = search.control(phase.clone()).map_err(NoCertificate::Limit)?;
            for &place in &self.places {
                if search.moves(control, place)?.moves != search.moves(0, place)?.moves {
                    return Err(NoCertificate::Steps);
                }
            }
            if self.read_barrier(search, control)? != self.held_by {
                return Err(NoCertificate::Steps);
            }
        }
        Ok(())
    }

    fn read_barrier(&self, search: &mut Search<'_, C>, control: u16) -> Result<Vec<BTreeSet<usize>>, NotCovered> {
        let mut held_by = Vec::new();
        for &place in &self.places {
            let mut holders = BTreeSet::new();
            for (index, &other) in self.places.iter().enumerate() {
                if search.blocks(control, place, other)? {
                    holders.insert(index);
                }
            }
            held_by.push(holders);
        }
        Ok(held_by)
    }

    /// A claim as a formula. It is judged for one task at each place, and for two tasks at each pair of places.
    fn read_claim(&self, search: &mut Search<'_, C>, claim: &Claim<C>) -> Result<Formula, NoCertificate> {
        let mut is_broken = |phase: usize, places: &[usize]| {
            let cast: Vec<Local> = places.iter().map(|&place| Local::at(self.places[place])).collect();
            let cast: Vec<&Local> = cast.iter().collect();
            let (setup, world) = search.small.world(&self.phases[phase], &cast, None);
            claim.is_broken_in(&setup.model, &world)
        };
        let (mut bad, mut some, mut all) = (Vec::new(), true, true);
        for phase in 0..self.phases.len() {
            let alone: BTreeSet<usize> = (0..self.places.len()).filter(|&place| is_broken(phase, &[place])).collect();
            for (a, b) in (0..self.places.len()).flat_map(|a| (0..self.places.len()).map(move |b| (a, b))) {
                let both = is_broken(phase, &[a, b]);
                some &= both == (alone.contains(&a) || alone.contains(&b));
                all &= both == (alone.contains(&a) && alone.contains(&b));
            }
            bad.push(alone);
        }
        if !some && !all {
            return Err(NoCertificate::Claim(claim.id.to_string()));
        }
        Ok(Formula { id: claim.id.to_string(), at_end: claim.scope == Scope::AtEnd, bad, needs_all: !some })
    }
}

impl<C> Table<C> {
    /// The number of a queue that no task has. With it, [`Table::push`] is always defined.
    pub fn more(&self) -> usize {
        self.queues.len()
    }

    /// The queue after one more notice.
    pub fn push(&self, queue: usize, kind: Option<usize>) -> usize {
        let Some(known) = self.queues.get(queue) else { return self.more() };
        let longer = [known.as_slice(), kind.as_slice()].concat();
        self.queues.iter().position(|other| *other == longer).unwrap_or(self.more())
    }

    /// The queue after the oldest notice was taken.
    pub fn pop(&self, queue: usize) -> usize {
        let rest = self.queues.get(queue).and_then(|known| known.get(1..));
        rest.and_then(|rest| self.queues.iter().position(|other| other == rest)).unwrap_or(self.more())
    }

    /// The oldest notice of a queue.
    pub fn oldest(&self, queue: usize) -> Option<usize> {
        self.queues.get(queue)?.first().copied()
    }

    /// A local state as numbers of the tables.
    pub fn triple(&self, local: &Local) -> Option<Triple> {
        let kind = |kind: &Kind| self.kinds.iter().position(|other| other == kind);
        let queue: Vec<usize> = local.queue.iter().map(|(_, sent)| kind(sent)).collect::<Option<_>>()?;
        let place = self.places.iter().position(|place| *place == local.place)?;
        let mark = self.marks.iter().position(|mark| *mark == local.mark)?;
        Some((place, self.queues.iter().position(|other| *other == queue)?, mark))
    }

    /// Whether a task at a place has a step.
    pub fn has_step(&self, place: usize) -> bool {
        self.steps.iter().any(|step| step.from == place)
    }
}
