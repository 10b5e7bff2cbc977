//! Tells other processes the parts of states. Each process has its own numbers for controllers, groups of tasks,
//! inboxes and commands. Before it sends states, it tells every other process what its new numbers mean. A state is
//! then a few numbers, which the receiver translates.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use startup_race::explore::engine::knowledge::Known;
use startup_race::explore::engine::names::{Named, Order, Origin};
use startup_race::explore::engine::parts::{Parts, Unlearned};
use startup_race::explore::engine::search::Again;
use startup_race::explore::engine::tables::{
    COMMANDS, CONTROL, CURRENT, Missing, NONE, RESTARTED, STOP, TIMED_OUT, Tables, input_of,
};
use startup_race::explore::limits::Limits;
use startup_race::model::QueuedNotice;
use startup_race::{ActorId, Attempt, Cause, Command, Controller, Status, TaskState};

use crate::words::Words;

/// The kinds of part that have numbers.
#[derive(Clone, Copy)]
enum Kind {
    Control,
    Commands,
    Group,
    Inbox,
}

/// The kind of part at this index of a state. `None` if the number there is a plain value, such as how many losses are
/// left.
fn kind(place: usize, tables: &Tables) -> Option<Kind> {
    match place {
        CONTROL => Some(Kind::Control),
        COMMANDS => Some(Kind::Commands),
        _ if place >= tables.inbox(0) => Some(Kind::Inbox),
        _ if place >= CURRENT => Some(Kind::Group),
        _ => None,
    }
}

/// How many parts of each kind are known.
fn counts<C: Controller>(parts: &Parts<'_, C>) -> [usize; 4] {
    [parts.controls.len(), parts.commands.len(), parts.groups.len(), parts.tables.inboxes.len()]
}

/// How many parts have been told to the other processes, and what the numbers of the others mean here.
pub struct Dictionary {
    told: [usize; 4],
    meanings: Vec<[Vec<u32>; 4]>,
}

impl Dictionary {
    /// Nothing has been told yet, to this many processes.
    pub fn new(peers: usize) -> Self {
        Self { told: [0; 4], meanings: vec![Default::default(); peers] }
    }

    /// Tells what is new since the last time.
    pub fn tell<C: Controller>(&mut self, parts: &Parts<'_, C>) -> Vec<u64> {
        let (mut out, known) = (Vec::new(), counts(parts));
        let [controls, commands, groups, inboxes] = self.told;
        out.extend(known.iter().zip(&self.told).map(|(known, told)| (known - told) as u64));
        parts.origins[controls..].iter().for_each(|origin| put_origin(&mut out, parts, *origin));
        for queues in parts.commands.iter().skip(commands) {
            put_commands(&mut out, parts, queues);
        }
        for group in parts.groups.iter().skip(groups) {
            out.push(group.len() as u64);
            out.extend(group.iter().map(|&state| of_state(state)));
        }
        for inbox in inboxes..known[3] {
            let mail: Vec<u64> = parts.mail(inbox as u32).map(|notice| of_notice(parts, notice)).collect();
            out.push(mail.len() as u64);
            out.extend(mail);
        }
        self.told = known;
        out
    }

    /// Learns what the new numbers of another process mean. `None` if its words cannot be decoded.
    pub fn hear<C: Controller>(
        &mut self,
        from: usize,
        known: &mut Known<'_, C>,
        words: &mut Words<'_>,
        limits: &Limits,
    ) -> Option<Result<(), Again>> {
        let counts = [words.number()?, words.number()?, words.number()?, words.number()?];
        for (kind, count) in [Kind::Control, Kind::Commands, Kind::Group, Kind::Inbox].into_iter().zip(counts) {
            for _ in 0..count {
                let meaning = match kind {
                    Kind::Control => self.control(from, known, words, limits)?,
                    Kind::Commands => Ok(commands(&mut known.parts, words)?),
                    Kind::Group => group(&mut known.parts, words)?,
                    Kind::Inbox => inbox(&mut known.parts, words)?,
                };
                match meaning {
                    Ok(meaning) => self.meanings[from][kind as usize].push(meaning),
                    Err(why) => return Some(Err(why.into())),
                }
            }
        }
        Some(Ok(()))
    }

