//! The reference numbers of the protocol, from the explorer: how many schedules there are, how many break each
//! claim, the probability, the canonical counterexamples. With and without interchanging tasks that are alike.

use crate::common::request::turned;
use num_bigint::BigUint;
use num_traits::{One, Zero};
use startup_race::core::{Fault, PipelineController};
use startup_race::explore::probability::{Probability, runs_for_95_percent};
use startup_race::explore::report::{Check, Report};
use startup_race::scenario::{Rules, Scenario, Setup};

/// A scenario in one line: protocol, knobs that differ, number of tasks, tasks that panic, tasks that vanish, workers.
struct Row {
    protocol: &'static str,
    knobs: &'static [(&'static str, &'static str)],
    tasks: u8,
    panics: &'static [(u8, &'static [u8])],
    vanishes: &'static [u8],
    workers: &'static [u8],
}

const ROW: Row = Row { protocol: "", knobs: &[], tasks: 2, panics: &[(2, &[])], vanishes: &[], workers: &[] };

impl Row {
    fn setup(&self) -> Setup<PipelineController> {
        let named = Rules::named(self.protocol).expect("a named protocol");
        let rules = self.knobs.iter().fold(named, |rules, (name, value)| turned(rules, name, value));
        let mut scenario = Scenario::new(rules, self.tasks).unwrap();
        for (task, attempts) in self.panics {
            scenario = scenario.with_fault(Fault::Panics, *task, attempts).unwrap();
        }
        for task in self.vanishes {
            scenario = scenario.with_fault(Fault::Vanishes, *task, &[]).unwrap();
        }
        if !self.workers.is_empty() {
            scenario = scenario.on_workers(self.workers).unwrap();
        }
        Setup::of(scenario)
    }

    /// Checks the number of schedules, and for each broken claim the number of schedules that break it and their
    /// probability. No other claim may be broken.
    fn expect(&self, schedules: &str, broken: &[(&str, &str, &str)]) -> Report<PipelineController> {
        let full = self.expect_of(Check::new(self.setup()), schedules, broken);
        let reduced = self.expect_of(Check::new(self.setup()).symmetric(), schedules, broken);
        assert_eq!(full.states, reduced.states, "states of {}", self.protocol);
        for (full, reduced) in full.claims.iter().zip(&reduced.claims) {
            assert_eq!((&full.premise_held, &full.trace), (&reduced.premise_held, &reduced.trace));
        }
        full
    }

    fn expect_of(
        &self,
        check: Check<'_, PipelineController>,
        schedules: &str,
        broken: &[(&str, &str, &str)],
    ) -> Report<PipelineController> {
        let report = check.run().expect("the pipeline's controller keeps its contract");
        assert!(report.complete);
        assert_eq!(report.schedules.as_ref().unwrap().to_string(), schedules, "schedules of {}", self.protocol);
        let found: Vec<(String, String, String)> = report
            .claims
            .iter()
            .filter_map(|judgement| {
                let share = judgement.share.as_ref()?;
                let row = (judgement.claim.id.to_string(), share.schedules.to_string(), share.probability.to_string());
                (row.1 != "0").then_some(row)
            })
            .collect();
        let wanted: Vec<_> = broken
            .iter()
            .map(|(id, n, probability)| (id.to_string(), n.to_string(), probability.to_string()))
            .collect();
        assert_eq!(found, wanted, "broken claims of {} {:?}", self.protocol, self.knobs);
        report
    }
}

fn canonical(report: &Report<PipelineController>, claim: &str) -> String {
    let judgement = report.claims.iter().find(|judgement| judgement.claim.id == claim).unwrap();
    judgement.trace.as_ref().unwrap().schedule.text(report.setup.scenario.workers())
}

