//! The command `play`.

use startup_race::play::game::Game;
use startup_race::play::levels::LEVELS;
use startup_race::show::Style;
use startup_race::show::play::{levels, opening};

use crate::common::cli::{Output, refused, run, run_with_input};

fn played(level: &str, input: &[u8]) -> String {
    let Output { stdout, stderr, code } = run_with_input(&["play", level], input);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(!stdout.contains('\u{1b}'), "a pipe gets no colour");
    stdout
}

#[test]
fn without_a_level_the_levels_are_listed() {
    let Output { stdout, code, .. } = run(&["play"]);
    assert_eq!((code, stdout), (0, levels(&[])));
    assert!(LEVELS.iter().all(|level| levels(&[]).contains(&format!("  {:9}  ", level.id))));
}

#[test]
fn a_level_is_found_by_its_number_too() {
    assert_eq!(run(&["play", "2"]).stdout, run(&["play", "early"]).stdout);
    refused(&["play", "0"], "there is no level \"0\"");
    refused(&["play", "16"], "there is no level \"16\"");
}

#[test]
fn an_unknown_level_is_refused_with_the_list() {
    refused(&["play", "li"], "there is no level \"li\". Did you mean lie?");
    refused(&["play", "nowhere"], &levels(&[]));
}

#[test]
fn what_is_said_on_the_command_line_comes_first() {
    let Output { stdout, code, .. } = run_with_input(&["play", "lie", "2 2", "why"], b"undo\nquit\n");
    assert_eq!((code, stdout), (0, played("lie", b"2 2\nwhy\nundo\nquit\n")));
}

#[test]
fn the_end_of_the_input_ends_the_game_politely() {
    for input in [b"".as_slice(), b"2\n", b"2 2", b"nonsense\n\n"] {
        assert!(played("lie", input).ends_with("> \nThe input has ended, and level lie is not over.\n"));
    }
    assert!(played("lie", b"quit\n2\n").ends_with("> quit\n\nGoodbye.\n"));
}

#[test]
fn a_pipe_gets_what_was_said_and_what_was_answered() {
    let text = played("lie", b"2\nfoo\nundo\nquit\n");
    assert!(text.starts_with(&opening(&Game::new(&LEVELS[0]), Style::default())), "{text}");
    assert!(text.contains("\n> 2\n\n  #  task 1"), "{text}");
    assert!(text.contains("\n> foo\n\n`foo` is neither an actor nor a command."), "{text}");
    assert_eq!(text, played("lie", b"2\nfoo\nundo\nquit\n"));
}

#[test]
fn what_is_no_text_is_answered_like_any_bad_word() {
    let text = played("lie", b"\xff\xfe\x1b[31m\n2\n");
    assert!(text.contains("is neither an actor nor a command"), "{text}");
    assert!(text.contains("> 2\n"), "{text}");
}

#[test]
fn what_is_won_is_kept_if_a_file_is_named() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("progress/of-a-player");
    let _ = std::fs::remove_file(&file);
    let play = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_startup-race"));
        command.arg("play").args(arguments).env("STARTUP_RACE_PROGRESS", &file).stdin(std::process::Stdio::null());
        String::from_utf8(command.output().expect("the program starts").stdout).expect("text")
    };
    play(&["lie", "2 2 2 1 1 1 c c c", "1"]);
    assert_eq!(play(&[]), levels(&[]), "a wrong reason wins nothing");
    play(&["lie", "2 2 2 1 1 1 c c c", "4"]);
    play(&["lie", "2 2 2 1 1 1 c c c", "4"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "lie\n");
    let listed = play(&[]);
    assert!(listed.contains(" 1 ✓lie") && listed.ends_with("startup-race play early\n"), "{listed}");
}

#[test]
fn the_word_next_opens_the_next_level() {
    let text = played("lie", b"next\nnext\nquit\n");
    for level in ["Level 1 of 15: lie", "Level 2 of 15: early", "Level 3 of 15: handled"] {
        assert!(text.contains(level), "{text}");
    }
}

#[test]
fn a_level_is_won_in_a_pipe() {
    let text = played("lie", b"2 2 2\n1 1 1\nc c c\n4\nthis is not read\n");
    assert!(text.contains("Broken, in 9 steps with 2 context switches."), "{text}");
    assert!(text.ends_with("next     startup-race play early\n"), "{text}");
}
