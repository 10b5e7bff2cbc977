//! The explorer finds the same numbers as the plain search in every phase, and interchanging tasks does not change
//! them.

use num_bigint::BigUint;
use startup_race::Setup;
use startup_race::core::PipelineController;
use startup_race::explore::report::{Check, Report};
use startup_race::scenario::spec;

use super::every_phase::ROWS;
use super::search::{Found, command, explore, judged};

fn checked(line: &str, symmetric: bool) -> Report<PipelineController> {
    let check = Check::new(Setup::of(spec::read(line).unwrap()));
    let report = if symmetric { check.symmetric().run() } else { check.run() }.ok().unwrap();
    assert!(report.complete, "{line}");
    report
}

fn assert_same(line: &str, report: &Report<PipelineController>, plain: &Found) {
    assert_eq!(report.states, BigUint::from(plain.states), "{line}");
    assert_eq!(report.schedules, Some(BigUint::from(plain.schedules)), "{line}");
    assert_eq!(report.claims.len(), plain.claims.len(), "{line}");
    for judgement in &report.claims {
        let (id, share) = (&*judgement.claim.id, judgement.share.as_ref().unwrap());
        assert_eq!(share.schedules, BigUint::from(plain.breaking(id)), "{line} {id}");
        assert_eq!(share.probability.to_string(), plain.probability(id), "{line} {id}");
        assert_eq!(judgement.premise_held, BigUint::from(plain.claims[id].premise_held), "{line} {id}");
    }
}

/// Asserts that a search that interchanges tasks gives the same report. Returns whether it stored fewer orbits.
fn assert_alike(line: &str, full: &Report<PipelineController>) -> bool {
    let reduced = checked(line, true);
    assert_eq!((&full.states, &full.schedules), (&reduced.states, &reduced.schedules), "{line}");
    assert_eq!(full.witness, reduced.witness, "{line}");
    for (full, reduced) in full.claims.iter().zip(&reduced.claims) {
        let id = &full.claim.id;
        assert_eq!((full.verdict, &full.premise_held), (reduced.verdict, &reduced.premise_held), "{line} {id}");
        assert_eq!((&full.share, &full.trace), (&reduced.share, &reduced.trace), "{line} {id}");
    }
    reduced.orbits < full.orbits
}

#[test]
fn the_explorer_finds_the_numbers_of_the_plain_search_in_every_phase() {
    for (line, ..) in ROWS {
        let full = checked(line, false);
        assert_same(line, &full, &explore(&command(line), &judged(line)));
        assert_alike(line, &full);
    }
}

/// Two tasks that are alike, with each part of a state that simple scenarios do not have. If the controller asks for
/// announcements, the tasks send them in the order of their numbers, so they are not interchanged.
#[test]
fn interchanging_tasks_changes_no_answer_in_any_phase() {
    for (options, is_reduced) in [
        ("--losses 1", true),
        ("--stop asked", true),
        ("--stop asked --stop-while-scheduling defer --crashes 1", true),
        ("--crashes 1", true),
        ("--crashes 1 --recovery remembers", true),
        ("--crashes 1 --recovery asks", false),
        ("--dies 1,2", true),
        ("--dies 1,2 --stop asked --failed-while-stopping count", true),
        ("--hangs 1,2 --timeout hasty", true),
        ("--dies 1@1,2@1 --attempts 2 --restart one", true),
        ("--fails 1@1,2@1 --attempts 2 --restart one --fence attempt --duplicates 1", true),
        ("--attempts 2 --old-attempt lingers --fails 1@1,2@1 --losses 1", true),
    ] {
        for protocol in ["seed/fixed", "arroyo/after"] {
            let fails = if options.contains("--fails") { "" } else { " --fails none" };
            let line = format!("{protocol} --tasks 2{fails} {options}");
            let full = checked(&line, false);
            assert_eq!(assert_alike(&line, &full), is_reduced, "{line}");
            if !options.contains("--hangs") {
                assert_same(&line, &full, &explore(&command(&line), &judged(&line)));
            }
        }
    }
}
