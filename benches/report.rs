//! `cargo bench --bench report` shows how `check arroyo/late-only --tasks 6 --fails 2,5` spends its time: on the
//! search, on the explanations, and on the text. The text takes at most 2 ms and starts no search.

#[cfg(not(loom))]
mod parts {
    use divan::{Bencher, black_box};
    use startup_race::core::PipelineController;
    use startup_race::explore::report::{Check, Report};
    use startup_race::scenario::{Rules, Scenario, Setup};

    fn report() -> Report<PipelineController> {
        let rules = Rules::named("arroyo/late-only").expect("a named protocol");
        let scenario = Scenario::new(rules, 6).and_then(|scenario| scenario.failing(&[2, 5])).expect("a scenario");
        let check = Check::new(Setup::of(scenario)).protocol("arroyo/late-only").symmetric();
        check.run().expect("the pipeline's controller keeps its contract")
    }

    fn explained(report: Report<PipelineController>) -> Report<PipelineController> {
        let refuted = report.claims.iter().filter(|judgement| report.explanation(judgement).is_some()).count();
        assert_eq!(refuted, 1, "always-decides is refuted, and nothing else");
        report
    }

    #[divan::bench(sample_count = 20, sample_size = 1)]
    fn search() -> Report<PipelineController> {
        report()
    }

    #[divan::bench(sample_count = 20, sample_size = 1)]
    fn explanations(bencher: Bencher<'_, '_>) {
        bencher.with_inputs(report).bench_values(explained);
    }

    #[divan::bench(sample_count = 100, sample_size = 1)]
    fn rendering(bencher: Bencher<'_, '_>) {
        let report = explained(report());
        bencher.bench_local(|| black_box(&report).text());
    }
}

fn main() {
    #[cfg(not(loom))]
    divan::main();
}
