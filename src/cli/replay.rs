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
        .arg(Arg::new("name").value_name("NAME").required(true).help("A protocol, such as arroyo/before"))
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
    let (name, setup) = (text("name"), Setup::of(request::scenario(text("name"), matches)?));
    if request::is_json(matches) {
        return Ok(Done::ok(json::replay(name, &setup, &replay(&setup, text("schedule"))?)));
    }
    let schedule: Schedule = text("schedule").parse()?;
    let walk = Walk::of(&setup, &schedule)?;
    let head = format!("replayed  {}\n\n", command::arguments(name, &setup.scenario));
    Ok(Done::ok(head + &table::table(&setup, &walk, None, style())))
}
