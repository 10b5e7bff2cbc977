//! The page of `startup-race page`, as data: its graph is the explorer's, and no partial file is left on disk.
//! `tests/browser` tests that the page works in a browser.

use std::fs;
use std::path::PathBuf;

use crate::common::cli::{refused, run, run_in};
use crate::common::request::turned;
use serde_json::Value;
use startup_race::core::{Fault, PipelineController};
use startup_race::explore::report::Check;
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::{Rules, Scenario, Setup};
use startup_race::show::html::{MAX_STATES, PageData, page};

fn setup(protocol: &str, tasks: u8, knobs: &[(&str, &str)]) -> Setup<PipelineController> {
    let named = Rules::named(protocol).unwrap();
    let rules = knobs.iter().fold(named, |rules, (name, value)| turned(rules, name, value));
    Setup::of(Scenario::new(rules, tasks).unwrap().with_fault(Fault::Panics, tasks, &[1]).unwrap())
}

fn sheet(protocol: &str, setup: Setup<PipelineController>) -> PageData<PipelineController> {
    PageData::of(Check::new(setup).protocol(protocol).symmetric().keep_states(MAX_STATES).run().unwrap())
}

/// The first sheet of a page's data.
fn data(html: &str) -> Value {
    let (_, rest) = html.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str::<Value>(json).unwrap()["sheets"][0].clone()
}

/// How many paths lead from the first state of a page's data to an end.
fn paths(data: &Value) -> u64 {
    fn count(states: &[Value], id: usize, known: &mut [Option<u64>]) -> u64 {
        if let Some(count) = known[id] {
            return count;
        }
        let moves = states[id]["moves"].as_array().unwrap();
        let next = moves.iter().map(|one| count(states, one[2].as_u64().unwrap() as usize, known)).sum::<u64>();
        *known[id].insert(next.max(1))
    }
    let states = data["states"].as_array().unwrap();
    count(states, 0, &mut vec![None; states.len()])
}

#[test]
fn the_graph_in_the_page_is_the_explorers() {
    type Row = (&'static str, u8, &'static [(&'static str, &'static str)]);
    let several: [Row; 9] = [
        ("seed/buggy", 2, &[]),
        ("seed/fixed", 2, &[("attempts", "2")]),
        ("arroyo/before", 2, &[]),
        ("arroyo/before", 3, &[]),
        ("arroyo/after", 2, &[("attempts", "2"), ("duplicates", "1"), ("old-attempt", "lingers")]),
        ("arroyo/late-only", 2, &[]),
        ("arroyo/handled-only", 2, &[]),
        ("arroyo/after", 2, &[("timeout", "hasty")]),
        ("arroyo/before", 2, &[("cascade", "chain"), ("barrier", "none")]),
    ];
    for (protocol, tasks, knobs) in several {
        let sheet = sheet(protocol, setup(protocol, tasks, knobs));
        let data = data(&page(&sheet, None));
        let report = &sheet.report;
        assert_eq!(data["states"].as_array().unwrap().len().to_string(), report.states.to_string(), "{protocol}");
        assert_eq!(paths(&data).to_string(), report.schedules.as_ref().unwrap().to_string(), "{protocol}");
        for (index, judgement) in report.claims.iter().enumerate() {
            let at_start = data["states"][0]["probabilities"][index].as_u64().unwrap() as usize;
            let probability = &judgement.share.as_ref().unwrap().probability;
            assert_eq!(
                data["probabilities"][at_start]["fraction"],
                probability.to_string(),
                "{protocol} {}",
                judgement.claim.id
            );
        }
    }
}

#[test]
fn every_actor_of_a_state_can_move_or_is_told_why_not() {
    let data = data(&page(&sheet("arroyo/before", setup("arroyo/before", 2, &[])), None));
    let mut blocked = 0;
    for state in data["states"].as_array().unwrap() {
        let (moves, others) = (state["moves"].as_array().unwrap(), state["blocked"].as_array().unwrap());
        assert_eq!(moves.len() + others.len(), 3, "two tasks and the controller: {state}");
        for other in others {
            let reason = &data["reasons"][other[1].as_u64().unwrap() as usize];
            assert!(!reason.as_str().unwrap().is_empty());
            blocked += 1;
        }
    }
    assert!(blocked > 0);
}

#[test]
fn the_marks_of_the_page_are_those_of_the_table() {
    let data = data(&page(&sheet("arroyo/before", setup("arroyo/before", 2, &[])), None));
    let found = &data["claims"][1]["counterexample"];
    assert_eq!(found["schedule"], serde_json::json!(["2", "2", "2", "1", "1", "1", "c", "c", "c"]));
    assert_eq!((found["broken"].as_u64(), &found["pair"]), (Some(9), &serde_json::json!([3, 4])));
    assert_eq!(found["twin"]["schedule"], serde_json::json!(["2", "2", "1", "2", "1", "1", "c", "c", "c"]));
    assert_eq!(found["twin"]["pair"], serde_json::json!([3, 4]));
    let lost: Vec<&Value> =
        data["events"].as_array().unwrap().iter().filter(|event| event["lost"].is_string()).collect();
    assert_eq!(
        lost.iter().map(|event| event["text"].as_str().unwrap()).collect::<Vec<_>>(),
        ["TaskFailed(2): dropped"]
    );
}

