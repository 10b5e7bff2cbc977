//! Where a failure was lost.

use startup_race::explore::explain::marks;
use startup_race::explore::replay::Walk;
use startup_race::core::{Context, Controller, Input, Kind, Notice, Phase};
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::transition::{Dropped, Event, Reaction};

use super::generators::{each_refuted, random_reports};

#[test]
fn a_failure_is_lost_where_it_left_the_controller_as_it_was() {
    let mut lost = 0;
    let mut not_lost = 0;
    each_refuted(&random_reports(), |_, _, walk| {
        let marked = marks::lost(walk);
        for (step, event) in walk.steps() {
            let Event::Controller { kept, received, .. } = event else { continue };
            let Input::Notice(notice) = received.input else { continue };
            let same = walk.before(step).driver == walk.after(step).driver;
            let is_failure = matches!(notice.kind, Kind::Failed(_));
            if marked.contains(&step) {
                assert!(same && is_failure && !kept && !received.before.is_final(), "{event:?}");
                lost += 1;
            } else if is_failure {
                let stale = notice.attempt != walk.before(step).driver.attempt;
                assert!(!same || *kept || stale || received.before.is_final(), "{event:?}");
                not_lost += 1;
            }
        }
    });
    assert!(lost > 50 && not_lost > 50, "{lost} {not_lost}");
}

/// Says that it dropped a failure, and remembers it: not lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Liar {
    heard: bool,
}

impl Controller for Liar {
    fn on(&mut self, input: Input, _: Context) -> Reaction {
        if let Input::Notice(Notice { kind: Kind::Failed(_), .. }) = input {
            self.heard = true;
        }
        Reaction::Dropped(Dropped::In("Scheduling"))
    }

    fn phase(&self) -> Phase {
        Phase::Scheduling
    }
}

#[test]
fn the_users_word_for_a_loss_is_not_taken() {
    let rules = Rules { duplicates: 1, ..Rules::named("seed/fixed").unwrap() };
    let setup = Setup::with(Liar { heard: false }, Scenario::new(rules, 1).unwrap().failing(&[1]).unwrap());
    let walk = |text: &str| Walk::of(&setup, &text.parse().unwrap()).unwrap();
    assert_eq!(marks::lost(&walk("1 1 c")), [0usize; 0], "it says dropped, and changed");
    assert_eq!(marks::lost(&walk("1 1 d c")), [0usize; 0], "the second delivery changes nothing, the first did");
    let deaf = Setup::with(Liar { heard: true }, setup.scenario.clone());
    let walk = Walk::of(&deaf, &"1 1 d c".parse().unwrap()).unwrap();
    assert_eq!(marks::lost(&walk), [4], "a notice that stays is not lost yet");
}
