//! The cells of the table. Times are measured in this process; memory is measured in a separate process for each cell.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use divan::Bencher;
use startup_race::core::{Controller, PipelineController};
use startup_race::explore::report::Check;
use startup_race::scenario::{Rules, Scenario, Setup};
use stateright::{Checker, CheckerBuilder, Model};

#[path = "../../tests/common/stateright_model/mod.rs"]
mod stateright_model;

#[path = "own.rs"]
mod own;

use stateright_model::{Search, representative};

/// A search engine with its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Engine {
    Explorer,
    ExplorerInFull,
    ExplorerOwn,
    Stateright,
    StaterightSymmetric,
}

use Engine::{Explorer, ExplorerInFull, ExplorerOwn, Stateright, StaterightSymmetric};

/// The engines, each with its name for a child process and the heading of its column.
const ENGINES: [(Engine, &str, &str); 5] = [
    (Explorer, "explorer", "explorer"),
    (ExplorerInFull, "explorer-in-full", "explorer, `--symmetry off`"),
    (ExplorerOwn, "explorer-own", "own controller and claims, in full"),
    (StaterightSymmetric, "stateright-symmetric", "stateright, symmetry by hand"),
    (Stateright, "stateright", "stateright, breadth first"),
];

/// The numbers of tasks. A full search with seven tasks takes minutes.
const REDUCED: std::ops::RangeInclusive<u8> = 2..=8;
const FULL: std::ops::RangeInclusive<u8> = 2..=6;

fn rules() -> Rules {
    Rules::named("arroyo/before").expect("a named protocol")
}

fn scenario(tasks: u8) -> Scenario {
    Scenario::new(rules(), tasks).and_then(|scenario| scenario.failing(&[tasks])).expect("a scenario")
}

fn setup(tasks: u8) -> Setup<PipelineController> {
    Setup::of(scenario(tasks))
}

/// Runs one search to its end, that of the explorer on one thread. Returns how many states it stored, and how many
/// claims it refuted.
fn search(engine: Engine, tasks: u8) -> (usize, usize) {
    match engine {
        Explorer => explore(Check::new(setup(tasks)).symmetric()),
        ExplorerInFull => explore(Check::new(setup(tasks))),
        ExplorerOwn => explore(Check::new(own::setup(&rules(), scenario(tasks))).claims(own::claims())),
        Stateright => join(checker(tasks).spawn_bfs()),
        StaterightSymmetric => join(checker(tasks).symmetry_fn(representative).spawn_dfs()),
    }
}

fn explore<C: Controller>(check: Check<'_, C>) -> (usize, usize) {
    let report = check.jobs(NonZeroUsize::MIN).run().expect("the controller keeps its contract");
    assert!(report.complete);
    let refuted = report.claims.iter().filter(|judged| judged.trace.is_some()).count();
    (report.orbits, refuted)
}

fn checker(tasks: u8) -> CheckerBuilder<Search> {
    Search::new(setup(tasks)).checker().threads(cores())
}

