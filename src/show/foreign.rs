//! Escapes text from outside, such as a claim's. A character that would act on a terminal instead of being visible is
//! shown as its number.

use std::borrow::Cow;

use crate::scenario::names::{is_mark, is_unseen};

/// A text on one line. Each control, bidirectional or format character is escaped, and so is a combining mark at the
/// beginning.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) && !text.starts_with(is_mark) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for (index, c) in text.chars().enumerate() {
        if is_unseen(c) || index == 0 && is_mark(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// The same for a text of several lines.
pub fn escaped_lines(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}
