//! A certificate in SMT-LIB: the tables of a protocol, an invariant, and questions for two solvers with the expected
//! answers.

#![cfg(not(loom))]

use std::collections::BTreeSet;
use std::fmt::Write;

use super::labels;
use super::smt::{Tasks, any_of, changed, each, obligation, or, some, symbol};
use crate::core::{ActorId, Fault, Script, Step};
use crate::prove::invariant::Conjunct;
use crate::prove::local::Place;
use crate::prove::parametric::Parametric;
use crate::prove::search::Workers;
use crate::prove::table::{Reaction, Table};
use crate::scenario::Setup;

/// The tables, with names for everything in them.
pub struct Named<'a, C> {
    table: &'a Table<C>,
    phases: Vec<String>,
    places: Vec<String>,
    kinds: Vec<String>,
    queues: Vec<String>,
    marks: Vec<String>,
}

impl<'a, C: Parametric> Named<'a, C> {
    /// Names everything in the tables.
    pub fn new(table: &'a Table<C>, setup: &Setup<C>) -> Self {
        let script = &setup.model.actor(ActorId(1)).script;
        let kinds: Vec<String> = table.kinds.iter().map(|&kind| labels::kind(kind).to_string()).collect();
        let queue = |queue: &Vec<usize>| match queue.as_slice() {
            [] => "nothing".to_string(),
            some => some.iter().map(|&kind| kinds[kind].clone()).collect::<Vec<_>>().join(" then "),
        };
        let queues = table.queues.iter().map(queue).chain(["more".to_string()]).collect();
        let phases = table.phases.iter().map(|phase| labels::phase_name(phase.controller.phase()).to_string());
        let mark = |&mark: &u8| match mark {
            0 => "not counted".to_string(),
            1 => "counted".to_string(),
            other => format!("mark {other}"),
        };
        Self {
            phases: phases.collect(),
            places: table.places.iter().map(|&place| place_name(place, script)).collect(),
            marks: table.marks.iter().map(mark).collect(),
            queues,
            kinds,
            table,
        }
    }

    /// A conjunct as a sentence.
    pub fn sentence(&self, conjunct: &Conjunct) -> String {
        let named = |names: &[String], of: &mut dyn Iterator<Item = usize>| {
            labels::listed(of.map(|index| format!("`{}`", names[index])), "or")
        };
        match conjunct {
            Conjunct::Each { phase, places, allowed } => {
                let (phase, places) = (&self.phases[*phase], named(&self.places, &mut places.iter().copied()));
                if allowed.is_empty() {
                    return format!("While the phase is {phase}, no task is at {places}.");
                }
                let state = |&(queue, mark): &(usize, usize)| {
                    let queue = if queue == 0 { "no notice" } else { &self.queues[queue] };
                    format!("has {queue} under way and is {}", self.marks[mark])
                };
                let states: Vec<String> = allowed.iter().map(state).collect();
                format!("While the phase is {phase}, a task at {places} {}.", states.join(", or "))
            }
            Conjunct::Some { phase, places, marks } => {
                let phase = &self.phases[*phase];
                let at = if places.len() == self.places.len() {
                    String::new()
                } else {
                    format!(" at {}", named(&self.places, &mut places.iter().copied()))
                };
                let marked = if marks.len() == self.marks.len() {
                    String::new()
                } else {
                    let marks = marks.iter().map(|&mark| self.marks[mark].clone());
                    format!(" {}", labels::listed(marks, "or"))
                };
                format!("While the phase is {phase}, at least one task is{at}{marked}.")
            }
        }
    }

    /// The whole certificate.
    pub fn certificate(&self, title: &str, conjuncts: &[Conjunct]) -> String {
        let mut text = self.header(title, conjuncts);
        self.declare(&mut text);
        self.invariant(&mut text, conjuncts);
        self.start(&mut text);
        self.steps(&mut text);
        self.reactions(&mut text);
        self.claims(&mut text);
        self.possible(&mut text, conjuncts);
        let obligations = text.matches("(check-sat)").count();
        let _ = writeln!(text, "(echo \"all {obligations} obligations were asked\")");
        text
    }

