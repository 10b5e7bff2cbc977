//! Golden outputs of a check: every protocol with every claim that it breaks, a proof, a search that was cut short, and
//! a vacuous verdict. No line is wider than the output, and commands work when they are copied.

// These tests do not depend on loom.

use std::collections::BTreeSet;
use std::process::Command;

use crate::common::cli::is_to_paste;
use crate::common::phases::{RUNNING, SCHEDULING};
use crate::common::request::{check, claim, scenario};
use startup_race::claims::{Claim, Scope, State};
use startup_race::core::{Context, Controller, Input, Kind, Phase, PipelineController, Stage};
use startup_race::explore::report::Check;
use startup_race::explore::trace::Trace;
use startup_race::explore::verdict::VerdictKind;
use startup_race::scenario::Setup;
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::show::report::{judged, report};
use startup_race::show::table::table;
use startup_race::show::{Style, command};

/// The golden pages of refuted claims.
const PAGES: &[(&str, &[&str])] = &[
    // Every protocol that breaks a claim, with every claim that it breaks.
    ("seed/buggy --tasks 2 --fails 2", &["no-false-start", "no-lost-failure"]),
    ("arroyo/before --tasks 2 --fails 2", &["no-false-start", "no-lost-failure", "running-runs"]),
    ("arroyo/late-only --tasks 2 --fails 2", &["always-decides"]),
    ("arroyo/handled-only --tasks 2 --fails 2", &["no-false-start"]),
    // No task fails; several fail; more tasks.
    ("seed/buggy --tasks 2 --fails none", &["no-false-start"]),
    ("arroyo/before --tasks 3 --fails 1,3", &["no-lost-failure", "running-runs"]),
    ("arroyo/before --tasks 4 --fails 4", &["no-lost-failure"]),
    ("arroyo/handled-only --tasks 4 --fails 4", &["no-false-start"]),
    ("arroyo/late-only --tasks 4 --fails 2,3", &["always-decides"]),
    ("arroyo/late-only --tasks 6 --fails 2,5", &["always-decides"]),
    // A notice of an earlier attempt: a retry, two workers, a lingering attempt.
    ("seed/fixed --tasks 2 --fails 2@1 --attempts 2", &["no-false-start"]),
    ("arroyo/after --tasks 2 --fails 2@1 --workers 1,2 --attempts 2", &["no-false-start"]),
    ("arroyo/after --tasks 2 --fails 2@1 --workers 1,2 --attempts 2 --old-attempt lingers", &["no-false-start"]),
    ("seed/fixed --tasks 2 --fails 1@1,2@1 --attempts 2 --old-attempt lingers", &["no-false-alarm"]),
    // A false alarm: a stale failure, a duplicate, a hasty timeout.
    ("arroyo/after --tasks 2 --fails 1@1,2@1 --attempts 2", &["no-false-alarm"]),
    ("arroyo/after --tasks 2 --fails 2@1 --attempts 2 --duplicates 1", &["no-false-alarm"]),
    ("arroyo/after --tasks 2 --fails none --timeout hasty", &["no-false-alarm"]),
    // Deaths without a report, and deaths that spread.
    ("arroyo/after --tasks 2 --fails none --vanishes 2", &["always-decides"]),
    ("arroyo/handled-only --tasks 2 --fails none --vanishes 2", &["no-lost-failure", "running-runs"]),
    ("arroyo/before --tasks 3 --fails 2 --barrier none --cascade chain", &["no-lost-failure"]),
    ("arroyo/before --tasks 3 --fails 1 --barrier none --cascade chain", &["no-lost-failure"]),
];

fn page(options: &str, id: &str, style: Style) -> String {
    let report = check(options).run().unwrap();
    judged(&report, claim(&report, id), style)
}

fn file_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = text.chars().map(plain).collect();
    name.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[test]
fn every_page_of_a_refuted_claim_is_as_it_was() {
    for (options, claims) in PAGES {
        for id in *claims {
            let text = page(options, id, Style::default());
            assert!(text.starts_with("REFUTED"), "{options} {id}: {text}");
            insta::assert_snapshot!(file_name(&format!("{options} {id}")), text, options);
        }
    }
}

