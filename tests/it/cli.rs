//! The command line as scripts use it: exit codes, what is refused, JSON that conforms to its schema, the same bytes in
//! every run.

use std::io::Read;
use std::process::{Command, Stdio};

use crate::common::cli::{Output, is_to_paste, refused, run, run_in};

fn code(arguments: &[&str]) -> i32 {
    run(arguments).code
}

#[test]
fn the_exit_code_says_the_gravest_verdict() {
    assert_eq!(code(&["check", "seed/fixed"]), 0);
    assert_eq!(code(&["check", "arroyo/before"]), 1);
    assert_eq!(code(&["check", "arroyo/after", "--max-states", "10"]), 3);
    assert_eq!(code(&["check", "seed/fixed", "--announce", "never", "--claim", "no-lost-failure"]), 4);
    assert_eq!(code(&["check", "arroyo/before", "--claim", "no-false-alarm"]), 0);
    // With several names, REFUTED comes before CUT SHORT, VACUOUS and PROVED.
    assert_eq!(code(&["check", "seed/fixed", "arroyo/before"]), 1);
    assert_eq!(code(&["check", "seed/fixed", "arroyo/after", "--max-states", "27"]), 3);
}

#[test]
fn a_claim_whose_premise_must_be_met_and_is_not_is_no_pass() {
    let failing = ["check", "arroyo/after", "--require-premise"];
    let Output { stderr, code: unmet, .. } = run(&failing);
    assert_eq!(unmet, 4);
    assert!(stderr.contains("no-lost-failure was never put to the test: its premise is never met."), "{stderr}");
    assert!(!stderr.contains("always-decides"), "{stderr}");
    assert_eq!(code(&["check", "arroyo/after"]), 0, "unless it is required");
    assert_eq!(code(&[&failing[..], &["--claim", "always-decides"]].concat()), 0);
    let healthy = ["check", "arroyo/after", "--fails", "none", "--require-premise"];
    let about_running = ["--claim", "no-false-start", "--claim", "no-lost-failure", "--claim", "running-runs"];
    assert_eq!(code(&[&healthy[..], &about_running].concat()), 0);
    // If a claim is refuted, the exit code stays 1. If an expectation is met, an unmet premise still changes the exit
    // code.
    let failing = ["--claim", "no-lost-failure", "--require-premise"];
    assert_eq!(code(&[&["check", "arroyo/after", "arroyo/before"][..], &failing].concat()), 1);
    let expected = ["check", "arroyo/after", "--expect", "no-lost-failure=PROVED"];
    assert_eq!((code(&expected), code(&[&expected[..], &["--require-premise"]].concat())), (0, 4));
}

#[test]
fn a_review_adds_notes_with_the_command_that_shows_each_and_nothing_else_changes() {
    let (plain, reviewed) = (run(&["check", "arroyo/before"]), run(&["check", "arroyo/before", "--review"]));
    let notes = reviewed.stdout.strip_prefix(&plain.stdout).expect("the notes come last");
    assert_eq!(plain.code, reviewed.code);
    assert!(notes.contains("a TaskFailed changes nothing in Scheduling. no-lost-failure is REFUTED"), "{notes}");
    let command = "startup-race check arroyo/before --tasks 2 --fails 2 --claim no-lost-failure";
    assert!(notes.lines().any(|line| line == command), "{notes}");
    assert!(run(&["check", "arroyo/after", "--review"]).stdout.contains("review   no note"));
    refused(&["check", "arroyo/before", "--review", "--format", "json"], "--review: the notes are text");
}

#[test]
fn a_claim_refuted_before_the_search_was_cut_stays_refuted_and_is_marked() {
    let Output { stdout, code, .. } = run(&["check", "arroyo/before", "--max-states", "60", "--format", "json"]);
    assert_eq!(code, 1);
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["complete"], false);
    assert_eq!(json["schedules"], serde_json::Value::Null);
    assert_eq!(json["claims"][0]["verdict"], "REFUTED");
    assert_eq!(json["claims"][0]["probability"], serde_json::Value::Null);
    assert_eq!(json["cut_short_by"], "states");
    assert_eq!(json["claims"][0]["counterexample"]["canonical"], false);
}

