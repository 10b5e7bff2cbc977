//! A build that is asked for loom but built without it fails and says why. Otherwise its tests would pass on the
//! machine's threads.
//!
//! Each test uses cargo to build a crate that has only `threads/sync.rs`, and a copy of the config file with the alias
//! `cargo loom`. The crate is in the system's temporary folder, so no other config file of this repository applies.

use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = "[package]\nname = \"asked\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";

/// The variables that can pass flags to a build, set its folder, or ask for loom.
const VARIABLES: [&str; 5] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_TARGET_DIR", "STARTUP_RACE_LOOM"];

/// A temporary crate, which is removed at the end.
struct Crate(PathBuf);

impl Crate {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("startup-race-{name}-{}", std::process::id()));
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::create_dir_all(folder.join("src")).expect("a folder");
        std::fs::create_dir_all(folder.join(".cargo")).expect("a folder");
        std::fs::write(folder.join("Cargo.toml"), MANIFEST).expect("a file");
        std::fs::copy(here.join("src/threads/sync.rs"), folder.join("src/lib.rs")).expect("a file");
        std::fs::copy(here.join(".cargo/config.toml"), folder.join(".cargo/config.toml")).expect("a file");
        Self(folder)
    }

    /// Builds the crate. The error is cargo's output.
    fn build(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Result<(), String> {
        let mut cargo = Command::new(env!("CARGO"));
        for variable in VARIABLES {
            cargo.env_remove(variable);
        }
        cargo.args(arguments).arg("--offline").current_dir(&self.0).envs(variables.iter().copied());
        let output = cargo.output().expect("cargo runs");
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }
}

impl Drop for Crate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The variable with the flags of this machine's target.
fn flags_of_the_target() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().expect("cargo runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    format!("CARGO_TARGET_{}_RUSTFLAGS", host.to_uppercase().replace('-', "_"))
}

fn fails_and_says_why(built: Result<(), String>, how: &str) {
    let message = built.expect_err(how);
    assert!(message.contains("loom is asked for, and this build is without it"), "{how}: {message}");
}

#[test]
fn a_build_that_is_asked_for_loom_and_does_not_get_it_fails_and_says_why() {
    let (asked, target) = (Crate::new("asked"), flags_of_the_target());
    let loom = ["loom", "--no-run"];
    fails_and_says_why(asked.build(&[("RUSTFLAGS", "")], &loom), "an empty RUSTFLAGS overrules the alias");
    for variables in [
        &[("CARGO_ENCODED_RUSTFLAGS", ""), ("RUSTFLAGS", "--cfg loom")][..],
        &[("CARGO_ENCODED_RUSTFLAGS", "--cfg\x1floom=\"1\"")],
        &[("RUSTFLAGS", "--cfg loom=\"1\"")],
        &[("RUSTFLAGS", "-Cdebuginfo=0"), ("CARGO_BUILD_RUSTFLAGS", "--cfg loom")],
        &[(target.as_str(), "-Cdebuginfo=0"), ("CARGO_BUILD_RUSTFLAGS", "--cfg loom")],
    ] {
        fails_and_says_why(asked.build(variables, &["check"]), &format!("{variables:?}"));
    }
}

#[test]
fn a_build_that_is_not_asked_for_loom_succeeds_whatever_was_built_before() {
    let asked = Crate::new("not-asked");
    let variables = [("CARGO_ENCODED_RUSTFLAGS", ""), ("RUSTFLAGS", "--cfg loom")];
    for _ in 0..2 {
        assert_eq!(asked.build(&[], &["check"]), Ok(()));
        assert_eq!(asked.build(&[("RUSTFLAGS", "--cfg other -Cdebuginfo=0")], &["check"]), Ok(()));
        fails_and_says_why(asked.build(&variables, &["check"]), "the build before was green");
        // This builds into the folder of `cargo loom`. The result must not be used for a build with loom.
        assert_eq!(asked.build(&[], &["test", "--no-run", "--target-dir", "target/loom"]), Ok(()));
        fails_and_says_why(asked.build(&[("RUSTFLAGS", "")], &["loom", "--no-run"]), "the build before was green");
    }
    assert_eq!(asked.build(&[], &["doc"]), Ok(()));
}
