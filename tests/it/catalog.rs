//! The catalog: every scenario is judged, every expectation is met, and every hazard is refuted and fixed.

use startup_race::catalog::all;
use startup_race::catalog::records::RECORDS;
use startup_race::catalog::reports::REPORTS;
use startup_race::catalog::{Entry, Evidence, Group, Outcome, entries, find};
use startup_race::claims::standard;
use startup_race::core::{Fault, PipelineController, RunRules};
use startup_race::explore::report::Check;
use startup_race::explore::verdict::VerdictKind;
use startup_race::gate::suite::unmet;
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::{Rules, Scenario};
use startup_race::show;

fn judge(entry: &Entry) -> Outcome<'_> {
    entry.judge(Check::symmetric).expect("the pipeline's controller keeps its contract")
}

fn of(group: Group) -> impl Iterator<Item = &'static Entry> {
    entries().iter().filter(move |entry| entry.record.group == group)
}

/// A task's worker, and its fault in each attempt.
type Bare = (u8, Vec<Option<Fault>>);

/// Rules, faults and workers: a scenario without its names.
fn bare(scenario: &Scenario) -> (Rules, Vec<Bare>) {
    let tasks = scenario.tasks().iter().map(|task| (task.worker.0, task.faults.clone()));
    (*scenario.rules(), tasks.collect())
}

#[test]
fn every_scenario_has_the_verdicts_that_are_expected_of_it() {
    for entry in entries() {
        let outcome = judge(entry);
        assert!(outcome.report.complete && outcome.report.witness.holds, "{}", entry.name);
        assert!(outcome.report.claims.len() >= 5);
        let differences: Vec<String> = outcome.differences().iter().map(ToString::to_string).collect();
        assert_eq!(differences, [""; 0], "{}", entry.name);
    }
}

/// `catalog` needs no `--require-premise`, because its scenarios are fixed and this test checks them.
#[test]
fn the_catalog_puts_every_claim_to_the_test() {
    let reports: Vec<_> = entries().iter().map(|entry| judge(entry).report).collect();
    assert_eq!(unmet(reports.iter()), [""; 0]);
    assert!(!unmet(reports.iter().take(1)).is_empty(), "one scenario is not enough");
}

#[test]
fn a_wrong_expectation_is_named_with_both_verdicts() {
    let entry = find("hazard/stale-started").unwrap();
    let hopeful = Entry { refuted: &[], ..entry.clone() };
    let gloomy = Entry { refuted: &["no-false-start", "no-false-alarm"], ..entry.clone() };
    let says = |entry: &Entry| judge(entry).differences().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(says(&hopeful), ["hazard/stale-started: no-false-start: expected PROVED, found REFUTED"]);
    assert_eq!(says(&gloomy), ["hazard/stale-started: no-false-alarm: expected REFUTED, found PROVED"]);
    let text = show::catalog::text(&[judge(&gloomy)], show::Style::default());
    assert!(text.contains("1 scenarios; verdicts that are not as expected: 1\n"), "{text}");
    assert!(text.contains("no-false-alarm: expected REFUTED, found PROVED"), "{text}");
}

#[test]
fn a_search_that_is_cut_short_meets_no_expectation_of_a_proof() {
    let entry = find("hazard/stale-started/mended").unwrap();
    let outcome = entry.judge(|check| check.max_states(10)).unwrap();
    assert!(!outcome.report.complete);
    assert_eq!(outcome.differences().len(), 5);
    assert!(outcome.differences().iter().all(|difference| difference.found == VerdictKind::CutShort));
    assert!(show::catalog::text(&[outcome], show::Style::default()).contains("CUT SHORT: every claim"));
}

#[test]
fn every_named_protocol_is_in_the_catalog_under_its_name() {
    let names: Vec<&str> = PROTOCOLS.iter().map(|(name, _)| *name).collect();
    let found: Vec<&str> = RECORDS.iter().filter(|record| record.group == Group::Protocol).map(|r| r.name).collect();
    assert_eq!(found, names);
    for (name, rules) in PROTOCOLS {
        assert_eq!(find(name).unwrap().scenario().rules(), &rules);
    }
}

#[test]
fn every_hazard_that_the_fix_leaves_has_a_refuted_entry_and_a_mended_one() {
    let rows = [
        "stale-worker",
        "stale-worker-same-run",
        "worker-twice",
        "wrong-listener",
        "retry-budget",
        "stale-started",
        "two-failures",
        "lost-finish",
        "silent-death",
    ];
    let hazards: Vec<String> = of(Group::Hazard).map(|entry| entry.name.clone()).collect();
    let twice = |row: &&str| [format!("hazard/{row}"), format!("hazard/{row}/mended")];
    assert_eq!(hazards, rows.iter().flat_map(twice).collect::<Vec<_>>());
    for entry in of(Group::Hazard) {
        assert_eq!(entry.refuted.is_empty(), entry.is_mended, "{}", entry.name);
    }
}

