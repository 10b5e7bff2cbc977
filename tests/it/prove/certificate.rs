//! The certificate: the invariant is compared with the model, and z3 and cvc5 check the file, also with planted faults.
//!
//! A plain `cargo test` ignores the tests that use the solvers, because they need `z3` and `cvc5`. The gate installs
//! both and runs them.

use std::collections::{BTreeSet, HashSet};
use std::process::Command;

use proptest::prelude::*;

use super::{Kept, make, question};
use startup_race::claims::{Claim, Scope};
use startup_race::core::{Fault, PipelineController};
use startup_race::explore::limits::Limits;
use startup_race::model::{Model, World};
use startup_race::prove::answer::Answer;
use startup_race::prove::invariant::{Conjunct, invariant, is_enough};
use startup_race::prove::local::abstraction;
use startup_race::prove::no_certificate::NoCertificate;
use startup_race::prove::scenarios::scenarios;
use startup_race::prove::search::Workers;
use startup_race::prove::table::Table;
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::{Rules, Scenario, spec};
use startup_race::show::certificate::Named;

const BOTH: [Workers; 2] = [Workers::One, Workers::Any];

/// The tables, the invariant, and the claims that are proved.
type Certified = (Table<PipelineController>, Vec<Conjunct>, Vec<Claim<PipelineController>>);

fn certified(rules: Rules, workers: Workers, fates: &[Fault]) -> Certified {
    let mut proof = question(rules, workers, fates, &make, Limits::default()).answer().unwrap();
    let proved = proof.claims.iter().filter(|judged| matches!(judged.answer, Answer::Proved(_)));
    let claims: Vec<_> = proved.map(|judged| judged.claim.clone()).collect();
    let table = Table::read(&mut proof.search, &claims).unwrap();
    let conjuncts = invariant(&table, &proof.search).unwrap();
    (table, conjuncts, claims)
}

fn text(table: &Table<PipelineController>, conjuncts: &[Conjunct], rules: Rules) -> String {
    Named::new(table, &make(&Scenario::new(rules, 1).unwrap())).certificate("a test", conjuncts)
}

/// Asserts that a state satisfies each conjunct, and that it breaks a claim of the certificate if and only if it breaks
/// that claim for the explorer.
fn fits((table, conjuncts, claims): &Certified, model: &Model<PipelineController>, world: &World<PipelineController>) {
    let (control, locals) = abstraction(model, world);
    let phase = table.phases.iter().position(|phase| *phase == control).expect("a phase of the tables");
    let locals: Option<BTreeSet<_>> = locals.iter().map(|local| table.triple(local)).collect();
    let locals = locals.expect("local states of the tables");
    for conjunct in conjuncts {
        assert!(conjunct.holds(phase, &locals), "{conjunct:?} in {world:?}");
    }
    let places = locals.iter().map(|(place, _, _)| *place).collect();
    for (claim, formula) in claims.iter().zip(&table.claims) {
        assert_eq!(formula.is_broken(phase, &places), claim.is_broken_in(model, world), "{world:?}");
    }
}

