//! What a player can say.

use crate::scenario::names::number;
use crate::schedule::Schedule;

/// One line of a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// These actors move, in this order.
    Move(Schedule),
    /// So many steps are taken back.
    Undo(usize),
    /// From the start.
    Again,
    /// A move on the way to breaking the claim.
    Hint,
    /// How the claim came to stand as it does.
    Why,
    /// The probability from here, and after each move.
    Probability,
    /// The whole of it.
    GiveUp,
    /// Nothing can break the claim.
    Impossible,
    /// What can be said.
    Help,
    /// The end.
    Quit,
    /// An empty line.
    Nothing,
}

/// A line that is no command; this word names no actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub String);

/// The commands beside moves, and what each does.
pub const COMMANDS: [(&str, &str); 9] = [
    ("undo", "takes the last step back; undo 3 takes three"),
    ("again", "goes back to the start"),
    ("hint", "one move on the shortest way to break the claim"),
    ("why", "how each step changed what is possible, and why"),
    ("probability", "exactly how likely it is from here, and after each move"),
    ("give up", "shows the whole"),
    ("impossible", "says that no schedule breaks the claim, from the start"),
    ("help", "this"),
    ("quit", "leaves"),
];

impl Command {
    /// Reads a line.
    ///
    /// # Errors
    /// The word that is none.
    pub fn parse(line: &str) -> Result<Self, Unknown> {
        let line = line.to_lowercase();
        let words: Vec<&str> = line.split_whitespace().collect();
        Ok(match words.as_slice() {
            [] => Self::Nothing,
            ["undo"] => Self::Undo(1),
            ["undo", number] => Self::Undo(self::number(number).ok_or_else(|| Unknown((*number).to_string()))?),
            ["again"] => Self::Again,
            ["hint"] => Self::Hint,
            ["why"] => Self::Why,
            ["probability"] => Self::Probability,
            ["give", "up"] => Self::GiveUp,
            ["impossible"] => Self::Impossible,
            ["help" | "?"] => Self::Help,
            ["quit" | "exit"] => Self::Quit,
            _ => Self::Move(line.parse::<Schedule>().map_err(|error| Unknown(error.word))?),
        })
    }
}
