//! The lessons as pages: their Markdown as HTML. A command that the browser can run gets a link that runs it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::File;
use super::page::{Page, escaped};

/// The pages and the pictures, in the order of their names.
pub fn pages() -> Result<Vec<File>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons");
    let (mut files, mut texts) = (Vec::new(), BTreeMap::new());
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            texts.insert(name, std::fs::read_to_string(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "svg") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((format!("lessons/{name}"), std::fs::read(&path)?));
        }
    }
    files.extend(texts.keys().map(|name| page(name, &texts)));
    files.sort();
    Ok(files)
}

fn page(name: &str, texts: &BTreeMap<String, String>) -> File {
    // The frame shows the title, so it is cut from the text.
    let (title, body) = texts[name].split_once('\n').unwrap_or_default();
    let main = rendered(body) + &next(name, texts);
    let name = if name == "README" { "index" } else { name };
    Page { path: &format!("lessons/{name}.html"), title: &heading(title), main: &main, script: None }.file()
}

fn heading(line: &str) -> String {
    escaped(line.trim_start_matches('#').trim())
}

/// The link from a lesson to the next lesson. Empty after the last lesson, and for a page that is not a lesson.
fn next(name: &str, texts: &BTreeMap<String, String>) -> String {
    let is_lesson = |name: &str| name.starts_with(|first: char| first.is_ascii_digit());
    let mut later = texts.iter().skip_while(|(other, _)| *other != name).skip(1);
    match later.next().filter(|(next, _)| is_lesson(name) && is_lesson(next)) {
        Some((next, text)) => {
            let title = heading(text.lines().next().unwrap_or_default());
            format!("<p>The next lesson: <a href=\"{next}.html\">{title}</a></p>\n")
        }
        None => String::new(),
    }
}

fn rendered(text: &str) -> String {
    const PICTURE: &str = "<div class=\"picture scroll\" tabindex=\"0\" role=\"region\" aria-label=\"a picture\"><img ";
    let mut page = String::new();
    let mut block = None;
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).flat_map(|event| turned(event, &mut block));
    html::push_html(&mut page, events);
    let page = page.replace("<thead><tr><th></th><th></th></tr></thead>", "").replace("<th></th>", "<td></td>");
    let page = page.replace("<p><img ", PICTURE);
    let page = page.replace(" /></p>", "></div>");
    with_names(&with_names(&page, "table"), "picture")
}

/// Numbers the elements of a kind (`table` or `picture`), so that each has a name of its own.
fn with_names(page: &str, kind: &str) -> String {
    let name = format!("aria-label=\"a {kind}\"");
    let mut parts = page.split(&name);
    let first = parts.next().unwrap_or_default().to_string();
    (1..).zip(parts).fold(first, |page, (number, part)| page + &format!("aria-label=\"{kind} {number}\"") + part)
}

/// Turns an event of the Markdown into events of the page. The text of a block of code is collected in `block` until
/// the block ends.
fn turned<'a>(event: Event<'a>, block: &mut Option<String>) -> Vec<Event<'a>> {
    const REGION: &str = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"a table\">";
    match (event, block.as_mut()) {
        (Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)), _) => {
            *block = Some(String::new());
            Vec::new()
        }
        (Event::End(TagEnd::CodeBlock), Some(text)) => {
            let block_of_code = Event::Html(code(text).into());
            *block = None;
            vec![block_of_code]
        }
        (Event::Text(text), Some(block)) => {
            block.push_str(&text);
            Vec::new()
        }
        (Event::Start(Tag::Link { link_type, dest_url, title, id }), _) => {
            vec![Event::Start(Tag::Link { link_type, dest_url: link(&dest_url), title, id })]
        }
        (Event::Start(table @ Tag::Table(_)), _) => vec![Event::Html(REGION.into()), Event::Start(table)],
        (Event::End(TagEnd::Table), _) => vec![Event::End(TagEnd::Table), Event::Html("</div>".into())],
        (other, _) => vec![other],
    }
}

/// Turns a link to a file of the lessons into a link to its page of the site.
fn link(address: &str) -> CowStr<'static> {
    let address = match address.strip_suffix(".md") {
        Some("README") => "index.html".to_string(),
        Some(name) if !name.contains('/') => format!("{name}.html"),
        _ => address.to_string(),
    };
    address.into()
}

/// A block of code, with links that run its commands in the browser.
fn code(text: &str) -> String {
    let links: String = text.lines().filter_map(|line| line.strip_prefix("$ startup-race ")).filter_map(here).collect();
    format!("<pre tabindex=\"0\"><code>{}</code></pre>{links}\n", escaped(text))
}

/// The link that runs a command in the browser: a check, a replay, a proof or a level. `None` if the browser cannot run
/// it.
fn here(command: &str) -> Option<String> {
    let (name, rest) = command.split_once(' ')?;
    let address = |page: &str, hash: &str, words: &str| {
        format!("<p class=\"here\"><a href=\"../{page}#{}\">{words}</a></p>", escaped(hash))
    };
    let encoded = |text: &str| text.replace(' ', "+").replace('#', "%23").replace('&', "%26");
    match name {
        "check" => {
            let plain: Vec<&str> = rest.split(' ').collect();
            let claim = plain.windows(2).find(|pair| pair[0] == "--claim").map_or("", |pair| pair[1]);
            let known = |word: &&str| !["--claim", "--format", "--expect", "--max-states"].contains(word);
            let is_plain =
                plain.iter().filter(|word| word.starts_with("--")).all(|word| known(word) || *word == "--claim");
            let options: Vec<&str> = without(&plain, "--claim");
            is_plain.then(|| {
                let hash = format!("options={}&claim={claim}", encoded(&options.join(" ")));
                address("lab.html", &hash, "Check it here, in the laboratory")
            })
        }
        "replay" => {
            let (options, schedule) = rest.trim_end_matches('"').split_once(" \"")?;
            let hash = format!("options={}&schedule={}", encoded(options), encoded(schedule));
            Some(address("lab.html", &hash, "Step it here, in the laboratory"))
        }
        "prove" => {
            let words: Vec<&str> = rest.split(' ').collect();
            let given = |option: &str| words.windows(2).find(|pair| pair[0] == option).map(|pair| pair[1]);
            let known = |word: &&str| ["--workers", "--fates", "--timeout"].contains(word);
            let timeout = given("--timeout").map_or(String::new(), |timeout| format!("+--timeout+{timeout}"));
            let (workers, fates) = (given("--workers").unwrap_or("one"), given("--fates").unwrap_or("panics"));
            let hash = format!("options={}{timeout}&workers={workers}&fates={fates}", words[0]);
            words
                .iter()
                .filter(|word| word.starts_with("--"))
                .all(known)
                .then(|| address("why.html", &hash, "Prove it here"))
        }
        "play" => {
            let level = rest.split(' ').next()?;
            Some(address("play.html", level, "Play it here"))
        }
        _ => None,
    }
}

/// Removes an option and its value from words.
fn without<'a>(words: &[&'a str], option: &str) -> Vec<&'a str> {
    let place = words.iter().position(|word| *word == option);
    let is_left_out = |at: usize| place.is_some_and(|place| at == place || at == place + 1);
    words.iter().enumerate().filter(|(at, _)| !is_left_out(*at)).map(|(_, word)| *word).collect()
}
