//! Sends each step of a bucket to the process that owns the state to which the step leads.

use startup_race::Controller;
use startup_race::explore::contract::{Difference, Violation};
use startup_race::explore::engine::bucket::{Record, Segment, spread};
use startup_race::explore::engine::expansion::Expanded;
use startup_race::explore::engine::key::{Key, Layout};
use startup_race::explore::engine::knowledge::Knowledge;
use startup_race::explore::engine::names::Order;
use startup_race::explore::engine::numbers::scale;
use startup_race::explore::engine::parts::Unlearned;
use startup_race::explore::engine::search::{Again, Run};
use startup_race::explore::engine::tables::CONTROL;

use crate::agree::Stop;
use crate::search::Search;
use crate::words::Words;

/// Merged steps: the process that they are for, by how much the potential falls, the states.
type Bundle<const N: usize> = (usize, u32, Segment<N, u64>);

/// A step: the process that it is for, by how much the potential falls, the rest.
type Routed<const N: usize> = (usize, u32, Record<N>);

impl<C: Controller, const N: usize> Search<'_, '_, '_, C, N> {
    /// Puts the steps of a bucket together for each process. The steps for this process are added to `waiting`. Returns
    /// the message for each other process.
    pub fn send(
        &mut self,
        mut bucket: Vec<Segment<N, u64>>,
        expanded: Vec<Expanded<N>>,
        degrees: &[u32],
        potential: u32,
    ) -> Vec<Vec<u64>> {
        let before = self.numbers.shape;
        let factors = self.numbers.refine::<u64>(degrees.iter().copied());
        let (shape, unit) = self.numbers.of_steps::<u64>();
        self.owners.learn(&self.known.parts);
        let (tables, layout, owners, peers) = (self.known.tables(), &self.layout, &self.owners, self.net.peers);
        let owner = |key: Key<N>, ids: &mut [u32]| {
            layout.unpack(key, ids);
            owners.of(ids, tables, peers)
        };
        let work = bucket.iter_mut().zip(expanded).collect();
        let bundles = spread(work, |(segment, expanded): (&mut Segment<N, u64>, Expanded<N>)| {
            let rows = scale(std::mem::take(&mut segment.rows), &expanded.degrees, &factors, before, shape);
            let mut ids = vec![0; tables.width()];
            let near = expanded.near.into_iter().map(|record| (1, record)).chain(expanded.far);
            let routed = near.map(|(drop, record)| (owner(record.key, &mut ids), drop, record));
            bundles(routed.collect(), &rows, &segment.depths, shape.row())
        });
        let mut out = vec![self.told(); peers];
        out[self.net.index].clear();
        for (to, drop, states) in bundles.into_iter().flatten() {
            let potential = potential - drop;
            if to == self.net.index {
                let run = Run { states, layout: self.layout.clone(), shape, unit: unit.clone() };
                self.waiting.entry(potential).or_default().push(run);
            } else {
                put(&mut out[to], potential, &states);
            }
        }
        out
    }

    /// What a message begins with: the layout of the states in it, and the parts that are new.
    pub fn told(&mut self) -> Vec<u64> {
        let mut out: Vec<u64> = self.bits.iter().map(|&bits| bits.into()).collect();
        out.extend(self.dictionary.tell(&self.known.parts));
        out
    }

    /// Adds the steps from other processes to `waiting`. The inner result says whether this process could take them, or
    /// why the search must end or begin again.
    ///
    /// # Errors
    /// If a message cannot be decoded.
    pub fn hear(&mut self, heard: &[Vec<u64>]) -> Result<Result<(), Again>, Stop> {
        let index = self.net.index;
        for (from, words) in heard.iter().enumerate().filter(|(from, _)| *from != index) {
            let mut words = Words(words);
            let taken = match self.hear_of(from, &mut words) {
                Some(Ok(layout)) => self.take(from, &layout, &mut words),
                Some(Err(why)) => Some(Err(why)),
                None => None,
            };
            match taken {
                Some(Ok(())) => {}
                Some(Err(why)) => return Ok(Err(why)),
                None => return Err(self.net.give_up().into()),
            }
        }
        Ok(Ok(()))
    }

    /// Reads what a message begins with. Returns the layout of the states in it.
    pub fn hear_of(&mut self, from: usize, words: &mut Words<'_>) -> Option<Result<Layout, Again>> {
        let bits = words.take(self.bits.len())?.iter().map(|&bits| bits.min(32) as u32);
        let layout = Layout::of(&bits.collect::<Vec<u32>>(), N)?;
        let heard = self.dictionary.hear(from, &mut self.known, words, self.request.limits)?;
        self.owners.learn(&self.known.parts);
        Some(heard.map(|()| layout))
    }

    fn take(&mut self, from: usize, layout: &Layout, words: &mut Words<'_>) -> Option<Result<(), Again>> {
        let (shape, unit, mut ids) = (self.numbers.shape, self.numbers.unit.clone(), self.no_parts());
        while !words.0.is_empty() {
            let (potential, count) = (words.next()? as u32, words.number()?);
            let mut states = Segment { keys: Vec::new(), rows: Vec::new(), depths: Vec::new() };
            for key in words.take(count.checked_mul(N)?)?.chunks_exact(N) {
                let own = self.own(from, layout, key, &mut ids)?;
                if let Err(why) =
                    own.and_then(|_| self.belongs_here(&ids)).and_then(|()| self.add(&mut states.keys, &ids))
                {
                    return Some(Err(why));
                }
            }
            states.depths = words.take(count)?.iter().map(|&depth| depth as u32).collect();
            states.rows = words.take(count.checked_mul(shape.row())?)?.to_vec();
            let run = Run { states, layout: self.layout.clone(), shape, unit: unit.clone() };
            self.waiting.entry(potential).or_default().push(run);
        }
        Some(Ok(()))
    }

    /// Room for the parts of a state.
    pub fn no_parts(&self) -> Vec<u32> {
        vec![0; self.known.tables().width()]
    }

    /// Translates a state of another process into this process's parts. Returns the order that renames its tasks to
    /// those of the representative; the representative's parts are written to `ids`.
    pub fn own(
        &mut self,
        from: usize,
        layout: &Layout,
        key: &[u64],
        ids: &mut Vec<u32>,
    ) -> Option<Result<Order, Again>> {
        layout.unpack(Key::<N>::of_words(key.try_into().ok()?), ids);
        self.dictionary.translate(from, ids, self.known.tables())?;
        let found = self.known.parts.representative_of(std::mem::take(ids), self.request.limits);
        Some(found.map_err(Again::from).map(|(named, order)| {
            *ids = named;
            order
        }))
    }

    /// Checks that a state that was sent here belongs here. If it does not, two processes compute different hashes for
    /// the same controller, and both would store the state.
    fn belongs_here(&mut self, ids: &[u32]) -> Result<(), Again> {
        self.owners.learn(&self.known.parts);
        if self.owners.of(ids, self.known.tables(), self.net.peers) == self.net.index {
            return Ok(());
        }
        let text = format!("{:?}", self.known.parts.control_with(ids[CONTROL]).controller);
        let violation = Violation::from(Difference::Hash(text.clone(), text));
        Err(Unlearned::from(violation).at(ids, None).into())
    }

    /// Adds a state to `keys`. If a part has outgrown its bits, the layout is widened and all of `keys` are converted.
    fn add(&mut self, keys: &mut Vec<Key<N>>, ids: &[u32]) -> Result<(), Again> {
        let key = match self.layout.pack(ids) {
            Some(key) => key,
            None => {
                let before = self.layout.clone();
                self.widen()?;
                before.carry(keys, &self.layout);
                self.layout.pack(ids).ok_or(Again::Wider)?
            }
        };
        keys.push(key);
        Ok(())
    }
}

/// Sorts the steps into bundles, and merges steps that lead to the same state.
fn bundles<const N: usize>(mut steps: Vec<Routed<N>>, rows: &[u64], depths: &[u32], row: usize) -> Vec<Bundle<N>> {
    steps.sort_unstable_by_key(|&(to, drop, record)| (to, drop, record.key));
    let of_one = |steps: &[Routed<N>]| {
        let mut states = Segment::new();
        for (_, _, record) in steps {
            let place = record.row as usize;
            states.add(*record, &rows[place * row..][..row], depths[place] + 1);
        }
        (steps[0].0, steps[0].1, states)
    };
    steps.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).map(of_one).collect()
}

fn put<const N: usize>(out: &mut Vec<u64>, potential: u32, states: &Segment<N, u64>) {
    out.extend([potential.into(), states.keys.len() as u64]);
    states.keys.iter().for_each(|key| out.extend(key.words()));
    out.extend(states.depths.iter().map(|&depth| u64::from(depth)));
    out.extend(&states.rows);
}
