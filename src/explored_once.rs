//! Counts the searches, and the steps of schedules, that a check, its explanations and their text need.

use crate::core::PipelineController;
use crate::explore::report::{Check, Report};
use crate::explore::searches::noted;
use crate::scenario::Setup;
use crate::scenario::spec;
use crate::show::Style;
use crate::show::report::report as text;

fn check(line: &str) -> Check<'static, PipelineController> {
    Check::new(Setup::of(spec::read(line).unwrap())).protocol(line.split(' ').next().unwrap())
}

/// The scenarios. In the first six, some claim is refuted, each time in a different way. In the last two, every claim
/// is proved.
const LINES: [&str; 8] = [
    "arroyo/late-only --tasks 4 --fails 2,4",
    "arroyo/before --tasks 3 --fails 2",
    "arroyo/before --tasks 2 --fails none --announce never",
    "seed/fixed --tasks 2 --fails none --timeout hasty",
    "seed/buggy --tasks 2 --fails 1,2",
    "arroyo/after --tasks 2 --fails 2 --attempts 2 --stop asked --losses 1",
    "seed/fixed --tasks 2 --fails 2",
    "seed/fixed --tasks 2 --fails none",
];

fn explained(report: &Report<PipelineController>) -> usize {
    report.claims.iter().filter(|judgement| report.explanation(judgement).is_some()).count()
}

#[test]
fn nothing_is_explored_twice() {
    for line in LINES {
        noted();
        let report = check(line).symmetric().run().unwrap();
        explained(&report);
        let (mut searches, _) = noted();
        let all = searches.len();
        searches.sort();
        searches.dedup();
        assert!(all > 0, "{line}: searches are noted");
        assert_eq!(all, searches.len(), "{line}: a search was made again");
    }
}

#[test]
fn rendering_starts_no_search_and_steps_no_schedule() {
    for line in LINES {
        let report = check(line).symmetric().run().unwrap();
        explained(&report);
        noted();
        assert!(text(&report, Style::default()).starts_with("checked"));
        assert_eq!(noted(), (Vec::new(), 0), "{line}");
    }
}

#[test]
fn a_proved_claim_costs_no_explanation() {
    let [.., with_faults, without] = LINES;
    for (line, searches) in [(with_faults, 2), (without, 1)] {
        noted();
        let report = check(line).symmetric().run().unwrap();
        assert_eq!(explained(&report), 0, "{line}");
        // One search is for the scenario and one for its witness. Without a fault, they are the same search.
        let (made, steps) = noted();
        assert_eq!((made.len(), steps), (searches, 0), "{line}");
    }
}

#[test]
fn a_report_without_explanations_makes_two_searches_and_steps_each_trace_once() {
    noted();
    let report = check(LINES[1]).symmetric().run().unwrap();
    let steps: usize = report.claims.iter().filter_map(|claim| claim.trace.as_ref()).map(|it| it.events.len()).sum();
    let (searches, stepped) = noted();
    assert_eq!((searches.len(), stepped), (2, steps));
    assert!(steps > 0);
}

#[test]
fn a_review_makes_the_searches_of_its_check_and_steps_through_the_states_once_more() {
    for line in LINES {
        check(line).symmetric().run().unwrap();
        let (plain, _) = noted();
        check(line).symmetric().review().unwrap();
        let (made, _) = noted();
        let (states, searches): (Vec<String>, Vec<String>) =
            made.into_iter().partition(|one| one.starts_with("states "));
        assert_eq!((states.len(), searches), (1, plain), "{line}");
    }
}

#[test]
fn the_states_of_a_page_or_a_game_are_those_of_the_check() {
    noted();
    let report = check(LINES[1]).symmetric().keep_states(5_000).run().unwrap();
    assert_eq!(report.space.as_ref().map(|space| space.worlds().len()), Some(report.orbits));
    let (searches, _) = noted();
    let states = searches.iter().filter(|search| search.starts_with("states ")).count();
    assert_eq!((searches.len(), states), (3, 1), "one search, its states once more, and its witness");
}
