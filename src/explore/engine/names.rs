//! Renames tasks that are alike, so that a state becomes its representative: the tasks are sorted by their looks. The
//! look of a task is one number, made of its first notice, the controller's mark, and how far the task has come in each
//! attempt. If tasks with equal looks are exchanged, nothing changes.

use rustc_hash::FxHashMap;

use super::tables::{CONTROL, CURRENT, Missing, NONE, Tables};
use crate::explore::limits::map_bytes;
use crate::explore::represent::ways;

/// An order has room for this many tasks. All later tasks keep their names.
const MOST_TASKS: usize = crate::explore::orbits::MOST_TASKS;
/// A look has this many bits for the task's states in all groups.
const STATE_BITS: usize = 8 * crate::explore::orbits::MOST_GROUPS;

const NO_NOTICE: u32 = u32::MAX;

/// How many bits a name has.
const NAME: usize = 5;

/// The new name of each task, five bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Order(u128);

impl Order {
    /// Every task keeps its name.
    pub const IDENTITY: Self = {
        let (mut order, mut task) = (0, MOST_TASKS);
        while task > 0 {
            task -= 1;
            order = order << NAME | task as u128;
        }
        Self(order)
    };

    /// The new name of an actor. Helpers keep theirs.
    #[inline]
    pub fn name(self, actor: u16) -> u16 {
        if self == Self::IDENTITY || usize::from(actor) >= MOST_TASKS {
            actor
        } else {
            (self.0 >> (NAME * usize::from(actor)) & 31) as u16
        }
    }

    /// The order as a number. Every process can read it.
    pub fn number(self) -> u128 {
        self.0
    }

    /// The order that such a number means.
    pub fn of_number(number: u128) -> Self {
        Self(number)
    }

    fn with(self, task: usize, name: usize) -> Self {
        Self(self.0 & !(31 << (NAME * task)) | (name as u128) << (NAME * task))
    }
}

/// How a controller was found first. Another process does the same to find an equal controller.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// The search begins with it.
    Start,
    /// The controller with this number reacted to this input.
    Reaction(u32, u32),
    /// The tasks of the controller with this number were renamed.
    Renamed(u32, Order),
}

/// The looks of the tasks of a state, and a buffer.
#[derive(Debug, Default, Clone)]
pub struct Looks {
    now: Vec<u128>,
    next: Vec<u128>,
}

/// What each part shows of each task, and the renamed parts.
#[derive(Debug)]
pub struct Names {
    tasks: usize,
    /// How many bits of a look each group takes.
    bits: usize,
    classes: Vec<Vec<usize>>,
    /// For each task, its class and its index in the class.
    place_of: Vec<Option<(usize, usize)>>,
    /// For each controller and task, the rank of the mark.
    pub ranks: Vec<u16>,
    /// For each group and task, the number of the task's state.
    pub states: Vec<u16>,
    /// For each inbox and task, the position of the task's first notice.
    pub firsts: Vec<u16>,
    /// The orders that parts were renamed by. Each has a number.
    orders: FxHashMap<Order, u32>,
    /// For each kind of part: by the number of the order and the part, the renamed part.
    renamed: [FxHashMap<(u32, u32), u32>; 3],
}

impl Names {
    /// The names of this many tasks in this many groups. The tasks of a class can be interchanged.
    pub fn new(tasks: usize, groups: usize, classes: &[Vec<usize>]) -> Self {
        let place = |task| {
            let found = |class: &Vec<usize>| class.iter().position(|&other| other == task);
            classes.iter().enumerate().find_map(|(index, class)| Some((index, found(class)?)))
        };
        Self {
            tasks,
            bits: (STATE_BITS / groups).min(16),
            classes: classes.to_vec(),
            place_of: (0..tasks).map(place).collect(),
            ranks: Vec::new(),
            states: Vec::new(),
            firsts: Vec::new(),
            orders: FxHashMap::default(),
            renamed: Default::default(),
        }
    }

    /// The largest number that a task's state may have.
    pub fn most_states(&self) -> u16 {
        u16::MAX >> (16 - self.bits)
    }

    /// Computes the look of each task: its first notice, its mark, and how far it has come in each attempt.
    fn see(&self, tables: &Tables, ids: &[u32], looks: &mut Vec<u128>) {
        looks.clear();
        let ranks = &self.ranks[ids[CONTROL] as usize * self.tasks..][..self.tasks];
        looks.extend(
            ranks
                .iter()
                .enumerate()
                .map(|(task, &rank)| u128::from(self.first_notice(tables, ids, task)) << 96 | u128::from(rank) << 80),
        );
        for (place, &group) in ids[CURRENT..tables.inbox(0)].iter().enumerate() {
            let states = &self.states[group as usize * self.tasks..][..self.tasks];
            looks.iter_mut().zip(states).for_each(|(look, &state)| *look |= u128::from(state) << (self.bits * place));
        }
    }

