//! Lets all judges of linearizability judge many small random histories.
//!
//! ```text
//! cargo run --release -p rashomon-checker --features selftest --example agree -- 1000000
//! ```

use std::process::ExitCode;

use rashomon_checker::ModelKind;
use rashomon_checker::agreement::{Agreed, case, crashed_case, long_case};

#[expect(clippy::print_stdout, reason = "a command prints")]
fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|it| it.parse().ok()).collect();
    let cases = numbers.first().copied().unwrap_or(100_000);
    let first = numbers.get(1).copied().unwrap_or(0);
    let models = ModelKind::ALL.len() as u64;
    for model in ModelKind::ALL {
        let mut invalid = 0;
        for seed in first..first + cases / models {
            match case(model, seed) {
                Ok(Agreed::Linearizable) => {}
                Ok(Agreed::NotLinearizable) => invalid += 1,
                Err(told) => {
                    println!("{told}");
                    return ExitCode::FAILURE;
                }
            }
        }
        println!("{model}: {} histories, {invalid} not linearizable, all agree", cases / models);
        for seed in first..first + cases / models / 10 {
            if let Err(told) = long_case(model, seed) {
                println!("{told}");
                return ExitCode::FAILURE;
            }
        }
        println!("{model}: {} longer ones, monitors and search agree", cases / models / 10);
        let mut decided = 0;
        for seed in first..first + cases / models / 4 {
            match crashed_case(model, seed) {
                Ok(agreed) => decided += u64::from(agreed.is_some()),
                Err(told) => {
                    println!("{told}");
                    return ExitCode::FAILURE;
                }
            }
        }
        println!("{model}: {decided} with much lost, the reference and the engine agree");
    }
    ExitCode::SUCCESS
}
