//! Finds the canonical counterexamples: the shortest schedule; among those, the one with the fewest context switches;
//! among those, the first in the order of actors.
//!
//! One depth after another, the deepest first, each process finds which of its states lie on a shortest path, and how
//! few switches the rest needs. It sends them to all other processes, which look for the states before them. Then all
//! processes walk forward together. Each steps the model itself. After each step, the process that stores the state
//! says what the rest costs.

use rustc_hash::FxHashMap;
use startup_race::explore::engine::expand::{Expander, Step};
use startup_race::explore::engine::key::Key;
use startup_race::explore::engine::knowledge::{Knowledge, Next};
use startup_race::explore::engine::parts::Unlearned;
use startup_race::explore::engine::search::Again;
use startup_race::explore::limits::{Limit, block_bytes, map_bytes};
use startup_race::{Controller, Schedule};

use crate::agree::{Stop, agree};
use crate::net::About;
use crate::search::Search;
use crate::words::Words;

/// The cheapest rest of a schedule from a state: its number of switches, and the actors that can begin it. If the
/// schedule ends in this state, there are none.
#[derive(Clone, Default)]
struct Rest {
    switches: u16,
    first: Vec<u16>,
}

impl Rest {
    /// What the rest costs after a step of this actor.
    fn after(&self, actor: u16) -> u16 {
        self.switches + u16::from(!self.first.is_empty() && !self.first.contains(&actor))
    }
}

type Rests<const N: usize> = FxHashMap<Key<N>, Rest>;

