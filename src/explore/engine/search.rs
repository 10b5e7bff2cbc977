//! The search. It processes the buckets from the highest potential to the lowest. When a bucket opens, every state that
//! leads into it has been expanded. So each state is judged and expanded exactly once.
//!
//! Steps into the next bucket are sorted and merged. Steps into later buckets are merged per bucket, and wait until
//! their bucket opens.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::OnProgress;
use super::bucket::{Record, Room, Segment, Source, merge, spread};
use super::expansion::{Expanded, Unexpanded, expand};
use super::found::{Depths, Found, Layer};
use super::judge::{Claims, judge_states};
use super::key::Layout;
use super::knowledge::Knowledge;
use super::limbs::Limb;
use super::memory;
use super::numbers::{Numbers, Shape, scale};
use super::parts::Unlearned;
use super::spill::{Disk, Part};
use crate::explore::limits::{Limit, Limits};

/// The effort of a step: about the bytes of a state.
const STEP: usize = 16;

/// Why a search must begin again, or has no answer.
#[derive(Debug)]
pub enum Again {
    /// The states need more words.
    Wider,
    /// Something could not be learned.
    Unlearned(Unlearned),
}

impl From<Unlearned> for Again {
    fn from(why: Unlearned) -> Self {
        Self::Unlearned(why)
    }
}

/// What a search must find out.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// How many claims there are.
    pub claims: usize,
    /// The claims that are judged at the ends.
    pub at_ends: Claims,
    /// Whether to compute the numbers of schedules, and their probabilities.
    pub numbers: bool,
    /// Whether to keep the states, for counterexamples.
    pub archive: bool,
    pub limits: &'a Limits,
    pub threads: usize,
    /// The folder for files, if the search writes its layers to files.
    pub spill: Option<&'a Disk>,
}

/// States that wait for their bucket. The steps from one segment that lead to the same state are merged.
pub struct Run<const N: usize, L> {
    pub states: Segment<N, L>,
    pub layout: Layout,
    pub shape: Shape,
    pub unit: BigUint,
}

/// Steps that skip the next bucket, each with the amount by which the potential falls.
pub type Far<const N: usize> = Vec<(u32, Record<N>)>;

/// The result of taking the steps of some states, for each segment.
pub struct Taken<const N: usize, L> {
    /// The steps into the next bucket, and those into later ones.
    pub steps: Vec<(Vec<Record<N>>, Far<N>)>,
    /// For each state, the numbers that each of its steps carries.
    pub rows: Vec<Vec<L>>,
    /// For each state, the depth after a step from it.
    pub depths: Vec<Vec<u32>>,
}

/// A search while it runs.
pub struct Search<'a, 'c, const N: usize, L> {
    pub known: &'a mut dyn Knowledge,
    pub wanted: Wanted<'a>,
    on_progress: &'a mut OnProgress<'c>,
    pub waiting: BTreeMap<u32, Vec<Run<N, L>>>,
    /// The states that wait in files.
    pub stored: BTreeMap<u32, Vec<Part>>,
    /// How many states of the open bucket were already processed.
    pub opened: usize,
    pub numbers: Numbers,
    pub found: Found<N>,
}

/// Searches every schedule from the representative of the first state.
///
/// # Errors
/// The reason why there is no answer. If a limit ends the search after its beginning, there is an answer, which names
/// the limit.
pub fn search<const N: usize, L: Limb>(
    known: &mut dyn Knowledge,
    start: &[u32],
    wanted: Wanted<'_>,
    on_progress: &mut OnProgress<'_>,
) -> Result<Found<N>, Again> {
    let layout = Layout::of(&known.bits(), N).ok_or(Again::Wider)?;
    let numbers = Numbers::new(wanted.numbers, wanted.claims);
    let keys = vec![layout.pack(start).ok_or(Again::Wider)?];
    let states = Segment { keys, rows: numbers.first::<L>(), depths: vec![0] };
    let first = Run { states, layout: layout.clone(), shape: numbers.shape, unit: numbers.unit.clone() };
    let search = Search {
        waiting: BTreeMap::from([(known.tables().potential(start), vec![first])]),
        stored: BTreeMap::new(),
        opened: 0,
        numbers,
        found: Found::new(&wanted, layout).map_err(Unlearned::from)?,
        known,
        wanted,
        on_progress,
    };
    search.run()
}

