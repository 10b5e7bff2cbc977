//! A schedule as a table: one row for each step, one column for each task or helper, and the controller last.
//!
//! 1. A row is never broken. If the columns are too wide for the given width, they are narrowed. If that is not enough,
//!    shorter words are used; then tasks that take no step are left out; then the tasks that do not fit share one
//!    column, in which each step has its task's number. A note below the table says which tasks are left out or share a
//!    column. If names are too long even then, they are replaced by numbers.
//! 2. A retry is a horizontal line. A step in a lingering attempt has the attempt as a tag: `arrive @1`.
//! 3. The last rows show the state of each actor, one row for each attempt: `end` if no actor can move, `now` if one
//!    can.
//! 4. What the observer of a run on threads read has a column of its own. Its rows have no number, because a load is
//!    not a step.
//! 5. Two kinds of step are marked: one in which a failure was lost, and the one that broke the claim. Both are
//!    computed from the states. If no step broke the claim, the end did.

use unicode_width::UnicodeWidthStr;

use super::foreign::escaped;
use super::labels;
use super::layout::{Paint, Style, fill};
use super::names::Names;
use super::observer;
use crate::claims::Claim;
use crate::core::{ActorId, Attempt, Controller, Stage, Status, TaskState};
use crate::explore::explain::annotations;
use crate::explore::trace::Trace;
use crate::model::Actor;
use crate::scenario::Setup;
use crate::threads::Load;
use crate::transition::Event;

const LOST: &str = "<- lost here";
const BROKEN: &str = "<- claim broken";
const STALE: &str = "<- stale";

/// The table of a schedule. If a claim is given, the step that broke it is marked.
pub fn table<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, claim: Option<&Claim<C>>, style: Style) -> String {
    let broken = claim.and_then(|claim| annotations::broken(setup, trace, claim));
    laid_out(&Content { setup, trace, lost: annotations::lost(trace), broken, loads: Vec::new() }, style)
}

/// The table of a run on threads, with a column for its observer.
pub fn observed<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, loads: &[Load], style: Style) -> String {
    let loads = observer::rows(setup, trace, loads);
    laid_out(&Content { setup, trace, lost: annotations::lost(trace), broken: None, loads }, style)
}

/// The table of a schedule without marks, because a player is asked what they would show.
pub fn unmarked<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, style: Style) -> String {
    laid_out(&Content { setup, trace, lost: Vec::new(), broken: None, loads: Vec::new() }, style)
}

fn laid_out<C: Controller>(content: &Content<'_, C>, style: Style) -> String {
    let layouts = layouts(content);
    let fits = |layout: &&Layout| layout.draw(content).width() <= style.columns();
    match layouts.iter().find(fits) {
        Some(layout) => layout.text(content, &[], style),
        None => by_number(content, style),
    }
}

/// The narrowest table, in which numbers replace names that are too long.
fn by_number<C: Controller>(content: &Content<'_, C>, style: Style) -> String {
    let mut setup = content.setup.clone();
    let number = |(number, actor): (usize, &mut Actor)| {
        let name = std::mem::replace(&mut actor.name, number.to_string().into());
        format!("{number} is {}", escaped(&name))
    };
    let legend: Vec<String> = (1..).zip(&mut setup.model.actors).map(number).collect();
    let (lost, loads) = (content.lost.clone(), content.loads.clone());
    let content = Content { setup: &setup, lost, loads, ..*content };
    let layouts = layouts(&content);
    let fits = |layout: &&Layout| layout.draw(&content).width() <= style.columns();
    let layout = layouts.iter().find(fits).unwrap_or(&layouts[layouts.len() - 1]);
    layout.text(&content, &[legend.join(", ")], style)
}

/// The content of a table.
struct Content<'a, C> {
    setup: &'a Setup<C>,
    trace: &'a Trace<C>,
    lost: Vec<usize>,
    broken: Option<usize>,
    /// What the observer read. Without a load, the observer has no column.
    loads: Vec<observer::Row>,
}

