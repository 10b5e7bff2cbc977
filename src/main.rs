//! The program: see [`startup_race::cli`].

fn main() -> std::process::ExitCode {
    startup_race::cli::main()
}
