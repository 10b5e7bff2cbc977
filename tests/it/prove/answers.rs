//! What is proved for every number of tasks, what is refuted with which smallest number of tasks, and what is neither.

use std::collections::BTreeSet;

use super::{agree, claims, make, question};
use crate::common::mutants::faulty::Faulty;
use crate::common::mutants::list::MUTANTS;
use crate::common::mutants::without_fault;
use startup_race::core::{ActorId, Context, Controller, Fault, Input, Kind, Notice, Phase, PipelineController, Stage};
use startup_race::explore::limits::{Limit, Limits};
use startup_race::explore::report::Check;
use startup_race::prove::answer::{Answer, NoAnswer, Proof};
use startup_race::prove::parametric::Parametric;
use startup_race::prove::scenarios::scenarios;
use startup_race::prove::search::Workers;
use startup_race::prove::small::{Make, NotCovered};
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::spec;
use startup_race::scenario::{Rules, Scenario, Setup};

const BOTH: [Workers; 2] = [Workers::One, Workers::Any];

/// The answers in the order of the claims: P is proved, a number is refuted with that many tasks, V is vacuous, U is
/// unknown, and C is cut short.
fn letters<C>(proof: &Proof<'_, C>) -> String {
    let letter = |answer: &Answer<C>| match answer {
        Answer::Proved(_) => "P".to_string(),
        Answer::Refuted(report) => report.setup.scenario.tasks().len().to_string(),
        Answer::Vacuous(_) => "V".to_string(),
        Answer::Unknown(_) => "U".to_string(),
        Answer::CutShort(_) => "C".to_string(),
    };
    proof.claims.iter().map(|judged| letter(&judged.answer)).collect()
}

fn answers(line: &str, fates: &[Fault], workers: Workers) -> String {
    let rules = *spec::read(line).unwrap().rules();
    letters(&question(rules, workers, fates, &make, Limits::default()).answer().unwrap())
}

#[test]
fn the_fix_is_proved_for_every_number_of_tasks_and_each_half_of_it_is_not() {
    let expected = ["11PPP", "PPPPP", "12PP2", "PPPPP", "PPP1P", "1PPPP"];
    for ((name, _), expected) in PROTOCOLS.iter().zip(expected) {
        for workers in BOTH {
            assert_eq!(answers(name, &[Fault::Panics], workers), expected, "{name} {workers:?}");
        }
    }
}

#[test]
fn a_task_that_vanishes_needs_a_timeout_for_every_number_of_tasks() {
    for workers in BOTH {
        assert_eq!(answers("seed/fixed", &[Fault::Vanishes], workers), "PPP1P");
        assert_eq!(answers("arroyo/after", &[Fault::Vanishes], workers), "PPP1P");
        assert_eq!(answers("arroyo/handled-only", &[Fault::Vanishes], workers), "11PP2");
        let both = [Fault::Panics, Fault::Vanishes];
        assert_eq!(answers("arroyo/after --timeout patient", &both, workers), "PPPPP");
    }
}

#[test]
fn the_explorer_agrees_about_every_protocol() {
    for (rules, workers) in PROTOCOLS.iter().flat_map(|(_, rules)| BOTH.map(|workers| (*rules, workers))) {
        let fates = [Fault::Panics];
        let proof = question(rules, workers, &fates, &make, Limits::default()).answer().unwrap();
        agree(&proof, rules, workers, &fates, 3, &make);
    }
}

#[test]
fn a_pipeline_that_never_announces_is_vacuous() {
    assert_eq!(answers("seed/fixed --announce never --failed-while-scheduling fail", &[], Workers::One), "VVV1V");
}

/// The abstraction counts an old notice before a failure that was sent earlier. An inbox would keep the order, but the
/// abstraction does not.
#[test]
fn what_only_the_abstraction_breaks_is_unknown_and_no_pass() {
    let rules = *spec::read("arroyo/late-only --attempts 2 --timeout hasty").unwrap().rules();
    let mut question = question(rules, Workers::One, &[Fault::Panics], &make, Limits::default());
    question.claims.retain(|claim| claim.id == "no-lost-failure");
    let proof = question.answer().unwrap();
    assert_eq!((letters(&proof).as_str(), proof.exit_code(), proof.cut), ("U", 3, None));
    let Answer::Unknown(path) = &proof.claims[0].answer else { panic!("it is unknown") };
    assert!(path[0].cause.is_none() && path.len() > 5);
    let end = path.last().unwrap();
    assert_eq!(end.control.controller.phase().name, "Running");
    assert!(end.locals.iter().any(|local| local.place.state.is_dead()), "the last state breaks the claim");
    agree(&proof, rules, Workers::One, &[Fault::Panics], 2, &make);
}

