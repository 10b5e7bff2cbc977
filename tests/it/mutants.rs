//! The explorer judges every mutant of the protocol by every claim, in every scenario of a small set.
//!
//! A claim *kills* a mutant if the protocol keeps the claim and the mutant breaks it. Other changes (of a number, or of
//! a verdict that was REFUTED before) are visible, but are not kills. A mutant without a visible change is equivalent:
//! a walk of both controllers together proves this.

use std::collections::{BTreeMap, HashSet};

use crate::common::mutants::faulty::Faulty;
use crate::common::mutants::list::{MUTANTS, RULES};
use crate::common::mutants::{Mutant, Row, claims, table, walk, without_fault};
use startup_race::claims::standard;
use startup_race::core::{Context, Controller, Effect, Input, Phase, PipelineController, RunRules, Stage};
use startup_race::explore::report::{Check, Judgement};
use startup_race::explore::verdict::VerdictKind;
use startup_race::scenario::knobs::KNOBS;
use startup_race::scenario::spec;
use startup_race::scenario::{Scenario, Setup};

/// The scenarios, each with its letter. Most keep every claim, so that a mutant can break one. A few break a claim, so
/// that a mutant that hides a fault is visible, too.
const SCENARIOS: [(char, &str); 18] = [
    ('A', "arroyo/after --fails 2"),
    ('B', "arroyo/after --fails 2@1 --attempts 3"),
    ('C', "arroyo/after --fails 2@1 --workers 1,2 --attempts 2 --fence attempt"),
    ('D', "arroyo/after --vanishes 2"),
    ('E', "arroyo/after --vanishes 2 --timeout patient"),
    ('F', "arroyo/after --vanishes 2@1 --attempts 2 --timeout patient"),
    ('G', "arroyo/after --fails 2@1 --attempts 2 --duplicates 1 --fence attempt"),
    ('H', "seed/fixed --fails none --duplicates 1"),
    ('I', "seed/fixed --fails 2@1 --attempts 2"),
    ('J', "seed/fixed --fails 1@1,2@1 --workers 1,2 --attempts 2 --old-attempt lingers --fence attempt"),
    ('K', "seed/fixed --fails 1@1 --workers 1,2 --attempts 2 --old-attempt lingers --duplicates 1"),
    ('L', "arroyo/handled-only --fails 1"),
    ('M', "arroyo/handled-only --fails 2@1 --attempts 2 --fence attempt"),
    ('N', "arroyo/before --fails 1@1,2@1 --attempts 2"),
    ('O', "arroyo/before --tasks 3 --fails 3 --barrier none --cascade chain"),
    ('P', "arroyo/after --tasks 3 --vanishes 1 --barrier none --cascade chain --timeout patient"),
    ('Q', "arroyo/after --tasks 3 --fails 1@1 --attempts 2 --barrier none --cascade chain"),
    ('R', "arroyo/handled-only --tasks 3 --fails 1 --workers 1,2,2 --barrier none --cascade chain"),
];

/// For each knob, a mutant that changes it, or that breaks what it promises.
const KNOBS_BROKEN: [(&str, &str); 17] = [
    ("announce", "announce-first"),
    ("failed-while-scheduling", "deaf-while-scheduling"),
    ("failed-while-running", "deaf-while-running"),
    ("barrier", "barrier-left-out"),
    ("attempts", "an-attempt-less"),
    ("old-attempt", "the-old-attempt-lingers"),
    ("fence", "no-fence"),
    ("timeout", "timeout-at-any-time"),
    ("cascade", "no-chain"),
    ("duplicates", "no-duplicate"),
    ("restart", "restarts-one"),
    ("losses", "a-loss-more"),
    ("stop", "a-stop-more"),
    ("stop-while-scheduling", "no-wish-kept"),
    ("failed-while-stopping", "deaf-while-stopping"),
    ("crashes", "a-crash-more"),
    ("recovery", "asks-nobody"),
];

