//! Three public bug reports, each modelled with the public types. A claim is refuted with the bug and proved with the
//! fix, and the fix works without faults.

use super::search::{compare, standard};
use startup_race::claims::{Claim, Scope, State, can_run};
use startup_race::core::Kind::{Failed, Finished, Own, Started};
use startup_race::core::Step::{OnStart, Run, Send};
use startup_race::core::{
    ActorId, Attempt, Command, Context, Controller, Effect, Fault, Input, Notice, Phase, RunRules, Script, Stage, When,
};
use startup_race::model::Actor;

const CANCEL: Command = Command("cancel");

/// runabol/tork #226: a cancel is handled only for a running task. A cancel for a pending task is lost, and the task
/// runs.
mod tork_226 {
    use super::*;

    const WORK: ActorId = ActorId(1);
    const PENDING: Phase = Phase { name: "PENDING", stage: Stage::Starting };
    const RUNNING: Phase = Phase { name: "RUNNING", stage: Stage::Up };
    const CANCELLED: Phase = Phase { name: "CANCELLED", stage: Stage::Ended };

    /// The state of the task, and the states in which a cancel is handled.
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Coordinator(Phase, &'static [Phase]);

    impl Controller for Coordinator {
        fn on(&mut self, input: Input, now: &mut Context) {
            let Input::Notice(notice) = input else { return };
            match notice.kind {
                Started if self.0 == PENDING => self.0 = RUNNING,
                Own("cancel") if self.1.contains(&self.0) => {
                    self.0 = CANCELLED;
                    now.effects.push(Effect::Send(WORK, CANCEL));
                }
                _ => {}
            }
        }

        fn names(&self) -> &'static [&'static str] {
            &["cancel"]
        }

        fn phase(&self) -> Phase {
            self.0
        }
    }

    #[test]
    fn a_cancel_of_a_pending_task_is_lost() {
        let startup =
            Script::default().then(Send(Finished)).when(When::Command(CANCEL)).or(OnStart).then(Send(Started));
        let script = startup.then(Run).then(Send(Finished)).when(When::Command(CANCEL));
        let user = Actor::helper("user", Script::default().then(Send(Own("cancel")))).on(2);
        let run = (RunRules::DEFAULT, vec![Actor::task("work", script), user]);
        let [bug, fix] = [&[RUNNING][..], &[PENDING, RUNNING]].map(|cancellable| Coordinator(PENDING, cancellable));
        let over = |s: &State<'_, _>| s.stage() == Stage::Ended && !s.tasks().any(|task| task.runs());
        let over = Claim::new("cancelled", "every end is CANCELLED, and nothing runs", Scope::AtEnd, |_| true, over);
        assert_eq!(compare(run, [bug, fix], &over, &over), [(16, 30), (0, 38)]);
    }
}

/// apache/helix #1567: a workflow is told to stop, an instance goes offline before its task is cancelled, and the job
/// stays in STOPPING. The fix marks the task as DROPPED, which counts as stopped.
mod helix_1567 {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Job {
        running: Vec<ActorId>,
        is_stopping: bool,
        drops_the_offline: bool,
    }

    impl Controller for Job {
        fn on(&mut self, input: Input, now: &mut Context) {
            let Input::Notice(Notice { from, kind, .. }) = input else { return };
            match kind {
                Own("stop") => {
                    self.is_stopping = true;
                    now.effects.extend(self.running.iter().map(|task| Effect::Send(*task, CANCEL)));
                }
                Failed(_) if self.is_stopping && !self.drops_the_offline => {}
                _ => self.running.retain(|task| *task != from),
            }
        }

        fn names(&self) -> &'static [&'static str] {
            &["stop", "cancel"]
        }

        fn phase(&self) -> Phase {
            let (name, stage) = match (self.is_stopping, self.running.is_empty()) {
                (false, _) => ("IN_PROGRESS", Stage::Up),
                (true, false) => ("STOPPING", Stage::Stopping),
                (true, true) => ("STOPPED", Stage::Ended),
            };
            Phase { name, stage }
        }
    }

    #[test]
    fn a_stopping_job_waits_for_an_instance_that_is_offline() {
        let script = Script::default().then(Run).then(Send(Finished)).when(When::Command(CANCEL));
        let goes_offline = Actor::task("task-2", script.clone()).with(Fault::Dies, &[], &[]);
        let user = Actor::helper("user", Script::default().then(Send(Own("stop")))).on(2);
        let run = (RunRules::DEFAULT, vec![Actor::task("task-1", script), goes_offline, user]);
        let job = |drops| Job { running: vec![ActorId(1), ActorId(2)], is_stopping: false, drops_the_offline: drops };
        let stops = Claim::new("stops", "every end is STOPPED", Scope::AtEnd, |_| true, |s| s.stage() == Stage::Ended);
        let found = compare(run, [job(false), job(true)], &standard("always-decides"), &stops);
        assert_eq!(found, [(238, 273), (0, 273)]);
    }
}

/// ray-project/ray #62994: a worker dies after an actor was created on it, but before the write that records this has
/// completed. The address is cleared, the callback of the write sends the empty address to the client, and the client
/// crashes. The fix answers the client before the address is cleared.
mod ray_62994 {
    use super::*;

    const WRITE: Command = Command("write ALIVE");

    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Gcs {
        address: Option<Attempt>,
        answer: Option<Option<Attempt>>,
        answers_early: bool,
    }

    impl Controller for Gcs {
        fn on(&mut self, input: Input, now: &mut Context) {
            let Input::Notice(Notice { from, attempt, kind }) = input else { return };
            match kind {
                Started => {
                    self.address = Some(attempt);
                    now.effects.push(Effect::Send(ActorId(2), WRITE));
                }
                Failed(_) => {
                    self.answer = self.answer.or(self.address.filter(|_| self.answers_early).map(Some));
                    self.address = None;
                    now.effects.push(Effect::Restart(from));
                }
                _ => self.answer = self.answer.or(Some(self.address)),
            }
        }

        fn names(&self) -> &'static [&'static str] {
            &["write ALIVE", "written"]
        }

        fn phase(&self) -> Phase {
            let (name, stage) = match self.address {
                None => ("PENDING", Stage::Starting),
                Some(_) => ("ALIVE", Stage::Up),
            };
            Phase { name, stage }
        }
    }

    #[test]
    fn the_callback_of_a_write_finds_no_address() {
        let worker = Actor::task("worker", Script::default().then(OnStart).then(Send(Started)).then(Run));
        let write = |script: Script| script.then(Send(Own("written"))).when(When::Command(WRITE));
        let store = Actor::helper("store", write(write(Script::default()))).on(2);
        let actors = vec![worker.with(Fault::Dies, &[1], &[]), store];
        let run = (RunRules { attempts: 2, ..RunRules::DEFAULT }, actors);
        let gcs = |answers_early| Gcs { address: None, answer: None, answers_early };
        let address = |s: &State<'_, Gcs>| s.controller().answer != Some(None);
        let claim = Claim::new("address", "never nil", Scope::Always, |_| true, address);
        assert_eq!(compare(run, [gcs(false), gcs(true)], &claim, &can_run()), [(242, 598), (0, 598)]);
    }
}
