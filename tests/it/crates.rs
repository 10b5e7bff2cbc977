//! Which crates are built: few for a user's own controller, and under loom none for the command line.

use std::collections::BTreeSet;
use std::process::Command;

/// The crates of this build, as `cargo tree` lists them.
fn tree(flags: &str, arguments: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let mut command = Command::new(cargo);
    command.args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p}"]).args(arguments);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("RUSTFLAGS", flags).env_remove("CARGO_ENCODED_RUSTFLAGS");
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = |line: &str| line.split(' ').next().map(str::to_string);
    String::from_utf8(output.stdout).expect("text").lines().filter(|line| !line.is_empty()).filter_map(name).collect()
}

#[test]
fn the_bare_library_has_at_most_16_crates() {
    let bare = tree("", &["--no-default-features", "-e", "normal"]);
    assert!(bare.contains("startup-race") && bare.contains("num-bigint"), "{bare:?}");
    assert!(bare.len() <= 16, "{} crates: {bare:?}", bare.len());
}

/// Every dependency of the features is declared for builds without loom.
#[test]
fn the_loom_build_has_no_crate_of_the_command_line() {
    let (bare, plain) = (tree("", &["--no-default-features", "-e", "normal"]), tree("", &["-e", "normal"]));
    let loom = tree("--cfg loom", &["-e", "normal"]);
    assert!(loom.contains("loom") && plain.contains("clap"), "{loom:?} {plain:?}");
    // Loom has its own dependencies. The command line also uses a few of them.
    let of_loom = tree("--cfg loom", &["--no-default-features", "-e", "normal"]);
    assert_eq!(loom, of_loom, "a feature adds a crate to the build for loom");
    assert!(bare.is_subset(&loom), "{bare:?} {loom:?}");
}
