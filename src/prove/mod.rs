//! A proof for every number of tasks.
//!
//! The explorer proves a claim for two tasks, or for eight. This module proves it for every number of tasks, every set of
//! tasks that fail, and one worker or any number of them; or it finds the smallest number of tasks with a schedule of the
//! model that breaks the claim; or it says that it does not know.
//!
//! | question | file |
//! |---|---|
//! | What is kept of a state? | [`local`] |
//! | What must a controller be like? | [`parametric`] |
//! | How is a transition read off the model? | [`small`] |
//! | Which abstract states are there? | [`search`]; what it has read so far is in `tables` |
//! | What are the tables for a certificate, and which invariant is enough? | [`table`], [`invariant`] |
//! | What is the answer, and what is a schedule of a refuted claim? | [`answer`], [`scenarios`] |
//!
//! # The abstraction
//!
//! The *local state* of a task is how far it has come, its own notices under way (the oldest first), and what the
//! controller remembers of it. The *control* is all the rest: the controller without its tasks, the attempt, what is left
//! of losses, duplicates and crashes. An abstract state is a control and a **set** of local states: those that at least
//! one task is in. How many tasks are in a local state, which ones they are and on which workers is forgotten. There are
//! finitely many abstract states, so all of them can be visited. This is known as a presence abstraction.
//!
//! # Why nothing is missed
//!
//! Claim: whatever a pipeline of n tasks can do, the abstract search does too. For a state W write α(W) for what is kept
//! of it.
//!
//! 1. **The start.** Every task is in the same local state. So for every n ≥ 1 the first state is kept as the same set of
//!    one local state. A fault is not a part of it: before `on_start` a task may have any of the faults in question, and
//!    each is tried when `on_start` is reached. A fault is looked at nowhere before that. In this way one search holds
//!    every set of failing tasks.
//! 2. **A step of a task.** A step depends on the task's own state, its fault, whether the pipeline is stopping, and
//!    the barrier. It changes the task and appends to its own notices. So the result is read off a world with that task
//!    alone. Other tasks may remain in the local state that it left, or none may: both sets are successors.
//! 3. **The barrier.** It asks for all tasks of a worker. Whether one task holds back another is read off worlds with
//!    the two of them. On one worker a task passes if and only if no local state that another task is in holds it back:
//!    that can be told from the set. On any number of workers the task may pass whenever it would pass alone, because it
//!    may be alone on its worker; and it may wait whenever some task is in a local state that holds it back. Both are
//!    tried, so each layout is covered.
//! 4. **A delivery.** The oldest notice of an inbox is, among the notices of its own sender, the oldest. So to let the
//!    oldest notice of *any* task be delivered allows all that the shared inbox allows, and more: the order between tasks
//!    is forgotten. The controller's reaction depends on its state without the tasks, on what it remembers of the
//!    sender, and on which marks there are among the other tasks; never on how many tasks have a mark (see
//!    [`parametric`]). The last two can be told from the set, once with and once without a second task in the sender's
//!    local state. A reaction that changes all tasks (a retry, a crash) maps each local state by itself.
//! 5. **A final phase.** The controller drops every notice there, which the small worlds test. So notices and marks are
//!    not kept, and a delivery changes nothing.
//! 6. **An end.** No action is enabled in W. Then each task takes no step, alone or held back by a task in a local state
//!    of the set; and no notice is under way. That can be told from the set, and α(W) is judged as an end.
//! 7. **A claim** of the protocol speaks of the phase and of *some* task or *every* task in a certain state. So it is
//!    true of W if and only if it is true of a world with one task in each local state of the set.
//!
//! By 1 to 5 and induction on the length of a schedule, α(W) is visited for every reachable W, whatever n is. By 6 and 7
//! a claim that no abstract state breaks is broken by no W. The same search without faults shows that every end is
//! Running with every task in `run`: so nothing is proved of a pipeline in which nothing happens.
//!
//! Each schedule is finite for every n: a task takes finitely many steps, a notice is received once, and retries,
//! repetitions, stops and crashes are bounded. So "at every end" is not empty.
//!
//! The converse of the claim is false. The set does not know the order of an inbox, so an abstract state may represent
//! no state at all. A claim that an abstract state breaks is therefore refuted only by a schedule of the model; if none
//! is found with a few tasks, the answer is *unknown*.
//!
//! # Where the semantics comes from
//!
//! Nothing is written a second time. Steps, barriers and reactions are read off [`Model::apply`](crate::model::Model::apply)
//! in small worlds; claims are judged by the functions that the explorer uses. A change of a rule changes the proof.
//! Tests walk every state of every pipeline of up to four tasks, and random walks of pipelines of forty, and find each
//! state, each step and each end in the abstract search.
//!
//! # What others do
//!
//! A presence abstraction is the simplest form of counter abstraction (Pnueli, Xu and Zuck, 2002). View abstraction
//! (Abdulla, Haziza and Holík, 2013) keeps sets of two or three processes and finds by itself how many are needed; Ivy
//! (Padon and others, 2016), IC3PO and DuoAI find invariants in first-order logic for much richer systems. This module does
//! less: it knows one shape of system, tasks that are alike and one controller, and it asks a controller to count no
//! further than "all".

pub mod answer;
pub mod invariant;
pub mod local;
pub mod parametric;
pub mod scenarios;
pub mod search;
pub mod set;
pub mod small;
pub mod table;
mod tables;
