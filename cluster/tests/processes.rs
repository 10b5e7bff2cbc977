//! Runs several processes over loopback. They print what one machine prints. If one of them dies, there is no verdict.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use startup_race::cli::{self, Streams};
use startup_race::show::Style;
use tempfile::TempDir;

/// A list of hosts on loopback, in a folder that is removed afterwards.
struct Hosts {
    folder: TempDir,
    count: usize,
}

impl Hosts {
    fn on_loopback(count: usize) -> Self {
        let ports: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let lines = ports.iter().map(|port| format!("{}\n", port.local_addr().unwrap()));
        Self::of(&lines.collect::<String>(), count)
    }

    fn of(text: &str, count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("hosts.txt"), text).unwrap();
        Self { folder, count }
    }

    fn process(&self, index: usize, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_startup-race-cluster"));
        command.arg("check").args(arguments.split_whitespace());
        command.arg("--hosts").arg(self.folder.path().join("hosts.txt")).args(["--process", &index.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, arguments: &str) -> Vec<Child> {
        (0..self.count).map(|index| self.process(index, arguments).spawn().unwrap()).collect()
    }

    fn run(&self, arguments: &str) -> Vec<Done> {
        self.start(arguments).into_iter().map(|child| Done::of(child.wait_with_output().unwrap())).collect()
    }
}

/// How a process ended.
#[derive(Debug)]
struct Done {
    code: Option<i32>,
    output: String,
    errors: String,
}

impl Done {
    fn of(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: status.code(), output: text(stdout), errors: text(stderr) }
    }

    /// How many states it stored, and how many all processes stored.
    fn stored(&self) -> (usize, usize) {
        let line = self.errors.lines().find(|line| line.contains(" stored ")).unwrap_or_else(|| panic!("{self:?}"));
        let numbers: Vec<usize> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        (numbers[2], numbers[3])
    }
}

/// What one machine prints, and its exit code.
fn alone(arguments: &str) -> (String, Option<i32>) {
    let arguments: Vec<OsString> =
        ["startup-race", "check"].into_iter().chain(arguments.split_whitespace()).map(OsString::from).collect();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let style = Style { width: 80, colour: false };
    let (input, typed) = (&mut std::io::empty(), false);
    let mut streams = Streams { input, typed, output: &mut output, errors: &mut errors, style };
    let code = cli::run(&arguments, &mut streams);
    (String::from_utf8(output).unwrap(), Some(code.into()))
}

fn assert_same(processes: usize, arguments: &str) -> Vec<Done> {
    let done = Hosts::on_loopback(processes).run(arguments);
    let (output, code) = alone(arguments);
    assert!(!output.is_empty(), "{arguments}");
    assert_eq!((&done[0].output, done[0].code), (&output, code), "{arguments}: {done:?}");
    for other in &done[1..] {
        assert_eq!((other.output.as_str(), other.code), ("", code), "{arguments}: {other:?}");
    }
    done
}

#[test]
fn two_processes_print_what_one_machine_prints() {
    for arguments in [
        "arroyo/before --format json",
        "arroyo/before --tasks 3 --symmetry off",
        "arroyo/before --tasks 4 --format json --symmetry off --jobs 2",
        "arroyo/before --tasks 5 --format json",
        "arroyo/after --tasks 4 --format json --symmetry off",
        "arroyo/late-only arroyo/handled-only --tasks 3 --format json --symmetry off",
        "arroyo/before --tasks 3 --fails none --format json",
        "arroyo/before --tasks 3 --attempts 2 --failed-while-scheduling fail --format json --symmetry off",
        "arroyo/before --tasks 3 --attempts 2 --failed-while-scheduling fail --format json",
    ] {
        assert_same(2, arguments);
    }
}

#[test]
fn three_processes_print_what_one_machine_prints_under_other_rules() {
    for arguments in [
        "arroyo/before --tasks 4 --workers 1,1,2,2 --format json",
        "arroyo/before --attempts 2 --old-attempt lingers --failed-while-scheduling fail --format json",
        "arroyo/before --attempts 2 --timeout hasty --cascade chain --duplicates 1 --format json",
        "arroyo/before --losses 1 --stop asked --crashes 1 --recovery asks --dies 1 --format json",
        "arroyo/after --tasks 3 --restart one --attempts 2 --format json",
    ] {
        assert_same(3, arguments);
    }
}

