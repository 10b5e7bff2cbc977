//! Results as JSON, for scripts. The types are the contract: [`schema`] describes them, and `startup-race schema NAME`
//! prints the description.
//!
//! 1. The schema lists each text or describes it with a pattern, so no sentence has to be parsed. The only free text is
//!    a user's text, the statement of a claim, and text of the catalog. The schema marks it with `x-free-text`, except
//!    in an event of a log.
//! 2. A count is a string of digits, because it may exceed 2⁵³. A probability is a reduced fraction, such as `"1/8"`,
//!    `"0"` or `"1"`.
//! 3. If a search was cut short, the numbers of schedules and the probabilities are not known: they are `null`. The
//!    number of states is then the number that was found.
//!
//! | file | contents |
//! |---|---|
//! | `number` | counts and fractions |
//! | `scenario` | a scenario and its rules |
//! | `step` | one step of a schedule |
//! | `fact` | the facts of an explanation |
//! | `stuck` | the actors that wait for something that will not happen |
//! | `decides` | what decides whether a claim is broken |
//! | `check`, `replay`, `catalog`, `matrix`, `prove`, `conforms` | the answers of the commands |

#![cfg(not(loom))]

pub mod catalog;
pub mod check;
pub mod conforms;
pub mod decides;
pub mod fact;
pub mod matrix;
pub mod number;
pub mod prove;
pub mod replay;
pub mod scenario;
pub mod step;
pub mod stuck;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::conformance::log::LogEvent;
use crate::core::Controller;
use crate::explore::report::Report;

/// The JSON of a value, followed by a line break.
///
/// # Panics
/// Never for the types of this module, because their keys are text.
pub fn print(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value);
    text.expect("every key is text") + "\n"
}

/// Makes a schema.
pub type MakeSchema = fn() -> Schema;

/// The formats that have a schema: the outputs, and one event of a log that `conforms` reads.
pub const SCHEMAS: [(&str, MakeSchema); 7] = [
    ("check", schema::<check::Checks>),
    ("replay", schema::<replay::Replay>),
    ("catalog", schema::<catalog::Catalog>),
    ("matrix", schema::<matrix::Matrix>),
    ("prove", schema::<prove::Prove>),
    ("conforms", schema::<conforms::Conforms>),
    ("log", schema::<LogEvent>),
];

/// The schema of the JSON that is written for a type.
pub fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

impl<C: Controller> Report<C> {
    /// The report as JSON, with the same schema as `startup-race check --format json`.
    ///
    /// ```no_run
    /// use startup_race::{Rules, Scenario, Setup, check};
    ///
    /// let setup = Setup::of(Scenario::new(Rules::named("arroyo/before").unwrap(), 2)?);
    /// std::fs::write("check.json", check(setup).run()?.json())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn json(&self) -> String {
        print(&check::Checks::of(std::slice::from_ref(self)))
    }
}
