//! What can still happen, found by walking every continuation.

use std::collections::{BTreeMap, HashSet};

use startup_race::claims::{Claim, Scope};
use startup_race::core::Controller;
use startup_race::explore::explain::because;
use startup_race::explore::explain::cause::{Fact, Recovery};
use startup_race::model::{Action, World};
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