    fn header(&self, title: &str, conjuncts: &[Conjunct]) -> String {
        let mut text = format!(
            "; {title}\n\
             ;\n\
             ; A certificate for every number of tasks. To check it:\n\
             ;   z3 FILE\n\
             ;   cvc5 --incremental FILE\n\
             ; Each obligation prints its name and what is expected. Both solvers end with an error if an answer is not as\n\
             ; expected. Any other answer, also `unknown`, is no proof. The last line says that the file is whole.\n\
             ;\n\
             ; Task, Worker      the tasks, and their workers if there may be several: any number of them\n\
             ; phase             what the controller says\n\
             ; place             how far a task has come\n\
             ; queue             the notices of a task that are under way, the oldest first; no task has `more`\n\
             ; mark              what the controller remembers of a task\n\
             ; phase2, place2, … the same after an action\n\
             ;\n\
             ; The steps and the reactions were read off by stepping the program's own code in small worlds.\n\
             ;\n\
             ; The invariant:\n"
        );
        for (number, conjunct) in (1..).zip(conjuncts) {
            let _ = writeln!(text, "; {number}. {}", self.sentence(conjunct));
        }
        text
    }

    fn declare(&self, text: &mut String) {
        text.push_str("(set-logic ALL)\n(declare-sort Task 0)\n");
        for (sort, names) in
            [("Phase", &self.phases), ("Place", &self.places), ("Queue", &self.queues), ("Mark", &self.marks)]
        {
            let names: Vec<String> = names.iter().map(|name| format!("({})", symbol(sort, name))).collect();
            let _ = writeln!(text, "(declare-datatypes (({sort} 0)) (({})))", names.join(" "));
        }
        for after in ["", "2"] {
            let _ = writeln!(text, "(declare-const phase{after} Phase)");
            for (function, sort) in [("place", "Place"), ("queue", "Queue"), ("mark", "Mark")] {
                let _ = writeln!(text, "(declare-fun {function}{after} (Task) {sort})");
            }
        }
        if self.table.workers == Workers::Any {
            text.push_str("(declare-sort Worker 0)\n(declare-fun worker (Task) Worker)\n");
        }
        for (kind, name) in self.kinds.iter().enumerate() {
            let push = self.cases(|queue| self.table.push(queue, Some(kind)));
            let _ = writeln!(text, "(define-fun {} ((q Queue)) Queue {push})", symbol("send", name));
            let oldest = (0..self.queues.len()).filter(|&queue| self.table.oldest(queue) == Some(kind));
            let oldest = any_of("q", "Queue", &self.queues, oldest);
            let _ = writeln!(text, "(define-fun {} ((q Queue)) Bool {oldest})", symbol("oldest", name));
        }
        let _ = writeln!(text, "(define-fun take ((q Queue)) Queue {})", self.cases(|queue| self.table.pop(queue)));
    }

    /// A function of queues, case by case.
    fn cases(&self, of: impl Fn(usize) -> usize) -> String {
        let name = |queue: usize| symbol("Queue", &self.queues[queue]);
        let last = name(self.table.more());
        (0..self.table.more())
            .fold(last, |rest, queue| format!("(ite (= q {}) {} {rest})", name(queue), name(of(queue))))
    }

    fn invariant(&self, text: &mut String, conjuncts: &[Conjunct]) {
        for after in ["", "2"] {
            let mut all = String::new();
            for (number, conjunct) in (1..).zip(conjuncts) {
                let formula = self.conjunct(conjunct, after, Tasks::All);
                let _ = writeln!(text, "(define-fun conjunct{after}-{number} () Bool {formula})");
                let _ = write!(all, " conjunct{after}-{number}");
            }
            let _ = writeln!(text, "(define-fun invariant{after} () Bool (and true{all}))");
        }
    }

    fn conjunct(&self, conjunct: &Conjunct, after: &str, tasks: Tasks<'_>) -> String {
        match conjunct {
            Conjunct::Each { phase, places, allowed } => each(tasks, "x", |x| {
                let place = any_of(&format!("(place{after} {x})"), "Place", &self.places, places.iter().copied());
                let states = allowed.iter().map(|&(queue, mark)| {
                    let (queue, mark) = (symbol("Queue", &self.queues[queue]), symbol("Mark", &self.marks[mark]));
                    format!("(and (= (queue{after} {x}) {queue}) (= (mark{after} {x}) {mark}))")
                });
                let phase = symbol("Phase", &self.phases[*phase]);
                format!("(=> (and (= phase{after} {phase}) {place}) {})", or(states))
            }),
            Conjunct::Some { phase, places, marks } => {
                let some = some(tasks, "x", |x| {
                    let place = any_of(&format!("(place{after} {x})"), "Place", &self.places, places.iter().copied());
                    let mark = any_of(&format!("(mark{after} {x})"), "Mark", &self.marks, marks.iter().copied());
                    format!("(and {place} {mark})")
                });
                format!("(=> (= phase{after} {}) {some})", symbol("Phase", &self.phases[*phase]))
            }
        }
    }