#[test]
fn every_named_protocol_and_claim_that_two_tasks_refute_has_a_page() {
    let mut refuted = BTreeSet::new();
    for (protocol, _) in PROTOCOLS {
        for fails in ["none", "1", "2", "1,2"] {
            let report = check(&format!("{protocol} --tasks 2 --fails {fails}")).run().unwrap();
            let broken = report.claims.iter().filter(|judgement| judgement.verdict.kind() == VerdictKind::Refuted);
            refuted.extend(broken.map(|judgement| (protocol, judgement.claim.id.to_string())));
        }
    }
    let has_page = |(protocol, id): &(&str, String)| {
        PAGES
            .iter()
            .any(|(options, claims)| options.starts_with(&format!("{protocol} ")) && claims.contains(&id.as_str()))
    };
    assert!(refuted.len() >= 7, "{refuted:?}");
    let without: Vec<_> = refuted.iter().filter(|pair| !has_page(pair)).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn the_lost_failure_of_the_real_system_reads_as_it_was_drawn() {
    let drawn = include_str!("texts/lost-failure.txt");
    let wide = Style { width: 83, colour: false };
    assert_eq!(page("arroyo/before --tasks 2 --fails 2", "no-lost-failure", wide), drawn);
}

#[test]
fn a_proof_says_what_was_explored_and_what_it_rests_on() {
    let report_of = |options| report(&check(options).run().unwrap(), Style::default());
    insta::assert_snapshot!("proof", report_of("arroyo/after --tasks 3 --fails 3"));
    insta::assert_snapshot!("proof-of-nobody-failing", report_of("seed/fixed --tasks 4 --fails none"));
}

#[test]
fn a_search_that_was_cut_short_says_so_of_each_claim() {
    let report_of = |states| {
        report(&check("arroyo/before --tasks 3 --fails 3").max_states(states).run().unwrap(), Style::default())
    };
    insta::assert_snapshot!("cut-short", report_of(20));
    insta::assert_snapshot!("cut-short-after-a-refutation", report_of(300));
}

#[test]
fn an_interrupt_is_told_from_a_bound() {
    let interrupted = check("arroyo/after --tasks 3 --fails 3").on_progress(|_, _| std::ops::ControlFlow::Break(()));
    let text = report(&interrupted.run().unwrap(), Style::default());
    assert!(text.contains("by an interrupt"), "{text}");
    let bounded = report(&check("arroyo/after --tasks 3 --fails 3").max_states(5).run().unwrap(), Style::default());
    assert!(bounded.contains("by the bound of 5 states"), "{bounded}");
}

#[test]
fn rules_under_which_the_pipeline_never_runs_are_vacuous() {
    let text = report(&check("arroyo/after --tasks 2 --fails 2 --announce never").run().unwrap(), Style::default());
    insta::assert_snapshot!("vacuous", text);
}

#[test]
fn a_state_that_is_asked_for_is_shown_or_said_not_to_be_reached() {
    let asked = |id, wanted: fn(Stage) -> bool| {
        Claim::<PipelineController>::reachable(id, "the phase is so", move |s| wanted(s.stage()))
    };
    let claims = vec![asked("can-be-running", |stage| stage == Stage::Up), asked("can-fail", |stage| stage.is_final())];
    let text = report(
        &check("arroyo/late-only --tasks 2 --fails 2@1 --attempts 1").claims(claims.clone()).run().unwrap(),
        Style::default(),
    );
    assert!(text.contains("no schedule reaches it"), "{text}");
    let report = report(&check("arroyo/before --tasks 2 --fails 2").claims(claims).run().unwrap(), Style::default());
    insta::assert_snapshot!("reachable", report);
}

#[test]
fn colours_change_nothing_but_the_colours() {
    let colour = Style { width: 80, colour: true };
    for (options, claims) in &PAGES[..3] {
        for id in *claims {
            let (plain, painted) = (page(options, id, Style::default()), page(options, id, colour));
            assert_ne!(plain, painted);
            let mut stripped = painted;
            for code in ["\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m", "\u{1b}[0m"] {
                stripped = stripped.replace(code, "");
            }
            assert_eq!(plain, stripped);
        }
    }
}

/// Lines to be copied are never broken. All other lines keep within the width.
fn assert_width(text: &str, width: usize, what: &str) {
    for line in text.lines().filter(|line| !is_to_paste(line)) {
        assert!(line.chars().count() <= width, "{what}: {} columns: {line}", line.chars().count());
        assert_eq!(line, line.trim_end(), "{what}: a line ends in blanks");
    }
}

#[test]
#[should_panic = "83 columns"]
fn a_line_that_is_too_wide_is_seen() {
    let wide = Style { width: 83, colour: false };
    assert_width(&page("arroyo/before --tasks 2 --fails 2", "no-lost-failure", wide), 80, "the page as it was drawn");
}

#[test]
fn no_line_of_a_report_is_wider_than_the_page() {
    for (options, _) in PAGES {
        let report_of = check(options).run().unwrap();
        for width in [60, 80] {
            assert_width(&report(&report_of, Style { width, colour: false }), width, options);
        }
    }
    for tasks in [5, 8, 12] {
        for options in ["arroyo/before --fails 2", "arroyo/late-only --fails 1 --attempts 3", "seed/buggy --fails none"]
        {
            let options = format!("{options} --tasks {tasks}");
            let report_of = check(&options).max_states(3_000).run().unwrap();
            assert_width(&report(&report_of, Style::default()), 80, &options);
        }
    }
}

#[test]
fn no_row_of_a_table_is_wider_than_the_page_with_up_to_twelve_tasks() {
    let options = [
        "arroyo/before --fails 1",
        "arroyo/after --fails 1@1,2@2 --attempts 3 --old-attempt lingers",
        "seed/fixed --fails 1@1 --attempts 12 --duplicates 3 --timeout hasty",
        "arroyo/before --fails 2 --barrier none --cascade chain",
    ];
    for (options, tasks) in options.iter().flat_map(|options| (1..=12).map(move |tasks| (options, tasks))) {
        if tasks == 1 && options.contains('2') {
            continue;
        }
        let options = format!("{options} --tasks {tasks}");
        let setup = Setup::of(scenario(&options).1);
        for seed in 1..=10 {
            let trace = random_walk(&setup, seed);
            for width in [60, 80] {
                let text = table(&setup, &trace, None, Style { width, colour: false });
                assert_width(&text, width, &options);
                let rows = text.lines().filter(|line| line[..3].trim().parse::<usize>().is_ok()).count();
                assert_eq!(rows, trace.events.len(), "{options}: a row a step\n{text}");
            }
        }
    }
}

/// A trace in which a fixed sequence of numbers chooses the actor of each step.
fn random_walk(setup: &Setup<PipelineController>, seed: u64) -> Trace<PipelineController> {
    let (mut trace, mut state) = (Trace::new(setup), seed);
    loop {
        let enabled = setup.model.actions(trace.last());
        if enabled.is_empty() {
            return trace;
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        trace.step(setup, enabled[(state >> 33) as usize % enabled.len()]).unwrap();
    }
}

#[test]
fn four_tasks_have_four_columns_on_eighty_columns() {
    for options in ["arroyo/before --tasks 4 --fails 4", "arroyo/handled-only --tasks 4 --fails 4"] {
        let report = check(options).run().unwrap();
        for judgement in report.claims.iter().filter(|judgement| judgement.verdict.kind() == VerdictKind::Refuted) {
            let text = judged(&report, judgement, Style::default());
            assert!(text.contains("  #  task 1"), "{text}");
            assert!(["task 2", "task 3", "task 4", "controller"].iter().all(|head| text.contains(head)), "{text}");
            assert!(!text.contains("other tasks"), "{text}");
        }
    }
}

#[test]
fn a_command_recreates_its_scenario() {
    for (options, _) in PAGES {
        let (protocol, setup) = scenario(options);
        assert_eq!(&command::arguments(&protocol, &setup), options);
        assert_eq!(scenario(options).1, setup);
    }
    let named = "seed/fixed --tasks 3 --fails 1@1+3,2 --vanishes 3@2 --names a,b;c,$d --attempts 3";
    let (protocol, setup) = scenario(named);
    assert_eq!(command::arguments(&protocol, &setup), named.replace("a,b;c,$d", "'a,b;c,$d'"));
}

/// Runs each replay line in a shell, and compares the result with the table above it.
#[test]
fn a_replay_line_is_alone_and_works_when_pasted() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_startup-race"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    for (options, claims) in PAGES {
        for id in *claims {
            let report = check(options).run().unwrap();
            let judgement = claim(&report, id);
            let text = judged(&report, judgement, Style::default());
            let line = text.lines().skip_while(|&line| line != "replay").nth(1).expect("a replay line");
            let pasted = Command::new("sh").args(["-c", line]).env("PATH", &path).output().unwrap();
            let pasted = String::from_utf8(pasted.stdout).unwrap();
            let trace = Trace::of(&report.setup, &judgement.trace.as_ref().unwrap().schedule).unwrap();
            assert!(pasted.contains(&table(&report.setup, &trace, None, Style::default())), "{line}\n{pasted}");
        }
    }
}

