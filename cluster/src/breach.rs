//! Finds the schedule that leads to a broken contract. All processes find it together.

use startup_race::explore::contract::Violation;
use startup_race::explore::engine::NoAnswer;
use startup_race::explore::engine::knowledge::Knowledge;
use startup_race::explore::engine::parts::{Place, Unlearned};
use startup_race::model::Refused;
use startup_race::{Action, Controller, Model, Schedule};

use crate::agree::Stop;
use crate::net::About;
use crate::search::Search;

impl<C: Controller, const N: usize> Search<'_, '_, '_, C, N> {
    /// Why there is no answer: a contract was broken. At most one process knows the place. If the controller's
    /// behaviour prevents finding the schedule, it is empty.
    ///
    /// # Errors
    /// If a process is gone.
    pub fn breach(&mut self, place: Option<&Place>, violation: Violation) -> Result<NoAnswer, Stop> {
        let found = place.and_then(|place| Some((place, self.depth_of(&place.ids)?)));
        let depth = self.greatest(found.map(|(_, depth)| depth.into()))?;
        let wanted: Vec<Vec<u32>> = found.iter().map(|(place, _)| place.ids.clone()).collect();
        let way = match depth {
            Some(depth) => self.way_to(&wanted, depth as u32),
            None => Ok(Schedule::default()),
        };
        let mut schedule = match way {
            Err(Stop::Lost) => return Err(Stop::Lost),
            way => way.unwrap_or_default(),
        };
        let last = place.and_then(|place| self.action_at(&schedule, place));
        if let Some(last) = self.greatest(last)? {
            let actions = Unlearned::guard(|| self.known.go_to(&schedule).map(|_| self.known.actions()));
            schedule.0.extend(actions.ok().and_then(|actions| actions.get(last as usize).copied()));
        }
        let violation = place.map_or_else(|| again(self.request.model, &schedule.0), |_| None).unwrap_or(violation);
        Ok(NoAnswer::Broken(Some(schedule), violation))
    }

    /// How many actions lead to a state that this process has kept.
    fn depth_of(&self, ids: &[u32]) -> Option<u32> {
        let is_there = |(layout, keys): &(_, Vec<_>)| {
            let layout: &startup_race::explore::engine::key::Layout = layout;
            layout.pack(ids).is_some_and(|key| keys.contains(&key))
        };
        self.kept.iter().find(|(_, kept)| kept.iter().any(is_there)).map(|(&depth, _)| depth)
    }

    /// The greatest of the numbers that the processes give.
    fn greatest(&mut self, own: Option<u64>) -> Result<Option<u64>, Stop> {
        let heard = self.net.gather(About::Breach, &[own.map_or(0, |own| own + 1)])?;
        Ok(heard.iter().filter_map(|words| words.first()).max().and_then(|greatest| greatest.checked_sub(1)))
    }

    /// The index of the action that gives the controller the input on which it breaks its contract, among the actions
    /// that are enabled after a schedule.
    fn action_at(&mut self, schedule: &Schedule, place: &Place) -> Option<u64> {
        let known = &mut self.known;
        let ids = Unlearned::guard(|| known.go_to(schedule)).ok()?;
        let action = known.asks(place.input.filter(|_| ids == place.ids)?)?;
        known.actions().iter().position(|other| *other == action).map(|at| at as u64)
    }
}

/// How the controller breaks its contract on this schedule, if it does so in this process, too.
fn again<C: Controller>(model: &Model<C>, schedule: &[Action]) -> Option<Violation> {
    let mut world = model.start();
    schedule.iter().find_map(|&action| match model.apply(&mut world, action) {
        Err(Refused::Contract(violation)) => Some(violation.into()),
        _ => None,
    })
}
