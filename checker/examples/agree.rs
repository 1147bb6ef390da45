//! Lets all judges of linearizability judge many small random histories.
//!
//! ```text
//! cargo run --release -p rashomon-checker --features selftest --example agree -- 1000000
//! ```
//!
//! The word `weak` judges consistency models of sessions instead: that many random histories by every
//! checker and by brute force, longer ones by sequential consistency, histories of one key by k-atomicity,
//! and every history of at most three sessions, six reads and writes, two keys and two values; with
//! updates (compare-and-sets), four operations. Of those that differ in names or in the order of sessions
//! at least one is judged.
//!
//! A third word, `growing`, leaves all out but texts and lists whose elements repeat; `switching`, all
//! but registers whose values do; `txn` judges transactions: that many random histories on lists and on
//! registers, and every one of at most three transactions of at most two parts, two keys and two values.

use std::process::ExitCode;

use rashomon_checker::ModelKind;
use rashomon_checker::agreement::{
    Agreed, Alphabet, JUDGED, TxnObject, case, crashed_case, delayed_case, every_transactions_case,
    every_weak_case, growing_case, k_atomic_case, lagging_case, long_case, sequential_case,
    switching_case, transactions_case, weak_case,
};

#[expect(clippy::print_stdout, reason = "a command prints")]
fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|it| it.parse().ok()).collect();
    let cases = numbers.first().copied().unwrap_or(100_000);
    let first = numbers.get(1).copied().unwrap_or(0);
    let models = ModelKind::ALL.len() as u64;
    if std::env::args().any(|it| it == "weak") {
        return weak(first..first + cases);
    }
    if std::env::args().any(|it| it == "txn") {
        return ended(transactions(first..first + cases));
    }
    if std::env::args().any(|it| it == "switching") {
        return switching(first..first + cases);
    }
    if let Err(told) = growing(first..first + cases / models) {
        println!("{told}");
        return ExitCode::FAILURE;
    }
    if std::env::args().any(|it| it == "growing") {
        return ExitCode::SUCCESS;
    }
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
        if matches!(model, ModelKind::Queue | ModelKind::Stack) {
            for seed in first..first + cases / models {
                if let Err(told) = delayed_case(model, seed) {
                    println!("{told}");
                    return ExitCode::FAILURE;
                }
            }
            println!("{model}: {} of few values, all agree", cases / models);
        }
    }
    ExitCode::SUCCESS
}

/// Texts and lists whose elements repeat.
#[expect(clippy::print_stdout, reason = "a command prints")]
fn growing(seeds: std::ops::Range<u64>) -> Result<(), String> {
    for model in [ModelKind::Kv, ModelKind::ListAppend] {
        let mut counts = [0, 0, 0];
        for seed in seeds.clone() {
            counts[match growing_case(model, seed)? {
                Some(Agreed::Linearizable) => 0,
                Some(Agreed::NotLinearizable) => 1,
                None => 2,
            }] += 1;
        }
        let [valid, invalid, unknown] = counts;
        println!(
            "{model}: elements repeat: {valid} linearizable, {invalid} not, all agree; {unknown} too hard"
        );
    }
    Ok(())
}

/// Judges registers whose values repeat.
#[expect(clippy::print_stdout, reason = "a command prints")]
fn switching(mut seeds: std::ops::Range<u64>) -> ExitCode {
    let Some(told) = seeds.find_map(|seed| switching_case(seed).err()) else {
        println!("registers whose values repeat: all agree");
        return ExitCode::SUCCESS;
    };
    println!("{told}");
    ExitCode::FAILURE
}

/// Judges transactions.
fn transactions(seeds: std::ops::Range<u64>) -> Result<(), String> {
    for object in [TxnObject::List, TxnObject::Register] {
        let (mut held, mut open) = (0, 0);
        for seed in seeds.clone() {
            let (now, left) = transactions_case(object, seed)?;
            held += now;
            open += left;
        }
        let cases = seeds.clone().count();
        tell(&format!(
            "{object:?}: {cases} histories, {held} models hold, {open} undecided, all agree"
        ));
        let every = every_transactions_case(object, 1)?;
        tell(&format!("{object:?}: every history of three transactions: {every}, all agree"));
    }
    Ok(())
}

/// Judges histories of sessions.
fn weak(seeds: std::ops::Range<u64>) -> ExitCode {
    ended(random_weak(seeds).and_then(|()| every_weak()))
}

fn ended(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(told) => {
            tell(&told);
            ExitCode::FAILURE
        }
    }
}

fn random_weak(seeds: std::ops::Range<u64>) -> Result<(), String> {
    let cases = seeds.clone().count();
    let mut held = [0; JUDGED.len()];
    for seed in seeds.clone() {
        let now = weak_case(seed)?;
        held.iter_mut().zip(now).for_each(|(count, holds)| *count += u64::from(holds));
    }
    for (model, count) in JUDGED.iter().zip(held) {
        tell(&format!("{model}: {cases} histories, {count} consistent, all agree"));
    }
    let (mut sequential, mut k, mut lagging) = (0, [0; 16], 0);
    for seed in seeds {
        lagging += lagging_case(seed)?;
        sequential += u64::from(sequential_case(seed)?);
        let least = k_atomic_case(seed)?.unwrap_or(0);
        k[usize::try_from(least).unwrap_or(15).min(15)] += 1;
    }
    tell(&format!("sequential: {cases} longer histories, {sequential} consistent, all agree"));
    tell(&format!("regular, safe, prefix and bounded: {lagging} verdicts, all agree"));
    tell(&format!("k-atomic: {cases} histories, by smallest k from none on {k:?}, all agree"));
    Ok(())
}

fn every_weak() -> Result<(), String> {
    for ops in 0..=6 {
        let count = every_weak_case(ops, Alphabet::Plain)?;
        tell(&format!("every history of {ops} reads and writes: {count}, all agree"));
    }
    for ops in 0..=4 {
        let count = every_weak_case(ops, Alphabet::WithUpdates)?;
        tell(&format!("every history of {ops} reads, writes and updates: {count}, all agree"));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command prints")]
fn tell(what: &str) {
    println!("{what}");
}
