//! The causes of the bug: every combination, every failing task of a chain, and the conclusions from these.

use startup_race::core::PipelineController;
use startup_race::explore::report::Check;
use startup_race::explore::verdict::VerdictKind;
use startup_race::matrix::{BUG, Cause, Combination, Matrix, one_at_a_time};
use startup_race::scenario::{Rules, Scenario};
use startup_race::show;

use crate::common::request::{self, turned};
use Cause::{Barrier, Early, Ignored};

fn rules() -> Rules {
    Rules::named("arroyo/before").expect("a named protocol")
}

fn pipeline(tasks: u8) -> Scenario {
    Scenario::new(rules(), tasks).unwrap()
}

/// The matrix in which each task fails alone.
fn matrix(healthy: &Scenario) -> Matrix {
    let matrix = Matrix::explore(one_at_a_time(healthy).unwrap(), Check::symmetric).unwrap();
    assert!(matrix.complete());
    assert_eq!(matrix.cells.len(), 8 * healthy.tasks().len());
    matrix
}

/// How many schedules break a claim, how many there are, and the probability.
fn share(matrix: &Matrix, causes: &[Cause], case: usize, claim: &str) -> (String, String, String) {
    let cell = matrix.cell(Combination::of(causes), case).unwrap();
    let share = cell.claim(claim).unwrap().share.as_ref().unwrap();
    (share.schedules.to_string(), cell.report.schedules.as_ref().unwrap().to_string(), share.probability.to_string())
}

