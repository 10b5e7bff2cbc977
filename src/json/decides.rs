//! What decides whether a claim is broken: the order of two steps; or, if every order breaks it, the knob that fixes
//! it.

use schemars::JsonSchema;
use serde::Serialize;

use super::fact::CutShortBy;
use super::number::Count;
use super::step::Step;
use crate::core::{Attempt, Controller};
use crate::explore::explain;
use crate::explore::explain::fix::Fixes;
use crate::explore::explain::nearest::Swapped;
use crate::scenario::Setup;

/// What decides whether a claim is broken.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "decides", rename_all = "snake_case")]
pub enum Decides {
    /// The order of two steps.
    Order {
        /// The step that comes first in the order that breaks the claim.
        earlier: Box<SwappedStep>,
        /// The step that comes after it in that order.
        later: Box<SwappedStep>,
        /// How many swaps of neighbouring steps lead from the counterexample to the nearest schedule that does not
        /// break the claim.
        swaps: usize,
        /// That nearest schedule.
        #[schemars(regex(pattern = "^[0-9@cdlstx ]*$"))]
        passing_schedule: String,
        /// The steps of the counterexample that the swaps make impossible: the passing schedule leaves them out.
        left_out: Vec<usize>,
    },
    /// Every order of the counterexample's steps breaks the claim.
    NoOrder {
        /// How many schedules there are, if all of them break the claim; null if a schedule with other steps may keep
        /// it.
        schedules: Option<Count>,
        /// The settings that fix it, each on its own; null if none could be tried.
        fixes: Option<Vec<Fix>>,
        /// The settings of which it is not known whether they fix it.
        not_tried: Vec<Setting>,
    },
    /// It is not known what decides.
    Unknown {
        /// No passing schedule is within this many swaps.
        swaps: usize,
        /// The limit that ended the search for a passing schedule.
        cut_short_by: CutShortBy,
    },
}

/// A step of the pair that decides.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SwappedStep {
    /// Its number in the counterexample, continued to an end in canonical order; null if the same event does not happen
    /// there.
    pub step: Option<usize>,
    /// What it does.
    pub does: Step,
}

/// A knob and a value of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Setting {
    /// The knob.
    #[schemars(regex(pattern = "^[a-z-]+$"))]
    pub knob: String,
    /// The value.
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    pub value: String,
}

/// A setting that fixes the claim.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Fix {
    /// The knob.
    #[schemars(regex(pattern = "^[a-z-]+$"))]
    pub knob: String,
    /// The value.
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    pub value: String,
    /// The claims that this setting breaks.
    #[schemars(inner(regex(pattern = "^[a-z-]+$")))]
    pub breaks: Vec<String>,
}

impl Decides {
    /// What decides, as JSON.
    pub fn of<C: Controller>(setup: &Setup<C>, decides: &explain::Decides<C>) -> Self {
        match decides {
            explain::Decides::Pair(nearest) => {
                let [earlier, later] = &nearest.pair;
                let step = |swapped: &Swapped| {
                    let does = Step::of(setup, &swapped.event, Attempt(1));
                    Box::new(SwappedStep { step: swapped.step, does })
                };
                Self::Order {
                    earlier: step(earlier),
                    later: step(later),
                    swaps: nearest.swaps,
                    passing_schedule: nearest.trace.schedule.text(setup.model.inboxes()),
                    left_out: nearest.left_out.clone(),
                }
            }
            explain::Decides::NoOrder(schedules, fixes) => {
                let not_tried = fixes.iter().flat_map(|fixes| &fixes.unknown);
                let setting = |(knob, value): &(&str, String)| Setting { knob: knob.to_string(), value: value.clone() };
                Self::NoOrder {
                    schedules: schedules.as_ref().map(Count::from),
                    fixes: fixes.as_ref().map(found),
                    not_tried: not_tried.map(setting).collect(),
                }
            }
            explain::Decides::Unknown(swaps, limit) => Self::Unknown { swaps: *swaps, cut_short_by: (*limit).into() },
        }
    }
}

fn found(fixes: &Fixes) -> Vec<Fix> {
    let fix = |fix: &explain::fix::Mend| Fix {
        knob: fix.knob.to_string(),
        value: fix.value.clone(),
        breaks: fix.breaks.clone(),
    };
    fixes.found.iter().map(fix).collect()
}