#[test]
fn expectations_turn_a_verdict_into_pass_or_fail() {
    let refuted = ["check", "arroyo/before", "--expect", "no-lost-failure=REFUTED"];
    assert_eq!(code(&refuted), 0);
    let Output { stderr, code: failed, .. } = run(&["check", "arroyo/after", "--expect", "no-lost-failure=REFUTED"]);
    assert_eq!(failed, 1);
    assert!(stderr.contains("no-lost-failure was expected REFUTED and is PROVED"), "{stderr}");
    // Without --claim, only the claims with an expectation are judged. A claim that only --claim names must be proved.
    assert_eq!(code(&[&refuted[..], &["--claim", "no-false-alarm"]].concat()), 0);
    assert_eq!(code(&[&refuted[..], &["--claim", "no-false-start"]].concat()), 1);
    assert_eq!(code(&["check", "arroyo/after", "--max-states", "5", "--expect", "no-lost-failure=cut-short"]), 0);
    // Every NAME is compared, not the first one only.
    for names in [["arroyo/after", "arroyo/before"], ["arroyo/before", "arroyo/after"]] {
        let Output { stderr, code, .. } = run(&["check", names[0], names[1], "--expect", "no-lost-failure=PROVED"]);
        assert_eq!((code, stderr.trim_end()), (1, "arroyo/before: no-lost-failure was expected PROVED and is REFUTED"));
    }
    assert_eq!(code(&["check", "arroyo/after", "arroyo/handled-only", "--expect", "no-lost-failure=PROVED"]), 0);
    refused(&["check", "arroyo/after", "--expect", "no-lost-failure"], "no-lost-failure=PROVED");
    refused(&["check", "arroyo/after", "--expect", "no-lost-failure=MAYBE"], "CUT-SHORT");
    let twice = ["--expect", "no-lost-failure=REFUTED", "--expect", "no-lost-failure=PROVED"];
    refused(&[&["check", "arroyo/before"][..], &twice].concat(), "REFUTED and PROVED are both expected");
    refused(&["check", "arroyo/after", "--expect", "no-lost-fail=PROVED"], "Did you mean no-lost-failure?");
}

#[test]
fn a_wrong_request_is_refused_with_what_would_be_right() {
    refused(&["check"], "seed/buggy");
    refused(&["check", "aroyo/before"], "Did you mean arroyo/before?");
    refused(&["check", "arroyo/before", "nonsense"], "nonsense");
    refused(&["check", "arroyo/before", "--claim", "no-false-strat"], "Did you mean no-false-start?");
    refused(&["check", "arroyo/before", "--announce", "early"], "before-on-start");
    refused(&["check", "arroyo/before", "--workers", "1,3"], "without a gap");
    refused(&["check", "arroyo/before", "--workers", "1"], "one for each task");
    refused(&["check", "arroyo/before", "--fails", "2", "--vanishes", "2"], "two fates");
    refused(&["check", "arroyo/before", "--fails", "2@3", "--attempts", "2"], "attempts are numbered");
    refused(&["check", "arroyo/before", "--fails", "2@1,2@1", "--attempts", "2"], "two fates");
    refused(&["check", "arroyo/before", "--fails", "2@1+1"], "two fates");
    refused(&["check", "arroyo/before", "--fails", "+2"], "give tasks from 1");
    refused(&["check", "arroyo/before", "--attempts", "0"], "at least 1");
    refused(&["check", "arroyo/before", "--max-states", "0"], "--max-states");
    refused(&["check", "arroyo/before", "--tasks", "300"], "--tasks");
    refused(&["explain", "no-lost-failur"], "Did you mean no-lost-failure?");
    refused(&["explain"], "claim: no-false-start");
    refused(&["matrix", "--barrier", "none"], "sets this knob itself");
    refused(&["check", "hazard/nothing"], "hazard/");
}

/// The options of a command that take a number, as its help lists them.
fn options_with_a_number(command: &[&str]) -> Vec<String> {
    let help = run(&[command, &["--help"]].concat()).stdout;
    let option =
        |line: &str| line.split_once(" <N>").or(line.split_once(" <SEED>")).map(|(name, _)| name.trim().to_string());
    help.lines().filter_map(option).filter(|name| name.starts_with("--")).collect()
}

