//! A search that writes its layers to files. Each bucket is processed in chunks, which have as many states as fit in
//! memory.

use super::bucket::{Record, Segment};
use super::limbs::Limb;
use super::memory;
use super::parts::Unlearned;
use super::search::{Again, Far, Run, Search, Taken};
use super::spill::{Disk, Merge, Stored};
use crate::explore::limits::Limit;

/// A chunk may have this many states, however little memory is left.
const FEWEST: usize = 64;

fn cut(error: std::io::Error) -> Again {
    Unlearned::from(Limit::from(error)).into()
}

impl<const N: usize, L: Limb> Search<'_, '_, N, L> {
    /// Processes every bucket, from the highest potential.
    ///
    /// # Errors
    /// The reason why the search ends early.
    pub fn in_chunks(&mut self, disk: &Disk) -> Result<(), Again> {
        self.write(disk)?;
        while let Some((potential, runs)) = self.stored.pop_last() {
            let mut merge = Merge::of(runs, &self.found.layout, &self.numbers).map_err(cut)?;
            self.opened = 0;
            loop {
                let most = self.chunk()?;
                let mut states = merge.next(most, &self.numbers).map_err(cut)?;
                if states.keys.is_empty() {
                    break;
                }
                merge.layout.carry(&mut states.keys, &self.found.layout);
                let count = states.keys.len();
                let threads = if count < L::SHARED_FROM { 1 } else { self.wanted.threads };
                self.take_chunk(states.split(threads, self.numbers.shape.row()), potential)?;
                self.opened += count;
                self.write(disk)?;
            }
            self.numbers.close::<L>();
            self.found.layers += 1;
        }
        Ok(())
    }

    /// How many states fit in memory, together with everything that is computed from them.
    fn chunk(&mut self) -> Result<usize, Again> {
        let row = self.numbers.shape.row().max(self.numbers.of_steps::<L>().0.row()) + self.numbers.shape.flow();
        let steps = self.found.widest as usize + 2;
        let state = memory::states::<N, L>(1, row);
        let each = 2 * state + steps * (memory::steps::<N>(1) + state);
        let room = self.room(0, 1)?.most;
        Ok((room / (2 * each)).max(FEWEST).min(L::CHUNK))
    }

    /// Takes every step of a chunk. The states that the steps lead to wait for their buckets.
    fn take_chunk(&mut self, chunk: Vec<Segment<N, L>>, potential: u32) -> Result<(), Again> {
        let Taken { steps, rows, depths } = self.take(chunk, potential)?;
        let all =
            |(near, far): (Vec<Record<N>>, Far<N>)| near.into_iter().map(|record| (1, record)).chain(far).collect();
        self.put_by(steps.into_iter().map(all).collect(), &rows, &depths, potential);
        Ok(())
    }

    /// Writes the waiting states to files.
    fn write(&mut self, disk: &Disk) -> Result<(), Again> {
        for (potential, runs) in std::mem::take(&mut self.waiting) {
            for Run { states, layout, shape, unit } in runs {
                let stored = Stored::of(disk, &states).map_err(cut)?;
                self.stored.entry(potential).or_default().push((stored, layout, shape, unit));
            }
        }
        Ok(())
    }
}
