//! `startup-race check NAME…`: explores every schedule, judges the claims, and explains the refuted ones.

use std::str::FromStr;

use clap::{Args, ValueEnum};

use crate::claims::{Claim, standard};
use crate::core::{PipelineController, RunRules};
use crate::explore::report::{Check, Report};
use crate::explore::verdict::VerdictKind;
use crate::gate::suite::unmet;
use crate::json;
use crate::scenario::Setup;
use crate::show::{self, Style, space_time};

use super::args::{self, PremiseArg, Request, ScenarioArgs, SearchArgs};
use super::output::{Output, UsageError};

/// The arguments of `check`.
#[derive(Args)]
pub struct CheckArgs {
    /// A protocol, such as arroyo/before, or a scenario of the catalog
    #[arg(id = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Judges only the claims named by this option and by --expect; may be given more than once
    #[arg(long = "claim", value_name = "ID")]
    claims: Vec<ClaimId>,
    /// Exits with 0 if each judged claim has its expected verdict, else with 1; may be given more than once. A judged
    /// claim without an expected verdict must be PROVED. Without --claim, only the claims that --expect names are
    /// judged; with --claim, those as well
    #[arg(long = "expect", value_name = "ID=VERDICT")]
    expected: Vec<Expected>,
    #[command(flatten)]
    premise: PremiseArg,
    /// Adds a note on each suspicious thing that the search has not proved harmless; a note names the claim that is at
    /// stake, and a command that checks this claim
    #[arg(long)]
    review: bool,
    /// The output format. svg draws the counterexample of the first refuted claim as a space-time diagram, and beside
    /// it the nearest schedule that passes, if one is known; if no claim is refuted, svg draws a run without faults
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Svg,
}

/// The name of a standard claim. Parsing refuses any other name.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimId(String);

/// The expected verdict of a claim.
#[derive(Clone)]
struct Expected {
    claim: ClaimId,
    verdict: VerdictKind,
}

pub fn run(args: &CheckArgs, style: Style) -> Result<Output, UsageError> {
    run_with(args, style, &mut |check| Ok(check.run()?))
}

/// Runs a check.
pub type Runner<'a> = dyn FnMut(Check<'_, PipelineController>) -> Result<Report<PipelineController>, UsageError> + 'a;

/// Like `check::run`, but each check is run by the function `run`. With `--review`, that function is not called.
///
/// # Errors
/// What is wrong with the request.
pub fn run_with(args: &CheckArgs, style: Style, run: &mut Runner<'_>) -> Result<Output, UsageError> {
    let CheckArgs { names, expected, .. } = args;
    if names.is_empty() {
        return Err(UsageError::new(format!(
            "check needs a NAME, as in: startup-race check arroyo/before\n\n{}",
            args::listing()
        )));
    }
    agreeing(expected)?;
    let wanted: Vec<&ClaimId> = expected.iter().map(|expected| &expected.claim).chain(&args.claims).collect();
    let requests = names.iter().map(|name| args::scenario(name, &args.scenario));
    let requests: Vec<Request> = requests.collect::<Result<_, UsageError>>()?;
    let search = args.search.search();
    if args.review && args.format != Format::Text {
        return Err(UsageError::new("--review: the notes are text; leave out --format"));
    }
    let (mut reports, mut notes) = (Vec::new(), Vec::new());
    for Request { protocol, scenario } in requests {
        let setup = Setup::of(scenario);
        let claims = claims(&setup, &wanted);
        let asked: Vec<_> = claims.iter().map(|claim| claim.id.clone()).collect();
        let check = search.bound(Check::new(setup).protocol(protocol).claims(claims));
        let mut report = if args.review {
            let review = check.review()?;
            notes.push(review.text_in(style));
            review.report
        } else {
            run(check)?
        };
        report.claims.retain(|judgement| asked.contains(&judgement.claim.id));
        reports.push(report);
    }
    let text = match args.format {
        Format::Svg => picture(&reports)?,
        Format::Json => json::print(&json::check::Checks::of(&reports)),
        Format::Text => {
            let texts = reports.iter().enumerate().map(|(index, report)| {
                let notes = notes.get(index).map_or_else(String::new, |notes| format!("\n{notes}"));
                show::report::report(report, style) + &notes
            });
            texts.collect::<Vec<_>>().join("\n")
        }
    };
    let (code, mut warnings) =
        if expected.is_empty() { (gravest(&reports), Vec::new()) } else { compare(&reports, expected) };
    let mend = "Add a NAME, or change the scenario, so that the premise is met";
    let (code, unmet) = args.premise.demand(code, &unmet(reports.iter()), mend);
    warnings.extend(unmet);
    Ok(Output { text, warnings, code })
}

