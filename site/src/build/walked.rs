//! The pages of the named protocols. They already exist as single files; this module adds the menu of the site.

use std::error::Error;
use std::fs;
use std::path::Path;

use super::File;
use super::page::{Page, menu};

/// The style of the menu. It is copied into each page that is a single file, because such a page loads no style sheet.
pub const MENU_STYLE: &str = include_str!("../../assets/menu.css");

/// The pages, in the order of their names.
pub fn pages(folder: &Path) -> Result<Vec<File>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder.join("protocols"))? {
        let path = entry?.path();
        let path_of_page = format!("protocols/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let text = fs::read_to_string(&path)?;
        let page = if path.ends_with("index.html") { index(&text) } else { single(&path_of_page, &text) };
        files.push(page.ok_or_else(|| format!("{}: this is not a page of a protocol", path.display()))?);
    }
    files.sort();
    Ok(files)
}

/// The list of the protocols, in the frame of the site.
fn index(text: &str) -> Option<File> {
    let (_, main) = text.split_once("</h1>")?;
    let (main, _) = main.split_once("</main>")?;
    Some(Page { path: "protocols/index.html", title: "Walk the graphs", main, script: None }.file())
}

/// The page of a protocol, with the menu above it.
fn single(path: &str, text: &str) -> Option<File> {
    let (head, body) = text.split_once("<body>\n")?;
    let head = head.replacen("</style>", &format!("{MENU_STYLE}</style>"), 1);
    Some((path.to_string(), format!("{head}<body>\n{}\n{body}", menu(path)).into_bytes()))
}
