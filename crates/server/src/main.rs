//! The program `parloir`. What it does is in the library: see [`server::cli`].

fn main() -> std::process::ExitCode {
    server::cli::start(std::env::args_os())
}
