//! How notices reach the controller. Each worker has a first-in, first-out inbox. The last message in it says that it
//! is closed.
//!
//! 1. A worker's inbox is a channel. If there is one worker, the controller reads this channel. If there are several,
//!    each has a forwarder thread, which passes its messages, in order, to the one channel that the controller reads.
//! 2. The handles to a channel are counted. Dropping the last one sends [`Message::Closed`], and no notice comes after
//!    it until the channel is opened again. This message is necessary because loom's channels do not report that every
//!    sender is gone.
//! 3. A forwarder holds a handle to the controller's channel for as long as its inbox is open.
//! 4. A channel can be opened again, for example for the tasks of the next attempt. Each opening is closed once. So
//!    when the controller has received as many closings as there were openings, no notice will come until it opens a
//!    channel again.
//! 5. A message from outside of the pipeline (a timeout, a stop, a loss, a crash) is *expected* and not counted: the
//!    controller may be idle although such a message will still come.
//! 6. The count is a standard atomic, which loom does not see. It makes no difference to the controller which thread
//!    sends `Closed`, so there is nothing to explore.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::sync::{may_send, mpsc};
use crate::core::{Notice, WorkerId};

/// A message to the controller or to a forwarder.
#[derive(Debug)]
pub enum Message {
    /// A notice, from the inbox of this worker.
    Notice(WorkerId, Notice),
    /// The timeout.
    TimedOut,
    /// A user asks for a stop.
    Stop,
    /// The controller crashes.
    Crash,
    /// The network loses the next notice.
    Lose,
    /// The last handle was dropped.
    Closed,
    /// To a forwarder: its inbox was opened. The forwarder holds this handle as long as the inbox is open.
    Opened(Sender),
    /// To a forwarder: the run is over.
    Over,
}

/// A channel, and the number of handles to it.
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
        // The receiver outlives the run, unless its thread has panicked. Then there is no thread to report to.
        let _ = self.channel.send(message);
    }

    /// A new handle, and whether it opens the channel.
    fn open(&self) -> (Sender, bool) {
        let opens = self.handles.fetch_add(1, Ordering::SeqCst) == 0;
        (Sender(self.clone()), opens)
    }
}

/// A handle to an inbox. Dropping the last one closes the inbox.
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

/// A sender to the controller's channel that is not counted as a handle.
#[derive(Debug)]
pub struct Outside(Channel);

impl Outside {
    /// Sends.
    pub fn send(&self, message: Message) {
        self.0.send(message);
    }
}

/// Forwards the messages in the inbox of one worker.
#[derive(Debug)]
pub struct Forwarder {
    inbox: mpsc::Receiver<Message>,
    /// For each opening of the inbox that has not been closed yet, a handle to the controller's channel.
    handles: Vec<Sender>,
}

impl Forwarder {
    /// The next message. `None` when the run is over.
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

    /// Forwards a message.
    pub fn pass(&self, message: Message) {
        if let Some(handle) = self.handles.last() {
            handle.send(message);
        }
    }
}

/// The controller's channel, and the inboxes that lead to it.
#[derive(Debug)]
pub struct ControllerInbox {
    message: mpsc::Receiver<Message>,
    entrance: Channel,
    /// The inbox of each worker, if there are several workers.
    inboxes: Vec<Channel>,
    /// How many openings have not been closed yet.
    open: usize,
    /// How many messages from outside will still come.
    expected: usize,
}

/// The state of the controller's inbox.
#[derive(Debug)]
pub enum Next {
    /// A message.
    Message(Message),
    /// No task can send, and every notice has been received. Messages from outside may still come.
    Idle,
    /// The same, and no message from outside will come.
    Over,
}

impl ControllerInbox {
    /// The controller's inbox. If there are several workers, each has a channel of its own and a forwarder. The caller
    /// must run each forwarder on a thread.
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

    /// A sender to the controller's own channel, for this many messages from outside.
    pub fn expect(&mut self, messages: usize) -> Outside {
        self.expected += messages;
        Outside(self.entrance.clone())
    }

    /// Takes back what was expected: this many messages from outside will not come.
    pub fn expect_no_more(&mut self, messages: usize) {
        self.expected -= messages;
    }

    /// The next message. If the inbox is idle, returns [`Next::Idle`], or waits for a message from outside if
    /// `is_idle_known`.
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

    /// Receives everything that still comes, and ignores it.
    pub fn drain(&mut self) {
        while !matches!(self.next(true), Next::Over) {}
    }

    /// Ends the forwarders.
    pub fn close(self) {
        self.inboxes.iter().for_each(|inbox| inbox.send(Message::Over));
    }
}
