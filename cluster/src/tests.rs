//! Two processes that number the same parts differently. Each process numbers the parts in the order in which it meets
//! them, and the states of the tasks decide which state of an orbit is the representative. So a state that is one
//! process's representative need not be another's.

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;

use startup_race::explore::engine::parts::Unlearned;
use startup_race::explore::engine::potential::Weights;
use startup_race::explore::engine::search::Again;
use startup_race::explore::engine::{self, Answer, Request};
use startup_race::explore::limits::{Limit, Limits};
use startup_race::explore::orbits::Symmetry;
use startup_race::{PipelineController, Rules, Scenario, Setup, TaskState, claims};

use crate::Hosts;
use crate::agree::Stop;
use crate::net::Net;
use crate::search::Search;

/// Asks for every number and every counterexample of a scenario, with tasks interchanged.
fn asked<T>(protocol: &str, ask: impl FnOnce(&Request<'_, PipelineController>) -> T) -> T {
    let rules = Rules::named(protocol).unwrap();
    let setup = Setup::of(Scenario::new(rules, 4).unwrap().failing(&[2]).unwrap());
    let claims = claims::standard::<PipelineController>(setup.model.run());
    ask(&Request {
        model: &setup.model,
        claims: &claims,
        symmetry: Some(Symmetry::of),
        numbers: true,
        schedules: true,
        limits: &Limits::default(),
        jobs: 1,
        spill: None,
    })
}

/// The answer of a process. Each process has met the states of tasks in an order of its own before it hears of the
/// other's: the second process in the opposite order.
fn of_process(request: &Request<'_, PipelineController>, hosts: &Hosts) -> Answer {
    let mut net = Net::connect(hosts, Duration::from_secs(60)).unwrap();
    let mut quiet = |_, _| ControlFlow::Continue(());
    let answer = {
        let begun = Search::<_, 1>::begin(&mut net, request, request.claims, Weights::default(), &mut quiet);
        let mut search = begun.expect("the search begins");
        let state = |completed| TaskState { completed, ..search.known.world.attempts[0][0] };
        let mut states: Vec<TaskState> = (0..4).map(state).collect();
        if search.net.index == 1 {
            states.reverse();
        }
        search.known.parts.group(states).expect("the states have room");
        search.run().expect("no process ends the search");
        search.answer().expect("the search is complete")
    };
    net.close();
    answer
}

#[test]
fn processes_that_number_the_states_of_tasks_differently_have_the_answer_of_one_machine() {
    for protocol in ["arroyo/before", "arroyo/late-only"] {
        let alone = asked(protocol, |request| engine::explore(request, &mut |_, _| ControlFlow::Continue(()))).unwrap();
        let ports: Vec<TcpListener> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let list: String = ports.iter().map(|port| format!("{}\n", port.local_addr().unwrap())).collect();
        drop(ports);
        let process = |index| {
            let hosts = Hosts::of(&list, index, false).unwrap();
            thread::spawn(move || asked(protocol, |request| of_process(request, &hosts)))
        };
        for process in [0, 1].map(process) {
            assert_eq!(process.join().unwrap(), alone, "{protocol}");
        }
    }
}

/// A process that waits for no other.
fn on_its_own() -> Net {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Net::connect(&Hosts::of(&format!("{port}\n"), 0, false).unwrap(), Duration::from_secs(60)).unwrap()
}

#[test]
fn one_process_reports_the_progress_of_one_machine() {
    asked("arroyo/before", |request| {
        let (mut alone, mut together, mut net) = (Vec::new(), Vec::new(), on_its_own());
        let mut note = |states, layer| {
            alone.push((states, layer));
            ControlFlow::Continue(())
        };
        engine::explore(request, &mut note).unwrap();
        let mut note = |states, layer| {
            together.push((states, layer));
            ControlFlow::Continue(())
        };
        let search = Search::<_, 1>::begin(&mut net, request, request.claims, Weights::default(), &mut note);
        search.unwrap().run().unwrap();
        net.close();
        assert_eq!(together, alone);
    });
}

#[test]
fn what_the_backward_pass_keeps_counts_as_memory() {
    asked("arroyo/before", |request| {
        let (mut quiet, mut net) = (|_, _| ControlFlow::Continue(()), on_its_own());
        let mut search =
            Search::<_, 1>::begin(&mut net, request, request.claims, Weights::default(), &mut quiet).unwrap();
        search.run().unwrap();
        // Something else takes all the memory that the forward pass has left.
        let mut others = request.limits.account();
        others.hold(request.limits.bytes() - request.limits.used()).unwrap();
        let ended = search.answer().err();
        let is_memory = matches!(ended, Some(Stop::Again(Again::Unlearned(Unlearned::Limit(Limit::Memory)))));
        drop(search);
        net.close();
        assert!(is_memory, "{ended:?}");
    });
}
