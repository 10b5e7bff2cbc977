//! `startup-race prove NAME`: judges the claims for every number of tasks.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::args::{self, Format, FormatArg, KnobArgs, PremiseArg};
use super::check::{ClaimId, claims};
use super::limits::LimitArgs;
use super::output::{Output, UsageError};
use super::page::{target, write};
use crate::catalog;
use crate::core::{Fault, PipelineController};
use crate::json;
use crate::prove::answer::{NoAnswer, Proof, Question};
use crate::prove::no_certificate::NoCertificate;
use crate::prove::search::Workers;
use crate::scenario::spec::{ScenarioSpec, split};
use crate::scenario::{Rules, Scenario, Setup};
use crate::show::certificate::Named;
use crate::show::{self, Style};

/// The arguments of `prove`.
#[derive(Args)]
pub struct ProveArgs {
    /// A protocol, such as arroyo/after, or a scenario of the catalog, of which only the rules are taken
    name: String,
    /// Whether all tasks are on one worker, or on any number of workers in any way
    #[arg(long, value_name = "one|any", default_value = "one", hide_possible_values = true)]
    workers: Layout,
    /// What may go wrong with any task: panics, vanishes, hangs, dies; or none
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "panics", hide_possible_values = true)]
    fates: Vec<Fate>,
    /// Judges only the claims that this option names; may be given more than once
    #[arg(long = "claim", value_name = "ID")]
    claims: Vec<ClaimId>,
    /// Writes a certificate in SMT-LIB, which z3 and cvc5 can check; every judged claim must be PROVED
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    premise: PremiseArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    knobs: KnobArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    One,
    Any,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fate {
    None,
    Panics,
    Vanishes,
    Hangs,
    Dies,
}

impl Fate {
    fn fault(self) -> Option<Fault> {
        match self {
            Self::None => None,
            Self::Panics => Some(Fault::Panics),
            Self::Vanishes => Some(Fault::Vanishes),
            Self::Hangs => Some(Fault::Hangs),
            Self::Dies => Some(Fault::Dies),
        }
    }
}

pub fn run(args: &ProveArgs, style: Style) -> Result<Output, UsageError> {
    let fates = fates(args)?;
    let (protocol, rules) = rules(args)?;
    let make = |scenario: &Scenario| Setup::of(scenario.clone());
    let setup = make(&Scenario::new(rules, 1)?);
    let question = Question {
        protocol: Some(protocol.clone()),
        rules,
        workers: if args.workers == Layout::One { Workers::One } else { Workers::Any },
        fates,
        claims: claims(&setup, &args.claims.iter().collect::<Vec<_>>()),
        make: &make,
        limits: args.limits.limits(),
    };
    let file = match args.certificate.as_deref() {
        None => None,
        Some(asked) => Some((asked, target(asked, "").map_err(|why| cannot(asked, &why))?)),
    };
    let begin = Instant::now();
    let mut proof = question.answer().map_err(|why| instead(&why, &protocol, &question))?;
    let taken = begin.elapsed();
    let certified = certify(&question, &mut proof, &setup);
    if let Some((asked, file)) = &file {
        let (_, certificate) = certified.as_ref().map_err(|why| UsageError::new(why.to_string()))?;
        write(file, certificate).map_err(|error| cannot(asked, &error.to_string()))?;
    }
    let mend = "Change --fates or the rules, so that the premise is met";
    let (code, mut warnings) = args.premise.demand(proof.exit_code(), &proof.unmet(), mend);
    let text = match args.format.format {
        Format::Text => {
            let invariant = certified.map_or(Vec::new(), |(invariant, _)| invariant);
            show::proof::proof(&question, &proof, &setup, &invariant, style)
        }
        Format::Json => {
            let proof = json::prove::Prove::of(&question, &proof);
            json::print(&json::prove::Prove { exit_code: code, ..proof })
        }
    };
    // The time is shown only at a terminal. Output to a file or a pipe is the same each time.
    let is_watched = args.format.format == Format::Text && std::io::stderr().is_terminal();
    let taken = is_watched.then(|| format!("answered in {:.1} ms", taken.as_secs_f64() * 1e3));
    warnings.extend(taken);
    Ok(Output { text, warnings, code })
}

/// The protocol of the command line or of its scenario of the catalog, and its rules with the knobs that are set.
fn rules(args: &ProveArgs) -> Result<(String, Rules), UsageError> {
    let (protocol, own) = match catalog::find(&args.name) {
        Some(entry) if Rules::named(&args.name).is_none() => split(&entry.command)?,
        _ => (args.name.as_str(), ScenarioSpec::default()),
    };
    let mut rules = args::rules(protocol)?;
    own.settings.iter().chain(&args.knobs.0).for_each(|setting| setting.apply(&mut rules));
    Ok((protocol.to_string(), rules))
}

/// The faults that a task may have, each once.
fn fates(args: &ProveArgs) -> Result<Vec<Fault>, UsageError> {
    if args.fates.len() > 1 && args.fates.contains(&Fate::None) {
        return Err(UsageError::new("--fates: give faults or none, not both"));
    }
    let mut fates: Vec<Fault> = args.fates.iter().filter_map(|fate| fate.fault()).collect();
    fates.sort_unstable();
    fates.dedup();
    Ok(fates)
}

fn cannot(file: &Path, why: &str) -> UsageError {
    UsageError::new(format!("--certificate {}: the certificate cannot be written: {why}", file.display()))
}

/// The invariant, with one sentence for each conjunct, and the certificate, if every claim is proved.
fn certify(
    question: &Question<'_, PipelineController>,
    proof: &mut Proof<'_, PipelineController>,
    setup: &Setup<PipelineController>,
) -> Result<(Vec<String>, String), NoCertificate> {
    let (table, conjuncts) = proof.certify()?;
    let named = Named::new(&table, setup);
    let sentences = conjuncts.iter().map(|conjunct| named.sentence(conjunct)).collect();
    Ok((sentences, named.certificate(&show::proof::asked(question), &conjuncts)))
}

/// Why there is no answer, and a command that may help instead.
fn instead(why: &NoAnswer, protocol: &str, question: &Question<'_, PipelineController>) -> UsageError {
    let scenario = Scenario::new(question.rules, 4).and_then(|scenario| scenario.failing(&[4]));
    let scenario = scenario.map(|scenario| show::command::arguments(protocol, &scenario));
    let check = scenario.map(|arguments| format!("; the next best thing: startup-race check {arguments}"));
    UsageError::new(format!("{why}{}", check.unwrap_or_default()))
}
