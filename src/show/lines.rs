//! Text in lines: a label, and words beside it.

use std::fmt::Write as _;

/// The width of a line.
pub const LINE: usize = 80;

/// A label in a column; one that is too long is cut.
pub fn label_of(label: &str, width: usize) -> String {
    let label: String = label.chars().take(width.saturating_sub(1)).collect();
    format!("{label:width$}")
}

/// A label, and words beside it in lines of at most [`LINE`] columns.
pub fn beside(text: &mut String, label: &str, indent: usize, words: &str) {
    let mut row = label_of(label, indent);
    let mut first = true;
    for word in words.split_whitespace() {
        if !first && row.len() + 1 + word.len() > LINE {
            let _ = writeln!(text, "{row}");
            row = " ".repeat(indent);
            first = true;
        }
        if !first {
            row.push(' ');
        }
        row.push_str(word);
        first = false;
    }
    let _ = writeln!(text, "{row}");
}
