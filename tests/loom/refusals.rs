//! A setup that threads cannot run is refused by a value, before anything has started.

use startup_race::scenario::{Setup};
use startup_race::scenario::knobs::{KNOBS};
use startup_race::threads::sync::{MAX_THREADS, MODELLED};
use startup_race::threads::{CannotRun, Options, Tape, check, launch, run};

use crate::worlds::scenario;

/// What the table of the module says, for every value of every knob.
#[test]
fn every_value_of_every_knob_runs_on_threads_or_is_refused_by_name() {
    let module = include_str!("../../src/threads/mod.rs");
    let table: Vec<&str> = module.lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
    for knob in KNOBS {
        let named = format!("{}`", knob.name);
        assert!(table.iter().any(|row| row.contains(&named)), "the table does not name {named}");
        let numbers: &[&str] = if knob.name == "attempts" { &["1", "2"] } else { &["0", "1"] };
        for value in if knob.values.is_empty() { numbers } else { knob.values } {
            for attempts in ["1", "2"] {
                let refused = refusal(&[("attempts", attempts), (knob.name, value)], 1);
                let expected = match (knob.name, *value, attempts) {
                    ("cascade", "chain", _) => Some(CannotRun::Cascade),
                    ("duplicates", "1", _) => Some(CannotRun::Duplicates),
                    ("timeout", "hasty", "2") => Some(CannotRun::HastyRetries),
                    _ => None,
                };
                assert_eq!(refused, expected, "{}={value}", knob.name);
                assert!(refused.is_none_or(|refused| refused.to_string().contains(knob.name)), "{refused:?}");
            }
        }
    }
}

/// Why threads cannot run this, without running it.
fn refusal(knobs: &[(&str, &str)], tasks: u8) -> Option<CannotRun> {
    check(&Setup::of(scenario("seed/fixed", knobs, tasks)), &Options::on(Tape::default())).err()
}

#[test]
fn nothing_is_started_where_a_setup_is_refused() {
    let setup = Setup::of(scenario("seed/fixed", &[("duplicates", "1")], 2));
    let never = |_| unreachable!("nothing was started");
    assert!(launch(&setup, Options::on(Tape::default()), never).is_err());
}

#[test]
fn more_threads_than_there_are_is_refused_with_both_numbers() {
    let attempts = if MODELLED { "2" } else { "255" };
    let needed = if MODELLED { 1 + 2 * 3 } else { 1 + 255 * 17 };
    let refused = refusal(&[("attempts", attempts)], if MODELLED { 3 } else { 17 });
    assert_eq!(refused, Some(CannotRun::Threads(needed, MAX_THREADS)));
    let text = CannotRun::Threads(needed, MAX_THREADS).to_string();
    assert!(text.contains(&needed.to_string()) && text.contains(&MAX_THREADS.to_string()), "{text}");
}

#[test]
fn a_run_is_not_waited_for_inside_a_model() {
    let run = run(&Setup::of(scenario("seed/fixed", &[], 2)), Options::on(Tape::default()));
    assert_eq!(run.err(), MODELLED.then_some(CannotRun::Modelled));
}