#[test]
fn with_many_attempts_a_schedule_is_found_that_breaks_the_claim() {
    let rules = *spec::read("arroyo/after --attempts 4").unwrap().rules();
    let mut question = question(rules, Workers::One, &[Fault::Panics], &make, Limits::default().max_states(150_000));
    question.claims.retain(|claim| claim.id == "no-false-alarm");
    assert_eq!(letters(&question.answer().unwrap()), "2");
}

#[test]
fn a_search_that_is_cut_short_proves_nothing() {
    let rules = Rules::named("arroyo/after").unwrap();
    for states in 1..77 {
        let limits = Limits::default().max_states(states);
        let proof = question(rules, Workers::One, &[Fault::Panics], &make, limits).answer().unwrap();
        assert_eq!((letters(&proof).as_str(), proof.exit_code()), ("CCCCC", 3), "{states}");
        assert_eq!(proof.cut, Some(Limit::States));
    }
}

#[test]
fn no_claim_at_all_is_no_proof() {
    let rules = Rules::named("arroyo/after").unwrap();
    let mut question = question(rules, Workers::One, &[], &make, Limits::default());
    question.claims.clear();
    assert_eq!(question.answer().unwrap().exit_code(), 4);
}

#[test]
fn what_the_abstraction_does_not_cover_is_refused() {
    let why = |line: &str| {
        let rules = *spec::read(line).unwrap().rules();
        match question(rules, Workers::One, &[], &make, Limits::default()).answer() {
            Err(NoAnswer::NotCovered(why)) => why,
            _ => panic!("{line} is covered"),
        }
    };
    assert_eq!(why("arroyo/after --cascade chain"), NotCovered::Chain);
    assert_eq!(why("arroyo/after --attempts 2 --old-attempt lingers"), NotCovered::Lingers);
}

#[test]
fn the_built_in_controller_is_put_together_as_it_was_taken_apart() {
    for scenario in ["arroyo/after --tasks 3 --fails none", "seed/fixed --tasks 2 --stop asked"] {
        let setup = Setup::of(spec::read(scenario).unwrap());
        let mut world = setup.model.start();
        while let Some(&action) = setup.model.actions(&world).last() {
            setup.model.apply(&mut world, action).unwrap();
            let whole: &PipelineController = &world.driver.controller;
            let marks: Vec<u8> = (0..setup.model.tasks()).map(|at| whole.mark(ActorId(at + 1))).collect();
            if !whole.phase().stage.is_final() {
                assert_eq!(whole.without_tasks().with_marks(&marks), *whole);
            }
        }
    }
}

impl Parametric for Faulty {
    fn mark(&self, task: ActorId) -> u8 {
        self.times(task)
    }

    fn without_tasks(&self) -> Self {
        self.with_times([])
    }

    fn with_marks(&self, marks: &[u8]) -> Self {
        self.with_times(marks.iter().copied())
    }
}

/// The mutants for which a count means more than "all" or "not all", or that use the number of a task. The small models
/// show this, and no proof is made.
const NOT_PARAMETRIC: [&str; 4] = ["one-short", "last-is-enough", "deaf-to-the-first", "a-counter-for-a-set"];

/// The mutants that need something that is not covered: a chain, a lingering attempt, or other workers than those of
/// the question.
const OUT_OF_SCOPE: [&str; 4] =
    ["chain-and-no-barrier", "no-chain", "the-old-attempt-lingers", "an-inbox-for-each-task"];

/// Scenarios of the mutants that are covered, each with the largest number of tasks that the explorer checks.
const SCENARIOS: [(&str, &[Fault], u8); 7] = [
    ("arroyo/after", &[Fault::Panics], 4),
    ("seed/fixed", &[Fault::Panics], 4),
    ("arroyo/handled-only", &[Fault::Panics], 4),
    ("arroyo/before", &[Fault::Panics], 4),
    ("arroyo/after --timeout patient", &[Fault::Vanishes], 3),
    ("seed/fixed --duplicates 1", &[Fault::Panics], 3),
    ("arroyo/after --attempts 2 --fence attempt", &[Fault::Panics], 2),
];