/// The diagrams of a page, with their claims.
fn diagrams(data: &Value) -> Vec<(&str, &str)> {
    let claims = data["claims"].as_array().unwrap().iter();
    claims.filter_map(|claim| Some((claim["id"].as_str()?, claim["counterexample"]["picture"].as_str()?))).collect()
}

#[test]
fn a_counterexample_is_drawn_as_check_draws_it() {
    let data = data(&page(&sheet("arroyo/before", setup("arroyo/before", 2, &[])), None));
    let diagrams = diagrams(&data);
    assert_eq!(
        diagrams.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        ["no-false-start", "no-lost-failure", "running-runs"]
    );
    for (id, picture) in diagrams {
        let drawn = crate::common::cli::run(&["check", "arroyo/before", "--claim", id, "--format", "svg"]).stdout;
        assert!(picture == drawn, "{id}");
    }
    let passes = self::data(&page(&sheet("arroyo/after", setup("arroyo/after", 2, &[])), None));
    assert!(self::diagrams(&passes).is_empty());
}

#[test]
fn a_scenario_too_large_is_not_carried_whole_and_its_counterexample_is() {
    let sheet = sheet("arroyo/before", setup("arroyo/before", 4, &[]));
    assert!(sheet.report.states > MAX_STATES.into());
    let data = data(&page(&sheet, None));
    assert_eq!((&data["whole"], &data["picture"]), (&Value::Bool(false), &Value::Null));
    let states = data["states"].as_array().unwrap();
    assert!(states.len() < 200, "{}", states.len());
    let mut walked = 0;
    for claim in data["claims"].as_array().unwrap().iter().filter(|claim| claim["counterexample"].is_object()) {
        let mut state = 0;
        for word in claim["counterexample"]["schedule"].as_array().unwrap() {
            let actor = data["actors"].as_array().unwrap().iter().position(|actor| actor["word"] == *word).unwrap();
            let moves = states[state]["moves"].as_array().unwrap();
            let step = moves.iter().find(|one| one[0] == actor as u64).unwrap();
            state = step[2].as_u64().expect("the state is carried") as usize;
            walked += 1;
        }
    }
    assert!(walked > 0);
    let outside = states.iter().flat_map(|state| state["moves"].as_array().unwrap()).filter(|one| one[2].is_null());
    assert!(outside.count() > 0, "some moves lead out of the page");
}

#[test]
fn what_people_typed_is_text_in_the_page() {
    let scenario = Scenario::new(Rules::named("arroyo/before").unwrap(), 2).unwrap().failing(&[2]).unwrap();
    let named = scenario.with_names(&["</script><script>alert(1)</script>", "<!--&amp;\"'"]).unwrap();
    let html = page(&sheet("arroyo/before", Setup::of(named)), None);
    assert!(!html.contains("<script>alert") && !html.contains("<!--&"), "a name became markup");
    assert_eq!(data(&html)["tasks"][0]["name"], "</script><script>alert(1)</script>");
    assert_eq!(data(&html)["tasks"][1]["name"], "<!--&amp;\"'");
}

#[test]
fn the_page_names_no_other_place_and_is_the_same_every_time() {
    for (protocol, _) in PROTOCOLS {
        let write = || {
            page(&sheet(protocol, setup(protocol, 2, &[])), Some(&sheet("arroyo/after", setup("arroyo/after", 2, &[]))))
        };
        let html = write();
        for place in ["http:", "https:", "src=", "@import", "url("] {
            // The namespace of an SVG is not an address that a browser loads.
            let html =
                html.replace("\"http://www.w3.org/2000/svg\"", "").replace("\\\"http://www.w3.org/2000/svg\\\"", "");
            assert!(!html.contains(place), "{protocol} names {place}");
        }
        assert_eq!(html, write());
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &PathBuf) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.collect()
}

#[test]
fn the_page_is_written_whole_over_what_was_there() {
    let folder = folder("page-written");
    let file = folder.join("page.html");
    fs::write(&file, "old").unwrap();
    let output = run(&["page", "arroyo/before", "--against", "arroyo/after", "-o", file.to_str().unwrap()]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stdout.contains("74 states"), "{}", output.stdout);
    let html = fs::read_to_string(&file).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    assert_eq!(names(&folder), ["page.html"]);
}

#[test]
fn a_file_that_cannot_be_written_is_said_and_nothing_is_left() {
    let folder = folder("page-refused");
    let text = |path: PathBuf| path.to_str().unwrap().to_string();
    refused(&["page", "arroyo/after", "-o", &text(folder.join("missing/page.html"))], "no such directory");
    refused(&["page", "arroyo/after", "-o", &text(folder.clone())], "it is a directory");
    refused(&["page", "arroyo/after", "-o", "/dev/null"], "no regular file");
    refused(&["page", "arroyo/nowhere", "-o", &text(folder.join("page.html"))], "there is no protocol");
    refused(
        &["page", "arroyo/after", "--against", "nowhere", "-o", &text(folder.join("page.html"))],
        "there is no protocol",
    );
    assert_eq!(names(&folder), [""; 0]);
}

