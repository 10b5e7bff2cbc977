//! Lifelines, steps, messages and marks, as elements.

use std::collections::BTreeMap;

use super::Panel;
use super::plan::{self, Plan};
use super::svg::{Point, Svg};
use crate::core::{ActorId, Attempt, Controller, Kind, Stage, Status, Step, TaskState};
use crate::explore::explain::annotations;
use crate::explore::messages::{Passage, passages};
use crate::model::{Channel, Message};
use crate::scenario::Setup;
use crate::show::foreign::escaped;
use crate::show::labels;
use crate::show::names::Names;
use crate::show::observer;
use crate::transition::{Event, Reaction};

/// The mark of a load that read an old value.
pub(super) const STALE: &str = "◀ stale";

/// The width and the height of the legend.
pub(super) const LEGEND: (u32, u32) = (840, 120);

/// One panel that is drawn.
pub(super) struct Drawing<'a, C> {
    pub setup: &'a Setup<C>,
    pub panel: &'a Panel<'a, C>,
    pub plan: &'a Plan,
}

/// The text beside the dot of a step.
pub(super) fn deed<C: Controller>(setup: &Setup<C>, current: Attempt, event: &Event) -> String {
    labels::deed(setup, current, event)
}

fn noun<C>(setup: &Setup<C>, id: ActorId) -> &'static str {
    if id.index() < usize::from(setup.model.tasks()) { "task" } else { "helper" }
}

/// The two lines at the head of a lifeline: its actor, and the actor's name.
pub(super) fn title<C: Controller>(setup: &Setup<C>, id: Option<ActorId>) -> [String; 2] {
    match id {
        None => ["controller".to_string(), String::new()],
        Some(id) => [format!("{} {}", noun(setup, id), id.0), escaped(&setup.model.actor(id).name).into_owned()],
    }
}

/// The state of an actor at the end.
pub(super) fn standing<C: Controller>(setup: &Setup<C>, panel: &Panel<'_, C>, id: Option<ActorId>) -> String {
    let world = panel.trace.last();
    match id {
        None => labels::phase(world.phase(), Names::of(&setup.model)),
        Some(id) => labels::standing(world.attempts[0][id.index()], &setup.model.actor(id).script).to_string(),
    }
}

