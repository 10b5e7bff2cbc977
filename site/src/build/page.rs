//! The frame of a page, and the hand-written pages.

use super::File;

/// A page: its title, its path, its content and its script.
pub struct Page<'a> {
    /// Its path, relative to the folder of the site.
    pub path: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its content.
    pub main: &'a str,
    /// The script that only this page has, if there is one, and the program that the script runs.
    pub script: Option<(&'a str, &'a str)>,
}

/// The entries of the menu: the address and the text of each.
const MENU: [(&str, &str); 7] = [
    ("index.html", "Start"),
    ("play.html", "Play"),
    ("lab.html", "Laboratory"),
    ("why.html", "Why it holds"),
    ("lessons/index.html", "Lessons"),
    ("lessons/teacher.html", "Teacher"),
    ("protocols/index.html", "Walk the graphs"),
];

impl Page<'_> {
    /// The page as a file.
    pub fn file(&self) -> File {
        let (root, menu) = (root(self.path), menu(self.path));
        let script = self.script.map_or(String::new(), |(name, program)| script(&root, name, program));
        let frame = include_str!("../../assets/frame.html");
        let parts = [("{{title}}", self.title), ("{{root}}", &root), ("{{menu}}", &menu), ("{{main}}", self.main)];
        let page = parts.iter().fold(frame.to_string(), |page, (slot, text)| page.replace(slot, text));
        let page = page.replace("{{offline}}", &script_of_the_site(&root)).replace("{{script}}", &script);
        (self.path.to_string(), page.into_bytes())
    }
}

/// The relative path from a page to the folder of the site.
fn root(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}

/// The menu of a page.
pub fn menu(page: &str) -> String {
    let root = root(page);
    let entry = |&(path, words): &(&str, &str)| {
        let here = if path == page { " aria-current=\"page\"" } else { "" };
        format!("<a href=\"{root}{path}\"{here}>{words}</a>")
    };
    let entries: Vec<String> = MENU.iter().map(entry).collect();
    format!("<nav aria-label=\"Site\">\n{}\n</nav>", entries.join("\n"))
}

/// The elements that load a script. The browser loads the script's program at once, and does not wait until the script
/// asks for it.
fn script(root: &str, name: &str, program: &str) -> String {
    format!(
        "<link rel=\"preload\" href=\"{root}{program}\" as=\"fetch\" crossorigin>\n\
         <link rel=\"modulepreload\" href=\"{root}engine.js\">\n\
         <script type=\"module\" src=\"{root}{name}\"></script>"
    )
}

fn script_of_the_site(root: &str) -> String {
    format!("<script src=\"{root}offline.js\" data-root=\"{root}\"></script>")
}

/// The hand-written pages: the start, the game, and why the fix holds.
pub fn fixed() -> Vec<File> {
    let repository = std::env::var("REPOSITORY").unwrap_or_default();
    let repository = match repository.as_str() {
        "" => String::new(),
        address => format!("<p><a href=\"{}\">The code, the proofs and the tests</a></p>", escaped(address)),
    };
    let start = include_str!("../../assets/index.html").replace("{{repository}}", &repository);
    let title = "May a system say Running before every part of it has started?";
    let start = Page { path: "index.html", title, main: &start, script: None };
    let play = include_str!("../../assets/play.html");
    let play = Page {
        path: "play.html",
        title: "Be the scheduler",
        main: play,
        script: Some(("game.js", "startup-race.wasm")),
    };
    let title = "Why the fix holds, for any number of tasks";
    let why = include_str!("../../assets/why.html").replace("{{protocols}}", &super::lab::protocols());
    let why = Page { path: "why.html", title, main: &why, script: Some(("why.js", "startup-race-prove.wasm")) };
    vec![start.file(), play.file(), why.file()]
}

/// Text as HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
