//! Why a claim is broken. The reasons are typed values that are computed from one schedule, state by state. `show`
//! makes sentences of them.
//!
//! | file | what it says |
//! |---|---|
//! | `annotations` | in which steps a failure was lost, and which step broke the claim |
//! | `cause` | facts, each with the steps that it names, in a tree |
//! | `because` | the tree of each claim |
//! | `stop` | what happened to a stop |
//! | `recovery` | whether the claim can still become true, by a search of every continuation |
//! | `stuck` | the actors that wait for something that will not happen |
//! | `nearest` | the nearest schedule that does not break the claim |
//! | `fix` | if every order of the steps breaks the claim, the knobs that fix it |
//! | `queries` | queries about a schedule that these files need |
//!
//! A report makes all of its explanations when it is first asked for one, so that anything that several of them need is
//! explored once. A claim that is not refuted costs nothing.
//!
//! A fact is derived from events and states. Of what the controller says, only its phase and what it has counted are
//! used. Its reactions are derived from what changed. If a search reached a limit, the value says so.

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

/// Why one schedule breaks a claim, and what would have to be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<C> {
    /// The tree of causes.
    pub because: Cause,
    /// The actors that wait and will never continue.
    pub stuck: Vec<Stuck>,
    /// What decides whether the claim is broken.
    pub decides: Decides<C>,
}

/// What decides whether a claim is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decides<C> {
    /// The order of two steps.
    Pair(Box<Nearest<C>>),
    /// Every order of the steps of the counterexample breaks the claim. If the number is given, every schedule breaks
    /// it, and this is the number of all schedules. The second value says what fixes the claim, if knobs could be
    /// tried.
    NoOrder(Option<BigUint>, Option<Fixes>),
    /// It is not known. No passing schedule is within this many swaps, and then the search ended at this limit.
    Unknown(usize, Limit),
}

/// The explanation of a claim. `None` if the claim is not broken, or asks for a state; a message if the controller or
/// the claim panicked.
pub type Told<C> = Option<Result<Explanation<C>, String>>;

/// The data that the explanations of one report share, so that nothing is explored twice.
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

/// Explains one refuted claim with the schedule of the judgement, which may be any that breaks the claim. `None` for a
/// claim that asks for a state, and for a judgement without a schedule.
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
