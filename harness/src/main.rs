//! The program `rashomon`. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    rashomon::main()
}
