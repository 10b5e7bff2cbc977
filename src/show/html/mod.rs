//! A page in which a reader can walk through a scenario's graph. It is one file, makes no request, and opens from disk.
//!
//! 1. Everything that the page says about the protocol is computed here and written into the page: every state, what
//!    each actor would do in it and where that leads, why the others cannot move, and the probability of each claim.
//!    The page's script only displays this data.
//! 2. If a scenario has more than [`MAX_STATES`] states, the page has only the first state, and those of its
//!    counterexamples and of the nearest passing schedules, and says so.
//! 3. The same scenario gives the same bytes.
//! 4. A counterexample and its nearest passing schedule are drawn side by side as space-time diagrams, as by `check
//!    --format svg`.
//! 5. Text that users typed (names of tasks) is put into the page as text, never as markup.
//!
//! | file | contents |
//! |---|---|
//! | `data` | the types of the data that the page's script reads |
//! | `page_data` | one protocol: the states that the page has, and the tables that they refer to |
//! | `transitions` | for a state: the actors that can move, the effect of each move, and why the others cannot move |
//! | `verdicts` | the claims: verdict, probability, counterexample and nearest passing schedule |
//! | `graph_layout` | the positions of the states of a small graph |
//! | `template.html`, `style.css`, `walk.js`, `draw.js`, `page.js` | the page itself |

#![cfg(not(loom))]

mod data;
mod graph_layout;
mod page_data;
mod transitions;
mod verdicts;

use super::foreign;
use super::report::scenario;
use crate::core::Controller;
use crate::explore::report::Report;

use data::Page;
pub use page_data::{MAX_STATES, PageData};

/// The page of a scenario. A second scenario may be shown beside it: the same choices are taken there, except those
/// that cannot be taken.
pub fn page<C: Controller>(sheet: &PageData<C>, against: Option<&PageData<C>>) -> String {
    let sheets = [Some(sheet), against].into_iter().flatten().map(PageData::sheet).collect();
    let data = serde_json::to_string(&Page { sheets }).expect("every key is text");
    // The JSON text is inside an element and must not end it.
    let data = data.replace('<', "\\u003c");
    let title = foreign::escaped(sheet.report.protocol.as_deref().unwrap_or("a controller"));
    let script = [include_str!("walk.js"), include_str!("draw.js"), include_str!("page.js")].concat();
    let parts = [
        ("{{title}}", escaped(&title)),
        ("{{style}}", include_str!("style.css").to_string()),
        ("{{title}}", escaped(&title)),
        ("{{scenario}}", escaped(&scenario(&sheet.report))),
        ("{{data}}", data),
        ("{{script}}", script),
    ];
    fill(include_str!("template.html"), &parts)
}

impl<C: Controller> Report<C> {
    /// The page of `startup-race page`, also for a controller of your own. It is one file, in which a reader can walk
    /// through every schedule. It has every state if the check kept them ([`keep_states`](crate::Check::keep_states)).
    /// If not, it has those of the counterexamples and of the nearest passing schedules.
    ///
    /// ```no_run
    /// # use startup_race::{Rules, Scenario, Setup, check};
    /// # let setup = Setup::of(Scenario::new(Rules::named("arroyo/before").unwrap(), 2)?);
    /// let report = check(setup).keep_states(5000).run()?;
    /// std::fs::write("walk.html", report.page())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn page(&self) -> String {
        page(&PageData::of(self.clone()), None)
    }
}

/// Fills in a template from left to right. Text that was filled in is not searched again.
fn fill(template: &str, parts: &[(&str, String)]) -> String {
    let mut page = String::new();
    let mut rest = template;
    for (slot, text) in parts {
        let (before, after) = rest.split_once(slot).expect("the template has its slots, in order");
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page + rest
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
