//! Tables of the effect of each action on each part of a state. They do not depend on the controller's type, so threads
//! can share them. What is not known yet is [`Missing`], and is learned by the one thread that owns the controller.

use rustc_hash::FxHashMap;

/// The index of the controller among the parts of a state. The other parts follow in this order, and the groups and the
/// inboxes are last.
pub const CONTROL: usize = 0;
/// Whether a stop was asked for.
pub const ASKED: usize = 1;
/// How many duplicates are left.
pub const DUPLICATES: usize = 2;
/// How many losses are left.
pub const LOSSES: usize = 3;
/// How many crashes are left.
pub const CRASHES: usize = 4;
/// The commands that were sent and not yet taken.
pub const COMMANDS: usize = 5;
/// The tasks of the current attempt, and the helpers. Then follow the tasks of the attempts that linger, oldest first.
/// 0 means that there are none.
pub const CURRENT: usize = 6;

/// The empty inbox, the empty group, the empty list of effects, and no commands.
pub const NONE: u32 = 0;

/// What must be learned before a step can be looked up.
#[derive(Debug, Clone, Copy)]
pub enum Missing {
    /// The steps of the group at this index of the state.
    Steps(usize),
    /// An inbox with one more notice.
    Push(u32, u32),
    /// The reaction of a controller to an input.
    Reaction(u32, u32),
    /// What effects do to a group and to the commands.
    Performed(u32, u32, u32),
    /// The commands without the oldest one to an actor.
    Lost(u32, usize),
    /// A renamed part.
    Renamed(super::names::Named, u32, super::names::Order),
    /// Nothing is to be learned: the number of a part needs more bits.
    Bits,
    /// Nothing is to be learned: the potential did not fall, although it must fall with every action.
    Fall,
}

/// What steps need to know about the model.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// How many actors there are.
    pub actors: usize,
    /// How many of them are tasks.
    pub tasks: usize,
    /// How many groups a state holds.
    pub groups: usize,
    /// How many inboxes it holds.
    pub inboxes: usize,
    /// Whether actors wait for commands.
    pub has_commands: bool,
    /// Whether a user may ask for a stop.
    pub stop: bool,
    /// Whether the wait may time out; and if it may, whether this can happen at any time.
    pub timeout: Option<bool>,
}

/// What is known about a controller.
#[derive(Debug, Clone, Copy)]
pub struct Control {
    /// Whether its stage is the starting one.
    pub starts: bool,
    /// Whether it is stopping.
    pub stops: bool,
    /// Whether its stage is final.
    pub is_final: bool,
    /// What it adds to the potential.
    pub worth: u32,
}

/// A reaction: the controller after it (including the attempts that it begins), and its effects.
#[derive(Debug, Clone, Copy)]
pub struct Reaction {
    /// The controller.
    pub control: u32,
    /// The effects.
    pub effects: u32,
    /// By how much the controller's part of the potential falls.
    pub drop: i32,
}

/// What effects do to a group and to the commands.
#[derive(Debug, Clone, Default)]
pub struct Performed {
    /// The group.
    pub group: u32,
    /// The commands.
    pub commands: u32,
    /// The groups that linger afterwards.
    pub lingering: Vec<u32>,
    /// The notices that are sent: the inbox, and the notice.
    pub sent: Vec<(u16, u32)>,
    /// By how much the potential of all these falls.
    pub drop: i32,
}

/// What a step of an actor sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nothing.
    Nothing,
    /// A notice to an inbox.
    To(u16, u32),
    /// A notice in a call of the controller.
    Call(u32),
}

/// The step of an actor in its group.
#[derive(Debug, Clone, Copy)]
pub struct TaskStep {
    /// Its index in the group.
    pub actor: u16,
    /// Whether it takes a command. While duplicates are left, the command may stay.
    pub takes: bool,
    /// The group after it.
    pub group: u32,
    /// The commands after it.
    pub commands: u32,
    /// What it sends.
    pub sent: Sent,
    /// By how much the potential falls, without that of a reaction.
    pub drop: i32,
    /// The same if the command stays.
    pub drop_if_kept: i32,
}

