//! The nearest passing schedule, compared with a plain search that tries swap after swap.

use std::collections::{HashSet, VecDeque};

use startup_race::claims::{Claim, Scope};
use startup_race::core::Controller;
use startup_race::explore::explain::nearest::{Search, nearest};
use startup_race::explore::trace::Trace;
use startup_race::model::{Action, World};
use startup_race::scenario::Setup;
use startup_race::schedule::Schedule;
use startup_race::transition::Event;

use crate::common::request::check;

use super::generators::{each_refuted, random_reports};

fn keeps<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, claim: &Claim<C>) -> bool {
    let breaks = |world: &World<C>| claim.is_broken_in(&setup.model, world);
    match claim.scope {
        Scope::Always => !trace.worlds.iter().any(breaks),
        Scope::AtEnd | Scope::Reachable => !breaks(trace.last()),
    }
}

/// A breadth-first search over swaps of two neighbours. Each result must be legal, and is judged after it is completed
/// in canonical order. Returns how many swaps away the nearest schedule is that keeps the claim. `None` if there is no
/// such schedule. Gives up after a number of schedules.
fn by_swaps<C: Controller>(
    setup: &Setup<C>,
    trace: &Trace<C>,
    claim: &Claim<C>,
    most: usize,
) -> Result<Option<usize>, ()> {
    let mut first = trace.clone();
    first.complete(setup).unwrap();
    let mut seen = HashSet::from([first.schedule.0.clone()]);
    let mut open = VecDeque::from([(first.schedule.0, 0)]);
    while let Some((actors, swaps)) = open.pop_front() {
        for at in 0..actors.len() - 1 {
            let mut swapped = actors.clone();
            swapped.swap(at, at + 1);
            if !seen.insert(swapped.clone()) {
                continue;
            }
            let Ok(mut next) = Trace::of(setup, &Schedule(swapped.clone())) else { continue };
            next.complete(setup).unwrap();
            if seen.len() > most {
                return Err(());
            }
            if keeps(setup, &next, claim) {
                return Ok(Some(swaps + 1));
            }
            open.push_back((swapped, swaps + 1));
        }
    }
    Ok(None)
}

#[test]
fn the_nearest_passing_twin_is_as_near_as_swap_after_swap_finds_it() {
    let (mut found, mut nowhere) = (0, 0);
    each_refuted(&random_reports(), |report, claim, trace| {
        let Ok(plain) = by_swaps(&report.setup, trace, claim, 2_000) else { return };
        match (nearest(&report.setup, trace, claim, &report.limits), plain) {
            (Search::Found(twin), Some(swaps)) => {
                assert_eq!(twin.swaps, swaps, "{} {:?}", claim.id, trace.schedule);
                found += 1;
            }
            // The twin is not an order of these steps: it leaves some out.
            (Search::Found(twin), None) => assert!(!twin.left_out.is_empty(), "{} {:?}", claim.id, trace.schedule),
            (Search::Stopped(most, _), Some(swaps)) => assert!(most < swaps, "{} {:?}", claim.id, trace.schedule),
            (Search::Nowhere, None) => nowhere += 1,
            (other, plain) => panic!("{}: {other:?}, swap after swap: {plain:?}\n{:#?}", claim.id, trace.events),
        }
    });
    println!("{found} twins, {nowhere} without");
    assert!(found > 50 && nowhere > 50, "{found} {nowhere}");
}

