//! The lessons: every command in them is run and prints what they show; each lesson has the same parts; every file that
//! they name exists.
//!
//! `TRYCMD=overwrite` writes what the commands print into the lessons; look at the difference before you keep it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use startup_race::{Rules, Scenario, Setup};
use trycmd::TestCases;

const LESSONS: [&str; 6] = [
    "1-see-the-lie.md",
    "2-be-the-scheduler.md",
    "3-how-rare.md",
    "4-half-a-fix.md",
    "5-memory-order.md",
    "6-your-own-controller.md",
];

const PAGES: [&str; 5] = ["README.md", "answers.md", "glossary.md", "handout.md", "teacher.md"];

/// The lesson whose commands need a build of their own. Its test runs only if it is asked for, as in the gate.
const NEEDS_LOOM: &str = "5-memory-order.md";

fn lesson(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(lesson(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn all_pages() -> impl Iterator<Item = &'static str> {
    LESSONS.into_iter().chain(PAGES)
}

/// The pictures of the lessons and of the README, and the commands that draw them. `INSTA_UPDATE=always` writes them.
/// (`tests/loom/memory.rs` draws the picture of lesson 5.)
const PICTURES: [(&str, &[&str]); 6] = [
    ("lost-failure.svg", &["check", "arroyo/before", "--claim", "no-lost-failure", "--format", "svg"]),
    ("decided.svg", &["replay", "arroyo/before", "2 2 2 1", "--format", "svg"]),
    (
        "stale-notice.svg",
        &[
            "check",
            "arroyo/after",
            "--workers",
            "1,2",
            "--attempts",
            "2",
            "--fails",
            "2@1",
            "--claim",
            "no-false-start",
            "--format",
            "svg",
        ],
    ),
    (
        "second-attempt.svg",
        &[
            "replay",
            "arroyo/after",
            "--attempts",
            "2",
            "--fails",
            "2@1",
            "2 2 c 1 2 1 2 1 2 c c 1 2",
            "--format",
            "svg",
        ],
    ),
    ("late-only.svg", &["check", "arroyo/late-only", "--claim", "always-decides", "--format", "svg"]),
    ("handled-only.svg", &["check", "arroyo/handled-only", "--claim", "no-false-start", "--format", "svg"]),
];

#[test]
fn every_picture_is_what_its_command_draws_and_is_shown() {
    let shown: String = LESSONS.into_iter().map(read).collect();
    for (name, arguments) in PICTURES {
        let drawn = crate::common::cli::run(arguments).stdout;
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(lesson(name), &drawn).expect("a picture is written");
        }
        assert!(read(name) == drawn, "lessons/{name} is not what {arguments:?} draws");
        assert!(shown.contains(&format!("({name})")), "{name} is shown in no lesson");
    }
    for name in LESSONS {
        assert!(read(name).contains(".svg)"), "{name} shows no space-time picture");
    }
}

/// Runs every command of a page and compares its output. Panics if an output differs.
fn run(page: &Path) {
    let cases = TestCases::new();
    cases.register_bin("cargo", Path::new(env!("CARGO"))).case(page);
    cases.run();
}

#[test]
fn every_command_prints_what_the_lessons_say() {
    for name in all_pages().filter(|name| *name != NEEDS_LOOM) {
        run(&lesson(name));
    }
}

#[test]
#[ignore = "builds the threads for loom"]
fn every_command_under_loom_prints_what_the_lesson_says() {
    run(&lesson(NEEDS_LOOM));
}

#[test]
fn a_lesson_that_says_otherwise_is_noticed() {
    let text = read("1-see-the-lie.md");
    let page = Path::new(env!("CARGO_TARGET_TMPDIR")).join("doctored.md");
    let passes = |from: &str, to: &str| {
        assert!(text.contains(from), "{from:?} is in the lesson");
        fs::write(&page, text.replacen(from, to, 1)).expect("a file is written");
        catch_unwind(AssertUnwindSafe(|| run(&page))).is_ok()
    };
    assert!(passes("A stream processor", "A processor of streams"), "what is not run may change");
    assert!(!passes("37 of 545", "38 of 545"));
    assert!(!passes("? 1\n", ""), "an exit code is compared too");
    assert!(!passes("$ startup-race check arroyo/before", "$ startup-race check arroyo/after"));
}

#[test]
fn every_lesson_has_the_same_parts() {
    let parts = [
        "## The question",
        "## Run",
        "## What you see",
        "## Change something",
        "## You can now say",
        "## Where it lives",
    ];
    for name in LESSONS {
        let text = read(name);
        let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, parts, "{name}");
        assert!(text.starts_with(&format!("# {}. ", &name[..1])), "{name}");
        assert!(read("README.md").contains(&format!("]({name})")), "{name}");
    }
    for name in PAGES.iter().filter(|name| **name != "README.md") {
        assert!(read("README.md").contains(&format!("]({name})")), "{name}");
    }
}

/// The fenced blocks of a page: the word after the fence, and the text.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\n```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'))
}

#[test]
fn no_command_with_output_escapes_the_tests() {
    let mut commands = 0;
    for name in all_pages() {
        let text = read(name);
        assert!(!text.contains(" ```"), "{name}: a block that is indented is not run");
        for (kind, block) in blocks(&text) {
            let run = block.lines().filter(|line| line.starts_with("$ ")).count();
            match kind {
                "console" => assert_eq!(run, 1, "{name}: one command a block:\n{block}"),
                "text" => assert_eq!(run, 0, "{name}: this is not run:\n{block}"),
                other => panic!("{name}: a block of {other:?} is not tested"),
            }
            commands += run;
        }
    }
    assert!(commands >= 20, "{commands} commands are run");
}

#[test]
fn every_file_that_a_lesson_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for name in all_pages() {
        let text = read(name);
        let quoted = text.split('`').skip(1).step_by(2);
        for path in quoted.filter(|word| ["src/", "tests/", "examples/"].iter().any(|room| word.starts_with(room))) {
            assert!(root.join(path).exists(), "{name} names {path}");
            named += 1;
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(link.starts_with("https://") || lesson(link).exists(), "{name} links to {link}");
        }
    }
    assert!(named >= 15);
}

#[test]
fn the_handout_is_one_page_and_names_every_claim() {
    let text = read("handout.md");
    assert!(text.lines().count() <= 70);
    for claim in Setup::of(Scenario::new(Rules::DEFAULT, 1).unwrap()).standard_claims() {
        assert!(
            text.contains(&format!("| `{}` | {} |", claim.id, claim.statement.replace("on_start", "`on_start`")))
                || claim.id == "always-decides"
                || claim.id == "running-runs",
            "{}",
            claim.id
        );
        assert!(text.contains(&*claim.id) && read("glossary.md").contains("**claim**"));
    }
}
