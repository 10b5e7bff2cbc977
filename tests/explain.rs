//! Explanations against the events that they are about.
//!
//! 1. Each step that a fact names is an event of the kind that the fact names: over 200 random rule sets, and a user's own
//!    controller. The same check refuses each fact when its steps are moved.
//! 2. What is said to be beyond mending is, by walking every continuation.
//! 3. The nearest passing twin is as near as the plain search says that tries swap after swap.
//! 4. A knob that is said to mend a claim does, and one that is not does not.
//! 5. A failure that is marked as lost left the controller as it was.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use startup_race::explore::explain::cause::{Cause, Fact, How, Missing, Outlook, Who};
use startup_race::explore::explain::stuck::{Stuck, stuck};
use startup_race::explore::explain::twin::{Search, nearest};
use startup_race::explore::explain::{Decides, because, explain, marks};
use startup_race::explore::replay::Walk;
use startup_race::explore::report::{Check, Report};
use startup_race::explore::verdict::Kind as Verdict;
use startup_race::protocol::claims::{Claim, Judged, State, standard};
use startup_race::protocol::controller::{
    Controller, Dropped, Input, Phase, Pipeline, Reaction, Reason, Received, Situation,
};
use startup_race::protocol::event::{Actor, Event, Schedule};
use startup_race::protocol::notice::{Kind, Notice, TaskId};
use startup_race::protocol::rules::{KNOBS, Rules};
use startup_race::protocol::scenario::{Fate, Scenario};
use startup_race::protocol::startup::{Act, Life, Step};
use startup_race::protocol::world::{Setup, World};
use startup_race::show::{Style, report::judged};
use support::request::check;

// ---- what a fact says, read off the events by other means than the explanation's ----

/// A schedule with the claim that it breaks.
struct Shown<'a, C> {
    setup: &'a Setup<C>,
    walk: &'a Walk<C>,
    claim: &'a Claim<C>,
}