#[test]
fn one_attempt_of_two_tasks_has_the_reference_numbers() {
    let of = |protocol| Row { protocol, ..ROW };
    of("seed/buggy").expect("545", &[("no-false-start", "545", "1"), ("no-lost-failure", "545", "1")]);
    of("seed/fixed").expect("48", &[]);
    let before = of("arroyo/before").expect(
        "545",
        &[("no-false-start", "545", "1"), ("no-lost-failure", "37", "1/8"), ("running-runs", "37", "1/8")],
    );
    assert_eq!(before.states.to_string(), "74");
    assert_eq!(canonical(&before, "no-lost-failure"), "2 2 2 1 1 1 c c c");
    assert_eq!(before.claims[1].trace.as_ref().unwrap().switches(), 2);
    of("arroyo/after").expect("10", &[]);
    of("arroyo/late-only").expect("10", &[("always-decides", "10", "1")]);
    of("arroyo/handled-only").expect("545", &[("no-false-start", "508", "7/8")]);
}

#[test]
fn if_no_task_announces_nothing_is_proved() {
    let never = &[("announce", "never")];
    let report = Check::new(Row { protocol: "seed/fixed", knobs: never, ..ROW }.setup()).run().unwrap();
    let names: Vec<&str> = report.claims.iter().map(|judgement| judgement.verdict.kind().name()).collect();
    assert_eq!(names, ["VACUOUS"; 5]);
    assert!(report.claims.iter().all(|judgement| !judgement.verdict.is_proved()));
}

#[test]
fn three_tasks_before_the_fix_have_417_482_schedules() {
    let report = Check::new(Row { protocol: "arroyo/before", tasks: 3, ..ROW }.setup()).run().unwrap();
    assert_eq!(report.schedules.unwrap().to_string(), "417482");
}

#[test]
fn without_a_failing_task_the_buggy_order_breaks_no_false_start_with_probability_97_216() {
    let report = Check::new(Row { protocol: "seed/buggy", panics: &[], ..ROW }.setup()).run().unwrap();
    assert_eq!(report.claims[0].share.as_ref().unwrap().probability.to_string(), "97/216");
}

#[test]
fn two_attempts_have_the_reference_numbers() {
    let two = &[("attempts", "2")];
    let fence = &[("attempts", "2"), ("fence", "attempt")];
    let once: &[(u8, &[u8])] = &[(2, &[1])];
    let seed = Row { protocol: "seed/fixed", knobs: two, panics: once, ..ROW };
    seed.expect("11888", &[("no-false-start", "228", "7/384")]);
    Row { knobs: fence, ..seed }.expect("11888", &[]);
    let after = Row { protocol: "arroyo/after", knobs: two, panics: once, ..ROW };
    after.expect("3000", &[]);
    let workers = Row { workers: &[1, 2], ..after };
    let stale = workers.expect("275436", &[("no-false-start", "1850", "365/41472")]);
    assert_eq!(stale.claims[0].trace.as_ref().unwrap().schedule.0.len(), 11);
    Row { knobs: fence, ..workers }.expect("275436", &[]);
    let lingers = &[("attempts", "2"), ("old-attempt", "lingers")];
    Row { knobs: lingers, ..workers }.expect("11869272", &[("no-false-start", "52938", "29159/1119744")]);
    let fenced = &[("attempts", "2"), ("old-attempt", "lingers"), ("fence", "attempt")];
    Row { knobs: fenced, ..workers }.expect("11869272", &[]);
    Row { panics: &[(1, &[1]), (2, &[1])], ..after }.expect("15288", &[("no-false-alarm", "12888", "3/8")]);
    Row { knobs: &[("attempts", "2"), ("duplicates", "1")], ..after }
        .expect("36000", &[("no-false-alarm", "21480", "1/2")]);
}

#[test]
fn silent_deaths_timeouts_and_duplicates_have_the_reference_numbers() {
    let vanishing = Row { protocol: "arroyo/after", panics: &[], vanishes: &[2], ..ROW };
    vanishing.expect("3", &[("always-decides", "3", "1")]);
    Row { knobs: &[("timeout", "patient")], ..vanishing }.expect("3", &[]);
    Row { protocol: "arroyo/handled-only", ..vanishing }.expect(
        "129",
        &[("no-false-start", "129", "1"), ("no-lost-failure", "129", "1"), ("running-runs", "129", "1")],
    );
    Row { protocol: "arroyo/after", panics: &[], knobs: &[("timeout", "hasty")], ..ROW }
        .expect("3096", &[("no-false-alarm", "2796", "479/486")]);
    let twice = &[("duplicates", "2")];
    Row { protocol: "seed/fixed", panics: &[(1, &[])], knobs: twice, ..ROW }.expect("586", &[]);
    Row { protocol: "arroyo/before", panics: &[(1, &[])], knobs: twice, ..ROW }.expect(
        "17087",
        &[("no-false-start", "17087", "1"), ("no-lost-failure", "1162", "1/8"), ("running-runs", "1162", "1/8")],
    );
}

