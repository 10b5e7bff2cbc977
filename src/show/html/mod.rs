//! A page to walk a scenario's graph in: one file, no request, opens from disk.
//!
//! 1. Everything that the page says of the protocol is decided here and written into it: every state, what each actor
//!    would do there and where that leads, why another cannot move, the state of each claim. The page's
//!    script walks this data and decides nothing.
//! 2. A scenario of more than [`MAX_STATES`] states is not carried whole: the page says so, and holds the states of its
//!    counterexamples and of their twins.
//! 3. The same scenario gives the same bytes.
//! 4. A counterexample is drawn beside its twin as a space-time diagram, the one that `check --format svg` draws.
//! 5. What people typed (names of tasks) reaches the page as text, never as markup.
//!
//! | file | what it holds |
//! |---|---|
//! | `data` | the types of what the page's script reads |
//! | `page_data` | one protocol: the states that are carried, and the tables that they point into |
//! | `transitions` | which actors can move in a state and what that does, and why the others cannot |
//! | `verdicts` | the claims: verdict, probability, counterexample and twin |
//! | `graph_layout` | where the states of a small graph are drawn |
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

/// The page of a scenario; with a second one, which is walked by the same choices beside it.
pub fn page<C: Controller>(sheet: &PageData<C>, against: Option<&PageData<C>>) -> String {
    let sheets = [Some(sheet), against].into_iter().flatten().map(PageData::sheet).collect();
    let data = serde_json::to_string(&Page { sheets }).expect("every key is text");
    // The text of JSON is put where it must not end the element that holds it.
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
    /// The page of `startup-race page`, of a controller of your own too: one file, in which every schedule can be walked. It holds
    /// every state if the check kept them ([`keep_states`](crate::Check::keep_states)), else those of the counterexamples.
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

/// Fills in a template, left to right: what was filled in is not looked at again.
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
