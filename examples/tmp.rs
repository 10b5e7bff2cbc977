use startup_race::explore::report::Check;
use startup_race::protocol::{rules::Rules, scenario::Scenario, world::Setup};
fn main() {
    let n: u8 = std::env::args().nth(1).unwrap().parse().unwrap();
    let s = Scenario::new(Rules::named("arroyo/before").unwrap(), n).unwrap().failing(&[n]).unwrap();
    let t = std::time::Instant::now();
    let c = Check::new(Setup::of(s));
    let c = if std::env::args().nth(2).is_some() { c } else { c.symmetric() };
    let r = c.run().unwrap();
    println!("{n}: {:?} states {} orbits {} schedules {}", t.elapsed(), r.states, r.orbits, r.schedules.unwrap());
}
