//! A schedule as a space-time diagram, in SVG: time runs down, each actor has a lifeline, and a message is an arrow
//! from the step that sent it to the step that received it. Waiting and overtaking are easy to see.
//!
//! 1. It is a function of a trace. It starts no search.
//! 2. Nothing is shown by colour alone: dead lifelines are dashed, dropped messages end in a cross, and messages that
//!    are lost or not yet received are dotted.
//! 3. Colours follow the reader's light or dark setting. The picture includes text alternatives.
//!
//! | file | contents |
//! |---|---|
//! | `of_report` | the diagrams of a report |
//! | `plan` | the positions of lifelines and steps |
//! | `draw` | lifelines, steps, messages and marks, as elements |
//! | `svg` | elements as text, and the style sheet |

mod draw;
mod of_report;
mod plan;
mod svg;

pub use self::of_report::{drawn, of_claim, of_witness};

use self::draw::Drawing;
use self::plan::Plan;
use self::svg::Svg;
use crate::claims::Claim;
use crate::core::Controller;
use crate::explore::trace::Trace;
use crate::scenario::Setup;
use crate::show::names::Names;
use crate::show::observer;
use crate::threads::Load;

/// What is marked in a diagram.
#[derive(Clone)]
pub struct Marks<'a, C> {
    /// The claim that the trace breaks, if it breaks one.
    pub claim: Option<&'a Claim<C>>,
    /// The steps whose order decides.
    pub deciding: Vec<usize>,
    /// Whether the steps in which a failure was lost are marked. In the game they are not, because they would answer
    /// its question.
    pub lost: bool,
}

impl<C> Default for Marks<'_, C> {
    fn default() -> Self {
        Self { claim: None, deciding: Vec::new(), lost: true }
    }
}

/// One trace with a heading and its marks.
pub struct Panel<'a, C> {
    /// The heading.
    pub heading: String,
    /// The trace.
    pub trace: &'a Trace<C>,
    /// Its marks.
    pub marks: Marks<'a, C>,
    /// What the observer of a run on threads read. Without a load, the observer has no lifeline.
    pub loads: &'a [Load],
}

impl<'a, C> Panel<'a, C> {
    /// A trace without an observer.
    pub fn new(heading: String, trace: &'a Trace<C>, marks: Marks<'a, C>) -> Self {
        Self { heading, trace, marks, loads: &[] }
    }
}

/// The diagram of one trace, or of several side by side.
pub fn diagram<C: Controller>(setup: &Setup<C>, panels: &[Panel<'_, C>]) -> String {
    let mut svg = Svg::default();
    let (mut left, mut height): (u32, u32) = (0, 0);
    for panel in panels {
        let plan = Plan::of(setup, panel, left);
        height = height.max(plan.bottom());
        left = plan.right();
        Drawing { setup, panel, plan: &plan }.draw(&mut svg);
    }
    draw::legend(&mut svg, height);
    let (width, legend) = draw::LEGEND;
    svg.finish(left.max(width), height + legend, &alternative(setup, panels))
}

/// The text alternative of the picture. It lists the steps.
fn alternative<C: Controller>(setup: &Setup<C>, panels: &[Panel<'_, C>]) -> (String, String) {
    let headings: Vec<&str> = panels.iter().map(|panel| panel.heading.as_str()).collect();
    let steps = panels.iter().map(|panel| {
        let steps = panel.trace.steps().map(|(step, event)| {
            let attempt = panel.trace.after(step).driver.attempt;
            let actor = super::labels::event_actor(event, Names::of(&setup.model));
            format!("{step}: {actor}: {}", draw::deed(setup, attempt, event))
        });
        let loads = panel
            .loads
            .iter()
            .map(|load| format!("after {}: observer reads {}", load.after, observer::text(load.read)));
        format!("{}. {}", panel.heading, steps.chain(loads).collect::<Vec<_>>().join(". "))
    });
    (headings.join("; "), steps.collect::<Vec<_>>().join("\n"))
}
