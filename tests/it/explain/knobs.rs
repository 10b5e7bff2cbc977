//! The knobs that fix a claim if no order of the steps does.

use std::collections::BTreeSet;

use startup_race::explore::explain::{Decides, explain};
use startup_race::explore::report::Check;
use startup_race::explore::verdict::VerdictKind;
use startup_race::scenario::knobs::KNOBS;
use startup_race::scenario::{Rules, Scenario, Setup};

use super::generators::Naive;
use crate::common::phases::SCHEDULING;
use crate::common::request::{check, claim};

/// The knobs that fix a claim: according to the explanation, and by trying each.
fn said_and_done(options: &str, id: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let report = check(options).run().unwrap();
    let Decides::NoOrder(Some(_), Some(mends)) = explain(&report, claim(&report, id)).unwrap().decides else {
        panic!()
    };
    assert_eq!(mends.unknown, []);
    let said: BTreeSet<String> = mends.found.iter().map(|mend| format!("--{} {}", mend.knob, mend.value)).collect();
    let mut done = BTreeSet::new();
    for (knob, value) in KNOBS.iter().flat_map(|knob| knob.values.iter().map(move |value| (knob, value))) {
        let turned = format!("--{} {value}", knob.name);
        let after = check(&format!("{options} {turned}")).run().unwrap();
        if claim(&after, id).verdict.kind() != VerdictKind::Proved {
            continue;
        }
        let mend = mends.found.iter().find(|mend| format!("--{} {}", mend.knob, mend.value) == turned);
        for broken in mend.iter().flat_map(|mend| &mend.breaks) {
            assert_eq!(claim(&after, broken).verdict.kind(), VerdictKind::Refuted, "{turned}");
            assert_ne!(claim(&report, broken).verdict.kind(), VerdictKind::Refuted, "{turned}");
        }
        done.insert(turned);
    }
    (said, done)
}

#[test]
fn a_knob_that_is_said_to_mend_a_claim_does_and_no_other_does() {
    let (said, done) = said_and_done("arroyo/late-only --tasks 2 --fails 2", "always-decides");
    assert_eq!(said, done);
    assert!(said.contains("--failed-while-scheduling fail") && said.contains("--timeout patient"), "{said:?}");
    let (said, done) = said_and_done("arroyo/before --tasks 2 --fails 2", "no-false-start");
    assert_eq!(said, done);
    assert!(said.contains("--announce after-barrier") && !said.contains("--announce never"), "vacuous: {said:?}");
}

#[test]
fn no_knob_is_turned_for_a_users_own_controller() {
    let naive = Naive { counted: 0, phase: SCHEDULING, deaf: true };
    let scenario = Scenario::new(Rules::named("seed/buggy").unwrap(), 2).unwrap().failing(&[2]).unwrap();
    let report = Check::new(Setup::with(naive, scenario)).run().unwrap();
    let refuted = report.claims.iter().find(|judgement| judgement.verdict.kind() == VerdictKind::Refuted).unwrap();
    assert!(matches!(explain(&report, refuted).unwrap().decides, Decides::NoOrder(Some(_), None)));
}
