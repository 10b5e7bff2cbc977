//! Connects the processes. A dataflow of timely takes each piece of a message to its receiver. Each round of the search
//! is an epoch of the dataflow: a round ends when no process can send anything more in it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, Once};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};
use startup_race::explore::limits::Limits;
use timely::communication::allocator::ProcessBuilder;
use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets;
use timely::communication::{Allocator, AllocatorBuilder, Hooks, WorkerGuards, initialize_from};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::operators::{Exchange, Input, Inspect, Probe};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;

use crate::hosts::Hosts;

/// The first word on a connection. A program that does not send it is not taken for a process.
const GREETING: u64 = u64::from_be_bytes(*b"race/cl1");

/// A piece of a message has at most this many words.
const PIECE: usize = 1 << 14;

/// How long a process sleeps at most before it looks whether another one is gone.
const LOOK: Duration = Duration::from_millis(20);

/// How long an interrupted process waits at most for the others.
const AFTER_INTERRUPT: Duration = Duration::from_millis(500);

/// The round, the receiver, the sender, the words.
type Piece = (u64, u64, u64, Vec<u64>);

/// Another process is gone, or has sent words that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

/// What a round is about. Each message ends with this. So if the processes are not in the same round of a search, they
/// do not take each other's words for an answer.
#[derive(Clone, Copy)]
pub enum About {
    /// What is asked.
    Request,
    /// Whether each process can go on.
    State,
    /// Steps to states.
    Steps,
    /// The rests of states.
    Rests,
    /// What the rest after each action costs.
    Costs,
    /// The place of a breach.
    Breach,
}

/// The processes of a search, connected. A separate thread runs the dataflow.
pub struct Net {
    rounds: Option<Sender<Vec<Vec<u64>>>>,
    heard: Receiver<Vec<Vec<u64>>>,
    worker: Option<WorkerGuards<()>>,
    /// The index of this process.
    pub index: usize,
    /// How many processes there are.
    pub peers: usize,
    /// How many bytes this process has sent to others.
    pub sent: u64,
    /// Whether another process is gone, or this one waits for no other any more.
    pub lost: bool,
    /// The limits of the check that runs.
    pub limits: Limits,
}

/// Whether a connection has broken. A thread of timely then panics.
static BROKEN: AtomicBool = AtomicBool::new(false);

impl Net {
    /// Connects the processes. Each waits for all others.
    ///
    /// # Errors
    /// Why the processes could not be connected within this time.
    pub fn connect(hosts: &Hosts, patience: Duration) -> Result<Self, String> {
        let (index, peers) = (hosts.process, hosts.addresses.len());
        let sockets = sockets(hosts, Instant::now() + patience)?;
        hear_of_broken_connections();
        let wrong = |error: &dyn Display| format!("the processes cannot be connected: {error}");
        let hooks = Hooks::default();
        let here = ProcessBuilder::new_typed_vector(1, hooks.refill.clone(), None);
        let (builders, guard) =
            initialize_networking_from_sockets(here, sockets, index, 1, hooks).map_err(|error| wrong(&error))?;
        let builders = builders.into_iter().map(AllocatorBuilder::Tcp).collect();
        let (rounds, asked) = channel();
        let (told, heard) = channel();
        let ends = Mutex::new(Some((asked, told)));
        let run = move |allocator| {
            if let Some((asked, told)) = ends.lock().ok().and_then(|mut ends| ends.take()) {
                Dataflow::new(allocator, peers).run(&asked, &told);
            }
        };
        let worker = initialize_from(builders, Box::new(guard), run).map_err(|error| wrong(&error))?;
        Ok(Self {
            rounds: Some(rounds),
            heard,
            worker: Some(worker),
            index,
            peers,
            sent: 0,
            lost: false,
            limits: Limits::default(),
        })
    }