impl<C: Controller> Shown<'_, C> {
    fn event(&self, step: usize) -> Option<&Event> {
        step.checked_sub(1).and_then(|index| self.walk.events.get(index))
    }

    fn received(&self, step: usize) -> Option<Received> {
        match self.event(step)? {
            Event::Controller { received, .. } => Some(*received),
            Event::Task { .. } => None,
        }
    }

    fn is_act(&self, step: usize, who: Who, wanted: Act) -> bool {
        matches!(self.event(step), Some(Event::Task { attempt, task, act, .. })
            if *attempt == who.attempt && *task == who.task && *act == wanted)
    }

    fn life_after(&self, step: usize) -> Option<Life> {
        match self.event(step)? {
            Event::Task { life, .. } => Some(*life),
            Event::Controller { .. } => None,
        }
    }

    fn reads(&self, step: usize, notice: Notice) -> bool {
        self.received(step).is_some_and(|received| received.input == Input::Notice(notice))
    }

    fn counts(&self, step: usize, task: TaskId) -> bool {
        let counts = |received: Received| {
            matches!(received.reaction, Reaction::Counted | Reaction::BecameRunning)
                && matches!(received.input, Input::Notice(notice) if notice.task == task)
        };
        self.received(step).is_some_and(counts)
    }

    fn last_life(&self, who: Who) -> Option<Life> {
        let world = self.walk.last();
        let crew = usize::from(world.control.attempt.0).checked_sub(usize::from(who.attempt.0))?;
        Some(world.crews.get(crew)?[who.task.index()])
    }

    fn breaks(&self, step: usize, part: fn(&Claim<C>, &State<'_, C>) -> bool) -> bool {
        part(self.claim, &State { setup: self.setup, world: &self.walk.worlds[step] })
    }

    /// Whether something is so from a step on and not before it.
    fn since(&self, since: Option<usize>, part: fn(&Claim<C>, &State<'_, C>) -> bool) -> bool {
        let from = since.unwrap_or(0);
        let holds = |step| self.breaks(step, part);
        (from..=self.walk.events.len()).all(holds) && since.is_none_or(|step| step > 0 && !holds(step - 1))
    }

    fn holds(&self, fact: &Fact) -> bool {
        let last = self.walk.events.len();
        match fact {
            Fact::Broken(since) => self.since(*since, |claim, state| claim.applies(state) && !claim.holds(state)),
            Fact::Died(death) => {
                let act = if death.how == How::SendFailed { Act::Panic } else { Act::OnStart };
                let life = self.life_after(death.at);
                let ended = match death.how {
                    How::Panicked | How::SendFailed => matches!(life, Some(Life::Panicked(_))),
                    How::Vanished => life == Some(Life::Vanished),
                };
                let reported =
                    death.reported.is_none_or(|step| step > death.at && self.is_act(step, death.who, Act::Report));
                self.is_act(death.at, death.who, act) && ended && reported
            }
            Fact::InVain { at, notice, phase, counted, reaction, changed } => {
                let Some(received) = self.received(*at) else { return false };
                let (before, after) = (&self.walk.worlds[at - 1].control, &self.walk.worlds[*at].control);
                self.reads(*at, *notice)
                    && matches!(notice.kind, Kind::Failed(_))
                    && (received.before, received.reaction) == (*phase, *reaction)
                    && received.after == received.before
                    && received.began.is_none()
                    && before.controller.counted() == *counted
                    && (before != after) == *changed
            }
            Fact::Announced { who, at } => {
                let life = self.walk.worlds.get(*at).map(|world| world.crews[0][who.task.index()]);
                let early = life.is_some_and(|life| !life.completed(Step::OnStart, &self.setup.sequence));
                self.is_act(*at, *who, Act::Announce) && early
            }
            Fact::NeverCounted(who) => {
                let since = (1..=last).rev().find(|&step| self.received(step).is_some_and(|r| r.began.is_some()));
                (since.unwrap_or(0) + 1..=last).all(|step| !self.counts(step, who.task))
            }
            Fact::CountedTwice { task, first, again } => {
                first < again && self.counts(*first, *task) && self.counts(*again, *task)
            }
            Fact::Stale { notice, sent, attempt, began, read } => {
                let is_sent = matches!(self.event(*sent), Some(Event::Task { sent: Some(one), .. }) if one == notice);
                let begins = self.received(*began).is_some_and(|received| received.began == Some(*attempt));
                is_sent
                    && begins
                    && self.reads(*read, *notice)
                    && notice.attempt < *attempt
                    && began < read
                    && sent < read
            }
            Fact::BecameRunning { at, input, whole } => self.received(*at).is_some_and(|received| {
                let counted = received.counted.map(usize::from) == Some(self.setup.scenario.tasks().len());
                received.input == *input
                    && received.before != Phase::Running
                    && received.after == Phase::Running
                    && counted == *whole
            }),
            Fact::NotCompleted(whos) => {
                let missing = |who: &Who| {
                    self.last_life(*who).is_some_and(|life| !life.completed(Step::OnStart, &self.setup.sequence))
                };
                !whos.is_empty() && whos.iter().all(missing)
            }
            Fact::Missing(who, why) => self.misses(*who, why),
            Fact::Waits { who, arrived, missing } => {
                let waits = self.last_life(*who).is_some_and(|life| life.waits(&self.setup.sequence));
                waits && self.is_act(*arrived, *who, Act::Arrive) && self.never_arrive(*who, missing)
            }
            Fact::TimedOut { at, others } => {
                let enabled = at.checked_sub(1).map(|before| self.walk.worlds[before].enabled(self.setup));
                self.received(*at).is_some_and(|received| received.input == Input::TimedOut)
                    && enabled.is_some_and(|enabled| {
                        enabled.iter().filter(|actor| **actor != Actor::Timeout).eq(others.iter())
                    })
            }
            Fact::Repeated { notice, first, began, again } => {
                first < again
                    && self.reads(*first, *notice)
                    && self.reads(*again, *notice)
                    && self.received(*first).is_some_and(|received| received.began == *began)
            }
            Fact::Failed { at, input } => self.received(*at).is_some_and(|received| {
                received.input == *input && !received.before.is_final() && received.after.is_final()
            }),
            Fact::NobodyDead(attempt) => {
                let world = self.walk.last();
                world.control.attempt == *attempt && !world.crews[0].iter().any(|life| life.is_dead())
            }
            Fact::Premise(since) => self.happened(*since) && self.since(since.map(|(step, _)| step), Claim::applies),
            Fact::Conclusion(since) => {
                self.happened(*since) && self.since(since.map(|(step, _)| step), |claim, state| !claim.holds(state))
            }
            // Checked against every continuation, in a test of its own.
            Fact::Outlook(_) => true,
        }
    }

    fn happened(&self, since: Option<(usize, Event)>) -> bool {
        since.is_none_or(|(step, event)| self.event(step) == Some(&event))
    }

    fn misses(&self, who: Who, why: &Missing) -> bool {
        let started = Notice { task: who.task, attempt: who.attempt, kind: Kind::Started };
        let sends =
            |step: usize| matches!(self.event(step), Some(Event::Task { sent: Some(one), .. }) if *one == started);
        let never_sent = (1..=self.walk.events.len()).all(|step| !sends(step));
        match why {
            Missing::Forgotten => !self.setup.sequence.steps().contains(&Step::Announce),
            Missing::Dead(death) => {
                never_sent
                    && death.who == who
                    && self.last_life(who).is_some_and(Life::is_dead)
                    && self.holds(&Fact::Died(*death))
            }
            Missing::AtBarrier(others) => never_sent && self.never_arrive(who, others),
            Missing::NotCounted { sent, read } => {
                sends(*sent) && self.reads(*read, started) && !self.counts(*read, who.task) && sent < read
            }
        }
    }

    /// Whether these are all tasks of the same worker and attempt that have not arrived, and nobody can move any more.
    fn never_arrive(&self, who: Who, missing: &[Who]) -> bool {
        let worker = self.setup.scenario.task(who.task).worker;
        let has_arrived = |other: Who| (1..=self.walk.events.len()).any(|step| self.is_act(step, other, Act::Arrive));
        let same_worker = self.setup.scenario.on(worker).map(|task| Who { task, ..who });
        let absent: Vec<Who> = same_worker.filter(|&other| !has_arrived(other)).collect();
        absent == missing && self.walk.last().enabled(self.setup).is_empty()
    }
}

/// The same fact with its steps moved by one: what a wrong explanation would name.
fn moved(fact: &Fact) -> Vec<Fact> {
    let mut wrong = Vec::new();
    let mut with = |change: &dyn Fn(&mut Fact)| {
        let mut other = fact.clone();
        change(&mut other);
        wrong.push(other);
    };
    match fact {
        Fact::Broken(Some(_)) => with(&|fact| {
            if let Fact::Broken(Some(at)) = fact {
                *at += 1
            }
        }),
        Fact::Died(death) => {
            with(&|fact| {
                if let Fact::Died(death) = fact {
                    death.at += 1
                }
            });
            if death.reported.is_some() {
                with(&|fact| {
                    if let Fact::Died(death) = fact {
                        death.reported = death.reported.map(|step| step + 1)
                    }
                });
            }
        }
        Fact::InVain { .. } => with(&|fact| {
            if let Fact::InVain { at, .. } = fact {
                *at -= 1
            }
        }),
        Fact::Announced { .. } => with(&|fact| {
            if let Fact::Announced { at, .. } = fact {
                *at += 1
            }
        }),
        Fact::NeverCounted(_) => {}
        Fact::CountedTwice { .. } => {
            with(&|fact| {
                if let Fact::CountedTwice { first, again, .. } = fact {
                    std::mem::swap(first, again)
                }
            });
        }
        Fact::Stale { .. } => {
            with(&|fact| {
                if let Fact::Stale { sent, .. } = fact {
                    *sent += 1
                }
            });
            with(&|fact| {
                if let Fact::Stale { began, .. } = fact {
                    *began += 1
                }
            });
            with(&|fact| {
                if let Fact::Stale { read, .. } = fact {
                    *read -= 1
                }
            });
        }
        Fact::BecameRunning { .. } => with(&|fact| {
            if let Fact::BecameRunning { at, .. } = fact {
                *at -= 1
            }
        }),
        Fact::NotCompleted(_) => with(&|fact| {
            if let Fact::NotCompleted(whos) = fact {
                whos.clear()
            }
        }),
        Fact::Missing(..) => {
            with(&|fact| {
                if let Fact::Missing(_, why) = fact {
                    *why = match why {
                        Missing::Dead(_) | Missing::Forgotten => Missing::NotCounted { sent: 1, read: 2 },
                        Missing::AtBarrier(_) | Missing::NotCounted { .. } => Missing::AtBarrier(Vec::new()),
                    }
                }
            });
        }
        Fact::Waits { .. } => {
            with(&|fact| {
                if let Fact::Waits { arrived, .. } = fact {
                    *arrived -= 1
                }
            });
            with(&|fact| {
                if let Fact::Waits { missing, .. } = fact {
                    missing.clear()
                }
            });
        }
        Fact::TimedOut { .. } => with(&|fact| {
            if let Fact::TimedOut { at, .. } = fact {
                *at -= 1
            }
        }),
        Fact::Repeated { .. } => {
            with(&|fact| {
                if let Fact::Repeated { first, again, .. } = fact {
                    std::mem::swap(first, again)
                }
            });
        }
        Fact::Failed { .. } => with(&|fact| {
            if let Fact::Failed { at, .. } = fact {
                *at -= 1
            }
        }),
        Fact::NobodyDead(_) => with(&|fact| {
            if let Fact::NobodyDead(attempt) = fact {
                attempt.0 += 1
            }
        }),
        Fact::Premise(Some(_)) => with(&|fact| {
            if let Fact::Premise(Some((step, _))) = fact {
                *step -= 1
            }
        }),
        Fact::Conclusion(Some(_)) => with(&|fact| {
            if let Fact::Conclusion(Some((step, _))) = fact {
                *step -= 1
            }
        }),
        Fact::Broken(None) | Fact::Premise(None) | Fact::Conclusion(None) | Fact::Outlook(_) => {}
    }
    wrong
}

fn name(fact: &Fact) -> String {
    let text = format!("{fact:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_string()
}

// ---- random scenarios, by a fixed sequence of numbers ----

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn rules(&mut self) -> Rules {
        let mut rules = Rules::DEFAULT;
        for knob in KNOBS {
            let numbers: &[&str] = if knob.name == "attempts" { &["1", "2"] } else { &["0", "0", "1"] };
            let values = if knob.values.is_empty() { numbers } else { knob.values };
            (knob.set)(&mut rules, values[self.roll(values.len())]).expect("a value of the knob");
        }
        rules
    }

    fn scenario(&mut self) -> Scenario {
        let rules = self.rules();
        let tasks = if self.roll(4) == 0 && rules.attempts == 1 { 3 } else { 2 };
        let mut scenario = Scenario::new(rules, tasks).unwrap();
        if self.roll(3) == 0 {
            scenario = scenario.on_workers(if tasks == 2 { &[1, 2] } else { &[1, 2, 1] }).unwrap();
        }
        for (task, attempt) in (1..=tasks).flat_map(|task| (1..=rules.attempts).map(move |attempt| (task, attempt))) {
            let fate = [Fate::Healthy, Fate::Healthy, Fate::Panics, Fate::Panics, Fate::Vanishes][self.roll(5)];
            scenario = scenario.with_fate(fate, task, &[attempt]).unwrap();
        }
        scenario
    }
}

/// Counts notices, not tasks; and where `deaf`, lets a failure pass once it has counted something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Naive {
    counted: u8,
    phase: Phase,
    deaf: bool,
}