#[test]
fn neither_of_two_processes_stores_more_than_three_fifths_of_the_states() {
    for arguments in ["arroyo/before --tasks 5 --format json", "arroyo/before --tasks 4 --format json --symmetry off"] {
        let done = assert_same(2, arguments);
        let [(one, all), (other, of_all)] = [done[0].stored(), done[1].stored()];
        assert_eq!((one + other, all), (all, of_all), "together they store each state once");
        assert!(all > 1000 && 10 * one.max(other) <= 6 * all, "{one} and {other} of {all}");
    }
}

/// Starts a long search, and kills a process once it has reported its progress.
fn kill_one_of_three(victim: usize) -> Vec<Done> {
    let hosts = Hosts::on_loopback(3);
    let mut children = hosts.start("arroyo/before --tasks 7 --symmetry off --jobs 1 --format json");
    let mut errors = BufReader::new(children[victim].stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    assert!(line.starts_with("searching: "), "{line}");
    children[victim].kill().unwrap();
    children.remove(victim).wait().unwrap();
    children.into_iter().map(|child| Done::of(child.wait_with_output().unwrap())).collect()
}

#[test]
fn a_process_that_is_killed_ends_the_others_with_cut_short_and_no_verdict() {
    let [first, second] = <[Done; 2]>::try_from(kill_one_of_three(1)).unwrap();
    assert_eq!([first.code, second.code], [Some(3); 2], "{first:?} {second:?}");
    assert!(first.output.contains("\"verdict\": \"CUT SHORT\"") && first.output.contains("\"complete\": false"));
    for verdict in ["PROVED", "REFUTED", "VACUOUS"] {
        assert!(!first.output.contains(verdict), "{}", first.output);
    }
    assert_eq!(second.output, "");
    for done in kill_one_of_three(0).into_iter().chain([first, second]) {
        assert_eq!(done.code, Some(3), "{done:?}");
        assert!(done.errors.contains("another process has ended before its work was done"), "{done:?}");
        assert!(!done.errors.contains("panicked"), "{done:?}");
    }
}

/// Sends a signal to a process.
fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn one_interrupt_ends_a_process_that_waits_for_another_one() {
    let hosts = Hosts::on_loopback(2);
    let request = "arroyo/before --tasks 7 --symmetry off --jobs 1 --format json";
    let [mut waits, mut halted] = <[Child; 2]>::try_from(hosts.start(request)).unwrap();
    let mut line = String::new();
    BufReader::new(halted.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("searching: "), "{line}");
    signal(&halted, "-STOP");
    sleep(Duration::from_secs(2));
    signal(&waits, "-INT");
    let interrupted = Instant::now();
    while waits.try_wait().unwrap().is_none() && interrupted.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(10));
    }
    let taken = interrupted.elapsed();
    let _ = waits.kill();
    halted.kill().unwrap();
    halted.wait().unwrap();
    let done = Done::of(waits.wait_with_output().unwrap());
    assert!(done.code == Some(3) && taken < Duration::from_secs(10), "{taken:?}: {done:?}");
    assert!(done.output.contains("\"cut_short_by\": \"interrupt\""), "{done:?}");
    assert!(!done.errors.contains("another process has ended"), "{done:?}");
}

#[test]
fn more_states_than_may_be_stored_cut_every_process_short() {
    // Each process stores fewer than 6000 states, but both together store more.
    let done = Hosts::on_loopback(2).run("arroyo/before --tasks 5 --max-states 6000 --format json");
    assert!(done.iter().all(|done| done.code == Some(3)), "{done:?}");
    assert!(done[0].output.contains("\"verdict\": \"CUT SHORT\""), "{done:?}");
}