#[test]
fn a_claim_of_ones_own_is_explained_by_its_premise_and_its_conclusion() {
    let own = Claim::new(
        "source-first",
        "task 2 runs: task 1 runs",
        Scope::Always,
        |s| s.tasks().nth(1).is_some_and(|task| task.reached_run()),
        |s| s.tasks().next().is_some_and(|task| task.reached_run()),
    );
    let (protocol, scenario) = scenario("arroyo/after --tasks 2 --fails none");
    let report = Check::new(Setup::of(scenario)).protocol(protocol).claims(vec![own]).run().unwrap();
    insta::assert_snapshot!("own-claim", judged(&report, &report.claims[0], Style::default()));
}

#[test]
fn a_claim_of_ones_own_is_not_taken_for_the_one_whose_name_it_bears() {
    let (_, scenario) = scenario("arroyo/before --tasks 2 --fails 2");
    let own = || {
        let runs = |s: &State<'_, PipelineController>| s.stage() == Stage::Up;
        Claim::new("no-lost-failure", "Running: never", Scope::AtEnd, runs, |_| false)
    };
    let report = Check::new(Setup::of(scenario)).claims(vec![own()]).run().unwrap();
    let text = judged(&report, &report.claims[0], Style::default());
    assert!(text.contains("the premise holds since 9"), "{text}");
}

