//! Conducts the code of this crate: with two tasks under every schedule of the model, with three tasks under some
//! schedules that together take every step.

use std::time::Duration;

use startup_race::conformance::{Conducted, Parting};
use startup_race::{Fault, PipelineController, Rules, Scenario, Setup, Timeout, check, conduct, point};
use tokio::sync::{mpsc, watch};

use crate::{Order, Plan, start};

fn setup(protocol: &str, tasks: u8, fails: Option<u8>) -> Setup<PipelineController> {
    let scenario = Scenario::new(Rules::named(protocol).unwrap(), tasks).unwrap();
    Setup::of(scenario.failing(fails.as_slice()).unwrap())
}

fn conducted(protocol: &str, plan: Plan) -> Conducted<PipelineController> {
    let model = setup(protocol, plan.tasks, plan.fails);
    conduct(model).on_tokio(|| published(plan)).expect("the model is small")
}

fn published(plan: Plan) -> impl FnMut() -> &'static str {
    let phase = start(plan);
    move || *phase.borrow()
}

fn plan(order: Order, tasks: u8, fails: Option<u8>) -> Plan {
    Plan { tasks, fails, hangs: None, order, patience: None }
}

#[test]
fn the_code_with_the_bug_conforms_to_the_model_with_the_bug() {
    check(setup("arroyo/before", 2, Some(2))).expect_refuted("no-lost-failure");
    let conducted = conducted("arroyo/before", plan(Order::Early, 2, Some(2))).expect_conforms();
    assert_eq!((conducted.schedules, conducted.covered), (545, conducted.steps));
}

#[test]
fn the_code_with_the_fix_conforms_to_the_model_that_is_proved() {
    for fails in [None, Some(1), Some(2)] {
        check(setup("arroyo/after", 2, fails)).expect_proved();
        let conducted = conducted("arroyo/after", plan(Order::Late, 2, fails)).expect_conforms();
        assert!(conducted.all && conducted.covered == conducted.steps, "{}", conducted.text());
    }
}

#[test]
fn code_with_the_bug_differs_from_the_model_with_the_fix_and_the_message_says_where() {
    let conducted = conducted("arroyo/after", plan(Order::Early, 2, Some(2)));
    let parted = conducted.parted.as_ref().expect("they differ");
    assert!(matches!(&parted.how, Parting::Instead(point) if point.action == "announce"), "{}", conducted.text());
    assert!(conducted.text().contains("actor 1 at `announce` instead of `on_start`"), "{}", conducted.text());
}

#[test]
fn with_three_tasks_some_of_the_schedules_take_every_step() {
    let conducted = conducted("arroyo/before", plan(Order::Early, 3, Some(2))).expect_conforms();
    assert!(!conducted.all && conducted.schedules < 1000, "{}", conducted.text());
    assert_eq!(conducted.covered, conducted.steps);
}

/// A task hangs, and the controller waits for it for at most an hour.
fn impatient() -> (Setup<PipelineController>, Plan) {
    let mut rules = Rules::named("arroyo/after").unwrap();
    rules.run.timeout = Timeout::Patient;
    let scenario = Scenario::new(rules, 2).unwrap().with_fault(Fault::Hangs, 2, &[]).unwrap();
    let patience = Some(Duration::from_secs(3600));
    (Setup::of(scenario), Plan { hangs: Some(2), patience, ..plan(Order::Late, 2, None) })
}

#[test]
fn time_moves_only_when_the_schedule_takes_the_timeout() {
    let (setup, plan) = impatient();
    let conducted = conduct(setup).on_tokio(|| published(plan)).unwrap().expect_conforms();
    assert_eq!(conducted.covered, conducted.steps);
}

#[test]
fn code_that_never_reaches_a_point_is_stuck_and_the_message_says_what_waits() {
    let (setup, plan) = impatient();
    let conducted = conduct(setup).on_tokio(|| published(Plan { patience: None, ..plan })).unwrap();
    let text = conducted.text();
    let parted = conducted.parted.expect("the code has no timeout");
    assert!(matches!(&parted.how, Parting::Stuck(point) if point.action == "timeout"), "{text}");
    assert!(text.starts_with("stuck") && text.contains("the runtime of tokio is idle"), "{text}");
    // The same happens if the code lacks a task of the model.
    let conducted =
        conduct(self::setup("arroyo/after", 3, None)).on_tokio(|| published(self::plan(Order::Late, 2, None)));
    let text = conducted.unwrap().text();
    assert!(text.contains("it never has actor 3 at `on_start`") && text.contains("waits    actor 1 at"), "{text}");
}