impl Controller for Naive {
    fn on(&mut self, input: Input, now: Situation) -> Reaction {
        let reason = match (self.phase, input) {
            (Phase::Failed(_), _) => return Reaction::Dropped(Dropped::Final),
            (_, Input::TimedOut) => Reason::TimedOut,
            (Phase::Scheduling, Input::Notice(Notice { kind: Kind::Started, .. })) => {
                self.counted += 1;
                if self.counted < now.tasks {
                    return Reaction::Counted;
                }
                self.phase = Phase::Running;
                return Reaction::BecameRunning;
            }
            (_, Input::Notice(Notice { task, kind: Kind::Failed(cause), .. })) if !self.deaf || self.counted == 0 => {
                Reason::Task(task, cause)
            }
            _ => return Reaction::Noted,
        };
        if now.attempts_left > 0 {
            (self.phase, self.counted) = (Phase::Scheduling, 0);
            return Reaction::Retry(reason);
        }
        self.phase = Phase::Failed(reason);
        Reaction::Failed(reason)
    }

    fn phase(&self) -> Phase {
        self.phase
    }
}

/// Claims of a user's own.
fn own_claims<C: Controller>() -> Vec<Claim<C>> {
    let first_first = Claim::new(
        "first-first",
        "the second task runs: the first one runs or is dead",
        Judged::EveryState,
        |state| state.tasks().nth(1).is_some_and(|task| task.reached_run()),
        |state| state.tasks().next().is_some_and(|task| task.reached_run() || task.is_dead()),
    );
    let all_repeated = Claim::new(
        "all-repeated",
        "(always): the network has repeated all that it may",
        Judged::EveryEnd,
        |_| true,
        |state| state.world.duplicates_left == 0,
    );
    vec![first_first, all_repeated]
}