/// An inbox, as its oldest notice and the remaining inbox.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inbox {
    /// The oldest notice.
    pub oldest: u32,
    /// The others.
    pub rest: u32,
    /// How many there are.
    pub length: u32,
}

/// A notice in an inbox.
#[derive(Debug, Clone, Copy)]
pub struct NoticeFacts {
    /// The index of its sender.
    pub from: u16,
    /// The attempt of its sender.
    pub attempt: u8,
}

/// Every part, with what is known about it.
#[derive(Debug)]
pub struct Tables {
    pub shape: Shape,
    /// What a notice, a duplicate and a stop add to the potential.
    pub notice: u32,
    /// What a crash adds.
    pub crash: u32,
    pub controls: Vec<Control>,
    pub reactions: FxHashMap<(u32, u32), Reaction>,
    pub performed: FxHashMap<(u32, u32, u32), Performed>,
    pub notices: Vec<NoticeFacts>,
    pub inboxes: Vec<Inbox>,
    pub longer: FxHashMap<(u32, u32), u32>,
    /// For each state of the commands: the actors that have some, and the total number.
    pub commands: Vec<(Vec<u16>, u32)>,
    pub lost: FxHashMap<(u32, usize), u32>,
    /// For each group, what it adds to the potential.
    pub groups: Vec<u32>,
    /// For each group and actor, the attempt.
    pub attempts: Vec<u8>,
    pub steps: Vec<TaskStep>,
    /// For each group, and everything else that its steps depend on, the range of its steps.
    pub steps_of: FxHashMap<(u32, u32, u32), (u32, u32)>,
    /// The same by group, if there are no commands and the controller is not stopping. `UNKNOWN` if they were not
    /// learned.
    pub usual_steps: Vec<(u32, u32)>,
}

/// The inputs of a controller as numbers. A notice has two numbers: not stale, and stale.
pub const STOP: u32 = 0;
/// A timeout.
pub const TIMED_OUT: u32 = 1;
/// A restart after a crash.
pub const RESTARTED: u32 = 2;

/// The range of steps that were not learned.
const UNKNOWN: (u32, u32) = (u32::MAX, u32::MAX);

/// The number of a notice as an input.
pub fn input_of(notice: u32, is_stale: bool) -> u32 {
    3 + 2 * notice + u32::from(is_stale)
}

impl Tables {
    /// Empty tables.
    pub fn new(shape: Shape, notice: u32, crash: u32) -> Self {
        Self {
            shape,
            notice,
            crash,
            controls: Vec::new(),
            reactions: FxHashMap::default(),
            performed: FxHashMap::default(),
            notices: Vec::new(),
            inboxes: Vec::new(),
            longer: FxHashMap::default(),
            commands: Vec::new(),
            lost: FxHashMap::default(),
            groups: Vec::new(),
            attempts: Vec::new(),
            steps: Vec::new(),
            steps_of: FxHashMap::default(),
            usual_steps: Vec::new(),
        }
    }

    /// How many parts a state has.
    pub fn width(&self) -> usize {
        CURRENT + self.shape.groups + self.shape.inboxes
    }

    /// The index of an inbox.
    pub fn inbox(&self, inbox: usize) -> usize {
        CURRENT + self.shape.groups + inbox
    }

    /// The number of the controller as an actor. The actors of all groups come first.
    pub fn controller(&self) -> u16 {
        (self.shape.groups * self.shape.actors) as u16
    }

    /// The indices of the groups that can act, in canonical order: the current one, then the lingering ones, youngest
    /// first.
    pub fn acting(&self, ids: &[u32]) -> impl Iterator<Item = usize> + use<> {
        let lingering =
            ids[CURRENT + 1..CURRENT + self.shape.groups].iter().take_while(|&&group| group != NONE).count();
        std::iter::once(CURRENT).chain((CURRENT + 1..=CURRENT + lingering).rev())
    }

