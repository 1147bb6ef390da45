//! The recorder and the checker inside an asynchronous test of a store: `cargo test -p rashomon --example embedded`.
//!
//! The store is a few registers in memory, with transactions that are isolated or not. The test is the
//! function [`judged`], which needs no more than the crates `rashomon-checker` and `tokio`, and works the same
//! under a simulated network, such as turmoil.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;
use std::sync::Arc;

use rashomon_checker::record::EventRecorder;
use rashomon_checker::transactions::{self, TransactionReport, part};
use rashomon_checker::{Budget, Value};
use tokio::sync::Mutex;

/// Whether a transaction reads and writes while no other does.
#[derive(Clone, Copy, PartialEq)]
enum Isolation {
    Serializable,
    None,
}

struct Store {
    isolation: Isolation,
    turn: Mutex<()>,
    registers: Mutex<BTreeMap<&'static str, i64>>,
}

impl Store {
    fn new(isolation: Isolation) -> Arc<Self> {
        let (turn, registers) = (Mutex::default(), Mutex::default());
        Arc::new(Self { isolation, turn, registers })
    }

    /// Reads one key and writes another.
    async fn read_and_write(
        &self,
        from: &'static str,
        to: &'static str,
        value: i64,
    ) -> Option<i64> {
        let turn = self.turn.lock().await;
        let _turn = Some(turn).filter(|_| self.isolation == Isolation::Serializable);
        let seen = self.registers.lock().await.get(from).copied();
        tokio::task::yield_now().await;
        self.registers.lock().await.insert(to, value);
        seen
    }
}

/// Eight clients, twenty transactions each.
async fn judged(store: Arc<Store>) -> TransactionReport {
    let recorder = EventRecorder::new();
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..8 {
        let (store, mut process) = (store.clone(), recorder.process());
        clients.spawn(async move {
            for value in (0..20).map(|it| 100 * client + it) {
                let (from, to) = if value % 2 == 0 { ("x", "y") } else { ("y", "x") };
                let txn = process.invoke("txn", [part::read(from), part::write(to, value)]);
                let seen = store.read_and_write(from, to, value).await;
                let seen = seen.map_or(Value::Nil, Value::Int);
                txn.ok([part::was(from, seen), part::write(to, value)]);
            }
        });
    }
    clients.join_all().await;
    let history = recorder.history().expect("it is short");
    transactions::check(&history, &Budget::default()).expect("it has transactions alone")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for isolation in [Isolation::Serializable, Isolation::None] {
        let report = judged(Store::new(isolation)).await;
        for (model, judgement) in &report.models {
            println!("{model}: {judgement:?}");
        }
        report.anomalies.iter().for_each(|anomaly| println!("\n{anomaly}\n"));
    }
}

#[cfg(test)]
mod tests {
    use rashomon_checker::Consistency;

    use super::*;

    #[tokio::test]
    async fn a_store_that_isolates_is_strictly_serializable() {
        let report = judged(Store::new(Isolation::Serializable)).await;
        assert!(report.holds(Consistency::StrictSerializable), "{:?}", report.anomalies);
    }

    #[tokio::test]
    async fn a_store_that_does_not_is_found_out() {
        let report = judged(Store::new(Isolation::None)).await;
        assert!(!report.holds(Consistency::Serializable), "{:?}", report.models);
        println!("{}", report.anomalies[0]);
    }
}