#[test]
fn the_cascade_has_the_reference_numbers() {
    let knobs: &[(&str, &str)] = &[("barrier", "none"), ("cascade", "chain")];
    let chain =
        |panics| Check::new(Row { protocol: "arroyo/before", knobs, tasks: 3, panics, ..ROW }.setup()).run().unwrap();
    let lost = |panics: &'static [(u8, &'static [u8])]| {
        let report = chain(panics);
        let share = report.claims[1].share.clone().unwrap();
        (share.schedules.to_string(), report.schedules.unwrap().to_string(), share.probability.to_string())
    };
    assert_eq!(lost(&[(1, &[])]), ("408453".into(), "3093774".into(), "23/108".into()));
    assert_eq!(lost(&[(2, &[])]), ("44798".into(), "16372378".into(), "17/1296".into()));
    assert_eq!(lost(&[(3, &[])]), ("0".into(), "11391826".into(), "0".into()));
}

#[test]
fn one_representative_stands_for_each_orbit() {
    let six = Row { protocol: "arroyo/before", tasks: 6, panics: &[(6, &[])], ..ROW };
    let report = Check::new(six.setup()).symmetric().run().unwrap();
    assert!(report.reduced && report.complete);
    assert_eq!((report.states.to_string().as_str(), report.orbits), ("3526955", 33_739));
}

/// Checks the definition with exact fractions: n runs break the claim at least once with a probability of at least 95
/// %, and n - 1 runs do not.
#[test]
fn the_runs_named_beside_a_probability_are_the_least_that_see_it_with_95_percent() {
    let probability = |numerator: u32, denominator: u32| Probability::new(numerator.into(), denominator.into());
    let missed = |probability: &Probability, runs: usize| num_traits::pow(Probability::one() - probability, runs);
    let unlikely = probability(1, 20);
    assert_eq!(runs_for_95_percent(&Probability::zero()), None);
    assert_eq!(runs_for_95_percent(&Probability::one()), Some(1u8.into()));
    for (probability, runs) in [
        (probability(1, 2), 5),
        (probability(19, 20), 1),
        (probability(94, 100), 2),
        (probability(1, 8), 23),
        (probability(3, 1000), 998),
    ] {
        assert_eq!(runs_for_95_percent(&probability), Some(runs.into()), "{probability}");
        assert!(missed(&probability, runs) <= unlikely && missed(&probability, runs - 1) > unlikely, "{probability}");
    }
}

/// The definition, checked with 4096 binary digits: the rounding error is far below the distance to 1/20.
#[test]
fn the_runs_of_a_tiny_probability_are_the_least_that_see_it_with_95_percent() {
    for (numerator, bits) in [(1_u8, 200), (3, 257), (5, 600), (1, 1500)] {
        let runs = runs_for_95_percent(&Probability::new(numerator.into(), BigUint::one() << bits)).unwrap();
        let one: BigUint = BigUint::one() << 4096;
        let misses = &one - (BigUint::from(numerator) << (4096 - bits));
        let missed = |runs: &BigUint| {
            (0..runs.bits()).rev().fold(one.clone(), |missed, bit| {
                let missed = (&missed * &missed) >> 4096;
                if runs.bit(bit) { (&missed * &misses) >> 4096 } else { missed }
            })
        };
        let unlikely = &one / 20_u8;
        assert!(missed(&runs) <= unlikely && missed(&(&runs - 1_u8)) > unlikely, "{numerator} / 2^{bits}");
    }
}
