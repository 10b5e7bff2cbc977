//! Schedules and graphs as pictures: `replay --format mermaid` and `--format dot`. `tests/browser` tests that the real
//! tools can read them.

use crate::common::cli::{refused, run};
use startup_race::explore::report::Check;
use startup_race::scenario::{Rules, Scenario, Setup};

const CANONICAL: &str = "2 2 2 1 1 1 c c c";

fn picture(format: &str, arguments: &[&str]) -> String {
    let output = run(&[&["replay"], arguments, &["--format", format]].concat());
    assert_eq!(output.code, 0, "{}", output.stderr);
    output.stdout
}

#[test]
fn a_schedule_is_drawn_step_by_step() {
    insta::assert_snapshot!("mermaid", picture("mermaid", &["arroyo/before", CANONICAL]));
}

#[test]
fn a_retry_a_kept_delivery_and_a_lingering_task_are_drawn() {
    let scenario = ["--attempts", "2", "--fails", "2@1", "--duplicates", "1", "--old-attempt", "lingers"];
    let arguments = [&["arroyo/after", "2 2 d 1@1 c", "--names", "a;b#c<x>,end"][..], &scenario].concat();
    insta::assert_snapshot!("mermaid_retry", picture("mermaid", &arguments));
}

#[test]
fn no_step_of_a_schedule_is_missing_in_its_diagram() {
    let diagram = picture("mermaid", &["arroyo/before", CANONICAL]);
    let numbers: Vec<usize> =
        diagram.lines().filter_map(|line| line.split(": ").nth(1)?.split(' ').next()?.parse().ok()).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
}

#[test]
fn the_graph_that_is_drawn_is_the_explorers() {
    for protocol in ["seed/buggy", "seed/fixed", "arroyo/before", "arroyo/after", "arroyo/late-only"] {
        let setup = Setup::of(Scenario::new(Rules::named(protocol).unwrap(), 2).unwrap().failing(&[2]).unwrap());
        let report = Check::new(setup).run().unwrap();
        let dot = picture("dot", &[protocol, ""]);
        let nodes = dot.lines().filter(|line| line.starts_with("  s") && !line.contains(" -> ")).count();
        assert_eq!(nodes.to_string(), report.states.to_string(), "{protocol}");
        assert_eq!(paths(&dot).to_string(), report.schedules.unwrap().to_string(), "{protocol}");
        for judgement in &report.claims {
            let is_broken = judgement.trace.is_some();
            assert_eq!(dot.contains(&format!("breaks {}", judgement.claim.id)), is_broken, "{protocol}");
        }
    }
}

/// How many paths lead from the first state of a drawing to an end.
fn paths(dot: &str) -> u64 {
    let edge = |line: &str| -> Option<(usize, usize)> {
        let (from, rest) = line.trim().strip_prefix('s')?.split_once(" -> s")?;
        Some((from.parse().ok()?, rest.split(' ').next()?.parse().ok()?))
    };
    let edges: Vec<(usize, usize)> = dot.lines().filter_map(edge).collect();
    fn count(edges: &[(usize, usize)], id: usize) -> u64 {
        edges.iter().filter(|(from, _)| *from == id).map(|&(_, to)| count(edges, to)).sum::<u64>().max(1)
    }
    count(&edges, 0)
}

#[test]
fn the_schedule_is_drawn_thick() {
    let dot = picture("dot", &["arroyo/before", CANONICAL]);
    let thick = |wanted: bool| {
        dot.lines().filter(|line| line.contains("penwidth=3") && line.contains(" -> ") == wanted).count()
    };
    assert_eq!((thick(true), thick(false)), (9, 10));
}

#[test]
fn a_graph_that_is_too_large_to_read_is_refused() {
    refused(&["replay", "arroyo/before", "2", "--tasks", "3", "--format", "dot"], "more than 500 states");
    refused(&["replay", "arroyo/before", "5", "--format", "dot"], "cannot be taken");
    refused(&["replay", "arroyo/before", "5", "--format", "mermaid"], "cannot be taken");
}