    /// The key of the steps of a group: everything that they depend on.
    pub fn asks(&self, ids: &[u32], place: usize) -> (u32, u32, u32) {
        let stops = self.controls[ids[CONTROL] as usize].stops;
        match place {
            CURRENT => (ids[place], ids[COMMANDS], stops.into()),
            _ if self.shape.tasks < self.shape.actors => (ids[place], ids[CURRENT], 2),
            _ => (ids[place], NONE, 2),
        }
    }

    /// The steps of a group.
    #[inline]
    pub fn steps(&self, ids: &[u32], place: usize) -> Result<&[TaskStep], Missing> {
        let asks = self.asks(ids, place);
        let known = match asks {
            (group, NONE, 0) => self.usual_steps.get(group as usize).filter(|steps| **steps != UNKNOWN),
            _ => self.steps_of.get(&asks),
        };
        let &(from, to) = known.ok_or(Missing::Steps(place))?;
        Ok(&self.steps[from as usize..to as usize])
    }

    /// Records that the steps of a group are the last ones of `steps`, from this index on.
    pub fn learn_steps(&mut self, asks: (u32, u32, u32), from: u32) {
        let to = self.steps.len() as u32;
        match asks {
            (group, NONE, 0) => {
                let groups = self.usual_steps.len().max(group as usize + 1);
                self.usual_steps.resize(groups, UNKNOWN);
                self.usual_steps[group as usize] = (from, to);
            }
            _ => {
                self.steps_of.insert(asks, (from, to));
            }
        }
    }

    /// An inbox with one more notice.
    #[inline]
    pub fn pushed(&self, inbox: u32, notice: u32) -> Result<u32, Missing> {
        self.longer.get(&(inbox, notice)).copied().ok_or(Missing::Push(inbox, notice))
    }

    /// A reaction.
    #[inline]
    pub fn reaction(&self, control: u32, input: u32) -> Result<Reaction, Missing> {
        self.reactions.get(&(control, input)).copied().ok_or(Missing::Reaction(control, input))
    }

    /// What effects do to a group and to the commands.
    pub fn performed(&self, effects: u32, group: u32, commands: u32) -> Result<&Performed, Missing> {
        self.performed.get(&(effects, group, commands)).ok_or(Missing::Performed(effects, group, commands))
    }

    /// The commands without the oldest one to an actor.
    pub fn lost(&self, commands: u32, actor: usize) -> Result<u32, Missing> {
        self.lost.get(&(commands, actor)).copied().ok_or(Missing::Lost(commands, actor))
    }

    /// A notice as an input. It is stale if its sender has left its attempt, which depends on the current group.
    #[inline]
    pub fn input(&self, notice: u32, current: u32) -> u32 {
        let facts = self.notices[notice as usize];
        let now = self.attempts[current as usize * self.shape.actors + usize::from(facts.from)];
        input_of(notice, facts.attempt != now)
    }

    /// A bound on the number of actions that are left in a state: see [`potential`](super::potential).
    pub fn potential(&self, ids: &[u32]) -> u32 {
        let inboxes = CURRENT + self.shape.groups;
        let mail: u32 = ids[inboxes..].iter().map(|&inbox| self.inboxes[inbox as usize].length).sum();
        let groups: u32 = ids[CURRENT..inboxes].iter().map(|&group| self.groups[group as usize]).sum();
        let stop = u32::from(self.shape.stop && ids[ASKED] == 0);
        let commands = self.commands[ids[COMMANDS] as usize].1;
        self.controls[ids[CONTROL] as usize].worth
            + groups
            + commands
            + self.notice * (mail + ids[DUPLICATES] + stop)
            + self.crash * ids[CRASHES]
    }
}
