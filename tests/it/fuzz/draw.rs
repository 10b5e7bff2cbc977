//! Makes inputs from bytes. Each byte is a choice, and the first option is the simplest, so that shrinking makes an
//! input simpler.

use std::ffi::OsString;
use std::fmt;

use startup_race::catalog::entries;
use startup_race::play::levels::LEVELS;
use startup_race::scenario::knobs::{KNOBS, PROTOCOLS};

/// One run of the program.
#[derive(Clone)]
pub struct Input {
    /// The arguments, without the program's name.
    pub words: Vec<String>,
    /// The argument that ends in a byte that is not valid text, if any.
    pub broken: Option<usize>,
    /// What is typed.
    pub typed: String,
    /// The width of the output. `colour` says whether it has colours.
    pub width: usize,
    pub colour: bool,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "startup-race {:?}", self.words)?;
        if let Some(broken) = self.broken {
            write!(f, ", word {broken} + \\xff")?;
        }
        write!(f, ", typed {:?}, width {}, colour {}", self.typed, self.width, self.colour)
    }
}

/// Words that are wrong almost everywhere.
const JUNK: &[&str] = &[
    "",
    " ",
    "-",
    "--",
    "--x",
    "-x",
    "=",
    "+2",
    "-1",
    "0",
    "00",
    "256",
    "99999999999999999999",
    "1e3",
    "0x1",
    "2@",
    "@1",
    "2@1+",
    "2@0",
    "2@2",
    "1,,2",
    "1,",
    "none,1",
    "é",
    "e\u{301}",
    "\u{301}a",
    "\u{202e}",
    "\u{200b}x",
    "\u{1b}[31m",
    "\u{9b}2J",
    "名前",
    "a\nb",
    "\t",
    "🦀",
    "c0",
    "c2",
    "c999",
    "t t t",
    "d",
    "2@9",
    "NaN",
    "'",
    "\"",
    "`",
    "<b>",
    "\0x",
    "\u{feff}",
    "\u{2028}",
    "help",
    "--help",
    "-h",
    "-V",
    "--version",
    "PROVED",
    "no-lost-failure=",
    "=PROVED",
];

const CLAIMS: [&str; 5] = ["no-false-start", "no-lost-failure", "no-false-alarm", "always-decides", "running-runs"];
const VERDICTS: [&str; 5] = ["PROVED", "REFUTED", "cut-short", "CUT SHORT", "VACUOUS"];
const NAMES: [&str; 9] =
    ["a", "b2", "source", "e\u{301}", "名前", "🦀", "a-rather-long-name-of-a-task", "<i>&", "\u{2764}\u{fe0f}"];
const COMMANDS: [&str; 11] =
    ["check", "replay", "page", "play", "explain", "matrix", "completions", "stress", "catalog", "help", "schema"];
const LINES: [&str; 16] = [
    "1",
    "2",
    "c",
    "1 2 c",
    "2 2 2 1 1 1 c c c",
    "undo",
    "undo 2",
    "again",
    "hint",
    "why",
    "probability",
    "give up",
    "impossible",
    "help",
    "quit",
    "",
];

/// The remaining choices.
struct Draw {
    bytes: std::vec::IntoIter<u8>,
}

impl Draw {
    fn below(&mut self, many: usize) -> usize {
        usize::from(self.bytes.next().unwrap_or(0)) % many
    }

    /// True once in this many times; false if there are no choices left.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn junk(&mut self) -> String {
        self.one_of(JUNK).to_string()
    }
}

impl Input {
    /// The input for these choices.
    pub fn drawn(bytes: Vec<u8>) -> Self {
        let mut draw = Draw { bytes: bytes.into_iter() };
        let kind = draw.below(3);
        let (width, colour) = (draw.one_of(&[80, 80, 100, 200]), draw.once_in(8));
        let typed = draw.typed();
        let words = match kind {
            0 => draw.valid(),
            1 => draw.faulty(),
            _ => draw.at_random(),
        };
        let broken = (kind == 2 && draw.once_in(30)).then(|| draw.below(words.len().max(1)));
        Self { words: harmless(words), broken, typed, width, colour }
    }

    /// The command, which is the first word. The demo has none.
    pub fn command(&self) -> &str {
        self.words.first().map(String::as_str).filter(|word| COMMANDS.contains(word)).unwrap_or("demo")
    }

    /// The command line, including the program's name.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = self.words.iter().map(OsString::from).collect();
        #[cfg(unix)]
        if let Some(word) = self.broken.and_then(|broken| arguments.get_mut(broken)) {
            word.push(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff"));
        }
        arguments.insert(0, "startup-race".into());
        arguments
    }
}

