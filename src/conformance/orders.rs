//! Explores with loom every order of dependent operations of a closure's threads.
//!
//! 1. [`Finished`] can be made here only, and only by a complete search with every bound off. Environment variables
//!    that loom's builder reads could end a search early and make it look like a success. If one of them is set,
//!    [`explore`] starts nothing.
//! 2. An execution is judged when its last thread drops its recorder, through the [`Reply`] that the run gets. Each
//!    execution must be judged exactly once.
//! 3. Nothing is formatted inside a loom model, because its stacks are small. A complaint is kept, no further execution
//!    begins, and the text about the failing execution is made outside.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};

use super::path::{Complaint, trace};
use crate::model::guard;
use crate::threads::record::hold;
use crate::threads::sync::{Builder, MAX_THREADS};
use crate::threads::{EventLog, Load};
use crate::transition::Event;

/// The environment variables that loom's builder reads, and what each would do to a search.
pub const VARIABLES: [(&str, &str); 6] = [
    ("LOOM_MAX_PREEMPTIONS", "it leaves out every execution with more preemptions, and does not say so"),
    ("LOOM_MAX_PERMUTATIONS", "it ends the search early, as if it had finished"),
    ("LOOM_MAX_DURATION", "it ends the search early, as if it had finished"),
    ("LOOM_CHECKPOINT_FILE", "it begins the search in the middle"),
    ("LOOM_CHECKPOINT_INTERVAL", "it says how often the other bounds are looked at"),
    ("LOOM_MAX_BRANCHES", "it ends an execution early"),
];

/// The result of a complete search.
pub struct Finished<O> {
    found: BTreeMap<O, Found>,
    executions: usize,
}

/// An execution: its events, and what its observer read.
#[derive(Clone, Default)]
pub struct Execution {
    /// The events, in their order.
    pub events: Vec<Event>,
    /// The loads of the observer, in their order.
    pub loads: Vec<Load>,
}

impl Execution {
    fn of(tape: &EventLog) -> Self {
        Self { events: tape.events(), loads: tape.loads() }
    }

    /// The events and the loads as text, one per line.
    pub fn trace(&self) -> String {
        trace(&self.events, &self.loads)
    }
}

/// How often an outcome was found, and the first execution that had it.
struct Found {
    count: usize,
    example: Execution,
}

impl<O: Ord> Finished<O> {
    /// The outcomes that were found.
    pub fn outcomes(&self) -> impl Iterator<Item = &O> + Clone {
        self.found.keys()
    }

    /// How many executions had an outcome of this kind.
    pub fn count(&self, like: impl Fn(&O) -> bool) -> usize {
        self.found.iter().filter(|(outcome, _)| like(outcome)).map(|(_, found)| found.count).sum()
    }

    /// An execution with an outcome of this kind.
    pub fn example(&self, like: impl Fn(&O) -> bool) -> Option<&Execution> {
        self.found.iter().find(|(outcome, _)| like(outcome)).map(|(_, found)| &found.example)
    }

    /// The events of one execution for each outcome.
    pub fn examples(&self) -> impl Iterator<Item = &[Event]> {
        self.found.values().map(|found| found.example.events.as_slice())
    }

    /// How many executions there are.
    pub fn executions(&self) -> usize {
        self.executions
    }
}

/// A search without a result.
pub enum Unfinished {
    /// An environment variable bounds it: its name, and how.
    Environment(&'static str, &'static str),
    /// The builder is bounded.
    Bounded(&'static str),
    /// The model does not allow this execution.
    Complaint(Box<Complaint>, Execution),
    /// Loom, or the closure, panicked.
    Panicked(String, Execution),
    /// The number of executions (the first value) is not the number of judgements (the second value).
    Unjudged(usize, usize),
}

impl Unfinished {
    /// The execution that ended the search. Empty if none did.
    pub fn execution(&self) -> Execution {
        match self {
            Self::Complaint(_, execution) | Self::Panicked(_, execution) => execution.clone(),
            _ => Execution::default(),
        }
    }

    /// The complaint that ended the search, if one did.
    pub fn complaint(&self) -> Option<&Complaint> {
        match self {
            Self::Complaint(complaint, _) => Some(complaint),
            _ => None,
        }
    }
}

impl fmt::Debug for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name, why) => {
                write!(f, "{name} is set, and {why}: unset it, a bounded search proves nothing")
            }
            Self::Bounded(field) => {
                write!(f, "the builder's `{field}` bounds the search: a bounded search proves nothing")
            }
            Self::Complaint(complaint, execution) => write!(f, "{complaint:?}\nthe execution:\n{}", execution.trace()),
            Self::Panicked(text, execution) => write!(f, "{text}\nthe execution so far:\n{}", execution.trace()),
            Self::Unjudged(executions, judged) => write!(f, "{executions} executions, of which {judged} were judged"),
        }
    }
}

