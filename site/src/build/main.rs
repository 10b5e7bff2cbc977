//! Writes the site: `build-site FOLDER PROGRAMS PROGRAM`. FOLDER must exist, and its folder `protocols` must have the
//! pages that `.ci/pages` writes. PROGRAMS is the folder of the programs for a browser. PROGRAM is `startup-race`, which
//! explains each knob. The same inputs give the same bytes. The environment variable REPOSITORY is an input too.

mod lab;
mod lessons;
mod page;
mod walked;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

/// A file of the site: its path and its content.
type File = (String, Vec<u8>);

/// The programs for a browser: the explorer, and the proof for every number of tasks. Each has its path in the site and
/// the name of its binary.
const PROGRAMS: [(&str, &str); 2] =
    [("startup-race.wasm", "startup-race-web.wasm"), ("startup-race-prove.wasm", "startup-race-prove.wasm")];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(programs), Some(program)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: build-site FOLDER PROGRAMS PROGRAM".into());
    };
    let mut files = assets();
    for (name, built) in PROGRAMS {
        let path = programs.join(built);
        files.push((name.to_string(), fs::read(&path).map_err(|error| named(&path, &error))?));
    }
    files.extend(page::fixed());
    files.push(lab::page(&program)?);
    files.extend(lessons::pages()?);
    files.extend(walked::pages(&folder)?);
    files.push(("sw.js".to_string(), offline(&files)));
    for (name, bytes) in &files {
        let path = folder.join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, bytes).map_err(|error| named(&path, &error))?;
    }
    println!("{}: {} files", folder.display(), files.len());
    Ok(())
}

fn named(path: &std::path::Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// Style sheets and scripts. The colours are those of the single-file page.
fn assets() -> Vec<File> {
    let single = include_str!("../../../src/show/html/style.css");
    let style = [single, walked::MENU_STYLE, include_str!("../../assets/site.css")].concat();
    let texts = [
        ("style.css", style.as_str()),
        ("engine.js", include_str!("../../assets/engine.js")),
        ("worker.js", include_str!("../../assets/worker.js")),
        ("lab.js", include_str!("../../assets/lab.js")),
        ("game.js", include_str!("../../assets/game.js")),
        ("why.js", include_str!("../../assets/why.js")),
        ("offline.js", include_str!("../../assets/offline.js")),
    ];
    texts.into_iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect()
}

/// The script that keeps every file for use without a network. Its version is a hash of the names and contents of the
/// files.
fn offline(files: &[File]) -> Vec<u8> {
    // FNV-1a is enough: it only has to tell one version of the files from the one before.
    let bytes = files.iter().flat_map(|(name, bytes)| name.bytes().chain(bytes.iter().copied()));
    let version =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let head = format!("const version = \"{version:016x}\";\nconst files = {};\n", serde_json::json!(names));
    [head.as_bytes(), include_bytes!("../../assets/sw.js")].concat()
}