/// Limits each search, and makes every page go to stdout or to a path that cannot be written, because a fault may have
/// changed the path.
fn harmless(mut words: Vec<String>) -> Vec<String> {
    let searches = ["check", "page", "matrix", "stress", "catalog"];
    let bounded = words.iter().any(|word| word == "--max-states");
    if !bounded && words.first().is_some_and(|word| searches.contains(&word.as_str())) {
        words.splice(1..1, ["--max-states".to_string(), "40".to_string()]);
    }
    for index in 0..words.len() {
        if words[index].starts_with("-o") {
            words[index] = "-o".to_string();
            if let Some(file) = words.get_mut(index + 1).filter(|file| *file != "/" && *file != "/no/such/folder") {
                *file = "-".to_string();
            }
        }
    }
    words
}

impl Draw {
    fn valid(&mut self) -> Vec<String> {
        match self.below(32) {
            0..14 => self.check(),
            14..17 => self.vacuous(),
            17..20 => self.replay(),
            20 => [words("page -o -"), self.bound(), self.scenario()].concat(),
            21..24 => vec!["play".to_string(), LEVELS[self.below(LEVELS.len())].id.to_string()],
            24..26 => self.demo(),
            26 => vec!["explain".to_string(), self.explained()],
            27 => vec![self.one_of(&COMMANDS[..9]).to_string(), "--help".to_string()],
            28 => words(self.one_of(&["completions bash", "schema check", "completions fish", "--version", "explain"])),
            29 => [words(self.one_of(&["matrix --tasks 1", "matrix --tasks 2"])), self.bound(), self.format()].concat(),
            30 if self.once_in(4) => [words("stress --runs 1"), self.bound(), self.scenario()].concat(),
            _ => [self.check(), self.expected()].concat(),
        }
    }

    /// A valid command line with up to three faults.
    fn faulty(&mut self) -> Vec<String> {
        let mut words = self.valid();
        for _ in 0..=self.below(3) {
            let at = self.below(words.len().max(1));
            match self.below(7) {
                0 if !words.is_empty() => drop(words.remove(at)),
                1 if !words.is_empty() => words.insert(at, words[at].clone()),
                2 if words.len() > 1 => words.swap(at, 0),
                3 => words.push(self.word()),
                4 => words.insert(at, self.junk()),
                5 if !words.is_empty() => words[at] = self.word(),
                _ => self.change(words.get_mut(at)),
            }
        }
        words
    }

    /// Removes, replaces or inserts one character of a word.
    fn change(&mut self, word: Option<&mut String>) {
        let Some(word) = word else { return };
        let mut letters: Vec<char> = word.chars().collect();
        let at = self.below(letters.len() + 1);
        match (self.below(3), at < letters.len()) {
            (0, true) => drop(letters.remove(at)),
            (1, true) => {
                letters[at] = self.one_of(&['0', '9', ',', '@', '+', '=', '-', 'x', '\u{301}', '\u{202e}', '\u{1b}']);
            }
            _ => letters.insert(at, self.one_of(&['1', '2', ',', '@', '+', '=', '-', ' ', '/', '\u{200b}', '\u{7f}'])),
        }
        *word = letters.into_iter().collect();
    }

    fn at_random(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.once_in(4) {
            words.push(self.one_of(&COMMANDS).to_string());
        }
        for _ in 0..self.below(7) {
            words.push(self.word());
        }
        words
    }

    /// A word from any command, or a wrong one.
    fn word(&mut self) -> String {
        match self.below(8) {
            0 => self.protocol(),
            1 => format!("--{}", self.option()),
            2 => {
                let (option, value) = (self.option(), self.value());
                format!("--{option}={value}")
            }
            3 => self.value(),
            4 => self.one_of(&COMMANDS).to_string(),
            5 => self.explained(),
            6 => self.one_of(&["1", "2", "3", "4", "9", "255"]).to_string(),
            _ => self.junk(),
        }
    }

    fn option(&mut self) -> String {
        let plain = [
            "tasks", "fails", "vanishes", "workers", "names", "symmetry", "format", "claim", "expect", "against",
            "say", "fixed", "runs", "delays", "help", "hangs", "dies", "color",
        ];
        let knobs = KNOBS.iter().map(|knob| knob.name);
        let all: Vec<&str> = plain.into_iter().chain(knobs).collect();
        self.one_of(&all).to_string()
    }

    fn value(&mut self) -> String {
        let knob = &KNOBS[self.below(KNOBS.len())];
        let values = ["1", "2", "1,2", "2@1", "none", "json", "on", "off", "2@1+2", "1,1", "a,b", "always"];
        if knob.values.is_empty() || self.once_in(2) { self.one_of(&values) } else { self.one_of(knob.values) }
            .to_string()
    }

    fn protocol(&mut self) -> String {
        let entries = entries();
        if self.once_in(4) {
            entries[self.below(entries.len())].name.clone()
        } else {
            self.one_of(&PROTOCOLS).0.to_string()
        }
    }

