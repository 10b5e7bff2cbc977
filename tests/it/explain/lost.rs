//! Where a failure was lost.

use crate::common::phases::SCHEDULING;
use crate::common::request::turned;
use startup_race::core::{Context, Controller, Input, Kind, Notice, Phase};
use startup_race::explore::explain::annotations;
use startup_race::explore::trace::Trace;
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::transition::Event;

use super::generators::{each_refuted, random_reports};

#[test]
fn a_failure_that_is_marked_as_lost_left_the_controller_as_it_was() {
    let mut lost = 0;
    let mut not_lost = 0;
    each_refuted(&random_reports(), |_, _, trace| {
        let marked = annotations::lost(trace);
        for (step, event) in trace.steps() {
            let Event::Controller { redelivered: kept, transition, .. } = event else { continue };
            let (Input::Notice(notice), is_final) = (transition.input, transition.before.stage.is_final()) else {
                continue;
            };
            let same = trace.before(step).driver == trace.after(step).driver;
            let is_failure = matches!(notice.kind, Kind::Failed(_));
            if marked.contains(&step) {
                assert!(same && is_failure && !kept && !is_final, "{event:?}");
                lost += 1;
            } else if is_failure {
                let stale = notice.attempt != trace.before(step).driver.attempt;
                assert!(!same || *kept || stale || is_final, "{event:?}");
                not_lost += 1;
            }
        }
    });
    assert!(lost > 50 && not_lost > 50, "{lost} {not_lost}");
}

/// Its phase does not change at a failure, but it remembers the failure, so the failure is not lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Liar {
    heard: bool,
}

impl Controller for Liar {
    fn on(&mut self, input: Input, _: &mut Context) {
        if let Input::Notice(Notice { kind: Kind::Failed(_), .. }) = input {
            self.heard = true;
        }
    }

    fn phase(&self) -> Phase {
        SCHEDULING
    }
}

#[test]
fn a_failure_that_changes_only_the_state_and_not_the_phase_is_not_lost() {
    let rules = turned(Rules::named("seed/fixed").unwrap(), "duplicates", "1");
    let setup = Setup::with(Liar { heard: false }, Scenario::new(rules, 1).unwrap().failing(&[1]).unwrap());
    let trace = |text: &str| Trace::of(&setup, &text.parse().unwrap()).unwrap();
    assert_eq!(annotations::lost(&trace("1 1 c")), [0usize; 0], "nothing is published, and it changed");
    assert_eq!(annotations::lost(&trace("1 1 d c")), [0usize; 0], "the second delivery changes nothing, the first did");
    let deaf = Setup::with(Liar { heard: true }, setup.scenario.clone());
    let trace = Trace::of(&deaf, &"1 1 d c".parse().unwrap()).unwrap();
    assert_eq!(annotations::lost(&trace), [4], "a notice that stays is not lost yet");
}
