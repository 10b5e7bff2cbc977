//! The space-time diagram, and the messages that it is made of.
//!
//! 1. Every delivery, repeat and loss of a run belongs to exactly one message, which was sent before.
//! 2. A picture is well-formed with any names, and its description names every step.
//! 3. An arrow leads from the row of the step that sent a message to the row of the step that received it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use startup_race::core::{Controller, Input};
use startup_race::explore::messages::passages;
use startup_race::explore::trace::Trace;
use startup_race::model::{Channel, Message};
use startup_race::scenario::Setup;
use startup_race::show::space_time::{Marks, Panel, diagram};
use startup_race::transition::Event;

use crate::common::cli::{refused, run as program};
use crate::common::generators::{Walk, any_walk};
use crate::common::request;

fn trace(walk: &Walk) -> Trace<startup_race::PipelineController> {
    Trace::of(&walk.setup, &walk.schedule).expect("the walk took these steps")
}

fn picture<C: Controller>(setup: &Setup<C>, trace: &Trace<C>) -> String {
    diagram(setup, &[Panel::new("a run".to_string(), trace, Marks::default())])
}

/// A setup, and the picture of one of its schedules.
fn run(options: &str, schedule: &str) -> (Setup<startup_race::PipelineController>, String) {
    let setup = Setup::of(request::scenario(options).1);
    let trace = Trace::of(&setup, &schedule.parse().unwrap()).unwrap();
    let picture = picture(&setup, &trace);
    (setup, picture)
}

/// What the program draws.
fn drawn(arguments: &[&str]) -> String {
    program(arguments).stdout
}

/// How many elements that begin with this text a picture has, including those of its legend.
fn elements(picture: &str, start: &str) -> usize {
    picture.lines().filter(|line| line.starts_with(start)).count()
}

proptest! {
    #[test]
    fn every_delivery_and_every_loss_belongs_to_one_message(walk in any_walk()) {
        let trace = trace(&walk);
        let passages = passages(&walk.setup.model, &trace);
        let mut by_step = BTreeMap::new();
        for passage in &passages {
            prop_assert!(passage.delivered.iter().chain(&passage.lost).all(|&step| step > passage.sent));
            for &step in passage.delivered.iter().chain(&passage.lost) {
                prop_assert!(by_step.insert(step, passage.message).is_none(), "step {step} takes two messages");
            }
        }
        for (step, event) in trace.steps() {
            let takes = match event {
                Event::Controller { transition, .. } => match transition.input {
                    Input::Notice(notice) => Some(Message::Notice(notice)),
                    Input::Stop | Input::TimedOut | Input::Restarted => None,
                },
                Event::Lost(_, message) => Some(*message),
                Event::Task { command, .. } => command.map(Message::Command),
            };
            prop_assert_eq!(by_step.get(&step).copied(), takes, "step {}", step);
        }
        let under_way: usize = trace.last().inboxes.iter().map(|inbox| inbox.len()).sum();
        // A message is still in its channel if its last delivery was a repeat, or if it was neither delivered nor lost.
        let left = |passage: &&startup_race::explore::messages::Passage| {
            let is_repeat = |&step: &usize| matches!(trace.event(step), Event::Controller { redelivered: true, .. });
            matches!(passage.channel, Channel::Inbox(_))
                && passage.lost.is_none()
                && passage.delivered.last().is_none_or(is_repeat)
        };
        prop_assert_eq!(passages.iter().filter(left).count(), under_way);
    }

    #[test]
    fn a_picture_is_well_formed_and_describes_every_step(walk in any_walk()) {
        let trace = trace(&walk);
        let picture = picture(&walk.setup, &trace);
        let document = roxmltree::Document::parse(&picture).expect("well-formed");
        let described = document.descendants().find(|node| node.has_tag_name("desc")).and_then(|node| node.text());
        let described = described.unwrap_or_default();
        for step in 1..=trace.events.len() {
            prop_assert!(described.contains(&format!("{step}: ")), "step {step} is not described");
        }
    }
}

#[test]
fn a_picture_is_well_formed_whatever_the_names() {
    let (_, picture) = run("arroyo/before --tasks 3 --names <&>,\"'\",]]>  --fails 2", "2 2 2 c c");
    let document = roxmltree::Document::parse(&picture).expect("well-formed");
    let shown: Vec<_> = document.descendants().filter_map(|node| node.text()).collect();
    for name in ["<&>", "\"'\"", "]]>"] {
        assert!(shown.contains(&name), "{name} is shown as it is: {shown:?}");
    }
}

