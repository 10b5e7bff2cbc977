//! What the processes agree on. Each process tells the others whether it can go on. If one cannot, all end in the same
//! way.

use startup_race::explore::contract::Violation;
use startup_race::explore::engine::parts::Unlearned;
use startup_race::explore::engine::potential::Weights;
use startup_race::explore::engine::search::Again;
use startup_race::explore::limits::Limit;
use startup_race::model::ContractViolation;

use crate::net::{About, Lost, Net};
use crate::words::Words;

/// Why a search ended, at every process.
#[derive(Debug)]
pub enum Stop {
    /// Some process cannot go on, for this reason.
    Again(Again),
    /// A process is gone, or has sent words that cannot be decoded.
    Lost,
}

impl From<Lost> for Stop {
    fn from(Lost: Lost) -> Self {
        Self::Lost
    }
}

const LIMITS: [Limit; 5] = [Limit::Interrupted, Limit::States, Limit::Memory, Limit::Effort, Limit::Disk];

/// Encodes a reason in words. The first word is larger for a graver reason; a broken contract is the gravest.
fn code(why: &Again) -> [u64; 4] {
    match why {
        Again::Wider => [1, 0, 0, 0],
        Again::Unlearned(Unlearned::Weights(Weights { commands, waits_again, announces_again })) => {
            [2, (*commands).into(), (*waits_again).into(), (*announces_again).into()]
        }
        Again::Unlearned(Unlearned::Limit(limit)) => {
            [3, LIMITS.iter().position(|other| other == limit).unwrap_or(3) as u64, 0, 0]
        }
        Again::Unlearned(Unlearned::Lost) => [3, 3, 0, 0],
        Again::Unlearned(Unlearned::Asymmetric) => [4, 0, 0, 0],
        Again::Unlearned(Unlearned::Broken(..)) => [5, 0, 0, 0],
    }
}

/// Decodes the reason of another process.
fn reason([code, first, second, third]: [u64; 4], process: usize) -> Again {
    Again::Unlearned(match code {
        1 => return Again::Wider,
        2 => Unlearned::Weights(Weights {
            commands: first as u32,
            waits_again: second != 0,
            announces_again: third != 0,
        }),
        3 => Unlearned::Limit(LIMITS[first as usize % LIMITS.len()]),
        4 => Unlearned::Asymmetric,
        _ => Unlearned::Broken(None, elsewhere(process)),
    })
}

/// The violation to report here if another process found the contract broken.
fn elsewhere(process: usize) -> Violation {
    let text = format!("process {process} found the contract broken; see its message");
    ContractViolation::Panicked(text).into()
}

/// Tells every process whether this one can go on (`mine`), together with these words. If no process has a reason to
/// end, returns the value of `mine` and the words of each process.
///
/// # Errors
/// [`Stop::Again`] with the gravest reason of all processes, which is the same for each of them, or [`Stop::Lost`].
pub fn agree<T>(net: &mut Net, mine: Result<T, Again>, words: &[u64]) -> Result<(T, Vec<Vec<u64>>), Stop> {
    let own = mine.as_ref().err().map_or([0; 4], code);
    let told: Vec<u64> = own.iter().chain(words).copied().collect();
    let mut heard = net.gather(About::State, &told)?;
    let mut gravest = ([0; 4], 0);
    for (process, words) in heard.iter_mut().enumerate() {
        let mut rest = Words(words);
        let code = rest.take(4).and_then(|code| <[u64; 4]>::try_from(code).ok());
        let code = code.ok_or_else(|| net.give_up())?;
        if code[0] > gravest.0[0] {
            gravest = (code, process);
        }
        *words = rest.0.to_vec();
    }
    match (mine, gravest) {
        (Ok(mine), ([0, ..], _)) => Ok((mine, heard)),
        (Err(why), (_, process)) if process == net.index => Err(Stop::Again(why)),
        (_, (code, process)) => Err(Stop::Again(reason(code, process))),
    }
}