    fn start(&self, text: &mut String) {
        let task = each(Tasks::All, "x", |x| self.is_new(x));
        let phase = self.phase(0);
        obligation(text, "the start satisfies the invariant", false, &[phase, task, "(not invariant)".into()]);
    }

    fn is_new(&self, x: &str) -> String {
        let [place, queue, mark] = [("Place", &self.places), ("Queue", &self.queues), ("Mark", &self.marks)]
            .map(|(sort, names)| symbol(sort, &names[0]));
        format!("(and (= (place {x}) {place}) (= (queue {x}) {queue}) (= (mark {x}) {mark}))")
    }

    fn phase(&self, phase: usize) -> String {
        format!("(= phase {})", symbol("Phase", &self.phases[phase]))
    }

    /// The guard of a step: no task of the worker is at a place that holds it back.
    fn is_free(&self, x: &str, place: usize, tasks: Tasks<'_>) -> String {
        let holders = &self.table.held_by[place];
        if holders.is_empty() {
            return "true".to_string();
        }
        each(tasks, "y", |y| {
            let holds = any_of(&format!("(place {y})"), "Place", &self.places, holders.iter().copied());
            match self.table.workers {
                Workers::One => format!("(not {holds})"),
                Workers::Any => format!("(=> (= (worker {y}) (worker {x})) (not {holds}))"),
            }
        })
    }

    fn steps(&self, text: &mut String) {
        for step in &self.table.steps {
            let name = format!("a step keeps the invariant: {} -> {}", self.places[step.from], self.places[step.to]);
            let sent = |old: &str| match step.sends {
                Some(kind) => format!("({} {old})", symbol("send", &self.kinds[kind])),
                None => old.to_string(),
            };
            let mut lines = vec!["invariant".to_string(), self.can_step("t", step.from, Tasks::All)];
            lines.push("(= phase2 phase)".to_string());
            lines.push(changed("place", &symbol("Place", &self.places[step.to])));
            lines.push(changed("queue", &sent("(queue t)")));
            lines.push(changed("mark", "(mark t)"));
            lines.push("(not invariant2)".to_string());
            obligation(text, &name, false, &lines);
        }
    }

    fn can_step(&self, x: &str, place: usize, tasks: Tasks<'_>) -> String {
        let at = symbol("Place", &self.places[place]);
        format!("(and (= (place {x}) {at}) {})", self.is_free(x, place, tasks))
    }

    fn reactions(&self, text: &mut String) {
        for reaction in &self.table.reactions {
            let mut lines = vec!["invariant".to_string(), self.can_react(reaction, Tasks::All)];
            lines.push(format!("(= phase2 {})", symbol("Phase", &self.phases[reaction.to])));
            lines.push(changed("place", "(place t)"));
            lines.push(changed("queue", "(take (queue t))"));
            lines.push(changed("mark", &symbol("Mark", &self.marks[reaction.new_mark])));
            lines.push("(not invariant2)".to_string());
            obligation(text, &format!("a reaction keeps the invariant: {}", self.told(reaction)), false, &lines);
        }
        for phase in self.finals() {
            let name = format!("a notice that is dropped keeps the invariant: {}", self.phases[phase]);
            let nothing = symbol("Queue", &self.queues[0]);
            let mut lines = vec!["invariant".to_string(), self.phase(phase), format!("(not (= (queue t) {nothing}))")];
            lines.push("(= phase2 phase)".to_string());
            lines.push(changed("place", "(place t)"));
            lines.push(changed("queue", "(take (queue t))"));
            lines.push(changed("mark", "(mark t)"));
            lines.push("(not invariant2)".to_string());
            obligation(text, &name, false, &lines);
        }
    }

    fn finals(&self) -> impl Iterator<Item = usize> {
        (0..self.phases.len()).filter(|&phase| self.table.phases[phase].stage().is_final())
    }

