//! The explorer on several machines, for a model that outgrows one: the same verdicts, counts, probabilities and
//! counterexamples, each process with its share of the states. See the README.
//!
//! To check a controller of your own, write a program that every process runs:
//!
//! ```no_run
//! use startup_race::{Rules, Scenario, Setup, check};
//! use startup_race_cluster::{Cluster, Hosts};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let hosts = Hosts::read("hosts.txt".as_ref(), 0, false)?;
//! let mut cluster = Cluster::join(&hosts, std::time::Duration::from_secs(60))?;
//! let scenario = Scenario::new(Rules::named("arroyo/before").unwrap(), 2)?;
//! // For a controller of your own: `Setup::with(Mine::default(), scenario)`.
//! let report = cluster.check(check(Setup::of(scenario)));
//! cluster.leave();
//! println!("{}", report?.verdict().name());
//! # Ok(())
//! # }
//! ```
//!
//! **The ports have no authentication and no encryption.** Whoever can connect to a port can end or falsify the search.
//! A process listens on loopback only, unless it is told otherwise.

mod agree;
mod answer;
mod back;
mod breach;
mod hosts;
mod net;
mod parts;
mod search;
mod steps;
#[cfg(test)]
mod tests;
mod words;

use std::cell::RefCell;
use std::fmt::{self, Display};
use std::hash::{Hash, Hasher};
use std::time::Duration;

use rustc_hash::FxHasher;
use startup_race::explore::engine::parts::Unlearned;
use startup_race::explore::engine::potential::Weights;
use startup_race::explore::engine::search::Again;
use startup_race::explore::engine::{Answer, NoAnswer, OnProgress, Request, some_at_a_time, until_it_fits};
use startup_race::explore::limits::Limit;
use startup_race::explore::report::{Broken, Check, Report};
use startup_race::{Claim, Controller};

use agree::Stop;
pub use hosts::Hosts;
use net::{About, Net};
use search::Search;

/// The processes of a search, connected to each other.
pub struct Cluster {
    net: Net,
    /// How many states the first search of the last check stored: in this process, and in all processes together.
    stored: (usize, usize),
}

/// Why a check has no report.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The controller or a claim broke its contract.
    Broken(Box<Broken>),
    /// These two processes were asked different things: this process, and another one.
    Differs(usize, usize),
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(broken) => broken.fmt(f),
            Self::Differs(own, other) => write!(
                f,
                "process {own} and process {other} are asked different things: start each with the same program, \
                 scenario, claims and options; only --process differs"
            ),
        }
    }
}

impl std::error::Error for Error {}

impl Cluster {
    /// Joins the processes of a list of hosts. Each waits for all others, for this long at most.
    ///
    /// # Errors
    /// Why the processes cannot be connected.
    pub fn join(hosts: &Hosts, patience: Duration) -> Result<Self, String> {
        Ok(Self { net: Net::connect(hosts, patience)?, stored: (0, 0) })
    }

    /// Runs a check, all processes together. Every process must run the same check, and each gets the same report.
    ///
    /// # Errors
    /// If the controller or a claim breaks its contract, or if the processes are asked different things.
    pub fn check<C: Controller>(&mut self, check: Check<'_, C>) -> Result<Report<C>, Error> {
        let (net, first, differs) = (&mut self.net, RefCell::new(None), RefCell::new(None));
        let searcher = |request: &Request<'_, C>, on_progress: &mut OnProgress<'_>| {
            net.limits.clone_from(request.limits);
            if let Some(other) = differing(net, request) {
                differs.replace(Some(Error::Differs(net.index, other)));
                return Ok(Answer::cut(request.claims.len(), Limit::Interrupted));
            }
            let (answer, own) = explore(net, request, on_progress)?;
            let mut first = first.borrow_mut();
            first.get_or_insert((own, answer.stored));
            Ok(answer)
        };
        let report = check.searched_by(Box::new(searcher)).run();
        self.stored = first.into_inner().unwrap_or((0, 0));
        match differs.into_inner() {
            Some(error) => Err(error),
            None => report.map_err(|broken| Error::Broken(broken.into())),
        }
    }

    /// A sentence for people: how many states this process stored, and how many bytes it sent.
    pub fn summary(&self) -> String {
        let (Net { index, peers, sent, .. }, (own, all)) = (&self.net, self.stored);
        format!("process {index} of {peers} stored {own} of {all} states and sent {sent} bytes")
    }

    /// Whether another process has ended before its work was done, or has sent words that cannot be decoded. Every
    /// search is then cut short. If this process was interrupted, it does not say so of the others.
    pub fn is_broken(&self) -> bool {
        self.net.lost && self.net.limits.check().is_ok()
    }

    /// Leaves the others in good order. Without this they may take this process for one that has died.
    pub fn leave(self) {
        self.net.close();
    }
}

/// The index of a process that is asked something other than this one.
fn differing<C: Controller>(net: &mut Net, request: &Request<'_, C>) -> Option<usize> {
    let claims: Vec<String> = request.claims.iter().map(|claim| format!("{} {:?}", claim.id, claim.scope)).collect();
    let asked = (format!("{:?}", request.model), claims, request.symmetry.is_some(), request.numbers);
    let mut hasher = FxHasher::default();
    (env!("CARGO_PKG_VERSION"), asked, request.limits.states()).hash(&mut hasher);
    let heard = net.gather(About::Request, &[hasher.finish()]).ok()?;
    heard.iter().position(|words| *words != heard[net.index])
}

/// An answer, and how many states this process stored for it.
type Own = (Answer, usize);

fn explore<'a, C: Controller>(
    net: &mut Net,
    request: &Request<'a, C>,
    on_progress: &mut OnProgress<'_>,
) -> Result<Own, NoAnswer> {
    let mut own = None;
    let answer = some_at_a_time(request.claims, |claims| {
        until_it_fits(claims.len(), |words, weights| {
            let done = match words {
                1 => attempt::<C, 1>(net, request, claims, weights, on_progress),
                4 => attempt::<C, 4>(net, request, claims, weights, on_progress),
                _ => attempt::<C, 260>(net, request, claims, weights, on_progress),
            };
            match done {
                Ok(done) => Ok(done.map(|(answer, stored)| {
                    own.get_or_insert(stored);
                    answer
                })),
                Err(Stop::Lost) => Err(Unlearned::from(Limit::Interrupted).into()),
                Err(Stop::Again(again)) => Err(again),
            }
        })
    })?;
    Ok((answer, own.unwrap_or(0)))
}

fn attempt<'a, C: Controller, const N: usize>(
    net: &mut Net,
    request: &Request<'a, C>,
    claims: &'a [Claim<C>],
    weights: Weights,
    on_progress: &mut OnProgress<'_>,
) -> Result<Result<Own, NoAnswer>, Stop> {
    let mut search = Search::<C, N>::begin(net, request, claims, weights, on_progress)?;
    match search.run().and_then(|()| search.answer()) {
        Ok(answer) => Ok(Ok((answer, search.found.stored))),
        // If tasks are interchanged, the search is repeated without interchanging them, and finds the schedule.
        Err(Stop::Again(Again::Unlearned(Unlearned::Broken(place, violation)))) => match request.symmetry {
            Some(_) => Ok(Err(NoAnswer::Broken(None, violation))),
            None => Ok(Err(search.breach(place.as_ref(), violation)?)),
        },
        Err(stop) => Err(stop),
    }
}
