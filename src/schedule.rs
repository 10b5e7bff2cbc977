//! A schedule, and its text.

use std::str::FromStr;

use crate::core::{ActorId, Attempt, WorkerId};
use crate::model::{Action, Channel};
use crate::scenario::names;

/// Actions in the order in which they are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Schedule(pub Vec<Action>);

impl Schedule {
    /// The schedule as text: `2 1 c`. If there are several inboxes, they are numbered: `c1`.
    pub fn text(&self, inboxes: u8) -> String {
        self.0.iter().map(|action| word(*action, inboxes)).collect::<Vec<_>>().join(" ")
    }
}

fn word(action: Action, inboxes: u8) -> String {
    let of = |letter, channel| match channel {
        Channel::Inbox(_) if inboxes == 1 => format!("{letter}"),
        Channel::Inbox(worker) => format!("{letter}{}", worker.0),
        Channel::Commands(actor) => format!("{letter}@{}", actor.0),
    };
    match action {
        Action::Step(actor) => actor.0.to_string(),
        Action::Linger(attempt, task) => format!("{}@{}", task.0, attempt.0),
        Action::Receive(worker) => of('c', Channel::Inbox(worker)),
        Action::Redeliver(channel) => of('d', channel),
        Action::Lose(channel) => of('l', channel),
        Action::Stop => "s".to_string(),
        Action::TimeOut => "t".to_string(),
        Action::Crash => "x".to_string(),
    }
}

/// A word of a schedule that names no action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleError {
    /// Its position, counted from 1.
    pub step: usize,
    /// The word.
    pub word: String,
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let read = |(index, word): (usize, &str)| {
            action(word).ok_or_else(|| ScheduleError { step: index + 1, word: word.to_string() })
        };
        text.split_whitespace().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }
}

fn action(word: &str) -> Option<Action> {
    match word {
        "s" => return Some(Action::Stop),
        "t" => return Some(Action::TimeOut),
        "x" => return Some(Action::Crash),
        _ => {}
    }
    if let Some(inbox) = word.strip_prefix('c') {
        return worker(inbox).map(Action::Receive);
    }
    if let Some(of) = word.strip_prefix('d') {
        return channel(of).map(Action::Redeliver);
    }
    if let Some(of) = word.strip_prefix('l') {
        return channel(of).map(Action::Lose);
    }
    match word.split_once('@') {
        Some((task, attempt)) => Some(Action::Linger(Attempt(number(attempt)?), ActorId(number(task)?))),
        None => number(word).map(|actor| Action::Step(ActorId(actor))),
    }
}

/// `2`, `@3`, or nothing for the first inbox.
fn channel(text: &str) -> Option<Channel> {
    match text.strip_prefix('@') {
        Some(actor) => number(actor).map(|actor| Channel::Commands(ActorId(actor))),
        None => worker(text).map(Channel::Inbox),
    }
}

fn worker(text: &str) -> Option<WorkerId> {
    if text.is_empty() { Some(WorkerId(1)) } else { number(text).map(WorkerId) }
}

/// A number from 1, without a sign.
fn number(text: &str) -> Option<u8> {
    names::number(text).filter(|&number: &u8| number > 0)
}
