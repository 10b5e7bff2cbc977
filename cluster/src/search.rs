//! The search by several processes, bucket after bucket, as in the engine whose parts it uses. Each state belongs to
//! one process, by its hash. A process expands its own states of a bucket, merges the steps that lead to the same
//! state, and sends each merged step to the process that owns this state. The processes agree on the bucket, on the
//! denominator of its probabilities, and on when to end.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use startup_race::explore::engine::bucket::{Record, Room, Segment, Source, merge};
use startup_race::explore::engine::expansion::{Expanded, Unexpanded, expand};
use startup_race::explore::engine::judge::{Claims, each, judge_states};
use startup_race::explore::engine::key::{Key, Layout};
use startup_race::explore::engine::knowledge::{Knowledge, Known};
use startup_race::explore::engine::numbers::Numbers;
use startup_race::explore::engine::parts::Unlearned;
use startup_race::explore::engine::potential::Weights;
use startup_race::explore::engine::search::{Again, Run, open};
use startup_race::explore::engine::{OnProgress, Request};
use startup_race::explore::limits::{Account, Limit};
use startup_race::{BigUint, Claim, Controller};

use crate::agree::{Stop, agree};
use crate::net::{About, Net};
use crate::parts::{Dictionary, Owners};
use crate::words::{Words, put_big};

/// If fewer states wait for a bucket, one thread merges and expands it.
const SHARED_FROM: usize = 10_000;

/// The states of one depth that this process keeps for the backward pass, each list in its layout.
type Kept<const N: usize> = Vec<(Layout, Vec<Key<N>>)>;

/// What this process has found.
#[derive(Default)]
pub struct Found {
    pub states: BigUint,
    pub stored: usize,
    pub premise_held: Vec<BigUint>,
    /// For each claim, the least number of actions to a state that breaks it, and those states.
    pub nearest: Vec<Option<(u32, Vec<Vec<u32>>)>>,
}

/// A search of this process, while it runs.
pub struct Search<'a, 's, 'p, C, const N: usize> {
    pub net: &'s mut Net,
    pub known: Known<'a, C>,
    pub request: &'s Request<'a, C>,
    pub layout: Layout,
    /// The bits of the layout.
    pub bits: Vec<u32>,
    pub waiting: BTreeMap<u32, Vec<Run<N, u64>>>,
    pub numbers: Numbers,
    pub at_ends: Claims,
    pub found: Found,
    pub kept: BTreeMap<u32, Kept<N>>,
    pub dictionary: Dictionary,
    pub owners: Owners,
    account: Account,
    on_progress: &'s mut OnProgress<'p>,
    /// How many states all processes have stored.
    stored: usize,
    layers: usize,
}

/// What a process has found out about its states of a bucket.
struct Seen<const N: usize> {
    expanded: Vec<Expanded<N>>,
    broken: Vec<Vec<(u32, Claims)>>,
}

impl<'a, 's, 'p, C: Controller, const N: usize> Search<'a, 's, 'p, C, N> {
    /// Begins with the first state, which waits at the process that it belongs to.
    ///
    /// # Errors
    /// Why the search must end, or begin again.
    pub fn begin(
        net: &'s mut Net,
        request: &'s Request<'a, C>,
        claims: &'a [Claim<C>],
        weights: Weights,
        on_progress: &'s mut OnProgress<'p>,
    ) -> Result<Self, Stop> {
        let begun = Known::begin(request, claims, weights).map_err(Again::from);
        let ((known, start), _) = agree(net, begun, &[])?;
        let bits = known.bits();
        let packed = Layout::of(&bits, N).and_then(|layout| Some((layout.pack(&start)?, layout)));
        let ((key, layout), _) = agree(net, packed.ok_or(Again::Wider), &[])?;
        let numbers = Numbers::new(request.numbers, claims.len());
        let at_ends = known.judge.at_ends();
        let mut owners = Owners::default();
        owners.learn(&known.parts);
        let mut waiting = BTreeMap::new();
        if owners.of(&start, known.tables(), net.peers) == net.index {
            let states = Segment { keys: vec![key], rows: numbers.first(), depths: vec![0] };
            let run = Run { states, layout: layout.clone(), shape: numbers.shape, unit: numbers.unit.clone() };
            waiting.insert(known.tables().potential(&start), vec![run]);
        }
        let (premise_held, nearest) = (vec![BigUint::ZERO; claims.len()], vec![None; claims.len()]);
        Ok(Self {
            dictionary: Dictionary::new(net.peers),
            net,
            known,
            request,
            layout,
            bits,
            waiting,
            numbers,
            at_ends,
            found: Found { premise_held, nearest, ..Found::default() },
            kept: BTreeMap::new(),
            owners,
            account: request.limits.account(),
            on_progress,
            stored: 0,
            layers: 0,
        })
    }

