//! Every mutant of the protocol on loom's threads, in every scenario of a small set that threads can run.
//!
//! The mutants change what the threads run, not how they run it. So the threads must reach exactly the outcomes that
//! the mutated model allows, and break exactly the claims that the explorer refutes. The printed and pinned table has a
//! row for each mutant, with the letters of the scenarios in which it breaks a claim that the protocol keeps. The last
//! columns show in which scenarios it breaks none, in which its graph is the protocol's own (by a walk of both
//! together), and which ones threads cannot run.

#[allow(dead_code, reason = "tests/it uses more of it")]
#[path = "../common/mutants/mod.rs"]
mod protocol;

use std::collections::BTreeSet;

use protocol::faulty::Faulty;
use protocol::list::MUTANTS;
use protocol::{Mutant, Row, claims, table, walk, without_fault};
use startup_race::core::Timeout;
use startup_race::explore::report::Check;
use startup_race::explore::verdict::VerdictKind;
use startup_race::scenario::spec;
use startup_race::scenario::{Scenario, Setup};
use startup_race::threads::{NoHooks, Options, check};

use crate::agreement::{explore_setup, same_outcomes};
use crate::claims::broken_at_the_end;
use crate::conformance::Complaint;
use crate::model::Unfinished;
use crate::pictures::finished;
use crate::starts::{explore_starts, false_starts};

/// The scenarios, each with its letter. They are as small as possible: a stopped attempt of two tasks costs thousands
/// of executions for each mutant.
const SCENARIOS: [(char, &str); 13] = [
    ('A', "arroyo/after --fails 2"),
    ('B', "arroyo/after --vanishes 2"),
    ('C', "arroyo/after --vanishes 2 --timeout patient"),
    ('D', "arroyo/handled-only --fails 1"),
    ('E', "seed/fixed --fails none"),
    ('F', "seed/fixed --vanishes 2 --timeout patient"),
    ('G', "seed/fixed --tasks 1 --fails 1@1 --attempts 3"),
    ('H', "seed/fixed --fails 2@1 --attempts 2 --old-attempt lingers --fence attempt"),
    ('I', "arroyo/handled-only --fails 2@1 --attempts 2 --old-attempt lingers --fence attempt"),
    ('J', "seed/fixed --fails 2@1 --attempts 2 --old-attempt lingers"),
    ('K', "seed/fixed --fails 1@1,2@1 --attempts 2 --old-attempt lingers --fence attempt"),
    ('L', "seed/fixed --tasks 1 --vanishes 1@1 --attempts 2 --timeout patient"),
    ('M', "seed/buggy --workers 1,2 --fails 2"),
];

/// The claim that is judged by flags on threads, not at their ends.
const BY_FLAGS: &str = "no-false-start";

const NO_CLAIM: &str =
    "it breaks no claim under the explorer either: it shows in numbers of schedules, or is equivalent";
const A_CHAIN: &str = "it shows in a chain, which threads do not run";
const DUPLICATES: &str = "it shows if a delivery is repeated, which threads do not do";

/// Mutants that no scenario here kills, and why.
const NOT_KILLED: [(&str, &str); 22] = [
    ("barrier-first", NO_CLAIM),
    ("barrier-left-out", NO_CLAIM),
    ("vanishing-reports", NO_CLAIM),
    ("fate-of-the-first-attempt", NO_CLAIM),
    ("an-inbox-for-each-task", NO_CLAIM),
    ("one-inbox-for-all", NO_CLAIM),
    ("a-duplicate-more", DUPLICATES),
    ("no-duplicate", DUPLICATES),
    ("a-counter-for-a-set", DUPLICATES),
    ("deaf-to-the-cascade", A_CHAIN),
    ("failed-again", A_CHAIN),
    ("finish-counts", NO_CLAIM),
    ("finish-fails-scheduling", A_CHAIN),
    ("finish-fails-running", A_CHAIN),
    ("finish-panics", A_CHAIN),
    ("no-chain", A_CHAIN),
    ("chain-and-no-barrier", A_CHAIN),
    ("retry-empties-the-inboxes", NO_CLAIM),
    ("the-old-attempt-lingers", "it shows if tasks that announce early are stopped at a barrier: minutes under loom"),
    ("the-old-attempt-stops", NO_CLAIM),
    ("fence-older-only", NO_CLAIM),
    ("timeout-at-any-time", "it shows in a retry, with which threads have no hasty timeout"),
];

/// The visible behaviour of a mutant in a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// The claims that it breaks.
    Broken(BTreeSet<String>),
    /// Its controller breaks the contract.
    ContractViolation,
}