    /// Sends words to each process, and returns the words that each has sent to this one. Every process must call this.
    ///
    /// # Errors
    /// If a process is gone, or if this one is interrupted and the others do not answer soon.
    pub fn exchange(&mut self, about: About, mut out: Vec<Vec<u64>>) -> Result<Vec<Vec<u64>>, Lost> {
        out.iter_mut().for_each(|words| words.push(about as u64));
        let others = out.iter().enumerate().filter(|(to, _)| *to != self.index);
        self.sent += others.map(|(_, words)| 8 * words.len() as u64).sum::<u64>();
        let asked = self.rounds.as_ref().filter(|_| !self.lost).ok_or(Lost)?;
        let heard = asked.send(out).map_err(|_| Lost).and_then(|()| self.hear());
        let mut heard = heard.map_err(|Lost| self.give_up())?;
        // A process that has left sends nothing, so this word is missing.
        let is_answered = heard.iter_mut().all(|words| words.pop() == Some(about as u64));
        if is_answered { Ok(heard) } else { Err(self.give_up()) }
    }

    /// Waits for the words of the others.
    fn hear(&self) -> Result<Vec<Vec<u64>>, Lost> {
        let mut interrupted = None;
        loop {
            match self.heard.recv_timeout(LOOK) {
                Ok(heard) => return Ok(heard),
                Err(RecvTimeoutError::Disconnected) => return Err(Lost),
                Err(RecvTimeoutError::Timeout) if self.limits.check().is_ok() => {}
                Err(RecvTimeoutError::Timeout) => {
                    if interrupted.get_or_insert_with(Instant::now).elapsed() > AFTER_INTERRUPT {
                        return Err(Lost);
                    }
                }
            }
        }
    }

    /// Sends the same words to every process, and returns the words of each.
    ///
    /// # Errors
    /// If a process is gone.
    pub fn gather(&mut self, about: About, words: &[u64]) -> Result<Vec<Vec<u64>>, Lost> {
        self.exchange(about, vec![words.to_vec(); self.peers])
    }

    /// Records that another process is gone, or has sent words that cannot be decoded. Every later round fails.
    pub fn give_up(&mut self) -> Lost {
        self.lost = true;
        Lost
    }

    /// Ends the connections in good order: waits until everything has been sent, here and at the other processes.
    pub fn close(mut self) {
        drop(self.rounds.take());
        let Some(worker) = self.worker.take() else { return };
        let is_well = || !self.lost && !BROKEN.load(Ordering::SeqCst);
        while is_well() && !worker.guards().iter().all(JoinHandle::is_finished) {
            sleep(Duration::from_millis(1));
        }
        if is_well() {
            // This panics if another process ends in another way, which no longer matters.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(worker)));
        } else {
            // timely would wait for threads that have failed.
            std::mem::forget(worker);
        }
    }
}

/// The dataflow that takes the pieces to their receivers, and this process's end of it.
struct Dataflow {
    worker: Worker,
    input: InputHandle<u64, CapacityContainerBuilder<Vec<Piece>>>,
    probe: ProbeHandle<u64>,
    received: Rc<RefCell<BTreeMap<u64, Vec<Vec<u64>>>>>,
    round: u64,
}

impl Dataflow {
    fn new(allocator: Allocator, peers: usize) -> Self {
        let mut worker = Worker::new(timely::WorkerConfig::default(), allocator, Some(Instant::now()));
        let (mut input, probe) = (InputHandle::new(), ProbeHandle::new());
        let received: Rc<RefCell<BTreeMap<u64, Vec<Vec<u64>>>>> = Rc::default();
        let sink = Rc::clone(&received);
        worker.dataflow::<u64, _, _>(|scope| {
            scope
                .input_from(&mut input)
                .exchange(|piece: &Piece| piece.1)
                .inspect(move |(round, _, from, words): &Piece| {
                    // Others may be in the next round already.
                    let mut received = sink.borrow_mut();
                    let parts = received.entry(*round).or_insert_with(|| vec![Vec::new(); peers]);
                    parts[*from as usize % peers].extend(words);
                })
                .probe_with(&probe);
        });
        Self { worker, input, probe, received, round: 0 }
    }