    /// Finds a controller in the way that the other process has found it.
    fn control<C: Controller>(
        &self,
        from: usize,
        known: &mut Known<'_, C>,
        words: &mut Words<'_>,
        limits: &Limits,
    ) -> Option<Result<u32, Unlearned>> {
        let parts = &mut known.parts;
        let [how, before, first, second] = [words.next()?, words.next()?, words.next()?, words.next()?];
        if how == 0 {
            return Some(Ok(0));
        }
        let before = *self.meanings[from][Kind::Control as usize].get(usize::try_from(before).ok()?)?;
        let (missing, place) = match how {
            1 => {
                let input = if first < 3 { first as u32 } else { input_of(to_notice(parts, second)?, first == 4) };
                (Missing::Reaction(before, input), (before, input))
            }
            _ => {
                let order = Order::of_number(u128::from(second) << 64 | u128::from(first));
                (Missing::Renamed(Named::Control, before, order), (before, 0))
            }
        };
        let mut ids = vec![NONE; parts.tables.width()];
        ids[CONTROL] = before;
        let look_up = |parts: &Parts<'_, C>| match missing {
            Missing::Renamed(_, _, order) => {
                let mut renamed = ids.clone();
                parts.names.as_ref()?.rename(&parts.tables, &mut renamed, order).ok().map(|()| renamed[CONTROL])
            }
            _ => parts.tables.reaction(place.0, place.1).ok().map(|reaction| reaction.control),
        };
        if let Some(control) = look_up(parts) {
            return Some(Ok(control));
        }
        match parts.learn(missing, &ids, limits) {
            Ok(()) => look_up(parts).map(Ok),
            Err(why) => Some(Err(why)),
        }
    }

    /// Translates the parts of a state of another process.
    pub fn translate(&self, from: usize, ids: &mut [u32], tables: &Tables) -> Option<()> {
        for (place, id) in ids.iter_mut().enumerate() {
            if let Some(kind) = kind(place, tables) {
                *id = *self.meanings[from][kind as usize].get(*id as usize)?;
            }
        }
        Some(())
    }
}

// ---- what a part is, in words ----

const CAUSES: [Cause; 4] = [Cause::Panicked, Cause::Vanished, Cause::Died, Cause::Cascaded];

fn statuses() -> impl Iterator<Item = Status> {
    let causes = || CAUSES.into_iter();
    let dead = causes().map(Status::Panicked).chain(causes().map(Status::Dead));
    [Status::Live, Status::Hung, Status::Finished].into_iter().chain(dead)
}

fn of_state(TaskState { attempt, status, completed }: TaskState) -> u64 {
    let status = statuses().position(|other| other == status).expect("every status is listed");
    u64::from(attempt.0) << 40 | (status as u64) << 32 | u64::from(completed)
}

fn to_state(word: u64) -> Option<TaskState> {
    let status = statuses().nth((word >> 32) as usize & 255)?;
    Some(TaskState { attempt: Attempt((word >> 40) as u8), status, completed: word as u32 })
}

fn of_notice<C: Controller>(parts: &Parts<'_, C>, notice: u32) -> u64 {
    let QueuedNotice { from, attempt, kind } = parts.notices[notice as usize];
    u64::from(from.0) << 32 | u64::from(attempt.0) << 16 | u64::from(kind)
}

fn to_notice<C: Controller>(parts: &mut Parts<'_, C>, word: u64) -> Option<u32> {
    let from = ActorId((word >> 32) as u8);
    let notice = QueuedNotice { from, attempt: Attempt((word >> 16) as u8), kind: word as u16 };
    parts.has(notice).then(|| parts.notice(notice))
}

/// How a controller was found: from which other controller, and by which input or renaming.
fn put_origin<C: Controller>(out: &mut Vec<u64>, parts: &Parts<'_, C>, origin: Origin) {
    out.extend(match origin {
        Origin::Start => [0; 4],
        Origin::Reaction(before, input @ (STOP | TIMED_OUT | RESTARTED)) => [1, before.into(), input.into(), 0],
        Origin::Reaction(before, input) => {
            let notice = (input - input_of(0, false)) / 2;
            let is_stale = input == input_of(notice, true);
            [1, before.into(), if is_stale { 4 } else { 3 }, of_notice(parts, notice)]
        }
        Origin::Renamed(before, order) => [2, before.into(), order.number() as u64, (order.number() >> 64) as u64],
    });
}