    /// Processes bucket after bucket, the highest potential first.
    ///
    /// # Errors
    /// Why the search ends early, at every process.
    pub fn run(&mut self) -> Result<(), Stop> {
        let mut heard = Ok(());
        loop {
            let highest = self.waiting.last_key_value().map_or(0, |(&potential, _)| u64::from(potential) + 1);
            let ((), highest) = agree(self.net, heard, &[highest])?;
            let highest = highest.iter().filter_map(|words| words.first()).max().copied().unwrap_or(0);
            if highest == 0 {
                return Ok(());
            }
            heard = self.bucket((highest - 1) as u32)?;
        }
    }

    /// Takes every step of a bucket. The inner result says whether this process could take the steps from the other
    /// processes, or why the search must end or begin again.
    fn bucket(&mut self, potential: u32) -> Result<Result<(), Again>, Stop> {
        let opened = self.open(potential);
        let seen = opened.and_then(|mut bucket| Ok((self.visit(&mut bucket, potential)?, bucket)));
        let words = seen.as_ref().map_or_else(|_| Vec::new(), |(seen, _)| tell(seen, self.found.stored));
        let ((seen, mut bucket), all) = agree(self.net, seen, &words)?;
        let all = Told::of(&all).ok_or_else(|| self.net.give_up())?;
        self.progress(all.stored);
        let before = self.numbers.alive.clone();
        self.count(&mut bucket, &seen, all.broken);
        let mut alive = Vec::new();
        put_big(&mut alive, &self.numbers.alive);
        let fits = self.fits();
        let ((), others) = agree(self.net, fits, &alive)?;
        let alive: Option<BigUint> = others.iter().map(|words| Words(words).big()).sum();
        let alive = alive.ok_or_else(|| self.net.give_up())?;
        self.numbers.alive = alive - before * (self.net.peers - 1);
        let out = self.send(bucket, seen.expanded, &all.degrees, potential);
        self.numbers.close::<u64>();
        let heard = self.net.exchange(About::Steps, out)?;
        self.hear(&heard)
    }

    /// The merged states of a bucket, in at most one segment for each thread.
    fn open(&mut self, potential: u32) -> Result<Vec<Segment<N, u64>>, Again> {
        let runs = self.waiting.remove(&potential).unwrap_or_default();
        let sources: Vec<_> = open(runs, &self.layout, &self.numbers).into_iter().collect();
        let (row, steps) = (self.numbers.shape.row(), sources.iter().map(|source| source.records.len()).sum::<usize>());
        let threads = if steps < SHARED_FROM { 1 } else { self.request.jobs };
        let beside = sources.iter().map(Source::bytes).sum();
        let room = self.room(beside, size_of::<Key<N>>() + 4 + 8 * row)?;
        Ok(merge(&sources, row, threads, &room).map_err(Unlearned::from)?)
    }