#[test]
fn code_that_goes_on_after_the_model_is_over_diverges() {
    let model = setup("arroyo/after", 1, None);
    let conducted = conduct(model).on_tokio(|| {
        let read = published(plan(Order::Late, 1, None));
        tokio::spawn(point(7, "announce"));
        read
    });
    let text = conducted.unwrap().text();
    assert!(text.contains("it goes on after the model is over: it has actor 7 at `announce`"), "{text}");
}

/// A random choice between two channels, which a controller must not make.
fn chooses_by_chance() -> impl FnMut() -> &'static str {
    let (publish, published) = watch::channel("Scheduling");
    let (one, mut first) = mpsc::unbounded_channel();
    let (other, mut second) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        point(1, "on_start").await;
        let _ = (one.send(()), other.send(()));
        point(1, "announce").await;
    });
    tokio::spawn(async move {
        tokio::select! {
            _ = first.recv() => point(0, "receive").await,
            _ = second.recv() => point(0, "stop").await,
        }
        publish.send_replace("Running");
    });
    move || *published.borrow()
}

#[test]
fn a_choice_by_chance_is_found_out_by_the_repetition_and_the_message_says_so() {
    let found = (0..20).find_map(|_| {
        let conducted = conduct(setup("seed/fixed", 1, None)).on_tokio(chooses_by_chance).unwrap();
        let by_chance = matches!(conducted.parted.as_ref()?.how, Parting::NotDeterministic(_));
        by_chance.then(|| conducted.text())
    });
    let text = found.expect("one of 20 pairs of runs differs, except once in a million tests");
    assert!(text.starts_with("not deterministic") && text.contains("`select!` without `biased`"), "{text}");
}

/// The next message. If `waits`, this waits at its point after it has received the message. If another branch of a
/// `select!` is chosen meanwhile, the message is kept.
async fn next(
    inbox: &mut mpsc::UnboundedReceiver<Message>,
    held: &mut Option<Message>,
    waits: bool,
) -> Option<Message> {
    if held.is_none() {
        *held = Some(inbox.recv().await?);
    }
    if waits {
        point(0, "receive").await;
    }
    held.take()
}

#[derive(PartialEq)]
enum Message {
    Started,
    Finished,
}

/// One task, and a controller that takes a message or a stop, whichever the schedule chooses. Without `keeps`, a
/// controller that has received a message must react to it before it can take the stop.
fn takes_a_stop(keeps: bool) -> impl FnMut() -> &'static str {
    let (publish, published) = watch::channel("Scheduling");
    let (sender, mut inbox) = mpsc::unbounded_channel();
    let (stop, mut stopping) = watch::channel(false);
    tokio::spawn(async move {
        point(1, "on_start").await;
        point(1, "announce").await;
        let _ = sender.send(Message::Started);
        point(1, "run").await;
        let _ = stopping.wait_for(|stopping| *stopping).await;
        point(1, "stop").await;
        let _ = sender.send(Message::Finished);
    });
    tokio::spawn(async move {
        let mut held = None;
        while *publish.borrow() != "Stopped" {
            let is_stopping = *stop.borrow();
            let message = tokio::select! {
                biased;
                message = next(&mut inbox, &mut held, keeps) => {
                    if !keeps {
                        point(0, "receive").await;
                    }
                    message
                }
                () = point(0, "stop"), if !is_stopping => {
                    stop.send_replace(true);
                    None
                }
            };
            publish.send_replace(match message {
                Some(Message::Started) if !is_stopping => "Running",
                Some(Message::Finished) => "Stopped",
                _ => "Stopping",
            });
        }
    });
    move || *published.borrow()
}

#[test]
fn a_select_whose_branches_keep_what_they_took_lets_the_schedule_choose() {
    let conducted = |keeps| {
        let mut rules = Rules::named("seed/fixed").unwrap();
        rules.run.stop = true;
        let model = Setup::of(Scenario::new(rules, 1).unwrap());
        conduct(model).on_tokio(|| takes_a_stop(keeps)).unwrap()
    };
    let chosen = conducted(true).expect_conforms();
    assert_eq!(chosen.covered, chosen.steps);
    let text = conducted(false).text();
    assert!(text.starts_with("diverges") && text.contains("stop: Stopping"), "{text}");
}

#[test]
fn the_program_itself_does_not_depend_on_the_crate_that_conducts_it() {
    let tree = |edges: &str| {
        let mut cargo = std::process::Command::new(env!("CARGO"));
        cargo.args(["tree", "--offline", "--package", "tokio-pipeline", "--prefix", "none", "--edges", edges]);
        let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(tree("normal").contains("tokio v1") && !tree("normal").contains("startup-race"), "{}", tree("normal"));
    assert!(tree("normal,dev").contains("startup-race"), "its tests do depend on it");
}
