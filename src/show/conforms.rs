//! Whether a log is a path of the model, as text.

use std::fmt;

use super::foreign::escaped;
use super::layout::{Style, labelled};
use super::table::table;
use crate::conformance::log::{Allowed, LogError, LogParted, LogVerdict};
use crate::core::Controller;
use crate::scenario::Setup;

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, why } => write!(
                f,
                "line {line} of the log is no event: {}. An event is one line of JSON, such as {{\"actor\":\"task 2\",\"action\":\
                 \"announce\"}}; `startup-race schema log` describes it",
                escaped(why)
            ),
            Self::Empty => write!(f, "the log has no event: it would agree with every model"),
            Self::Ambiguous(event) => {
                write!(
                    f,
                    "up to event {event} too many paths agree with the log: say more, such as `worker`, `notice` or `phase`"
                )
            }
            Self::Replay(error) => error.fmt(f),
        }
    }
}

impl<C: Controller> LogVerdict<C> {
    /// The verdict as text.
    pub fn text(&self, setup: &Setup<C>) -> String {
        let style = Style::default();
        match self {
            Self::Path(trace, is_complete) => {
                let schedule = trace.schedule.text(setup.model.inboxes()).replace(' ', "\u{a0}");
                let label = if *is_complete { "conforms" } else { "incomplete" };
                let says = if *is_complete { "to its end" } else { "as far as it goes: the model can go on" };
                let events = trace.events.len();
                labelled(
                    label,
                    &[format!("the log is a path of the model {says}, {events} events: \"{schedule}\"")],
                    style,
                )
            }
            Self::Parted(parted) => parted_text(setup, parted, style),
        }
    }
}

fn parted_text<C: Controller>(setup: &Setup<C>, parted: &LogParted<C>, style: Style) -> String {
    let LogParted { before, event, said, allowed } = parted;
    let said = serde_json::to_string(said).unwrap_or_default();
    let says = format!("event {event} is none that the model allows there: {}", escaped(&said));
    let mut text = labelled("diverges", &[says], style);
    text += &format!("\n{}\n", table(setup, before, None, style));
    if allowed.is_empty() {
        return text + &labelled("allowed", &["nothing: the model is at an end"], style);
    }
    // The steps that agree most with the log come first, because the log most likely means one of them.
    let mut allowed: Vec<&Allowed> = allowed.iter().collect();
    allowed.sort_by_key(|allowed| allowed.differs.len());
    for Allowed { step, differs } in allowed {
        let step = serde_json::to_string(step).unwrap_or_default();
        let differs = differs.iter().map(|(key, said, model)| {
            format!("`{key}` is {} in the log and {} in the model", escaped(said), escaped(model))
        });
        text +=
            &labelled("allowed", &[format!("{}: {}", escaped(&step), differs.collect::<Vec<_>>().join(", "))], style);
    }
    text
}
