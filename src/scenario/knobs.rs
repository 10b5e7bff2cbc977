//! The knobs: their names, their values, and the rule that each of them sets. The core does not know these names.
//!
//! | knob | obeyed in |
//! |---|---|
//! | `announce` | [`Script::of`](crate::core::Script::of) |
//! | `failed-while-scheduling` | [`PipelineController`] |
//! | `failed-while-running` | [`PipelineController`] |
//! | `barrier` | [`Script::of`](crate::core::Script::of) |
//! | `attempts` | [`Driver`](crate::model::Driver) |
//! | `old-attempt` | [`world`](crate::model::world) |
//! | `restart` | [`PipelineController`] |
//! | `fence` | [`PipelineController`] |
//! | `timeout` | [`world`](crate::model::world) |
//! | `cascade` | [`Script::of`](crate::core::Script::of) |
//! | `duplicates` | [`world`](crate::model::world) |
//! | `losses` | [`world`](crate::model::world) |
//! | `stop` | [`world`](crate::model::world), [`PipelineController`] |
//! | `stop-while-scheduling` | [`PipelineController`] |
//! | `failed-while-stopping` | [`PipelineController`] |
//! | `crashes` | [`world`](crate::model::world) |
//! | `recovery` | [`PipelineController`] |
//!
//! A new knob needs: a field in [`rules`](crate::core::rules); the code that obeys it; a line below, and a row in this
//! table; its meaning in `src/cli/explain.rs`; a mutant that breaks it, in `tests/common/mutants`, and its row in
//! `KNOBS_BROKEN` of `tests/it/mutants.rs`. `tests/it/tidy.rs` checks that no row and no meaning is missing. The option
//! of the command line, the key in JSON and its schema are generated.

use super::names::number;
use crate::core::{
    Announce, ControllerRules, EarlyStop, OnFailure, PipelineController, Recovery, RunRules, TaskRules, Timeout,
};

/// A setting of every knob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rules {
    /// What a task obeys.
    pub task: TaskRules,
    /// What the built-in controller obeys.
    pub controller: ControllerRules,
    /// What the run allows.
    pub run: RunRules,
}

/// One knob, for code that treats all knobs alike.
pub struct Knob {
    /// Its name: the option of the command line, and the key in JSON.
    pub name: &'static str,
    /// Its values. Empty if it takes a number.
    pub values: &'static [&'static str],
    /// Reads its value.
    pub get: fn(&Rules) -> String,
    /// Sets its value. `None` if the text is not one of its values.
    pub set: fn(&mut Rules, &str) -> Option<()>,
}

/// Declares the table: for each knob its name, its rule and its values. A knob without values takes a number.
macro_rules! knobs {
    ($($name:literal: $owner:ident.$field:ident $({ $($text:literal = $value:expr),+ })?;)+) => {
        /// Every knob, in the order in which they are listed.
        pub const KNOBS: &[Knob] = &[$(Knob {
            name: $name,
            values: &[$($($text),+)?],
            get: |rules| knobs!(@get rules.$owner.$field $({ $($text = $value),+ })?),
            set: |rules, text| knobs!(@set text, rules.$owner.$field $({ $($text = $value),+ })?),
        },)+];
    };
    (@get $rules:ident.$owner:ident.$field:ident) => { $rules.$owner.$field.to_string() };
    (@get $rules:ident.$owner:ident.$field:ident { $($text:literal = $value:expr),+ }) => {
        [$(($text, $value)),+].iter().find(|(_, value)| *value == $rules.$owner.$field).map_or("", |(text, _)| *text).to_string()
    };
    (@set $input:ident, $rules:ident.$owner:ident.$field:ident) => {
        number($input).map(|number| $rules.$owner.$field = number)
    };
    (@set $input:ident, $rules:ident.$owner:ident.$field:ident { $($text:literal = $value:expr),+ }) => {
        [$(($text, $value)),+].iter().find(|(text, _)| *text == $input).map(|(_, value)| $rules.$owner.$field = *value)
    };
}

