//! The data that the script of a page reads: one sheet for each protocol. All text about the protocol is ready to show.

use std::hash::Hash;

use indexmap::IndexSet;
use serde::{Serialize, Serializer};

use super::graph_layout::Place;

/// All data of a page.
#[derive(Serialize)]
pub struct Page {
    /// The protocol, and the one that is compared with it.
    pub sheets: Vec<Sheet>,
}

/// One protocol.
#[derive(Serialize)]
pub struct Sheet {
    pub protocol: Option<String>,
    pub scenario: String,
    /// The arguments that recreate it, with the limit that ended its search.
    pub command: Option<String>,
    /// The same without a limit, to replay a schedule.
    pub replay: Option<String>,
    /// The limit that ended its search early.
    pub cut_short_by: Option<&'static str>,
    pub states_in_all: String,
    pub schedules_in_all: Option<String>,
    pub complete: bool,
    /// Whether the page has every state.
    pub whole: bool,
    /// The largest number of states that a page has, if the scenario has more.
    pub most: Option<String>,
    pub tasks: Vec<Task>,
    pub workers: u8,
    pub attempts: u8,
    /// The startup of a task, step by step.
    pub steps: Vec<&'static str>,
    /// The claim that is selected at first.
    pub selected: usize,
    pub claims: Vec<Claim>,
    pub states: Vec<State>,
    /// The positions of the states of a small graph.
    pub picture: Option<Vec<Place>>,
    #[serde(flatten)]
    pub tables: Tables,
}

/// Values that many states share. Each is written once, and referred to by its index.
pub struct Table<T>(IndexSet<T>);

/// The tables that the states of a sheet refer to.
#[derive(Default, Serialize)]
pub struct Tables {
    pub actors: Table<Actor>,
    pub events: Table<Event>,
    pub reasons: Table<String>,
    pub lives: Table<Life>,
    pub notices: Table<Token>,
    pub phases: Table<Token>,
    pub probabilities: Table<Probability>,
}

#[derive(Serialize)]
pub struct Task {
    pub number: usize,
    pub name: String,
    pub worker: u8,
}

/// A state. All numbers are indices, into the tables, the states or the claims, except that of the attempt.
#[derive(Serialize)]
pub struct State {
    pub phase: usize,
    pub attempt: u8,
    /// How many tasks are counted, in words.
    pub counted: Option<String>,
    /// The tasks of each attempt, the current one first.
    pub crews: Vec<Vec<usize>>,
    pub inboxes: Vec<Vec<usize>>,
    /// The claims that it breaks.
    pub breaks: Vec<usize>,
    /// The actors that can move: actor, event, and the next state, if the page has it.
    pub moves: Vec<(usize, usize, Option<usize>)>,
    /// The actors that cannot move: actor, reason.
    pub blocked: Vec<(usize, usize)>,
    /// For each claim, the probability that it is broken from here on. `None` unless the page has every state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Vec<usize>>,
}

/// An actor: its word in a schedule, its name, and the key that moves it.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub struct Actor {
    pub word: String,
    pub name: String,
    pub key: Option<String>,
    pub controller: bool,
}

/// The text of a move in the column of its actor.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub struct Event {
    pub column: usize,
    pub text: String,
    /// The failure that it loses, unless an earlier step has heard it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
    /// The failure that it delivers and keeps, if the controller changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard: Option<String>,
    /// The attempt that it begins, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
}

/// The state of a task in words, and which steps of its startup it has taken.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub struct Life {
    pub text: &'static str,
    pub kind: &'static str,
    pub taken: Vec<bool>,
}

/// A text, and the kind that determines its colour.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub struct Token {
    pub text: String,
    pub kind: &'static str,
}

/// A probability: as a fraction, as a height in a plot, and in words.
#[derive(PartialEq, Eq, Hash, Serialize)]
pub struct Probability {
    pub fraction: String,
    pub height: Height,
    pub words: String,
}

/// A height in a plot, in ten-thousandths.
#[derive(PartialEq, Eq, Hash)]
pub struct Height(pub u32);

#[derive(Serialize)]
pub struct Claim {
    pub id: String,
    pub says: String,
    pub judged: &'static str,
    pub verdict: &'static str,
    /// Whether its premise was met.
    pub premise_met: bool,
    pub broken_by: Option<String>,
    /// The probability at the start.
    pub probability: Option<usize>,
    pub counterexample: Option<Counterexample>,
}

#[derive(Serialize)]
pub struct Counterexample {
    pub schedule: Vec<String>,
    pub canonical: bool,
    /// The step that breaks the claim.
    pub broken: Option<usize>,
    /// The line that replays it.
    pub replay: String,
    /// Its space-time diagram, beside that of the nearest passing schedule, as SVG.
    pub picture: Option<String>,
    #[serde(flatten)]
    pub reasons: Option<Reasons>,
}

/// Why the claim is broken, as sentences.
#[derive(Serialize)]
pub struct Reasons {
    pub because: Vec<String>,
    pub stuck: Vec<String>,
    pub decides: Vec<String>,
    /// The steps whose order decides, in the counterexample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<Vec<usize>>,
    /// The nearest schedule that does not break the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twin: Option<Twin>,
}

/// A passing schedule, and the steps of the pair in reversed order.
#[derive(Serialize)]
pub struct Twin {
    pub schedule: Vec<String>,
    pub pair: Vec<usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(IndexSet::new())
    }
}

impl<T: Eq + Hash> Table<T> {
    /// The index of a value. Adds the value if it is new.
    pub fn place(&mut self, value: T) -> usize {
        self.0.insert_full(value).0
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl Serialize for Height {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10_000.0)
    }
}