impl<const N: usize, L: Limb> Search<'_, '_, N, L> {
    fn run(mut self) -> Result<Found<N>, Again> {
        let mut ended = match self.wanted.spill {
            Some(disk) => self.in_chunks(disk),
            None => self.buckets(),
        };
        if let Ok(()) | Err(Again::Unlearned(Unlearned::Limit(_))) = ended {
            let repeated = self.known.repeat(self.wanted.limits).map_err(Again::Unlearned);
            ended = match repeated {
                Err(Again::Unlearned(Unlearned::Limit(_))) if ended.is_err() => ended,
                Err(why) => Err(why),
                Ok(()) => ended,
            };
        }
        match ended {
            Ok(()) => {}
            Err(Again::Unlearned(Unlearned::Limit(limit))) => self.found.cut = Some(limit),
            Err(Again::Unlearned(Unlearned::Broken(place, violation))) => self.found.broken = Some((place, violation)),
            Err(again) => return Err(again),
        }
        self.found.unit.clone_from(&self.numbers.unit);
        (self.found.all, self.found.breaking) = self.numbers.shares(self.wanted.at_ends);
        Ok(self.found)
    }

    fn buckets(&mut self) -> Result<(), Again> {
        let (mut near, mut last) = (Vec::new(), 0);
        loop {
            let goes_on = near.iter().any(|source: &Source<N, L>| !source.records.is_empty());
            let waits = self.waiting.last_key_value().map(|(&potential, _)| potential);
            let Some(potential) = (if goes_on { Some(last - 1) } else { waits }) else { return Ok(()) };
            let runs = self.waiting.remove(&potential).unwrap_or_default();
            near.extend(open(runs, &self.found.layout, &self.numbers));
            let bucket = self.merge(&std::mem::take(&mut near))?;
            near = self.bucket(bucket, potential)?;
            last = potential;
        }
    }

    fn merge(&mut self, near: &[Source<N, L>]) -> Result<Vec<Segment<N, L>>, Again> {
        let steps: usize = near.iter().map(|source| source.records.len()).sum();
        let threads = if steps < L::SHARED_FROM { 1 } else { self.wanted.threads };
        let row = self.numbers.shape.row();
        // A state may take twice its size, because a full buffer doubles its capacity.
        let room = self.room(near.iter().map(Source::bytes).sum(), 2 * memory::states::<N, L>(1, row))?;
        merge(near, row, threads, &room).map_err(|limit| Unlearned::from(limit).into())
    }

