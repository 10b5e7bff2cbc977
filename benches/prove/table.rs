//! Runs the proofs, measures their times, and prints the tables.

use std::time::{Duration, Instant};

use startup_race::claims::Claim;
use startup_race::core::{Fault, PipelineController};
use startup_race::explore::limits::Limits;
use startup_race::explore::report::Check;
use startup_race::prove::answer::{Answer, Proof, Question};
use startup_race::prove::search::Workers;
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::show::certificate::Named;
use stateright::{Checker, Model};

#[path = "../../tests/common/stateright_model/mod.rs"]
#[allow(dead_code)]
mod stateright_model;

type Claims = Vec<Claim<PipelineController>>;

fn make(scenario: &Scenario) -> Setup<PipelineController> {
    Setup::of(scenario.clone())
}

fn healthy(rules: Rules, tasks: u8) -> Setup<PipelineController> {
    make(&Scenario::new(rules, tasks).expect("a scenario"))
}

fn proof(rules: Rules, workers: Workers, claims: Claims) -> Proof<'static, PipelineController> {
    let (fates, limits) = (vec![Fault::Panics], Limits::default());
    let question = Question { protocol: None, rules, workers, fates, claims, make: &make, limits };
    question.answer().expect("it is covered")
}

/// The median of 15 runs, in milliseconds.
fn median(run: impl Fn() -> Duration) -> String {
    let mut times: Vec<Duration> = (0..15).map(|_| run()).collect();
    times.sort();
    format!("{:.1} ms", times[times.len() / 2].as_secs_f64() * 1e3)
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(run());
    start.elapsed()
}

/// The time of a certificate for all proved claims: the tables, the invariant and the text.
fn certificate(rules: Rules, workers: Workers, claims: &Claims) -> Duration {
    let (mut found, setup) = (proof(rules, workers, claims.clone()), healthy(rules, 1));
    timed(|| {
        let (table, conjuncts) = found.certify().expect("it is certified");
        Named::new(&table, &setup).certificate("a certificate", &conjuncts)
    })
}

fn row(name: &str, rules: Rules, workers: Workers) -> String {
    let claims = healthy(rules, 1).standard_claims();
    let found = proof(rules, workers, claims.clone());
    let proved: Claims = found
        .claims
        .iter()
        .filter(|one| matches!(one.answer, Answer::Proved(_)))
        .map(|one| one.claim.clone())
        .collect();
    let states = found.search.met();
    let search = median(|| timed(|| proof(rules, workers, claims.clone())));
    let written = median(|| certificate(rules, workers, &proved));
    let on = if workers == Workers::One { "one" } else { "any" };
    format!("| {name} | {on} | {states} | {} of {} | {search} | {written} |", proved.len(), claims.len())
}

/// The time to check the same claims with this many tasks, for every set of failing tasks. The tasks are alike, so one
/// check for each number of failing tasks is enough.
fn checks(rules: Rules, tasks: u8) -> Duration {
    let failing = |many: u8| Scenario::new(rules, tasks).and_then(|one| one.failing(&(1..=many).collect::<Vec<_>>()));
    timed(|| (0..=tasks).all(|many| Check::new(make(&failing(many).expect("a scenario"))).symmetric().run().is_ok()))
}

fn stateright(rules: Rules, tasks: u8) -> Duration {
    let failing = |many: u8| Scenario::new(rules, tasks).and_then(|one| one.failing(&(1..=many).collect::<Vec<_>>()));
    let search = |many| stateright_model::Search::new(make(&failing(many).expect("a scenario")));
    let checked = |many| {
        search(many).checker().symmetry_fn(stateright_model::representative).spawn_dfs().join().unique_state_count()
    };
    timed(|| (0..=tasks).map(checked).sum::<usize>())
}

pub fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("run it with `cargo bench --bench prove`");
        return;
    }
    println!(
        "| protocol | workers | abstract states | proved | all claims, every number of tasks | certificate |\n|---|---|---|---|---|---|"
    );
    for (name, rules) in PROTOCOLS {
        for workers in [Workers::One, Workers::Any] {
            println!("{}", row(name, rules, workers));
        }
    }
    let rules = Rules::named("arroyo/after").expect("a named protocol");
    let claims = healthy(rules, 1).standard_claims();
    println!(
        "\n| `arroyo/after`, however many tasks fail | 2 tasks | 4 tasks | 8 tasks | every number |\n|---|---|---|---|---|"
    );
    let cells = |run: &dyn Fn(u8) -> Duration| [2, 4, 8].map(|tasks| median(|| run(tasks))).join(" | ");
    println!("| `check` | {} | – |", cells(&|tasks| checks(rules, tasks)));
    println!("| stateright, symmetry by hand | {} | – |", cells(&|tasks| stateright(rules, tasks)));
    println!("| `prove` | | | | {} |", median(|| timed(|| proof(rules, Workers::One, claims.clone()))));
}
