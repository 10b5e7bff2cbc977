//! The program: see [`startup_race::cli`].

#[cfg(not(loom))]
fn main() -> std::process::ExitCode {
    startup_race::cli::main()
}

#[cfg(loom)]
fn main() -> std::process::ExitCode {
    eprintln!("error: the command line is not built under loom; build it without `--cfg loom`");
    std::process::ExitCode::from(2)
}