#[test]
fn a_number_is_digits_only() {
    let mut seen = 0;
    for command in
        [&["check", "seed/fixed"][..], &["page", "seed/fixed", "-o", "-"], &["stress", "seed/fixed"], &["matrix"], &[]]
    {
        let options = options_with_a_number(command);
        assert!(!options.is_empty(), "{command:?}");
        for option in options {
            for number in ["+2", "-2", " 2", "2 ", "0x2", "2.0", "1e1", "\u{662}", "1_0", ""] {
                let argument = format!("{option}={number}");
                let asked = [command, &[&argument]].concat();
                refused(&asked, &option);
                seen += 1;
            }
        }
    }
    assert!(seen > 150, "{seen}");
    for (option, list) in [("--fails", "+2"), ("--fails", "2@+1"), ("--vanishes", "1,+2"), ("--workers", "1,+1")] {
        refused(&["check", "seed/fixed", option, list], option);
    }
    refused(&["replay", "seed/fixed", "+1"], "step 1");
    let undone = run(&["play", "lie", "2", "undo +1", "quit"]).stdout;
    assert!(undone.contains("`+1`"), "{undone}");
}

#[test]
fn a_step_that_cannot_be_taken_is_refused_with_the_reason_and_what_could_be() {
    refused(&["replay", "arroyo/before", "2 2 2 2"], "step 4");
    refused(&["replay", "arroyo/before", "2 2 2 2"], "1 c");
    refused(&["replay", "arroyo/before", "c"], "inbox");
    refused(&["replay", "arroyo/before", "1 x"], "step 2");
    refused(&["replay", "arroyo/before", "1 1 1 1"], "barrier");
    assert_eq!(code(&["replay", "arroyo/before", ""]), 0);
    assert_eq!(code(&["replay", "arroyo/before", "2 2"]), 0);
}

#[test]
fn the_same_command_prints_the_same_bytes() {
    for arguments in [&["check", "arroyo/before", "--tasks", "4"][..], &["check", "seed/buggy", "--format", "json"]] {
        let first = run(arguments).stdout;
        assert!((0..3).all(|_| run(arguments).stdout == first), "{arguments:?}");
    }
}

#[test]
fn interchanging_tasks_changes_only_the_number_of_orbits_in_the_output() {
    let lines = |symmetry| {
        let text = run(&["check", "arroyo/before", "--tasks", "4", "--symmetry", symmetry, "--format", "json"]).stdout;
        text.lines().filter(|line| !line.contains("\"orbits\"")).map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(lines("on"), lines("off"));
}

#[test]
fn a_variable_forces_colours_and_the_option_overrides_the_variables() {
    let coloured = |arguments: &[&str], variable: Option<&str>| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_startup-race"));
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            program.env_remove(name);
        }
        program.args(["check", "arroyo/before"]).args(arguments).envs(variable.map(|name| (name, "1")));
        program.output().unwrap().stdout.contains(&0x1b)
    };
    assert!(!coloured(&[], None) && coloured(&[], Some("CLICOLOR_FORCE")));
    assert!(coloured(&["--color", "always"], Some("NO_COLOR")));
    assert!(!coloured(&["--color", "never"], Some("CLICOLOR_FORCE")));
}

