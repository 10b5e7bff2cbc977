//! The README: the program makes its pictures, and its commands work when a reader copies them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::cli::run;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the first page")
}

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let (page, fence) = (readme(), format!("```{language}\n"));
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_string()).collect()
}

/// The commands of the README in their order: the lines of its console blocks, and the commands in its prose. The
/// command that runs every model under loom is a separate step of the gate.
fn commands() -> Vec<String> {
    let page = readme();
    let mut commands: Vec<(usize, String)> = Vec::new();
    for block in blocks("console") {
        let at = page.find(&block).expect("a block of the page");
        commands.extend(block.lines().map(|line| (at, line.to_string())));
    }
    for start in ["cargo run", "cargo install", "bash ", "startup-race "] {
        for (at, _) in page.match_indices(&format!("`{start}")) {
            let (command, _) = page[at + 1..].split_once('`').expect("it is closed");
            commands.push((at, command.to_string()));
        }
    }
    commands.sort_by_key(|(at, _)| *at);
    let all = commands.into_iter().map(|(_, command)| command);
    all.filter(|line| !line.starts_with("RUSTFLAGS=")).map(|line| line.replace(" ID", " barrier")).collect()
}

/// A `cargo` that builds nothing, because the program already exists. An installed program is found only after it was
/// installed.
const CARGO: &str = r#"#!/bin/sh
set -e
case "$*" in
  "run") exec "$PROGRAM" ;;
  "run -- "*) shift 2; exec "$PROGRAM" "$@" ;;
  "install --locked --path .") ln -s "$PROGRAM" "$HOME/.cargo/bin/startup-race" ;;
  "build --locked --release") mkdir -p target/release; ln -s "$PROGRAM" target/release/startup-race ;;
  *) echo "a newcomer has no use for: cargo $*" >&2; exit 99 ;;
esac
"#;

/// A newcomer's machine: a folder with a clone, and a function that runs a command in it.
fn newcomer(name: &str, cargo: &str) -> (PathBuf, impl Fn(&str) -> std::process::Output) {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&home);
    let (bin, tools, clone) = (home.join(".cargo/bin"), home.join("tools"), home.join("clone"));
    [&bin, &tools, &clone].iter().for_each(|folder| fs::create_dir_all(folder).expect("a folder of our own"));
    fs::create_dir(clone.join(".ci")).expect("it is ours");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/pages"), clone.join(".ci/pages")).expect("a script");
    fs::write(tools.join("cargo"), cargo).expect("it is ours");
    fs::set_permissions(tools.join("cargo"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = format!("{}:{}:/usr/bin:/bin", tools.display(), bin.display());
    let (at, place) = (clone.clone(), home);
    let run = move |command: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(&at).env_clear().stdin(Stdio::null());
        shell.env("PATH", &path).env("HOME", &place).env("PROGRAM", env!("CARGO_BIN_EXE_startup-race"));
        shell.output().expect("a shell")
    };
    (clone, run)
}

#[test]
fn the_diagram_is_the_programs() {
    let output = run(&["replay", "arroyo/before", "--format", "mermaid", "2 2 2 1 1 1 c c c"]);
    assert_eq!(blocks("mermaid"), [output.stdout]);
}

#[test]
fn the_counterexample_is_the_programs() {
    let output = run(&["check", "arroyo/before", "--claim", "no-lost-failure"]).stdout;
    let [shown] = <[String; 1]>::try_from(blocks("text")).expect("one block of text");
    assert!(output.contains(&shown), "{output}");
    assert!(shown.starts_with("REFUTED") && shown.contains("<- claim broken"));
}

#[test]
fn every_command_works_for_a_newcomer_who_reads_from_the_top() {
    let (clone, run) = newcomer("readme-newcomer", CARGO);
    let commands = commands();
    assert!(commands.iter().filter(|command| command.starts_with("startup-race ")).count() >= 8, "{commands:?}");
    assert!(commands.iter().any(|command| command == "bash .ci/pages site"), "{commands:?}");
    for command in commands {
        let output = run(&command);
        // The only command that the README shows to refute a claim.
        let expected = i32::from(command.ends_with("--claim no-lost-failure"));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{command}: {stderr}");
    }
    assert_eq!(fs::read_dir(clone.join("site")).expect("the pages").count(), 7);
    assert!(fs::read_to_string(clone.join("site/index.html")).expect("an index").ends_with("</html>\n"));
}

#[test]
fn pages_that_cannot_be_made_leave_nothing_behind() {
    let left = |clone: &Path| {
        let names = fs::read_dir(clone).expect("it is ours").map(|entry| entry.expect("an entry").file_name());
        names.filter_map(|name| name.into_string().ok()).collect::<Vec<_>>()
    };
    // Either the build fails, or the program fails at the third page.
    let (clone, run) = newcomer("readme-no-build", "#!/bin/sh\nexit 1\n");
    assert!(!run("bash .ci/pages site").status.success());
    assert_eq!(left(&clone), [".ci"]);
    let (clone, run) = newcomer("readme-half", CARGO);
    let fails = "case \"$*\" in *arroyo/before*) exit 1 ;; *) exec \"$PROGRAM\" \"$@\" ;; esac";
    fs::write(clone.join("fails"), format!("#!/bin/sh\n{fails}\n")).expect("it is ours");
    fs::set_permissions(clone.join("fails"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert!(!run("STARTUP_RACE=./fails bash .ci/pages site").status.success());
    let mut names = left(&clone);
    names.sort();
    assert_eq!(names, [".ci", "fails"]);
}