    fn told(&self, reaction: &Reaction) -> String {
        let (phase, kind) = (&self.phases[reaction.phase], &self.kinds[reaction.kind]);
        let (mark, to) = (&self.marks[reaction.mark], &self.phases[reaction.to]);
        let guard = match &reaction.guard {
            None => "",
            Some((_, false)) => ", and so is every other task",
            Some((_, true)) => ", and some other task is not",
        };
        let guard = if guard.is_empty() { String::new() } else { format!("{guard} counted") };
        format!("{phase}, {kind} of a task that is {mark}{guard} -> {to}")
    }

    fn can_react(&self, reaction: &Reaction, tasks: Tasks<'_>) -> String {
        let oldest = symbol("oldest", &self.kinds[reaction.kind]);
        let mark = symbol("Mark", &self.marks[reaction.mark]);
        let allowed = |y: &str, allowed: &BTreeSet<usize>| {
            any_of(&format!("(mark {y})"), "Mark", &self.marks, allowed.iter().copied())
        };
        let guard = match &reaction.guard {
            None => "true".to_string(),
            Some((marks, false)) => each(tasks, "y", |y| format!("(or (= {y} t) {})", allowed(y, marks))),
            Some((marks, true)) => some(tasks, "y", |y| format!("(and (not (= {y} t)) (not {}))", allowed(y, marks))),
        };
        format!("(and {} ({oldest} (queue t)) (= (mark t) {mark}) {guard})", self.phase(reaction.phase))
    }

    fn claims(&self, text: &mut String) {
        let nothing = symbol("Queue", &self.queues[0]);
        let rests = each(Tasks::All, "x", |x| {
            let moving = (0..self.places.len()).filter(|&place| self.table.has_step(place));
            let moves = or(moving.map(|place| self.can_step(x, place, Tasks::All)));
            format!("(and (= (queue {x}) {nothing}) (not {moves}))")
        });
        for claim in &self.table.claims {
            let broken = claim.bad.iter().enumerate().filter(|(_, bad)| !bad.is_empty()).map(|(phase, bad)| {
                let at = |x: &str| any_of(&format!("(place {x})"), "Place", &self.places, bad.iter().copied());
                let tasks = if claim.needs_all { each(Tasks::All, "z", at) } else { some(Tasks::All, "z", at) };
                format!("(and {} {tasks})", self.phase(phase))
            });
            let mut lines = vec!["invariant".to_string(), or(broken)];
            lines.extend(claim.at_end.then(|| rests.clone()));
            obligation(text, &format!("the invariant implies the claim {}", claim.id), false, &lines);
        }
    }

    /// What must be possible with two tasks, so that the other answers are not trivially `unsat`.
    fn possible(&self, text: &mut String, conjuncts: &[Conjunct]) {
        let tasks = Tasks::Only(&["t", "u"]);
        let invariant: Vec<String> = conjuncts.iter().map(|conjunct| self.conjunct(conjunct, "", tasks)).collect();
        let invariant = || [vec!["(not (= t u))".to_string()], invariant.clone()].concat();
        let start = [self.phase(0), each(tasks, "x", |x| self.is_new(x))];
        let with = |more: &[String]| [invariant(), more.to_vec()].concat();
        obligation(text, "the invariant is possible", true, &with(&start));
        for step in &self.table.steps {
            let name = format!("the step is possible: {} -> {}", self.places[step.from], self.places[step.to]);
            obligation(text, &name, true, &with(&[self.can_step("t", step.from, tasks)]));
        }
        for reaction in self.table.reactions.iter().filter(|reaction| reaction.met) {
            let name = format!("the reaction is possible: {}", self.told(reaction));
            obligation(text, &name, true, &with(&[self.can_react(reaction, tasks)]));
        }
    }
}

/// A place in a few words: `announced`, `dead, announced before`.
fn place_name(place: Place, script: &Script) -> String {
    let standing = labels::standing(place.state, script);
    let announced = place.state.has_completed(Step::ANNOUNCE, script);
    match place.fault {
        Some(Fault::Dies) => format!("{standing}, about to die"),
        _ if place.state.status == crate::core::Status::Live => standing.to_string(),
        _ if announced => format!("{standing}, announced before"),
        _ => standing.to_string(),
    }
}
