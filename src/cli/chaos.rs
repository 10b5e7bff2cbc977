//! `startup-race stress NAME --chaos SEED`: runs on this machine's threads. Each run has its own random faults, loss,
//! crash and delays.
//!
//! The same seed gives the same random choices, but not the same order of threads, which the operating system decides.
//! The printed schedule replays a run in the model.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::Zero;

use crate::core::Fault;
use crate::explore::probability::Probability;
use crate::explore::report::Check;
use crate::scenario::{Scenario, ScenarioError, Setup};
use crate::show::Style;
use crate::show::chaos::{Broken, Drawn, text};
use crate::show::command::{arguments, replay};

use super::args::SearchArgs;
use super::output::{Output, UsageError};
use super::stress::{Delays, mix, schedule};

/// A number of runs of a protocol, each with random choices that depend on the seed.
pub struct Chaos {
    pub protocol: String,
    pub scenario: Scenario,
    pub runs: u32,
    pub seed: u64,
}

/// For each claim, the probability that the uniform scheduler breaks it. `None` if the search was cut short.
type Probabilities = Vec<Option<Probability>>;

impl Chaos {
    pub fn run(&self, search: &SearchArgs, style: Style) -> Result<Output, UsageError> {
        let claims = Setup::of(self.scenario.clone()).standard_claims();
        let mut broken: Vec<Broken> =
            claims.iter().map(|claim| Broken { claim: claim.id.to_string(), ..Broken::none() }).collect();
        let (mut known, mut schedules) = (BTreeMap::<String, Probabilities>::new(), BTreeSet::new());
        for run in 0..self.runs {
            let scenario = self.drawn(run)?;
            let name = arguments(&self.protocol, &scenario);
            let setup = Setup::of(scenario);
            let taken = schedule(&setup, Some(Delays { seed: self.seed, run }))?;
            let check = Check::new(setup.clone()).protocol(self.protocol.clone());
            let breaks = check.broken_by(&taken.text(setup.model.inboxes()))?;
            for claim in broken.iter_mut().filter(|claim| breaks.contains(&claim.claim)) {
                claim.runs += 1;
                let line = || (run + 1, replay(&self.protocol, &setup.scenario, &taken));
                claim.first.get_or_insert_with(line);
            }
            if !known.contains_key(&name) {
                known.insert(name.clone(), probabilities(check, search)?);
            }
            for (claim, probability) in broken.iter_mut().zip(&known[&name]) {
                claim.expected = claim.expected.take().zip(probability.as_ref()).map(|(all, one)| all + one);
            }
            schedules.insert((name, taken.text(setup.model.inboxes())));
        }
        let drawn =
            Drawn { runs: self.runs, seed: self.seed, scenarios: known.len(), schedules: schedules.len(), broken };
        Ok(Output::ok(text(&self.protocol, &drawn, style)))
    }

    /// The scenario of a run. On average, half of the tasks have a fault in each attempt, half of the runs may lose one
    /// message, and in half of them the controller may crash once.
    fn drawn(&self, run: u32) -> Result<Scenario, ScenarioError> {
        let mut number = mix(self.seed ^ mix(u64::from(run)));
        let mut below = |bound: u8| {
            number = mix(number);
            u8::try_from(number % u64::from(bound)).unwrap_or_default()
        };
        let mut rules = *self.scenario.rules();
        (rules.run.losses, rules.run.crashes) = (below(2), below(2));
        let mut scenario = self.scenario.without_faults().under(rules)?;
        for id in self.scenario.ids() {
            for attempt in 1..=rules.run.attempts {
                let faults = [Fault::Panics, Fault::Vanishes, Fault::Hangs, Fault::Dies];
                if let Some(&fault) = faults.get(usize::from(below(8))) {
                    scenario = scenario.with_fault(fault, id.0, &[attempt])?;
                }
            }
        }
        Ok(scenario)
    }
}

fn probabilities(
    check: Check<'_, crate::core::PipelineController>,
    search: &SearchArgs,
) -> Result<Probabilities, UsageError> {
    let report = search.search().bound(check).run()?;
    let of = |judgement: &crate::explore::report::Judgement<_>| {
        judgement.share.as_ref().map(|share| share.probability.clone())
    };
    Ok(report.claims.iter().map(of).collect())
}

impl Broken {
    fn none() -> Self {
        Self { claim: String::new(), runs: 0, expected: Some(Probability::zero()), first: None }
    }
}
