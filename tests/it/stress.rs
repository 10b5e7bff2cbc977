//! Runs on the machine's threads. What must happen in every run happens in each, what cannot happen happens in none,
//! and the result is never called a verdict. Everything else depends on the machine and is not asserted.

use startup_race::explore::report::Check;
use startup_race::scenario::{Setup, spec};

use crate::common::cli::{Output, refused, run};

fn stress(arguments: &[&str]) -> String {
    let Output { stdout, stderr, code } = run(&[&["stress"], arguments].concat());
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    stdout
}

/// In how many runs a claim was broken, and the explorer's result for it.
fn row(text: &str, claim: &str) -> (usize, String) {
    let row = text.lines().find(|line| line.starts_with(claim)).unwrap_or_else(|| panic!("{claim} is not in:\n{text}"));
    let words: Vec<&str> = row.split_whitespace().collect();
    (words[1].replace(',', "").parse().expect("a number"), words[words.len() - 1].to_string())
}

const CLAIMS: [&str; 5] = ["no-false-start", "no-lost-failure", "no-false-alarm", "always-decides", "running-runs"];

#[test]
fn a_claim_that_every_schedule_breaks_is_broken_in_every_run_and_one_that_none_breaks_in_none() {
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
fn stress_says_what_it_ran_and_that_this_is_no_verdict() {
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
    refused(&["stress", "arroyo/before", "--duplicates", "1", "--runs", "1"], "a channel delivers once");
}

/// Runs the program so that it can have only a few threads: the shell limits its memory, and each thread takes a part
/// of it.
#[cfg(target_os = "linux")]
fn with_few_threads(stack_mib: u64, all_mib: u64, arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_startup-race");
    let bounds = "--runs 1 --max-states 100";
    let script = format!("ulimit -v {} && exec {program} stress {arguments} {bounds}", all_mib << 10);
    let mut shell = std::process::Command::new("timeout");
    let output = shell.args(["60", "sh", "-c", &script]).env("RUST_MIN_STACK", (stack_mib << 20).to_string()).output();
    let output = output.expect("a shell");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Output { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap_or(-1) }
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_enough_threads_is_said_with_exit_code_2_and_nothing_hangs() {
    // Each needs more threads at once than are available. The setup determines which thread cannot start: that of a
    // forwarder or that of a task.
    let all_at_once = ["arroyo/after --tasks 12 --fails none", "arroyo/before --tasks 8 --workers 1,2,3,4,5,6,7,8"];
    // Here a thread may end before the last one starts. Then a thread of a later attempt fails.
    let one_by_one = [
        "seed/fixed --tasks 4 --attempts 4 --fails 1 --old-attempt lingers",
        "arroyo/after --tasks 4 --attempts 4 --fails 1 --workers 1,1,2,2",
    ];
    let refused = |Output { stdout, stderr, code }: Output| {
        assert_eq!((code, &*stdout, stderr.lines().count()), (2, "", 1), "{stderr}");
        assert!(stderr.contains("the machine could not start one of them"), "{stderr}");
    };
    for arguments in all_at_once.iter().chain(&one_by_one) {
        refused(with_few_threads(1 << 20, 4_096, arguments));
    }
    for all in [1_024, 1_536, 2_048, 2_560] {
        all_at_once.iter().for_each(|arguments| refused(with_few_threads(512, all, arguments)));
        for arguments in one_by_one {
            let output = with_few_threads(512, all, arguments);
            if output.code != 0 {
                refused(output);
            }
        }
    }
}

/// What a run with random faults prints about its random choices. This does not depend on the machine.
fn drawn(text: &str) -> (String, Vec<String>) {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let scenarios = words.split("drawn from seed ").nth(1).and_then(|rest| rest.split(',').next());
    let expected = text.lines().filter(|line| line.ends_with(" runs") && line.contains('.'));
    let expected = expected.map(|line| line.split_whitespace().rev().nth(1).unwrap_or_default().to_string());
    (scenarios.expect("what was drawn").to_string(), expected.collect())
}

#[test]
fn the_seed_of_random_faults_repeats_what_was_drawn_and_another_draws_otherwise() {
    let run = |seed: &str| drawn(&stress_of_any_width(&["arroyo/before", "--runs", "40", "--chaos", seed]));
    let (first, second, other) = (run("7"), run("7"), run("8"));
    assert_eq!(first, second);
    assert_eq!(first.1.len(), CLAIMS.len(), "{first:?}");
    assert_ne!(first, other);
}

#[test]
fn a_run_with_random_faults_that_fails_can_be_followed_in_the_model() {
    for knobs in [&["arroyo/before"][..], &["seed/fixed", "--attempts", "2", "--restart", "one", "--recovery", "asks"]]
    {
        let text = stress_of_any_width(&[knobs, &["--runs", "60", "--chaos", "3"]].concat());
        let lines: Vec<&str> = text.lines().collect();
        let broken: Vec<_> = lines.windows(2).filter(|pair| pair[0].contains("was broken first in run")).collect();
        assert!(!broken.is_empty(), "{text}");
        for pair in broken {
            let claim = pair[0].split_whitespace().next().expect("a claim");
            let (options, schedule) = pair[1].trim().trim_end_matches('"').split_once(" \"").expect("a schedule");
            let options = options.trim_start_matches("startup-race replay ");
            let setup = Setup::of(spec::read(options).expect("a scenario"));
            let broken = Check::new(setup).broken_by(schedule).expect("a schedule of the model");
            assert!(broken.iter().any(|other| other == claim), "{claim}: {schedule} breaks {broken:?}");
        }
    }
}

#[test]
fn random_faults_cannot_be_combined_with_faults_that_are_asked_for() {
    for fault in ["--fails", "--dies", "--losses", "--crashes", "--delays"] {
        refused(&["stress", "seed/fixed", "--chaos", "1", fault, "1"], fault);
    }
}

/// The same as [`stress`], but a line that replays a run may be longer.
fn stress_of_any_width(arguments: &[&str]) -> String {
    let Output { stdout, stderr, code } = run(&[&["stress"], arguments].concat());
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    stdout
}
