//! A proof for every number of tasks.
//!
//! The explorer proves a claim for two tasks, or for eight. This module proves it for every number of tasks, every set
//! of tasks that fail, and one worker or any number of them. Or it finds a schedule of the model that breaks the claim:
//! it tries one task first, then two, up to four. Otherwise the answer is unknown, vacuous or cut short.
//!
//! | question | file |
//! |---|---|
//! | What is kept of a state? | [`local`] |
//! | What must a controller be like? | [`parametric`] |
//! | How is a transition computed from the model? | [`small`] |
//! | Which abstract states are there? | [`search`]; the steps and reactions that it has computed are in `tables` |
//! | What is written into a certificate, and which invariant implies the claims? | [`table`], [`invariant`] |
//! | What is the answer, and what is a schedule of a refuted claim? | [`answer`], [`scenarios`] |
//!
//! # The abstraction
//!
//! The *local state* of a task is how far it has come, the fault that it still has, its own queued notices (oldest
//! first), and what the controller remembers of it. The *control* is everything else: the controller without its tasks,
//! the attempt, whether a stop was asked for, and how many losses, duplicates and crashes are left. An abstract state
//! is a control and a **set** of local states: those that at least one task is in. The abstraction forgets how many
//! tasks are in a local state, which tasks they are, and on which workers they run. There are finitely many abstract
//! states, so all of them can be visited. This is known as a presence abstraction.
//!
//! # Why nothing is missed
//!
//! Claim: everything that a pipeline of n tasks can do, the abstract search does too. For a state W of the model, α(W)
//! is the abstract state that represents it.
//!
//! 1. **The start.** Every task is in the same local state. So for every n ≥ 1 the first state is represented by the
//!    same set of one local state. The fault of a task is not part of that local state. Before `on_start`, a task may
//!    have no fault or any of the faults in question, and each case is tried when `on_start` is reached. No rule
//!    depends on the fault before that. In this way one search covers every set of failing tasks.
//! 2. **A step of a task.** A step depends on the task's own state, its fault, whether the pipeline is stopping, and
//!    the barrier. It changes the task, and may append a notice to the task's own queue. So the result is computed in a
//!    world with that task alone. Other tasks may remain in the local state that the task left, or no task may remain
//!    there: both sets are successors.
//! 3. **The barrier.** It depends on all tasks of a worker. Whether one task holds back another is computed in worlds
//!    with only these two tasks. On one worker, a task passes if and only if no local state of another task holds it
//!    back. The set determines this. On any number of workers the task may pass whenever it would pass alone, because
//!    it may be alone on its worker; and it may wait whenever some task is in a local state that holds it back. Both
//!    are tried, so each layout is covered.
//! 4. **A delivery.** The oldest notice of an inbox is also the oldest notice of its sender. So the abstraction may
//!    deliver the oldest notice of *any* task: this allows all that the shared inbox allows, and more, because the
//!    order between tasks is not kept. The controller's reaction depends on its state without the tasks, on its *mark*
//!    of the sender (what it remembers of that task), and on which marks the other tasks have; never on how many tasks
//!    have a mark (see [`parametric`]). The set tells which marks there are. It does not tell whether a second task is
//!    in the sender's local state, so both cases are tried. A reaction that changes all tasks (a retry, a crash) maps
//!    each local state by itself.
//! 5. **A final phase.** No notice changes the controller in a final phase, or has an effect there. This is checked in
//!    the small worlds. So notices and marks are not kept, and a delivery changes nothing.
//! 6. **An end.** If no action is enabled in W, no task can take a step: either it could not take one even if it were
//!    alone, or a task in a local state of the set holds it back. Also, no notice is queued. The set determines both,
//!    so α(W) is judged as an end.
//! 7. **A claim** of the protocol is about the phase, about whether a stop was asked for, and about *some* task or
//!    *every* task being in a certain state. So it is true of W if and only if it is true of a world with one task in
//!    each local state of the set.
//!
//! By 1 to 5 and induction on the length of a schedule, α(W) is visited for every reachable W, whatever n is. By 6 and
//! 7 a claim that holds in every abstract state holds in every W. The same search without faults must show that every
//! end is Running with every task in `run`, so a claim is not proved only because nothing happens.
//!
//! Each schedule is finite for every n: a task takes finitely many steps, a notice is received once, and retries,
//! repetitions, stops and crashes are bounded. So every schedule reaches an end, and a claim about every end is not
//! true merely because there is no end.
//!
//! The converse is false. An abstract state does not keep the order of notices of different tasks in an inbox, so it
//! may represent no state of the model at all. If an abstract state breaks a claim, the claim is therefore refuted only
//! if a schedule of the model breaks it too; if none is found with a few tasks, the answer is *unknown*.
//!
//! # The invariant and the certificate
//!
//! To believe a search, one has to trust the program that searched. A certificate can be checked without that program.
//! It is made in four steps:
//!
//! 1. **Tables.** The steps of a task, the places that hold back another task, the reactions of the controller and the
//!    claims are computed in small worlds, as finite tables ([`table`]). If a knob does not fit in them, the error
//!    names the knob.
//! 2. **Conjuncts.** The candidates describe what the search found, for one task at a time: *while the phase is P, a
//!    task at place L has one of these queues and marks*; and, if a guard or a claim needs it, *while the phase is P,
//!    some task is not counted* (or is dead, for example): see [`invariant`].
//! 3. **Enough.** Their conjunction must hold at the start, each step and each reaction must keep it, and it must imply
//!    each claim. This is decided by looking at sets of local states. Then each conjunct that is not needed is removed,
//!    so a reader sees only lines that are needed.
//! 4. **Obligations.** The same questions are written in SMT-LIB over an uninterpreted sort of tasks, and the expected
//!    answer to each is `unsat`. Further questions, whose expected answer is `sat`, ask whether the invariant, each
//!    step, and each reaction that the search found are possible. No number of tasks occurs in the file. z3 and cvc5
//!    check it without any code of this program. What remains to be trusted is that the tables are those of the code.
//!    For the named protocols, tests visit every state of every pipeline of up to four tasks (three on any workers),
//!    and take random walks in pipelines of up to forty tasks. In each state they check that the invariant holds, and
//!    that each claim of the file is equal to the claim of the code.
//!
//! # Where the semantics comes from
//!
//! The semantics is not written a second time. Steps, barriers and reactions are computed by
//! [`Model::apply`](crate::model::Model::apply) in small worlds (models with a few tasks); claims are judged by the
//! functions that the explorer uses. So a changed rule changes the proof. Tests visit the same pipelines as above. They
//! check that each state, each step and each end is in the abstract search.
//!
//! # What others do
//!
//! A presence abstraction is the simplest form of counter abstraction (Pnueli, Xu and Zuck, 2002); Ball, Chaki and
//! Rajamani (2001) verified libraries for any number of threads with counters that stop at "many". View abstraction
//! (Abdulla, Haziza and Holík, 2013) keeps sets of two or three processes and finds by itself how many are needed. Ivy
//! (Padon and others, 2016), IC3PO (Goel and Sakallah, 2021) and DuoAI (Yao and others, 2022) find invariants in
//! first-order logic for much richer systems, and refine them step by step. This module does less: it covers one kind
//! of system, identical tasks and one controller, which must not count tasks beyond "none", "some" and "all". Its
//! conjuncts are about one task, or about some task, but never about two tasks at once. If they are not enough, it does
//! not refine them, and says so.

#![cfg(not(loom))]

pub mod answer;
pub mod invariant;
pub mod local;
pub mod no_certificate;
pub mod parametric;
pub mod scenarios;
pub mod search;
pub mod set;
pub mod small;
pub mod table;
mod tables;