#[test]
fn the_help_of_every_command_keeps_within_80_columns() {
    let program = startup_race::cli::command();
    let commands = program.get_subcommands().map(|command| vec![command.get_name(), "--help"]);
    for arguments in [vec!["--help"]].into_iter().chain(commands) {
        let help = run(&arguments).stdout;
        assert!(help.contains("Usage: startup-race"), "{arguments:?}");
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
}

/// The largest numbers that are accepted. The fuzzer found that `matrix` counted one attempt too many.
#[test]
fn as_many_tasks_and_attempts_as_there_can_be_are_no_bug() {
    for command in [
        &["check", "seed/fixed", "--max-states", "1"][..],
        &["matrix", "--max-states", "1"],
        &["page", "seed/fixed", "-o", "-", "--max-states", "1"],
        &["replay", "seed/fixed", "1"],
    ] {
        for most in [&["--attempts", "255", "--fails", "1@255"][..], &["--tasks", "255", "--fails", "255"]] {
            let Output { stderr, code, .. } = run(&[command, most].concat());
            assert!([0, 1, 3].contains(&code), "{command:?} {most:?}: {code} {stderr}");
        }
    }
}

#[test]
fn nothing_is_coloured_in_a_pipe_unless_it_is_asked_for() {
    let asked = |color: &[&str]| run(&[&["check", "arroyo/before"], color].concat()).stdout;
    let plain = asked(&[]);
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(asked(&["--color", "never"]), plain);
    assert_eq!(asked(&["--color", "auto"]), plain);
    let coloured = asked(&["--color", "always"]);
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31mREFUTED\u{1b}[0m"), "{coloured:?}");
    let codes = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m"];
    assert_eq!(codes.iter().fold(coloured, |text, code| text.replace(code, "")), plain);
    refused(&["check", "arroyo/before", "--color", "sometimes"], "auto, always, never");
}

/// Whether a cell begins at a column of the terminal: there is a blank before it, and it does not begin with one.
fn begins_at(line: &str, column: usize) -> bool {
    use unicode_width::UnicodeWidthStr;
    let at = line.char_indices().map(|(at, _)| at).find(|&at| line[..at].width() == column);
    at.is_some_and(|at| line[..at].ends_with(' ') && !line[at..].starts_with(' '))
}

/// Wide characters, combining marks, characters that a selector makes wide, and names that are too long for a table.
#[test]
fn the_table_is_straight_whatever_the_names() {
    use unicode_width::UnicodeWidthStr;
    let names = ["名前", "e\u{301}t\u{e9}", "\u{2764}\u{fe0f}", "1\u{fe0f}\u{20e3}", "🦀", "नाम", "a-rather-long-name"];
    let long = "a-name-that-is-too-long-for-any-table";
    for pair in names.windows(2).chain([&["source", long][..]]) {
        let names = pair.join(",");
        let text = run(&["check", "arroyo/before", "--claim", "no-lost-failure", "--names", &names]).stdout;
        assert!(text.lines().filter(|line| !is_to_paste(line)).all(|line| line.width() <= 80), "{text}");
        let table: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("  #")).take(11).collect();
        let controller = table[0].find("controller").map(|at| table[0][..at].width()).expect("a column of it");
        assert!(table.iter().all(|line| begins_at(line, controller)), "{text}");
        assert_eq!(text.contains(&format!("1 is source, 2 is {long}")), pair.contains(&long), "{text}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_startup-race"))
        .args(["check", "arroyo/before", "--tasks", "4", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "the verdict's own exit code");
    assert_eq!(stderr, "");
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_a_search_as_cut_short() {
    // 10 tasks have far more states than can be visited before the signal.
    let mut child = Command::new(env!("CARGO_BIN_EXE_startup-race"))
        .args([
            "check",
            "arroyo/after",
            "--tasks",
            "10",
            "--symmetry",
            "off",
            "--fails",
            "none",
            "--claim",
            "no-lost-failure",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first line of progress shows that the search has begun.
    let mut stderr = child.stderr.take().unwrap();
    let mut first = [0; 9];
    stderr.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"searching");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stdout).unwrap().contains("CUT SHORT"));
}

#[test]
fn a_scenario_of_the_catalog_is_a_name_like_any_other_and_its_options_can_be_overridden() {
    let name = startup_race::catalog::entries().iter().find(|entry| entry.is_mended).unwrap().name.clone();
    assert_eq!(code(&["check", &name]), 0);
    assert_eq!(code(&["check", &name, "--announce", "before-on-start"]), 1);
}

#[test]
fn the_catalog_is_as_expected_and_the_matrix_is_complete() {
    let catalog: serde_json::Value = serde_json::from_str(&run(&["catalog", "--format", "json"]).stdout).unwrap();
    assert_eq!(catalog["as_expected"], true);
    assert!(catalog["entries"].as_array().unwrap().len() > 30);
    assert_eq!(code(&["catalog"]), 0);
    let Output { stdout, code, .. } = run(&["matrix", "--tasks", "2", "--format", "json"]);
    let matrix: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &matrix["complete"]), (0, &true.into()));
    assert_eq!(matrix["cells"].as_array().unwrap().len(), 8 * 2);
    assert_eq!(run(&["matrix", "--tasks", "2", "--max-states", "50"]).code, 3);
}

#[test]
fn completions_are_offered_for_a_shell() {
    let Output { stdout, code, .. } = run(&["completions", "bash"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("startup-race"));
}

#[test]
fn explain_shows_a_command_to_try() {
    let text = run(&["explain", "no-lost-failure"]).stdout;
    assert!(text.contains("Try: startup-race check arroyo/before --claim no-lost-failure"), "{text}");
}

/// ESC, a C1 control, an override of direction, a zero-width space.
const UNSEEN: [char; 4] = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}'];

