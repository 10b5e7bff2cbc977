//! A schedule as a sequence diagram of Mermaid, which GitHub and many others draw.
//!
//! 1. It is made from events alone: a trace of real threads will do as well as one of the explorer.
//! 2. Steps are numbered as in a table. A notice that the controller drops ends in a cross.
//! 3. Names that people chose are written so that no character of theirs means anything to Mermaid.

use super::words;
use crate::core::{Attempt, Controller, TaskState};
use crate::scenario::{Setup};
use crate::transition::{Event, Reaction, Transition};

/// The diagram of what happened.
pub fn diagram<C: Controller>(setup: &Setup<C>, events: &[Event]) -> String {
    let mut diagram = Diagram { setup, attempt: Attempt(1), lines: vec!["sequenceDiagram".to_string()] };
    diagram.participants();
    for (index, event) in events.iter().enumerate() {
        diagram.step(index + 1, event);
    }
    diagram.standing(events);
    diagram.lines.join("\n  ") + "\n"
}

struct Diagram<'a, C> {
    setup: &'a Setup<C>,
    attempt: Attempt,
    lines: Vec<String>,
}

impl<C: Controller> Diagram<'_, C> {
    fn participants(&mut self) {
        let scenario = &self.setup.scenario;
        let workers = scenario.workers();
        for (index, task) in scenario.tasks().iter().enumerate() {
            let number = index + 1;
            self.lines.push(format!("participant t{number} as task {number} ({})", escaped(&task.name)));
        }
        for worker in 1..=workers {
            let name = if workers > 1 { format!("inbox {worker}") } else { "inbox".to_string() };
            self.lines.push(format!("participant i{worker} as {name}"));
        }
        self.lines.push("participant c as controller".to_string());
    }

    fn step(&mut self, number: usize, event: &Event) {
        let scenario = &self.setup.scenario;
        let deed = escaped(&words::deed(scenario, self.attempt, event));
        self.lines.push(match *event {
            Event::Task { task, sent: Some(notice), .. } => {
                let notice = words::notice(notice, scenario.rules().attempts > 1);
                format!("t{}->>i{}: {number} {deed}: {}", task.0, scenario.task(task).worker.0, escaped(&notice))
            }
            Event::Task { task, sent: None, .. } => format!("Note over t{}: {number} {deed}", task.0),
            Event::Controller { inbox: Some(worker), kept, received } => {
                format!("i{}{}c: {number} {deed}", worker.0, arrow(received.reaction, kept))
            }
            Event::Controller { inbox: None, .. } => format!("Note over c: {number} {deed}"),
        });
        if let Event::Controller { transition, .. } = event {
            self.changes(received);
        }
    }

    /// A phase that changed, and an attempt that began.
    fn changes(&mut self, received: &Transition) {
        if received.before != received.after {
            self.lines.push(format!("Note over c: {}", escaped(&words::phase(received.after))));
        }
        if let Some(began) = received.began {
            self.attempt = began;
            let begins = words::attempt_begins(&self.setup.scenario, began);
            self.lines.push(format!("Note over t1,c: {}", escaped(&begins)));
        }
    }

    /// How each task of the current attempt stands after all of it.
    fn standing(&mut self, events: &[Event]) {
        for id in self.setup.scenario.ids() {
            let own = |event: &Event| match *event {
                Event::Task { attempt, task, life, .. } if (attempt, task) == (self.attempt, id) => Some(life),
                Event::Task { .. } | Event::Controller { .. } => None,
            };
            let life = events.iter().rev().find_map(own).unwrap_or(Life::NEW);
            self.lines.push(format!("Note over t{}: {}", id.0, words::standing(life, &self.setup.sequence)));
        }
    }
}

/// The arrow of a delivery: with a cross where it is dropped, dashed where the notice stays.
fn arrow(reaction: Reaction, kept: bool) -> &'static str {
    match (reaction, kept) {
        (Reaction::Dropped(_), false) => "-x",
        (Reaction::Dropped(_), true) => "--x",
        (_, false) => "->>",
        (_, true) => "-->>",
    }
}

/// Text in which only letters, digits, blanks and harmless marks stand for themselves.
fn escaped(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " _()@:,.'-".contains(c);
    text.chars().map(|c| if plain(c) { c.to_string() } else { format!("#{};", u32::from(c)) }).collect()
}
