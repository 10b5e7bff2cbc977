//! A label in a column, and words beside it on the lines of the page.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::layout::{Style, fill};

/// A label in a column; one that is too long is cut.
pub fn label_of(label: &str, width: usize) -> String {
    let mut label = label.to_string();
    while label.width() >= width && label.pop().is_some() {}
    let gap = width - label.width().min(width);
    label + &" ".repeat(gap)
}

/// Words beside a label; without one, indented by so much.
pub fn beside(text: &mut String, label: &str, indent: usize, words: &str, style: Style) {
    let lines = fill(words, style.columns().min(80) - indent);
    for (index, line) in lines.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let _ = writeln!(text, "{}{line}", label_of(label, indent));
    }
}