/// The marks of the steps that have one.
pub(super) fn marks<C: Controller>(setup: &Setup<C>, panel: &Panel<'_, C>) -> BTreeMap<usize, &'static str> {
    let lost = if panel.marks.lost { annotations::lost(panel.trace) } else { Vec::new() };
    let lost = lost.into_iter().map(|step| (step, "◀ lost here"));
    let broken = panel.marks.claim.and_then(|claim| annotations::broken(setup, panel.trace, claim));
    lost.chain(broken.map(|step| (step, "◀ claim broken"))).collect()
}

impl<C: Controller> Drawing<'_, C> {
    pub fn draw(&self, svg: &mut Svg) {
        svg.text((self.plan.left + 12, 22), "head", &self.panel.heading);
        for (id, x) in self.plan.lifelines() {
            let [title, name] = title(self.setup, id);
            svg.text((x - 3, 44), "head", &title);
            svg.text((x - 3, 60), "faint", &name);
            self.lifeline(svg, id, x);
        }
        for passage in passages(&self.setup.model, self.panel.trace) {
            self.message(svg, &passage);
        }
        for (step, event) in self.panel.trace.steps() {
            self.step(svg, step, event);
        }
        self.observer(svg);
        self.end(svg);
    }

    /// A lifeline in pieces. The style of each piece shows the state of its actor.
    fn lifeline(&self, svg: &mut Svg, id: Option<ActorId>, x: u32) {
        let last = self.panel.trace.events.len();
        let class = |step: usize| {
            let world = self.panel.trace.after(step);
            match id {
                None => stage_class(world.stage()),
                Some(id) => task_class(world.attempts[0][id.index()], |it| {
                    it.is_past(Step::Run, &self.setup.model.actor(id).script)
                }),
            }
        };
        let mut from = 0;
        for step in 1..=last + 1 {
            if step > last || class(step) != class(from) {
                let end = if step > last { self.plan.end() } else { self.plan.row(step) };
                svg.line((x, self.plan.row(from)), (x, end), class(from));
                from = step;
            }
        }
    }

    /// What the observer read, on a lifeline of its own. A load is not a step, so it has no number.
    fn observer(&self, svg: &mut Svg) {
        let Some(x) = self.plan.observer else { return };
        svg.text((x - 3, 44), "head", observer::HEAD);
        svg.line((x, self.plan.row(0)), (x, self.plan.end()), "waits");
        for (load, y) in &self.plan.loads {
            svg.dot((x, *y));
            svg.text((x + 12, y + 4), "halo", &load.text);
            if load.is_stale {
                let beside = x + 12 + 8 * (u32::try_from(load.text.chars().count()).unwrap_or(0) + 2);
                svg.text((beside, y + 4), "mark", STALE);
            }
        }
    }

    fn step(&self, svg: &mut Svg, step: usize, event: &Event) {
        let y = self.plan.row(step);
        svg.text((self.plan.left + 12, y + 4), "faint", &step.to_string());
        let Some((x, y)) = self.plan.place(plan::actor(event), step) else { return };
        // The network has no lifeline. A loss is a cross on the message.
        if !matches!(event, Event::Lost(..)) {
            svg.dot((x, y));
        }
        if self.panel.marks.deciding.contains(&step) {
            svg.ring((x, y));
        }
        let deed = deed(self.setup, self.panel.trace.after(step).driver.attempt, event);
        svg.text((x + 12, y + 4), "halo", &deed);
        if let Some(mark) = self.plan.marks.get(&step) {
            let beside = x + 12 + 8 * (u32::try_from(deed.chars().count()).unwrap_or(0) + 2);
            svg.text((beside, y + 4), "mark", mark);
        }
        if let Some(begins) = plan::begins(self.setup, event) {
            let (left, right) = (self.plan.left + 12, self.plan.right() - 12);
            // The text is beside the lifeline of the controller, where no other line is.
            let after = x + 12 + 8 * u32::try_from(begins.chars().count()).unwrap_or(0);
            svg.line((left, y + 20), (x, y + 20), "across");
            svg.line((after.min(right), y + 20), (right, y + 20), "across");
            svg.text((x + 12, y + 24), "halo", &begins);
        }
    }

    /// A message, from the step that sent it to each step that delivered it.
    fn message(&self, svg: &mut Svg, passage: &Passage) {
        let Some((from, receiver)) = self.ends(passage) else { return };
        let class = match passage.message {
            Message::Notice(notice) if matches!(notice.kind, Kind::Failed(_)) => "failed",
            Message::Notice(_) | Message::Command(_) => "sent",
        };
        for &step in &passage.delivered {
            let Some(to) = self.plan.place(receiver, step) else { continue };
            svg.arrow(from, to, class);
            if self.is_dropped(step) {
                svg.cross(towards(to, from));
            }
        }
        let Some((x, _)) = self.plan.place(receiver, passage.sent) else { return };
        let away = format!("{class} away");
        if let Some(step) = passage.lost {
            let middle = (from.0.midpoint(x), self.plan.row(step));
            svg.line(from, middle, &away);
            svg.cross(middle);
        } else if passage.delivered.is_empty() {
            svg.line(from, (from.0.midpoint(x), self.plan.end()), &away);
        }
    }

    /// The point from which a message was sent, and its receiver (`None` is the controller). Nothing if the sender has
    /// no lifeline.
    fn ends(&self, passage: &Passage) -> Option<(Point, Option<ActorId>)> {
        let (sender, receiver) = match (passage.message, passage.channel) {
            (Message::Notice(notice), _) => (Some(notice.from), None),
            (Message::Command(_), Channel::Commands(actor)) => (None, Some(actor)),
            (Message::Command(_), Channel::Inbox(_)) => return None,
        };
        Some((self.plan.place(sender, passage.sent)?, receiver))
    }

    fn is_dropped(&self, step: usize) -> bool {
        let transition = self.panel.trace.event(step).transition();
        transition.is_some_and(|transition| matches!(transition.reaction, Reaction::Dropped(_)))
    }

    /// The state of each actor at the end.
    fn end(&self, svg: &mut Svg) {
        let y = self.plan.end();
        let is_end = self.setup.model.actions(self.panel.trace.last()).is_empty();
        svg.text((self.plan.left + 12, y + 4), "faint", if is_end { "end" } else { "now" });
        for (id, x) in self.plan.lifelines() {
            svg.text((x + 12, y + 4), "halo head", &standing(self.setup, self.panel, id));
        }
        if !self.plan.absent.is_empty() {
            let alike = self.plan.absent.chunk_by(|one, next| noun(self.setup, *one) == noun(self.setup, *next));
            let actors = alike
                .map(|ids| labels::numbered(noun(self.setup, ids[0]), &ids.iter().map(|id| id.0).collect::<Vec<_>>()));
            let note = format!("not shown, without a step: {}", actors.collect::<Vec<_>>().join(", "));
            svg.text((self.plan.left + 12, y + 30), "faint", &note);
        }
    }
}

