//! A fuzzer of the whole program, in process. It makes command lines and input, and checks text, JSON, pages and the
//! exit code.
//!
//! A third of the inputs are valid, a third are valid ones with a few faults, and a third are random words. For each of
//! them:
//!
//! 1. The program ends without a panic. (Every search has a limit on its states.)
//! 2. If it refuses a request, it prints a message and nothing on stdout.
//! 3. It prints no control character for a terminal, except the colours that were asked for.
//! 4. Text keeps within its width, except the demo, pictures, and commands, which are meant to be copied.
//! 5. JSON conforms to its schema.
//! 6. The JSON of a check is the same, except for the orbits, if tasks that are alike are not interchanged.
//!
//! The gate draws the same 20,000 inputs each time. `PROPTEST_RNG_SEED=7` draws others, `PROPTEST_CASES=1000000` more.

mod draw;
mod judge;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use draw::Input;
use judge::Judge;

const INPUTS: u32 = 20_000;
const SEED: u64 = 1;

/// The results of all inputs so far.
#[derive(Default)]
struct Tally {
    codes: BTreeMap<u8, u32>,
    valid: u32,
    commands: BTreeMap<String, (u32, Duration)>,
    slowest: Option<(Duration, Input)>,
}

impl Tally {
    fn note(&mut self, input: &Input, code: u8, took: Duration) {
        *self.codes.entry(code).or_default() += 1;
        if code != 2 {
            self.valid += 1;
            let (many, time) = self.commands.entry(input.command().to_string()).or_default();
            (*many, *time) = (*many + 1, *time + took);
        }
        if self.slowest.as_ref().is_none_or(|(most, _)| *most < took) {
            self.slowest = Some((took, input.clone()));
        }
    }
}

/// An input that takes longer is considered hanging. On an idle machine an input takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Watches the input that is being run, and ends the tests if it hangs, because nothing else could.
struct Watchdog(Arc<Mutex<Option<(Instant, Input)>>>);

impl Watchdog {
    fn new() -> Self {
        let current: Arc<Mutex<Option<(Instant, Input)>>> = Arc::default();
        let watched = Arc::clone(&current);
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let current = watched.lock().expect("no panic").clone();
                if let Some((_, input)) = current.filter(|(started, _)| started.elapsed() > PATIENCE) {
                    let _ = writeln!(std::io::stderr(), "fuzz: this input hangs: {input:?}");
                    std::process::exit(1);
                }
            }
        });
        Self(current)
    }

    fn look_at(&self, input: Option<&Input>) {
        *self.0.lock().expect("no panic") = input.map(|input| (Instant::now(), input.clone()));
    }
}

#[test]
fn no_input_makes_the_program_panic_hang_or_contradict_itself() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seed, inputs) = (number("PROPTEST_RNG_SEED").unwrap_or(SEED), number("PROPTEST_CASES"));
    let inputs = inputs.and_then(|inputs| u32::try_from(inputs).ok()).unwrap_or(INPUTS);
    println!("fuzz: {inputs} inputs, seed {seed} (PROPTEST_CASES, PROPTEST_RNG_SEED)");
    let config = ProptestConfig {
        cases: inputs,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let (tally, judge, watchdog) = (RefCell::new(Tally::default()), Judge::new(), Watchdog::new());
    let strategy = vec(any::<u8>(), 96).prop_map(Input::drawn);
    let run = TestRunner::new(config).run(&strategy, |input| {
        let started = Instant::now();
        watchdog.look_at(Some(&input));
        let code = judge.judge(&input)?;
        tally.borrow_mut().note(&input, code, started.elapsed());
        Ok(())
    });
    watchdog.look_at(None);
    let Tally { codes, valid, commands, slowest } = tally.into_inner();
    println!("fuzz: exit codes {codes:?}; {valid} were valid: {commands:?}");
    println!("fuzz: the slowest: {slowest:?}");
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(valid >= inputs / 3, "{valid} of {inputs} are valid");
    for code in [0, 1, 2, 3, 4] {
        let ended = codes.get(&code).copied().unwrap_or_default();
        assert!(ended >= 100.min(inputs / 200), "{ended} end with exit code {code}");
    }
}