#[test]
fn the_pair_that_is_said_to_decide_does() {
    let mut twins = 0;
    each_refuted(&random_reports(), |report, claim, trace| {
        let Search::Found(twin) = nearest(&report.setup, trace, claim, &report.limits) else { return };
        if !twin.left_out.is_empty() {
            return;
        }
        twins += 1;
        let after = Trace::of(&report.setup, &twin.trace.schedule).unwrap();
        assert_eq!(after.events, twin.trace.events);
        assert!(report.setup.model.actions(after.last()).is_empty() && keeps(&report.setup, &after, claim));
        // The passing schedule has the pair in reversed order. If the pair is swapped back, the claim is broken.
        let [earlier, later] = &twin.pair;
        let decides = |at: usize| {
            let mut actors = twin.trace.schedule.0.clone();
            actors.swap(at, at + 1);
            let Ok(mut before) = Trace::of(&report.setup, &Schedule(actors[..at + 2].to_vec())) else { return false };
            let events = (before.events[at].clone(), before.events[at + 1].clone());
            // Steps that the completion added may not be possible here.
            let _ = actors[at + 2..].iter().try_for_each(|&actor| before.step(&report.setup, actor));
            before.complete(&report.setup).unwrap();
            events == (earlier.event.clone(), later.event.clone()) && !keeps(&report.setup, &before, claim)
        };
        assert!((0..twin.trace.schedule.0.len() - 1).any(decides), "{} {twin:#?}", claim.id);
        let mut shown = trace.clone();
        shown.complete(&report.setup).unwrap();
        for swapped in &twin.pair {
            assert!(swapped.step.is_none_or(|step| *shown.event(step) == swapped.event), "{swapped:?}");
        }
    });
    assert!(twins > 50, "{twins}");
}

/// The steps that can be taken in this order, completed to an end.
fn possible<C: Controller>(setup: &Setup<C>, actors: &[Action]) -> Trace<C> {
    let mut trace = Trace::new(setup);
    for &actor in actors {
        let _ = trace.step(setup, actor);
    }
    trace.complete(setup).unwrap();
    trace
}

#[test]
fn no_exchange_of_two_steps_keeps_a_claim_that_is_said_to_be_broken_in_any_order() {
    let (mut nowhere, mut shorter) = (0, 0);
    each_refuted(&random_reports(), |report, claim, trace| {
        let (setup, mut first) = (&report.setup, trace.clone());
        first.complete(setup).unwrap();
        match nearest(setup, trace, claim, &report.limits) {
            Search::Nowhere => {
                nowhere += 1;
                for at in 0..first.schedule.0.len() - 1 {
                    let mut actors = first.schedule.0.clone();
                    actors.swap(at, at + 1);
                    let other = possible(setup, &actors);
                    // A step that still comes later was only postponed, so this is not an exchange.
                    let is_longer = other.schedule.0.len() >= first.schedule.0.len();
                    assert!(is_longer || !keeps(setup, &other, claim), "{} {:?}", claim.id, other.schedule);
                }
            }
            Search::Found(twin) if !twin.left_out.is_empty() => {
                shorter += 1;
                assert!(setup.model.actions(twin.trace.last()).is_empty() && keeps(setup, &twin.trace, claim));
                for &step in &twin.left_out {
                    let deed = first.event(step);
                    let times = |events: &[Event]| events.iter().filter(|event| event.is_same_deed(deed)).count();
                    assert!(times(&twin.trace.events) < times(&first.events), "{step}: {deed:?}");
                }
            }
            Search::Found(_) | Search::Stopped(..) => {}
        }
    });
    println!("{nowhere} without, {shorter} shorter");
    assert!(nowhere > 50 && shorter > 4, "{nowhere} {shorter}");
}

#[test]
fn a_twin_may_leave_out_what_an_exchange_makes_impossible() {
    for (line, says) in [
        (
            "seed/fixed --tasks 1 --fails none --timeout hasty",
            "decides 4 before 5: had the controller read TaskStarted(1) before it timed out, it would have been Running; 2 of \
             9 schedules pass (passing twin, one swap away, which makes step 4 impossible and leaves it out: 1 1 1 c)",
        ),
        (
            "arroyo/after --tasks 2 --fails 1@1,2@1 --attempts 2",
            "decides 4 before 5: had the controller read TaskFailed(1@1) before task 2 of attempt 1 reported, it would have \
             been Running; 2,400 of 15,288 schedules pass (passing twin, one swap away, which makes steps 4 and 14 impossible \
             and leaves them out: 1 1 2 c 2 1 1 2 2 2 1 1 c c)",
        ),
    ] {
        let text = check(line).run().unwrap().text();
        let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(says), "{text}");
    }
}
