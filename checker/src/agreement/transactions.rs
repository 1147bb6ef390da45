//! Transactions, judged by the checker and by brute force: each order of starts and commits is tried.

mod brute;
mod every;
mod told;
mod views;

#[cfg(test)]
pub(crate) use self::brute::report;
use self::brute::{compare, some_txns};
pub use self::every::every_transactions_case;
pub(crate) use self::told::{ToldPart, ToldTxn};
use super::Chance;

/// What transactions read and update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxnObject {
    /// Lists, to which they append.
    List,
    /// Registers, which they write.
    Register,
}

/// Judges a random history of at most five transactions: how many models hold, and how many are undecided.
///
/// # Errors
///
/// Tells the history and the verdicts if the checker and brute force disagree, or if evidence is refused.
pub fn transactions_case(object: TxnObject, seed: u64) -> Result<(usize, usize), String> {
    compare(&transactions(object, seed)).map_err(|what| format!("seed {seed}: {what}"))
}

/// A random history. That of registers is that of lists where one that appends writes, and one that reads sees
/// what was appended last.
pub(crate) fn transactions(object: TxnObject, seed: u64) -> Vec<ToldTxn> {
    let mut txns = some_txns(&mut Chance::new(seed));
    for part in txns.iter_mut().flat_map(|txn| &mut txn.parts) {
        *part = match (object, &part) {
            (TxnObject::Register, ToldPart::Append(key, value)) => ToldPart::Write(*key, *value),
            (TxnObject::Register, ToldPart::Read(key, list)) => {
                ToldPart::Get(*key, list.last().copied())
            }
            _ => continue,
        };
    }
    txns
}