/// The claims of the protocol and those of a user's own.
fn claims<C: Controller>() -> Vec<Claim<C>> {
    standard().into_iter().chain(own_claims()).collect()
}

const RULE_SETS: usize = 200;
const BOUND: usize = 4_000;

/// The counterexamples of random scenarios, under the pipeline's own controller.
fn random_reports() -> Vec<Report<Pipeline>> {
    let mut dice = Dice(7);
    let scenarios = (0..RULE_SETS).map(|_| dice.scenario());
    scenarios
        .map(|scenario| Check::new(Setup::of(scenario)).claims(claims()).max_states(BOUND).run().unwrap())
        .collect()
}

fn random_reports_of_a_users_controller() -> Vec<Report<Naive>> {
    let mut dice = Dice(8);
    let scenarios = (0..RULE_SETS).map(|_| (dice.scenario(), dice.roll(2) == 0));
    let check = |(scenario, deaf)| {
        let controller = Naive { counted: 0, phase: Phase::Scheduling, deaf };
        Check::new(Setup::with(controller, scenario)).claims(claims()).max_states(BOUND).run().unwrap()
    };
    scenarios.map(check).collect()
}

/// Calls with every refuted claim and the schedule that refutes it; returns how many there were.
fn each_refuted<C: Controller>(reports: &[Report<C>], mut then: impl FnMut(&Report<C>, &Claim<C>, &Walk<C>)) -> usize {
    let mut refuted = 0;
    for report in reports {
        for judgement in report.claims.iter().filter(|judgement| judgement.verdict.kind() == Verdict::Refuted) {
            let walk = Walk::of(&report.setup, &judgement.trace.as_ref().expect("a counterexample").schedule).unwrap();
            then(report, &judgement.claim, &walk);
            refuted += 1;
        }
    }
    refuted
}