/// For every mutant in every scenario, the proof agrees with the explorer. The snapshot has the mutants whose proof
/// differs from the protocol's in some scenario, and those for which no proof is made.
#[test]
fn a_mutant_is_proved_or_refuted_as_the_explorer_says() {
    let ids = ["no-false-start", "no-lost-failure", "no-false-alarm", "always-decides", "running-runs"];
    let (mut killed, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for (line, fates, most) in SCENARIOS {
        let rules = *spec::read(line).unwrap().rules();
        let ask = |make: Make<'_, Faulty>| {
            let mut question = question(rules, Workers::One, fates, make, Limits::default().max_states(150_000));
            question.claims = claims(&ids);
            question.answer().map(|proof| {
                agree(&proof, rules, Workers::One, fates, most, make);
                letters(&proof)
            })
        };
        let plain = |scenario: &Scenario| without_fault(scenario.clone());
        let protocol = ask(&plain).expect("the protocol is covered");
        for mutant in MUTANTS.iter().filter(|mutant| !OUT_OF_SCOPE.contains(&mutant.name)) {
            match ask(&|scenario: &Scenario| mutant.setup(scenario)) {
                Ok(answers) if answers != protocol => drop(killed.insert(mutant.name)),
                Ok(_) => {}
                Err(NoAnswer::NotCovered(NotCovered::NotParametric)) => drop(refused.insert(mutant.name)),
                Err(NoAnswer::NotCovered(NotCovered::Contract(_))) => drop(killed.insert(mutant.name)),
                Err(why) => panic!("{}: {why:?}", mutant.name),
            }
        }
    }
    insta::assert_debug_snapshot!("mutants_of_a_proof", (&killed, &refused));
    NOT_PARAMETRIC.iter().for_each(|name| assert!(refused.contains(name), "{name} is refused"));
}

/// What leads this controller out of Failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Relapse {
    /// The second notice in Failed.
    SecondNotice,
    /// Another notice of the task whose failure led to Failed.
    Culprit,
}

/// The built-in controller, but it leaves Failed, which its contract forbids.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Relapsing {
    inner: PipelineController,
    relapse: Relapse,
    heard: u8,
    culprits: BTreeSet<ActorId>,
    has_relapsed: bool,
}

impl Controller for Relapsing {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return self.inner.on(input, now) };
        if self.inner.phase().stage.is_final() {
            self.heard = (self.heard + 1).min(2);
            self.has_relapsed = match self.relapse {
                Relapse::SecondNotice => self.heard == 2,
                Relapse::Culprit => self.culprits.contains(&notice.from),
            };
            return;
        }
        self.inner.on(input, now);
        if let (Notice { kind: Kind::Failed(_), from, .. }, Relapse::Culprit) = (notice, self.relapse) {
            self.culprits.insert(from);
        }
    }

    fn phase(&self) -> Phase {
        if self.has_relapsed { Phase { name: "Running", stage: Stage::Up } } else { self.inner.phase() }
    }
}

impl Parametric for Relapsing {
    fn mark(&self, task: ActorId) -> u8 {
        self.inner.mark(task) | u8::from(self.culprits.contains(&task)) << 2
    }

    fn without_tasks(&self) -> Self {
        Self { inner: self.inner.without_tasks(), culprits: BTreeSet::new(), ..*self }
    }

    fn with_marks(&self, marks: &[u8]) -> Self {
        let culprits = (1..).map(ActorId).zip(marks).filter(|(_, mark)| **mark & 4 != 0).map(|(task, _)| task);
        Self { inner: self.inner.with_marks(marks), culprits: culprits.collect(), ..*self }
    }
}

/// The explorer finds that the controller breaks its contract. So no proof may be made.
#[test]
fn a_controller_that_changes_in_a_final_phase_has_no_proof() {
    for (relapse, line, workers, tasks) in [
        (Relapse::SecondNotice, "arroyo/after", Workers::One, 3..=4),
        (Relapse::Culprit, "arroyo/after --duplicates 1", Workers::One, 2..=3),
    ] {
        let rules = *spec::read(line).unwrap().rules();
        let make = |scenario: &Scenario| {
            let inner = make(scenario).model.controller().clone();
            let (heard, culprits, has_relapsed) = (0, BTreeSet::new(), false);
            Setup::with(Relapsing { inner, relapse, heard, culprits, has_relapsed }, scenario.clone())
        };
        for tasks in tasks {
            let all = scenarios(rules, workers, &[Fault::Panics], tasks);
            let breaks = all.iter().any(|scenario| Check::new(make(scenario)).run().is_err());
            assert!(breaks, "{relapse:?}: the explorer finds it with {tasks} tasks");
        }
        let answer = question(rules, workers, &[Fault::Panics], &make, Limits::default()).answer();
        match answer {
            Err(NoAnswer::NotCovered(NotCovered::Contract(_) | NotCovered::FinalChanges)) => {}
            Err(why) => panic!("{relapse:?}: {why:?}"),
            Ok(proof) => panic!("{relapse:?}: {}", letters(&proof)),
        }
    }
}
