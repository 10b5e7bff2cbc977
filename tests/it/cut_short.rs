//! A search that is cut short at every possible place. It is complete if and only if all states fit, and nothing is
//! proved that was not explored.

use startup_race::core;
use startup_race::explore::verdict::VerdictKind;
use startup_race::{
    Context, Controller, Effect, Input, Phase, PipelineController, Reason, Report, Rules, Scenario, Setup,
};

use crate::common::phases::{RUNNING, SCHEDULING, failed};
use crate::common::request::{check, turned};

/// The reports of a request under every limit of states, from 0 to one more than it needs. The second value is the
/// limit.
fn under_every_bound(request: &str) -> Vec<(Report<PipelineController>, usize)> {
    let whole = check(request).run().unwrap();
    assert!(whole.complete && whole.witness.complete.is_some(), "{request}");
    // The witness may need more states than the claims.
    let enough = (whole.orbits..usize::MAX).find(|&bound| {
        let report = check(request).max_states(bound).run().unwrap();
        report.complete && report.witness.complete.is_some()
    });
    let bounds = 0..=enough.expect("it is complete") + 1;
    bounds.map(|bound| (check(request).max_states(bound).run().unwrap(), bound)).collect()
}

const REQUESTS: [&str; 5] = [
    "seed/buggy --tasks 1 --fails 1 --attempts 4",
    "arroyo/after --tasks 2 --fails 2",
    "arroyo/handled-only --tasks 2 --fails 1",
    "arroyo/after --tasks 3 --vanishes 3 --timeout patient",
    "seed/fixed --tasks 2 --fails 2@1 --attempts 2",
];

#[test]
fn a_search_is_complete_if_all_states_fit_and_never_otherwise() {
    for request in REQUESTS {
        let whole = check(request).run().unwrap();
        let (mut cut, mut complete) = (0, 0);
        for (report, bound) in under_every_bound(request) {
            assert_eq!(report.complete, bound >= whole.orbits, "{request}, {bound} of {} states", whole.orbits);
            assert_eq!(report.schedules.is_some(), report.complete, "{request}, {bound}");
            if report.complete { complete += 1 } else { cut += 1 }
        }
        assert!(cut > 4 && complete > 1, "{request}: {cut} cut short, {complete} complete");
    }
}

#[test]
fn nothing_is_proved_if_a_limit_ends_the_search() {
    for request in REQUESTS {
        let whole = check(request).run().unwrap();
        for (report, bound) in under_every_bound(request) {
            let is_whole = report.complete && report.witness.complete.is_some();
            for (judgement, known) in report.claims.iter().zip(&whole.claims) {
                let (kind, known) = (judgement.verdict.kind(), known.verdict.kind());
                let allowed = match kind {
                    VerdictKind::Refuted => known == VerdictKind::Refuted,
                    VerdictKind::CutShort => !is_whole,
                    VerdictKind::Proved | VerdictKind::Vacuous => is_whole && kind == known,
                };
                assert!(allowed, "{request}, bound {bound}: {} is {kind:?}, and in full {known:?}", judgement.claim.id);
            }
        }
    }
}

/// Asks for another attempt if task 2 starts first. So without faults, some schedules end early and others late.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Picky {
    started: Vec<u8>,
    failed: Option<Reason>,
    running: bool,
}

impl Controller for Picky {
    fn on(&mut self, input: Input, now: &mut Context) {
        let Input::Notice(notice) = input else { return };
        match notice.kind {
            _ if self.failed.is_some() => {}
            core::Kind::Failed(cause) => self.failed = Some(Reason::Task(notice.from, cause)),
            core::Kind::Started if self.started.contains(&notice.from.0) => {}
            core::Kind::Started if self.started.is_empty() && notice.from.0 == 2 && now.attempts_left > 0 => {
                now.effects.push(Effect::Retry);
            }
            core::Kind::Started => {
                self.started.push(notice.from.0);
                self.started.sort_unstable();
                self.running = self.started.len() == usize::from(now.tasks);
            }
            core::Kind::Finished | core::Kind::Own(_) => {}
        }
    }

    fn phase(&self) -> Phase {
        match self.failed {
            Some(reason) => failed(reason),
            None if self.running => RUNNING,
            None => SCHEDULING,
        }
    }
}

#[test]
fn a_witness_that_was_cut_short_proves_nothing_though_it_held_so_far() {
    let rules = turned(Rules::named("seed/fixed").unwrap(), "attempts", "2");
    let scenario = Scenario::new(rules, 2).unwrap().failing(&[1, 2]).unwrap();
    let mut held_so_far = 0;
    for bound in 0.. {
        let picky = Setup::with(Picky::default(), scenario.clone());
        let report = startup_race::check(picky).max_states(bound).run().unwrap();
        if report.complete && report.witness.complete.is_some() {
            assert_eq!(report.verdict(), VerdictKind::Proved, "teeth: in full it is proved");
            break;
        }
        held_so_far += usize::from(report.complete && report.witness.holds);
        assert_eq!(report.verdict(), VerdictKind::CutShort, "bound {bound}");
    }
    assert!(held_so_far > 0, "only the witness was cut short, and had held so far: {held_so_far} times");
}