    /// How many items of `each` bytes there is room for, if `beside` bytes are held in addition to the tables, the
    /// waiting states and the kept ones.
    pub fn room(&mut self, beside: usize, each: usize) -> Result<Room<'_>, Again> {
        let waiting: usize = self.waiting.values().flatten().map(|run| run.states.bytes()).sum();
        let held = self.known.bytes() + self.found.archived + waiting + beside;
        self.found.account.hold(held).map_err(Unlearned::from)?;
        let limits = self.wanted.limits;
        Ok(Room::of(limits.bytes().saturating_sub(limits.used()) / each, limits))
    }

    /// Expands and judges a bucket. Returns the steps into the next one.
    fn bucket(&mut self, bucket: Vec<Segment<N, L>>, potential: u32) -> Result<Vec<Source<N, L>>, Again> {
        let Taken { steps, rows, depths } = self.take(bucket, potential)?;
        let (near, far): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        self.put_by(far, &rows, &depths, potential);
        self.numbers.close::<L>();
        self.found.layers += 1;
        let near = spread(near, |mut near: Vec<Record<N>>| {
            near.sort_unstable_by_key(|record| record.key);
            near
        });
        let sources = near.into_iter().zip(rows).zip(depths);
        Ok(sources.map(|((records, rows), depths)| Source { records, rows, depths }).collect())
    }

    /// Takes every step of a bucket, or of a chunk of it, judges its states, and keeps them.
    ///
    /// # Errors
    /// The reason why the search ends. The states are still kept, because the path to a broken contract is needed.
    pub fn take(&mut self, mut states: Vec<Segment<N, L>>, potential: u32) -> Result<Taken<N, L>, Again> {
        let taken = self.visit(&mut states, potential).and_then(|expanded| {
            let (steps, degrees): (Vec<_>, Vec<_>) =
                expanded.into_iter().map(|expanded| ((expanded.near, expanded.far), expanded.degrees)).unzip();
            self.scale(&mut states, &degrees).map(|rows| (steps, rows))
        });
        let below = |segment: &Segment<N, L>| segment.depths.iter().map(|depth| depth + 1).collect();
        let depths = states.iter().map(below).collect();
        self.keep(states, potential)?;
        taken.map(|(steps, rows)| Taken { steps, rows, depths })
    }

    /// Finds every step of a bucket and judges its states, but not more states than may be stored.
    fn visit(&mut self, bucket: &mut [Segment<N, L>], potential: u32) -> Result<Vec<Expanded<N>>, Again> {
        let fits = self.fit(bucket)?;
        let expanded = self.expand(bucket)?;
        let degrees = expanded.iter().flat_map(|expanded| &expanded.degrees);
        self.found.widest = degrees.clone().copied().fold(self.found.widest, u32::max);
        let steps: usize = degrees.map(|&degree| degree as usize + 1).sum();
        self.wanted.limits.spend(steps * STEP).map_err(Unlearned::from)?;
        self.judge(bucket, &expanded, potential)?;
        if fits { Ok(expanded) } else { Err(Unlearned::from(Limit::States).into()) }
    }

    fn expand(&mut self, bucket: &mut [Segment<N, L>]) -> Result<Vec<Expanded<N>>, Again> {
        loop {
            let held = bucket.iter().map(|segment| segment.bytes() + segment.keys.len() * size_of::<u32>()).sum();
            let most = self.room(held, memory::steps::<N>(1))?.most;
            let room = Room::of(most, self.wanted.limits);
            match expand(self.known, &self.found.layout, bucket, &room) {
                Ok(expanded) => return Ok(expanded),
                Err(Unexpanded::Unlearned(why)) => return Err(why.into()),
                Err(Unexpanded::Bits) => {
                    let wider = Layout::of(&self.known.bits(), N).ok_or(Again::Wider)?;
                    bucket.iter_mut().for_each(|segment| self.found.layout.carry(&mut segment.keys, &wider));
                    self.found.layout = wider;
                }
            }
        }
    }

    /// The numbers that each step from the states of a bucket carries, in the unit of the steps.
    fn scale(&mut self, bucket: &mut [Segment<N, L>], degrees: &[Vec<u32>]) -> Result<Vec<Vec<L>>, Again> {
        let before = self.numbers.shape;
        let factors = self.numbers.refine(degrees.iter().flatten().copied());
        let (after, _) = self.numbers.of_steps::<L>();
        let (states, steps) = degrees.iter().flatten().fold((0, 0), |(n, all), degree| (n + 1, all + *degree as usize));
        let row = if before == after { after.row() } else { before.row() + after.row() };
        let rows = memory::states::<N, L>(states, row);
        self.room(rows + memory::steps::<N>(steps), 1)?;
        let work = bucket.iter_mut().map(|segment| std::mem::take(&mut segment.rows)).zip(degrees).collect();
        Ok(spread(work, |(rows, degrees): (Vec<L>, &Vec<u32>)| scale(rows, degrees, &factors, before, after)))
    }

    /// Keeps a bucket, or a chunk of it, for the backward pass.
    fn keep(&mut self, bucket: Vec<Segment<N, L>>, potential: u32) -> Result<(), Again> {
        if !self.wanted.archive {
            return Ok(());
        }
        let states: usize = bucket.iter().map(|segment| segment.keys.len()).sum();
        let mut segments = bucket.into_iter();
        let Segment { mut keys, mut depths, .. } = segments.next().unwrap_or_else(Segment::new);
        keys.reserve_exact(states - keys.len());
        depths.reserve_exact(states - depths.len());
        for mut segment in segments {
            keys.append(&mut segment.keys);
            depths.append(&mut segment.depths);
        }
        keys.shrink_to_fit();
        let layer = Layer { layout: self.found.layout.clone(), keys, depths: Depths::of(depths) };
        Ok(self.found.keep(potential, layer).map_err(Unlearned::from)?)
    }

    /// Stores steps until their buckets open. The steps from one segment are merged into one run for each bucket that
    /// they lead to.
    pub fn put_by(&mut self, far: Vec<Far<N>>, rows: &[Vec<L>], depths: &[Vec<u32>], potential: u32) {
        let (shape, unit) = self.numbers.of_steps::<L>();
        let row = shape.row();
        let work = far.into_iter().zip(rows.iter().zip(depths)).collect();
        let runs = spread(work, |(mut far, (rows, depths)): (Far<N>, (&Vec<L>, &Vec<u32>))| {
            far.sort_unstable_by_key(|(drop, record)| (*drop, record.key));
            let merged = far.chunk_by(|a, b| a.0 == b.0).map(|steps| {
                let mut states = Segment::new();
                for (_, record) in steps {
                    let place = record.row as usize;
                    states.add(*record, &rows[place * row..][..row], depths[place]);
                }
                (steps[0].0, states)
            });
            merged.collect::<Vec<(u32, Segment<N, L>)>>()
        });
        for (drop, states) in runs.into_iter().flatten() {
            let (layout, unit) = (self.found.layout.clone(), unit.clone());
            let run = Run { states, layout, shape, unit };
            self.waiting.entry(potential - drop).or_default().push(run);
        }
    }

    /// Judges a bucket, and counts the schedules to its states.
    fn judge(&mut self, bucket: &mut [Segment<N, L>], expanded: &[Expanded<N>], potential: u32) -> Result<(), Again> {
        let (mut offset, mut broken) = (self.opened, Vec::new());
        for (segment, expanded) in bucket.iter().zip(expanded) {
            broken.push(self.judge_segment(segment, &expanded.degrees, potential, offset)?);
            offset += segment.keys.len();
        }
        let all = broken.iter().flatten().fold(0, |all, (_, broken)| all | broken);
        self.numbers.set_apart(bucket, all & !self.wanted.at_ends);
        for ((segment, expanded), broken) in bucket.iter_mut().zip(expanded).zip(broken) {
            self.numbers.count(segment, &expanded.degrees, &broken, self.wanted.at_ends);
        }
        Ok(())
    }

    /// Judges a segment. Returns the states that break claims.
    fn judge_segment(
        &mut self,
        segment: &Segment<N, L>,
        degrees: &[u32],
        potential: u32,
        offset: usize,
    ) -> Result<Vec<(u32, Claims)>, Again> {
        let found = &mut self.found;
        let place = (&found.layout, potential);
        let (states, broken) = judge_states(self.known, place, segment, degrees, &mut found.premise_held)?;
        for &(at, broken) in &broken {
            found.note(potential, offset + at as usize, segment.depths[at as usize], broken);
        }
        found.states += states;
        found.stored += segment.keys.len();
        Ok(broken)
    }

    /// Reports the progress of the search. If not all states of a bucket may be stored, removes the last ones. Returns
    /// whether all may be stored.
    fn fit(&mut self, bucket: &mut [Segment<N, L>]) -> Result<bool, Again> {
        let states: usize = bucket.iter().map(|segment| segment.keys.len()).sum();
        if (self.on_progress)(self.found.stored + states, self.found.layers).is_break() {
            self.wanted.limits.end();
        }
        self.wanted.limits.check().map_err(Unlearned::from)?;
        let most = self.wanted.limits.states() - self.found.stored;
        let (mut left, row) = (most, self.numbers.shape.row());
        for segment in bucket {
            segment.truncate(left, row);
            left -= segment.keys.len();
        }
        Ok(states <= most)
    }
}

/// Sorts the states that have waited into one source, with the current layout, shape and unit.
pub fn open<const N: usize, L: Limb>(
    runs: Vec<Run<N, L>>,
    current: &Layout,
    numbers: &Numbers,
) -> Option<Source<N, L>> {
    let mut source = Source { records: Vec::new(), rows: Vec::new(), depths: Vec::new() };
    for Run { mut states, layout, shape, unit } in runs {
        layout.carry(&mut states.keys, current);
        let first = source.depths.len() as u32;
        let records = (first..).zip(&states.keys).map(|(row, &key)| Record { key, row, times: 1 });
        source.records.extend(records);
        source.depths.extend(&states.depths);
        numbers.bring(&states.rows, shape, &unit, &mut source);
    }
    source.records.sort_unstable_by_key(|record| record.key);
    (!source.records.is_empty()).then_some(source)
}