/// A hazard must be one that the fix leaves: no hazard announces early or ignores a failure.
#[test]
fn a_hazard_keeps_both_halves_of_the_fix() {
    for entry in of(Group::Hazard) {
        let scenario = entry.scenario();
        let fixed = Rules::named(entry.protocol()).unwrap();
        let rules = scenario.rules();
        assert!(["seed/fixed", "arroyo/after"].contains(&entry.protocol()), "{}", entry.name);
        let halves = |rules: &Rules| {
            let controller = rules.controller;
            (rules.task.announce, controller.failed_while_scheduling, controller.failed_while_running)
        };
        assert_eq!(halves(rules), halves(&fixed));
    }
}

#[test]
fn a_mend_repairs_at_least_one_refuted_claim_and_breaks_no_other() {
    let mended: Vec<&Entry> = entries().iter().filter(|entry| entry.is_mended).collect();
    assert!(mended.len() >= 9);
    for entry in mended {
        let plain = find(entry.record.name).unwrap();
        assert_ne!(plain.scenario(), entry.scenario(), "{}", entry.name);
        assert!(entry.refuted.iter().all(|claim| plain.refuted.contains(claim)), "{}", entry.name);
        assert!(entry.refuted.len() < plain.refuted.len(), "{}", entry.name);
    }
}

#[test]
fn there_are_at_least_eight_patterns_each_with_rules_and_fates_of_its_own() {
    let patterns: Vec<&Entry> = of(Group::Pattern).filter(|entry| !entry.is_mended).collect();
    assert!(patterns.len() >= 8);
    let plain: Vec<&Entry> = entries().iter().filter(|entry| !entry.is_mended).collect();
    for (index, entry) in plain.iter().enumerate() {
        let same = plain[..index].iter().find(|other| bare(&other.scenario()) == bare(&entry.scenario()));
        assert!(same.is_none(), "{} has the scenario of {}", entry.name, same.unwrap().name);
    }
    for entry in patterns {
        assert!(entry.record.models.starts_with("Pattern: "), "{} says that it is a pattern", entry.name);
        assert!(!entry.refuted.is_empty(), "{} shows a fault", entry.name);
        assert_ne!(entry.record.source.repository, "ArroyoSystems/arroyo");
    }
}

#[test]
fn every_failure_after_the_start_refutes_a_claim_and_is_mended_if_an_option_can_mend_it() {
    let plain: Vec<&Entry> = of(Group::Phase).filter(|entry| !entry.is_mended).collect();
    assert!(plain.len() >= 26 && plain.iter().all(|entry| !entry.refuted.is_empty()));
    let without: Vec<&str> =
        plain.iter().filter(|entry| entry.record.mended.is_none()).map(|e| e.record.name).collect();
    assert_eq!(without, ["phase/lost-failure-while-running", "phase/lost-finish-while-stopping"]);
}

#[test]
fn every_report_is_listed_with_its_source_and_its_file_begins_with_the_repository() {
    let text = show::catalog::text(&[], show::Style::default());
    for report in REPORTS {
        assert!(text.contains(report.name) && text.contains(report.source.repository), "{}: {text}", report.name);
        let Some(file) = report.file() else { continue };
        let told = std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).expect(&file);
        assert!(told.starts_with(&format!("//! {}", report.source.repository)), "{file}");
        assert!((15..=75).contains(&told.lines().count()), "{file}: {}", told.lines().count());
    }
    let refused: Vec<&str> =
        REPORTS.iter().filter(|report| report.refused.is_some()).map(|report| report.name).collect();
    assert_eq!(refused, ["report/flynn-1182"]);
    assert!(REPORTS[REPORTS.len() - 1].not_checked().contains("two controllers at once"));
}

#[test]
fn every_record_says_where_it_comes_from() {
    for record in all() {
        let (owner, name) = record.source.repository.split_once('/').expect("owner/name");
        assert!(!owner.is_empty() && !name.is_empty() && !record.mend.is_empty());
        let has_number = !record.source.numbers.is_empty();
        assert!(has_number || record.evidence != Evidence::Reported, "{} is reported: where?", record.name);
        assert!(record.name.starts_with(&format!("{}/", record.group.name())) || record.group == Group::Protocol);
        assert!(record.models.ends_with('.') && record.mend.ends_with('.'), "{}", record.name);
        let claims = standard::<PipelineController>(&RunRules::DEFAULT);
        let known: Vec<&str> = claims.iter().map(|claim| &*claim.id).collect();
        assert!(record.refuted.iter().all(|claim| known.contains(claim)), "{}", record.name);
    }
}

#[test]
fn every_name_is_found_once_and_no_other() {
    for entry in entries() {
        assert_eq!(entries().iter().filter(|other| other.name == entry.name).count(), 1);
        assert_eq!(find(&entry.name).map(|found| &found.command), Some(&entry.command));
    }
    assert!(find("hazard/nothing").is_none() && find("").is_none() && find("hazard").is_none());
}

#[test]
fn the_text_keeps_within_80_columns_and_quotes_no_number_of_the_model() {
    let outcomes: Vec<Outcome<'_>> = entries().iter().map(judge).collect();
    let text = show::catalog::text(&outcomes, show::Style::default());
    assert!(text.lines().all(|line| line.chars().count() <= 80 && line.trim_end() == line), "{text}");
    let numbers = ["schedules", "states", "probab", "%"];
    assert!(numbers.iter().all(|word| !text.contains(word)), "{text}");
    insta::assert_snapshot!(text);
}