/// The picture of a report. There must be only one report.
fn picture(reports: &[Report<PipelineController>]) -> Result<String, UsageError> {
    let [report] = reports else {
        return Err(UsageError::new("--format svg: a picture shows one scenario; give one NAME"));
    };
    let of_claim = |index: usize| space_time::of_claim(report, &report.claims[index]);
    let picture = space_time::drawn(report).and_then(of_claim).or_else(|| space_time::of_witness(report));
    picture.ok_or_else(|| {
        UsageError::new("--format svg: there is no run to draw, because the controller breaks its contract")
    })
}

fn gravest(reports: &[Report<PipelineController>]) -> u8 {
    reports.iter().map(Report::verdict).max().unwrap_or(VerdictKind::Vacuous).exit_code()
}

impl FromStr for ClaimId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let claims = standard::<PipelineController>(&RunRules::DEFAULT);
        let ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_ref()).collect();
        if ids.contains(&text) {
            return Ok(Self(text.to_string()));
        }
        let nearest = args::nearest(text, &ids);
        Err(format!("there is no claim {text:?}.{nearest} The claims are {}", ids.join(", ")))
    }
}

impl FromStr for Expected {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('=');
        let (claim, verdict) =
            parts.ok_or_else(|| "give a claim and a verdict, as in no-lost-failure=PROVED".to_string())?;
        let claim = claim.parse()?;
        let name = verdict.to_uppercase().replace('-', " ");
        let verdict = VerdictKind::ALL.into_iter().find(|kind| kind.name() == name);
        let verdict = verdict.ok_or_else(|| "the verdicts are PROVED, REFUTED, CUT-SHORT and VACUOUS".to_string())?;
        Ok(Self { claim, verdict })
    }
}

/// Checks that no claim has two different expected verdicts.
fn agreeing(expected: &[Expected]) -> Result<(), UsageError> {
    for (at, later) in expected.iter().enumerate() {
        let differs = |first: &&Expected| first.claim == later.claim && first.verdict != later.verdict;
        if let Some(first) = expected[..at].iter().find(differs) {
            let (claim, one, other) = (&later.claim.0, first.verdict.name(), later.verdict.name());
            return Err(UsageError::new(format!(
                "--expect {claim}: {one} and {other} are both expected; give one verdict"
            )));
        }
    }
    Ok(())
}

/// The claims with these names. If there are no names, the claims that are judged by default.
pub fn claims(setup: &Setup<PipelineController>, wanted: &[&ClaimId]) -> Vec<Claim<PipelineController>> {
    if wanted.is_empty() {
        return setup.standard_claims();
    }
    let mut claims = standard(setup.model.run());
    claims.retain(|claim| wanted.iter().any(|wanted| wanted.0 == claim.id));
    claims
}

/// Compares every claim that is judged with its expected verdict.
fn compare(reports: &[Report<PipelineController>], expected: &[Expected]) -> (u8, Vec<String>) {
    let mut warnings = Vec::new();
    for report in reports {
        for judgement in &report.claims {
            let expectation = expected.iter().find(|expected| expected.claim.0 == judgement.claim.id);
            let wanted = expectation.map_or(VerdictKind::Proved, |expected| expected.verdict);
            if judgement.verdict.kind() != wanted {
                let name = report.protocol.as_deref().unwrap_or("the controller");
                let (id, wanted) = (&judgement.claim.id, wanted.name());
                warnings.push(format!("{name}: {id} was expected {wanted} and is {}", judgement.verdict));
            }
        }
    }
    (u8::from(!warnings.is_empty()), warnings)
}