#[test]
fn what_an_earlier_attempt_counted_is_not_told_of_the_last() {
    let report = check("arroyo/handled-only --tasks 2 --attempts 2 --fails 1@1 --vanishes 2@2").run().unwrap();
    let text = judged(&report, claim(&report, "running-runs"), Style::default());
    assert!(text.contains("TaskStarted(1@1): 1 of 2") && text.contains("attempt 2 begins"), "{text}");
    assert!(text.contains("counted the last task and became Running"), "{text}");
    assert!(!text.contains("took it for one of attempt"), "{text}");
}

/// A controller that is Running before anything has happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Hasty;

impl Controller for Hasty {
    fn on(&mut self, _: Input, _: &mut Context) {}

    fn phase(&self) -> Phase {
        RUNNING
    }
}

#[test]
fn a_controller_that_is_running_from_the_start_is_not_said_to_become_running() {
    let (_, scenario) = scenario("seed/fixed --tasks 2 --fails 2");
    assert_eq!(Hasty.counted(), None, "by default a controller has no count");
    let report = Check::new(Setup::with(Hasty, scenario)).run().unwrap();
    for id in ["no-false-start", "no-lost-failure"] {
        let judgement = report.claims.iter().find(|judgement| judgement.claim.id == id).unwrap();
        let text = judged(&report, judgement, Style::default());
        assert!(text.starts_with("REFUTED") && text.contains("Running"), "{text}");
        assert!(!text.contains("became Running"), "{text}");
    }
}

#[test]
fn a_claim_that_the_first_state_breaks_is_shown_without_a_step() {
    let (_, scenario) = scenario("arroyo/after --tasks 2 --fails none");
    let never = Claim::new(
        "never",
        "(always): it is not Scheduling",
        Scope::Always,
        |_| true,
        |s| s.stage() != Stage::Starting,
    );
    let report = Check::new(Setup::of(scenario)).claims(vec![never]).run().unwrap();
    let text = judged(&report, &report.claims[0], Style::default());
    let now = text.lines().find(|line| line.starts_with("now")).expect("a last row");
    assert!(now.ends_with("Scheduling  <- claim broken"), "{text}");
    assert!(text.contains("the premise holds from the start; the conclusion fails from the start"), "{text}");
    assert!(text.contains("no order saves it, 300 of 300"), "{text}");
}

/// Counts notices, and ignores their sender.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Counter(u8);

impl Controller for Counter {
    fn on(&mut self, input: Input, now: &mut Context) {
        match input {
            Input::Notice(notice) if notice.kind == Kind::Started && self.0 < now.tasks => self.0 += 1,
            _ => {}
        }
    }

    fn phase(&self) -> Phase {
        if self.0 < 2 { SCHEDULING } else { RUNNING }
    }
}

#[test]
fn a_users_own_controller_is_explained_like_the_pipelines() {
    let (_, scenario) = scenario("seed/fixed --tasks 2 --fails 2 --duplicates 1");
    let report = Check::new(Setup::with(Counter(0), scenario)).run().unwrap();
    insta::assert_snapshot!("own-controller", report.text());
}
