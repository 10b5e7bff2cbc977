//! Every row of the reference table of the failures in every phase: schedules, states, breaking schedules with
//! their probability, and the fixes.

use super::search::{command, explore, judged};

/// Command, schedules, states, each refuted claim with its breaking schedules and their probability, fixes.
pub type Row = (&'static str, u128, usize, &'static [(&'static str, u128, &'static str)], &'static [&'static str]);

pub const ROWS: &[Row] = &[
    ("arroyo/after --tasks 2 --fails none --dies 2", 2_010, 72, &[], &[]),
    (
        "arroyo/late-only --tasks 2 --fails none --dies 2",
        2_010,
        72,
        &[("no-lost-failure", 144, "1/16")],
        &["--failed-while-scheduling fail"],
    ),
    (
        "arroyo/late-only --tasks 3 --fails none --dies 2",
        5_019_840,
        496,
        &[("no-lost-failure", 653_400, "73/648")],
        &["--failed-while-scheduling fail"],
    ),
    (
        "arroyo/after --tasks 2 --fails none --dies 2 --failed-while-running ignore",
        2_010,
        72,
        &[("no-lost-failure", 1_866, "15/16")],
        &["--failed-while-running fail"],
    ),
    (
        "seed/fixed --tasks 2 --fails none --dies 2@1 --attempts 2 --workers 1,2",
        1_363_712,
        144,
        &[("no-false-start", 23_296, "36731/4478976")],
        &["--fence attempt", "--restart one"],
    ),
    ("arroyo/after --tasks 2 --fails none --stop asked", 41_148, 226, &[], &[]),
    ("arroyo/after --tasks 2 --fails none --stop asked --stop-while-scheduling defer", 17_880, 87, &[], &[]),
    (
        "arroyo/after --tasks 2 --fails none --stop asked --stop-while-scheduling ignore",
        5_424,
        91,
        &[("no-lost-stop", 2_796, "479/486")],
        &["--stop-while-scheduling defer", "--stop-while-scheduling obey"],
    ),
    ("arroyo/after --tasks 2 --fails none --dies 2 --stop asked", 121_740, 307, &[], &[]),
    ("arroyo/after --tasks 2 --fails none --dies 2 --stop asked --failed-while-stopping count", 122_742, 303, &[], &[]),
    (
        "arroyo/after --tasks 2 --fails none --dies 2 --stop asked --failed-while-stopping ignore",
        122_742,
        303,
        &[("always-decides", 120_732, "2233223/2239488")],
        &["--failed-while-stopping count", "--failed-while-stopping fail"],
    ),
    (
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --stop asked --failed-while-stopping retry",
        424_980,
        281,
        &[("no-lost-stop", 13_500, "7/8")],
        &["--failed-while-stopping fail", "--stop-while-scheduling defer"],
    ),
    (
        "arroyo/after --tasks 2 --fails 2 --stop asked --failed-while-stopping count",
        55,
        24,
        &[("always-decides", 45, "7/8")],
        &["--stop-while-scheduling defer", "--failed-while-stopping fail", "--barrier none"],
    ),
    ("seed/fixed --tasks 2 --fails 2 --stop asked --failed-while-stopping count", 846, 86, &[], &[]),
    (
        "arroyo/before --tasks 2 --fails 2 --stop asked",
        5_280,
        222,
        &[("no-false-start", 1_727, "1123/10368"), ("always-decides", 135, "23/1728")],
        &["--announce after-barrier --failed-while-scheduling fail"],
    ),
    (
        "arroyo/after --tasks 2 --fails none --vanishes 2 --timeout patient --stop asked",
        15,
        13,
        &[("always-decides", 12, "65/72")],
        &["--stop-while-scheduling defer"],
    ),
    (
        "seed/fixed --tasks 2 --fails none --dies 1 --workers 1,2 --cascade chain --stop asked --failed-while-stopping count",
        206_344,
        294,
        &[("always-decides", 616, "34069/124416000")],
        &["--failed-while-stopping fail"],
    ),
    (
        "seed/fixed --tasks 2 --fails 1@1 --attempts 2 --cascade chain --stop asked --failed-while-stopping count",
        6_675_055,
        889,
        &[("no-false-start", 29_160, "85/209952"), ("no-false-stop", 550_284, "250497619/208971104256")],
        &["--fence attempt"],
    ),
    (
        "seed/fixed --tasks 1 --fails 1@1 --attempts 2 --duplicates 1 --stop asked --failed-while-stopping count",
        93,
        70,
        &[("no-false-alarm", 7, "1/24"), ("no-false-stop", 16, "193/5184")],
        &["--fence attempt"],
    ),
    (
        "arroyo/after --tasks 2 --fails none --losses 1",
        900,
        57,
        &[("always-decides", 600, "3/4")],
        &["--timeout patient --attempts 2"],
    ),
    ("arroyo/after --tasks 2 --fails 2 --losses 1", 20, 15, &[("always-decides", 10, "1/2")], &["--timeout patient"]),
    (
        "arroyo/after --tasks 2 --fails none --dies 2 --losses 1",
        8_040,
        126,
        &[("no-lost-failure", 2_010, "17/128")],
        &[],
    ),
    (
        "arroyo/after --tasks 2 --fails none --losses 1 --stop asked",
        205_740,
        385,
        &[("always-decides", 82_296, "847/3888")],
        &[],
    ),
    (
        "arroyo/after --tasks 2 --fails none --crashes 1",
        3_300,
        98,
        &[("always-decides", 1_152, "7/162")],
        &["--recovery asks", "--recovery remembers", "--timeout patient --attempts 2"],
    ),
    ("arroyo/after --tasks 2 --fails none --crashes 1 --recovery asks", 5_364, 130, &[], &[]),
    ("arroyo/after --tasks 2 --fails none --crashes 1 --recovery remembers", 3_300, 74, &[], &[]),
    (
        "seed/fixed --tasks 2 --fails 2@1 --attempts 2 --crashes 1 --recovery asks",
        349_692,
        390,
        &[("no-false-start", 7_926, "491/23328")],
        &["--fence attempt", "--restart one"],
    ),
    (
        "arroyo/late-only --tasks 2 --fails none --dies 2 --crashes 1 --recovery asks",
        58_026,
        331,
        &[("no-lost-failure", 2_274, "51487/839808"), ("always-decides", 8_760, "63847/6718464")],
        &["--failed-while-scheduling fail"],
    ),
    (
        "arroyo/after --tasks 2 --fails none --crashes 1 --losses 1 --recovery asks",
        22_644,
        222,
        &[("always-decides", 7_764, "21823/31104")],
        &["--timeout patient --attempts 2"],
    ),
    (
        "arroyo/after --tasks 2 --fails none --crashes 1 --stop asked --recovery asks",
        660_756,
        903,
        &[
            ("always-decides", 131_664, "3116629171/193491763200"),
            ("no-lost-stop", 44_844, "864251089/1791590400"),
            ("no-half-run", 8_616, "11403089/1791590400"),
        ],
        &["--recovery remembers"],
    ),
    ("seed/fixed --tasks 2 --fails 2@1 --attempts 2 --restart one", 725, 60, &[], &[]),
    ("arroyo/after --tasks 3 --fails 2@1 --attempts 2 --restart one", 2_866_752, 254, &[], &[]),
    ("arroyo/after --tasks 2 --fails 1@1,2@1 --attempts 2 --restart one", 74, 34, &[], &[]),
    (
        "arroyo/after --tasks 2 --fails none --dies 2@1 --attempts 3 --restart one --duplicates 1",
        266_538,
        375,
        &[("no-false-start", 23_808, "1705/221184")],
        &["--fence attempt"],
    ),
    (
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --restart one --crashes 1",
        14_700,
        116,
        &[("always-decides", 4_032, "577/69984")],
        &["--recovery asks", "--recovery remembers"],
    ),
    (
        "seed/fixed --tasks 2 --fails 2@1 --attempts 2 --restart one --stop asked --failed-while-stopping retry",
        72_745,
        399,
        &[("always-decides", 1_998, "11/27"), ("no-lost-stop", 3_396, "103/216"), ("no-half-run", 756, "1339/15552")],
        &["--failed-while-stopping fail", "--failed-while-stopping count", "--stop-while-scheduling defer"],
    ),
    (
        "arroyo/after --tasks 2 --fails none --dies 2@1 --attempts 2 --restart one --cascade chain",
        177_384,
        165,
        &[],
        &[],
    ),
    (
        "arroyo/after --tasks 2 --fails none --dies 1@1 --attempts 2 --restart one --cascade chain",
        30_576,
        128,
        &[("no-half-run", 20_490, "2711/5184")],
        &["--restart all"],
    ),
    (
        "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --old-attempt lingers --stop asked --stop-while-scheduling defer",
        4_347_960,
        279,
        &[("no-false-stop", 4_347_960, "1")],
        &["--old-attempt stopped"],
    ),
];

#[test]
fn every_row() {
    for (line, schedules, states, broken, _) in ROWS {
        let model = command(line);
        let claims = judged(line);
        let found = explore(&model, &claims);
        assert_eq!((found.schedules, found.states), (*schedules, *states), "{line}");
        for claim in &claims {
            let given = broken.iter().find(|(id, ..)| *id == claim.id);
            let expected = given.map_or((0, "0"), |(_, count, probability)| (*count, *probability));
            let (count, probability) = (found.breaking(&claim.id), found.probability(&claim.id));
            assert_eq!((count, probability.as_str()), expected, "{} of {line}", claim.id);
        }
    }
}

#[test]
fn every_fix() {
    let fixed = ROWS.iter().flat_map(|(line, .., fixes)| fixes.iter().map(move |fix| format!("{line} {fix}")));
    for line in fixed {
        let model = command(&line);
        let found = explore(&model, &judged(&line));
        assert!(found.claims.values().all(|claim| claim.breaking == 0), "{line}: {found:?}");
    }
}
