//! What decides where no order does: the knobs.

use std::collections::BTreeSet;

use startup_race::explore::explain::{Decides, explain};
use startup_race::explore::report::Check;
use startup_race::explore::verdict::Kind as Verdict;
use startup_race::protocol::controller::Phase;
use startup_race::protocol::rules::{KNOBS, Rules};
use startup_race::protocol::scenario::Scenario;
use startup_race::protocol::world::Setup;

use super::request::check;
use super::worlds::Naive;

#[test]
fn a_knob_that_is_said_to_mend_a_claim_does_and_no_other_does() {
    let options = "arroyo/late-only --tasks 2 --fails 2";
    let report = check(options).run().unwrap();
    let judgement = &report.claims[3];
    let Decides::NoOrder(Some(all), Some(mends)) = explain(&report, judgement).unwrap().decides else { panic!() };
    assert_eq!(all.to_string(), "10");
    assert_eq!(mends.unknown, []);
    let said: BTreeSet<String> = mends.found.iter().map(|mend| format!("--{} {}", mend.knob, mend.value)).collect();
    let mut does = BTreeSet::new();
    for knob in KNOBS {
        for value in knob.values {
            let turned = format!("--{} {value}", knob.name);
            let after = check(&format!("{options} {turned}")).run().unwrap();
            if after.claims[3].verdict.kind() == Verdict::Proved {
                let breaks =
                    |id: &str| after.claims.iter().any(|j| j.claim.id == id && j.verdict.kind() == Verdict::Refuted);
                let mend = mends.found.iter().find(|mend| format!("--{} {}", mend.knob, mend.value) == turned).unwrap();
                assert!(mend.breaks.iter().all(|id| breaks(id)), "{mend:?}");
                does.insert(turned);
            }
        }
    }
    assert_eq!(said, does);
    assert!(said.contains("--failed-while-scheduling fail") && said.contains("--timeout patient"), "{said:?}");
}

#[test]
fn no_knob_is_turned_for_a_users_own_controller() {
    let naive = Naive { counted: 0, phase: Phase::Scheduling, deaf: true };
    let scenario = Scenario::new(Rules::named("seed/buggy").unwrap(), 2).unwrap().failing(&[2]).unwrap();
    let report = Check::new(Setup::with(naive, scenario)).run().unwrap();
    let refuted = report.claims.iter().find(|judgement| judgement.verdict.kind() == Verdict::Refuted).unwrap();
    assert!(matches!(explain(&report, refuted).unwrap().decides, Decides::NoOrder(Some(_), None)));
}
