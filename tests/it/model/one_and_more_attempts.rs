//! Every number of the protocol's own reference tables.

use super::search::{command, counterexample, explore, judged, standard};
use startup_race::claims::can_run;

/// Scenario, schedules, each refuted claim with its breaking schedules and their probability.
type Row = (&'static str, u128, &'static [(&'static str, u128, &'static str)]);

const ROWS: &[Row] = &[
    ("seed/buggy", 545, &[("no-false-start", 545, "1"), ("no-lost-failure", 545, "1")]),
    ("seed/fixed", 48, &[]),
    ("arroyo/before", 545, &[("no-false-start", 545, "1"), ("no-lost-failure", 37, "1/8")]),
    ("arroyo/after", 10, &[]),
    ("arroyo/late-only", 10, &[("always-decides", 10, "1")]),
    ("arroyo/handled-only", 545, &[("no-false-start", 508, "7/8")]),
    ("arroyo/before --tasks 3 --fails 2", 417_482, &[]),
    ("seed/fixed --fails 2@1 --attempts 2", 11_888, &[("no-false-start", 228, "7/384")]),
    ("seed/fixed --fails 2@1 --attempts 2 --fence attempt", 11_888, &[]),
    ("arroyo/after --fails 2@1 --attempts 2", 3_000, &[]),
    ("arroyo/after --fails 2@1 --attempts 2 --workers 1,2", 275_436, &[("no-false-start", 1_850, "365/41472")]),
    ("arroyo/after --fails 2@1 --attempts 2 --workers 1,2 --fence attempt", 275_436, &[]),
    ("arroyo/after --fails 2@1 --attempts 2 --workers 1,2 --fence attempt --old-attempt lingers", 11_869_272, &[]),
    (
        "arroyo/after --fails 2@1 --attempts 2 --workers 1,2 --old-attempt lingers",
        11_869_272,
        &[("no-false-start", 52_938, "29159/1119744")],
    ),
    ("arroyo/after --fails 1@1,2@1 --attempts 2", 15_288, &[("no-false-alarm", 12_888, "3/8")]),
    ("arroyo/after --fails 2@1 --attempts 2 --duplicates 1", 36_000, &[("no-false-alarm", 21_480, "1/2")]),
    ("arroyo/after --vanishes 2", 3, &[("always-decides", 3, "1")]),
    ("arroyo/after --vanishes 2 --timeout patient", 3, &[]),
    (
        "arroyo/handled-only --vanishes 2",
        129,
        &[("no-false-start", 129, "1"), ("no-lost-failure", 129, "1"), ("running-runs", 129, "1")],
    ),
    ("arroyo/after --fails none --timeout hasty", 3_096, &[("no-false-alarm", 2_796, "479/486")]),
    ("seed/fixed --fails 1 --duplicates 2", 586, &[]),
    (
        "arroyo/before --fails 1 --duplicates 2",
        17_087,
        &[("no-false-start", 17_087, "1"), ("no-lost-failure", 1_162, "1/8"), ("running-runs", 1_162, "1/8")],
    ),
    (
        "arroyo/before --tasks 3 --barrier none --cascade chain --fails 1",
        3_093_774,
        &[("no-lost-failure", 408_453, "23/108")],
    ),
    (
        "arroyo/before --tasks 3 --barrier none --cascade chain --fails 2",
        16_372_378,
        &[("no-lost-failure", 44_798, "17/1296")],
    ),
    ("arroyo/before --tasks 3 --barrier none --cascade chain --fails 3", 11_391_826, &[("no-lost-failure", 0, "0")]),
];

/// Claims for which a row of the table gives no number.
const SILENT: &[(&str, &str)] = &[
    ("arroyo/before", "running-runs"),
    ("arroyo/before --tasks 3", "no-false-start"),
    ("arroyo/before --tasks 3", "no-lost-failure"),
    ("--cascade chain", "running-runs"),
];

#[test]
fn every_row() {
    for (line, schedules, broken) in ROWS {
        let model = command(line);
        let claims = judged(line);
        let found = explore(&model, &claims);
        assert_eq!(found.schedules, *schedules, "{line}");
        println!("{line}: {} states, {:?}", found.states, found.claims);
        for claim in &claims {
            let given = broken.iter().find(|(id, ..)| *id == claim.id);
            let silent = |(part, id): &(&str, &str)| line.contains(part) && *id == claim.id;
            if given.is_some() || !SILENT.iter().any(silent) {
                let expected = given.map_or((0, "0"), |(_, count, probability)| (*count, *probability));
                let (count, probability) = (found.breaking(&claim.id), found.probability(&claim.id));
                assert_eq!((count, probability.as_str()), expected, "{} of {line}", claim.id);
            }
        }
    }
}

#[test]
fn without_a_failure() {
    let line = "seed/buggy --fails none";
    let model = command(line);
    assert_eq!(explore(&model, &judged(line)).probability("no-false-start"), "97/216");
}

/// Two more scenarios, with numbers from a separate brute-force program: in one, lingering tasks do not stop; in the
/// other, two attempts linger.
#[test]
fn lingering() {
    let line = "seed/fixed --fails 2@1 --attempts 2 --old-attempt lingers --stop asked";
    let model = command(line);
    let found = explore(&model, &judged(line));
    assert_eq!((found.schedules, found.states), (67_609_998, 2_368));
    assert_eq!((found.breaking("no-false-start"), found.breaking("no-false-stop")), (532_232, 67_609_248));
    let line = "seed/fixed --tasks 1 --fails none --attempts 3 --old-attempt lingers --timeout hasty";
    let model = command(line);
    let found = explore(&model, &judged(line));
    assert_eq!((found.schedules, found.states), (1_675_961, 654));
    assert_eq!((found.breaking("no-false-start"), found.breaking("no-false-alarm")), (71_902, 1_374_224));
}

#[test]
fn counterexamples() {
    let of = |line: &str, id: &str| {
        let model = command(line);
        counterexample(&model, &standard(id))
    };
    // The length must be that of the canonical counterexample. The number of switches is tested elsewhere.
    assert_eq!(
        of("arroyo/before", "no-lost-failure").unwrap().split(' ').count(),
        "2 2 2 1 1 1 c c c".split(' ').count()
    );
    let two_workers = "arroyo/after --fails 2@1 --attempts 2 --workers 1,2";
    assert_eq!(of(two_workers, "no-false-start").unwrap().split(' ').count(), 11);
    assert_eq!(of(&format!("{two_workers} --fence attempt"), "no-false-start"), None);
}

#[test]
fn the_witness_holds() {
    for (line, ..) in ROWS.iter().take(6) {
        let found = explore(&command(line).without_faults(), &[can_run()]);
        assert_eq!(found.breaking("can-run"), 0, "{line}");
    }
    let found = explore(&command("arroyo/after --announce never").without_faults(), &[can_run()]);
    assert_eq!(found.breaking("can-run"), found.schedules);
}
