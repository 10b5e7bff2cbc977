//! The messages of a trace: for each one, the step that sent it, the steps that delivered it, and whether it was lost.
//!
//! A channel is first in, first out. So the actions determine which message leaves it, and the states show which ones
//! were added.

use std::collections::{BTreeMap, VecDeque};

use super::trace::Trace;
use crate::core::{ActorId, Controller, WorkerId};
use crate::model::{Action, Channel, Message, Model, World};
use crate::transition::Event;

/// A message of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The channel that it went through.
    pub channel: Channel,
    /// The message.
    pub message: Message,
    /// The step that sent it.
    pub sent: usize,
    /// The steps that delivered it. If the network repeats a delivery, the message stays in the channel and can be
    /// delivered again, or be lost.
    pub delivered: Vec<usize>,
    /// The step in which the network lost it.
    pub lost: Option<usize>,
}

/// Every message of a trace, in the order in which they were sent.
pub fn passages<C: Controller>(model: &Model<C>, trace: &Trace<C>) -> Vec<Passage> {
    let (mut all, mut under_way): (Vec<Passage>, BTreeMap<Channel, VecDeque<usize>>) = Default::default();
    for (index, (step, event)) in trace.steps().enumerate() {
        if let Some((channel, fate)) = taken(trace.schedule.0[index], event) {
            let queue = under_way.entry(channel).or_default();
            let oldest = if fate == Taken::Repeated { queue.front().copied() } else { queue.pop_front() };
            let passage = oldest.map(|oldest| &mut all[oldest]);
            match (passage, fate) {
                (Some(passage), Taken::Lost) => passage.lost = Some(step),
                (Some(passage), Taken::Delivered | Taken::Repeated) => passage.delivered.push(step),
                (None, _) => {}
            }
        }
        for (channel, messages) in contents(model, trace.after(step)) {
            let queue = under_way.entry(channel).or_default();
            for message in messages.into_iter().skip(queue.len()) {
                queue.push_back(all.len());
                all.push(Passage { channel, message, sent: step, delivered: Vec::new(), lost: None });
            }
        }
    }
    all
}

/// What an action does to the oldest message of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Delivered,
    Repeated,
    Lost,
}

/// The channel whose oldest message an action delivered, repeated or lost, and which of these it did.
fn taken(action: Action, event: &Event) -> Option<(Channel, Taken)> {
    match (action, event) {
        (Action::Receive(worker), _) => Some((Channel::Inbox(worker), Taken::Delivered)),
        (Action::Redeliver(channel), _) => Some((channel, Taken::Repeated)),
        (Action::Lose(channel), _) => Some((channel, Taken::Lost)),
        (_, Event::Task { task, command: Some(_), .. }) => Some((Channel::Commands(*task), Taken::Delivered)),
        _ => None,
    }
}

/// The contents of every channel in a state, oldest message first.
fn contents<C: Controller>(model: &Model<C>, world: &World<C>) -> Vec<(Channel, Vec<Message>)> {
    let inboxes = world.inboxes.iter().zip(1..).map(|(queue, worker)| {
        let notices = queue.iter().map(|&queued| Message::Notice(model.notice(queued)));
        (Channel::Inbox(WorkerId(worker)), notices.collect())
    });
    let commands = world.commands.iter().enumerate().map(|(index, queue)| {
        (Channel::Commands(ActorId::at(index)), queue.iter().map(|&command| Message::Command(command)).collect())
    });
    inboxes.chain(commands).collect()
}
