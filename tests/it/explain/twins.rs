//! What decides: the nearest passing twin, beside the plain search that tries swap after swap.

use std::collections::{HashSet, VecDeque};

use startup_race::claims::{Claim, Scope};
use startup_race::core::Controller;
use startup_race::explore::explain::nearest::{Search, nearest};
use startup_race::explore::trace::Trace;
use startup_race::model::World;
use startup_race::scenario::Setup;
use startup_race::schedule::Schedule;

use super::generators::{each_refuted, random_reports};

fn keeps<C: Controller>(setup: &Setup<C>, trace: &Trace<C>, claim: &Claim<C>) -> bool {
    let breaks = |world: &World<C>| claim.is_broken_in(&setup.model, world);
    match claim.scope {
        Scope::Always => !trace.worlds.iter().any(breaks),
        Scope::AtEnd | Scope::Reachable => !breaks(trace.last()),
    }
}

/// Breadth first over swaps of two neighbours, each result legal, and judged when completed in canonical order: how many
/// swaps away the nearest schedule is that keeps the claim; none where there is no such schedule. Gives up after so many.
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
            (Search::Stopped(most, _), Some(swaps)) => assert!(most < swaps, "{} {:?}", claim.id, trace.schedule),
            (Search::Nowhere, None) => nowhere += 1,
            (other, plain) => panic!("{}: {other:?}, swap after swap: {plain:?}\n{:#?}", claim.id, trace.events),
        }
    });
    println!("{found} twins, {nowhere} without");
    assert!(found > 50 && nowhere > 50, "{found} {nowhere}");
}

#[test]
fn the_pair_that_decides_does() {
    let mut twins = 0;
    each_refuted(&random_reports(), |report, claim, trace| {
        let Search::Found(twin) = nearest(&report.setup, trace, claim, &report.limits) else { return };
        twins += 1;
        let after = Trace::of(&report.setup, &twin.trace.schedule).unwrap();
        assert_eq!(after.events, twin.trace.events);
        assert!(report.setup.model.actions(after.last()).is_empty() && keeps(&report.setup, &after, claim));
        // Somewhere in the twin the pair stands the other way round, and with it turned back the claim is broken.
        let [earlier, later] = &twin.pair;
        let decides = |at: usize| {
            let mut actors = twin.trace.schedule.0.clone();
            actors.swap(at, at + 1);
            let Ok(mut before) = Trace::of(&report.setup, &Schedule(actors[..at + 2].to_vec())) else { return false };
            let events = (before.events[at].clone(), before.events[at + 1].clone());
            // What the completion had added may not be possible here.
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
