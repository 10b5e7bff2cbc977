//! A label in a column, and text beside it.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::layout::{Style, fill};

/// A label in a column. If it is too long, it is cut.
pub fn label_of(label: &str, width: usize) -> String {
    let mut label = label.to_string();
    while label.width() >= width && label.pop().is_some() {}
    let gap = width - label.width().min(width);
    label + &" ".repeat(gap)
}

/// Text beside a label. Without a label, the text is indented.
pub fn beside(text: &mut String, label: &str, indent: usize, words: &str, style: Style) {
    let lines = fill(words, style.columns().min(80) - indent);
    for (index, line) in lines.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let _ = writeln!(text, "{}{line}", label_of(label, indent));
    }
}
