//! `startup-race replay NAME "SCHEDULE"`: steps one schedule and shows it.

use clap::{Arg, ArgMatches, Command};

use startup_race::explore::replay::{Walk, replay};
use startup_race::protocol::event::Schedule;
use startup_race::protocol::world::Setup;
use startup_race::show::{command, table};

use super::output::{Done, Wrong, style};
use super::{json, request};

pub fn subcommand() -> Command {
    Command::new("replay")
        .about("Steps one schedule, or its beginning, and shows it")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("A protocol, such as arroyo/before, or a scenario of the catalog"),
        )
        .arg(
            Arg::new("schedule")
                .value_name("SCHEDULE")
                .required(true)
                .help("Who acts, in order: 2 2 2 1 1 1 c c c (a task is its number, the controller is c)"),
        )
        .arg(request::format_arg())
        .args(request::scenario_args())
}

pub fn run(matches: &ArgMatches) -> Result<Done, Wrong> {
    let text = |name| matches.get_one::<String>(name).expect("clap requires it");
    let request::Request { protocol, scenario } = request::scenario(text("name"), matches)?;
    let setup = Setup::of(scenario);
    if request::is_json(matches) {
        return Ok(Done::ok(json::replay(&protocol, &setup, &replay(&setup, text("schedule"))?)));
    }
    let schedule: Schedule = text("schedule").parse()?;
    let walk = Walk::of(&setup, &schedule)?;
    let head = format!("replayed  {}\n\n", command::arguments(&protocol, &setup.scenario));
    Ok(Done::ok(head + &table::table(&setup, &walk, None, style())))
}
