//! A schedule as a sequence diagram for Mermaid, which GitHub and many other tools draw.
//!
//! 1. It is made from events alone, so the trace can come from real threads or from the explorer.
//! 2. Steps are numbered as in a table. A notice that the controller drops ends in a cross.
//! 3. Names that users chose are escaped, so that no character in them has a meaning in Mermaid.

use super::labels;
use super::names::Names;
use super::observer;
use crate::core::{Attempt, Controller, Effect, TaskState, Via};
use crate::model::Channel;
use crate::scenario::Setup;
use crate::threads::Load;
use crate::transition::{Event, Reaction, Transition};

/// The diagram of the events, and of what the observer of a run on threads read.
pub fn diagram<C: Controller>(setup: &Setup<C>, events: &[Event], loads: &[Load]) -> String {
    let mut diagram = Diagram {
        setup,
        attempts: vec![Attempt(1); setup.model.actors().count()],
        attempt: Attempt(1),
        lines: vec!["sequenceDiagram".to_string()],
    };
    diagram.participants();
    if !loads.is_empty() {
        diagram.lines.push("participant o as observer".to_string());
    }
    diagram.loads(loads, 0);
    for (index, event) in events.iter().enumerate() {
        diagram.step(index + 1, event);
        diagram.loads(loads, index + 1);
    }
    diagram.standing(events);
    diagram.lines.join("\n  ") + "\n"
}

struct Diagram<'a, C> {
    setup: &'a Setup<C>,
    /// The attempt of each task.
    attempts: Vec<Attempt>,
    attempt: Attempt,
    lines: Vec<String>,
}

impl<C: Controller> Diagram<'_, C> {
    fn participants(&mut self) {
        let workers = self.setup.model.inboxes();
        for (id, actor) in self.setup.model.actors() {
            let name = escaped(&actor.name);
            let name = if actor.is_task { format!("task {} ({name})", id.0) } else { format!("{name} (helper)") };
            self.lines.push(format!("participant t{} as {name}", id.0));
        }
        for worker in 1..=workers {
            let name = if workers > 1 { format!("inbox {worker}") } else { "inbox".to_string() };
            self.lines.push(format!("participant i{worker} as {name}"));
        }
        self.lines.push("participant c as controller".to_string());
    }

    fn step(&mut self, number: usize, event: &Event) {
        let model = &self.setup.model;
        let deed = escaped(&labels::deed(self.setup, self.attempt, event));
        self.lines.push(match event {
            Event::Task { task, called: Some(_), .. } => format!("t{}->>c: {number} {deed}", task.0),
            Event::Task { task, step, sent: Some(notice), .. } => {
                let line = model.actor(*task).script.lines.iter().find(|line| line.step == *step);
                let inbox = match line.map(|line| line.via) {
                    Some(Via::Inbox(inbox)) => inbox,
                    _ => model.actor(*task).worker,
                };
                let notice = labels::notice(*notice, Names::of(model));
                format!("t{}->>i{}: {number} {deed}: {}", task.0, inbox.0, escaped(&notice))
            }
            Event::Task { task, sent: None, .. } => format!("Note over t{}: {number} {deed}", task.0),
            Event::Controller { inbox: Some(worker), redelivered, transition } => {
                format!("i{}{}c: {number} {deed}", worker.0, arrow(transition.reaction, *redelivered))
            }
            Event::Controller { inbox: None, .. } => format!("Note over c: {number} {deed}"),
            Event::Lost(Channel::Inbox(worker), _) => format!("Note over i{}: {number} {deed}", worker.0),
            Event::Lost(Channel::Commands(actor), _) => format!("Note over t{}: {number} {deed}", actor.0),
        });
        if let Some(transition) = event.transition() {
            self.changes(transition);
        }
    }

    /// What the observer read after this many steps.
    fn loads(&mut self, loads: &[Load], after: usize) {
        let now = loads.iter().filter(|load| load.after == after);
        self.lines.extend(now.map(|load| format!("Note over o: reads {}", escaped(&observer::text(load.read)))));
    }

    /// A phase that changed, and an attempt that began.
    fn changes(&mut self, transition: &Transition) {
        if transition.before != transition.after {
            self.lines.push(format!(
                "Note over c: {}",
                escaped(&labels::phase(transition.after, Names::of(&self.setup.model)))
            ));
        }
        for effect in &transition.effects {
            self.attempt.0 += u8::from(effect.begins());
            match effect {
                Effect::Retry => {
                    let actors = self.attempts.iter_mut().zip(self.setup.model.actors());
                    actors.filter(|(_, (_, actor))| actor.renewed).for_each(|(attempt, _)| *attempt = self.attempt);
                }
                Effect::Restart(id) => self.attempts[id.index()] = self.attempt,
                Effect::Send(..) | Effect::Reannounce => {}
            }
        }
        if let Some(begins) = labels::attempt_begins(self.setup, transition) {
            self.lines.push(format!("Note over t1,c: {}", escaped(&begins)));
        }
    }

    /// The state of each task of the current attempt at the end.
    fn standing(&mut self, events: &[Event]) {
        for (id, _) in self.setup.model.actors() {
            let now = self.attempts[id.index()];
            let own = |event: &Event| match *event {
                Event::Task { attempt, task, state, .. } if (attempt, task) == (now, id) => Some(state),
                Event::Task { .. } | Event::Controller { .. } | Event::Lost(..) => None,
            };
            let state = events.iter().rev().find_map(own).unwrap_or(TaskState::new(now));
            let stands = labels::standing(state, &self.setup.model.actor(id).script);
            self.lines.push(format!("Note over t{}: {stands}", id.0));
        }
    }
}

/// The arrow of a delivery. It has a cross if the notice is dropped, and is dashed if the notice stays.
fn arrow(reaction: Reaction, kept: bool) -> &'static str {
    match (reaction, kept) {
        (Reaction::Dropped(_), false) => "-x",
        (Reaction::Dropped(_), true) => "--x",
        (_, false) => "->>",
        (_, true) => "-->>",
    }
}

/// Escapes a text: only letters, digits, blanks and harmless marks are left. The word `end` is escaped too, because it
/// would end a block.
fn escaped(text: &str) -> String {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let plain = |c: char| is_letter(c) || " ()@:,.'-".contains(c);
    let mut shown = String::new();
    for (at, c) in text.char_indices() {
        let begins_word = !text[..at].ends_with(is_letter);
        let word = text[at..].split(|c| !is_letter(c)).next().unwrap_or_default();
        let is_end = begins_word && word.eq_ignore_ascii_case("end");
        if plain(c) && !is_end { shown.push(c) } else { shown.push_str(&format!("#{};", u32::from(c))) }
    }
    shown
}
