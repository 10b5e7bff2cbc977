//! The library's interface is a list of names. Everything else is hidden.

use std::collections::BTreeSet;

const LIB: &str = include_str!("../../src/lib.rs");

/// The names that `lib.rs` re-exports or defines.
fn public_names() -> BTreeSet<&'static str> {
    let code: Vec<&str> = LIB.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut names = BTreeSet::new();
    let text = code.join(" ");
    let text: &'static str = Box::leak(text.into_boxed_str());
    for item in text.split(';').map(str::trim) {
        let item = item.strip_prefix("#[cfg(").and_then(|item| item.split_once(")] ")).map_or(item, |(_, item)| item);
        let Some(path) = item.strip_prefix("pub use ") else { continue };
        let list = path.rsplit_once("::").map_or(path, |(before, last)| {
            if last.ends_with('}') {
                path
            } else {
                let _ = before;
                last
            }
        });
        let list = list.split_once('{').map_or(list, |(_, list)| list.trim_end_matches('}'));
        names.extend(list.split(',').map(str::trim).filter(|name| !name.is_empty()));
    }
    let functions = code.iter().filter_map(|line| line.strip_prefix("pub fn "));
    names.extend(functions.map(|line| line.split(['<', '(']).next().unwrap_or(line)));
    names
}

#[test]
fn the_library_is_this_list() {
    let names = public_names();
    assert!(names.len() > 50, "the list is read: {names:?}");
    insta::assert_snapshot!("api", names.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_module_is_hidden_but_the_threads() {
    let lines: Vec<&str> = LIB.lines().collect();
    let modules: Vec<usize> = (0..lines.len()).filter(|&line| lines[line].starts_with("pub mod ")).collect();
    assert!(modules.len() > 10, "the modules are found");
    for line in modules {
        if lines[line] == "pub mod threads;" {
            continue; // This module is public; its own submodules are hidden.
        }
        assert_eq!(lines[line - 1], "#[doc(hidden)]", "{} is internal", lines[line]);
    }
}
