//! The levels, as data: the scenario, the question, and the lesson.
//!
//! A test explores each level and compares the result with this data.

use crate::scenario::Scenario;
use crate::scenario::spec;

/// What ends a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To break the claim.
    Break,
    /// To break it with at most this many context switches.
    BreakWithin(usize),
    /// To say that nothing can break it.
    SayImpossible,
}

/// A level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Its name, as the player types it.
    pub id: &'static str,
    /// The question that it asks.
    pub question: &'static str,
    /// What is played, as on the command line.
    pub scenario: &'static str,
    /// The claim that the level is about.
    pub claim: &'static str,
    /// What ends it.
    pub goal: Goal,
    /// A remark before the first step. It may be empty.
    pub remark: &'static str,
    /// What all schedules that break the claim have in common. It may be empty.
    pub needs: &'static str,
    /// A hint, shown on request. It does not say whether the claim can be broken.
    pub hint: &'static str,
    /// Four reasons why the claim broke. The first one is right. Empty if nothing breaks it.
    pub why_broken: [&'static str; 4],
    /// Four reasons why nothing breaks it. The first one is right if nothing breaks it; if something does, all are
    /// wrong.
    pub why_impossible: [&'static str; 4],
    /// The lesson, shown at the end.
    pub lesson: &'static str,
}

/// Every `TaskFailed` is handled.
const HANDLED: &str = "A TaskFailed is always read in the end, and it fails the attempt, whatever the phase is then.";
/// Announced behind the barrier.
const LATE: &str = "A task announces itself only when every task of the pipeline is ready, so an attempt that fails leaves no TaskStarted.";
/// Fenced.
const FENCED: &str = "A TaskStarted of the attempt that failed can arrive in the next one, but it is dropped there.";
/// Failures after every announcement.
const UPSTREAM: &str =
    "Every task sends a TaskFailed after its TaskStarted, so one is still to be read when the last task is counted.";
/// Asked after a crash.
const ASKED: &str = "After a restart of the controller, each task that has announced itself does so again.";
/// The right reason in no level.
const ORDERED: &str = "The inbox keeps its order, so a TaskFailed can never be read before a TaskStarted.";
/// The right reason in no level.
const UNCOUNTED: &str = "A task that has failed in any attempt is never counted again.";
/// The right reason in no level.
const REMEMBERED: &str = "The controller never forgets what it has counted, whatever happens.";

/// What most levels have.
const LEVEL: Level = Level {
    id: "",
    question: "",
    scenario: "",
    claim: "no-lost-failure",
    goal: Goal::Break,
    remark: "",
    needs: "",
    hint: "",
    why_broken: [""; 4],
    why_impossible: [HANDLED, LATE, ORDERED, UNCOUNTED],
    lesson: "",
};

/// Every level, the first one first.
pub const LEVELS: [Level; 15] = [
    Level {
        id: "lie",
        question: "Can a pipeline be called Running for good, with a dead task in it?",
        scenario: "arroyo/before --tasks 2 --fails 2",
        remark: "This is how a real stream processor started its tasks. A dropped notice is gone: it is not sent \
                 again. Ask yourself when the controller has no use for a TaskFailed.",
        needs: "TaskFailed(2) must be read before the last TaskStarted is",
        hint: "When has the controller no use for a TaskFailed, and what must still be unread then?",
        why_broken: [
            "The controller read TaskFailed while it was scheduling, and dropped it; the last TaskStarted was read after that.",
            "Task 2 never sent a TaskFailed.",
            "The controller counted one task twice.",
            "The barrier let task 1 pass although task 2 was dead.",
        ],
        lesson: "The lie needs two causes. Task 2 announced itself before its on_start, so its TaskStarted was \
                 counted although the task died. And a controller that is Scheduling drops a TaskFailed, so the \
                 only news of that death was lost. Each of the levels handled and late removes one of the two \
                 causes.",
        ..LEVEL
    },
    Level {
        id: "early",
        question: "No task fails here. Can Running still be untrue at the moment when it is said?",
        scenario: "seed/buggy --tasks 2 --fails none",
        claim: "no-false-start",
        remark: "This claim is judged in every state, not only at the end: one moment is enough.",
        needs: "the last TaskStarted must be read before some task has taken its on_start",
        hint: "What does a task still have to do after it has announced itself?",
        why_broken: [
            "The controller counted a task that had announced itself and had not taken its on_start.",
            "A task failed, and its notice was dropped.",
            "The controller was Running before it had counted both tasks.",
            "The inbox changed the order of two notices.",
        ],
        lesson: "A notice that is sent before the work is done is a promise, not a fact. The lie needs no \
                 failure: at the wrong moment, a health check is told Running although the pipeline is still \
                 being built.",
        ..LEVEL
    },
    Level {
        id: "handled",
        question: "Half a fix: Scheduling now handles TaskFailed. Can a failure still be lost?",
        scenario: "arroyo/handled-only --tasks 2 --fails 2",
        goal: Goal::SayImpossible,
        remark: "Tasks still announce themselves before their on_start has run.",
        hint: "In which phases can TaskFailed(2) be read, and what does the controller do with it in each?",
        why_impossible: [HANDLED, LATE, ORDERED, UNCOUNTED],
        lesson: "The controller reads every notice in the end; and whenever it reads the failure, the pipeline \
                 is now Failed. So no failure is lost. Yet this is half a fix: with these rules no-false-start \
                 is still broken, so Running can be untrue until the failure is read.",
        ..LEVEL
    },
    Level {
        id: "late",
        question: "The other half of the fix: tasks announce themselves late, and Scheduling still drops TaskFailed. \
                   What can go wrong now?",
        scenario: "arroyo/late-only --tasks 2 --fails 2",
        claim: "always-decides",
        hint: "Which notice does the controller wait for, and which task would have to send it?",
        why_broken: [
            "The dead task never announces itself, and the notice that says why was dropped.",
            "The controller counted the dead task.",
            "Two notices passed each other on the way.",
            "Task 1 took its on_start too late.",
        ],
        lesson: "A dead task never announces itself, so Running is never untrue. But the controller waits for \
                 that announcement for ever, because it dropped the notice that says why it will not come. Every \
                 schedule ends like this: no scheduler, lucky or not, avoids it.",
        ..LEVEL
    },
    Level {
        id: "switches",
        question: "The first level again. How few context switches does the lie need?",
        scenario: "arroyo/before --tasks 2 --fails 2",
        goal: Goal::BreakWithin(2),
        remark: "A context switch is a step by another actor than the one before. The controller is one actor.",
        needs: "TaskFailed(2) must be read before the last TaskStarted is",
        hint: "Let one actor go as far as it can before another one moves.",
        why_broken: [
            "Each of the three actors acts in one stretch, and TaskFailed is still read before the last TaskStarted.",
            "With few switches the controller reads the notices out of their order.",
            "With few switches a step of task 2 is left out.",
            "The barrier joins the steps of both tasks into one.",
        ],
        lesson: "Three actors must move, so at least two switches are needed. The worst schedules of a race are \
                 often as plain as this one: one actor runs as far as it can, then the next. They look unlikely, \
                 but a loaded machine is enough to produce them.",
        ..LEVEL
    },
    Level {
        id: "three",
        question: "Three tasks: is the lie harder to find, or only longer?",
        scenario: "arroyo/before --tasks 3 --fails 2",
        needs: "TaskFailed(2) must be read before the last TaskStarted is",
        hint: "Which TaskStarted may come after the failure now?",
        why_broken: [
            "A TaskStarted of one of two healthy tasks was read after TaskFailed had been dropped.",
            "The controller was Running when two of three tasks were counted.",
            "Task 3 announced itself for task 2.",
            "A third notice made the inbox lose the failure.",
        ],
        lesson: "The idea is the same: the failure must be read before the last TaskStarted. There are hundreds \
                 of times as many schedules, and the lie is not rarer but more likely: with more tasks, there \
                 are more TaskStarted that can be read after the failure.",
        ..LEVEL
    },
    Level {
        id: "fixed",
        question: "The whole fix, and a second attempt after a failure. Can Running be untrue at any moment?",
        scenario: "arroyo/after --tasks 2 --fails 2@1 --attempts 2",
        claim: "no-false-start",
        goal: Goal::SayImpossible,
        remark: "Task 2 panics in the first attempt only. A retry is part of the step that causes it.",
        hint: "Which notices can be in the inbox when the first attempt fails?",
        why_impossible: [LATE, FENCED, ORDERED, UNCOUNTED],
        lesson: "A task announces itself only when all tasks of its worker have completed on_start. So in the \
                 attempt that fails no task does, and no stale notice is left for the next attempt. You could \
                 not have tried every schedule by hand. The explorer did: that is why this is a proof.",
        ..LEVEL
    },
    Level {
        id: "stale",
        question: "The whole fix and a second attempt, but no barrier. Nothing is announced early here. Can Running be \
                   untrue?",
        scenario: "seed/fixed --tasks 2 --fails 2@1 --attempts 2",
        claim: "no-false-start",
        remark: "The controller does not look at the attempt of a notice.",
        needs: "TaskStarted(1@1), of the first attempt, must be read in the second",
        hint: "What can be in the inbox when the second attempt begins?",
        why_broken: [
            "A TaskStarted of the attempt that had failed was counted in the next one.",
            "A task announced itself before its on_start.",
            "TaskFailed was dropped.",
            "Task 2 failed in the second attempt too.",
        ],
        lesson: "A TaskStarted of the attempt that had failed was counted in the next one. No task announced \
                 itself too early; but the controller did not look at the attempt of the notice.",
        ..LEVEL
    },
    Level {
        id: "workers",
        question: "With the barrier no stale notice was left. What if the tasks run on two workers?",
        scenario: "arroyo/after --tasks 2 --fails 2@1 --workers 1,2 --attempts 2",
        claim: "no-false-start",
        remark: "Each worker has its own barrier and its own inbox. The controller can read the inboxes in any \
                 order: c1 reads the first, c2 the second.",
        needs: "TaskStarted(1@1), of the first attempt, must be read in the second",
        hint: "If task 1 is alone on its worker, for which task does it wait?",
        why_broken: [
            "Task 1 announced itself in the attempt that failed, because its own worker was ready; that notice was counted in the next attempt.",
            "The barrier let a task pass before its own worker was ready.",
            "A notice got into the inbox of the other worker.",
            "Task 2 announced itself before it failed.",
        ],
        lesson: "The barrier of one worker says nothing about the tasks of another worker. Task 1 passed its own \
                 barrier and announced itself, in an attempt that failed. What is right on one worker can be \
                 wrong on two.",
        ..LEVEL
    },
    Level {
        id: "fence",
        question: "Two workers and a second attempt again, now with a fence: the controller drops the notices of any attempt \
                   but the current one. Can Running be untrue?",
        scenario: "arroyo/after --tasks 2 --fails 2@1 --workers 1,2 --attempts 2 --fence attempt",
        claim: "no-false-start",
        goal: Goal::SayImpossible,
        hint: "What does the controller do with a TaskStarted of the first attempt that it reads in the second?",
        why_impossible: [FENCED, LATE, ORDERED, UNCOUNTED],
        lesson: "A stale notice can still arrive at the worst moment, but it no longer counts. There are as many \
                 schedules as before, and none of them lies: the fence forbids no order, it makes every order \
                 harmless.",
        ..LEVEL
    },
    Level {
        id: "cascade",
        question: "No barrier, but queues: a task that sends to a dead neighbour dies too, and reports it. Do \
                   these extra reports save the old protocol?",
        scenario: "arroyo/before --tasks 3 --fails 2 --barrier none --cascade chain",
        remark: "Task 1 sends to 2, and 2 to 3. Only a task that runs sends.",
        needs: "every TaskFailed must be read before the last TaskStarted is",
        hint: "How many failures have to be read in Scheduling, and what must be left unread until then?",
        why_broken: [
            "Every TaskFailed was read before the last TaskStarted, and dropped.",
            "The cascade reached no other task.",
            "Only the first failure was sent to the controller.",
            "A task that dies in the cascade takes its TaskStarted back.",
        ],
        lesson: "The second failure is one more notice, and it can be dropped like the first: both have to be read \
                 before the last TaskStarted. More reports made the lie rare. They did not make it impossible.",
        ..LEVEL
    },
    Level {
        id: "sink",
        question: "The same chain, but its last task fails. Can a failure be lost now?",
        scenario: "arroyo/before --tasks 3 --fails 3 --barrier none --cascade chain",
        goal: Goal::SayImpossible,
        hint: "Take the TaskStarted that is read last. What does its task send after it?",
        why_impossible: [UPSTREAM, HANDLED, ORDERED, REMEMBERED],
        lesson: "When the last task dies, every task upstream dies in turn, so each sends a TaskFailed after its \
                 own TaskStarted. Whichever TaskStarted is read last, a TaskFailed is read after it, in Running, \
                 and is handled. If another task fails, the cascade does not save the old protocol.",
        ..LEVEL
    },
    Level {
        id: "stop",
        question: "No task fails. A user asks for a stop, once. Can the pipeline still be Running for good?",
        scenario: "seed/fixed --tasks 2 --fails none --stop asked --stop-while-scheduling ignore",
        claim: "no-lost-stop",
        remark: "The user is an actor too: s asks for the stop, whenever you let it.",
        hint: "In which phase has the controller no use for a stop?",
        why_broken: [
            "The stop was asked for while the controller was scheduling, and dropped; the pipeline was Running after that.",
            "The user asked twice, and the second time took the first one back.",
            "A task went on after it had been told to stop.",
            "The controller was stopping, and a TaskStarted made it Running again.",
        ],
        lesson: "It is the same bug with another notice: a notice that is read in the wrong phase is dropped, \
                 and it is not sent again. The knob stop-while-scheduling has two repairs: obey stops at once; \
                 defer keeps the request until every task is counted.",
        ..LEVEL
    },
    Level {
        id: "lost",
        question: "The whole fix, and a network that may lose one notice. No task fails. Is it always decided \
                   whether the pipeline runs?",
        scenario: "arroyo/after --tasks 2 --fails none --losses 1",
        claim: "always-decides",
        remark: "The network is an actor too: l loses the oldest notice of the inbox.",
        hint: "Which notice is sent once, and waited for?",
        why_broken: [
            "A TaskStarted was lost, it is sent only once, and the controller waits for it.",
            "A task died and did not report it.",
            "The controller dropped a TaskStarted.",
            "The barrier kept a task from announcing itself.",
        ],
        lesson: "The fix is about the order of steps. No order of steps repairs a loss. A timeout does; or a \
                 task that sends its notice again until it is answered.",
        ..LEVEL
    },
    Level {
        id: "restart",
        question: "The controller may crash once. Then it has forgotten what it had counted, and it asks the \
                   tasks. Is it always decided whether the pipeline runs?",
        scenario: "arroyo/after --tasks 2 --fails none --crashes 1 --recovery asks",
        claim: "always-decides",
        goal: Goal::SayImpossible,
        remark: "x crashes the controller. It starts again in the same step.",
        hint: "What does a task that was counted before the crash do after it?",
        why_impossible: [ASKED, HANDLED, ORDERED, REMEMBERED],
        lesson: "A controller that forgets must ask, because no task announces itself twice without being asked. \
                 With recovery forgets, the same crash can make the pipeline wait for ever. With remembers, the \
                 controller reads a store, and that store must be right.",
        ..LEVEL
    },
];

impl Level {
    /// The level with this name, or with this number from 1.
    pub fn find(word: &str) -> Option<&'static Self> {
        LEVELS.iter().find(|level| level.id == word || level.number().to_string() == word)
    }

    /// Its number, from 1.
    pub fn number(&self) -> usize {
        LEVELS.iter().take_while(|level| level.id != self.id).count() + 1
    }

    /// The level after it.
    pub fn next(&self) -> Option<&'static Self> {
        LEVELS.get(self.number())
    }

    /// The protocol that its scenario starts from.
    pub fn protocol(&self) -> &'static str {
        self.scenario.split(' ').next().unwrap_or_default()
    }

    /// What is played.
    ///
    /// # Panics
    /// If the data is not a valid scenario. A test reads them all.
    pub fn scenario(&self) -> Scenario {
        spec::read(self.scenario).unwrap_or_else(|error| panic!("level {}: {error}", self.id))
    }
}