    /// Room for items of `each` bytes, if `beside` bytes are held in addition to the tables, the waiting states and the
    /// kept ones.
    pub fn room(&mut self, beside: usize, each: usize) -> Result<Room<'s>, Again> {
        let waiting: usize = self.waiting.values().flatten().map(|run| run.states.bytes()).sum();
        let kept = self.found.stored * size_of::<Key<N>>();
        self.account.hold(self.known.bytes() + waiting + kept + beside).map_err(Unlearned::from)?;
        let limits = self.request.limits;
        Ok(Room::of(limits.bytes().saturating_sub(limits.used()) / each.max(1), limits))
    }

    /// Keeps the states of a bucket, expands them, and judges them.
    fn visit(&mut self, bucket: &mut [Segment<N, u64>], potential: u32) -> Result<Seen<N>, Again> {
        self.keep(bucket);
        let expanded = self.expand(bucket)?;
        let mut broken = Vec::new();
        for (segment, expanded) in bucket.iter().zip(&expanded) {
            broken.push(self.judge(segment, &expanded.degrees, potential)?);
        }
        Ok(Seen { expanded, broken })
    }

    /// Keeps the states for the backward pass. This happens before they are expanded, so a state in which a contract is
    /// broken is kept, too.
    fn keep(&mut self, bucket: &[Segment<N, u64>]) {
        for segment in bucket.iter().filter(|_| self.request.schedules) {
            for (&key, &depth) in segment.keys.iter().zip(&segment.depths) {
                let kept = self.kept.entry(depth).or_default();
                match kept.last_mut().filter(|(layout, _)| *layout == self.layout) {
                    Some((_, keys)) => keys.push(key),
                    None => kept.push((self.layout.clone(), vec![key])),
                }
            }
        }
    }

    fn expand(&mut self, bucket: &mut [Segment<N, u64>]) -> Result<Vec<Expanded<N>>, Again> {
        loop {
            let held = bucket.iter().map(Segment::bytes).sum();
            let room = self.room(held, 2 * size_of::<Record<N>>())?;
            match expand(&mut self.known, &self.layout, bucket, &room) {
                Ok(expanded) => return Ok(expanded),
                Err(Unexpanded::Unlearned(why)) => return Err(why.into()),
                Err(Unexpanded::Bits) => {
                    let before = self.layout.clone();
                    self.widen()?;
                    bucket.iter_mut().for_each(|segment| before.carry(&mut segment.keys, &self.layout));
                }
            }
        }
    }

    /// Changes to a layout that has room for every part.
    pub fn widen(&mut self) -> Result<(), Again> {
        self.bits = self.known.bits();
        self.layout = Layout::of(&self.bits, N).ok_or(Again::Wider)?;
        Ok(())
    }

    /// Judges states, and returns those that break claims.
    fn judge(
        &mut self,
        segment: &Segment<N, u64>,
        degrees: &[u32],
        potential: u32,
    ) -> Result<Vec<(u32, Claims)>, Again> {
        let (found, place) = (&mut self.found, (&self.layout, potential));
        let (states, broken) = judge_states(&mut self.known, place, segment, degrees, &mut found.premise_held)?;
        found.states += states;
        found.stored += segment.keys.len();
        let mut ids = self.no_parts();
        for &(at, claims) in &broken {
            self.layout.unpack(segment.keys[at as usize], &mut ids);
            each(claims).for_each(|claim| self.note(claim, segment.depths[at as usize], &ids));
        }
        Ok(broken)
    }

    /// Keeps a state that breaks a claim, if no nearer one is known.
    fn note(&mut self, claim: usize, depth: u32, ids: &[u32]) {
        let (nearest, states) = self.found.nearest[claim].get_or_insert((depth, Vec::new()));
        if depth < *nearest {
            *nearest = depth;
            states.clear();
        }
        if depth == *nearest {
            states.push(ids.to_vec());
        }
    }

    fn progress(&mut self, stored: usize) {
        self.stored = stored;
        if let ControlFlow::Break(()) = (self.on_progress)(self.stored, self.layers) {
            self.request.limits.end();
        }
        self.layers += 1;
    }

    /// Checks that all processes together have not stored more states than the limit.
    fn fits(&self) -> Result<(), Again> {
        self.request.limits.check().map_err(Unlearned::from)?;
        let fits = self.stored <= self.request.limits.states();
        if fits { Ok(()) } else { Err(Unlearned::from(Limit::States).into()) }
    }

    /// Counts the schedules to the states of a bucket.
    fn count(&mut self, bucket: &mut [Segment<N, u64>], seen: &Seen<N>, broken: Claims) {
        self.numbers.set_apart(bucket, broken & !self.at_ends);
        for ((segment, expanded), broken) in bucket.iter_mut().zip(&seen.expanded).zip(&seen.broken) {
            self.numbers.count(segment, &expanded.degrees, broken, self.at_ends);
        }
    }
}

/// What a process tells the others about its states of a bucket.
fn tell<const N: usize>(seen: &Seen<N>, stored: usize) -> Vec<u64> {
    let broken = seen.broken.iter().flatten().fold(0, |all, (_, broken)| all | broken);
    let degrees: BTreeSet<u64> =
        seen.expanded.iter().flat_map(|expanded| &expanded.degrees).map(|&degree| degree.into()).collect();
    [broken as u64, (broken >> 64) as u64, stored as u64].into_iter().chain(degrees).collect()
}

/// What all processes tell about a bucket.
struct Told {
    broken: Claims,
    degrees: Vec<u32>,
    stored: usize,
}

impl Told {
    fn of(all: &[Vec<u64>]) -> Option<Self> {
        let mut told = Self { broken: 0, degrees: Vec::new(), stored: 0 };
        for words in all {
            let mut words = Words(words);
            told.broken |= Claims::from(words.next()?) | Claims::from(words.next()?) << 64;
            told.stored += words.number()?;
            told.degrees.extend(words.0.iter().map(|&degree| degree as u32));
        }
        Some(told)
    }
}
