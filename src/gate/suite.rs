//! Several scenarios in one call. The premise of each claim must be met in at least one of them.

use super::subject::Subject;
use crate::claims::standard;
use crate::core::{Controller, RunRules};
use crate::explore::report::{Broken, Check, Report};
use crate::explore::verdict::VerdictKind;

/// Several named checks.
///
/// One scenario seldom tests every claim: if a task always fails, no claim about Running is tested. A suite passes only
/// if each claim is proved in every scenario that judges it, and its premise is met in at least one of them.
///
/// A check that judges the standard claims of its scenario also judges those of the other scenarios. For example,
/// `no-half-run` is about ends that are Running. If a stop is asked, a sound controller has no such end, so a scenario
/// without a stop must test this claim.
///
/// ```
/// use startup_race::{Rules, Scenario, Setup, Suite, check};
///
/// let fails = |tasks: &[u8]| Scenario::new(Rules::named("seed/fixed").unwrap(), 2).unwrap().failing(tasks).unwrap();
/// Suite::new()
///     .check("no task fails", check(Setup::of(fails(&[]))))
///     .check("task 2 fails", check(Setup::of(fails(&[2]))))
///     .expect_proved();
/// ```
#[derive(Default)]
pub struct Suite<C> {
    checks: Vec<(String, Check<'static, C>)>,
}

/// What a suite found.
#[derive(Clone)]
pub struct SuiteReport<C> {
    /// The report of each scenario, under its name.
    pub reports: Vec<(String, Report<C>)>,
}

impl<C: Controller> Suite<C> {
    /// An empty suite. It proves nothing.
    pub fn new() -> Self {
        Self { checks: Vec::new() }
    }

    /// Adds a check under a name.
    #[must_use]
    pub fn check(mut self, name: impl Into<String>, check: Check<'static, C>) -> Self {
        self.checks.push((name.into(), check));
        self
    }

    /// Runs every check.
    ///
    /// # Errors
    /// If the controller or a claim breaks its contract. The error names the scenario.
    pub fn run(mut self) -> Result<SuiteReport<C>, (String, Broken)> {
        self.share_claims();
        let run = |(name, check): (String, Check<'static, C>)| match check.run() {
            Ok(report) => Ok((name, report)),
            Err(broken) => Err((name, broken)),
        };
        Ok(SuiteReport { reports: self.checks.into_iter().map(run).collect::<Result<_, _>>()? })
    }

    /// Each check that judges the standard claims of its scenario judges those of the other scenarios too.
    fn share_claims(&mut self) {
        let judges = |check: &Check<'_, C>, id: &str| check.claims.iter().any(|claim| claim.id == id);
        let is_standard = |check: &Check<'_, C>| check.setup.standard_claims().iter().all(|own| judges(check, &own.id));
        let judged = |id: &str| self.checks().any(|check| is_standard(check) && judges(check, id));
        let shared: Vec<String> = standard::<C>(&RunRules::DEFAULT)
            .iter()
            .map(|claim| claim.id.to_string())
            .filter(|id| judged(id))
            .collect();
        for (_, check) in self.checks.iter_mut().filter(|(_, check)| is_standard(check)) {
            let claims = standard(check.setup.model.run()).into_iter();
            let missing: Vec<_> =
                claims.filter(|claim| shared.iter().any(|id| claim.id == *id) && !judges(check, &claim.id)).collect();
            check.claims.extend(missing);
        }
    }

    pub(super) fn checks(&self) -> impl Iterator<Item = &Check<'static, C>> {
        self.checks.iter().map(|(_, check)| check)
    }

    pub(super) fn subjects(&self) -> Vec<Subject<C>> {
        self.checks.iter().map(|(name, check)| Subject::of(name, check)).collect()
    }
}

impl<C> SuiteReport<C> {
    /// The worst verdict. Without a scenario, nothing is proved.
    pub fn verdict(&self) -> VerdictKind {
        self.reports.iter().map(|(_, report)| report.verdict()).max().unwrap_or(VerdictKind::Vacuous)
    }

    /// The claims that were never tested, because their premise is not met in any scenario.
    pub fn unmet(&self) -> Vec<&str> {
        unmet(self.reports.iter().map(|(_, report)| report))
    }
}

/// The claims whose premise is not met in any of these reports, in the order in which they are judged. A report that
/// allows unmet premises is skipped.
pub fn unmet<'a, C: 'a>(reports: impl Iterator<Item = &'a Report<C>>) -> Vec<&'a str> {
    let reports: Vec<&Report<C>> = reports.collect();
    let judged = || reports.iter().filter(|report| !report.allow_unmet_premise).flat_map(|report| &report.claims);
    let is_met = |id: &str| judged().any(|judgement| judgement.claim.id == id && judgement.premise_met());
    let mut unmet: Vec<&str> = Vec::new();
    for judgement in judged() {
        let id = judgement.claim.id.as_ref();
        if !unmet.contains(&id) && !is_met(id) {
            unmet.push(id);
        }
    }
    unmet
}