fn join(checker: impl Checker<Search>) -> (usize, usize) {
    let checker = checker.join();
    (checker.unique_state_count(), checker.discoveries().len())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

type Cell = (u8, Engine);

/// The result of a search, and the time of each run.
type Runs = ((usize, usize), Vec<Duration>);

static CELLS: Mutex<BTreeMap<Cell, Runs>> = Mutex::new(BTreeMap::new());

fn measure(bencher: Bencher<'_, '_>, engine: Engine, tasks: u8) {
    bencher.bench_local(|| {
        let start = Instant::now();
        let found = search(engine, tasks);
        let taken = start.elapsed();
        CELLS.lock().expect("no run panicked").entry((tasks, engine)).or_insert((found, Vec::new())).1.push(taken);
    });
}

#[divan::bench(args = REDUCED, sample_count = 100, sample_size = 1, max_time = 3)]
fn explorer(bencher: Bencher<'_, '_>, tasks: u8) {
    measure(bencher, Explorer, tasks);
}

#[divan::bench(args = FULL, sample_count = 100, sample_size = 1, max_time = 3)]
fn explorer_in_full(bencher: Bencher<'_, '_>, tasks: u8) {
    measure(bencher, ExplorerInFull, tasks);
}

#[divan::bench(args = FULL, sample_count = 100, sample_size = 1, max_time = 3)]
fn explorer_own(bencher: Bencher<'_, '_>, tasks: u8) {
    measure(bencher, ExplorerOwn, tasks);
}

#[divan::bench(args = REDUCED, sample_count = 100, sample_size = 1, max_time = 3)]
fn stateright_symmetric(bencher: Bencher<'_, '_>, tasks: u8) {
    measure(bencher, StaterightSymmetric, tasks);
}

#[divan::bench(args = FULL, sample_count = 100, sample_size = 1, max_time = 3)]
fn stateright_breadth_first(bencher: Bencher<'_, '_>, tasks: u8) {
    measure(bencher, Stateright, tasks);
}

pub fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "cell", engine, tasks] => child(engine, tasks.parse().expect("a number of tasks")),
        [_, ref rest @ ..] if rest.contains(&"--bench") => {
            divan::main();
            print_table();
        }
        _ => println!("run it with `cargo bench --bench search`"),
    }
}

/// Runs one cell in this process and prints its peak memory in KiB, if the system reports it.
fn child(engine: &str, tasks: u8) {
    let (engine, ..) = ENGINES.into_iter().find(|(_, name, _)| *name == engine).expect("an engine");
    search(engine, tasks);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("-");
    println!("{}", peak.trim().trim_end_matches(" kB"));
}

/// The peak memory of a cell, in MiB.
fn memory((tasks, engine): Cell) -> String {
    let (_, name, _) = ENGINES.into_iter().find(|(other, ..)| *other == engine).expect("an engine");
    let this = std::env::current_exe().expect("the path of this benchmark");
    let output = Command::new(this).args(["cell", name, &tasks.to_string()]).output().expect("a child process");
    let kib = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>();
    kib.map_or_else(|_| "?".to_string(), |kib| format!("{:.0} MiB", kib / 1024.0))
}

/// Prints the table as text that is also valid Markdown.
fn print_table() {
    let cells = CELLS.lock().expect("no run panicked");
    check_answers(&cells);
    let threads = cores();
    println!("\n`arroyo/before`, the last task fails; median time, peak memory");
    println!("the explorer on one thread, stateright on {threads}\n");
    let headings: Vec<_> = ENGINES.iter().map(|(.., heading)| *heading).collect();
    println!("| tasks | states | orbits | {} |", headings.join(" | "));
    println!("|---|---|---|{}", "---|".repeat(ENGINES.len()));
    for tasks in REDUCED {
        let stored =
            |engine| cells.get(&(tasks, engine)).map_or("–".to_string(), |((stored, _), _)| stored.to_string());
        let cell = |&(engine, ..): &(Engine, &str, &str)| match cells.get(&(tasks, engine)) {
            Some((_, times)) => format!("{}, {}", time(times), memory((tasks, engine))),
            None => "–".to_string(),
        };
        let row: Vec<_> = ENGINES.iter().map(cell).collect();
        println!("| {tasks} | {} | {} | {} |", stored(ExplorerInFull), stored(Explorer), row.join(" | "));
    }
}

/// Checks that searches of the same states have the same result.
fn check_answers(cells: &BTreeMap<Cell, Runs>) {
    for (one, other) in [(Explorer, StaterightSymmetric), (ExplorerInFull, Stateright), (ExplorerInFull, ExplorerOwn)] {
        for tasks in REDUCED {
            if let (Some((found, _)), Some((also, _))) = (cells.get(&(tasks, one)), cells.get(&(tasks, other))) {
                assert_eq!(found, also, "{one:?} and {other:?} of {tasks} tasks");
            }
        }
    }
}

/// The median, with three digits.
fn time(times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort();
    let median = sorted[sorted.len() / 2].as_secs_f64();
    let (value, unit) = if median < 1e-3 {
        (median * 1e6, "µs")
    } else if median < 1.0 {
        (median * 1e3, "ms")
    } else {
        (median, "s")
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}