    fn explained(&mut self) -> String {
        let knob = KNOBS[self.below(KNOBS.len())].name;
        let protocol = self.one_of(&PROTOCOLS).0;
        self.one_of(&[knob, protocol, CLAIMS[1], CLAIMS[3], "orbit"]).to_string()
    }

    fn bound(&mut self) -> Vec<String> {
        words(self.one_of(&[
            "--max-states 120",
            "--max-states 80",
            "--max-states 27",
            "--max-states 5",
            "--max-states 1",
        ]))
    }

    fn format(&mut self) -> Vec<String> {
        words(self.one_of(&["", "--format text", "--format json", "--format=json"]))
    }

    fn check(&mut self) -> Vec<String> {
        let mut all = [words("check"), self.bound(), self.scenario(), self.format()].concat();
        if self.once_in(3) {
            all.extend(["--claim".to_string(), self.one_of(&CLAIMS).to_string()]);
        }
        all
    }

    fn expected(&mut self) -> Vec<String> {
        let (claim, verdict) = (self.one_of(&CLAIMS), self.one_of(&VERDICTS));
        vec!["--expect".to_string(), format!("{claim}={verdict}")]
    }

    /// A check with a vacuous verdict: no task announces itself, so the pipeline never runs.
    fn vacuous(&mut self) -> Vec<String> {
        let claim = self.one_of(&[CLAIMS[0], CLAIMS[1], CLAIMS[4]]);
        let (tasks, claim) = (self.one_of(&["1", "2", "3"]), claim);
        let line = format!("check --max-states 500 seed/fixed --announce never --tasks {tasks} --claim {claim}");
        [words(&line), self.format()].concat()
    }

    fn replay(&mut self) -> Vec<String> {
        let schedule = match self.below(4) {
            0 => String::new(),
            1 => "1".to_string(),
            2 => ["1"; 3][..self.below(3)].join(" "),
            _ => "2 2 2 1".to_string(),
        };
        let format = self.one_of(&["", "--format text", "--format json", "--format mermaid", "--format dot"]);
        let scenario = if schedule.contains('2') { words("arroyo/before --tasks 2") } else { self.scenario() };
        [words("replay"), scenario, vec![schedule], words(format)].concat()
    }

    fn demo(&mut self) -> Vec<String> {
        let fixed = self.one_of(&["", "--fixed"]);
        let tasks = self.one_of(&["", "--tasks 1", "--tasks 2", "--tasks 4", "--tasks 9", "--attempts 2"]);
        [words(fixed), words(tasks)].concat()
    }

    /// A protocol and options that fit together.
    fn scenario(&mut self) -> Vec<String> {
        let mut all = vec![self.one_of(&PROTOCOLS).0.to_string()];
        let tasks = self.one_of(&[2, 2, 2, 1, 1, 3]);
        let mut option = |name: &str, value: String| all.extend([format!("--{name}"), value]);
        option("tasks", tasks.to_string());
        let attempts = self.one_of(&[1, 1, 1, 1, 1, 2]);
        let fated: Vec<usize> = (1..=tasks).filter(|_| self.once_in(2)).collect();
        let vanish = fated.len().min(self.below(2) * self.below(2));
        let mut list = |tasks: &[usize]| match tasks {
            [] => "none".to_string(),
            some => {
                let one = |task: &usize| match self.below(4) {
                    3 => format!("{task}@1"),
                    _ => task.to_string(),
                };
                some.iter().map(one).collect::<Vec<_>>().join(",")
            }
        };
        option("fails", list(&fated[vanish..]));
        if vanish > 0 {
            option("vanishes", list(&fated[..vanish]));
        }
        if attempts > 1 {
            option("attempts", attempts.to_string());
        }
        if self.once_in(4) {
            let mut most = 1;
            let worker = |_| {
                let worker = 1 + self.below(most + 1).min(most);
                most = most.max(worker);
                worker.to_string()
            };
            // Workers are numbered from 1 without a gap, in the order of the tasks.
            let workers: Vec<String> = (0..tasks).map(worker).collect();
            option("workers", if workers[0] == "1" { workers.join(",") } else { vec!["1"; tasks].join(",") });
        }
        if self.once_in(4) {
            let first = self.below(NAMES.len());
            let names: Vec<&str> = (0..tasks).map(|task| NAMES[(first + task) % NAMES.len()]).collect();
            option("names", names.join(","));
        }
        for knob in KNOBS.iter().filter(|knob| knob.name != "attempts") {
            if self.once_in(8) {
                option(knob.name, if knob.values.is_empty() { "1" } else { self.one_of(knob.values) }.to_string());
            }
        }
        all
    }

    fn typed(&mut self) -> String {
        let mut typed = String::new();
        for _ in 0..self.below(6) {
            typed += &if self.once_in(5) { self.junk() } else { self.one_of(&LINES).to_string() };
            typed += "\n";
        }
        typed
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_string).collect()
}