/// The widths of the columns, and the tasks that have their own column.
struct Layout {
    short: bool,
    gap: usize,
    least: usize,
    own: Vec<ActorId>,
    shared: Vec<ActorId>,
    absent: Vec<ActorId>,
}

/// The possible layouts. The first one that fits is used.
fn layouts<C: Controller>(content: &Content<'_, C>) -> Vec<Layout> {
    let all: Vec<ActorId> = content.setup.model.actors().map(|(id, _)| id).collect();
    let layout = |short, gap, least| Layout { short, gap, least, own: all.clone(), shared: vec![], absent: vec![] };
    let mut layouts =
        vec![layout(false, 2, 17), layout(false, 2, 0), layout(false, 1, 0), layout(true, 2, 0), layout(true, 1, 0)];
    let (active, absent): (Vec<ActorId>, Vec<ActorId>) = all.iter().partition(|&&task| content.acts(task));
    let by_weight = content.by_weight(&active);
    for own in (0..=active.len()).rev() {
        let (mut own, mut shared) = (by_weight[..own].to_vec(), by_weight[own..].to_vec());
        own.sort();
        shared.sort();
        layouts.push(Layout { short: true, gap: 1, least: 0, own, shared, absent: absent.clone() });
    }
    layouts
}

impl<C: Controller> Content<'_, C> {
    fn acts(&self, task: ActorId) -> bool {
        self.trace.events.iter().any(|event| matches!(*event, Event::Task { task: other, .. } if other == task))
    }

    /// Orders the tasks. Those that die come first, because they matter most.
    fn by_weight(&self, tasks: &[ActorId]) -> Vec<ActorId> {
        let dies = |task: ActorId| {
            let attempts = self.trace.worlds.iter().flat_map(|world| &world.attempts);
            attempts
                .filter_map(|states| states.get(task.index()).map(|state| state.status))
                .any(|it| matches!(it, Status::Dead(_) | Status::Panicked(_)))
        };
        let (dead, alive): (Vec<ActorId>, Vec<ActorId>) = tasks.iter().partition(|&&task| dies(task));
        [dead, alive].concat()
    }

    fn names(&self) -> Names<'_> {
        Names::of(&self.setup.model)
    }

    /// The name of a task in a shared column: `2`, or its own name.
    fn short_name(&self, id: ActorId) -> String {
        if self.names().are_own() { self.names().one(id) } else { id.0.to_string() }
    }

    /// The heading for the tasks without a column of their own.
    fn others(&self, are_all: bool) -> &'static str {
        match (self.names().are_own(), are_all) {
            (false, true) => "tasks",
            (false, false) => "other tasks",
            (true, true) => "actors",
            (true, false) => "other actors",
        }
    }

    /// Names of actors, as short as possible.
    fn spans(&self, ids: &[ActorId]) -> String {
        if self.names().are_own() { self.names().several(ids) } else { spans("task", ids) }
    }

    /// A word of the first column.
    fn label(&self, text: &str) -> String {
        let width = self.trace.events.len().to_string().len().max(3);
        format!("{text:>width$}")
    }

    fn stands(&self, task: ActorId, state: TaskState) -> &'static str {
        labels::standing(state, &self.setup.model.actor(task).script)
    }
}

/// A row before layout.
enum Row {
    Cells { label: String, cells: Vec<String>, mark: Option<&'static str> },
    Line(String),
}

impl Row {
    /// Adds empty cells up to the column of this number.
    fn fill_to(&mut self, column: usize) {
        if let Self::Cells { cells, .. } = self {
            cells.resize(column + 1, ".".to_string());
        }
    }
}

/// Rows with the widths of their columns.
struct Drawn {
    rows: Vec<Row>,
    widths: Vec<usize>,
    gap: usize,
}

impl Layout {
    /// The table, and notes below it.
    fn text<C: Controller>(&self, content: &Content<'_, C>, notes: &[String], style: Style) -> String {
        let mut text = self.draw(content).text(style);
        for note in self.footnotes(content).iter().chain(notes) {
            for line in fill(note, style.columns() - 5) {
                text.push_str(&format!("     {line}\n"));
            }
        }
        text
    }

