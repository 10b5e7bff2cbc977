//! Why a claim is broken: read off one schedule, state by state, as typed values. The sentences are made elsewhere.
//!
//! | file | what it says |
//! |---|---|
//! | `annotations` | where a failure was lost, and where the claim broke |
//! | `cause` | facts, each with the steps that it names, in a tree |
//! | `because` | the tree of each claim |
//! | `stop` | what became of a stop |
//! | `recovery` | whether anything can still mend it, by a search of every continuation |
//! | `stuck` | the actors that wait in vain, and for what |
//! | `nearest` | the nearest schedule that does not break the claim |
//! | `fix` | where every schedule does: the knob that mends it |
//! | `queries` | the questions that these put to a schedule |
//!
//! A report asks for all of its explanations at once, when it is first asked for one: what several of them need is explored
//! once. A claim that is not refuted costs none.
//!
//! A fact is read off events and states, never off what a controller says of itself beyond its reaction. Where a
//! search was bounded and hit the bound, the value says so.

pub mod annotations;
pub mod because;
pub mod cause;
pub mod fix;
pub mod nearest;
pub mod queries;
pub mod recovery;
pub mod stop;
pub mod stuck;

use num_bigint::BigUint;

use self::cause::Cause;
use self::fix::{Fixes, Tries};
use self::nearest::{Nearest, Search};
use self::recovery::Continuations;
use self::stuck::Stuck;
use super::limits::Limit;
use super::report::{Judgement, Report};
use crate::claims::Scope;
use crate::core::Controller;
use crate::model::guard::guard;

/// Why one schedule breaks a claim, and what would have to be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<C> {
    /// The tree of causes.
    pub because: Cause,
    /// The actors that wait and will never go on.
    pub stuck: Vec<Stuck>,
    /// What decides.
    pub decides: Decides<C>,
}

/// What decides whether a claim is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decides<C> {
    /// The order of two steps.
    Pair(Box<Nearest<C>>),
    /// No order of these steps, and where the number is given no order at all: so many schedules break it, all
    /// there are. What mends it, where knobs could be tried.
    NoOrder(Option<BigUint>, Option<Fixes>),
    /// It is not known: no twin is at most so many swaps away, and there the search reached a limit.
    Unknown(usize, Limit),
}

/// What is told of a claim: nothing, if it is not broken; a message, if the controller or the claim panicked.
pub type Told<C> = Option<Result<Explanation<C>, String>>;

/// What the explanations of one report share, so that nothing is explored twice.
pub struct Shared<C> {
    continuations: Continuations<C>,
    tries: Tries,
}

/// Explains the claims of a report.
pub fn explain_all<C: Controller>(report: &Report<C>) -> Vec<Told<C>> {
    let mut shared = Shared::of(report);
    let claims = report.claims.iter();
    claims.map(|judgement| guard(|| explain_with(report, judgement, &mut shared)).transpose()).collect()
}

/// Explains a refuted claim alone, with whatever schedule breaks it; none for a claim that asks for a state, and for one without a counterexample.
pub fn explain<C: Controller>(report: &Report<C>, judgement: &Judgement<C>) -> Option<Explanation<C>> {
    explain_with(report, judgement, &mut Shared::of(report))
}

impl<C: Controller> Shared<C> {
    fn of(report: &Report<C>) -> Self {
        let claims = report.claims.iter().map(|judgement| judgement.claim.clone()).collect();
        Self { continuations: Continuations::new(claims, &report.limits), tries: Tries::default() }
    }
}

fn explain_with<C: Controller>(
    report: &Report<C>,
    judgement: &Judgement<C>,
    shared: &mut Shared<C>,
) -> Option<Explanation<C>> {
    let (setup, claim) = (&report.setup, &judgement.claim);
    if claim.scope == Scope::Reachable {
        return None;
    }
    let trace = judgement.trace.as_ref()?;
    let breaking = judgement.share.as_ref().map(|share| &share.schedules);
    let decides = match (&report.schedules, breaking) {
        (Some(all), Some(breaking)) if all == breaking => {
            Decides::NoOrder(Some(all.clone()), fix::mends(report, claim, &mut shared.tries))
        }
        _ => match nearest::nearest(setup, trace, claim, &report.limits) {
            Search::Found(twin) => Decides::Pair(twin),
            Search::Nowhere => Decides::NoOrder(None, fix::mends(report, claim, &mut shared.tries)),
            Search::Stopped(swaps, limit) => Decides::Unknown(swaps, limit),
        },
    };
    let because = because::because_of(setup, trace, claim, &mut shared.continuations);
    Some(Explanation { because, stuck: stuck::stuck(setup, trace), decides })
}
