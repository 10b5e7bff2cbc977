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
        "Judged in every state: it is broken by each schedule that passes through a state where the\n\
         pipeline is called Running and a task is still building its resources, has panicked there, or\n\
         has not begun."
        "check seed/buggy --fails none --claim no-false-start";
    "claim" "no-lost-failure":
        "Where a schedule ends in Running, no task is dead"
        "Judged at every end. A task is dead from its report on, or since it vanished. This is the bug\n\
         that a real stream processor had: a dead pipeline, shown as Running, for good."
        "check arroyo/before --claim no-lost-failure";
    "claim" "no-false-alarm":
        "Where a schedule ends in Failed, a task is dead"
        "Judged at every end, of the tasks of the current attempt: an attempt that nothing happened to\n\
         must not be ended by a notice of an earlier one, or by an impatient timeout."
        "check arroyo/after --attempts 2 --fails 1@1,2@1 --claim no-false-alarm";
    "claim" "always-decides":
        "No schedule ends in Scheduling or Stopping"
        "Judged at every end: the controller must not wait for ever for a notice that never comes."
        "check arroyo/late-only --claim always-decides";
    "claim" "running-runs":
        "Where a schedule ends in Running, every task that is not dead has reached run"
        "Judged at every end. Tasks that wait at a barrier for a dead one never run."
        "check arroyo/before --claim running-runs";
    "claim" "no-lost-stop":
        "Where a stop was asked, no schedule ends in Running"
        "Judged at every end, and unless other claims are named only where a stop can be asked. A stop is\n\
         lost where the rules drop it in Scheduling, and where the controller forgets it."
        "check arroyo/after --fails none --stop asked --stop-while-scheduling ignore";
    "claim" "no-false-stop":
        "While the phase is Stopped, every task is dead or finished, also one that lingers"
        "Judged in every state, and unless other claims are named only where a stop can be asked."
        "check arroyo/after --fails none --stop asked --claim no-false-stop";
    "claim" "no-half-run":
        "Where a schedule ends in Running, no task is finished"
        "Judged at every end, and unless other claims are named only where a stop can be asked or a retry\n\
         restarts one task: a pipeline must not be called Running while a part of it has ended."
        "check arroyo/after --fails none --stop asked --claim no-half-run";
    "claim" "can-run":
        "With every fault taken out, every end is Running with every task in run"
        "The witness: it guards each proof against holding only because nothing happens. It is searched\n\
         beside every check, and where it does not hold no claim is PROVED: the verdict is VACUOUS."
        "check seed/fixed --announce never";
    "knob" "announce":
        "When a task sends TaskStarted"
        "before-on-start is the bug: the notice says what has not happened yet. after-on-start and\n\
         after-barrier say it when it has. never is the short way to a vacuous claim."
        "check seed/buggy --announce after-on-start";
    "knob" "failed-while-scheduling":
        "What the controller does with TaskFailed in Scheduling: drop it, or fail the attempt"
        "ignore loses the failure where the last TaskStarted comes after it. fail ends the attempt: a\n\
         retry while the budget of attempts lasts, else Failed."
        "check arroyo/before --failed-while-scheduling fail";
    "knob" "failed-while-running":
        "What the controller does with TaskFailed in Running: drop it, or fail the attempt"
        "The real system did handle it, so a failure was lost only where the controller read it while\n\
         it was Scheduling."
        "check seed/buggy --failed-while-running fail";
    "knob" "barrier":
        "Whether the tasks of a worker wait for each other before they run"
        "per-worker: a task that has arrived goes on once every task of its worker has. One that dies\n\
         before it arrives holds its peers there for good."
        "check arroyo/before --barrier none";
    "knob" "attempts":
        "The budget of attempts, at least 1"
        "Where an attempt fails the next one begins while one is left: every task starts anew, nothing is\n\
         counted, and the inboxes keep what they hold."
        "check seed/fixed --attempts 2 --fails 2@1";
    "knob" "old-attempt":
        "What becomes of an attempt's tasks at a retry: stopped, or lingering beside the new ones"
        "Lingering tasks keep their own fates and their own barrier, and send into the same inboxes."
        "check arroyo/after --attempts 2 --fails 2@1 --workers 1,2 --old-attempt lingers";
    "knob" "restart":
        "What a retry begins anew: every task, or only the one whose TaskFailed caused it"
        "one: the others go on, keep their attempt and stay counted. A retry that a timeout caused begins\n\
         every task anew. It cannot be combined with lingering tasks."
        "check arroyo/after --attempts 2 --fails 2@1 --restart one";
    "knob" "fence":
        "Whether the controller drops a notice that its task sent in an earlier attempt"
        "Each notice carries the attempt that sent it; without a fence the controller does not look. A\n\
         stale TaskStarted is then counted in the next attempt."
        "check seed/fixed --attempts 2 --fails 2@1 --fence attempt";
    "knob" "timeout":
        "Whether the controller gives up waiting in Scheduling"
        "patient: only where nothing else can happen. hasty: at any time. It ends the attempt, whatever\n\
         failed-while-scheduling says."
        "check arroyo/after --vanishes 2 --timeout patient";
    "knob" "cascade":
        "Whether a death spreads through the tasks' queues"
        "chain: task 1 feeds 2, 2 feeds 3, and so on. A running task whose neighbour downstream is dead\n\
         panics; one whose neighbour upstream is gone finishes."
        "check arroyo/before --tasks 3 --barrier none --cascade chain";
    "knob" "duplicates":
        "How often the network may repeat a delivery, in all"
        "The controller reacts to the oldest notice of an inbox, and the notice stays. In a schedule: d."
        "check arroyo/after --attempts 2 --fails 2@1 --duplicates 1";
    "knob" "losses":
        "How often the network may lose a message, in all"
        "The oldest notice of an inbox is gone, and the controller never reads it. In a schedule: l."
        "check arroyo/after --fails none --losses 1";
    "knob" "stop":
        "Whether a user asks for a stop, once"
        "asked: at any time, in every phase that is not final. The phase becomes Stopping, the tasks in run\n\
         finish, and when all are over it is Stopped. In a schedule: s."
        "check arroyo/after --fails none --stop asked";
    "knob" "stop-while-scheduling":
        "What a stop does in Scheduling: it is obeyed, deferred or dropped"
        "obey: the phase is Stopping at once. defer: it becomes Stopping when every task is counted, instead\n\
         of Running. ignore: the stop is dropped."
        "check arroyo/after --fails none --stop asked --stop-while-scheduling defer";
    "knob" "failed-while-stopping":
        "What the controller does with TaskFailed in Stopping"
        "fail: the phase is Failed, whatever is left of the budget. retry: the next attempt begins while one\n\
         is left, else Failed. count: the task counts as over. ignore: the notice is dropped."
        "check arroyo/after --stop asked --failed-while-stopping count";
    "knob" "crashes":
        "How often the controller may crash and restart, in all"
        "In every phase that is not final; what it remembers after that is set by recovery. In a schedule: x."
        "check arroyo/after --fails none --crashes 1";
    "knob" "recovery":
        "What the controller knows after a crash"
        "forgets: nothing, and it is Scheduling again. asks: nothing, and each task that lives and has\n\
         announced itself does so again. remembers: all that it knew."
        "check arroyo/after --fails none --crashes 1 --recovery asks";
    "protocol" "seed/buggy":
        "The bug in its simplest telling: announce before on_start, ignore every failure, no barrier"
        "With a failing task every schedule ends in Running with a dead task."
        "check seed/buggy";
    "protocol" "seed/fixed":
        "The fix in its simplest telling: announce after on_start, handle every failure"
        "It holds every claim, and is proved to."
        "check seed/fixed";
    "protocol" "arroyo/before":
        "The real system before its fix: announce before on_start, ignore a failure while scheduling, \
         handle it while running, a barrier for each worker"
        "A failure is lost only where the controller reads it before the last TaskStarted."
        "check arroyo/before";
    "protocol" "arroyo/after":
        "The real system after its fix: announce after the barrier, handle a failure in both phases"
        "It holds every claim in one attempt; see the knobs attempts, fence and timeout for what it leaves."
        "check arroyo/after";
    "protocol" "arroyo/late-only":
        "Half of the fix: announce after the barrier, but ignore a failure while scheduling"
        "Nothing is called Running that is not, but the controller waits for ever."
        "check arroyo/late-only";
    "protocol" "arroyo/handled-only":
        "The other half of the fix: handle a failure in both phases, but announce before on_start"
        "No failure is lost, but for a while Running is a lie."
        "check arroyo/handled-only";
    "word" "schedule":
        "The actor of each step, in order"
        "A task is its number, the controller is c (c1, c2, … by inbox where there are several workers);\n\
         d: a notice delivered and kept; l: a notice lost; s: a stop; t: the timeout; x: the controller\n\
         crashes and restarts; 2@1: task 2 of attempt 1, lingering; d@3, l@3: a command to actor 3."
        "replay arroyo/before \"2 2 2 1 1 1 c c c\"";
    "word" "probability":
        "How likely a claim is broken if each enabled actor is picked with equal probability"
        "No real scheduler is that uniform one: a probability compares protocols, it predicts nothing about a\n\
         real system."
        "check arroyo/before --claim no-lost-failure";
    "word" "PROVED":
        "Every schedule was explored, none breaks the claim, and the witness holds"
        "Where the premise of the claim never held, the proof says so."
        "check arroyo/after";
    "word" "REFUTED":
        "A schedule breaks the claim: the shortest one is shown, and why"
        "Among the shortest it is the one with the fewest context switches; among those the first."
        "check arroyo/before";
    "word" "CUT SHORT":
        "A bound ended the search before it was complete: nothing was refuted, and nothing is proved"
        "Never a pass: the exit code is 3."
        "check arroyo/after --max-states 10";
    "word" "VACUOUS":
        "Nothing breaks the claim because nothing happens: the witness does not hold"
        "Never a pass: the exit code is 4."
        "check seed/fixed --announce never --claim no-lost-failure";
};

#[cfg(test)]
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