    fn draw<C: Controller>(&self, content: &Content<'_, C>) -> Drawn {
        let mut rows = vec![self.head(content)];
        rows.extend(self.loads(content, 0));
        for (step, event) in content.trace.steps() {
            rows.push(self.step(content, step, event));
            let begins = event.transition().and_then(|it| labels::attempt_begins(content.setup, it));
            rows.extend(begins.map(Row::Line));
            rows.extend(self.loads(content, step));
        }
        rows.extend(self.standing(content));
        let last = self.columns() - usize::from(content.loads.is_empty());
        if !content.loads.is_empty() {
            rows.iter_mut().for_each(|row| row.fill_to(last));
        }
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| match row {
                Row::Cells { cells, mark, .. } if column < last || mark.is_some() => Some(cells[column].width()),
                Row::Cells { .. } | Row::Line(_) => None,
            });
            cells.max().unwrap_or(0).max(if column < last { self.least } else { 0 })
        };
        let widths = (0..=last).map(width).collect();
        Drawn { rows, widths, gap: self.gap }
    }

    fn columns(&self) -> usize {
        self.own.len() + usize::from(!self.shared.is_empty()) + 1
    }

    fn head<C: Controller>(&self, content: &Content<'_, C>) -> Row {
        let mut cells: Vec<String> = self.own.iter().map(|&id| content.names().one(id)).collect();
        if !self.shared.is_empty() {
            cells.push(content.others(self.own.is_empty()).to_string());
        }
        cells.push("controller".to_string());
        if !content.loads.is_empty() {
            cells.push(observer::HEAD.to_string());
        }
        Row::Cells { label: content.label("#"), cells, mark: None }
    }

    fn step<C: Controller>(&self, content: &Content<'_, C>, step: usize, event: &Event) -> Row {
        let mut cells = vec![".".to_string(); self.columns()];
        let current = content.trace.after(step).driver.attempt;
        match event {
            Event::Task { task, .. } => {
                let text = self.task_cell(content, event, current);
                match self.own.iter().position(|own| own == task) {
                    Some(column) => cells[column] = text,
                    None => cells[self.own.len()] = format!("{} {text}", content.short_name(*task)),
                }
            }
            Event::Controller { .. } | Event::Lost(..) => {
                cells[self.columns() - 1] = labels::controller_deed(content.setup, event, self.short);
            }
        }
        let mark = match step {
            step if content.broken == Some(step) => Some(BROKEN),
            step if content.lost.contains(&step) => Some(LOST),
            _ => None,
        };
        Row::Cells { label: content.label(&step.to_string()), cells, mark }
    }

    /// What the observer read after a step.
    fn loads<C: Controller>(&self, content: &Content<'_, C>, after: usize) -> Vec<Row> {
        let row = |load: &observer::Row| {
            let mut cells = vec![".".to_string(); self.columns()];
            cells.push(load.text.clone());
            Row::Cells { label: content.label(""), cells, mark: load.is_stale.then_some(STALE) }
        };
        content.loads.iter().filter(|load| load.after == after).map(row).collect()
    }

    fn task_cell<C: Controller>(&self, content: &Content<'_, C>, event: &Event, current: Attempt) -> String {
        match *event {
            Event::Task { attempt, step, state, command, called: None, .. } if self.short => {
                let tag = if attempt == current { String::new() } else { format!(" @{}", attempt.0) };
                format!("{}{tag}", labels::with_command(labels::task_event_short(step, state), command))
            }
            _ => labels::deed(content.setup, current, event),
        }
    }

    /// The states of the actors: a row for the current attempt, and one for each lingering attempt.
    fn standing<C: Controller>(&self, content: &Content<'_, C>) -> Vec<Row> {
        let world = content.trace.last();
        let is_end = content.setup.model.actions(world).is_empty();
        let phase = match world.phase() {
            failed if matches!(failed.stage, Stage::Failed(_)) && !self.short => labels::phase(failed, content.names()),
            other => escaped(other.name).into_owned(),
        };
        let row = |(index, states): (usize, &Vec<TaskState>)| {
            let stands = |task: &ActorId| match states.get(task.index()) {
                Some(&state) => self.stands(content, *task, state),
                None => ".".to_string(),
            };
            let mut cells: Vec<String> = self.own.iter().map(stands).collect();
            cells.resize(self.columns(), ".".to_string());
            let label = match index {
                0 => {
                    cells[self.columns() - 1].clone_from(&phase);
                    if is_end { "end".to_string() } else { "now".to_string() }
                }
                _ => format!("@{}", states[0].attempt.0),
            };
            let mark = (index == 0 && content.broken == Some(0)).then_some(BROKEN);
            Row::Cells { label: content.label(&label), cells, mark }
        };
        world.attempts.iter().enumerate().map(row).collect()
    }

    fn stands<C: Controller>(&self, content: &Content<'_, C>, task: ActorId, state: TaskState) -> String {
        let script = &content.setup.model.actor(task).script;
        if self.short { labels::standing_short(state, script) } else { labels::standing(state, script) }.to_string()
    }

    /// The notes: the actors without a column, and the states of those that share one.
    fn footnotes<C: Controller>(&self, content: &Content<'_, C>) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.absent.is_empty() {
            notes.push(format!("not shown, without a step: {}", content.spans(&self.absent)));
        }
        if self.shared.is_empty() {
            return notes;
        }
        let world = content.trace.last();
        for (index, states) in world.attempts.iter().enumerate() {
            let mut groups: Vec<(&str, Vec<ActorId>)> = Vec::new();
            for &task in self.shared.iter().filter(|task| task.index() < states.len()) {
                let stands = content.stands(task, states[task.index()]);
                match groups.iter_mut().find(|(other, _)| *other == stands) {
                    Some((_, tasks)) => tasks.push(task),
                    None => groups.push((stands, vec![task])),
                }
            }
            let groups = groups.iter().map(|(stands, tasks)| format!("{stands} ({})", content.spans(tasks)));
            let of = if index == 0 { String::new() } else { format!(" of attempt {}", states[0].attempt.0) };
            let at = if content.setup.model.actions(world).is_empty() { "at the end" } else { "by now" };
            let others = content.others(false);
            notes.push(format!("the {others}{of} {at}: {}", groups.collect::<Vec<_>>().join("; ")));
        }
        notes
    }
}