/// The claims that are refuted with these causes for at least one failing task.
fn refuted<'a>(matrix: &'a Matrix, causes: &[Cause]) -> Vec<&'a str> {
    let cells = matrix.cells.iter().filter(|cell| cell.combination == Combination::of(causes));
    let mut ids: Vec<&str> = cells.flat_map(|cell| cell.refuted().map(|judgement| &*judgement.claim.id)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[test]
fn the_cells_have_the_reference_numbers() {
    let three = matrix(&pipeline(3));
    let cascade = |case| share(&three, &[Early, Ignored], case, BUG);
    assert_eq!(cascade(0), ("408453".into(), "3093774".into(), "23/108".into()));
    assert_eq!(cascade(1), ("44798".into(), "16372378".into(), "17/1296".into()));
    assert_eq!(cascade(2), ("0".into(), "11391826".into(), "0".into()));
    assert_eq!(share(&three, &[Early, Ignored, Barrier], 1, BUG).1, "417482");
    let two = matrix(&pipeline(2));
    assert_eq!(share(&two, &[Early, Ignored, Barrier], 1, BUG), ("37".into(), "545".into(), "1/8".into()));
    assert_eq!(share(&two, &[Early, Barrier], 1, "no-false-start"), ("508".into(), "545".into(), "7/8".into()));
    assert_eq!(share(&two, &[Ignored, Barrier], 1, "always-decides"), ("10".into(), "10".into(), "1".into()));
    assert_eq!(share(&two, &[Barrier], 1, BUG), ("0".into(), "10".into(), "0".into()));
}

#[test]
fn the_named_protocols_are_cells_of_the_matrix() {
    let protocol = |causes: &[Cause]| Combination::of(causes).protocol(&rules());
    assert_eq!(protocol(&[Early, Ignored, Barrier]), Some("arroyo/before"));
    assert_eq!(protocol(&[Ignored, Barrier]), Some("arroyo/late-only"));
    assert_eq!(protocol(&[Early, Barrier]), Some("arroyo/handled-only"));
    assert_eq!(protocol(&[Barrier]), Some("arroyo/after"));
    assert_eq!(protocol(&[Early, Ignored]), None);
}

#[test]
fn each_combination_is_listed_once_starting_with_all_causes() {
    let all: Vec<Vec<Cause>> = Combination::all().map(Combination::causes).collect();
    let expected: [&[Cause]; 8] = [
        &[Early, Ignored, Barrier],
        &[Early, Ignored],
        &[Early, Barrier],
        &[Early],
        &[Ignored, Barrier],
        &[Ignored],
        &[Barrier],
        &[],
    ];
    assert_eq!(all, expected);
}

/// "All three causes are needed" is true of the last task of a chain, and of no other: on one worker and on several,
/// with and without retries.
#[test]
fn all_three_causes_are_needed_for_the_last_task_of_a_chain_and_for_no_other() {
    let retried = Scenario::new(turned(rules(), "attempts", "2"), 3).unwrap();
    let healthy = [
        pipeline(2),
        pipeline(3),
        pipeline(4),
        pipeline(3).on_workers(&[1, 2, 3]).unwrap(),
        pipeline(3).on_workers(&[1, 1, 2]).unwrap(),
        pipeline(3).on_workers(&[1, 2, 2]).unwrap(),
        retried,
    ];
    for healthy in healthy {
        let matrix = matrix(&healthy);
        let last = healthy.tasks().len() - 1;
        for case in 0..=last {
            let smallest: &[Cause] = if case == last { &[Early, Ignored, Barrier] } else { &[Early, Ignored] };
            assert_eq!(matrix.minimal(case), Some(vec![Combination::of(smallest)]), "task {}", case + 1);
            assert_eq!(matrix.all_needed(case), Some(case == last));
        }
    }
}

/// If a failure while running is ignored, announcing early alone is enough, for each failing task: neither of the other
/// causes is needed.
#[test]
fn if_a_failure_while_running_is_ignored_announcing_early_is_enough() {
    let deaf = Scenario::new(turned(rules(), "failed-while-running", "ignore"), 3).unwrap();
    let matrix = matrix(&deaf);
    for case in 0..3 {
        assert_eq!(matrix.minimal(case), Some(vec![Combination::of(&[Early])]));
    }
}

#[test]
fn each_half_of_the_fix_trades_the_lost_failure_for_another_fault() {
    for matrix in [matrix(&pipeline(2)), matrix(&pipeline(3)), matrix(&pipeline(3).on_workers(&[1, 1, 2]).unwrap())] {
        assert_eq!(refuted(&matrix, &[Ignored, Barrier]), ["always-decides"]);
        assert_eq!(refuted(&matrix, &[Early, Barrier]), ["no-false-start"]);
        assert_eq!(refuted(&matrix, &[Barrier]), [""; 0]);
        for case in 0..matrix.cases.len() {
            assert_eq!(
                share(&matrix, &[Ignored, Barrier], case, "always-decides").2,
                "1",
                "late alone is always stuck"
            );
        }
    }
}

/// The probability that the bug loses a failure, and the probability of a false start if failures are handled while
/// scheduling, add up to 1.
#[test]
fn a_false_start_with_handling_alone_is_as_likely_as_no_lost_failure_with_the_bug() {
    for healthy in [pipeline(2), pipeline(3), pipeline(3).on_workers(&[1, 2, 3]).unwrap()] {
        let matrix = matrix(&healthy);
        for case in 0..matrix.cases.len() {
            let probability = |causes: &[Cause], claim: &str| {
                let cell = matrix.cell(Combination::of(causes), case).unwrap();
                cell.claim(claim).unwrap().share.clone().unwrap().probability
            };
            let lost = probability(&[Early, Ignored, Barrier], BUG);
            let early = probability(&[Early, Barrier], "no-false-start");
            assert_eq!((lost + early).to_string(), "1");
        }
    }
}

#[test]
fn the_failure_of_the_first_task_is_lost_as_often_with_the_cascade_as_with_the_barrier() {
    for tasks in [2, 3] {
        let matrix = matrix(&pipeline(tasks));
        let probability = |causes: &[Cause]| share(&matrix, causes, 0, BUG).2;
        assert_eq!(probability(&[Early, Ignored]), probability(&[Early, Ignored, Barrier]));
        assert_ne!(probability(&[Early, Ignored]), "0");
    }
}

#[test]
fn every_verdict_of_the_matrix_is_proved_or_refuted_with_a_counterexample() {
    for cell in &matrix(&pipeline(3)).cells {
        assert!(cell.report.witness.holds);
        for judgement in &cell.report.claims {
            let refuted = judgement.verdict.kind() == VerdictKind::Refuted;
            assert!(refuted || judgement.verdict.is_proved());
            assert_eq!(refuted, judgement.trace.as_ref().is_some_and(|trace| trace.canonical));
        }
    }
}

#[test]
fn a_matrix_that_was_cut_short_says_so_and_concludes_nothing() {
    let cases = one_at_a_time(&pipeline(3)).unwrap();
    let matrix = Matrix::explore(cases, |check: Check<'_, PipelineController>| check.max_states(100)).unwrap();
    assert!(!matrix.complete());
    assert_eq!((matrix.minimal(2), matrix.all_needed(2)), (None, None));
    let text = show::matrix::text(&matrix, show::Style::default());
    assert!(text.contains("CUT SHORT"), "{text}");
    assert!(text.contains("not known: a search was cut short"), "{text}");
    assert!(!text.contains("no claim can be broken"), "{text}");
    assert!(!text.contains("All three causes are needed"), "{text}");
}

/// A failure can be lost only if some task does not fail. If every task fails, the report of the task that is counted
/// last is read in Running, and there it is handled.
#[test]
fn a_failure_is_lost_only_if_some_task_does_not_fail() {
    let failing = |tasks: &[u8]| pipeline(3).failing(tasks).unwrap();
    let cases = vec![pipeline(3), failing(&[1, 2]), failing(&[1, 2, 3])];
    let matrix = Matrix::explore(cases, Check::symmetric).unwrap();
    assert_eq!(matrix.minimal(0), Some(vec![]), "nobody fails");
    assert_eq!(matrix.minimal(1), Some(vec![Combination::of(&[Early, Ignored])]));
    assert_eq!(matrix.minimal(2), Some(vec![]), "everybody fails");
    let text = show::matrix::text(&matrix, show::Style::default());
    assert!(text.contains("\n  nobody ") && text.contains("\n  1 and 2 "), "{text}");
}

#[test]
fn the_text_keeps_within_80_columns() {
    let names = ["a-source-with-a-very-long-name", "transform", "sink", "archive"];
    let healthy = pipeline(4).with_names(&names).unwrap().on_workers(&[1, 2, 1, 2]).unwrap();
    for matrix in [matrix(&pipeline(2)), matrix(&healthy)] {
        let text = show::matrix::text(&matrix, show::Style::default());
        assert!(text.lines().all(|line| line.chars().count() <= 80 && line.trim_end() == line), "{text}");
    }
}

#[test]
fn a_fraction_too_long_for_its_column_becomes_about_a_percentage() {
    let text = show::matrix::text(&matrix(&pipeline(3).on_workers(&[1, 2, 3]).unwrap()), show::Style::default());
    assert!(text.contains(" 12205/46656 ") && text.contains(" about 2.60%"), "{text}");
}

#[test]
fn the_matrix_of_three_tasks_reads_like_this() {
    insta::assert_snapshot!(show::matrix::text(&matrix(&pipeline(3)), show::Style::default()));
}

/// The text of a matrix, in one line.
fn flat(matrix: &Matrix) -> String {
    let text = show::matrix::text(matrix, show::Style::default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_broken_claim_about_a_stop_is_told_in_words_of_its_own() {
    let crash = "arroyo/after --tasks 2 --fails none --crashes 1 --stop asked --recovery asks";
    let lingers = "arroyo/after --tasks 2 --fails 2@1 --attempts 2 --old-attempt lingers --stop asked \
                   --stop-while-scheduling defer";
    for (options, words) in [
        (crash, "always-decides: it stays in Scheduling or Stopping"),
        (crash, "no-lost-stop: it stays in Running, and a stop was asked"),
        (crash, "no-half-run: Running, and a task is finished"),
        (lingers, "no-false-stop: Stopped, and a task is neither dead nor finished"),
    ] {
        let text = flat(&Matrix::explore(vec![request::scenario(options).1], Check::symmetric).unwrap());
        assert!(text.contains(words), "{words}: {text}");
        assert!(!text.contains("a claim of your own"), "{text}");
    }
}

#[test]
fn each_probability_of_a_half_fix_names_its_tasks_if_they_differ() {
    let text = flat(&matrix(&pipeline(3).on_workers(&[1, 2, 1]).unwrap()));
    let words = "(probability 18209/23328 for 1 source and 3 sink, 1355/1944 for 2 transform)";
    assert!(text.contains(words), "{text}");
    assert!(text.contains("always-decides: it stays in Scheduling (probability 1)"), "{text}");
}

/// With the last task, the claim holds: a probability without a task would be that of every task.
#[test]
fn a_probability_of_a_half_fix_names_its_tasks_if_others_keep_the_claim() {
    let cases = vec![pipeline(2), pipeline(2).failing(&[2]).unwrap()];
    let text = flat(&Matrix::explore(cases, Check::symmetric).unwrap());
    assert!(text.contains("always-decides: it stays in Scheduling (probability 1 for 2 transform)"), "{text}");
}