/// Checks every fact of every tree; returns how often each kind was met, and how often a moved one was refused.
fn check_facts<C: Controller>(reports: &[Report<C>]) -> (BTreeMap<String, usize>, usize) {
    let (mut met, mut refused) = (BTreeMap::new(), 0);
    let refuted = each_refuted(reports, |report, claim, walk| {
        let shown = Shown { setup: &report.setup, walk, claim };
        let tree: Cause = because::because(&report.setup, walk, claim);
        for fact in tree.facts() {
            assert!(shown.holds(fact), "{}: {fact:?} is not so in {:#?}", claim.id, walk.events);
            *met.entry(name(fact)).or_insert(0) += 1;
            for wrong in moved(fact) {
                assert!(!shown.holds(&wrong), "{}: {wrong:?} was taken for true in {:#?}", claim.id, walk.events);
                refused += 1;
            }
        }
    });
    assert!(refuted > 100, "{refuted}");
    (met, refused)
}

#[test]
fn each_step_that_an_explanation_names_is_an_event_of_the_kind_named() {
    let (met, refused) = check_facts(&random_reports());
    println!("{met:?}; {refused} moved facts refused");
    for kind in [
        "Broken",
        "Died",
        "InVain",
        "Announced",
        "Stale",
        "BecameRunning",
        "NotCompleted",
        "Missing",
        "Waits",
        "TimedOut",
        "Failed",
        "NobodyDead",
        "Premise",
        "Conclusion",
        "Outlook",
    ] {
        assert!(met.contains_key(kind), "no explanation named {kind}: {met:?}");
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn so_it_is_for_a_users_own_controller() {
    let (met, refused) = check_facts(&random_reports_of_a_users_controller());
    println!("{met:?}; {refused} moved facts refused");
    for kind in ["NeverCounted", "CountedTwice", "InVain", "BecameRunning", "Premise", "Repeated"] {
        assert!(met.contains_key(kind), "no explanation named {kind}: {met:?}");
    }
}

#[test]
fn each_number_after_at_or_since_in_the_text_is_a_step_that_a_fact_names() {
    let reports = random_reports();
    let mut numbers = 0;
    for report in &reports {
        for judgement in report.claims.iter().filter(|judgement| judgement.verdict.kind() == Verdict::Refuted) {
            let walk = Walk::of(&report.setup, &judgement.trace.as_ref().unwrap().schedule).unwrap();
            let tree = because::because(&report.setup, &walk, &judgement.claim);
            let named: BTreeSet<usize> = tree.facts().into_iter().flat_map(steps).collect();
            let text = judged(report, judgement, Style::default());
            let because = text.split("\nbecause").nth(1).expect("a because");
            let because = because.split("\nstuck").next().unwrap().split("\ndecides").next().unwrap();
            let words: Vec<&str> = because.split_whitespace().collect();
            for pair in words.windows(2).filter(|pair| ["at", "since"].contains(&pair[0])) {
                let Ok(step) = pair[1].trim_end_matches([';', ',']).parse::<usize>() else { continue };
                assert!(named.contains(&step), "{step} is named by no fact of {tree:#?}\n{text}");
                numbers += 1;
            }
        }
    }
    assert!(numbers > 200, "{numbers}");
}

/// Every step that a fact names.
fn steps(fact: &Fact) -> Vec<usize> {
    match fact {
        Fact::Broken(step) => step.iter().copied().collect(),
        Fact::Died(death) => [death.at].into_iter().chain(death.reported).collect(),
        Fact::InVain { at, .. }
        | Fact::Announced { at, .. }
        | Fact::BecameRunning { at, .. }
        | Fact::TimedOut { at, .. }
        | Fact::Failed { at, .. } => vec![*at],
        Fact::CountedTwice { first, again, .. } | Fact::Repeated { first, again, .. } => vec![*first, *again],
        Fact::Stale { sent, began, read, .. } => vec![*sent, *began, *read],
        Fact::Missing(_, Missing::NotCounted { sent, read }) => vec![*sent, *read],
        Fact::Missing(_, Missing::Dead(death)) => [death.at].into_iter().chain(death.reported).collect(),
        Fact::Waits { arrived, .. } => vec![*arrived],
        Fact::Premise(since) | Fact::Conclusion(since) => since.iter().map(|(step, _)| *step).collect(),
        Fact::Missing(..) | Fact::NeverCounted(_) | Fact::NotCompleted(_) | Fact::NobodyDead(_) | Fact::Outlook(_) => {
            Vec::new()
        }
    }
}

// ---- what can still come ----

/// Walks every continuation: whether each end breaks the claim, and whether the controller reads anything on the way.
fn continuations<C: Controller>(setup: &Setup<C>, from: &World<C>, claim: &Claim<C>) -> (bool, bool) {
    let (mut all_break, mut any_read) = (true, false);
    let (mut seen, mut open) = (HashSet::new(), vec![from.clone()]);
    while let Some(world) = open.pop() {
        if !seen.insert(world.clone()) {
            continue;
        }
        let enabled = world.enabled(setup);
        let state = State { setup, world: &world };
        all_break &= !enabled.is_empty() || (claim.applies(&state) && !claim.holds(&state));
        for actor in enabled {
            any_read |= !matches!(actor, Actor::Task(_) | Actor::Lingering(..));
            let mut next = world.clone();
            next.step(setup, actor).unwrap();
            open.push(next);
        }
    }
    (all_break, any_read)
}

#[test]
fn what_is_said_to_be_beyond_mending_is() {
    let mut said = BTreeMap::new();
    each_refuted(&random_reports(), |report, claim, walk| {
        let tree = because::because(&report.setup, walk, claim);
        let facts = tree.facts();
        let outlook =
            facts.iter().find_map(|fact| if let Fact::Outlook(outlook) = fact { Some(outlook) } else { None });
        assert_eq!(outlook.is_some(), claim.judged == Judged::EveryEnd, "{}", claim.id);
        let Some(outlook) = outlook else { return };
        let from = facts.iter().flat_map(|fact| steps(fact)).max().unwrap_or(0);
        let (all_break, any_read) = continuations(&report.setup, walk.after(from), claim);
        let is_end = walk.after(from).enabled(&report.setup).is_empty();
        let so = match outlook {
            Outlook::Over => is_end,
            Outlook::NoNoticeLeft => !is_end && all_break && !any_read,
            Outlook::NothingMends(_) => !is_end && all_break && any_read,
            Outlook::Mendable => !all_break,
            Outlook::Unknown => false,
        };
        assert!(so, "{}: {outlook:?} after {from} of {:#?}", claim.id, walk.events);
        *said.entry(format!("{outlook:?}").split('(').next().unwrap().to_string()).or_insert(0) += 1;
    });
    println!("{said:?}");
    for outlook in ["Over", "NoNoticeLeft", "NothingMends", "Mendable"] {
        assert!(said.contains_key(outlook), "{outlook}: {said:?}");
    }
}

// ---- who is stuck ----

#[test]
fn who_is_said_to_be_stuck_waits_for_what_the_dead_will_never_do() {
    let (mut at_barrier, mut controllers) = (0, 0);
    each_refuted(&random_reports(), |report, claim, walk| {
        let shown = Shown { setup: &report.setup, walk, claim };
        let all = stuck(&report.setup, walk);
        let mut waiting = 0;
        for one in &all {
            match one {
                Stuck::AtBarrier { who, missing } => {
                    waiting += who.len();
                    at_barrier += 1;
                    for who in who {
                        let absent: Vec<Who> = missing.iter().map(|death| death.who).collect();
                        assert!(shown.never_arrive(*who, &absent), "{who:?} {missing:?}");
                    }
                    for death in missing {
                        assert!(shown.holds(&Fact::Died(*death)) && death.since().is_some(), "{death:?}");
                    }
                }
                Stuck::Controller(missing) => {
                    controllers += 1;
                    assert!(!missing.is_empty());
                    assert!(missing.iter().all(|(who, why)| shown.misses(*who, why)), "{missing:?}");
                }
            }
        }
        // Nobody who waits is left out.
        let lives = walk.last().crews.iter().flatten();
        let wait = lives.filter(|life| life.waits(&report.setup.sequence)).count();
        let is_end = walk.last().enabled(&report.setup).is_empty();
        assert_eq!(waiting, if is_end { wait } else { 0 });
    });
    assert!(at_barrier > 10 && controllers > 10, "{at_barrier} {controllers}");
}

// ---- what decides ----

fn keeps<C: Controller>(setup: &Setup<C>, walk: &Walk<C>, claim: &Claim<C>) -> bool {
    let breaks = |world: &World<C>| {
        let state = State { setup, world };
        claim.applies(&state) && !claim.holds(&state)
    };
    match claim.judged {
        Judged::EveryState => !walk.worlds.iter().any(breaks),
        Judged::EveryEnd | Judged::SomeState => !breaks(walk.last()),
    }
}

/// Breadth first over swaps of two neighbours, each result legal, and judged when completed in canonical order: how many
/// swaps away the nearest schedule is that keeps the claim; none where there is no such schedule. Gives up after so many.
fn by_swaps<C: Controller>(
    setup: &Setup<C>,
    walk: &Walk<C>,
    claim: &Claim<C>,
    most: usize,
) -> Result<Option<usize>, ()> {
    let mut first = walk.clone();
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
            let Ok(mut next) = Walk::of(setup, &Schedule(swapped.clone())) else { continue };
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
    each_refuted(&random_reports(), |report, claim, walk| {
        let Ok(plain) = by_swaps(&report.setup, walk, claim, 2_000) else { return };
        match (nearest(&report.setup, walk, claim), plain) {
            (Search::Found(twin), Some(swaps)) => {
                assert_eq!(twin.swaps, swaps, "{} {:?}", claim.id, walk.schedule);
                found += 1;
            }
            (Search::Stopped(most), Some(swaps)) => assert!(most < swaps, "{} {:?}", claim.id, walk.schedule),
            (Search::Nowhere, None) => nowhere += 1,
            (other, plain) => panic!("{}: {other:?}, swap after swap: {plain:?}\n{:#?}", claim.id, walk.events),
        }
    });
    println!("{found} twins, {nowhere} without");
    assert!(found > 50 && nowhere > 50, "{found} {nowhere}");
}

#[test]
fn the_pair_that_decides_does() {
    let mut twins = 0;
    each_refuted(&random_reports(), |report, claim, walk| {
        let Search::Found(twin) = nearest(&report.setup, walk, claim) else { return };
        twins += 1;
        let after = Walk::of(&report.setup, &twin.schedule).unwrap();
        assert_eq!(after.events, twin.events);
        assert!(after.last().enabled(&report.setup).is_empty() && keeps(&report.setup, &after, claim));
        // Somewhere in the twin the pair stands the other way round, and with it turned back the claim is broken.
        let [earlier, later] = twin.pair;
        let decides = |at: usize| {
            let mut actors = twin.schedule.0.clone();
            actors.swap(at, at + 1);
            let Some(mut before) = broken_prefix(&report.setup, &actors, at + 2) else { return false };
            let events = (before.events[at], before.events[at + 1]);
            let rest: Vec<Actor> = actors[at + 2..].to_vec();
            let steps = rest.iter().try_for_each(|&actor| before.step(&report.setup, actor));
            let _ = steps;
            before.complete(&report.setup).unwrap();
            events == (earlier.event, later.event) && !keeps(&report.setup, &before, claim)
        };
        assert!((0..twin.schedule.0.len() - 1).any(decides), "{} {twin:#?}", claim.id);
        let mut shown = walk.clone();
        shown.complete(&report.setup).unwrap();
        for swapped in twin.pair {
            assert!(swapped.step.is_none_or(|step| *shown.event(step) == swapped.event), "{swapped:?}");
        }
    });
    assert!(twins > 50, "{twins}");
}

fn broken_prefix<C: Controller>(setup: &Setup<C>, actors: &[Actor], steps: usize) -> Option<Walk<C>> {
    Walk::of(setup, &Schedule(actors[..steps].to_vec())).ok()
}

#[test]
fn a_knob_that_is_said_to_mend_a_claim_does_and_no_other_does() {
    let options = "arroyo/late-only --tasks 2 --fails 2";
    let report = check(options).run().unwrap();
    let judgement = &report.claims[3];
    let Decides::NoOrder(Some(all), Some(mends)) = explain(&report, judgement).unwrap().decides else { panic!() };
    assert_eq!(all.to_string(), "10");
    assert_eq!(mends.unknown, []);
    let said: BTreeSet<String> = mends.found.iter().map(|mend| format!("--{} {}", mend.knob, mend.value)).collect();
    let mut does = BTreeSet::new();
    for knob in KNOBS {
        for value in knob.values {
            let turned = format!("--{} {value}", knob.name);
            let after = check(&format!("{options} {turned}")).run().unwrap();
            if after.claims[3].verdict.kind() == Verdict::Proved {
                let breaks =
                    |id: &str| after.claims.iter().any(|j| j.claim.id == id && j.verdict.kind() == Verdict::Refuted);
                let mend = mends.found.iter().find(|mend| format!("--{} {}", mend.knob, mend.value) == turned).unwrap();
                assert!(mend.breaks.iter().all(|id| breaks(id)), "{mend:?}");
                does.insert(turned);
            }
        }
    }
    assert_eq!(said, does);
    assert!(said.contains("--failed-while-scheduling fail") && said.contains("--timeout patient"), "{said:?}");
}

#[test]
fn no_knob_is_turned_for_a_users_own_controller() {
    let naive = Naive { counted: 0, phase: Phase::Scheduling, deaf: true };
    let scenario = Scenario::new(Rules::named("seed/buggy").unwrap(), 2).unwrap().failing(&[2]).unwrap();
    let report = Check::new(Setup::with(naive, scenario)).run().unwrap();
    let refuted = report.claims.iter().find(|judgement| judgement.verdict.kind() == Verdict::Refuted).unwrap();
    assert!(matches!(explain(&report, refuted).unwrap().decides, Decides::NoOrder(Some(_), None)));
}

// ---- the marks ----

#[test]
fn a_failure_is_lost_where_it_left_the_controller_as_it_was() {
    let mut lost = 0;
    let mut not_lost = 0;
    each_refuted(&random_reports(), |_, _, walk| {
        let marked = marks::lost(walk);
        for (step, event) in walk.steps() {
            let Event::Controller { kept, received, .. } = event else { continue };
            let Input::Notice(notice) = received.input else { continue };
            let same = walk.before(step).control == walk.after(step).control;
            let is_failure = matches!(notice.kind, Kind::Failed(_));
            if marked.contains(&step) {
                assert!(same && is_failure && !kept && !received.before.is_final(), "{event:?}");
                lost += 1;
            } else if is_failure {
                let stale = notice.attempt != walk.before(step).control.attempt;
                assert!(!same || *kept || stale || received.before.is_final(), "{event:?}");
                not_lost += 1;
            }
        }
    });
    assert!(lost > 50 && not_lost > 50, "{lost} {not_lost}");
}

/// Says that it dropped a failure, and remembers it: not lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Liar {
    heard: bool,
}

impl Controller for Liar {
    fn on(&mut self, input: Input, _: Situation) -> Reaction {
        if let Input::Notice(Notice { kind: Kind::Failed(_), .. }) = input {
            self.heard = true;
        }
        Reaction::Dropped(Dropped::InScheduling)
    }

    fn phase(&self) -> Phase {
        Phase::Scheduling
    }
}

#[test]
fn the_users_word_for_a_loss_is_not_taken() {
    let rules = Rules { duplicates: 1, ..Rules::named("seed/fixed").unwrap() };
    let setup = Setup::with(Liar { heard: false }, Scenario::new(rules, 1).unwrap().failing(&[1]).unwrap());
    let walk = |text: &str| Walk::of(&setup, &text.parse().unwrap()).unwrap();
    assert_eq!(marks::lost(&walk("1 1 c")), [0usize; 0], "it says dropped, and changed");
    assert_eq!(marks::lost(&walk("1 1 d c")), [0usize; 0], "the second delivery changes nothing, the first did");
    let deaf = Setup::with(Liar { heard: true }, setup.scenario.clone());
    let walk = Walk::of(&deaf, &"1 1 d c".parse().unwrap()).unwrap();
    assert_eq!(marks::lost(&walk), [4], "a notice that stays is not lost yet");
}
