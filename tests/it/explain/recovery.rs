//! What can still happen, found by walking every continuation.

use std::collections::{BTreeMap, HashSet};

use startup_race::check;
use startup_race::claims::{Claim, Scope};
use startup_race::core::{
    ActorId, Command, Context, Controller, Effect, Fault, Input, Kind, Phase, RunRules, Script, Stage, Step, Via, When,
};
use startup_race::explore::explain::because;
use startup_race::explore::explain::cause::{Fact, Recovery};
use startup_race::model::{Action, Actor, World};
use startup_race::scenario::Setup;

use super::facts::steps;
use super::generators::{each_refuted, random_reports};

/// Walks every continuation. Returns whether each end breaks the claim, and whether the controller reads anything.
fn continuations<C: Controller>(setup: &Setup<C>, from: &World<C>, claim: &Claim<C>) -> (bool, bool) {
    let (mut all_break, mut any_read) = (true, false);
    let (mut seen, mut open) = (HashSet::new(), vec![from.clone()]);
    while let Some(world) = open.pop() {
        if !seen.insert(world.clone()) {
            continue;
        }
        let enabled = setup.model.actions(&world);
        all_break &= !enabled.is_empty() || claim.is_broken_in(&setup.model, &world);
        for actor in enabled {
            any_read |= !matches!(actor, Action::Step(_) | Action::Linger(..));
            let mut next = world.clone();
            setup.model.apply(&mut next, actor).unwrap();
            open.push(next);
        }
    }
    (all_break, any_read)
}

#[test]
fn what_is_said_to_be_beyond_mending_is() {
    let mut said = BTreeMap::new();
    each_refuted(&random_reports(), |report, claim, trace| {
        let tree = because::because(&report.setup, trace, claim, &report.limits);
        let facts = tree.facts();
        let outlook =
            facts.iter().find_map(|fact| if let Fact::Recovery(outlook) = fact { Some(outlook) } else { None });
        assert_eq!(outlook.is_some(), claim.scope == Scope::AtEnd, "{}", claim.id);
        let Some(outlook) = outlook else { return };
        let from = facts.iter().flat_map(|fact| steps(fact)).max().unwrap_or(0);
        let (all_break, any_read) = continuations(&report.setup, trace.after(from), claim);
        let is_end = report.setup.model.actions(trace.after(from)).is_empty();
        let so = match outlook {
            Recovery::Over => is_end,
            Recovery::NoNoticeLeft => !is_end && all_break && !any_read,
            Recovery::NothingMends(_) => !is_end && all_break && any_read,
            Recovery::Mendable => !all_break,
            Recovery::Unknown(_) => false,
        };
        assert!(so, "{}: {outlook:?} after {from} of {:#?}", claim.id, trace.events);
        *said.entry(format!("{outlook:?}").split('(').next().unwrap().to_string()).or_insert(0) += 1;
    });
    println!("{said:?}");
    for outlook in ["Over", "NoNoticeLeft", "NothingMends", "Mendable"] {
        assert!(said.contains_key(outlook), "{outlook}: {said:?}");
    }
}

/// Is Running from the start. A failure makes it ask a helper, whose answer is a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asks;

impl Controller for Asks {
    fn on(&mut self, input: Input, now: &mut Context) {
        if matches!(input, Input::Notice(notice) if matches!(notice.kind, Kind::Failed(_))) {
            now.effects.push(Effect::Send(ActorId(2), Command("ask")));
        }
    }

    fn phase(&self) -> Phase {
        Phase { name: "Running", stage: Stage::Up }
    }

    fn names(&self) -> &'static [&'static str] {
        &["ask", "answer"]
    }
}

#[test]
fn a_step_that_calls_the_controller_could_tell_it_otherwise() {
    let task = Actor::task("task", Script::default().then(Step::OnStart).then(Step::Run));
    let answer = Script::default().then(Step::Send(Kind::Own("answer"))).when(When::Command(Command("ask")));
    let actors =
        |via| vec![task.clone().with(Fault::Panics, &[], &[]), Actor::helper("helper", answer.clone().via(via))];
    for via in [Via::Call, Via::Worker] {
        let report = check(Setup::own(Asks, RunRules::DEFAULT, actors(via)).unwrap()).expect_refuted("no-lost-failure");
        let text = report.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains("no notice is left"), "{via:?}: {text}");
        assert!(text.contains("nothing that can still come mends it"), "{via:?}: {text}");
    }
}