    /// Runs one round after another, until no more are asked for or a connection breaks.
    fn run(mut self, asked: &Receiver<Vec<Vec<u64>>>, told: &Sender<Vec<Vec<u64>>>) {
        let (index, peers) = (self.worker.index() as u64, self.worker.peers());
        while let Ok(out) = asked.recv() {
            for (to, words) in (0..).zip(&out) {
                for piece in words.chunks(PIECE) {
                    self.input.send((self.round, to, index, piece.to_vec()));
                    self.worker.step();
                }
            }
            drop(out);
            self.round += 1;
            self.input.advance_to(self.round);
            self.input.flush();
            while self.probe.less_than(&self.round) {
                if BROKEN.load(Ordering::SeqCst) {
                    return;
                }
                self.worker.step_or_park(Some(LOOK));
            }
            let heard = self.received.borrow_mut().remove(&(self.round - 1));
            if told.send(heard.unwrap_or_else(|| vec![Vec::new(); peers])).is_err() {
                return;
            }
        }
        let Self { mut worker, input, .. } = self;
        drop(input);
        while worker.has_dataflows() && !BROKEN.load(Ordering::SeqCst) {
            worker.step_or_park(Some(LOOK));
        }
    }
}

/// From now on, a panic of a thread of timely is recorded and not printed: it means that a connection has broken.
fn hear_of_broken_connections() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            let thread = std::thread::current();
            if thread.name().is_some_and(|name| name.starts_with("timely:")) {
                BROKEN.store(true, Ordering::SeqCst);
            } else {
                before(panic);
            }
        }));
    });
}

/// A connection to each other process. This process connects to those before it in the list; those after it connect to
/// this process.
fn sockets(hosts: &Hosts, end: Instant) -> Result<Vec<Option<TcpStream>>, String> {
    let own = hosts.addresses[hosts.process];
    let listener = TcpListener::bind(own).map_err(|error| format!("this process cannot listen on {own}: {error}"))?;
    listener.set_nonblocking(true).map_err(|error| format!("this process cannot listen on {own}: {error}"))?;
    let mut sockets: Vec<Option<TcpStream>> = Vec::new();
    for index in 0..hosts.process {
        sockets.push(Some(call(hosts, index, end)?));
    }
    sockets.resize_with(hosts.addresses.len(), || None);
    while let Some(missing) = (hosts.process + 1..sockets.len()).find(|&index| sockets[index].is_none()) {
        match listener.accept().and_then(|(stream, _)| welcome(stream)) {
            Ok((index, stream)) if index > hosts.process && index < sockets.len() && sockets[index].is_none() => {
                sockets[index] = Some(stream);
            }
            _ if Instant::now() > end => {
                let address = hosts.addresses[missing];
                return Err(format!("process {missing} ({address}) has not connected to this one"));
            }
            // The connection is not from a process, or there is none yet.
            _ => sleep(Duration::from_millis(5)),
        }
    }
    let alive = sockets.iter().flatten().try_for_each(keep_alive);
    alive.map(|()| sockets).map_err(|error| format!("a connection cannot be watched: {error}"))
}

/// Lets a connection break if the other machine does not answer for two minutes, because it has lost its power or its
/// network. By default, a process that only receives would wait for ever, and one that sends would wait 15 minutes.
fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    let tests = TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(10));
    let stream = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    stream.set_tcp_user_timeout(Some(Duration::from_secs(120)))?;
    stream.set_tcp_keepalive(&tests.with_retries(9))
}

/// Connects to a process that may not listen yet.
fn call(hosts: &Hosts, index: usize, end: Instant) -> Result<TcpStream, String> {
    let address = hosts.addresses[index];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let called = TcpStream::connect_timeout(&address, left.max(LOOK)).and_then(|mut stream| {
            stream.set_nodelay(true)?;
            stream.write_all(&GREETING.to_be_bytes())?;
            stream.write_all(&(hosts.process as u64).to_be_bytes())?;
            Ok(stream)
        });
        match called {
            Ok(stream) => return Ok(stream),
            Err(error) if left.is_zero() => {
                return Err(format!("process {index} ({address}) cannot be reached: {error}"));
            }
            Err(_) => sleep(Duration::from_millis(20)),
        }
    }
}

/// Reads which process has connected.
fn welcome(mut stream: TcpStream) -> io::Result<(usize, TcpStream)> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut words = [[0; 8]; 2];
    for word in &mut words {
        stream.read_exact(word)?;
    }
    stream.set_read_timeout(None)?;
    let [greeting, index] = words.map(u64::from_be_bytes);
    if greeting != GREETING {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok((usize::try_from(index).unwrap_or(usize::MAX), stream))
}
