//! A proof for every number of tasks.
//!
//! | file | what it shows |
//! |---|---|
//! | `abstraction` | the abstraction has every state, step and end of the model |
//! | `certificate` | the invariant holds in every state; both solvers confirm the file, and refuse a wrong one |
//! | `command` | the command `prove`, as a user runs it |
//! | `answers` | what is proved, refuted, vacuous, unknown or not covered; and the explorer agrees |

mod abstraction;
mod answers;
mod certificate;
#[cfg(feature = "cli")]
mod command;

use std::cell::RefCell;
use std::collections::BTreeMap;

use startup_race::claims::{Claim, standard};
use startup_race::core::{Controller, Fault, PipelineController, RunRules};
use startup_race::explore::limits::Limits;
use startup_race::explore::report::Check;
use startup_race::explore::verdict::VerdictKind;
use startup_race::prove::answer::{Answer, Proof, Question};
use startup_race::prove::parametric::Parametric;
use startup_race::prove::scenarios::scenarios;
use startup_race::prove::search::{Search, Workers};
use startup_race::prove::small::Make;
use startup_race::scenario::{Rules, Scenario, Setup};

fn make(scenario: &Scenario) -> Setup<PipelineController> {
    Setup::of(scenario.clone())
}

fn question<'a, C: Controller>(
    rules: Rules,
    workers: Workers,
    fates: &[Fault],
    make: Make<'a, C>,
    limits: Limits,
) -> Question<'a, C> {
    let claims = make(&Scenario::new(rules, 1).unwrap()).standard_claims();
    Question { protocol: None, rules, workers, fates: fates.to_vec(), claims, make, limits }
}

/// The claims of the protocol with these names.
fn claims<C: Controller>(ids: &[&str]) -> Vec<Claim<C>> {
    let mut claims = standard(&RunRules::DEFAULT);
    claims.retain(|claim| ids.contains(&&*claim.id));
    claims
}

/// Asserts that the explorer agrees for every pipeline of up to this many tasks: it proves every claim that is proved,
/// and refutes no claim with fewer tasks than the proof does.
fn agree<C: Parametric>(
    proof: &Proof<'_, C>,
    rules: Rules,
    workers: Workers,
    fates: &[Fault],
    most: u8,
    make: Make<'_, C>,
) {
    for tasks in 1..=most {
        for scenario in scenarios(rules, workers, fates, tasks) {
            let claims = proof.claims.iter().map(|judged| judged.claim.clone()).collect();
            let report = Check::new(make(&scenario)).claims(claims).run().unwrap();
            for (judgement, judged) in report.claims.iter().zip(&proof.claims) {
                let (id, verdict, answer) = (&judged.claim.id, judgement.verdict.kind(), &judged.answer);
                let told = format!("{id} is {} and {verdict:?} for {scenario:?}", answer.name());
                match answer {
                    Answer::Proved(_) => assert_eq!(verdict, VerdictKind::Proved, "{told}"),
                    Answer::Refuted(found) if found.setup.scenario.tasks().len() <= usize::from(tasks) => {}
                    Answer::CutShort(_) => {}
                    _ => assert_ne!(verdict, VerdictKind::Refuted, "{told}"),
                }
            }
        }
    }
}

/// Searches that several cases of a property use.
struct Kept;

thread_local! {
    static SEARCHES: RefCell<BTreeMap<String, Search<'static, PipelineController>>> = RefCell::default();
}

impl Kept {
    fn with(rules: Rules, workers: Workers, used: impl FnOnce(&mut Search<'static, PipelineController>)) {
        SEARCHES.with_borrow_mut(|searches| {
            let search = searches.entry(format!("{rules:?} {workers:?}")).or_insert_with(|| {
                let mut search = Search::new(rules, workers, &[Fault::Panics], &make).unwrap();
                search.explore(&Limits::default()).unwrap();
                search
            });
            used(search);
        });
    }

    /// Failing and healthy tasks on up to four workers.
    fn scenario(rules: Rules, any: bool, tasks: &[(bool, u8)]) -> Scenario {
        let mut known: Vec<u8> = Vec::new();
        let mut number = |drawn: u8| {
            let at = known.iter().position(|&other| other == drawn).unwrap_or_else(|| {
                known.push(drawn);
                known.len() - 1
            });
            if any { at as u8 + 1 } else { 1 }
        };
        let layout: Vec<u8> = tasks.iter().map(|&(_, worker)| number(worker)).collect();
        let failing: Vec<u8> = (1..).zip(tasks).filter(|(_, (fails, _))| *fails).map(|(number, _)| number).collect();
        Scenario::new(rules, tasks.len() as u8).unwrap().on_workers(&layout).unwrap().failing(&failing).unwrap()
    }
}