/// For each knob of the phases after the startup: a mutant that changes it from its value in the scenario to this
/// value, and the claim that the scenario keeps and the mutant breaks.
const PHASE_KNOBS_BROKEN: [(&str, &str, &str, &str, &str); 9] = [
    ("losses", "a-loss-more", "seed/fixed --fails none", "1", "always-decides"),
    ("crashes", "a-crash-more", "seed/fixed --fails none", "1", "always-decides"),
    ("recovery", "asks-nobody", "seed/fixed --fails none --crashes 1 --recovery asks", "forgets", "always-decides"),
    (
        "recovery",
        "remembers-nothing",
        "arroyo/after --fails none --crashes 1 --recovery remembers",
        "forgets",
        "always-decides",
    ),
    ("stop", "a-stop-more", "seed/fixed --vanishes 2 --timeout patient", "asked", "always-decides"),
    (
        "stop-while-scheduling",
        "no-wish-kept",
        "seed/fixed --fails none --stop asked --stop-while-scheduling defer",
        "ignore",
        "no-lost-stop",
    ),
    (
        "failed-while-stopping",
        "deaf-while-stopping",
        "seed/fixed --dies 2 --stop asked --failed-while-stopping count",
        "ignore",
        "always-decides",
    ),
    (
        "failed-while-stopping",
        "restarts-while-stopping",
        "seed/fixed --dies 2@1 --attempts 2 --stop asked",
        "retry",
        "no-lost-stop",
    ),
    (
        "restart",
        "restarts-one",
        "seed/fixed --dies 2@1 --attempts 2 --stop asked --failed-while-stopping retry",
        "one",
        "no-half-run",
    ),
];

fn scenario(line: &str) -> Scenario {
    spec::read(line).expect("a scenario")
}

/// The visible behaviour of a mutant in a scenario.
enum Seen {
    /// Whether the witness holds; and for each claim whether it is refuted, with the schedules that break it and their
    /// probability.
    Judged(bool, Vec<(bool, String)>),
    /// The controller broke its contract.
    ContractViolation,
}

fn run(setup: Setup<Faulty>) -> Seen {
    let Ok(report) = Check::new(setup).claims(claims()).run() else { return Seen::ContractViolation };
    assert!(report.complete && report.witness.complete.is_some());
    let judged = report.claims.iter().map(|judgement| {
        let share = judgement.share.as_ref().unwrap();
        (judgement.verdict.kind() == VerdictKind::Refuted, format!("{} {}", share.schedules, share.probability))
    });
    Seen::Judged(report.witness.holds, judged.collect())
}

/// The columns of a row: the claims, then the witness, then the contract of a controller.
fn columns() -> Vec<String> {
    let others = ["can-run", "contract"].map(str::to_string);
    claims().iter().map(|claim| claim.id.to_string()).chain(others).collect()
}

