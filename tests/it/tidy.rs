//! Tests of the architecture's laws: which module imports which, how large the core is, and what a knob needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use startup_race::scenario::knobs::KNOBS;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, with its text.
fn files(folder: &str) -> Vec<(String, String)> {
    let mut open = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no Rust file");
    found
}

/// The lines that are code: no blanks, no comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
}

fn lines_that(folder: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let wrong = |(name, text): (String, String)| {
        let lines: Vec<String> =
            code(&text).filter(|line| is_wrong(line)).map(|line| format!("{name}: {line}")).collect();
        lines
    };
    files(folder).into_iter().flat_map(wrong).collect()
}

fn imports(folder: &str, rooms: &[&str]) -> Vec<String> {
    lines_that(folder, |line| rooms.iter().any(|room| line.contains(&format!("crate::{room}"))))
}

#[test]
fn data_flows_one_way() {
    let above = ["show", "catalog", "matrix", "play", "cli"];
    let with = |rooms: &[&'static str]| [rooms, &above].concat();
    for room in ["src/claims.rs", "src/schedule.rs", "src/transition.rs", "src/scenario"] {
        assert_eq!(imports(room, &with(&["threads", "explore"])), [""; 0]);
    }
    assert_eq!(imports("src/threads", &with(&["explore"])), [""; 0]);
    assert_eq!(imports("src/explore", &with(&["threads", "prove"])), [""; 0]);
    assert_eq!(imports("src/gate", &["threads", "prove", "catalog", "matrix", "play", "cli"]), [""; 0]);
    assert_eq!(imports("src/prove", &with(&["threads"])), [""; 0]);
    // `conformance` imports both, and only these files import `conformance`. (`lib.rs` only re-exports its names.)
    let above_both = |line: &String| !line.starts_with("src/conformance/") && !line.starts_with("src/lib.rs");
    let both = lines_that("src", |line| line.contains("crate::conformance"));
    let users: BTreeSet<&str> =
        both.iter().filter(|line| above_both(line)).filter_map(|line| line.split(':').next()).collect();
    let expected = ["src/cli/conforms.rs", "src/json/conforms.rs", "src/json/mod.rs"];
    assert_eq!(
        users.into_iter().collect::<Vec<_>>(),
        [&expected[..], &["src/show/check_threads.rs", "src/show/conformance.rs", "src/show/conforms.rs"]].concat()
    );
    assert_eq!(imports("src/conformance", &["catalog", "matrix", "play", "cli", "prove"]), [""; 0]);
    // The check can fail: an import is found.
    assert!(!imports("src/explore", &["model"]).is_empty() && !imports("src/claims.rs", &["model"]).is_empty());
}

/// Code that starts a search, builds a graph or steps a schedule.
const SEARCHES: [&str; 13] = [
    "Steps::",
    "StateSpace::",
    "explore(",
    "Check::new",
    ".run()",
    "Trace::of",
    "Trace::new",
    ".step(setup",
    "replay(&setup",
    "explain(",
    "explain_all",
    "nearest(",
    "shortest_from",
];

/// The files that show a report or a trace. Two files are left out, because they are for a user's tests: they run a
/// check and show what it finds.
fn renderers() -> Vec<(String, String)> {
    let is_test = |name: &String| ["src/show/expect.rs", "src/show/check_threads.rs"].contains(&name.as_str());
    let shown = files("src/show").into_iter().filter(|(name, _)| !is_test(name));
    shown.chain(files("src/json")).collect()
}

fn code_that_searches((name, text): &(String, String)) -> Vec<String> {
    let shipped = text.split("#[cfg(all(test").next().unwrap_or_default();
    // A replay line may be Rust code to be copied.
    let is_text = |line: &str| line.contains("startup_race::replay(");
    let searches = |line: &&str| !is_text(line) && SEARCHES.iter().any(|word| line.contains(word));
    code(shipped).filter(searches).map(|line| format!("{name}: {}", line.trim())).collect()
}

#[test]
fn what_shows_a_report_starts_no_search() {
    let wrong: Vec<String> = renderers().iter().flat_map(code_that_searches).collect();
    assert_eq!(wrong, [""; 0]);
    // Two files take a single step for the label of an edge. The demo plays its own schedule.
    let mut steps = lines_that("src/show", |line| line.contains(".observe(") || line.contains(".apply("));
    steps.iter_mut().for_each(|line| line.truncate(line.find(':').unwrap_or(0)));
    steps.dedup();
    assert_eq!(steps, ["src/show/demo.rs", "src/show/dot.rs", "src/show/html/transitions.rs"]);
    // The check can fail: each of these was once in a renderer.
    for line in [
        "    let steps = Steps::of(setup, &start, &limits).ok()?;",
        "    let Some(explanation) = explain(&game.report, &judgement) else { return String::new() };",
        "    let trace = Trace::of(setup, &trace.schedule).ok()?;",
    ] {
        assert_eq!(code_that_searches(&("planted".to_string(), line.to_string())).len(), 1, "{line}");
    }
}

#[test]
fn one_file_spells_a_probability() {
    let spells = |line: &str| [".numer()", ".denom()", ".to_integer()"].iter().any(|part| line.contains(part));
    let folders = ["src/show", "src/json", "src/play", "src/cli"];
    let mut spelled: Vec<String> = folders.into_iter().flat_map(|folder| lines_that(folder, spells)).collect();
    spelled.iter_mut().for_each(|line| line.truncate(line.find(':').unwrap_or(0)));
    spelled.dedup();
    assert_eq!(spelled, ["src/show/probability.rs"]);
}

/// What the suite of the threads does not run: the command line, JSON, the page, the game, the proof, the catalog and
/// the matrix, with what shows them.
const NOT_UNDER_LOOM: [&str; 16] = [
    "catalog/mod.rs",
    "cli/mod.rs",
    "json/mod.rs",
    "matrix.rs",
    "play/mod.rs",
    "prove/mod.rs",
    "show/catalog.rs",
    "show/certificate.rs",
    "show/chaos.rs",
    "show/demo.rs",
    "show/html/mod.rs",
    "show/matrix.rs",
    "show/play/mod.rs",
    "show/proof.rs",
    "show/smt.rs",
    "show/stress.rs",
];

#[test]
fn only_the_facade_names_loom_and_what_is_not_built_under_it() {
    let names = |line: &str| {
        line.contains("loom::")
            || line.contains("cfg(loom)")
            || line.contains("(not(loom))")
            || line.contains("cfg!(loom)")
    };
    // What the suite of the threads does not run is not built under loom.
    let left_out = NOT_UNDER_LOOM.map(|file| format!("src/{file}: #![cfg(not(loom))]"));
    let main = ["src/main.rs: #[cfg(loom)]", "src/main.rs: #[cfg(not(loom))]"];
    // The check of the threads is built only under loom.
    let under_loom = ["src/conformance/mod.rs", "src/lib.rs", "src/show/mod.rs"];
    let is_facade = |line: &String| {
        line.starts_with("src/threads/sync.rs")
            || under_loom.iter().any(|file| *line == format!("{file}: #[cfg(loom)]"))
            || main.contains(&line.as_str())
            || left_out.contains(line)
    };
    let wrong: Vec<String> = lines_that("src", names).into_iter().filter(|line| !is_facade(line)).collect();
    assert_eq!(wrong, [""; 0]);
    assert!(lines_that("src", names).len() > 4, "the facade does name it");
}

#[test]
fn a_unit_test_of_what_starts_no_thread_is_not_built_under_loom() {
    let mut built = lines_that("src", |line| line.contains("#[cfg(test)]"));
    built.retain(|line| !line.contains("///"));
    assert_eq!(built, ["src/threads/sync.rs: #[cfg(test)]"]);
}

#[test]
fn the_core_is_small_and_imports_nothing() {
    let lines: usize = files("src/core").iter().map(|(_, text)| code(text).count()).sum();
    assert!((300..=460).contains(&lines), "src/core has {lines} lines of code; the limit is 460");
    let foreign = |line: &str| line.contains("crate::") || (line.starts_with("use ") && line.contains("startup_race"));
    assert_eq!(lines_that("src/core", foreign), [""; 0]);
    assert_eq!(lines_that("src/core", |line| line.contains("macro_rules!")), [""; 0]);
}

#[test]
fn the_model_is_small_and_imports_the_core_only() {
    let lines: usize = files("src/model").iter().map(|(_, text)| code(text).count()).sum();
    assert!((300..=480).contains(&lines), "src/model has {lines} lines of code; the limit is 480");
    let foreign = |line: &str| line.contains("crate::") && !line.contains("crate::core::");
    assert_eq!(lines_that("src/model", foreign), [""; 0]);
}

#[test]
fn no_file_of_src_has_more_than_400_lines() {
    let long: Vec<String> = files("src")
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert_eq!(long, [""; 0]);
}

/// Every knob has an explanation, a mutant, and a row in the docs, as the module doc of `scenario::knobs` requires. Its
/// option and its JSON key are generated.
#[test]
fn every_knob_has_a_row_in_the_docs_an_explanation_and_a_mutant() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (docs, explain) = (read("src/scenario/knobs.rs"), read("src/cli/explain.rs"));
    let mutants = read("tests/it/mutants.rs");
    for knob in KNOBS {
        let name = knob.name;
        assert!(docs.contains(&format!("//! | `{name}` |")), "{name} has no row in the docs of the knobs");
        assert!(explain.contains(&format!("\"knob\" \"{name}\":")), "{name} is not explained");
        assert!(mutants.contains(&format!("(\"{name}\", \"")), "{name} has no mutant that breaks it");
    }
}

#[test]
fn what_does_not_belong_to_the_project_is_not_named_in_it() {
    let words = [concat!("/wo", "rk/"), concat!("../sha", "red"), concat!(".lib", "rary")];
    for folder in
        ["src", "tests", "examples", "benches"].into_iter().filter(|folder| Path::new(&root().join(folder)).is_dir())
    {
        assert_eq!(lines_that(folder, |line| words.iter().any(|word| line.contains(word))), [""; 0]);
    }
}
