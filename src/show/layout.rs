//! The page: how wide it is, whether it has colours, and text filled to its lines.

use unicode_width::UnicodeWidthStr;

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The most columns that a line may have; fewer than 60 count as 60.
    pub width: usize,
    /// Whether verdicts and marks are coloured.
    pub colour: bool,
}

impl Default for Style {
    /// 80 columns, no colours: what a pipe gets.
    fn default() -> Self {
        Self { width: 80, colour: false }
    }
}

/// A colour with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// It is as it should be.
    Good,
    /// It is not.
    Bad,
    /// Nobody knows.
    Unsure,
}

impl Style {
    /// The width that is kept to.
    pub fn columns(self) -> usize {
        self.width.max(60)
    }

    /// A text in a colour, where there are colours.
    pub fn paint(self, text: &str, paint: Paint) -> String {
        let code = match paint {
            Paint::Good => 32,
            Paint::Bad => 31,
            Paint::Unsure => 33,
        };
        if self.colour { format!("\u{1b}[1;{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

/// The column in which the text beside a label begins.
pub const INDENT: usize = 9;

/// The most characters of a line of prose: longer ones are hard to read.
const MEASURE: usize = 72;

/// Paragraphs beside a label, each on lines of its own.
pub fn labelled<S: AsRef<str>>(label: &str, paragraphs: &[S], style: Style) -> String {
    let measure = MEASURE.min(style.columns() - INDENT);
    let mut lines = paragraphs.iter().flat_map(|paragraph| fill(paragraph.as_ref(), measure));
    let mut text = match lines.next() {
        Some(first) if label.len() + 2 > INDENT => format!("{label}  {first}\n"),
        Some(first) => format!("{label:INDENT$}{first}\n"),
        None => format!("{label}\n"),
    };
    lines.for_each(|line| text.push_str(&format!("{:INDENT$}{line}\n", "")));
    text
}

/// Words on lines of at most so many columns; a longer word stands alone. A no-break space holds two together.
pub fn fill(text: &str, measure: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= measure => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines.into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}
