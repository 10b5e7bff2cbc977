//! Every mutant of the protocol on loom's threads, in every scenario of a small set that threads can run.
//!
//! The mutants change what the threads run, not how: so the threads must reach what the mutated world allows and nothing
//! else, and break just the claims that the explorer says are broken. A mutant that is equivalent in a
//! scenario, by a walk of both worlds together, is left out there.

#[path = "../mutants/mod.rs"]
mod protocol;

use std::collections::{BTreeMap, BTreeSet};

use protocol::faulty::Faulty;
use protocol::list::MUTANTS;
use protocol::{Mutant, claims, walk, without_fault};
use startup_race::explore::report::Check;
use startup_race::explore::verdict::Kind;
use startup_race::options;
use startup_race::protocol::claims::{Judged, State};
use startup_race::protocol::rules::{Cascade, Timeout};
use startup_race::protocol::scenario::Scenario;
use startup_race::protocol::world::{Setup, World};
use startup_race::threads::{Options, Sound, threads};

use crate::agreement::{agree, explore_setup};
use crate::judge::{Complaint, Outcome, step_through};
use crate::model::{Finished, Unfinished};
use crate::starts::{explore_starts, false_starts};
use crate::worlds::outcomes;

/// The scenarios, under the letters that they have in the explorer's kill matrix.
const SCENARIOS: [(char, &str); 5] = [
    ('A', "arroyo/after --fails 2"),
    ('D', "arroyo/after --vanishes 2"),
    ('E', "arroyo/after --vanishes 2 --timeout patient"),
    ('I', "seed/fixed --fails 2@1 --attempts 2"),
    ('L', "arroyo/handled-only --fails 1"),
];

/// The claims that a setup breaks, and whether its controller keeps its contract.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Broken(BTreeSet<String>),
    Breach,
}

/// What the explorer sees.
fn explored(setup: &Setup<Faulty>) -> Seen {
    let Ok(report) = Check::new(setup.clone()).claims(claims()).run() else { return Seen::Breach };
    assert!(report.complete);
    let broken = report.claims.iter().filter(|judgement| judgement.verdict.kind() == Kind::Refuted);
    Seen::Broken(broken.map(|judgement| judgement.claim.id.to_string()).collect())
}

/// What the threads show. Ends are judged by replaying an execution for each outcome; a false start by the flags.
fn threaded(name: &str, setup: &Setup<Faulty>) -> Seen {
    match explore_setup(name, setup, &Sound) {
        Err(Unfinished::Complaint(complaint, _)) if matches!(*complaint, Complaint::Breach(_)) => Seen::Breach,
        Err(unfinished) => panic!("{name}: {unfinished:?}"),
        Ok(found) => {
            agree(name, &found, &outcomes(setup), setup.scenario.tasks().len());
            let mut broken = broken_at_ends(setup, &found);
            if false_starts(&explore_starts(&format!("{name}, the controller looks"), setup, true)) > 0 {
                broken.insert("no-false-start".to_string());
            }
            Seen::Broken(broken)
        }
    }
}

fn broken_at_ends(setup: &Setup<Faulty>, found: &Finished<Outcome>) -> BTreeSet<String> {
    let claims = claims();
    let at_ends = claims.iter().filter(|claim| claim.judged == Judged::EveryEnd);
    let broken = found.examples().flat_map(|events| {
        let mut world = World::start(setup);
        step_through(setup, &mut world, events).expect("an execution is a path of the world");
        let state = State { setup, world: &world };
        let breaks = at_ends.clone().filter(|claim| claim.applies(&state) && !claim.holds(&state));
        breaks.map(|claim| claim.id.to_string()).collect::<Vec<_>>()
    });
    broken.collect()
}

/// Whether threads can run a setup. A hasty timeout they can, but beside a barrier it has more orders than are worth it.
fn can_run(setup: &Setup<Faulty>) -> bool {
    let rules = setup.scenario.rules();
    let fits = threads(setup, &Options::<Sound>::default()) <= startup_race::threads::sync::MAX_THREADS;
    fits && rules.cascade == Cascade::None && rules.duplicates == 0 && rules.timeout != Timeout::Hasty
}

/// What a mutant breaks in a scenario that the protocol keeps, by both engines, which must agree.
fn killed(mutant: &Mutant, letter: char, scenario: &Scenario, plain: &BTreeSet<String>) -> Option<Vec<String>> {
    let setup = mutant.setup(scenario);
    if !can_run(&setup) || walk(&without_fault(scenario.clone()), &setup).is_ok() {
        return None;
    }
    let name = format!("{letter}, mutant {}: not \"{}\"", mutant.name, mutant.rule);
    let seen = threaded(&name, &setup);
    assert_eq!(seen, explored(&setup), "{name}: the threads and the explorer");
    Some(match seen {
        Seen::Breach => vec!["contract".to_string()],
        Seen::Broken(broken) => broken.difference(plain).cloned().collect(),
    })
}

#[test]
fn the_threads_kill_the_mutants_that_the_explorer_kills() {
    let mut rows: BTreeMap<(&str, String), String> = BTreeMap::new();
    let mut run = 0;
    for (letter, line) in SCENARIOS {
        let scenario = options::read(line).expect("a scenario");
        let plain = without_fault(scenario.clone());
        let Seen::Broken(plain) = explored(&plain) else { panic!("the protocol keeps its contract") };
        for mutant in MUTANTS {
            let Some(claims) = killed(mutant, letter, &scenario, &plain) else { continue };
            run += 1;
            claims.into_iter().for_each(|claim| rows.entry((mutant.name, claim)).or_default().push(letter));
        }
    }
    let lines = rows.iter().map(|((mutant, claim), letters)| format!("{mutant:28} {claim:16} {letters}\n"));
    insta::assert_snapshot!(format!("{run} mutants run\n\n{}", lines.collect::<String>()));
}