fn put_commands<C: Controller>(out: &mut Vec<u64>, parts: &Parts<'_, C>, queues: &[VecDeque<Command>]) {
    let names = parts.controls[0].controller.names();
    out.push(queues.len() as u64);
    for queue in queues {
        out.push(queue.len() as u64);
        let place = |command: &Command| names.iter().position(|&name| name == command.0).unwrap_or(names.len()) as u64;
        out.extend(queue.iter().map(place));
    }
}

fn commands<C: Controller>(parts: &mut Parts<'_, C>, words: &mut Words<'_>) -> Option<u32> {
    let names = parts.controls[0].controller.names();
    let mut queues = Vec::new();
    for _ in 0..words.next()? {
        let count = words.number()?;
        let queue = words.take(count)?.iter().map(|&name| names.get(name as usize).copied().map(Command));
        queues.push(queue.collect::<Option<VecDeque<Command>>>()?);
    }
    Some(parts.commands(queues))
}

fn group<C: Controller>(parts: &mut Parts<'_, C>, words: &mut Words<'_>) -> Option<Result<u32, Unlearned>> {
    let count = words.number()?;
    let states = words.take(count)?.iter().map(|&word| to_state(word));
    Some(parts.group(states.collect::<Option<Vec<_>>>()?))
}

fn inbox<C: Controller>(parts: &mut Parts<'_, C>, words: &mut Words<'_>) -> Option<Result<u32, Unlearned>> {
    let (count, mut inbox) = (words.number()?, NONE);
    for &word in words.take(count)? {
        let notice = to_notice(parts, word)?;
        match parts.push(inbox, notice) {
            Ok(longer) => inbox = longer,
            Err(why) => return Some(Err(why)),
        }
    }
    Some(Ok(inbox))
}

// ---- which process a state belongs to ----

/// What each part adds to the hash of a state. It is the same in every process. If tasks are interchanged, it does not
/// depend on their names.
#[derive(Default)]
pub struct Owners {
    of: [Vec<u64>; 4],
}

fn hash(thing: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    thing.hash(&mut hasher);
    mixed(hasher.finish())
}

fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (number ^ (number >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

fn sum(hashes: impl Iterator<Item = u64>) -> u64 {
    mixed(hashes.fold(0, u64::wrapping_add))
}

impl Owners {
    /// Adds the hashes of the parts that are new.
    pub fn learn<C: Controller>(&mut self, parts: &Parts<'_, C>) {
        let (tasks, names) = (parts.tables.shape.tasks, parts.names.as_ref());
        let name = |actor: usize| if names.is_some() && actor < tasks { tasks } else { actor };
        let [controls, commands, groups, inboxes] = &mut self.of;
        controls.extend(parts.controls.iter().enumerate().skip(controls.len()).map(|(id, driver)| match names {
            Some(names) => sum(names.ranks[id * tasks..][..tasks].iter().map(hash)) ^ hash(driver.attempt),
            None => hash(driver),
        }));
        commands.extend(parts.commands.iter().skip(commands.len()).map(hash));
        groups.extend(
            parts
                .groups
                .iter()
                .skip(groups.len())
                .map(|group| sum(group.iter().enumerate().map(|(actor, &state)| hash((name(actor), of_state(state)))))),
        );
        for inbox in inboxes.len()..parts.tables.inboxes.len() {
            let mail = parts.mail(inbox as u32).map(|notice| {
                let QueuedNotice { from, attempt, kind } = parts.notices[notice as usize];
                (name(from.index()), attempt, kind)
            });
            inboxes.push(hash(mail.collect::<Vec<_>>()));
        }
    }

    /// The process that stores the state with these parts.
    pub fn of(&self, ids: &[u32], tables: &Tables, peers: usize) -> usize {
        let part = |(place, &id): (usize, &u32)| {
            let of_part = kind(place, tables).map_or(u64::from(id), |kind| self.of[kind as usize][id as usize]);
            of_part.rotate_left(place as u32 * 11)
        };
        let hash = mixed(ids.iter().enumerate().map(part).fold(0, u64::wrapping_add));
        ((u128::from(hash) * peers as u128) >> 64) as usize
    }
}