impl<C: Controller, const N: usize> Search<'_, '_, '_, C, N> {
    /// The canonical schedule to one of the wanted states, which are `depth` actions away. Each process gives those
    /// that it stores.
    ///
    /// # Errors
    /// Why the search must end.
    pub fn way_to(&mut self, wanted: &[Vec<u32>], depth: u32) -> Result<Schedule, Stop> {
        let keys = wanted.iter().map(|ids| self.layout.pack(ids));
        let last: Option<Rests<N>> = keys.map(|key| Some((key?, Rest::default()))).collect();
        let mut rests = vec![last.unwrap_or_default()];
        let mut held = 0;
        for depth in (0..depth).rev() {
            let own = &rests[rests.len() - 1];
            held += bytes(own);
            let after = self.share(own, held)?;
            rests.push(self.before(depth, &after));
        }
        rests.reverse();
        self.walk(&rests)
    }

    /// Sends this process's states of one depth to all others. Returns them together with the states of the others.
    /// This process holds `held` bytes of rests.
    fn share(&mut self, own: &Rests<N>, held: usize) -> Result<Rests<N>, Stop> {
        let mut words = self.told();
        let mut sorted: Vec<_> = own.iter().collect();
        sorted.sort_unstable_by_key(|(key, _)| **key);
        for (key, rest) in sorted {
            words.extend(key.words());
            words.extend([rest.switches.into(), rest.first.len() as u64]);
            words.extend(rest.first.iter().map(|&actor| u64::from(actor)));
        }
        let heard = self.net.gather(About::Rests, &words)?;
        let (mut all, mut fares) = (own.clone(), Ok(()));
        let index = self.net.index;
        for (from, words) in heard.iter().enumerate().filter(|(from, _)| *from != index) {
            let mut words = Words(words);
            match self.hear_rests(from, &mut words, &mut all) {
                Some(heard) => fares = fares.and(heard),
                None => return Err(self.net.give_up().into()),
            }
        }
        let fits = fares.and_then(|()| self.room(held + bytes(&all), 1).map(drop));
        Ok(agree(self.net, fits.map(|()| all), &[])?.0)
    }

    fn hear_rests(&mut self, from: usize, words: &mut Words<'_>, all: &mut Rests<N>) -> Option<Result<(), Again>> {
        let (layout, mut ids) = match self.hear_of(from, words)? {
            Ok(layout) => (layout, self.no_parts()),
            Err(why) => return Some(Err(why)),
        };
        let (stride, controller) = (self.known.tables().shape.actors as u16, self.known.tables().controller());
        while !words.0.is_empty() {
            let order = match self.own(from, &layout, words.take(N)?, &mut ids)? {
                Ok(order) => order,
                Err(why) => return Some(Err(why)),
            };
            let (switches, count) = (words.next()? as u16, words.number()?);
            let named = |&actor: &u64| match actor as u16 {
                actor if actor < controller => actor / stride * stride + order.name(actor % stride),
                actor => actor,
            };
            let first = words.take(count)?.iter().map(named).collect();
            // If a part does not fit in its bits, it is new to this process, so no state of this process leads here.
            if let Some(key) = self.layout.pack(&ids) {
                all.insert(key, Rest { switches, first });
            }
        }
        Some(Ok(()))
    }

    /// This process's states of a depth that lead to states in `after`, with their rests.
    fn before(&mut self, depth: u32, after: &Rests<N>) -> Rests<N> {
        let (mut found, mut at) = (Rests::default(), Expander::default());
        let kept = self.kept.get_mut(&depth);
        for (layout, keys) in kept.into_iter().flatten() {
            layout.carry(keys, &self.layout);
            layout.clone_from(&self.layout);
            for &key in keys.iter() {
                let mut best: Option<Rest> = None;
                let _ = at.steps(self.known.book(&self.layout), key, |step: Step<N>| {
                    if let Some(rest) = after.get(&step.to) {
                        offer(&mut best, rest.after(step.image), step.actor..step.actor + step.times as u16);
                    }
                });
                found.extend(best.map(|best| (key, best)));
            }
        }
        found
    }

    /// Walks forward. In each state, takes the first action with the lowest cost.
    fn walk(&mut self, rests: &[Rests<N>]) -> Result<Schedule, Stop> {
        let lost = || Stop::Again(Unlearned::Limit(Limit::Effort).into());
        let (mut last, mut schedule) = (None, Schedule::default());
        Unlearned::guard(|| self.known.go_to(&schedule)).map_err(|_| lost())?;
        for rests in &rests[1..] {
            let options = Unlearned::guard(|| self.known.options()).map_err(|_| lost())?;
            let rest = |next: &Next| {
                let rest = self.layout.pack(&next.ids).and_then(|key| rests.get(&key));
                rest.map_or(0, |rest| 1 + u64::from(rest.after(next.image)))
            };
            let own: Vec<u64> = options.iter().map(rest).collect();
            let heard = self.net.gather(About::Costs, &own)?;
            let costs = options.into_iter().enumerate().filter_map(|(at, next)| {
                let rest = heard.iter().filter_map(|words| words.get(at)).max().copied().filter(|&rest| rest > 0)?;
                let switches = last.is_some_and(|last| last != next.actor);
                Some((rest + u64::from(switches), next))
            });
            let best = costs.reduce(|best, other| if other.0 < best.0 { other } else { best });
            let Some((_, Next { action, actor, .. })) = best else { return Err(lost()) };
            self.known.take(action).map_err(|_| lost())?;
            schedule.0.push(action);
            last = Some(actor);
        }
        Ok(schedule)
    }
}

/// The bytes of the rests of one depth.
fn bytes<const N: usize>(rests: &Rests<N>) -> usize {
    let actors = rests.values().map(|rest| block_bytes(rest.first.capacity() * size_of::<u16>()));
    map_bytes(rests, 0) + actors.sum::<usize>()
}

/// Records a rest of this cost that any of these actors can begin, if it is as cheap as the best so far.
fn offer(best: &mut Option<Rest>, cost: u16, actors: std::ops::Range<u16>) {
    let best = best.get_or_insert(Rest { switches: u16::MAX, first: Vec::new() });
    if cost < best.switches {
        *best = Rest { switches: cost, first: Vec::new() };
    }
    if cost == best.switches {
        best.first.extend(actors.filter(|actor| !best.first.contains(actor)).collect::<Vec<u16>>());
    }
}