#[test]
fn the_invariant_holds_in_every_state_and_the_formula_of_a_claim_is_the_claim() {
    for (rules, workers) in PROTOCOLS.iter().flat_map(|(_, rules)| BOTH.map(|workers| (*rules, workers))) {
        let certified = certified(rules, workers, &[Fault::Panics]);
        let most = if workers == Workers::One { 4 } else { 3 };
        for scenario in (1..=most).flat_map(|tasks| scenarios(rules, workers, &[Fault::Panics], tasks)) {
            let model = scenario.model();
            let mut open = vec![model.start()];
            let mut met: HashSet<_> = open.iter().cloned().collect();
            while let Some(world) = open.pop() {
                fits(&certified, &model, &world);
                for action in model.actions(&world) {
                    let mut next = world.clone();
                    model.apply(&mut next, action).unwrap();
                    if met.insert(next.clone()) {
                        open.push(next);
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Pipelines that are too large for the explorer.
    #[test]
    fn the_invariant_holds_along_a_walk_of_up_to_forty_tasks(
        protocol in 0..PROTOCOLS.len(),
        any in any::<bool>(),
        tasks in proptest::collection::vec((any::<bool>(), 0..4u8), 5..=40),
        picks in proptest::collection::vec(any::<u16>(), 400),
    ) {
        let rules = PROTOCOLS[protocol].1;
        let certified = certified(rules, if any { Workers::Any } else { Workers::One }, &[Fault::Panics]);
        let model = Kept::scenario(rules, any, &tasks).model();
        let mut world = model.start();
        for pick in picks.into_iter().chain(std::iter::repeat(0)) {
            fits(&certified, &model, &world);
            let actions = model.actions(&world);
            let Some(&action) = actions.get(usize::from(pick) * actions.len() / 65_536) else { break };
            model.apply(&mut world, action).unwrap();
        }
    }
}

#[test]
fn each_conjunct_is_needed() {
    for (_, rules) in PROTOCOLS {
        let (table, conjuncts, _) = certified(rules, Workers::Any, &[Fault::Panics]);
        assert!(is_enough(&table, &conjuncts) && conjuncts.len() > 3);
        for index in 0..conjuncts.len() {
            let without = [&conjuncts[..index], &conjuncts[index + 1..]].concat();
            assert!(!is_enough(&table, &without), "{:?} is not needed", conjuncts[index]);
        }
    }
}

#[test]
fn what_a_certificate_does_not_cover_is_refused_by_name() {
    for (line, knob) in [("--timeout patient", "timeout"), ("--stop asked", "stop"), ("--losses 1", "losses")] {
        let rules = *spec::read(&format!("arroyo/after {line}")).unwrap().rules();
        let mut proof = question(rules, Workers::One, &[], &make, Limits::default()).answer().unwrap();
        assert_eq!(Table::read(&mut proof.search, &[]).err(), Some(NoCertificate::Knob(knob)));
    }
}

#[test]
fn a_claim_that_a_certificate_cannot_express_is_named() {
    let rules = Rules::named("arroyo/after").unwrap();
    let mut proof = question(rules, Workers::One, &[Fault::Panics], &make, Limits::default()).answer().unwrap();
    let alike = Claim::new(
        "alike",
        "all tasks are dead, or none",
        Scope::Always,
        |_| true,
        |state| state.tasks().all(|task| task.is_dead()) || !state.tasks().any(|task| task.is_dead()),
    );
    let why = Table::read(&mut proof.search, &[alike]).err().expect("it is about two tasks").to_string();
    assert!(why.contains("alike") && !why.contains("guards"), "{why}");
}

/// The name of a fault, and how it is planted.
type Planted = (&'static str, fn(&mut Table<PipelineController>));

/// Faults in the tables.
fn faults() -> Vec<Planted> {
    vec![
        ("a step left out", |table| {
            let at = table.steps.iter().position(|step| !table.has_step(step.to) && step.sends.is_some()).unwrap();
            table.steps.remove(at);
        }),
        ("a step that leads elsewhere", |table| table.steps[0].to = table.places.len() - 1),
        ("a notice that is not sent", |table| table.steps.iter_mut().for_each(|step| step.sends = None)),
        ("a guard dropped", |table| table.reactions.iter_mut().for_each(|reaction| reaction.guard = None)),
        ("a failure that is dropped", |table| {
            let is_final: Vec<bool> = table.phases.iter().map(|phase| phase.stage().is_final()).collect();
            let failed = table.reactions.iter_mut().filter(|reaction| is_final[reaction.to]);
            failed.for_each(|reaction| reaction.to = reaction.phase);
        }),
        ("a barrier that holds nothing back", |table| table.held_by.iter_mut().for_each(BTreeSet::clear)),
        ("a barrier that holds back for ever", |table| {
            let all: BTreeSet<usize> = (0..table.places.len()).collect();
            table.held_by.iter_mut().filter(|held| !held.is_empty()).for_each(|held| held.clone_from(&all));
        }),
    ]
}

/// The fault that no claim of the protocol detects: a barrier that holds nothing back only allows more steps, and the
/// invariant still holds.
const HARMLESS: &str = "a barrier that holds nothing back";

#[test]
fn tables_with_a_fault_have_no_proof() {
    let rules = Rules::named("arroyo/after").unwrap();
    for (name, plant) in faults() {
        let (mut table, conjuncts, _) = certified(rules, Workers::One, &[Fault::Panics]);
        plant(&mut table);
        assert_eq!(is_enough(&table, &conjuncts), name == HARMLESS, "{name}");
    }
}

/// The solvers, with time limits. If a solver does not answer in time, nothing is confirmed.
const SOLVERS: [(&str, &[&str]); 2] = [("z3", &["-t:5000"]), ("cvc5", &["--incremental", "--tlimit-per=5000"])];

/// Runs a solver on a certificate.
///
/// # Errors
/// The first answer that is not as expected, or what is missing.
fn ask(solver: (&str, &[&str]), text: &str) -> Result<usize, String> {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("startup-race-{}-{number}.smt2", std::process::id());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, text).unwrap();
    let output = Command::new(solver.0).args(solver.1).arg(&file).output().expect("the solver is installed");
    std::fs::remove_file(&file).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).replace('"', "");
    let (mut expected, mut asked) = (None, 0);
    for line in said.lines() {
        if let Some((name, answer)) = line.rsplit_once(": ").filter(|(_, rest)| rest.ends_with(" expected")) {
            expected = Some((name.to_string(), answer.trim_end_matches(" expected").to_string()));
        } else if line == format!("all {asked} obligations were asked") && output.status.success() {
            return Ok(asked);
        } else {
            let (name, answer) = expected.take().ok_or_else(|| format!("{line}, and nothing was asked"))?;
            if line != answer {
                return Err(format!("{name}: {line}, and not {answer}"));
            }
            asked += 1;
        }
    }
    Err(format!("the file ends after {asked} obligations"))
}

#[test]
#[ignore = "needs z3 and cvc5"]
fn both_solvers_confirm_the_certificate_of_every_protocol() {
    for (rules, workers) in PROTOCOLS.iter().flat_map(|(_, rules)| BOTH.map(|workers| (*rules, workers))) {
        let (table, conjuncts, _) = certified(rules, workers, &[Fault::Panics]);
        let text = text(&table, &conjuncts, rules);
        for solver in SOLVERS {
            let asked = ask(solver, &text);
            assert!(asked.as_ref().is_ok_and(|&asked| asked > 25), "{}: {asked:?}", solver.0);
        }
    }
}

#[test]
#[ignore = "needs z3 and cvc5"]
fn both_solvers_refuse_a_certificate_with_a_fault() {
    let rules = Rules::named("arroyo/after").unwrap();
    let (table, conjuncts, _) = certified(rules, Workers::Any, &[Fault::Panics]);
    let whole = text(&table, &conjuncts, rules);
    let mut wrong: Vec<(String, String)> = Vec::new();
    for index in 0..conjuncts.len() {
        let without = [&conjuncts[..index], &conjuncts[index + 1..]].concat();
        wrong.push((format!("without conjunct {}", index + 1), text(&table, &without, rules)));
    }
    for (name, plant) in faults().into_iter().filter(|(name, _)| *name != HARMLESS) {
        let (mut table, conjuncts, _) = certified(rules, Workers::Any, &[Fault::Panics]);
        plant(&mut table);
        wrong.push((name.to_string(), text(&table, &conjuncts, rules)));
    }
    wrong.push(("a polarity turned".into(), whole.replacen("(not invariant2)", "invariant2", 1)));
    wrong.push(("truncated".into(), whole[..whole.len() / 2].to_string()));
    wrong.push(("without its last line".into(), whole.trim_end().rsplit_once('\n').unwrap().0.to_string()));
    for (name, text) in wrong {
        for solver in SOLVERS {
            assert!(ask(solver, &text).is_err(), "{} confirms: {name}", solver.0);
        }
    }
}
