//! `startup-race prove NAME`: judges the claims for every number of tasks.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::args::{self, Format, FormatArg, KnobArgs};
use super::check::{ClaimId, claims};
use super::limits::LimitArgs;
use super::output::{Output, UsageError};
use crate::catalog;
use crate::core::{Fault, PipelineController};
use crate::prove::answer::{Answer, Judged, NoAnswer, Proof, Question};
use crate::prove::search::Workers;
use crate::scenario::knobs::KNOBS;
use crate::scenario::spec::{ScenarioSpec, split};
use crate::scenario::{Rules, Scenario, Setup};
use crate::show::{self, Style, labels};

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
    /// Judges this claim only; may be given more than once
    #[arg(long = "claim", value_name = "ID")]
    claims: Vec<ClaimId>,
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
    if args.fates.len() > 1 && args.fates.contains(&Fate::None) {
        return Err(UsageError::new("--fates: none stands alone; give faults or none"));
    }
    let (protocol, own) = match catalog::find(&args.name) {
        Some(entry) if Rules::named(&args.name).is_none() => split(&entry.command)?,
        _ => (args.name.as_str(), ScenarioSpec::default()),
    };
    let mut rules = args::rules(protocol)?;
    own.settings.iter().chain(&args.knobs.0).for_each(|setting| setting.apply(&mut rules));
    let make = |scenario: &Scenario| Setup::of(scenario.clone());
    let setup = make(&Scenario::new(rules, 1)?);
    let mut fates: Vec<Fault> = args.fates.iter().filter_map(|fate| fate.fault()).collect();
    fates.sort_unstable();
    fates.dedup();
    let question = Question {
        protocol: Some(protocol.to_string()),
        rules,
        workers: if args.workers == Layout::One { Workers::One } else { Workers::Any },
        fates,
        claims: claims(&setup, &args.claims.iter().collect::<Vec<_>>()),
        make: &make,
        limits: args.limits.limits(),
    };
    let proof = question.answer().map_err(|why| instead(&why, protocol, &question))?;
    let text = match args.format.format {
        Format::Text => show::proof::proof(&question, &proof, &setup, style),
        Format::Json => format!("{:#}\n", answer(&question, &proof)),
    };
    Ok(Output { text, warnings: Vec::new(), code: proof.exit_code() })
}

/// Why there is no answer, and the command that does the next best thing.
fn instead(why: &NoAnswer, protocol: &str, question: &Question<'_, PipelineController>) -> UsageError {
    let scenario = Scenario::new(question.rules, 4).and_then(|scenario| scenario.failing(&[4]));
    let scenario = scenario.map(|scenario| show::command::arguments(protocol, &scenario));
    let check = scenario.map(|arguments| format!("; the next best thing: startup-race check {arguments}"));
    UsageError::new(format!("{why}{}", check.unwrap_or_default()))
}

/// The answer as JSON. Its shape is written down in `prove.schema.json`.
fn answer(question: &Question<'_, PipelineController>, proof: &Proof<'_, PipelineController>) -> Value {
    let turned = KNOBS.iter().filter(|knob| (knob.get)(&question.rules) != (knob.get)(&Rules::DEFAULT));
    let rules: Map<String, Value> =
        turned.map(|knob| (knob.name.to_string(), json!((knob.get)(&question.rules)))).collect();
    let fate = |fault: &Fault| match fault {
        Fault::Panics => "panics",
        Fault::Vanishes => "vanishes",
        Fault::Hangs => "hangs",
        Fault::Dies => "dies",
    };
    json!({
        "schema": "startup-race/prove/1",
        "protocol": question.protocol,
        "tasks": "every number",
        "workers": if question.workers == Workers::One { "one" } else { "any" },
        "fates": question.fates.iter().map(fate).collect::<Vec<_>>(),
        "rules": rules,
        "exit_code": proof.exit_code(),
        "complete": proof.cut.is_none(),
        "cut_short_by": proof.cut.map(labels::limit),
        "abstract_states": proof.search.met().to_string(),
        "claims": proof.claims.iter().map(claim).collect::<Vec<_>>(),
    })
}

fn claim(judged: &Judged<PipelineController>) -> Value {
    let mut value = json!({
        "id": judged.claim.id,
        "statement": judged.claim.statement,
        "verdict": judged.answer.name(),
        "premise_met": judged.premise_met,
    });
    match &judged.answer {
        Answer::Refuted(report) => {
            let scenario = &report.setup.scenario;
            let trace = report.claims.first().and_then(|judgement| judgement.trace.as_ref());
            value["counterexample"] = json!({
                "scenario": crate::json::scenario::Scenario::of(report.protocol.as_deref(), scenario),
                "schedule": trace.map(|trace| trace.schedule.text(scenario.workers())),
                "replay": show::proof::replay(&judged.answer),
            });
        }
        Answer::Unknown(path) => value["abstract_actions"] = json!(path.len().saturating_sub(1)),
        Answer::Vacuous(tasks) => value["vacuous_with_tasks"] = json!(tasks),
        Answer::Proved(_) | Answer::CutShort(_) => {}
    }
    value
}
