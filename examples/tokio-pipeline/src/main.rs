//! `cargo run -p tokio-pipeline`: runs the pipeline with the bug and with the fix, and prints the published phases.

use std::time::Duration;

use tokio_pipeline::{Order, Plan, start};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for (name, order) in [("early", Order::Early), ("late", Order::Late)] {
        let plan = Plan { tasks: 2, fails: Some(2), hangs: None, order, patience: None };
        let published = start(plan);
        tokio::time::sleep(Duration::from_millis(50)).await;
        println!("{name}: task 2 is dead, and the pipeline is {}", *published.borrow());
    }
}
