//! A label in a column, and words beside it on the lines of the page.

use std::fmt::Write as _;

use super::layout::{Style, fill};

/// A label in a column; one that is too long is cut.
pub fn label_of(label: &str, width: usize) -> String {
    let label: String = label.chars().take(width.saturating_sub(1)).collect();
    format!("{label:width$}")
}

/// Words beside a label; without one, indented by so much.
pub fn beside(text: &mut String, label: &str, indent: usize, words: &str, style: Style) {
    let lines = fill(words, style.columns().min(80) - indent);
    for (index, line) in lines.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let _ = writeln!(text, "{}{line}", label_of(label, indent));
    }
}
