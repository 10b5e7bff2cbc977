//! The result of conducting code, as text.

use std::fmt::Write;

use super::foreign::escaped;
use super::layout::{Style, labelled};
use super::table::table;
use crate::conformance::conduct::{Conducted, Parted, Parting};
use crate::conformance::stage::Point;
use crate::core::Controller;
use crate::scenario::Setup;

impl<C: Controller> Conducted<C> {
    /// The result as text. If the code and the model differ, a table shows the schedule up to the step where they do.
    pub fn text(&self) -> String {
        let Self { schedules, covered, steps, all, .. } = self;
        match &self.parted {
            None if *schedules == 0 => "no schedule was conducted\n".to_string(),
            None => {
                let which = if *all { "all " } else { "" };
                let says =
                    format!("on {which}{schedules} schedules, which take {covered} of {steps} steps of the model");
                labelled("conforms", &[says], Style::default())
            }
            Some(parted) => self.parted_text(parted),
        }
    }

    fn parted_text(&self, parted: &Parted<C>) -> String {
        let label = match parted.how {
            Parting::Phase(_) | Parting::Instead(_) | Parting::GoesOn(_) => "diverges",
            Parting::Stuck(_) | Parting::NoRest(_) | Parting::NoPoint => "stuck",
            Parting::NotDeterministic(_) => "not deterministic",
        };
        let step = parted.trace.events.len();
        let schedule = parted.trace.schedule.text(self.setup.model.inboxes()).replace(' ', "\u{a0}");
        let says = format!("on schedule {}, at step {step}: \"{schedule}\"", self.schedules);
        let mut text = labelled(label, &[says], Style::default());
        let _ = write!(text, "\n{}\n", table(&self.setup, &parted.trace, None, Style::default()));
        let model = format!("{} after step {step}", escaped(parted.trace.last().phase().name));
        text += &labelled("model", &[model], Style::default());
        text += &labelled("code", &[how(&self.setup, parted)], Style::default());
        for point in &parted.waiting {
            text += &labelled("waits", &[point.to_string()], Style::default());
        }
        for last in &parted.last {
            text += &labelled("last", &[escaped(last).into_owned()], Style::default());
        }
        text
    }

    /// The code must behave like the model in every schedule.
    ///
    /// # Panics
    /// If it does not. The message says how the code and the model differ, and shows the schedule as a table.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "a test may need no more than that it conforms")]
    pub fn expect_conforms(self) -> Self {
        assert!(self.conforms(), "{}", self.text());
        self
    }
}

fn how<C: Controller>(setup: &Setup<C>, parted: &Parted<C>) -> String {
    match &parted.how {
        Parting::Phase(phase) => format!("it publishes {}", escaped(phase)),
        Parting::Instead(point) => {
            let expected = Point::of(setup, &parted.trace).map_or_else(String::new, |expected| expected.action);
            format!("it has {point} instead of `{}`: its next action is another one", escaped(&expected))
        }
        Parting::GoesOn(point) => format!("it goes on after the model is over: it has {point}"),
        Parting::Stuck(point) => format!(
            "it never has {point}: no thread reaches it within the limit, or the runtime of tokio is idle, so that each task \
             waits for another one, for a point, or for time (name the helper that is a timer)"
        ),
        Parting::NoRest(point) => {
            format!(
                "it went on from {point} and did not come to rest: drop what `point_blocking` returns when the action is done"
            )
        }
        Parting::NoPoint => {
            "the model cannot take this step again, because its controller does not do the same each time, or code has no \
             point for this step"
                .to_string()
        }
        Parting::NotDeterministic(steps) => format!(
            "a repetition differed after {steps} steps. The code chooses by chance: `select!` without `biased`, a random number, \
             the order of a HashMap, the order in which tokio wakes several receivers of one `watch`, the machine's clock"
        ),
    }
}