#[test]
fn a_part_file_that_a_killed_run_left_does_not_block_the_next_run() {
    let folder = folder("page-part");
    let file = folder.join("page.html");
    // A name that an old version used for a process with this number, and a current one.
    let left = [format!("page.html.{}.part", std::process::id()), ".startup-race-abcdef.part".to_string()];
    left.iter().for_each(|name| fs::write(folder.join(name), "half").unwrap());
    assert_eq!(run(&["page", "seed/fixed", "-o", file.to_str().unwrap()]).code, 0);
    assert!(fs::read_to_string(&file).unwrap().ends_with("</html>\n"));
    assert_eq!(names(&folder).len(), 3, "it leaves nothing of its own behind: {:?}", names(&folder));
}

#[test]
fn a_minus_is_stdout() {
    let folder = folder("page-stdout");
    let output = run_in(&folder, &["page", "seed/fixed", "-o", "-"]);
    assert_eq!(output.code, 0);
    assert!(output.stdout.starts_with("<!doctype html>") && output.stdout.ends_with("</html>\n"));
    assert_eq!(output.stderr, "-: seed/fixed, 28 states\n");
    assert_eq!(names(&folder), [""; 0]);
}

#[test]
#[cfg(unix)]
fn a_page_keeps_the_mode_of_the_file_that_it_replaces() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("page-mode");
    let mode = |file: &PathBuf| fs::metadata(file).unwrap().permissions().mode() & 0o7777;
    for wanted in [0o600, 0o640, 0o755, 0o444] {
        let file = folder.join(format!("{wanted:o}.html"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(wanted)).unwrap();
        assert_eq!(run(&["page", "seed/fixed", "-o", file.to_str().unwrap()]).code, 0);
        assert_eq!(mode(&file), wanted, "{wanted:o}");
        assert_ne!(fs::read_to_string(&file).unwrap(), "old");
    }
    // A new file has the usual mode of a new file.
    let (usual, file) = (folder.join("usual"), folder.join("new.html"));
    fs::write(&usual, "").unwrap();
    assert_eq!(run(&["page", "seed/fixed", "-o", file.to_str().unwrap()]).code, 0);
    assert_eq!(mode(&file), mode(&usual));
}

#[test]
#[cfg(unix)]
fn a_link_is_followed_and_stays_a_link() {
    use std::os::unix::fs::symlink;
    let folder = folder("page-links");
    let (there, elsewhere) = (folder.join("there.html"), folder.join("elsewhere"));
    fs::write(&there, "old").unwrap();
    fs::create_dir(&elsewhere).unwrap();
    symlink("there.html", folder.join("link.html")).unwrap();
    symlink("elsewhere/new.html", folder.join("dangling.html")).unwrap();
    symlink("dangling.html", folder.join("chain.html")).unwrap();
    symlink("circle.html", folder.join("circle.html")).unwrap();
    symlink("nowhere/new.html", folder.join("lost.html")).unwrap();
    let page = |name: &str| run_in(&folder, &["page", "seed/fixed", "-o", name]);
    for (link, target) in [("link.html", &there), ("chain.html", &elsewhere.join("new.html"))] {
        assert_eq!(page(link).code, 0);
        assert!(folder.join(link).is_symlink(), "{link}");
        assert!(fs::read_to_string(target).unwrap().ends_with("</html>\n"), "{link}");
    }
    assert!(folder.join("dangling.html").is_symlink());
    for (link, message) in [("circle.html", "its links lead to no end"), ("lost.html", "no such directory")] {
        let output = page(link);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""));
        assert!(output.stderr.contains(message), "{}", output.stderr);
    }
    assert_eq!(names(&elsewhere), ["new.html"]);
}

#[test]
fn no_actor_has_a_key_that_the_page_uses_itself() {
    let knobs = [("crashes", "1"), ("duplicates", "1"), ("losses", "1"), ("stop", "asked"), ("timeout", "hasty")];
    let html = page(&sheet("arroyo/after", setup("arroyo/after", 2, &knobs)), None);
    let forks = html.split_once("event.key === \"").and_then(|(_, rest)| rest.split('"').next()).unwrap();
    let data = data(&html);
    let mut keys: Vec<&str> =
        data["actors"].as_array().unwrap().iter().filter_map(|actor| actor["key"].as_str()).collect();
    assert!(
        data["actors"].as_array().unwrap().iter().any(|actor| actor["name"] == "crash" && actor["key"].is_string())
    );
    keys.push(forks);
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all, "{keys:?}");
}

#[test]
fn a_page_of_a_check_that_kept_no_states_does_not_say_that_there_are_too_many() {
    let report = |tasks: u8| Check::new(setup("arroyo/before", tasks, &[])).symmetric().run().unwrap();
    assert_eq!(data(&report(2).page())["most"], Value::Null);
    assert_eq!(data(&report(4).page())["most"], "5,000");
}
