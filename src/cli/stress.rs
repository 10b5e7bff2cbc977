//! `startup-race stress NAME --runs N`: runs the protocol on this machine's threads many times, and shows the
//! explorer's result beside it.
//!
//! This is how one tests without an explorer. The runs are never a verdict: the exit code is 0, whatever they show.

use std::collections::BTreeSet;

use clap::Args;

use crate::core::{ActorId, Attempt, Input, PipelineController};
use crate::explore::report::{Check, Judgement};
use crate::model::{Action, Channel, World};
use crate::scenario::Setup;
use crate::schedule::Schedule;
use crate::show::Style;
use crate::show::stress::{Stress, text};
use crate::threads::{self, EventLog, Hooks, Options};
use crate::transition::Event;

use super::args::{self, NameArg, Request, ScenarioArgs, SearchArgs, number};
use super::chaos::Chaos;
use super::output::{Output, UsageError};

/// The arguments of `stress`.
#[derive(Args)]
pub struct StressArgs {
    #[command(flatten)]
    name: NameArg,
    /// How many runs
    #[arg(long, value_name = "N", default_value = "1000", value_parser = number(1..=u32::MAX))]
    runs: u32,
    /// Makes each thread sleep for up to a millisecond before each action; the times are random and depend on this seed
    #[arg(long, value_name = "SEED", value_parser = number(0..=u64::MAX))]
    delays: Option<u64>,
    /// Draws the faults of the tasks, a loss, a crash and delays for each run; they are random and depend on this seed
    #[arg(long, value_name = "SEED", value_parser = number(0..=u64::MAX),
        conflicts_with_all = ["delays", "fails", "vanishes", "hangs", "dies", "losses", "crashes"])]
    chaos: Option<u64>,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    scenario: ScenarioArgs,
}

pub fn run(args: &StressArgs, style: Style) -> Result<Output, UsageError> {
    let Request { protocol, scenario } = args::scenario(&args.name.name, &args.scenario)?;
    let (runs, seed) = (args.runs, args.delays);
    if let Some(seed) = args.chaos {
        return Chaos { protocol, scenario, runs, seed }.run(&args.search, style);
    }
    let setup = Setup::of(scenario);
    let check = Check::new(setup.clone()).protocol(protocol);
    let (mut seen, mut broken) = (BTreeSet::new(), Vec::new());
    for number in 0..runs {
        let schedule = schedule(&setup, seed.map(|seed| Delays { seed, run: number }))?;
        let schedule = schedule.text(setup.model.inboxes());
        broken.extend(check.broken_by(&schedule)?);
        seen.insert(schedule);
    }
    let report = args.search.search().bound(check).run()?;
    let of = |judgement: &Judgement<PipelineController>| broken.iter().filter(|id| **id == judgement.claim.id).count();
    let broken = report.claims.iter().map(of).collect();
    Ok(Output::ok(text(&report, &Stress { runs, seed, schedules: seen.len(), broken }, style)))
}

/// The schedule that a run on threads took. If it is no path of the model, this is a bug, and the function panics.
pub(super) fn schedule(setup: &Setup<PipelineController>, delays: Option<Delays>) -> Result<Schedule, UsageError> {
    let options = Options::on(EventLog::default());
    let run = match delays {
        Some(delays) => threads::run(setup, options.with_hooks(delays)),
        None => threads::run(setup, options),
    }?;
    let mut world = setup.model.start();
    let mut actions = Vec::new();
    for event in run.events {
        let action = action(&event, &world);
        let expected = setup.model.observe(&mut world, action);
        assert!(expected.as_ref() == Ok(&event), "a run on threads is no path of the model: {event:?}, {expected:?}");
        actions.push(action);
    }
    Ok(Schedule(actions))
}

fn action(event: &Event, world: &World<PipelineController>) -> Action {
    match *event {
        Event::Task { attempt, task, .. } if world.attempts[0][task.index()].attempt == attempt => Action::Step(task),
        Event::Task { attempt, task, .. } => Action::Linger(attempt, task),
        Event::Controller { inbox: Some(worker), redelivered: false, .. } => Action::Receive(worker),
        Event::Controller { inbox: Some(worker), .. } => Action::Redeliver(Channel::Inbox(worker)),
        Event::Controller { ref transition, .. } => match transition.input {
            Input::Stop => Action::Stop,
            Input::Restarted => Action::Crash,
            Input::TimedOut | Input::Notice(_) => Action::TimeOut,
        },
        Event::Lost(channel, _) => Action::Lose(channel),
    }
}

/// Hooks that make threads sleep before each action. The times depend only on the seed, the number of the run, the
/// thread and the number of its action.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delays {
    pub(super) seed: u64,
    pub(super) run: u32,
}

impl Hooks for Delays {
    fn pause(&self, who: Option<(Attempt, ActorId)>, action: usize) {
        let (attempt, task) = who.map_or((0, 0), |(attempt, task)| (attempt.0, task.0));
        let place = [u64::from(self.run), u64::from(attempt), u64::from(task), action as u64];
        let mixed = place.into_iter().fold(self.seed, |state, part| mix(state ^ part));
        std::thread::sleep(std::time::Duration::from_micros(mixed % 1_000));
    }
}

/// A pseudo-random number: one round of SplitMix64.
pub(super) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