/// Names of tasks, as short as possible: `tasks 1, 3-5`.
fn spans(noun: &str, tasks: &[ActorId]) -> String {
    let numbers: Vec<u8> = tasks.iter().map(|task| task.0).collect();
    let runs = numbers.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
        [one] => one.to_string(),
        run => format!("{}-{}", run[0], run[run.len() - 1]),
    });
    let plural = if numbers.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", runs.collect::<Vec<_>>().join(", "))
}

impl Drawn {
    fn line(&self, row: &Row) -> (String, Option<&'static str>) {
        match row {
            Row::Line(text) => (format!("   -- {text} --"), None),
            Row::Cells { label, cells, mark } => {
                let mut line = label.clone();
                let mut gap = 2;
                for (cell, width) in cells.iter().zip(&self.widths) {
                    line.push_str(&" ".repeat(gap));
                    line.push_str(cell);
                    line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
                    gap = self.gap;
                }
                match mark {
                    Some(mark) => (format!("{line}{}", " ".repeat(self.gap)), Some(*mark)),
                    None => (line.trim_end().to_string(), None),
                }
            }
        }
    }

    fn width(&self) -> usize {
        let width = |(line, mark): (String, Option<&str>)| line.width() + mark.map_or(0, str::len);
        self.rows.iter().map(|row| width(self.line(row))).max().unwrap_or(0)
    }

    fn text(&self, style: Style) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let (line, mark) = self.line(row);
            text.push_str(&line);
            text.push_str(&mark.map_or(String::new(), |mark| style.paint(mark, Paint::Bad)));
            text.push('\n');
        }
        text
    }
}
