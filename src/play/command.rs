//! The commands of a player.

use crate::scenario::names::number;
use crate::schedule::Schedule;

/// One line of input from a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// These actors move, in this order.
    Move(Schedule),
    /// Undo this many steps.
    Undo(usize),
    /// Restart the level.
    Again,
    /// Show a hint.
    Hint,
    /// Whether the claim can still be broken from here.
    Forecast,
    /// Why the claim is broken, or still kept.
    Why,
    /// The probability from here, and after each move.
    Probability,
    /// Give up, and show the answer.
    GiveUp,
    /// Say that nothing can break the claim.
    Impossible,
    /// Show the position again.
    Show,
    /// Show the rules again.
    Rules,
    /// The level after this one.
    Next,
    /// Show the commands.
    Help,
    /// Leave the game.
    Quit,
    /// An empty line.
    Nothing,
}

/// A line that is neither a command nor a schedule. This is the first word that names no actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub String);

/// The commands other than moves, and what each does.
pub const COMMANDS: [(&str, &str); 13] = [
    ("undo", "takes the last step back; undo 3 takes three"),
    ("again", "goes back to the start"),
    ("impossible", "says that no schedule from the start breaks the claim"),
    ("hint", "gives a hint; counts as help"),
    ("forecast", "tells whether the claim can still be broken; counts as help"),
    ("probability", "tells how likely that is, now and after each move; counts as help"),
    ("why", "tells how each step changed the forecast; counts as help"),
    ("show", "shows the position once more"),
    ("rules", "shows the question and the rules once more"),
    ("next", "goes to the next level"),
    ("give up", "shows the answer; the level is not won"),
    ("help", "shows this list"),
    ("quit", "leaves the game"),
];

impl Command {
    /// Reads a line.
    ///
    /// # Errors
    /// The word that is not a command.
    pub fn parse(line: &str) -> Result<Self, Unknown> {
        let line = line.to_lowercase();
        let words: Vec<&str> = line.split_whitespace().collect();
        Ok(match words.as_slice() {
            [] => Self::Nothing,
            ["undo"] => Self::Undo(1),
            ["undo", number] => Self::Undo(self::number(number).ok_or_else(|| Unknown((*number).to_string()))?),
            ["again"] => Self::Again,
            ["impossible"] => Self::Impossible,
            ["hint"] => Self::Hint,
            ["forecast"] => Self::Forecast,
            ["why"] => Self::Why,
            ["probability"] => Self::Probability,
            ["show"] => Self::Show,
            ["rules"] => Self::Rules,
            ["next"] => Self::Next,
            ["give", "up"] => Self::GiveUp,
            ["help" | "?"] => Self::Help,
            ["quit" | "exit"] => Self::Quit,
            _ => Self::Move(line.parse::<Schedule>().map_err(|error| Unknown(error.word))?),
        })
    }
}