/// A point near the first one, in the direction of the second one. A cross there is not hidden by the dot of the first
/// point.
fn towards((x, y): Point, (other_x, other_y): Point) -> Point {
    let part = |from: u32, to: u32, length: f64| {
        let moved = f64::from(from) + (f64::from(to) - f64::from(from)) * 16.0 / length.max(16.0);
        moved.round().max(0.0) as u32
    };
    let length = (f64::from(x) - f64::from(other_x)).hypot(f64::from(y) - f64::from(other_y));
    (part(x, other_x, length), part(y, other_y, length))
}

fn stage_class(stage: Stage) -> &'static str {
    match stage {
        Stage::Starting => "starting",
        Stage::Up => "up",
        Stage::Stopping => "stopping",
        Stage::Ended => "final",
        Stage::Failed(_) => "bad",
    }
}

fn task_class(task: TaskState, runs: impl Fn(TaskState) -> bool) -> &'static str {
    match task.status {
        Status::Live if runs(task) => "runs",
        Status::Live => "waits",
        Status::Panicked(_) | Status::Dead(_) | Status::Hung => "bad",
        Status::Finished => "final",
    }
}

/// The legend of the lines and the signs.
pub(super) fn legend(svg: &mut Svg, top: u32) {
    let lines = [
        ("up", "Running, or a task in run"),
        ("starting", "the controller while it is starting"),
        ("stopping", "stopping"),
        ("bad", "dead, failed or hung"),
        ("final", "ended in good order"),
    ];
    for (row, (class, text)) in (0..).zip(lines) {
        let y = top + 14 + 20 * row;
        svg.line((12, y), (44, y), class);
        svg.text((54, y + 4), "faint", text);
    }
    let (x, y) = (340, top + 14);
    svg.arrow((x, y - 6), (x + 32, y + 6), "sent");
    svg.text((x + 42, y + 4), "faint", "a message, from its sender to its receiver; red: TaskFailed");
    svg.cross((x + 16, y + 20));
    svg.text((x + 42, y + 24), "faint", "the message is dropped, or lost");
    svg.line((x, y + 40), (x + 32, y + 40), "away");
    svg.text((x + 42, y + 44), "faint", "lost, or still under way");
    svg.ring((x + 16, y + 60));
    svg.text((x + 42, y + 64), "faint", "the order of these two steps decides");
}