struct Matrix(Vec<(&'static Mutant, Row)>);

impl Matrix {
    fn of(mutants: &'static [Mutant]) -> Self {
        let mut rows: Vec<Row> = vec![vec![String::new(); columns().len()]; mutants.len()];
        for (letter, line) in SCENARIOS {
            let Seen::Judged(true, plain) = run(without_fault(scenario(line))) else {
                panic!("the protocol keeps its contract and can run")
            };
            for (mutant, row) in mutants.iter().zip(&mut rows) {
                show(row, letter, &plain, run(mutant.setup(&scenario(line))));
            }
        }
        Self(mutants.iter().zip(rows).collect())
    }

    /// The mutants that a column kills.
    fn killed(&self, column: usize) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter(move |(_, row)| kills(&row[column])).map(|(mutant, _)| mutant.name)
    }

    fn text(&self) -> String {
        let rows: Vec<_> = self.0.iter().map(|(mutant, row)| (mutant.name, row.clone())).collect();
        table(&SCENARIOS, &columns(), &rows)
    }
}

/// Adds a scenario's letter to the cells in which a mutant is visible.
fn show(row: &mut Row, letter: char, plain: &[(bool, String)], mutated: Seen) {
    let (witness, contract) = (plain.len(), plain.len() + 1);
    match mutated {
        Seen::ContractViolation => row[contract].push(letter),
        Seen::Judged(holds, mutated) => {
            if !holds {
                row[witness].push(letter);
            }
            for (cell, (before, after)) in row.iter_mut().zip(plain.iter().zip(&mutated)) {
                match (before, after) {
                    ((false, _), (true, _)) => cell.push(letter),
                    _ if before != after => cell.push(letter.to_ascii_lowercase()),
                    _ => {}
                }
            }
        }
    }
}

fn kills(cell: &str) -> bool {
    cell.contains(|letter: char| letter.is_ascii_uppercase())
}

/// Mutants that are visible in no scenario, and why their graph is that of the protocol.
const EQUIVALENT: [(&str, &str); 1] = [("fence-older-only", "no notice is of an attempt that has not begun")];

/// Mutants that break none of the five claims that the protocol keeps, but break a duty of the controller.
const DUTIES: [&str; 7] = [
    "blames-the-first",
    "finish-fails-running",
    "never-retries",
    "never-retries-running",
    "an-attempt-less",
    "timeout-never-retries",
    "timeout-blames-the-first",
];

#[test]
fn every_mutant_shows_or_is_proved_equivalent() {
    let matrix = Matrix::of(MUTANTS);
    println!("{}", matrix.text());
    insta::assert_snapshot!(matrix.text());
    let unseen = matrix.0.iter().filter(|(_, row)| row.iter().all(String::is_empty)).map(|(mutant, _)| mutant.name);
    assert_eq!(unseen.collect::<Vec<_>>(), EQUIVALENT.map(|(name, _)| name));
    each_claim_kills_two(&matrix);
    rows_differ(&matrix);
    every_rule_is_broken(&matrix);
    every_knob_is_broken(&matrix);
    the_duties_are_needed(&matrix);
}

fn each_claim_kills_two(matrix: &Matrix) {
    for (column, name) in columns().iter().enumerate() {
        let killed: Vec<&str> = matrix.killed(column).collect();
        assert!(killed.len() >= 2, "{name} kills only {killed:?}");
    }
}

fn rows_differ(matrix: &Matrix) {
    let mut same: BTreeMap<&Row, Vec<&str>> = BTreeMap::new();
    matrix.0.iter().for_each(|(mutant, row)| same.entry(row).or_default().push(mutant.name));
    assert!(same.values().all(|names| names.len() <= 3), "{same:?}");
}

fn every_rule_is_broken(matrix: &Matrix) {
    for rule in RULES {
        let shown = |(mutant, row): &&(&Mutant, Row)| mutant.rule == rule && row.iter().any(|cell| !cell.is_empty());
        assert!(matrix.0.iter().any(|row| shown(&row)), "no mutant shows that breaks the rule: {rule}");
    }
}

/// Each knob has a mutant, and that mutant is visible.
fn every_knob_is_broken(matrix: &Matrix) {
    for knob in KNOBS {
        let (_, name) = KNOBS_BROKEN.iter().find(|(broken, _)| *broken == knob.name).expect("a mutant for each knob");
        // The knobs of the later phases have a test of their own.
        if PHASE_KNOBS_BROKEN.iter().any(|(broken, mutant, ..)| (broken, mutant) == (&knob.name, name)) {
            continue;
        }
        let shows = |(mutant, row): &&(&Mutant, Row)| mutant.name == *name && row.iter().any(|cell| !cell.is_empty());
        assert!(matrix.0.iter().any(|row| shows(&row)), "{name}, the mutant of {}, does not show", knob.name);
    }
}

/// The two duties find what the five claims miss.
fn the_duties_are_needed(matrix: &Matrix) {
    let duty = |id: &str| columns().iter().position(|column| column == id).unwrap();
    let duties = [duty("uses-its-budget"), duty("blames-the-dead")];
    let only = matrix.0.iter().filter(|(_, row)| {
        let killed = |column: &usize| kills(&row[*column]);
        duties.iter().any(killed) && !(0..row.len()).filter(|column| !duties.contains(column)).any(|at| killed(&at))
    });
    let mut found: Vec<&str> = only.map(|(mutant, _)| mutant.name).collect();
    let mut expected = DUTIES.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn there_are_at_least_25_mutants_with_names_of_their_own() {
    let names: HashSet<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
    assert!(names.len() >= 25);
    assert_eq!(names.len(), MUTANTS.len());
    assert!(MUTANTS.iter().all(|mutant| RULES.contains(&mutant.rule)));
}

#[test]
fn the_controller_without_a_fault_is_the_pipelines_own() {
    for (letter, line) in SCENARIOS {
        let scenario = scenario(line);
        let states = walk(&Setup::of(scenario.clone()), &without_fault(scenario));
        assert!(states.expect("the same graph") > 5, "{letter} has states");
    }
}

#[test]
fn an_equivalent_mutant_has_the_same_graph_and_another_has_not() {
    let parts = |name: &str| {
        let mutant = MUTANTS.iter().find(|mutant| mutant.name == name).unwrap();
        let walks = SCENARIOS.iter().filter(|(_, line)| {
            let scenario = scenario(line);
            walk(&without_fault(scenario.clone()), &mutant.setup(&scenario)).is_err()
        });
        walks.map(|(letter, _)| *letter).collect::<String>()
    };
    for (name, why) in EQUIVALENT {
        assert_eq!(parts(name), "", "{name}: {why}");
    }
    assert_eq!(parts("fence-one-off"), "CGJM", "if there is a fence and a retry");
    assert_eq!(parts("one-short"), "BCFGHIJKLMNOPQR", "if a task is counted");
}

/// For each claim, whether a search refutes it.
fn refuted<C: Controller>(setup: Setup<C>) -> BTreeMap<String, bool> {
    let report = Check::new(setup).claims(standard(&RunRules { stop: true, ..RunRules::DEFAULT })).run().unwrap();
    assert!(report.complete);
    let refuted = |judgement: &Judgement<C>| judgement.verdict.kind() == VerdictKind::Refuted;
    report.claims.iter().map(|judgement| (judgement.claim.id.to_string(), refuted(judgement))).collect()
}

#[test]
fn a_knob_of_a_later_phase_that_is_turned_breaks_a_claim_that_its_scenario_keeps() {
    for (name, mutant, line, value, claim) in PHASE_KNOBS_BROKEN {
        let plain = scenario(line);
        let knob = KNOBS.iter().find(|knob| knob.name == name).expect("a knob");
        let mut rules = *plain.rules();
        (knob.set)(&mut rules, value).expect("a value of the knob");
        let turned = plain.under(rules).expect("the same tasks");
        assert!(!refuted(Setup::of(plain))[claim], "{mutant}: the scenario breaks {claim} itself");
        assert!(refuted(Setup::of(turned))[claim], "{mutant}: it keeps {claim}");
    }
}

/// A mistake of a controller after the startup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Later {
    /// It ignores a stop.
    StopUnheard,
    /// It publishes Stopped while the pipeline is still stopping.
    StoppedTooEarly,
    /// It asks no task to announce itself again.
    AsksNobody,
    /// It restarts every task, but still counts the others.
    RestartsAll,
}

/// The built-in controller with such a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Mistaken(PipelineController, Later);

impl Controller for Mistaken {
    fn on(&mut self, input: Input, now: &mut Context) {
        match (self.1, input) {
            (Later::StopUnheard, Input::Stop) => return,
            (Later::StoppedTooEarly, _) if self.phase().stage == Stage::Ended => return,
            _ => self.0.on(input, now),
        }
        match self.1 {
            Later::AsksNobody => now.effects.retain(|effect| *effect != Effect::Reannounce),
            Later::RestartsAll => now.effects.iter_mut().for_each(|effect| *effect = Effect::Retry),
            Later::StopUnheard | Later::StoppedTooEarly => {}
        }
    }

    fn phase(&self) -> Phase {
        match (self.1, self.0.phase()) {
            (Later::StoppedTooEarly, Phase { stage: Stage::Stopping, .. }) => {
                Phase { name: "Stopped", stage: Stage::Ended }
            }
            (_, phase) => phase,
        }
    }
}

#[test]
fn a_controller_that_errs_in_a_later_phase_breaks_a_claim_that_the_pipelines_own_keeps() {
    for (later, line, claim) in [
        (Later::StopUnheard, "seed/fixed --fails none --stop asked", "no-lost-stop"),
        (Later::StoppedTooEarly, "seed/fixed --fails none --stop asked", "no-false-stop"),
        (Later::AsksNobody, "seed/fixed --fails none --crashes 1 --recovery asks", "always-decides"),
        (Later::RestartsAll, "seed/fixed --fails 2@1 --attempts 2 --restart one", "no-false-start"),
    ] {
        let plain = scenario(line);
        let mistaken = Mistaken(plain.model().controller().clone(), later);
        assert!(!refuted(Setup::of(plain.clone()))[claim], "{later:?}: the pipeline's own breaks {claim}");
        assert!(refuted(Setup::with(mistaken, plain))[claim], "{later:?}: it keeps {claim}");
    }
}
