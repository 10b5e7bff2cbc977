//! `startup-race explain ID`: the meaning of a claim, a knob, a protocol or a term, with an example to run.

use clap::Args;

use crate::show::Style;
use crate::show::layout::fill;

use super::args;
use super::output::{Output, UsageError};

/// The explanation of a name.
pub struct Entry {
    pub id: &'static str,
    /// The kind of the name.
    pub kind: &'static str,
    /// The meaning in one line. This is also the help text of a knob's option.
    pub means: &'static str,
    /// Further text.
    pub more: &'static str,
    /// The arguments of an example command.
    pub example: &'static str,
}

/// The arguments of `explain`.
#[derive(Args)]
pub struct ExplainArgs {
    /// Such as no-lost-failure, announce or arroyo/before
    id: Option<String>,
}

pub fn run(args: &ExplainArgs, style: Style) -> Result<Output, UsageError> {
    let Some(id) = &args.id else {
        return Err(UsageError::new(format!(
            "explain needs an ID, as in: startup-race explain no-lost-failure\n\n{}",
            listing()
        )));
    };
    let found = entry(id).ok_or_else(|| {
        let ids: Vec<&str> = ENTRIES.iter().map(|entry| entry.id).collect();
        UsageError::new(format!(
            "there is nothing to explain about {id:?}.{}\n\n{}",
            args::nearest(id, &ids),
            listing()
        ))
    })?;
    let Entry { id, kind, means, more, example } = found;
    let filled = |text: &str| fill(&text.replace('\n', " "), style.columns().min(80)).join("\n");
    let (means, more) = (filled(&format!("{means}.")), filled(more));
    Ok(Output::ok(format!("{id} ({kind})\n\n{means}\n\n{more}\n\nTry: startup-race {example}\n")))
}

