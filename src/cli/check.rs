//! `startup-race check NAME…`: explores every schedule, judges the claims, explains what it refutes.

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::claims::{Claim, standard};
use crate::core::{PipelineController, RunRules};
use crate::explore::report::{Check, Report};
use crate::explore::verdict::Kind;
use crate::scenario::Setup;
use crate::show::{self, Style};

use super::args::{Request, Search};
use super::output::{Output, UsageError};
use super::{args, json};

pub fn subcommand() -> Command {
    Command::new("check")
        .about("Explores every schedule, judges the claims, explains what it refutes")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .num_args(0..)
                .help("A protocol, such as arroyo/before, or a scenario of the catalog"),
        )
        .arg(
            Arg::new("claim")
                .long("claim")
                .value_name("ID")
                .action(ArgAction::Append)
                .help("Judges this claim only; may be given more than once"),
        )
        .arg(Arg::new("expect").long("expect").value_name("ID=VERDICT").action(ArgAction::Append).help(
            "Exits with 0 where each claim judged is as expected, else with 1; a claim that is judged and has no \
             expectation must be PROVED. Where only --expect is given, the claims that it names are judged",
        ))
        .arg(args::format_arg())
        .args(args::search_args())
        .args(args::scenario_args())
}

pub fn run(matches: &ArgMatches, style: Style) -> Result<Output, UsageError> {
    let names: Vec<&String> = matches.get_many("name").into_iter().flatten().collect();
    if names.is_empty() {
        return Err(UsageError::new(format!(
            "check needs a NAME, as in: startup-race check arroyo/before\n\n{}",
            args::listing()
        )));
    }
    let expected = expectations(matches)?;
    let wanted = wanted(matches, &expected)?;
    let requests = names.iter().map(|name| args::scenario(name, matches));
    let requests: Vec<Request> = requests.collect::<Result<_, UsageError>>()?;
    let search = Search::of(matches);
    let mut reports = Vec::new();
    for Request { protocol, scenario } in requests {
        let setup = Setup::of(scenario);
        let claims = claims(&setup, &wanted);
        let check = Check::new(setup).protocol(protocol).claims(claims);
        reports.push(search.bound(check).run()?);
    }
    let text = if args::is_json(matches) {
        json::checks(&reports)
    } else {
        reports.iter().map(|report| show::report::report(report, style)).collect::<Vec<_>>().join("\n")
    };
    let (code, warnings) =
        if expected.is_empty() { (gravest(&reports), Vec::new()) } else { compare(&reports, &expected) };
    Ok(Output { text, warnings, code })
}

fn gravest(reports: &[Report<PipelineController>]) -> u8 {
    reports.iter().map(Report::verdict).max().unwrap_or(Kind::Vacuous).exit_code()
}

/// What is expected of a claim.
struct Expected {
    claim: String,
    verdict: Kind,
}

fn expectations(matches: &ArgMatches) -> Result<Vec<Expected>, UsageError> {
    let read = |text: &String| {
        let (claim, verdict) = text.split_once('=').ok_or_else(|| {
            UsageError::new(format!("--expect {text:?}: give a claim and a verdict, as in no-lost-failure=PROVED"))
        })?;
        known(claim, "expect")?;
        let name = verdict.to_uppercase().replace('-', " ");
        let verdict = Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            UsageError::new(format!("--expect {text:?}: the verdicts are PROVED, REFUTED, CUT-SHORT and VACUOUS"))
        })?;
        Ok(Expected { claim: claim.to_string(), verdict })
    };
    let read_all = matches.get_many("expect").into_iter().flatten().map(read);
    let expected = read_all.collect::<Result<Vec<_>, UsageError>>()?;
    agreeing(&expected)?;
    Ok(expected)
}

/// Whether no claim is expected to have two verdicts: the laxer one would let pass what the other forbids.
fn agreeing(expected: &[Expected]) -> Result<(), UsageError> {
    for (at, later) in expected.iter().enumerate() {
        let differs = |first: &&Expected| first.claim == later.claim && first.verdict != later.verdict;
        if let Some(first) = expected[..at].iter().find(differs) {
            let (claim, one, other) = (&later.claim, first.verdict.name(), later.verdict.name());
            return Err(UsageError::new(format!(
                "--expect {claim}: {one} and {other} are both expected; give one verdict"
            )));
        }
    }
    Ok(())
}

/// The claims that are named. None named: those that are judged by default.
fn wanted<'a>(matches: &'a ArgMatches, expected: &'a [Expected]) -> Result<Vec<&'a str>, UsageError> {
    let mut wanted: Vec<&str> = expected.iter().map(|expected| expected.claim.as_str()).collect();
    for claim in matches.get_many::<String>("claim").into_iter().flatten() {
        known(claim, "claim")?;
        wanted.push(claim);
    }
    Ok(wanted)
}

fn claims(setup: &Setup<PipelineController>, wanted: &[&str]) -> Vec<Claim<PipelineController>> {
    if wanted.is_empty() {
        return setup.standard_claims();
    }
    let mut claims = standard(setup.model.run());
    claims.retain(|claim| wanted.contains(&claim.id.as_ref()));
    claims
}

fn known(claim: &str, option: &str) -> Result<(), UsageError> {
    let claims = standard::<PipelineController>(&RunRules::DEFAULT);
    let ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_ref()).collect();
    if ids.contains(&claim) {
        return Ok(());
    }
    let nearest = args::nearest(claim, &ids);
    Err(UsageError::new(format!("--{option}: there is no claim {claim:?}.{nearest} The claims are {}", ids.join(", "))))
}

/// Compares every claim judged with what is expected of it.
fn compare(reports: &[Report<PipelineController>], expected: &[Expected]) -> (u8, Vec<String>) {
    let mut warnings = Vec::new();
    for report in reports {
        for judgement in &report.claims {
            let expectation = expected.iter().find(|expected| expected.claim == judgement.claim.id);
            let wanted = expectation.map_or(Kind::Proved, |expected| expected.verdict);
            if judgement.verdict.kind() != wanted {
                let name = report.protocol.as_deref().unwrap_or("the controller");
                let (id, wanted) = (&judgement.claim.id, wanted.name());
                warnings.push(format!("{name}: {id} was expected {wanted} and is {}", judgement.verdict));
            }
        }
    }
    (u8::from(!warnings.is_empty()), warnings)
}