struct Tally<O> {
    executions: usize,
    judged: usize,
    found: BTreeMap<O, Found>,
    complaint: Option<(Complaint, Execution)>,
}

/// Takes the judgement of one execution.
pub struct Reply<O>(Arc<Mutex<Tally<O>>>, EventLog);

impl<O: Ord> Reply<O> {
    /// Records the result of the execution.
    pub fn judged(self, judgement: Result<O, Complaint>) {
        let mut tally = hold(&self.0);
        tally.judged += 1;
        match judgement {
            Ok(outcome) => {
                let first = || Found { count: 0, example: Execution::of(&self.1) };
                tally.found.entry(outcome).or_insert_with(first).count += 1;
            }
            Err(complaint) => tally.complaint = Some((complaint, Execution::of(&self.1))),
        }
    }
}

/// Explores a closure completely. The closure gets the log to record on, and the reply that takes the judgement.
///
/// # Errors
/// If the search was not complete: because of a bound, of an execution that the model does not allow, of a panic, or of
/// an execution that was not judged exactly once.
pub fn explore<O: Ord + Send + 'static>(
    body: impl Fn(EventLog, Reply<O>) + Send + Sync + 'static,
) -> Result<Finished<O>, Unfinished> {
    match VARIABLES.iter().find(|(variable, _)| std::env::var_os(variable).is_some()) {
        Some((variable, why)) => Err(Unfinished::Environment(variable, why)),
        None => explore_with(&unbounded(), body),
    }
}

/// A builder with every bound off.
pub fn unbounded() -> Builder {
    let mut builder = Builder::new();
    builder.max_threads = MAX_THREADS;
    builder.max_branches = MAX_BRANCHES;
    (builder.max_permutations, builder.max_duration, builder.preemption_bound) = (None, None, None);
    (builder.checkpoint_file, builder.expect_explicit_explore) = (None, false);
    builder
}

/// Loom has room for this many branches. If an execution needs more, loom panics, so this is not a silent bound.
const MAX_BRANCHES: usize = 10_000;

fn bound(builder: &Builder) -> Option<&'static str> {
    let bounds = [
        ("max_permutations", builder.max_permutations.is_some()),
        ("max_duration", builder.max_duration.is_some()),
        ("preemption_bound", builder.preemption_bound.is_some()),
        ("checkpoint_file", builder.checkpoint_file.is_some()),
        ("expect_explicit_explore", builder.expect_explicit_explore),
    ];
    bounds.into_iter().find(|(_, set)| *set).map(|(name, _)| name)
}

/// The same as [`explore`], with another builder, which must be unbounded.
///
/// # Errors
/// The same as for [`explore`].
pub fn explore_with<O: Ord + Send + 'static>(
    builder: &Builder,
    body: impl Fn(EventLog, Reply<O>) + Send + Sync + 'static,
) -> Result<Finished<O>, Unfinished> {
    if let Some(field) = bound(builder) {
        return Err(Unfinished::Bounded(field));
    }
    let (tape, tally) =
        (EventLog::default(), Tally { executions: 0, judged: 0, found: BTreeMap::new(), complaint: None });
    let tally = Arc::new(Mutex::new(tally));
    let (inner_tape, inner_tally) = (tape.clone(), Arc::clone(&tally));
    let checked = catch_unwind(AssertUnwindSafe(|| {
        builder.check(move || {
            if hold(&inner_tally).complaint.is_some() {
                resume_unwind(Box::new("a complaint ends the search"));
            }
            hold(&inner_tally).executions += 1;
            body(inner_tape.clone(), Reply(Arc::clone(&inner_tally), inner_tape.clone()));
        });
    }));
    let mut tally = hold(&tally);
    if let Some((complaint, execution)) = tally.complaint.take() {
        return Err(Unfinished::Complaint(Box::new(complaint), execution));
    }
    if let Err(payload) = checked {
        let text = guard::text(payload.as_ref()).unwrap_or("a panic without text").to_string();
        return Err(Unfinished::Panicked(text, Execution::of(&tape)));
    }
    if tally.executions != tally.judged {
        return Err(Unfinished::Unjudged(tally.executions, tally.judged));
    }
    Ok(Finished { found: std::mem::take(&mut tally.found), executions: tally.executions })
}
