//! Fourteen public bug reports, each modelled with the library: the bug is found, and its fix is proved.
//!
//! Each file models one report in the terms of its system. It models the pattern, not the whole system. `cargo run
//! --example reports` prints what the check says about each; `cargo test --example reports` is the gate. `PAGE.md` says
//! what was hard to express.

#[cfg(not(loom))]
mod airflow_69336;
#[cfg(not(loom))]
mod arroyo_24;
#[cfg(not(loom))]
mod dlrover_1357;
#[cfg(not(loom))]
mod dolphinscheduler_10842;
#[cfg(not(loom))]
mod flink_12948;
#[cfg(not(loom))]
mod flink_2095;
#[cfg(not(loom))]
mod helix_1567;
#[cfg(not(loom))]
mod istio_11130;
#[cfg(not(loom))]
mod ray_62994;
#[cfg(not(loom))]
mod risingwave_13498;
#[cfg(not(loom))]
mod risingwave_8233;
#[cfg(not(loom))]
mod storm_577;
#[cfg(not(loom))]
mod tork_226;
#[cfg(not(loom))]
mod vllm_46534;

/// Code that the files share.
#[cfg(not(loom))]
mod prelude {
    pub use startup_race::claims::standard;
    pub use startup_race::{
        Actor, ActorId, Attempt, Check, Claim, Command, Context, Controller, Effect, Fault, Input, Kind, Notice, Phase,
        Reason, RunRules, Scope, Script, Setup, Stage, State, Step, Timeout, Via, When, WorkerId, check,
    };

    /// A phase under the system's own name.
    pub const fn phase(name: &'static str, stage: Stage) -> Phase {
        Phase { name, stage }
    }

    /// A step that sends a notice of the system's own kind.
    pub const fn says(kind: &'static str) -> Step {
        Step::Send(Kind::Own(kind))
    }

    /// A script of these steps.
    pub fn script(steps: &[Step]) -> Script {
        steps.iter().fold(Script::default(), |script, &step| script.then(step))
    }

    /// A check of this one claim.
    pub fn told<C: Controller>(controller: C, run: RunRules, actors: Vec<Actor>, claim: Claim<C>) -> Check<'static, C> {
        check(Setup::own(controller, run, actors).expect("the actors fit")).claims(vec![claim])
    }

    /// The standard claim of this name.
    pub fn claim<C: Controller>(id: &str) -> Claim<C> {
        standard(&RunRules::DEFAULT).into_iter().find(|claim| claim.id == id).expect("there is such a claim")
    }

    /// A claim that is judged in every state: no state is `bad`.
    pub fn never<C: Controller>(id: &'static str, says: &'static str, bad: fn(&State<'_, C>) -> bool) -> Claim<C> {
        Claim::new(id, says, Scope::Always, |_| true, move |state| !bad(state))
    }

    /// A claim that is judged at every end.
    pub fn at_end<C: Controller>(id: &'static str, says: &'static str, holds: fn(&State<'_, C>) -> bool) -> Claim<C> {
        Claim::new(id, says, Scope::AtEnd, |_| true, holds)
    }
}

/// Calls a macro with each report: its file, its name, and the share of the schedules that break the claim.
#[cfg(not(loom))]
macro_rules! for_each_report {
    ($call:ident) => {
        $call! {
            dlrover_1357 "report/dlrover-1357" "4,858 of 9,006";
            flink_12948 "report/flink-12948" "3 of 8";
            dolphinscheduler_10842 "report/dolphinscheduler-10842" "1 of 1";
            tork_226 "report/tork-226" "16 of 30";
            flink_2095 "report/flink-2095" "11 of 36";
            risingwave_13498 "report/risingwave-13498" "147 of 210";
            helix_1567 "report/helix-1567" "238 of 273";
            istio_11130 "report/istio-11130" "9 of 11";
            vllm_46534 "report/vllm-46534" "10 of 10";
            storm_577 "report/storm-577" "198 of 400";
            airflow_69336 "report/airflow-69336" "8 of 8";
            ray_62994 "report/ray-62994" "242 of 598";
            arroyo_24 "report/arroyo-24" "186 of 1,422";
            risingwave_8233 "report/risingwave-8233" "15 of 68";
        }
    };
}

fn main() {
    #[cfg(not(loom))]
    {
        macro_rules! print_each {
            ($($file:ident $name:literal $broken:literal;)+) => {
                $(
                    println!("# {}\n", $name);
                    print!("{}\n# {}, mended\n\n", $file::system(false).run().expect("no breach").text(), $name);
                    println!("{}", $file::system(true).expect_proved().text());
                )+
            };
        }
        for_each_report!(print_each);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use startup_race::{Check, Controller, VerdictKind};

    /// Checks that the bug is found, that its report fits into 80 columns (but for the line that replays it) and has no
    /// word of the built-in protocol, that the given share of the schedules breaks the claim, and that the fix is
    /// proved.
    fn found_and_mended<C: Controller>(system: fn(bool) -> Check<'static, C>, broken: &str) {
        let report = system(false).run().expect("the controller keeps its contract");
        assert_eq!(report.verdict(), VerdictKind::Refuted, "{}", report.text());
        let text = report.text();
        assert!(text.contains(&format!("{broken} schedules")), "{broken}: {text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80 || line.starts_with("startup_race::replay(")),
            "{text}"
        );
        for foreign in ["task 1", "task 2", "Scheduling", "Running", "TaskStarted"] {
            assert!(!text.contains(foreign), "{foreign} is not this system's word: {text}");
        }
        system(true).expect_proved();
    }

    macro_rules! test_each {
        ($($file:ident $name:literal $broken:literal;)+) => {
            $(mod $file {
                #[test]
                fn the_bug_is_found_and_the_fix_is_proved() {
                    super::found_and_mended(crate::$file::system, $broken);
                }
            })+

            #[test]
            fn the_catalog_lists_these_reports_in_this_order() {
                let told: Vec<&str> = vec![$($name),+];
                let listed = startup_race::catalog::reports::REPORTS.iter();
                let listed: Vec<&str> = listed.filter(|report| report.refused.is_none()).map(|report| report.name).collect();
                assert_eq!(listed, told);
            }
        };
    }
    for_each_report!(test_each);
}
