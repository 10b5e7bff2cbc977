//! A setup that threads cannot run is refused by a value, before anything has started.

use startup_race::protocol::world::Setup;
use startup_race::threads::sync::{MAX_THREADS, MODELLED};
use startup_race::threads::{Options, Refused, Tape, launch, run};

use crate::worlds::scenario;

fn refused(knobs: &[(&str, &str)], tasks: u8) -> Option<Refused> {
    let setup = Setup::of(scenario("seed/fixed", knobs, tasks));
    let never = |_| unreachable!("nothing was started");
    launch(&setup, Options::on(Tape::default()), never).err()
}

#[test]
fn a_knob_that_only_the_explorer_turns_is_refused_by_name() {
    for (name, value) in [("cascade", "chain"), ("duplicates", "1")] {
        let refused = refused(&[(name, value)], 2).expect("no threads for it");
        assert!(matches!(refused, Refused::Knob(knob, _) if knob == name));
        assert!(refused.to_string().contains(name), "{refused}");
    }
}

#[test]
fn more_threads_than_there_are_is_refused_with_both_numbers() {
    let attempts = if MODELLED { "2" } else { "255" };
    let needed = if MODELLED { 1 + 2 * 3 } else { 1 + 255 * 17 };
    let refused = refused(&[("attempts", attempts)], if MODELLED { 3 } else { 17 });
    assert_eq!(refused, Some(Refused::Threads(needed, MAX_THREADS)));
    let text = Refused::Threads(needed, MAX_THREADS).to_string();
    assert!(text.contains(&needed.to_string()) && text.contains(&MAX_THREADS.to_string()), "{text}");
}

#[test]
fn a_run_is_not_waited_for_inside_a_model() {
    let run = run(&Setup::of(scenario("seed/fixed", &[], 2)), Options::on(Tape::default()));
    assert_eq!(run.err(), MODELLED.then_some(Refused::Modelled));
}
