//! The limits of the program: its peak memory, and interrupts at many times.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_startup-race");

/// Runs a request that may use 256 MiB, in a process that cannot have more than 384 MiB. This limit counts the address
/// space. The allocator of glibc reserves 64 MiB of it for each thread, used or not, unless all threads share one
/// arena.
fn within_memory(request: &str) -> Value {
    let script = "ulimit -v 393216; exec \"$@\"";
    let words = request.split_whitespace().chain(["--memory", "256MiB", "--format", "json"]);
    let output = Command::new("sh")
        .args(["-c", script, "sh", PROGRAM])
        .args(words)
        .env("MALLOC_ARENA_MAX", "1")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(1 | 3)), "{request}: {:?} {errors}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{request}: {error}"))
}

/// Whether the limit of memory ended the search of a request, or that of its witness.
fn names_the_memory(answer: &Value) -> bool {
    [&answer["cut_short_by"], &answer["witness"]["cut_short_by"]].into_iter().any(|limit| limit == "memory")
}

#[test]
fn tasks_on_as_many_workers_keep_within_the_memory() {
    let workers: Vec<String> = (1..=255).map(|worker| worker.to_string()).collect();
    let answer = within_memory(&format!("check arroyo/before --tasks 255 --workers {}", workers.join(",")));
    assert!(names_the_memory(&answer), "{answer}");
}

#[test]
fn a_full_search_keeps_within_the_memory() {
    let answer = within_memory("check arroyo/before --tasks 7 --symmetry off");
    assert!(names_the_memory(&answer), "{answer}");
}

#[test]
fn states_that_are_in_many_layers_keep_within_the_memory() {
    let answer = within_memory("check seed/fixed --tasks 3 --attempts 255 --old-attempt lingers --duplicates 3");
    assert!(names_the_memory(&answer), "{answer}");
}

#[test]
fn the_check_of_symmetry_of_many_tasks_is_as_short_as_the_search() {
    let answer = within_memory("check seed/buggy --tasks 34 --fails none --max-states 500");
    assert_eq!(answer["cut_short_by"], "states");
    // Tasks were still interchanged: the states are those of 500 orbits.
    let states: u64 = answer["states"].as_str().and_then(|digits| digits.parse().ok()).expect("a count");
    assert!(states > 3_000, "{answer}");
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success() || child.id() > 0);
}

/// The program. If the tests run in the background of a shell, they and their children ignore SIGINT, so an interrupt
/// that comes before the program listens would be lost.
fn interruptible() -> Command {
    if !cfg!(target_os = "linux") {
        return Command::new(PROGRAM);
    }
    let mut program = Command::new("env");
    program.args(["--default-signal=INT", PROGRAM]);
    program
}

/// Starts a request, and interrupts it this many times after this duration. Returns its output, its exit code, and how
/// long after the first interrupt it ended.
fn interrupted(request: &str, after: Duration, times: u32) -> (Vec<u8>, Option<i32>, Duration) {
    let mut program = interruptible();
    program.args(request.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = program.spawn().expect("it starts");
    sleep(after);
    let sent = Instant::now();
    for _ in 0..times {
        interrupt(&child);
        sleep(Duration::from_millis(20));
    }
    let mut stdout = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
    let status = child.wait().unwrap();
    (stdout, status.code(), sent.elapsed())
}

/// One second for a release build. A test build is slower, and shares the machine with other tests.
const SOON: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });

const REQUESTS: [&str; 4] = [
    "check arroyo/before --tasks 7 --symmetry off --format json",
    "check seed/buggy --tasks 34 --fails none --format json",
    "check arroyo/handled-only --attempts 192 --failed-while-running ignore --max-states 400 --format json",
    "matrix --tasks 6 --format json",
];

#[test]
fn an_interrupt_at_any_moment_gives_a_whole_answer_or_none() {
    let (mut whole, mut none) = (0, 0);
    for request in REQUESTS {
        for after in [0, 3, 10, 30, 100, 300, 800] {
            let (stdout, code, took) = interrupted(request, Duration::from_millis(after), 1);
            assert!(took < SOON, "{request}: {took:?} after an interrupt at {after} ms");
            if stdout.is_empty() {
                none += 1;
                assert!(matches!(code, None | Some(130)), "{request}: {code:?} at {after} ms");
                continue;
            }
            whole += 1;
            let answer: Value = serde_json::from_slice(&stdout).expect("the answer is whole");
            assert!(answer.is_object(), "{request} at {after} ms");
            let is_cut = answer["complete"] == false || answer["witness"]["complete"] == false;
            assert!(!is_cut || matches!(code, Some(1 | 3)), "{request}: {code:?} at {after} ms");
        }
    }
    println!("{whole} answers are whole, {none} are empty");
    assert!(whole > 10, "{whole} answers are whole, {none} are empty");
}

#[test]
fn a_second_interrupt_gives_a_whole_answer_or_none() {
    for request in REQUESTS {
        for after in [10, 100, 500] {
            let (stdout, code, took) = interrupted(request, Duration::from_millis(after), 3);
            assert!(took < SOON, "{request}: {took:?} after interrupts at {after} ms");
            let answer = serde_json::from_slice::<Value>(&stdout);
            assert!(stdout.is_empty() || answer.is_ok(), "{request} at {after} ms: {code:?} {}", stdout.len());
        }
    }
}
