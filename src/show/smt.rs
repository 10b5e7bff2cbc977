//! Formulas in SMT-LIB, as text.

#![cfg(not(loom))]

use std::fmt::Write;

/// The tasks that a formula is about: all tasks, or these, one by one.
#[derive(Clone, Copy)]
pub enum Tasks<'a> {
    /// All tasks.
    All,
    /// These tasks.
    Only(&'a [&'a str]),
}

/// A symbol for a name of a sort.
pub fn symbol(sort: &str, name: &str) -> String {
    format!("|{}: {name}|", sort.to_lowercase())
}

/// A disjunction.
pub fn or(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [] => "false".to_string(),
        [one] => one.clone(),
        several => format!("(or {})", several.join(" ")),
    }
}

/// Says that a term has one of these values.
pub fn any_of(term: &str, sort: &str, names: &[String], of: impl Iterator<Item = usize>) -> String {
    or(of.map(|index| format!("(= {term} {})", symbol(sort, &names[index]))))
}

/// For each task.
pub fn each(tasks: Tasks<'_>, variable: &str, of: impl Fn(&str) -> String) -> String {
    match tasks {
        Tasks::All => format!("(forall (({variable} Task)) {})", of(variable)),
        Tasks::Only(names) => format!("(and true {})", names.iter().map(|name| of(name)).collect::<Vec<_>>().join(" ")),
    }
}

/// For some task.
pub fn some(tasks: Tasks<'_>, variable: &str, of: impl Fn(&str) -> String) -> String {
    match tasks {
        Tasks::All => format!("(exists (({variable} Task)) {})", of(variable)),
        Tasks::Only(names) => format!("(or false {})", names.iter().map(|name| of(name)).collect::<Vec<_>>().join(" ")),
    }
}

/// Says that the task `t` has a new value, and every other task its old one.
pub fn changed(function: &str, value: &str) -> String {
    format!("(forall ((y Task)) (= ({function}2 y) (ite (= y t) {value} ({function} y))))")
}

/// A question, and the answer that a solver must give.
pub fn obligation(text: &mut String, name: &str, is_possible: bool, lines: &[String]) {
    let expected = if is_possible { "sat" } else { "unsat" };
    let _ = writeln!(
        text,
        "(push 1)\n(echo \"{name}: {expected} expected\")\n(declare-const t Task)\n(declare-const u Task)"
    );
    for line in lines {
        let _ = writeln!(text, "(assert {line})");
    }
    let _ = writeln!(text, "(set-info :status {expected})\n(check-sat)\n(pop 1)");
}
