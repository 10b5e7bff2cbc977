//! A scenario that is read from options: the default values, what is refused, and that written options can be read
//! again.

use startup_race::core::Fault;
use startup_race::scenario::knobs::{KNOBS, PROTOCOLS};
use startup_race::scenario::spec::{DEFAULTS, ScenarioSpec, read};
use startup_race::scenario::{Rules, Scenario};
use startup_race::show::command;

use crate::common::generators::options;
use crate::common::request;

#[test]
fn an_option_that_is_not_given_has_its_usual_value() {
    let read = |line| read(line).unwrap();
    let base = Scenario::new(Rules::named("arroyo/before").unwrap(), 2).unwrap();
    assert_eq!(read("arroyo/before"), base.clone().failing(&[2]).unwrap());
    assert_eq!(read("arroyo/before --fails none"), base);
    assert_eq!(read("arroyo/before --vanishes 1"), base.clone().with_fault(Fault::Vanishes, 1, &[]).unwrap());
    assert_eq!(read("arroyo/before --hangs 1"), base.clone().with_fault(Fault::Hangs, 1, &[]).unwrap());
    assert_eq!(read("arroyo/before --dies 1"), base.clone().with_fault(Fault::Dies, 1, &[]).unwrap());
    assert_eq!(read("arroyo/before --fails 1 --fails 2"), read("arroyo/before"), "the last one counts");
    let thrice = read("seed/fixed --attempts 3 --fails 2@1+3");
    assert_eq!(thrice.tasks()[1].faults, [Some(Fault::Panics), None, Some(Fault::Panics)]);
    assert_eq!(read("seed/fixed --tasks 3 --workers 1,2,2").workers(), 2);
    assert_eq!(read("seed/fixed --names a,b").tasks()[1].name, "b");
}

#[test]
fn an_option_that_is_wrong_is_refused_with_what_would_be_right() {
    let refused = |line: &str, message: &str| {
        let error = read(line).unwrap_err().to_string();
        assert!(error.contains(message), "{line}: {error}");
    };
    refused("nobody/knows", "names no protocol");
    refused("seed/fixed tasks", "\"tasks\" is no option");
    refused("seed/fixed --tasks", "--tasks: a value is missing");
    refused("seed/fixed --fence high", "--fence: \"high\": give one of none, attempt");
    refused("seed/fixed --speed 3", "--speed is no option of a scenario");
    refused("seed/fixed --tasks many", "give a number from 1 to 255");
    refused("seed/fixed --tasks 256", "give a number from 1 to 255");
    refused("seed/fixed --fails 3", "--fails: ");
    refused("seed/fixed --fails 1,1", "two fates");
    refused("seed/fixed --attempts 2 --fails 1@", "--fails: \"\" is not valid here");
    refused("seed/fixed --fails 1,none", "--fails: \"none\" is not valid here");
    refused("seed/fixed --duplicates -1", "--duplicates: ");
    refused("seed/fixed --attempts 0", "at least 1");
}

/// Every protocol, every knob with every value, several faults, workers and names.
#[test]
fn what_is_written_as_options_is_read_as_the_same_scenario() {
    let mut seen = 0;
    for (name, rules) in PROTOCOLS {
        for knob in KNOBS {
            let values = if knob.values.is_empty() { &["1", "3"] } else { knob.values };
            for value in values {
                for fates in [
                    "",
                    "--fails none",
                    "--fails 1,3",
                    "--vanishes 2",
                    "--fails 1 --vanishes 3",
                    "--workers 1,2,1",
                    "--names a,b,c",
                ] {
                    let line = format!("{name} --tasks 3 --{} {value} {fates}", knob.name);
                    let scenario = read(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
                    let written = command::arguments(name, &scenario);
                    assert_eq!(read(&written), Ok(scenario), "{line} is written {written}");
                    seen += 1;
                }
            }
        }
        let partly = read(&format!("{name} --attempts 3 --fails 2@1+3,1@2 --vanishes 1@1")).unwrap();
        assert_eq!(read(&command::arguments(name, &partly)), Ok(partly));
        assert_eq!(Rules::named(name), Some(rules));
    }
    assert!(seen > 800, "{seen} scenarios");
}

#[test]
fn options_are_written_as_they_are_read() {
    for line in [
        "",
        "--tasks 3 --fails 1,3 --workers 1,2,1 --names a,b,c",
        "--fails none --vanishes 2@1+3 --hangs 1 --dies 3 --attempts 3",
        "--fails 2@1,2@2 --announce never --duplicates 7 --timeout hasty",
    ] {
        let spec: ScenarioSpec = line.parse().unwrap();
        assert_eq!(spec.to_string(), line);
        assert_eq!(spec.to_string().parse(), Ok(spec));
    }
}

#[test]
fn what_is_given_overrides_what_was_there() {
    let spec = |line: &str| line.parse::<ScenarioSpec>().unwrap();
    let build = |spec: ScenarioSpec| spec.build(Rules::named("arroyo/after").unwrap(), DEFAULTS).unwrap();
    let own = spec("--tasks 3 --fails 1@1 --attempts 2 --fence attempt");
    let all = spec("--fails 2 --attempts 3 --workers 1,1,2").or(own.clone());
    assert_eq!(
        build(all),
        read("arroyo/after --tasks 3 --fails 2 --attempts 3 --workers 1,1,2 --fence attempt").unwrap()
    );
    assert_eq!(build(ScenarioSpec::default().or(own.clone())), build(own));
}

#[test]
fn a_name_holds_nothing_that_is_unseen_and_begins_with_no_combining_mark() {
    let two = Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap();
    let named = |name: &str| two.clone().with_names(&[name, "other"]);
    // Controls, bidirectional overrides and isolates, a zero-width space and joiner, a soft hyphen, a byte-order mark,
    // a tag, separators of lines and paragraphs.
    let unseen = "\u{0}\u{7}\u{1b}\u{7f}\u{9b}\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{61c}\u{200b}\u{200d}\u{ad}\u{feff}\u{e0041}\u{2028}\u{2029}";
    for c in unseen.chars() {
        for name in [format!("{c}"), format!("a{c}"), format!("a{c}b"), format!("{c}a")] {
            let error = named(&name).unwrap_err().to_string();
            assert!(error.contains("format character") && !error.contains(c), "{error:?}");
        }
    }
    for mark in ["\u{301}", "\u{903}", "\u{20dd}", "\u{fe0f}"] {
        let error = named(&format!("{mark}a")).unwrap_err().to_string();
        assert!(error.contains("begins with no combining mark") && error.contains("\\u{"), "{error:?}");
        assert!(named(&format!("a{mark}")).is_ok(), "a mark after a letter is fine");
    }
    for fine in ["source", "e\u{301}t\u{e9}", "名前", "имя", "नाम", "الاسم", "a-b_c.d", "<b>", "🦀"] {
        assert!(named(fine).is_ok(), "{fine}");
    }
}

#[test]
fn a_random_case_is_shown_with_each_of_its_faults() {
    let faults = "--fails 1@1+2 --vanishes 2@1,4@2 --hangs 3@1 --dies 2@2,4@1 --workers 1,2,1,1";
    let line = format!("--tasks 4 --announce after-on-start --attempts 2 {faults}");
    assert_eq!(options(&read(&format!("seed/fixed {line}")).unwrap()).parse(), line.parse::<ScenarioSpec>());
}

#[test]
#[should_panic(expected = "--speed is no option")]
fn a_test_that_gives_an_option_of_another_name_fails() {
    request::scenario("seed/fixed --speed 3");
}
