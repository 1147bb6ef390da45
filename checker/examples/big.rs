//! Writes the history of a long run that might have been, as JSON lines: to measure with.
//!
//! ```text
//! cargo run --release -p rashomon-checker --example big -- \
//!     --operations 10000000 --keys 1000 --processes 20 --seed 1 > history.jsonl
//! ```
//!
//! Registers, each value written once, half of the operations reads; one operation in a thousand
//! loses its return. It is linearizable, unless `--stale` makes one read in the middle return what
//! had been overwritten. `--value-bytes N` writes texts of that length instead of numbers.

#[path = "../benches/long_run/mod.rs"]
mod long_run;

use std::io::BufWriter;
use std::process::ExitCode;

use long_run::Wanted;

fn wanted() -> Option<Wanted> {
    let mut wanted = Wanted::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let mut number = || arguments.next()?.parse::<u64>().ok();
        match &*flag {
            "--operations" => wanted.operations = number()?,
            "--keys" => wanted.keys = number().filter(|&keys| keys > 0)?,
            "--processes" => wanted.processes = number().filter(|&processes| processes > 0)?,
            "--seed" => wanted.seed = number()?,
            "--value-bytes" => wanted.value_bytes = usize::try_from(number()?).ok()?,
            "--stale" => wanted.stale = true,
            _ => return None,
        }
    }
    Some(wanted)
}

fn main() -> ExitCode {
    let Some(wanted) = wanted() else {
        eprintln!(
            "--operations N --keys N --processes N --seed N --value-bytes N --stale, all optional"
        );
        return ExitCode::from(2);
    };
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    match long_run::write(&wanted, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
