//! With --spill, layers are written to files: the output is the same, no file is left, and a full disk does
//! not lead to PROVED.

use std::fs::read_dir;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use startup_race::explore::report::Check;
use startup_race::{PipelineController, Setup};
use tempfile::tempdir;

use crate::common::request::scenario;

const PROGRAM: &str = env!("CARGO_BIN_EXE_startup-race");

/// A search of every state of five tasks: there are 178,433.
const REQUEST: &str = "check arroyo/before --tasks 5 --symmetry off";

fn run(request: &str) -> Output {
    Command::new(PROGRAM).args(request.split_whitespace()).output().unwrap()
}

fn is_empty(folder: &Path) -> bool {
    read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_search_through_files_prints_the_same_bytes_in_a_fraction_of_the_memory() {
    let (folder, whole) = (tempdir().unwrap(), run(REQUEST));
    for (memory, jobs) in [("2MiB", 1), ("4MiB", 2)] {
        let within = format!("{REQUEST} --memory {memory} --jobs {jobs}");
        assert_eq!(run(&within).status.code(), Some(3), "{memory}: without files it is cut short");
        let spilled = run(&format!("{within} --spill {}", folder.path().display()));
        assert_eq!(spilled.status.code(), Some(1), "{memory}");
        assert!(spilled.stdout == whole.stdout, "{memory}: {}", String::from_utf8_lossy(&spilled.stdout));
        assert!(is_empty(folder.path()));
    }
}

/// The layers that a search reports, one after another.
fn reported(check: Check<'_, PipelineController>) -> Vec<usize> {
    let mut layers = Vec::new();
    let check = check.on_progress(|_, layer| {
        layers.push(layer);
        ControlFlow::Continue(())
    });
    check.run().unwrap();
    layers
}

#[test]
fn the_progress_counts_the_layers_whether_or_not_they_are_processed_in_chunks() {
    let (folder, setup) = (tempdir().unwrap(), || Setup::of(scenario("arroyo/before --tasks 5 --fails 5").1));
    let mut whole = reported(Check::new(setup()));
    let mut chunks = reported(Check::new(setup()).memory(2 << 20).spill(folder.path()).unwrap());
    assert!(chunks.len() > whole.len(), "teeth: there are several chunks: {} of {}", chunks.len(), whole.len());
    whole.dedup();
    chunks.dedup();
    assert_eq!(chunks, whole);
}

#[test]
fn retries_that_lead_past_a_layer_go_through_files_too() {
    let (folder, request) = (
        tempdir().unwrap(),
        "check arroyo/before --tasks 3 --attempts 2 --timeout hasty --duplicates 1 --symmetry off",
    );
    let (whole, within) = (run(request).stdout, format!("{request} --memory 6MiB"));
    let spilled = run(&format!("{within} --spill {}", folder.path().display())).stdout;
    assert!(spilled == whole, "{}", String::from_utf8_lossy(&spilled));
    let cut = String::from_utf8(run(&within).stdout).unwrap();
    assert!(cut.contains("cut short by the limit of 6 MiB of memory"), "teeth: it needs the files: {cut}");
}

/// If a process exceeds its limit of file size, a write fails, as on a full disk.
#[test]
fn a_disk_that_is_full_cuts_the_search_short_and_is_named() {
    let folder = tempdir().unwrap();
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec {PROGRAM} {REQUEST} --memory 4MiB --format json --spill {}",
        folder.path().display()
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the answer is whole");
    assert_eq!((&answer["cut_short_by"], &answer["complete"]), (&"disk".into(), &false.into()), "{answer}");
    assert!(matches!(output.status.code(), Some(1 | 3)), "{:?}", output.status);
    let text = script.replace("--format json", "--format text");
    let text = Command::new("sh").args(["-c", &text]).output().unwrap().stdout;
    let flat = String::from_utf8(text).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("cut short by a file in the folder of --spill that could not be written or read"), "{flat}");
    assert!(is_empty(folder.path()));
}

#[test]
fn a_folder_that_is_not_there_is_refused_before_the_search() {
    let refused = run(&format!("{REQUEST} --spill /there/is/no/such/folder"));
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("--spill") && said.contains("no file can be made there"), "{said}");
}

#[test]
fn neither_an_interrupt_nor_a_kill_leaves_anything_in_the_folder() {
    let folder = tempdir().unwrap();
    for (after, signal) in [(100, "-INT"), (500, "-INT"), (300, "-KILL")] {
        let request = format!("{} --memory 4MiB --spill {}", REQUEST.replace('5', "6"), folder.path().display());
        let mut command = Command::new(PROGRAM);
        let child = command.args(request.split_whitespace()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child: Child = child.unwrap();
        sleep(Duration::from_millis(after));
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        child.wait().unwrap();
        assert!(is_empty(folder.path()), "{signal} after {after} ms");
    }
}
