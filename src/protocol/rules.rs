//! The knobs, and the protocols that are a setting of them.
//!
//! A knob is one line of [`Rules`]: its type, its name, which is the option of the command line and the key in
//! JSON, and its default. What a value *does* stands where it is obeyed: `announce` and `barrier` in
//! [`startup`](super::startup), `failed-while-…` and `fence` in [`controller`](super::controller),
//! the others in [`world`](super::world).

use std::str::FromStr;

/// The number that a text of digits names: a sign or a blank makes it none.
pub fn number<N: FromStr>(text: &str) -> Option<N> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A value of a knob, as text and back.
pub trait Value: Sized {
    /// Every value there is; empty where the value is a number.
    const VALUES: &'static [&'static str];
    /// The value as text.
    fn text(&self) -> String;
    /// The value that a text names.
    fn parse(text: &str) -> Option<Self>;
}

impl Value for u8 {
    const VALUES: &'static [&'static str] = &[];

    fn text(&self) -> String {
        self.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        number(text)
    }
}

/// Declares the values of a knob.
macro_rules! value {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $text:literal),+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$about])* $variant),+ }

        impl Value for $name {
            const VALUES: &'static [&'static str] = &[$($text),+];

            fn text(&self) -> String {
                match self { $(Self::$variant => $text),+ }.to_string()
            }

            fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    )+};
}

value! {
    /// When a task sends `TaskStarted`.
    Announce {
        /// Before `on_start` has run: the bug.
        BeforeOnStart = "before-on-start",
        /// Once `on_start` has run.
        AfterOnStart = "after-on-start",
        /// Once the worker's barrier has opened.
        AfterBarrier = "after-barrier",
        /// Never: forgotten.
        Never = "never"
    }
    /// What the controller does with a `TaskFailed`.
    OnFailure {
        /// Drops it.
        Ignore = "ignore",
        /// Fails the attempt: a retry while the budget lasts, else the end.
        Fail = "fail"
    }
    /// Whether the tasks wait for each other before they run.
    Barrier {
        /// They do not.
        None = "none",
        /// All tasks of a worker do.
        PerWorker = "per-worker"
    }
    /// What becomes of an attempt's tasks at a retry.
    OldAttempt {
        /// They take no further action.
        Stopped = "stopped",
        /// They go on beside the new ones.
        Lingers = "lingers"
    }
    /// Which notices the controller drops unread.
    Fence {
        /// None.
        None = "none",
        /// Those of any attempt but the current one.
        Attempt = "attempt"
    }
    /// Whether the controller gives up waiting while it is Scheduling.
    Timeout {
        /// It never does.
        None = "none",
        /// Only where nothing else can happen.
        Patient = "patient",
        /// At any time.
        Hasty = "hasty"
    }
    /// Whether a death spreads through the tasks' queues.
    Cascade {
        /// It does not.
        None = "none",
        /// The tasks form a chain 1 → 2 → … → n: upstream of a death they panic, downstream they finish.
        Chain = "chain"
    }
}

/// One knob, for surfaces that treat all alike.
pub struct Knob {
    /// Its name on every surface.
    pub name: &'static str,
    /// Its values; empty where it takes a number.
    pub values: &'static [&'static str],
    /// Reads it.
    pub get: fn(&Rules) -> String,
    /// Turns it; `None` where the text names no value.
    pub set: fn(&mut Rules, &str) -> Option<()>,
}

/// Declares the rules and the table of their knobs.
macro_rules! knobs {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $name:literal, $default:expr;)+) => {
        /// A setting of every knob.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct Rules { $($(#[$doc])* pub $field: $type,)+ }

        impl Rules {
            /// Every knob at its default.
            pub const DEFAULT: Self = Self { $($field: $default,)+ };
        }

        /// Every knob, in the order in which people read them.
        pub const KNOBS: &[Knob] = &[$(Knob {
            name: $name,
            values: <$type as Value>::VALUES,
            get: |rules| rules.$field.text(),
            set: |rules, text| Value::parse(text).map(|value| rules.$field = value),
        },)+];
    };
}

knobs! {
    /// When a task announces itself.
    announce: Announce = "announce", Announce::AfterBarrier;
    /// What a failure does in Scheduling.
    failed_while_scheduling: OnFailure = "failed-while-scheduling", OnFailure::Fail;
    /// What a failure does in Running.
    failed_while_running: OnFailure = "failed-while-running", OnFailure::Fail;
    /// Whether tasks wait for each other.
    barrier: Barrier = "barrier", Barrier::None;
    /// The budget of attempts, at least 1.
    attempts: u8 = "attempts", 1;
    /// What a retry does to the tasks of the attempt that it ends.
    old_attempt: OldAttempt = "old-attempt", OldAttempt::Stopped;
    /// Which notices are dropped unread.
    fence: Fence = "fence", Fence::None;
    /// When the controller stops waiting.
    timeout: Timeout = "timeout", Timeout::None;
    /// Whether a death spreads.
    cascade: Cascade = "cascade", Cascade::None;
    /// How often the network may repeat a delivery, in all.
    duplicates: u8 = "duplicates", 0;
}

impl Rules {
    /// The four knobs of one attempt; all others at their default.
    pub const fn new(
        announce: Announce,
        while_scheduling: OnFailure,
        while_running: OnFailure,
        barrier: Barrier,
    ) -> Self {
        let (failed_while_scheduling, failed_while_running) = (while_scheduling, while_running);
        Self { announce, failed_while_scheduling, failed_while_running, barrier, ..Self::DEFAULT }
    }

    /// The rules of a named protocol.
    pub fn named(name: &str) -> Option<Self> {
        PROTOCOLS.iter().find(|(other, _)| *other == name).map(|&(_, rules)| rules)
    }
}

/// The protocols with a name: the project's first telling of the bug and of its fix, and the real system's
/// startup before the fix, after it, and with either half of it.
pub const PROTOCOLS: [(&str, Rules); 6] = {
    use Announce::{AfterBarrier, AfterOnStart, BeforeOnStart};
    use Barrier::{None, PerWorker};
    use OnFailure::{Fail, Ignore};
    [
        ("seed/buggy", Rules::new(BeforeOnStart, Ignore, Ignore, None)),
        ("seed/fixed", Rules::new(AfterOnStart, Fail, Fail, None)),
        ("arroyo/before", Rules::new(BeforeOnStart, Ignore, Fail, PerWorker)),
        ("arroyo/after", Rules::new(AfterBarrier, Fail, Fail, PerWorker)),
        ("arroyo/late-only", Rules::new(AfterBarrier, Ignore, Fail, PerWorker)),
        ("arroyo/handled-only", Rules::new(BeforeOnStart, Fail, Fail, PerWorker)),
    ]
};