    /// The position of the first notice of a task: the inbox, and the index in it.
    fn first_notice(&self, tables: &Tables, ids: &[u32], task: usize) -> u32 {
        let first = |(index, &inbox): (usize, &u32)| match self.firsts[inbox as usize * self.tasks + task] {
            u16::MAX => NO_NOTICE,
            place => (index as u32) << 16 | u32::from(place),
        };
        ids[tables.inbox(0)..].iter().enumerate().map(first).min().unwrap_or(NO_NOTICE)
    }

    /// Computes the looks in a representative. Returns a bit set of the tasks that have the same look as the task
    /// before them.
    pub fn look(&self, tables: &Tables, ids: &[u32], looks: &mut Looks) -> u64 {
        self.see(tables, ids, &mut looks.now);
        let pairs = self.classes.iter().flat_map(|class| class.windows(2));
        let tied = pairs.filter(|pair| pair[1] == pair[0] + 1 && looks.now[pair[0]] == looks.now[pair[1]]);
        tied.fold(0, |ties, pair| ties | 1 << pair[1])
    }

    /// The names of the tasks in the representative of a state that a step leads to. `acted` says that in this step
    /// only this task, of the group at this index, has changed its look.
    pub fn order(&self, tables: &Tables, next: &[u32], looks: &mut Looks, acted: Option<(usize, usize)>) -> Order {
        match acted {
            Some((_, helper)) if helper >= self.tasks => Order::IDENTITY,
            Some((place, task)) => {
                let (shift, mask) = (self.bits * (place - CURRENT), u128::from(self.most_states()));
                let state = u128::from(self.states[next[place] as usize * self.tasks + task]);
                let rest = looks.now[task] & !(mask << shift) & (u128::MAX >> 32);
                let first = u128::from(self.first_notice(tables, next, task)) << 96;
                self.moved(&looks.now, task, rest | state << shift | first)
            }
            None => {
                self.see(tables, next, &mut looks.next);
                self.sorted(&looks.next)
            }
        }
    }

    /// The order if all tasks but one are already sorted: that task moves to its position.
    fn moved(&self, looks: &[u128], task: usize, look: u128) -> Order {
        let Some((class, mut place)) = self.place_of[task] else { return Order::IDENTITY };
        let class = &self.classes[class];
        let mut order = Order::IDENTITY;
        while place + 1 < class.len() && looks[class[place + 1]] < look {
            order = order.with(class[place + 1], class[place]);
            place += 1;
        }
        while place > 0 && looks[class[place - 1]] > look {
            order = order.with(class[place - 1], class[place]);
            place -= 1;
        }
        order.with(task, class[place])
    }

    /// The order of the tasks of each class by their looks.
    fn sorted(&self, looks: &[u128]) -> Order {
        let mut order = Order::IDENTITY;
        for class in &self.classes {
            if class.windows(2).all(|pair| looks[pair[0]] <= looks[pair[1]]) {
                continue;
            }
            let mut sorted = class.clone();
            sorted.sort_by_key(|&task| looks[task]);
            class.iter().zip(&sorted).for_each(|(&name, &task)| order = order.with(task, name));
        }
        order
    }

    /// The order that turns a state into its representative.
    pub fn order_of(&self, tables: &Tables, ids: &[u32]) -> Order {
        let mut looks = Vec::new();
        self.see(tables, ids, &mut looks);
        self.sorted(&looks)
    }

    /// Renames the tasks in the parts of a state.
    pub fn rename(&self, tables: &Tables, ids: &mut [u32], order: Order) -> Result<(), Missing> {
        let (inboxes, number) = (tables.inbox(0), self.orders.get(&order));
        for (place, id) in ids.iter_mut().enumerate() {
            let kind = match place {
                CONTROL => Named::Control,
                _ if place >= inboxes => Named::Inbox,
                _ if place >= CURRENT => Named::Group,
                _ => continue,
            };
            if *id != NONE || kind == Named::Control {
                let renamed = number.and_then(|&number| self.renamed[kind as usize].get(&(number, *id)));
                *id = *renamed.ok_or(Missing::Renamed(kind, *id, order))?;
            }
        }
        Ok(())
    }

    /// Records a renamed part.
    pub fn learn(&mut self, kind: Named, id: u32, order: Order, renamed: u32) {
        let next = self.orders.len() as u32;
        let number = *self.orders.entry(order).or_insert(next);
        self.renamed[kind as usize].insert((number, id), renamed);
    }

    /// The bytes of the orders and of the renamed parts.
    pub fn renamed_bytes(&self) -> usize {
        map_bytes(&self.orders, 0) + self.renamed.iter().map(|renamed| map_bytes(renamed, 0)).sum::<usize>()
    }

    /// The number of states in the orbit of a representative.
    pub fn orbit(&self, tables: &Tables, ids: &[u32], looks: &mut Looks) -> u128 {
        self.see(tables, ids, &mut looks.now);
        let is_tie = |one: usize, other: usize| looks.now[one] == looks.now[other];
        self.classes.iter().map(|class| ways(class, is_tie)).product()
    }
}

/// The kinds of parts that hold names of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The controller.
    Control,
    /// The tasks of an attempt, and the helpers.
    Group,
    /// An inbox.
    Inbox,
}
