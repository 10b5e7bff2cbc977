//! Runs on the machine's threads, counted: what must happen in every run happens in each, what cannot in none, and it is
//! never called a verdict. What is between depends on the machine and is asserted nowhere.

use startup_race::threads::sync::MODELLED;

use crate::common::cli::{Output, refused, run};

fn stress(arguments: &[&str]) -> String {
    let Output { stdout, stderr, code } = run(&[&["stress"], arguments].concat());
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    stdout
}

/// In how many runs a claim was broken, and what the explorer says of it.
fn row(text: &str, claim: &str) -> (usize, String) {
    let row = text.lines().find(|line| line.starts_with(claim)).unwrap_or_else(|| panic!("{claim} is not in:\n{text}"));
    let words: Vec<&str> = row.split_whitespace().collect();
    (words[1].replace(',', "").parse().expect("a number"), words[words.len() - 1].to_string())
}

const CLAIMS: [&str; 5] = ["no-false-start", "no-lost-failure", "no-false-alarm", "always-decides", "running-runs"];

#[test]
fn what_every_schedule_breaks_every_run_breaks_and_what_none_does_none_does() {
    if MODELLED {
        return;
    }
    for (arguments, always) in [
        (&["seed/buggy"][..], &["no-false-start", "no-lost-failure"][..]),
        (&["arroyo/late-only"], &["always-decides"]),
        (&["arroyo/after"], &[]),
        (&["arroyo/after", "--fails", "none", "--workers", "1,2"], &[]),
        (&["seed/fixed", "--attempts", "2", "--fails", "2@1", "--fence", "attempt"], &[]),
        (&["arroyo/handled-only", "--vanishes", "2"], &["no-false-start", "no-lost-failure", "running-runs"]),
    ] {
        for delays in [&[][..], &["--delays", "7"]] {
            let text = stress(&[arguments, &["--runs", "60"], delays].concat());
            for claim in CLAIMS {
                let expected = if always.contains(&claim) { (60, "REFUTED") } else { (0, "PROVED") };
                assert_eq!(row(&text, claim), (expected.0, expected.1.to_string()), "{claim}\n{text}");
            }
            assert!(text.contains("missed   nothing, this time"), "{text}");
        }
    }
}

#[test]
fn it_says_what_it_ran_and_that_it_is_no_verdict() {
    if MODELLED {
        return;
    }
    let text = stress(&["arroyo/before", "--runs", "1"]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("1 run on this machine's threads, without delays; they took 1 of 545 schedules"), "{text}");
    assert!(words.contains("this is no verdict"), "{text}");
    let text = stress(&["arroyo/before", "--runs", "2", "--delays", "41"]);
    assert!(text.contains("with random delays, seed 41"), "{text}");
    let text = stress(&["arroyo/before", "--runs", "1", "--max-states", "5"]);
    assert!(text.contains("not known") && text.contains("CUT SHORT"), "{text}");
}

#[test]
fn a_wrong_request_is_refused() {
    refused(&["stress", "arroyo/befor"], "Did you mean arroyo/before?");
    refused(&["stress"], "NAME");
    refused(&["stress", "arroyo/before", "--runs", "0"], "--runs");
    refused(&["stress", "arroyo/before", "--delays", "x"], "--delays");
    refused(&["stress", "arroyo/before", "--fails", "9"], "--fails");
}

#[test]
fn what_threads_cannot_run_is_refused_and_why() {
    let why = if MODELLED { "build it without `--cfg loom`" } else { "a channel delivers once" };
    refused(&["stress", "arroyo/before", "--duplicates", "1", "--runs", "1"], why);
}

#[test]
fn a_build_for_loom_stresses_nothing_and_says_why() {
    if MODELLED {
        refused(&["stress", "arroyo/before"], "build it without `--cfg loom`");
    }
}
