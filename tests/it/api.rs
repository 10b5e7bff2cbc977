//! The library's interface is a list of names. Everything else is hidden.

use std::collections::BTreeSet;

const LIB: &str = include_str!("../../src/lib.rs");

/// The visible modules, with the text of each.
const MODULES: [(&str, &str); 3] = [
    ("conformance", include_str!("../../src/conformance/mod.rs")),
    ("gate", include_str!("../../src/gate/mod.rs")),
    ("threads", include_str!("../../src/threads/mod.rs")),
];

/// The names that a file re-exports or defines, unless they are hidden.
fn public_names(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut names = BTreeSet::new();
    for item in code.join(" ").split(';').map(str::trim) {
        let item = item.strip_prefix("#[cfg(").and_then(|item| item.split_once(")] ")).map_or(item, |(_, item)| item);
        let Some(path) = item.strip_prefix("pub use ") else { continue };
        let list = match path.split_once('{') {
            Some((_, list)) => list.trim_end_matches('}'),
            None => path.rsplit("::").next().unwrap_or(path),
        };
        names.extend(list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_string));
    }
    let defined = |line: &str| {
        let item = ["pub fn ", "pub struct ", "pub enum "].iter().find_map(|kind| line.strip_prefix(kind))?;
        item.split(['<', '(', ' ']).next().map(str::to_string)
    };
    names.extend(code.iter().filter_map(|line| defined(line)));
    names
}

#[test]
fn the_library_is_this_list() {
    let mut names = public_names(LIB);
    assert!(names.len() > 50, "the list is read: {names:?}");
    for (module, text) in MODULES {
        let of_module = public_names(text);
        assert!(of_module.len() > 5, "the list is read: {of_module:?}");
        names.extend(of_module.iter().map(|name| format!("{module}::{name}")));
    }
    insta::assert_snapshot!("api", names.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_module_is_hidden_but_three() {
    let lines: Vec<&str> = LIB.lines().collect();
    let modules: Vec<usize> = (0..lines.len()).filter(|&line| lines[line].starts_with("pub mod ")).collect();
    assert!(modules.len() > 10, "the modules are found");
    for line in modules {
        if MODULES.iter().any(|(name, _)| lines[line] == format!("pub mod {name};")) {
            continue; // This module is public; its own submodules are hidden.
        }
        assert_eq!(lines[line - 1], "#[doc(hidden)]", "{} is internal", lines[line]);
    }
}