/// The explorer's result.
fn explored(setup: &Setup<Faulty>) -> Seen {
    let Ok(report) = Check::new(setup.clone()).claims(claims()).run() else { return Seen::ContractViolation };
    assert!(report.complete);
    let broken = report.claims.iter().filter(|judgement| judgement.verdict.kind() == VerdictKind::Refuted);
    Seen::Broken(broken.map(|judgement| judgement.claim.id.to_string()).collect())
}

/// The threads' result. Ends are judged by replaying an execution for each outcome. A false start is judged by the
/// flags, if the protocol itself has none.
fn threaded(name: &str, setup: &Setup<Faulty>, flags: bool) -> Seen {
    match explore_setup(name, setup, &NoHooks) {
        Err(Unfinished::Complaint(complaint, _)) if matches!(*complaint, Complaint::Breach(_)) => {
            Seen::ContractViolation
        }
        found => {
            let found = finished(name, setup, found);
            same_outcomes(name, setup, &found);
            let claims = claims();
            let at_ends = found.examples().flat_map(|events| broken_at_the_end(setup, &claims, events));
            let mut broken: BTreeSet<String> = at_ends.collect();
            if flags && false_starts(&explore_starts(&format!("{name}, the controller looks"), setup, true)) > 0 {
                broken.insert(BY_FLAGS.to_string());
            }
            Seen::Broken(broken)
        }
    }
}

/// Whether threads run a setup. They could run a hasty timeout with a barrier, but it has too many orders.
fn can_run(setup: &Setup<Faulty>) -> bool {
    let rules = setup.scenario.rules();
    let costly = rules.run.timeout == Timeout::Hasty && rules.task.barrier;
    !costly && check(setup, &Options::<NoHooks>::default()).is_ok()
}

/// The columns in which a mutant is visible in a scenario. Both engines must agree.
fn columns_of(mutant: &Mutant, letter: char, scenario: &Scenario, plain: &BTreeSet<String>) -> Vec<String> {
    let setup = mutant.setup(scenario);
    if walk(&without_fault(scenario.clone()), &setup).is_ok() {
        return vec!["same".to_string()];
    }
    if !can_run(&setup) {
        return vec!["cannot".to_string()];
    }
    let name = format!("{letter}, mutant {}: not \"{}\"", mutant.name, mutant.rule);
    let flags = !plain.contains(BY_FLAGS);
    let seen = threaded(&name, &setup, flags);
    match (seen, explored(&setup)) {
        (Seen::ContractViolation, Seen::ContractViolation) => vec!["contract".to_string()],
        (Seen::Broken(threads), Seen::Broken(mut explorer)) => {
            explorer.retain(|claim| flags || claim != BY_FLAGS);
            assert_eq!(threads, explorer, "{name}: the threads and the explorer");
            let new: Vec<String> = threads.difference(plain).cloned().collect();
            if new.is_empty() { vec!["kept".to_string()] } else { new }
        }
        (threads, explorer) => panic!("{name}: the threads {threads:?}, the explorer {explorer:?}"),
    }
}

/// The columns: the claims; the contract of a controller; then the scenarios in which a mutant breaks nothing new,
/// those in which its graph is the protocol's, and those that threads cannot run.
fn columns() -> Vec<String> {
    let others = ["contract", "kept", "same", "cannot"].map(str::to_string);
    claims().iter().map(|claim| claim.id.to_string()).chain(others).collect()
}

fn rows() -> Vec<(&'static str, Row)> {
    let columns = columns();
    let mut rows: Vec<_> = MUTANTS.iter().map(|mutant| (mutant.name, vec![String::new(); columns.len()])).collect();
    for (letter, line) in SCENARIOS {
        let scenario = spec::read(line).expect("a scenario");
        let Seen::Broken(plain) = explored(&without_fault(scenario.clone())) else {
            panic!("the protocol keeps its contract")
        };
        for (mutant, (_, row)) in MUTANTS.iter().zip(&mut rows) {
            for column in columns_of(mutant, letter, &scenario, &plain) {
                let at = columns.iter().position(|other| *other == column).expect("a column");
                row[at].push(letter);
            }
        }
    }
    rows
}

#[test]
fn the_threads_kill_what_the_explorer_kills() {
    let (columns, rows) = (columns(), rows());
    let text = table(&SCENARIOS, &columns, &rows);
    println!("{text}");
    insta::assert_snapshot!(text);
    let kills = claims().len() + 1;
    let unkilled = rows.iter().filter(|(_, row)| row[..kills].iter().all(String::is_empty)).map(|(name, _)| *name);
    assert_eq!(unkilled.collect::<Vec<_>>(), NOT_KILLED.map(|(name, _)| name));
}