#[test]
fn processes_that_are_asked_different_things_give_no_verdict() {
    let hosts = Hosts::on_loopback(2);
    let one = hosts.process(0, "arroyo/before --tasks 3").spawn().unwrap();
    let other = hosts.process(1, "arroyo/before --tasks 4").spawn().unwrap();
    for done in [one, other].map(|child| Done::of(child.wait_with_output().unwrap())) {
        assert_eq!((done.code, done.output.as_str()), (Some(2), ""), "{done:?}");
        assert!(done.errors.contains("asked different things"), "{done:?}");
    }
}

/// Asserts that a request is refused, and why.
fn assert_refused(hosts: &str, process: &str, arguments: &str, why: &str) {
    let hosts = Hosts::of(hosts, 1);
    let arguments = format!("{arguments} --wait 1");
    let mut command = hosts.process(0, &arguments);
    let own: Vec<OsString> = command.get_args().map(OsString::from).collect();
    command = Command::new(env!("CARGO_BIN_EXE_startup-race-cluster"));
    command.args(&own[..own.len() - 1]).arg(process);
    let done = Done::of(command.output().unwrap());
    assert_eq!((done.code, done.output.as_str()), (Some(2), ""), "{done:?}");
    assert!(done.errors.contains(why), "{why}: {done:?}");
}

#[test]
fn what_is_wrong_with_a_request_is_said_and_nothing_is_searched() {
    let two = "127.0.0.1:4991\n127.0.0.1:4992\n";
    for (hosts, process, arguments, why) in [
        ("127.0.0.1:4991\n127.0.0.1:4991\n", "0", "arroyo/before", "line 2: 127.0.0.1:4991 is there twice"),
        ("127.0.0.1:4991\n[::ffff:127.0.0.1]:4991\n", "0", "arroyo/before", "is there twice"),
        (two, "2", "arroyo/before", "there is no process 2: 2 hosts are listed, so give 0 to 1"),
        (two, "-1", "arroyo/before", "'-1'"),
        (two, "one", "arroyo/before", "invalid value 'one'"),
        ("127.0.0.1\n", "0", "arroyo/before", "line 1: \"127.0.0.1\" is no address with a port"),
        ("127.0.0.1:0\n", "0", "arroyo/before", "port 0 means any"),
        ("0.0.0.0:4991\n", "0", "arroyo/before", "no address that others can connect to"),
        ("\n# nothing\n", "0", "arroyo/before", "there is no host"),
        ("192.0.2.1:4991\n", "0", "arroyo/before", "Give --expose if you trust the network"),
        (two, "0", "arroyo/befor", "Did you mean arroyo/before?"),
        (two, "0", "arroyo/before --spill /tmp", "--spill is not for several machines"),
        (two, "0", "arroyo/before --review", "--review is not for several machines"),
        (two, "0", "arroyo/before", "process 1 (127.0.0.1:4992) has not connected"),
        (two, "1", "arroyo/before", "process 0 (127.0.0.1:4991) cannot be reached"),
    ] {
        assert_refused(hosts, process, arguments, why);
    }
}

#[test]
fn a_program_that_does_not_send_the_greeting_is_not_taken_for_a_process() {
    use std::io::Write;
    let hosts = Hosts::on_loopback(2);
    let first = hosts.process(0, "arroyo/before --format json").spawn().unwrap();
    let list = std::fs::read_to_string(hosts.folder.path().join("hosts.txt")).unwrap();
    let address = list.lines().next().unwrap();
    let mut stranger = loop {
        match std::net::TcpStream::connect(address) {
            Ok(stranger) => break stranger,
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    };
    // The right index, after the wrong greeting.
    stranger.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
    stranger.write_all(&[[0; 8], 1_u64.to_be_bytes()].concat()).unwrap();
    let _ = stranger.read(&mut [0; 16]);
    let second = hosts.process(1, "arroyo/before --format json").spawn().unwrap();
    drop(stranger);
    let (output, code) = alone("arroyo/before --format json");
    let done = Done::of(first.wait_with_output().unwrap());
    assert_eq!((done.output, done.code), (output, code));
    assert_eq!(Done::of(second.wait_with_output().unwrap()).code, code);
}
