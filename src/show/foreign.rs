//! Text from outside, such as a claim's: what would act on a terminal instead of being seen is shown by its number.

use std::borrow::Cow;

use crate::scenario::names::{is_mark, is_unseen};

/// A text on one line, in which each control, bidirectional or format character is escaped, and a combining mark that
/// has no letter before it.
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
