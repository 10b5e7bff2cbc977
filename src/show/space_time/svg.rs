//! Elements as the text of an SVG, and the style sheet.

use std::fmt::Write;

/// Elements, in the order in which they are drawn.
#[derive(Default)]
pub(super) struct Svg {
    body: String,
}

/// A point, in pixels from the upper left corner.
pub(super) type Point = (u32, u32);

/// The colours are chosen for a contrast of at least 4.5 : 1 for text and 3 : 1 for lines, on both backgrounds.
const STYLE: &str = "\
.st{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1b1f24;background:#fff}\
.st .head{font-weight:bold}\
.st .faint{fill:#57606a}\
.st .halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}\
.st line,.st path,.st circle,.st polyline{fill:none;stroke:#57606a;stroke-width:1.5}\
.st .up{stroke:#1a7f37;stroke-width:4}\
.st .starting{stroke:#57606a;stroke-width:4}\
.st .stopping{stroke:#9a6700;stroke-width:4;stroke-dasharray:10 3}\
.st .final{stroke:#57606a;stroke-width:4;stroke-dasharray:2 4}\
.st .bad{stroke:#cf222e;stroke-width:2.5;stroke-dasharray:3 3}\
.st .runs{stroke:#1a7f37;stroke-width:3}\
.st .dot{fill:#1b1f24;stroke:#1b1f24}\
.st .cross{stroke:#cf222e;stroke-width:2.5}\
.st .failed{stroke:#cf222e}\
.st .away{stroke-dasharray:2 4}\
.st .ring{stroke:#8250df;stroke-width:3}\
.st .mark{fill:#cf222e;font-weight:bold}\
.st .across{stroke-dasharray:8 4}\
@media(prefers-color-scheme:dark){\
.st{fill:#e6edf3;background:#0d1117}\
.st .faint{fill:#9198a1}\
.st .halo{stroke:#0d1117}\
.st line,.st path,.st circle,.st polyline{stroke:#9198a1}\
.st .up,.st .runs{stroke:#3fb950}\
.st .starting,.st .final{stroke:#9198a1}\
.st .stopping{stroke:#d29922}\
.st .bad,.st .cross,.st .failed{stroke:#f85149}\
.st .dot{fill:#e6edf3;stroke:#e6edf3}\
.st .ring{stroke:#a371f7}\
.st .mark{fill:#f85149}}";

impl Svg {
    pub fn line(&mut self, (x1, y1): Point, (x2, y2): Point, class: &str) {
        self.push(format_args!(r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{class}"/>"#));
    }

    /// A line with an arrow head at its end.
    pub fn arrow(&mut self, from: Point, to: Point, class: &str) {
        self.line(from, to, class);
        let [one, other] = head(from, to);
        let points = format!("{},{} {},{} {},{}", one.0, one.1, to.0, to.1, other.0, other.1);
        self.push(format_args!(r#"<polyline points="{points}" class="{class}"/>"#));
    }

    pub fn dot(&mut self, (x, y): Point) {
        self.push(format_args!(r#"<circle cx="{x}" cy="{y}" r="3" class="dot"/>"#));
    }

    pub fn ring(&mut self, (x, y): Point) {
        self.push(format_args!(r#"<circle cx="{x}" cy="{y}" r="8" class="ring"/>"#));
    }

    pub fn cross(&mut self, (x, y): Point) {
        self.push(format_args!(r#"<path d="M{} {}l10 10m0 -10l-10 10" class="cross"/>"#, x - 5, y - 5));
    }

    pub fn text(&mut self, (x, y): Point, class: &str, text: &str) {
        self.push(format_args!(r#"<text x="{x}" y="{y}" class="{class}">{}</text>"#, escaped(text)));
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{element}").expect("a string takes every text");
    }

    /// The whole picture, with its text alternatives: a title and a description.
    pub fn finish(self, width: u32, height: u32, (title, description): &(String, String)) -> String {
        let (title, description) = (escaped(title), escaped(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"st\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">\n<title>{title}</title>\n<desc>{description}</desc>\n\
             <style>{STYLE}</style>\n{}</svg>\n",
            self.body
        )
    }
}

/// The two ends of the arrow head of a line.
fn head((x1, y1): Point, (x2, y2): Point) -> [Point; 2] {
    let (dx, dy) = (f64::from(x2) - f64::from(x1), f64::from(y2) - f64::from(y1));
    let length = dx.hypot(dy).max(1.0);
    let (dx, dy) = (dx / length, dy / length);
    let end = |side: f64| {
        let (x, y) = (f64::from(x2) - 8.0 * dx - side * 4.0 * dy, f64::from(y2) - 8.0 * dy + side * 4.0 * dx);
        (x.round().max(0.0) as u32, y.round().max(0.0) as u32)
    };
    [end(1.0), end(-1.0)]
}

/// Escapes a text for XML. A character that XML forbids is replaced by an escape sequence.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.extend(c.escape_default()),
            c => safe.push(c),
        }
    }
    safe
}