/// The explanation of a name, if there is one.
pub fn entry(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

fn listing() -> String {
    let of = |kind: &str| {
        let ids: Vec<&str> = ENTRIES.iter().filter(|entry| entry.kind == kind).map(|entry| entry.id).collect();
        format!("{kind}: {}", ids.join(", "))
    };
    ["claim", "knob", "protocol", "word"].map(of).join("\n")
}

macro_rules! entries {
    ($($kind:literal $id:literal: $means:literal $more:literal $example:literal;)+) => {
        &[$(Entry { id: $id, kind: $kind, means: $means, more: $more, example: $example }),+]
    };
}

/// Everything that can be explained.
pub const ENTRIES: &[Entry] = entries! {
    "claim" "no-false-start":
        "While the phase is Running, every task has completed on_start"
        "Judged in every state: a schedule breaks it if it passes through a state in which the pipeline is\n\
         called Running and a task has not begun, is still building its resources, or has failed while it\n\
         built them."
        "check seed/buggy --fails none --claim no-false-start";
    "claim" "no-lost-failure":
        "If a schedule ends in Running, no task is dead"
        "Judged at every end. A task is dead from its report on, or since it vanished. A real stream\n\
         processor broke this claim: a dead pipeline was shown as Running, for good."
        "check arroyo/before --claim no-lost-failure";
    "claim" "no-false-alarm":
        "If a schedule ends in Failed, a task is dead"
        "Judged at every end, for the tasks of the current attempt. A notice of an earlier attempt, or an\n\
         impatient timeout, must not end an attempt in which no task died."
        "check arroyo/after --attempts 2 --fails 1@1,2@1 --claim no-false-alarm";
    "claim" "always-decides":
        "No schedule ends in Scheduling or Stopping"
        "Judged at every end: the controller must not wait for ever for a notice that never comes."
        "check arroyo/late-only --claim always-decides";
    "claim" "running-runs":
        "If a schedule ends in Running, every task that is not dead has reached run"
        "Judged at every end. Tasks that wait at a barrier for a dead one never run."
        "check arroyo/before --claim running-runs";
    "claim" "no-lost-stop":
        "If a stop was asked for, the schedule does not end in Running"
        "Judged at every end. If no claim is named, it is judged only with --stop asked. A stop is lost if\n\
         the rules drop it in Scheduling, or if the controller forgets it."
        "check arroyo/after --fails none --stop asked --stop-while-scheduling ignore";
    "claim" "no-false-stop":
        "While the phase is Stopped, every task is dead or finished, also one that lingers"
        "Judged in every state. If no claim is named, it is judged only with --stop asked."
        "check arroyo/after --fails none --stop asked --claim no-false-stop";
    "claim" "no-half-run":
        "If a schedule ends in Running, no task is finished"
        "Judged at every end. If no claim is named, it is judged only with --stop asked or --restart one.\n\
         A pipeline must not be called Running while a part of it has ended."
        "check arroyo/after --fails none --stop asked --claim no-half-run";
    "claim" "can-run":
        "With every fault taken out, every end is Running with every task in run"
        "The witness: it guards each proof against holding only because nothing happens. It is searched\n\
         beside every check. If it does not hold, no claim is PROVED: a claim that no schedule breaks is\n\
         VACUOUS."
        "check seed/fixed --announce never";
    "knob" "announce":
        "When a task sends TaskStarted"
        "before-on-start is the bug: the notice says what has not happened yet. With after-on-start and\n\
         after-barrier, it has happened. With never, every claim that no schedule breaks is VACUOUS."
        "check seed/buggy --announce after-on-start";
    "knob" "failed-while-scheduling":
        "What the controller does with TaskFailed in Scheduling: drop it, or fail the attempt"
        "ignore loses the failure if the last TaskStarted comes after it. fail ends the attempt: if another\n\
         attempt is left, it begins; otherwise the phase is Failed."
        "check arroyo/before --failed-while-scheduling fail";
    "knob" "failed-while-running":
        "What the controller does with TaskFailed in Running: drop it, or fail the attempt"
        "ignore drops it. fail ends the attempt, as while scheduling. The real system handled a failure\n\
         here, so it lost a TaskFailed only if the controller read it in Scheduling."
        "check seed/buggy --failed-while-running fail";
    "knob" "barrier":
        "Whether the tasks of a worker wait for each other before they run"
        "per-worker: a task that has arrived goes on when every task of its worker has arrived. A task that\n\
         dies before it arrives holds the other tasks of its worker there."
        "check arroyo/before --barrier none";
    "knob" "attempts":
        "The budget of attempts, at least 1"
        "If an attempt fails and another one is left, the next one begins: every task (or only one: see\n\
         restart) starts again and is no longer counted. The inboxes keep their notices."
        "check seed/fixed --attempts 2 --fails 2@1";
    "knob" "old-attempt":
        "What the tasks of the old attempt do at a retry: they stop, or linger beside the new ones"
        "Lingering tasks keep their own faults and their own barrier, and send into the same inboxes."
        "check arroyo/after --attempts 2 --fails 2@1 --workers 1,2 --old-attempt lingers";
    "knob" "restart":
        "What a retry restarts: every task, or only the task whose TaskFailed caused the retry"
        "one: the other tasks go on, keep their attempt and stay counted. A retry that a timeout caused still\n\
         restarts every task. one cannot be combined with --old-attempt lingers."
        "check arroyo/after --attempts 2 --fails 2@1 --restart one";
    "knob" "fence":
        "Whether the controller drops a notice that its sender sent in an earlier attempt"
        "Each notice carries the attempt in which it was sent. Without a fence, the controller does not look\n\
         at that attempt, and counts a stale TaskStarted in the next attempt."
        "check seed/fixed --attempts 2 --fails 2@1 --fence attempt";
    "knob" "timeout":
        "Whether the controller can give up waiting in Scheduling, and when"
        "patient: only if no actor can take a step and no notice can be delivered. hasty: at any time. A\n\
         timeout ends the attempt, whatever failed-while-scheduling says."
        "check arroyo/after --vanishes 2 --timeout patient";
    "knob" "cascade":
        "Whether a death spreads through the tasks' queues"
        "chain: task 1 feeds task 2, task 2 feeds task 3, and so on. In run, a task panics if the task that\n\
         it feeds is dead, and finishes if the task that feeds it is dead or finished."
        "check arroyo/before --tasks 3 --barrier none --cascade chain";
    "knob" "duplicates":
        "How often the network may repeat a delivery, in all"
        "The controller reacts to the oldest notice of an inbox, and the notice stays there. In a schedule:\n\
         d."
        "check arroyo/after --attempts 2 --fails 2@1 --duplicates 1";
    "knob" "losses":
        "How often the network may lose a message, in all"
        "The oldest notice of an inbox is lost, and the controller never reads it. In a schedule: l."
        "check arroyo/after --fails none --losses 1";
    "knob" "stop":
        "Whether a user asks for a stop, once"
        "asked: the user asks at any time, in any phase that is not final. The phase becomes Stopping (for\n\
         Scheduling, see stop-while-scheduling), and the tasks in run finish. When every task is over, the\n\
         phase is Stopped. In a schedule: s."
        "check arroyo/after --fails none --stop asked";
    "knob" "stop-while-scheduling":
        "What a stop does in Scheduling: it is obeyed, deferred or dropped"
        "obey: the phase is Stopping at once. defer: it becomes Stopping when every task is counted, instead\n\
         of Running. ignore: the stop is dropped."
        "check arroyo/after --fails none --stop asked --stop-while-scheduling defer";
    "knob" "failed-while-stopping":
        "What the controller does with TaskFailed in Stopping"
        "fail: the phase is Failed, even if attempts are left. retry: if an attempt is left, the next one\n\
         begins; otherwise the phase is Failed. count: the task counts as over. ignore: the notice is\n\
         dropped."
        "check arroyo/after --stop asked --failed-while-stopping count";
    "knob" "crashes":
        "How often the controller may crash and restart, in all"
        "The controller can crash in every phase that is not final. The knob recovery says what it remembers\n\
         after a crash. In a schedule: x."
        "check arroyo/after --fails none --crashes 1";
    "knob" "recovery":
        "What the controller knows after a crash"
        "forgets: nothing; the phase is Scheduling again. asks: nothing; each live task that has announced\n\
         itself does so again. remembers: all that it knew."
        "check arroyo/after --fails none --crashes 1 --recovery asks";
    "protocol" "seed/buggy":
        "The bug in its simplest form: announce before on_start, ignore every failure, no barrier"
        "If a task panics in on_start, every schedule ends in Running with a dead task."
        "check seed/buggy";
    "protocol" "seed/fixed":
        "The fix in its simplest form: announce after on_start, handle every failure"
        "Every claim is proved if tasks only panic and no knob is changed. The knobs attempts, fence and\n\
         timeout show what the fix leaves."
        "check seed/fixed";
    "protocol" "arroyo/before":
        "The real system before its fix: announce before on_start, ignore a failure while scheduling, \
         handle it while running, a barrier for each worker"
        "A TaskFailed is lost only if the controller reads it before the last TaskStarted."
        "check arroyo/before";
    "protocol" "arroyo/after":
        "The real system after its fix: announce after the barrier, handle a failure in both phases"
        "Every claim is proved if tasks only panic and no knob is changed. The knobs attempts, fence and\n\
         timeout show what the fix leaves."
        "check arroyo/after";
    "protocol" "arroyo/late-only":
        "Half of the fix: announce after the barrier, but ignore a failure while scheduling"
        "The pipeline is never called Running too early, but after a failure the controller waits for ever."
        "check arroyo/late-only";
    "protocol" "arroyo/handled-only":
        "The other half of the fix: handle a failure in both phases, but announce before on_start"
        "No TaskFailed is lost, but the pipeline can be called Running before every task has started."
        "check arroyo/handled-only";
    "word" "schedule":
        "The actor of each step, in order"
        "A task is its number, the controller is c (c1, c2, … by inbox if there are several workers);\n\
         d: a notice delivered and kept; l: a notice lost; s: a stop; t: the timeout; x: the controller\n\
         crashes and restarts; 2@1: task 2 of attempt 1, lingering; d@3, l@3: a command to actor 3."
        "replay arroyo/before \"2 2 2 1 1 1 c c c\"";
    "word" "probability":
        "How likely a claim is broken if each enabled actor is picked with equal probability"
        "No real scheduler is uniform: a probability compares protocols, and predicts nothing about a real\n\
         system."
        "check arroyo/before --claim no-lost-failure";
    "word" "PROVED":
        "Every schedule was explored, none breaks the claim, and the witness holds"
        "If no judged state meets the premise of the claim, the report says so: premise never met."
        "check arroyo/after";
    "word" "REFUTED":
        "A schedule breaks the claim; the report shows the shortest one, and why it breaks the claim"
        "Of the shortest schedules, it is the one with the fewest context switches; of those, the first in a\n\
         fixed order. If the search was cut short, there may be a shorter one."
        "check arroyo/before";
    "word" "CUT SHORT":
        "A limit ended the search before it was complete: the claim is neither refuted nor proved"
        "Never a pass: the exit code is 3."
        "check arroyo/after --max-states 10";
    "word" "VACUOUS":
        "No schedule breaks the claim, but the witness does not hold: even without faults, the pipeline does \
         not always run"
        "Never a pass: the exit code is 4."
        "check seed/fixed --announce never --claim no-lost-failure";
};

#[cfg(all(test, not(loom)))]
mod tests {
    use clap::Parser;

    use crate::claims::standard;
    use crate::core::{PipelineController, RunRules};
    use crate::scenario::knobs::{KNOBS, PROTOCOLS};

    use super::*;

    #[test]
    fn every_claim_knob_and_protocol_is_explained_and_nothing_else_is_called_so() {
        let of = |kind: &str| -> Vec<&str> {
            ENTRIES.iter().filter(|entry| entry.kind == kind).map(|entry| entry.id).collect()
        };
        let claims = standard::<PipelineController>(&RunRules::DEFAULT);
        let mut ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_ref()).collect();
        ids.push("can-run");
        assert_eq!(of("claim"), ids);
        assert_eq!(of("knob"), KNOBS.iter().map(|knob| knob.name).collect::<Vec<_>>());
        assert_eq!(of("protocol"), PROTOCOLS.map(|(name, _)| name).to_vec());
    }

    #[test]
    fn every_example_is_a_command_line_that_parses() {
        for entry in ENTRIES {
            let words = entry.example.replace("\"2 2 2 1 1 1 c c c\"", "2_2");
            let words = words.split(' ').map(|word| word.replace('_', " "));
            let parsed = super::super::Cli::try_parse_from(["startup-race".to_string()].into_iter().chain(words));
            assert!(parsed.is_ok(), "{}: {}", entry.id, entry.example);
        }
    }
}
