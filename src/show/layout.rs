//! Layout of text: the width, the colours, and filling lines.

use anstyle::AnsiColor;
use unicode_width::UnicodeWidthStr;

/// The style of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The largest number of columns of a line. Values below 60 count as 60.
    pub width: usize,
    /// Whether verdicts and marks are coloured.
    pub colour: bool,
}

impl Default for Style {
    /// 80 columns and no colours, for example for a pipe.
    fn default() -> Self {
        Self { width: 80, colour: false }
    }
}

/// A colour with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// A good result.
    Good,
    /// A bad result.
    Bad,
    /// An unknown result.
    Unsure,
}

impl Style {
    /// The width that is used.
    pub fn columns(self) -> usize {
        self.width.max(60)
    }

    /// A text in a colour, if colours are on.
    pub fn paint(self, text: &str, paint: Paint) -> String {
        let colour = match paint {
            Paint::Good => AnsiColor::Green,
            Paint::Bad => AnsiColor::Red,
            Paint::Unsure => AnsiColor::Yellow,
        };
        let style = colour.on_default().bold();
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

/// The column at which the text beside a label begins.
pub const INDENT: usize = 9;

/// The largest number of characters in a line of prose. Longer lines are hard to read.
const MEASURE: usize = 72;

/// Paragraphs beside a label. Each paragraph begins a new line.
///
/// If the label has more than 7 columns, two blanks follow it, and only the first line begins further to the right.
pub fn labelled<S: AsRef<str>>(label: &str, paragraphs: &[S], style: Style) -> String {
    let columns = INDENT + MEASURE.min(style.columns() - INDENT);
    // No-break spaces join a label, or the indent of a paragraph, to the first word.
    let held = |label: &str| format!("{label:gap$}  ", gap = INDENT - 2).replace(' ', "\u{a0}");
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    let beside = labels.zip(paragraphs).map(|(label, paragraph)| held(label) + paragraph.as_ref());
    let lines = beside.flat_map(|text| hanging(&text, INDENT, columns));
    lines.map(|line| line.trim_end().to_string() + "\n").collect()
}

/// A line to be copied. It is below its label, on a line of its own, and is never broken.
pub fn to_paste(label: &str, line: &str) -> String {
    format!("{label}\n{line}\n")
}

/// Fills lines of at most this many columns. A longer word has a line of its own. A no-break space joins two words.
pub fn fill(text: &str, columns: usize) -> Vec<String> {
    hanging(text, 0, columns)
}

/// The same, but every line except the first is indented.
fn hanging(text: &str, indent: usize, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(" ".repeat(indent) + word),
            None => lines.push(word.to_string()),
        }
    }
    lines.into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_long_label_moves_its_first_line_only_and_every_line_keeps_within_the_page() {
        let words = "one two three four five six seven eight nine ten eleven twelve thirteen";
        let style = Style { width: 60, colour: false };
        let text = labelled("probability", &[words, "and more"], style);
        let expected = [
            "probability  one two three four five six seven eight nine\n",
            "         ten eleven twelve thirteen\n",
            "         and more\n",
        ];
        assert_eq!(text, expected.concat());
        assert_eq!(labelled("stuck", &["a"], style), "stuck    a\n");
        assert_eq!(labelled("decides", &["a"], style), "decides  a\n");
        assert_eq!(labelled("CUT SHORT", &["a", "b"], style), "CUT SHORT  a\n         b\n");
        for label in ["odd", "because", "CUT SHORT", "probability"] {
            let text = labelled(label, &[words.repeat(3)], style);
            assert!(text.lines().all(|line| line.width() <= 60), "{text}");
        }
    }
}