#[test]
fn an_arrow_leads_from_the_step_that_sends_to_the_step_that_receives() {
    let (_, picture) = run("seed/fixed --tasks 2 --fails none", "1 1 2 2 c");
    let rows = |step: u32| 74 + 26 * step;
    let lines = |class: &str| -> Vec<&str> {
        let end = format!(r#"class="{class}"/>"#);
        picture.lines().filter(|line| line.starts_with("<line") && line.ends_with(&end)).collect()
    };
    let (arrows, dotted) = (lines("sent"), lines("sent away"));
    assert_eq!(arrows.len(), 2, "one delivery and the legend's: {arrows:#?}");
    let (from, to) = (format!(r#"y1="{}""#, rows(2)), format!(r#"y2="{}""#, rows(5)));
    assert!(arrows[0].contains(&from) && arrows[0].contains(&to), "{}", arrows[0]);
    assert_eq!(dotted.len(), 1, "the second notice is still under way: {dotted:#?}");
}

#[test]
fn a_dropped_and_a_lost_message_end_in_a_cross() {
    let crosses = |options: &str, schedule: &str| elements(&run(options, schedule).1, "<path") - 1;
    assert_eq!(crosses("arroyo/before --tasks 2 --fails 2", "2 2 2 1 1 1 c c c"), 1, "the failure is dropped");
    assert_eq!(crosses("seed/fixed --tasks 2 --fails 2 --losses 1", "2 2 l"), 1, "the report is lost");
    assert_eq!(crosses("seed/fixed --tasks 2 --fails none", "1 1 2 2 c c"), 0);
}

#[test]
fn the_picture_of_the_real_bug_is_this() {
    let (_, picture) = run("arroyo/before --tasks 2 --fails 2", "2 2 2 1 1 1 c c c");
    insta::assert_snapshot!("space-time", picture);
}

#[test]
fn the_picture_of_a_check_is_the_counterexample_beside_the_nearest_schedule_that_passes() {
    let ran = drawn(&["check", "arroyo/before", "--claim", "no-lost-failure", "--format", "svg"]);
    let document = roxmltree::Document::parse(&ran).expect("well-formed");
    let heads: Vec<_> = document.descendants().filter_map(|node| node.text()).collect();
    for head in ["no-lost-failure: REFUTED", "the nearest schedule that passes, one swap away"] {
        assert!(heads.contains(&head), "{head}: {heads:?}");
    }
    let rings = ran.lines().filter(|line| line.starts_with("<circle") && line.contains(r#"class="ring""#)).count();
    assert_eq!(rings, 5, "the pair in both schedules, and the legend's");
    assert_eq!(ran.matches(">◀ claim broken<").count(), 1, "only one of the two breaks it");
}

#[test]
fn the_picture_of_a_check_that_refutes_nothing_is_a_run_without_faults() {
    let ran = drawn(&["check", "arroyo/after", "--format", "svg"]);
    assert!(ran.contains(">can-run: a run without faults<") && ran.contains(">Running<"), "{ran}");
    let vacuous =
        drawn(&["check", "seed/fixed", "--announce", "never", "--claim", "no-lost-failure", "--format", "svg"]);
    assert!(vacuous.contains(">can-run: a run without faults that does not start<"), "{vacuous}");
    assert!(!vacuous.contains(">Running<"), "{vacuous}");
}

#[test]
fn a_picture_does_not_say_that_a_run_does_not_start_if_the_search_for_it_was_cut_short() {
    let ran = drawn(&["check", "arroyo/after", "--max-states", "5", "--format", "svg"]);
    assert!(ran.contains(">can-run: a run without faults<") && ran.contains(">Running<"), "{ran}");
}

#[test]
fn the_picture_of_a_replay_is_that_of_its_schedule_and_two_names_have_no_picture() {
    let (_, picture) = run("arroyo/before --tasks 2 --fails 2", "2 2 2 1 1 1 c c c");
    let ran = drawn(&["replay", "arroyo/before", "2 2 2 1 1 1 c c c", "--format", "svg"]);
    let heading = "arroyo/before --tasks 2 --fails 2 &quot;2 2 2 1 1 1 c c c&quot;";
    assert_eq!(ran.replace(heading, "a run").lines().count(), picture.lines().count());
    assert!(ran.contains(heading), "{ran}");
    refused(
        &["check", "arroyo/before", "arroyo/after", "--format", "svg"],
        "--format svg: a picture shows one scenario",
    );
}