#[test]
fn no_argument_reaches_the_terminal_unescaped() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("escaped");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for c in UNSEEN {
        let (odd, expected) = (format!("{c}[31mred"), format!("\\u{{{:x}}}[31mred", u32::from(c)));
        let option = format!("--{odd}");
        let (file, names) = (format!("{odd}/page.html"), format!("{odd},b"));
        let lists = [["--fails", &odd], ["--workers", &odd], ["--names", &names], ["--tasks", &odd], ["--claim", &odd]];
        let mut requests = vec![vec![&*odd], vec!["check", &odd], vec![&option], vec!["check", &option]];
        requests.extend([vec!["play", &odd], vec!["explain", &odd], vec!["replay", "seed/fixed", &odd]]);
        requests.extend([vec!["page", "seed/fixed", "-o", &file], vec!["completions", &odd]]);
        requests.extend(lists.iter().map(|list| vec!["check", "seed/fixed", list[0], list[1]]));
        requests.extend([vec!["check", "seed/fixed", "--expect", &odd], vec!["check", "seed/fixed", "--fence", &odd]]);
        for request in requests {
            let Output { stdout, stderr, code } = run(&request);
            assert_eq!((code, &*stdout), (2, ""), "{request:?}");
            assert!(!stderr.contains(c) && stderr.contains(&expected), "{request:?}: {stderr:?}");
        }
        for request in [vec!["page", "seed/fixed", "-o", &odd], vec!["play", "lie", &odd, "quit"]] {
            let Output { stdout, stderr, code } = run_in(&folder, &request);
            assert_eq!((code, &*stderr), (0, ""), "{request:?}");
            assert!(!stdout.contains(c) && stdout.contains(&expected), "{request:?}: {stdout:?}");
        }
    }
}

/// A full disk counts as a machine that cannot carry out the request, whatever the output is.
#[test]
#[cfg(target_os = "linux")]
fn an_output_that_cannot_be_written_is_said_with_exit_code_2() {
    let requests: [&[&str]; 8] = [
        &["--help"],
        &["--version"],
        &["check", "--help"],
        &[],
        &["check", "seed/fixed"],
        &["page", "seed/fixed", "-o", "-"],
        &["completions", "bash"],
        &["play", "lie", "quit"],
    ];
    for request in requests {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_startup-race"));
        let output = program.args(request).stdout(full).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{request:?}: {stderr}");
        assert!(stderr.contains("stdout cannot be written: No space left on device"), "{request:?}: {stderr}");
    }
}

/// This test runs itself once more, in a process that panics, because a test cannot make the program panic.
#[test]
fn a_bug_of_the_program_is_one_readable_line_and_exit_code_101() {
    const PLANTED: &str = "STARTUP_RACE_PLANTED_BUG";
    let command: Vec<_> = ["startup-race", "check", "a b", "\u{1b}[31m"].iter().map(std::ffi::OsString::from).collect();
    let bug = || -> u8 { panic!("planted\u{1b}[31m\nbug") };
    let in_threads = || (0..2).map(|_| std::thread::spawn(bug).join().unwrap_or_default()).sum();
    match std::env::var(PLANTED).as_deref() {
        Ok("in a command") => std::process::exit(startup_race::cli::guarded(&command, bug).into()),
        Ok(_) => std::process::exit(startup_race::cli::guarded(&command, in_threads).into()),
        Err(_) => {}
    }
    for place in ["in a command", "in a thread"] {
        let test = std::env::current_exe().unwrap();
        let name = "cli::a_bug_of_the_program_is_one_readable_line_and_exit_code_101";
        let again = Command::new(test).args(["--exact", name, "--nocapture"]).env(PLANTED, place).output().unwrap();
        let stderr = String::from_utf8(again.stderr).unwrap();
        assert_eq!(again.status.code(), Some(101), "{place}: {stderr}");
        let version = env!("CARGO_PKG_VERSION");
        let (start, end) = stderr.split_once(" (tests/it/cli.rs:").unwrap_or_else(|| panic!("{stderr}"));
        assert_eq!(start, format!("error: this is a bug in startup-race {version}: planted\\u{{1b}}[31m\\nbug"));
        let end = end.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
        assert_eq!(
            end, "); please report it, with this command: startup-race check 'a b' '\\u{1b}[31m'\n",
            "one line, and no backtrace"
        );
    }
}