knobs! {
    "announce": task.announce {
        "before-on-start" = Announce::BeforeOnStart,
        "after-on-start" = Announce::AfterOnStart,
        "after-barrier" = Announce::AfterBarrier,
        "never" = Announce::Never
    };
    "failed-while-scheduling": controller.failed_while_scheduling {
        "ignore" = OnFailure::Ignore,
        "fail" = OnFailure::Retry
    };
    "failed-while-running": controller.failed_while_running {
        "ignore" = OnFailure::Ignore,
        "fail" = OnFailure::Retry
    };
    "barrier": task.barrier { "none" = false, "per-worker" = true };
    "attempts": run.attempts;
    "old-attempt": run.lingers { "stopped" = false, "lingers" = true };
    "restart": controller.restart_one { "all" = false, "one" = true };
    "fence": controller.fence { "none" = false, "attempt" = true };
    "timeout": run.timeout { "none" = Timeout::None, "patient" = Timeout::Patient, "hasty" = Timeout::Hasty };
    "cascade": task.chain { "none" = false, "chain" = true };
    "duplicates": run.duplicates;
    "losses": run.losses;
    "stop": run.stop { "none" = false, "asked" = true };
    "stop-while-scheduling": controller.stop_while_scheduling {
        "obey" = EarlyStop::Obey,
        "defer" = EarlyStop::Defer,
        "ignore" = EarlyStop::Ignore
    };
    "failed-while-stopping": controller.failed_while_stopping {
        "fail" = OnFailure::Fail,
        "retry" = OnFailure::Retry,
        "count" = OnFailure::Count,
        "ignore" = OnFailure::Ignore
    };
    "crashes": run.crashes;
    "recovery": controller.recovery {
        "forgets" = Recovery::Forgets,
        "asks" = Recovery::Asks,
        "remembers" = Recovery::Remembers
    };
}

impl Rules {
    /// Every knob at its default.
    pub const DEFAULT: Self = Self::new(Announce::AfterBarrier, OnFailure::Retry, OnFailure::Retry, false);

    /// Rules with the four knobs in which the named protocols differ. All others have their default.
    pub const fn new(announce: Announce, while_scheduling: OnFailure, while_running: OnFailure, barrier: bool) -> Self {
        let controller = ControllerRules {
            failed_while_scheduling: while_scheduling,
            failed_while_running: while_running,
            failed_while_stopping: OnFailure::Fail,
            stop_while_scheduling: EarlyStop::Obey,
            recovery: Recovery::Forgets,
            fence: false,
            restart_one: false,
        };
        Self { task: TaskRules { announce, barrier, chain: false }, controller, run: RunRules::DEFAULT }
    }

    /// The rules of a named protocol.
    pub fn named(name: &str) -> Option<Self> {
        PROTOCOLS.iter().find(|(other, _)| *other == name).map(|&(_, rules)| rules)
    }

    /// The built-in controller under these rules.
    pub fn controller(&self) -> PipelineController {
        PipelineController::new(self.controller, self.run.stop)
    }
}

/// The named protocols. `seed` is a simple version of the bug and of its fix. `arroyo` is the real system's startup:
/// before the fix, after it, and with each half of the fix alone.
pub const PROTOCOLS: [(&str, Rules); 6] = {
    use Announce::{AfterBarrier, AfterOnStart, BeforeOnStart};
    use OnFailure::{Ignore, Retry};
    [
        ("seed/buggy", Rules::new(BeforeOnStart, Ignore, Ignore, false)),
        ("seed/fixed", Rules::new(AfterOnStart, Retry, Retry, false)),
        ("arroyo/before", Rules::new(BeforeOnStart, Ignore, Retry, true)),
        ("arroyo/after", Rules::new(AfterBarrier, Retry, Retry, true)),
        ("arroyo/late-only", Rules::new(AfterBarrier, Ignore, Retry, true)),
        ("arroyo/handled-only", Rules::new(BeforeOnStart, Retry, Retry, true)),
    ]
};
