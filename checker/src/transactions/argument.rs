//! An argument about transactions: what each of them did, and then why they break a model.

use std::collections::BTreeSet;

use crate::{
    Anomaly, AnomalyClass, Consistency, Fact, History, OpIndex, Property, Value, Witness, WitnessOp,
};

/// An argument, in which transactions are T1, T2 and so on.
pub(super) struct TxnArgument<'a> {
    pub(super) history: &'a History,
    /// The transactions in that order, each with what its parts did.
    pub(super) txns: Vec<(OpIndex, Vec<String>)>,
    pub(super) summary: String,
    /// Each with the transactions that it is about.
    pub(super) steps: Vec<(String, Vec<OpIndex>)>,
}

impl TxnArgument<'_> {
    /// The anomaly that it shows: of this class, which the model forbids, and of one key or of several.
    pub(super) fn against(
        self,
        model: Consistency,
        class: AnomalyClass,
        key: Option<Value>,
    ) -> Anomaly {
        let witness = |op: OpIndex| WitnessOp::new(&self.history.operation(op));
        let introduced = (1..).zip(&self.txns).map(|(at, (op, parts))| Fact {
            text: format!("let T{at} be: {}: {}", witness(*op).who(), parts.join(", ")),
            ops: vec![*op],
        });
        let steps = self.steps.iter().map(|(text, ops)| {
            let ops: BTreeSet<OpIndex> = ops.iter().copied().collect();
            Fact { text: text.clone(), ops: ops.into_iter().collect() }
        });
        let mut operations: Vec<WitnessOp> = self.txns.iter().map(|(op, _)| witness(*op)).collect();
        operations.sort_by_key(|op| op.invoked);
        operations.dedup_by_key(|op| op.index);
        Anomaly {
            class,
            key,
            facts: introduced.chain(steps).collect(),
            summary: self.summary,
            witness: Witness {
                property: Property::Transactions(model),
                operations,
                order: Vec::new(),
                stuck: None,
            },
        }
    }
}

/// What a transaction is called in an argument about `txns`.
pub(super) fn name(txns: &[u32], txn: u32) -> String {
    let at = txns.iter().position(|&it| it == txn).expect("it is among them");
    format!("T{}", at + 1)
}

/// How a process executed transactions, in words.
pub(super) fn by_process(history: &History, op: OpIndex) -> String {
    format!("{} executed them in that order", WitnessOp::new(&history.operation(op)).who())
}
