//! The published package: its files, and the licenses of its dependencies.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(std::env::var("CARGO").expect("cargo runs the tests"));
    let output = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_package_holds_what_a_user_needs_and_no_more() {
    let list = cargo(&["package", "--list", "--allow-dirty", "--offline", "--package", "startup-race"]);
    let (code, others): (Vec<&str>, Vec<&str>) = list.lines().partition(|file| file.starts_with("src/"));
    assert!(code.contains(&"src/lib.rs") && code.contains(&"src/show/html/page.js"), "{code:?}");
    // Cargo adds the first and the third. The original manifest is `Cargo.toml.orig`.
    let expected = [
        ".cargo_vcs_info.json",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "examples/gated.rs",
        "examples/own_controller.rs",
    ];
    let others: Vec<&str> = others.into_iter().filter(|file| *file != ".cargo_vcs_info.json").collect();
    assert_eq!(others, expected[1..]);
}

/// Files that the package's code includes must be in the package.
#[test]
fn no_code_of_the_package_includes_a_file_outside_of_it() {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut included = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("include_str!(\"") {
            let name = text[at + 14..].split('"').next().unwrap_or_default();
            let file = path.parent().unwrap().join(name).canonicalize().unwrap();
            assert!(file.starts_with(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")), "{}: {name}", path.display());
            included += 1;
        }
    }
    assert!(included >= 3, "the page's parts are found");
}

#[test]
fn every_dependency_has_a_license_that_deny_toml_allows() {
    let deny = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap();
    let list = deny.lines().find_map(|line| line.strip_prefix("allow = [")).expect("the list of licenses");
    let allowed: BTreeSet<&str> =
        list.trim_end_matches(']').split(", ").map(|license| license.trim_matches('"')).collect();
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8(rustc.stdout).expect("text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("the host");
    let all =
        ["metadata", "--format-version", "1", "--offline", "--locked", "--all-features", "--filter-platform", host];
    let metadata = cargo(&all);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let allows = |license: &str| {
        license.split(" AND ").all(|part| {
            part.trim_matches(['(', ')']).split(" OR ").any(|one| allowed.contains(one.trim_matches(['(', ')'])))
        })
    };
    let wrong = packages.iter().filter_map(|package| {
        let license = package["license"].as_str().unwrap_or("none").replace('/', " OR ");
        (!allows(&license)).then(|| format!("{}: {license}", package["name"]))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
    assert!(packages.len() > 50 && !allows("GPL-3.0-only") && allows("GPL-3.0-only OR MIT"));
}
