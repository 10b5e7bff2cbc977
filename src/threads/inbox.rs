//! How notices reach the controller: first in, first out for each worker, and closed by a message.
//!
//! 1. A worker's inbox is a channel. Where there is one worker, the controller reads it; where there are several, a
//!    forwarder thread for each passes its messages on, in order, into the one channel that the controller reads.
//! 2. The handles to a channel are counted. Whoever drops the last one sends [`Message::Closed`]: nothing comes after it. To ask
//!    whether every sender has gone is not the same, for loom's channels do not tell.
//! 3. A forwarder holds a handle to the controller's channel for as long as its inbox is open.
//! 4. A channel can open again, for the tasks of the next attempt. Each opening is closed once, so the controller has
//!    received all that there will be when it has seen as many closings as there were openings.
//! 5. What comes from outside of the pipeline (the clock, a user who asks for a stop, a loss, a crash) is expected, and not
//!    counted: the controller may be idle while it is still to come.
//! 6. The count is a standard atomic, which loom does not see. Which thread sends `Closed` makes no difference to what
//!    the controller is told, so there is nothing to explore.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::sync::{may_send, mpsc};
use crate::core::{Notice, WorkerId};

/// What travels to the controller.
#[derive(Debug)]
pub enum Message {
    /// A notice, from the inbox of this worker.
    Notice(WorkerId, Notice),
    /// The clock has run out.
    TimedOut,
    /// A user asks for a stop.
    Stop,
    /// The controller crashes.
    Crash,
    /// The network loses the next notice.
    Lose,
    /// The last handle has gone.
    Closed,
    /// To a forwarder: its inbox has opened, and this is its handle for that time.
    Opened(Sender),
    /// To a forwarder: the run is over.
    Over,
}

/// A channel, and how many handles to it there are.
#[derive(Debug, Clone)]
struct Channel {
    channel: mpsc::Sender<Message>,
    handles: Arc<AtomicUsize>,
}

impl Channel {
    fn new() -> (Self, mpsc::Receiver<Message>) {
        let (channel, receiver) = mpsc::channel();
        (Self { channel, handles: Arc::default() }, receiver)
    }

    fn send(&self, message: Message) {
        // The other end outlives the run. If it does not, that thread has panicked, and no thread is left to tell.
        let _ = self.channel.send(message);
    }

    /// A handle, and whether it opens the channel.
    fn open(&self) -> (Sender, bool) {
        let opens = self.handles.fetch_add(1, Ordering::SeqCst) == 0;
        (Sender(self.clone()), opens)
    }
}

/// A handle to an inbox. To drop the last one closes it.
#[derive(Debug)]
pub struct Sender(Channel);

impl Sender {
    /// Sends.
    pub fn send(&self, message: Message) {
        self.0.send(message);
    }
}

impl Clone for Sender {
    fn clone(&self) -> Self {
        self.0.open().0
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if self.0.handles.fetch_sub(1, Ordering::SeqCst) == 1 && may_send() {
            self.send(Message::Closed);
        }
    }
}

/// A way into the controller's channel that is not counted.
#[derive(Debug)]
pub struct Outside(Channel);

impl Outside {
    /// Sends.
    pub fn send(&self, message: Message) {
        self.0.send(message);
    }
}

/// Passes on what comes into the inbox of one worker.
#[derive(Debug)]
pub struct Forwarder {
    inbox: mpsc::Receiver<Message>,
    /// One for each time that the inbox has opened and not closed since.
    handles: Vec<Sender>,
}

impl Forwarder {
    /// The next message; none when the run is over.
    pub fn next_message(&mut self) -> Option<Message> {
        loop {
            match self.inbox.recv().ok()? {
                Message::Opened(handle) => self.handles.push(handle),
                Message::Closed => drop(self.handles.pop()),
                Message::Over => return None,
                message => return Some(message),
            }
        }
    }

    /// Passes a message on.
    pub fn pass(&self, message: Message) {
        if let Some(handle) = self.handles.last() {
            handle.send(message);
        }
    }
}

/// The controller's message, and the ways that lead to it.
#[derive(Debug)]
pub struct ControllerInbox {
    message: mpsc::Receiver<Message>,
    entrance: Channel,
    /// The inbox of each worker, where there are several.
    inboxes: Vec<Channel>,
    /// How many openings have not been seen to close.
    open: usize,
    /// How many messages from outside are still to come.
    expected: usize,
}

/// What the controller finds in its inbox.
#[derive(Debug)]
pub enum Next {
    /// A message.
    Message(Message),
    /// No task can send, and all that was sent has been received. Messages from outside may be still to come.
    Idle,
    /// The same, and nothing is still to come.
    Over,
}

impl ControllerInbox {
    /// The controller's inbox with one channel a worker, and its forwarders, which the caller must put on threads.
    pub fn new(workers: usize) -> (Self, Vec<Forwarder>) {
        let (entrance, message) = Channel::new();
        let several = if workers > 1 { workers } else { 0 };
        let forwarder = |inbox| Forwarder { inbox, handles: Vec::new() };
        let (inboxes, receivers): (Vec<_>, Vec<_>) = (0..several).map(|_| Channel::new()).unzip();
        (Self { message, entrance, inboxes, open: 0, expected: 0 }, receivers.into_iter().map(forwarder).collect())
    }

    /// A handle to a worker's inbox.
    pub fn open(&mut self, worker: WorkerId) -> Sender {
        let Some(inbox) = self.inboxes.get(worker.index()) else { return self.open_directly() };
        let (handle, opens) = inbox.open();
        if opens {
            let through = self.open_directly();
            handle.send(Message::Opened(through));
        }
        handle
    }

    /// A handle to the controller's own channel.
    pub fn open_directly(&mut self) -> Sender {
        let (handle, opens) = self.entrance.open();
        self.open += usize::from(opens);
        handle
    }

    /// A way into the controller's own channel for messages from outside, this many of them.
    pub fn expect(&mut self, messages: usize) -> Outside {
        self.expected += messages;
        Outside(self.entrance.clone())
    }

    /// This many messages from outside will not come.
    pub fn expect_no_more(&mut self, messages: usize) {
        self.expected -= messages;
    }

    /// The next message. When the inbox is idle, that is told once, and the next call waits for what is still to come.
    pub fn next(&mut self, is_idle_known: bool) -> Next {
        loop {
            if self.open == 0 && (self.expected == 0 || !is_idle_known) {
                return if self.expected == 0 { Next::Over } else { Next::Idle };
            }
            match self.message.recv() {
                Ok(Message::Closed) => self.open -= 1,
                Ok(message) => {
                    let is_expected =
                        matches!(message, Message::TimedOut | Message::Stop | Message::Crash | Message::Lose);
                    self.expected -= usize::from(is_expected);
                    return Next::Message(message);
                }
                Err(_) => return Next::Over,
            }
        }
    }

    /// Receives all that is still to come, and reacts to nothing.
    pub fn drain(&mut self) {
        while !matches!(self.next(true), Next::Over) {}
    }

    /// Lets the forwarders go.
    pub fn close(self) {
        self.inboxes.iter().for_each(|inbox| inbox.send(Message::Over));
    }
}
