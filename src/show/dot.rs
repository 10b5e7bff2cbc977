//! The graph of a small scenario in the language of Graphviz, with one schedule drawn thick.
//!
//! A box is a state. A double border marks an end. A red box breaks the claims that it names. An edge is a step.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::labels;
use super::names::Names;
use crate::claims::Claim;
use crate::core::{Controller, Stage};
use crate::explore::state_space::StateSpace;
use crate::explore::steps::Id;
use crate::explore::trace::Trace;
use crate::model::World;
use crate::scenario::Setup;

/// The largest number of states that is drawn. With more, a reader cannot follow the edges.
pub const MAX_STATES: usize = 500;

/// Every state of a setup, with the claims that it breaks, and one schedule. The claims must be those that the states
/// were explored with.
pub fn graph<C: Controller>(
    title: &str,
    setup: &Setup<C>,
    claims: &[Claim<C>],
    space: &StateSpace<C>,
    trace: &Trace<C>,
) -> String {
    let path: Vec<Id> = trace.worlds.iter().filter_map(|world| space.find(world)).collect();
    let taken = path.windows(2).map(|pair| (pair[0], pair[1])).collect();
    Drawing { setup, space, claims, path: path.iter().copied().collect(), taken }.text(title)
}

struct Drawing<'a, C> {
    setup: &'a Setup<C>,
    space: &'a StateSpace<C>,
    claims: &'a [Claim<C>],
    path: HashSet<Id>,
    taken: HashSet<(Id, Id)>,
}

impl<C: Controller> Drawing<'_, C> {
    fn text(&self, title: &str) -> String {
        let mut text = format!("digraph {} {{\n", quoted(title));
        text.push_str("  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
        text.push_str("  edge [fontname=\"sans-serif\", fontsize=9];\n");
        for (id, world) in (0..).zip(self.space.worlds()) {
            let _ = writeln!(text, "  s{id} [label={}{}];", quoted(&self.label(world, id)), self.look(id));
            self.edges(world, id, &mut text);
        }
        text + "}\n"
    }

    /// The label of a state: the phase, the tasks, the inboxes, and the claims that it breaks.
    fn label(&self, world: &World<C>, id: Id) -> String {
        let scenario = &self.setup.scenario;
        let names = Names::of(&self.setup.model);
        let mut lines = vec![labels::phase(world.phase(), names)];
        if let Some(counted) = world.driver.controller.counted().filter(|_| world.stage() == Stage::Starting) {
            lines[0].push_str(&format!(", {counted} of {}", scenario.tasks().len()));
        }
        for states in &world.attempts {
            lines.extend(self.setup.model.actors().zip(states).map(|((id, actor), state)| {
                let of = if names.attempts { format!("@{}", state.attempt.0) } else { String::new() };
                format!("{}{of}: {}", names.one(id), labels::standing(*state, &actor.script))
            }));
        }
        for (index, inbox) in world.inboxes.iter().enumerate().filter(|(_, inbox)| !inbox.is_empty()) {
            let worker = if world.inboxes.len() > 1 { format!(" {}", index + 1) } else { String::new() };
            let notices = inbox.iter().map(|&one| labels::notice(self.setup.model.notice(one), names));
            lines.push(format!("inbox{worker}: {}", notices.collect::<Vec<_>>().join(" ")));
        }
        lines.extend(self.broken(id).map(|claim| format!("breaks {}", claim.id)));
        lines.join("\n")
    }

    fn broken(&self, id: Id) -> impl Iterator<Item = &Claim<C>> {
        self.claims.iter().enumerate().filter(move |(index, _)| self.space.is_found(*index, id)).map(|(_, claim)| claim)
    }

    fn look(&self, id: Id) -> String {
        let mut look = String::new();
        if self.space.is_end(id) {
            look.push_str(", peripheries=2");
        }
        if self.broken(id).next().is_some() {
            look.push_str(", color=red3");
        }
        if self.path.contains(&id) {
            look.push_str(", penwidth=3");
        }
        look
    }

    /// The steps from a state. They are in the order of the actors, as the search took them.
    fn edges(&self, world: &World<C>, id: Id, text: &mut String) {
        for (actor, to) in self.setup.model.actions(world).into_iter().zip(self.space.targets(id)) {
            let mut next = world.clone();
            let Ok(event) = self.setup.model.observe(&mut next, actor) else { continue };
            let word = labels::actors(&[actor], self.setup.model.inboxes());
            let label = format!("{word} {}", labels::deed(self.setup, world.driver.attempt, &event));
            let taken = if self.taken.contains(&(id, to)) { ", penwidth=3" } else { "" };
            let _ = writeln!(text, "  s{id} -> s{to} [label={}{taken}];", quoted(&label));
        }
    }
}

/// A quoted string of the language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
