//! The proof for every number of tasks, for a browser. It is a separate program for `wasm32-wasip1`, so that pages
//! without a proof need not load it. It is started again for each request: it takes arguments and prints one JSON
//! object on stdout. If the request is wrong, it prints a message on stderr and exits with code 2.
//!
//! | arguments | answer |
//! |---|---|
//! | `prove OPTIONS WORKERS FATES` | the claims, judged for every number of tasks, with the invariant and the certificate |
//!
//! It has no logic of its own: it calls the library, and returns the library's text.

use std::process::ExitCode;

use serde_json::{Value, json};
use startup_race::core::{Fault, PipelineController};
use startup_race::explore::limits::Limits;
use startup_race::prove::answer::{Answer, Judged, Question};
use startup_race::prove::search::Workers;
use startup_race::scenario::{Scenario, Setup, spec};
use startup_race::show::certificate::Named;
use startup_race::show::{command, proof};
use startup_race_site::no_request;

/// The limit of abstract states. With it, a page waits for at most about two seconds. The program in a terminal has a
/// larger limit.
const MOST_STATES: usize = 150_000;

fn main() -> ExitCode {
    startup_race_site::run(|words| match words {
        ["prove", options, workers, fates] => prove(options, workers, fates),
        _ => no_request(words),
    })
}

fn prove(options: &str, workers: &str, fates: &str) -> startup_race_site::Answer {
    let protocol = options.split_whitespace().next().unwrap_or_default();
    let rules = *spec::read(options).map_err(|error| error.to_string())?.rules();
    let make = |scenario: &Scenario| Setup::of(scenario.clone());
    let setup = make(&Scenario::new(rules, 1).map_err(|error| error.to_string())?);
    let question = Question {
        protocol: Some(protocol.to_string()),
        rules,
        workers: match workers {
            "one" => Workers::One,
            "any" => Workers::Any,
            other => return Err(format!("{other:?}: the workers must be one or any")),
        },
        fates: fates.split(',').filter(|word| !word.is_empty()).map(fault).collect::<Result<_, _>>()?,
        claims: setup.standard_claims(),
        make: &make,
        limits: Limits::default().max_states(MOST_STATES),
    };
    let mut found = question.answer().map_err(|why| why.to_string())?;
    let certified = found.certify();
    let named = certified.as_ref().map(|(table, conjuncts)| (Named::new(table, &setup), conjuncts));
    let mut answer = json!({
        "json": startup_race::json::prove::Prove::of(&question, &found),
        "asked": proof::asked(&question),
        "claims": found.claims.iter().map(claim).collect::<Vec<_>>(),
    });
    match named {
        Ok((named, conjuncts)) => {
            answer["invariant"] = conjuncts.iter().map(|one| named.sentence(one)).collect();
            answer["certificate"] = named.certificate(&proof::asked(&question), conjuncts).into();
        }
        Err(why) => answer["no_certificate"] = why.to_string().into(),
    }
    Ok(answer)
}

fn fault(word: &str) -> Result<Fault, String> {
    match word {
        "panics" => Ok(Fault::Panics),
        "vanishes" => Ok(Fault::Vanishes),
        "hangs" => Ok(Fault::Hangs),
        "dies" => Ok(Fault::Dies),
        other => Err(format!("{other:?} is not a fault: the faults are panics, vanishes, hangs and dies")),
    }
}

/// A claim and its verdict. If a schedule breaks it: also how many tasks that takes, the options of their scenario, and
/// the command that replays the schedule.
fn claim(judged: &Judged<PipelineController>) -> Value {
    let mut value = json!({
        "id": judged.claim.id,
        "statement": judged.claim.statement,
        "verdict": judged.answer.name(),
        "premise_met": judged.premise_met,
    });
    if let Answer::Refuted(report) = &judged.answer {
        let protocol = report.protocol.as_deref().unwrap_or_default();
        value["tasks"] = report.setup.scenario.tasks().len().into();
        value["options"] = command::arguments(protocol, &report.setup.scenario).into();
        value["replay"] = proof::replay(&judged.answer).into();
    }
    value
}
