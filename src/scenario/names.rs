//! Which characters a name may contain, and how a number is read.

use std::str::FromStr;

use unicode_general_category::{GeneralCategory, get_general_category};

/// Whether a character is invisible but affects the text around it: a control, bidirectional or format character, or a
/// separator of lines or paragraphs.
pub fn is_unseen(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(get_general_category(c), Control | Format | LineSeparator | ParagraphSeparator)
}

/// Whether a character is a combining mark, which is drawn on the letter before it.
pub fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(get_general_category(c), EnclosingMark | NonspacingMark | SpacingMark)
}

/// Whether a text can be a name: it is not empty, begins with no combining mark, and holds no character that
/// [is unseen](is_unseen).
pub fn is_printable(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(is_mark) && !name.contains(is_unseen)
}

/// Reads a number. The text may contain digits only: no sign and no blank.
pub fn number<N: FromStr>(text: &str) -> Option<N> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}
