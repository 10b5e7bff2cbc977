//! The abstraction is compared with the model: every state, step and end of every small pipeline has a counterpart in
//! the abstract search.

use std::collections::HashSet;

use proptest::prelude::*;

use super::{Kept, make, question};
use crate::common::generators::rules_of_every_phase;
use startup_race::core::{Fault, PipelineController};
use startup_race::explore::limits::Limits;
use startup_race::model::Model;
use startup_race::prove::local::abstraction;
use startup_race::prove::scenarios::scenarios;
use startup_race::prove::search::{Search, Workers};
use startup_race::scenario::knobs::PROTOCOLS;
use startup_race::scenario::{Rules, Scenario, Setup};

const BOTH: [Workers; 2] = [Workers::One, Workers::Any];

fn explored(rules: Rules, workers: Workers, fates: &[Fault]) -> Search<'static, PipelineController> {
    let mut search = Search::new(rules, workers, fates, &make).unwrap();
    search.explore(&Limits::default()).unwrap();
    search
}

/// Visits every state of a model. The error is the first state, step or end that the abstract search does not have.
fn walk(search: &mut Search<'static, PipelineController>, model: &Model<PipelineController>) -> Result<usize, String> {
    walk_some(search, model, usize::MAX)
}

/// Visits at most this many states of a model.
fn walk_some(
    search: &mut Search<'static, PipelineController>,
    model: &Model<PipelineController>,
    most: usize,
) -> Result<usize, String> {
    let mut open = vec![model.start()];
    let mut met: HashSet<_> = open.iter().cloned().collect();
    while let Some(world) = open.pop().filter(|_| met.len() < most) {
        let from = search.find(&abstraction(model, &world)).ok_or_else(|| format!("not met: {world:?}"))?;
        let actions = model.actions(&world);
        if actions.is_empty() && !search.may_end(from) {
            return Err(format!("no end: {world:?}"));
        }
        for action in actions {
            let mut next = world.clone();
            model.apply(&mut next, action).unwrap();
            let to = search.find(&abstraction(model, &next)).ok_or_else(|| format!("not met: {next:?}"))?;
            if !search.leads(from, to).unwrap() {
                return Err(format!("no step {action:?} from {world:?}"));
            }
            if met.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    Ok(met.len())
}

#[test]
fn every_state_step_and_end_of_a_pipeline_has_its_abstraction() {
    for (rules, workers) in PROTOCOLS.iter().flat_map(|(_, rules)| BOTH.map(|workers| (*rules, workers))) {
        let mut search = explored(rules, workers, &[Fault::Panics]);
        let most = if workers == Workers::One { 4 } else { 3 };
        for tasks in 1..=most {
            for scenario in scenarios(rules, workers, &[Fault::Panics], tasks) {
                let walked = walk(&mut search, &scenario.model());
                assert!(walked.is_ok(), "{walked:?}");
            }
        }
    }
}

/// Faults, losses, stops, crashes and retries: lines of options, and the faults that any task may have.
const WIDE: [(&str, &[Fault]); 10] = [
    ("arroyo/after", &[Fault::Vanishes, Fault::Hangs]),
    ("arroyo/after", &[Fault::Dies]),
    ("arroyo/after --timeout patient", &[Fault::Vanishes]),
    ("arroyo/after --timeout hasty", &[Fault::Panics]),
    ("arroyo/after --losses 1", &[Fault::Panics]),
    ("seed/fixed --duplicates 1", &[Fault::Panics]),
    ("seed/fixed --stop asked --stop-while-scheduling defer --failed-while-stopping count", &[Fault::Panics]),
    ("arroyo/after --crashes 1 --recovery asks", &[Fault::Panics]),
    ("arroyo/after --attempts 2 --fence attempt", &[Fault::Panics]),
    ("arroyo/after --attempts 2 --restart one --timeout patient", &[Fault::Vanishes]),
];

#[test]
fn every_state_step_and_end_has_its_abstraction_with_faults_of_every_kind() {
    for (line, fates) in WIDE {
        let rules = *startup_race::scenario::spec::read(line).unwrap().rules();
        let mut search = explored(rules, Workers::One, fates);
        for tasks in 1..=2 {
            for scenario in scenarios(rules, Workers::One, fates, tasks) {
                let walked = walk_some(&mut search, &scenario.model(), 2_000);
                assert!(walked.is_ok(), "{line}: {walked:?}");
            }
        }
    }
}

/// Shows that the walks can fail: an abstract search without a fault, a barrier or a rule does not have every state of
/// the pipeline.
#[test]
fn a_search_of_another_pipeline_does_not_know_every_state() {
    let named = |name| Rules::named(name).unwrap();
    let failing = Scenario::new(named("arroyo/after"), 2).unwrap().failing(&[2]).unwrap().model();
    let knows = |rules, fates: &[Fault]| walk(&mut explored(rules, Workers::One, fates), &failing).is_ok();
    assert!(knows(named("arroyo/after"), &[Fault::Panics]));
    assert!(!knows(named("arroyo/after"), &[]), "a fault left out");
    assert!(!knows(named("arroyo/after"), &[Fault::Vanishes]), "another fault");
    assert!(!knows(named("arroyo/late-only"), &[Fault::Panics]), "a reaction changed");
    assert!(!knows(named("seed/fixed"), &[Fault::Panics]), "no barrier, and announced before it");
    let spread = Scenario::new(named("arroyo/after"), 2).unwrap().on_workers(&[1, 2]).unwrap().model();
    let mut one = explored(named("arroyo/after"), Workers::One, &[]);
    assert!(walk(&mut one, &spread).is_err(), "a barrier for each of two workers");
}

/// Rules that are covered, with at most one crash, duplicate or loss, so that the explorer is fast.
fn small(mut rules: Rules) -> Rules {
    let run = &mut rules.run;
    (run.lingers, rules.task.chain) = (false, false);
    let mut left = 1;
    for number in [&mut run.crashes, &mut run.duplicates, &mut run.losses] {
        *number = (*number).min(left);
        left -= *number;
    }
    run.attempts = if left == 0 { 1 } else { run.attempts.min(2) };
    rules
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// With any rules: a claim that is proved for every number of tasks is proved by the explorer for one, two and
    /// three tasks; and a claim that is refuted with some number of tasks is not refuted with fewer.
    #[test]
    fn a_proof_never_contradicts_the_explorer(rules in rules_of_every_phase(), any in any::<bool>(), dies in any::<bool>()) {
        let rules = small(rules);
        let workers = if any { Workers::Any } else { Workers::One };
        let fates = if dies { [Fault::Dies] } else { [Fault::Panics] };
        let limits = Limits::default().max_states(4_000);
        let proof = question(rules, workers, &fates, &make, limits).answer().unwrap();
        super::agree(&proof, rules, workers, &fates, if rules.run.attempts > 1 { 1 } else { 2 }, &make);
    }

    /// Pipelines that are too large for the explorer: each state and each step of a walk has its abstraction.
    #[test]
    fn a_walk_of_up_to_forty_tasks_stays_in_the_abstraction(
        protocol in 0..PROTOCOLS.len(),
        any in any::<bool>(),
        tasks in proptest::collection::vec((any::<bool>(), 0..4u8), 5..=40),
        picks in proptest::collection::vec(any::<u16>(), 400),
    ) {
        let rules = PROTOCOLS[protocol].1;
        let workers = if any { Workers::Any } else { Workers::One };
        let scenario = Kept::scenario(rules, any, &tasks);
        Kept::with(rules, workers, |search| {
            let Setup { model, .. } = make(&scenario);
            let mut world = model.start();
            let mut from = search.find(&abstraction(&model, &world)).expect("the start is met");
            for pick in picks.into_iter().chain(std::iter::repeat(0)) {
                let actions = model.actions(&world);
                let Some(&action) = actions.get(usize::from(pick) * actions.len() / 65_536) else { break };
                model.apply(&mut world, action).unwrap();
                let to = search.find(&abstraction(&model, &world));
                assert!(to.is_some(), "not met: {world:?}");
                assert!(search.leads(from, to.unwrap()).unwrap(), "no step {action:?} to {world:?}");
                from = to.unwrap();
            }
            assert!(search.may_end(from), "no end: {world:?}");
        });
    }
}
