//! The positions of lifelines and steps.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::svg::Point;
use super::{Panel, draw};
use crate::core::{ActorId, Controller};
use crate::scenario::Setup;
use crate::show::labels;
use crate::show::observer::{self, Row};
use crate::transition::Event;

/// The width of a character of the font, rounded up.
const CHARACTER: u32 = 8;
const ROW: u32 = 26;
/// The space from the top to the first row, for the heading and the names of the actors.
const HEAD: u32 = 74;
/// The space for the number of a step.
const NUMBERS: u32 = 44;
/// The smallest space between two lifelines, which an arrow needs.
const LEAST: u32 = 90;
/// If there are more actors than this, those that take no step have no lifeline.
const MANY: usize = 8;

/// The positions in one panel.
pub(super) struct Plan {
    pub left: u32,
    /// Each actor that has a lifeline, with its distance from the left. The controller is last.
    lifelines: Vec<(Option<ActorId>, u32)>,
    /// The actors without a lifeline.
    pub absent: Vec<ActorId>,
    /// The marks of the steps that have one.
    pub marks: BTreeMap<usize, &'static str>,
    /// The vertical position of each step. Step 0 is the first state.
    rows: Vec<u32>,
    /// What the observer read, with the vertical positions.
    pub loads: Vec<(Row, u32)>,
    /// The lifeline of the observer, if there is one.
    pub observer: Option<u32>,
    end: u32,
    right: u32,
}

impl Plan {
    pub fn of<C: Controller>(setup: &Setup<C>, panel: &Panel<'_, C>, left: u32) -> Self {
        let acts = |id: &ActorId| panel.trace.events.iter().any(|event| actor(event) == Some(*id));
        let ids: Vec<ActorId> = setup.model.actors().map(|(id, _)| id).collect();
        let (shown, absent) = if ids.len() > MANY { ids.into_iter().partition(acts) } else { (ids, Vec::new()) };
        let marks = draw::marks(setup, panel);
        let mut at = left + NUMBERS;
        let mut lifelines = Vec::new();
        for id in shown.into_iter().map(Some).chain([None]) {
            lifelines.push((id, at));
            at += (widest(setup, panel, &marks, id) * CHARACTER + 24).max(LEAST);
        }
        let (rows, loads, end) = rows(setup, panel);
        let observer = (!loads.is_empty()).then_some(at);
        let read =
            loads.iter().map(|(load, _)| load.text.width() + if load.is_stale { draw::STALE.width() + 2 } else { 0 });
        at += read.max().map_or(0, |most| (u32::try_from(most).unwrap_or(0) * CHARACTER + 24).max(LEAST));
        let widest = u32::try_from(panel.heading.width()).unwrap_or(u32::MAX / CHARACTER / 4) * CHARACTER;
        Self { left, lifelines, absent, marks, rows, loads, observer, end, right: at.max(left + 24 + widest) + 24 }
    }

    /// The position of a step on the lifeline of an actor, or of the controller (`None`). No position if the actor has
    /// no lifeline.
    pub fn place(&self, actor: Option<ActorId>, step: usize) -> Option<Point> {
        self.lifelines.iter().find(|(other, _)| *other == actor).map(|&(_, x)| (x, self.rows[step]))
    }

    /// Each lifeline: the actor (`None` is the controller), and its distance from the left.
    pub fn lifelines(&self) -> impl Iterator<Item = (Option<ActorId>, u32)> + '_ {
        self.lifelines.iter().copied()
    }

    pub fn row(&self, step: usize) -> u32 {
        self.rows[step]
    }

    /// The row of the last state.
    pub fn end(&self) -> u32 {
        self.end
    }

    pub fn bottom(&self) -> u32 {
        self.end() + if self.absent.is_empty() { ROW } else { 2 * ROW }
    }

    pub fn right(&self) -> u32 {
        self.right
    }
}

/// The actor that took a step. `None` is the controller, the network or the user.
pub(super) fn actor(event: &Event) -> Option<ActorId> {
    event.task_run().map(|run| run.task)
}

/// The largest number of characters beside a lifeline.
fn widest<C: Controller>(
    setup: &Setup<C>,
    panel: &Panel<'_, C>,
    marks: &BTreeMap<usize, &'static str>,
    id: Option<ActorId>,
) -> u32 {
    let own = panel.trace.steps().filter(|(_, event)| actor(event) == id).map(|(step, event)| {
        let deed = draw::deed(setup, panel.trace.after(step).driver.attempt, event);
        let mark = marks.get(&step).map_or(0, |mark| mark.width() + 2);
        let begins = begins(setup, event).map_or(0, |begins| begins.width());
        (deed.width() + mark).max(begins)
    });
    let [title, name] = draw::title(setup, id);
    let most = own.chain([title.width(), name.width(), draw::standing(setup, panel, id).width()]).max();
    u32::try_from(most.unwrap_or(0)).unwrap_or(u32::MAX / CHARACTER / 4)
}

/// The text about an attempt that a step begins.
pub(super) fn begins<C>(setup: &Setup<C>, event: &Event) -> Option<String> {
    event.transition().and_then(|transition| labels::attempt_begins(setup, transition))
}

/// The vertical position of each step, of each load of the observer, and of the last state. A step that begins an
/// attempt has a horizontal line below it.
fn rows<C: Controller>(setup: &Setup<C>, panel: &Panel<'_, C>) -> (Vec<u32>, Vec<(Row, u32)>, u32) {
    let mut read = observer::rows(setup, panel.trace, panel.loads).into_iter().peekable();
    let (mut at, mut rows, mut loads) = (HEAD, Vec::new(), Vec::new());
    for step in 0..=panel.trace.events.len() {
        if step > 0 {
            at += ROW;
        }
        rows.push(at);
        let event = (step > 0).then(|| panel.trace.event(step));
        at += if event.is_some_and(|event| begins(setup, event).is_some()) { ROW } else { 0 };
        while let Some(load) = read.next_if(|load| load.after == step) {
            at += ROW;
            loads.push((load, at));
        }
    }
    (rows, loads, at + ROW)
}
