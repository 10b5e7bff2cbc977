//! Knobs and schedules as text, and back.

use startup_race::scenario::Rules;
use startup_race::scenario::knobs::{KNOBS, PROTOCOLS};
use startup_race::schedule::{Schedule, ScheduleError};

#[test]
fn every_value_of_every_knob_is_read_as_it_was_set() {
    for knob in KNOBS {
        let numbers: &[&str] = &["1", "7"];
        for value in if knob.values.is_empty() { numbers } else { knob.values } {
            let mut rules = Rules::DEFAULT;
            assert_eq!((knob.set)(&mut rules, value), Some(()), "{} {value}", knob.name);
            assert_eq!((knob.get)(&rules), *value, "{}", knob.name);
            let others = KNOBS.iter().filter(|other| other.name != knob.name);
            others.for_each(|other| assert_eq!((other.get)(&rules), (other.get)(&Rules::DEFAULT), "{}", other.name));
        }
        assert_eq!((knob.set)(&mut Rules::DEFAULT.clone(), "neither"), None, "{}", knob.name);
    }
}

#[test]
fn every_knob_of_a_named_protocol_has_a_value_and_its_rules_are_found_by_name() {
    for (name, rules) in PROTOCOLS {
        assert!(KNOBS.iter().all(|knob| !(knob.get)(&rules).is_empty()), "{name}");
        assert_eq!(Rules::named(name), Some(rules));
    }
    assert_eq!(Rules::named("arroyo"), None);
}

#[test]
fn a_schedule_is_read_as_it_is_written() {
    let several = "1 12 2@1 c1 c2 d1 d2 d@3 l1 l2 l@12 s t x";
    assert_eq!(several.parse::<Schedule>().unwrap().text(2), several);
    let single = "1 c d d@3 l l@3 s";
    assert_eq!(single.parse::<Schedule>().unwrap().text(1), single);
    for word in ["0", "c0", "d0", "l@", "l@0", "d@x", "+1", "2@0", "2@", "@1", "tt", "s1", "x1", "256", "q", "é"] {
        let error = ScheduleError { step: 2, word: word.to_string() };
        assert_eq!(format!("1 {word}").parse::<Schedule>(), Err(error), "{word}");
    }
}
