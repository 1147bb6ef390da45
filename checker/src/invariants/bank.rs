//! Accounts: transfers move money, and neither make nor destroy it.
//!
//! Jepsen's `bank`. Each read returns all balances, and every one of them must have the same sum, which
//! is what most of them have; of two sums that are as frequent, the one read first. A read is compared
//! with those of the same accounts, final ones too: what a replica holds in the end has the sum as well.
//! One that finds nothing in any of them is of a time before they were opened. A negative balance is a
//! violation: transfers are to be refused where money is missing. Of a transfer nothing is asked: whether it
//! failed or not does not change the sum.
//!
//! O(r log r) for r balances read.

use std::collections::BTreeMap;

use super::report::Findings;
use super::snapshot::snapshot;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, OpIndex, Value};

/// A read of all balances.
struct Balances {
    op: OpIndex,
    sum: i128,
}

pub(super) fn judge(findings: &mut Findings<'_>) {
    let history = findings.history;
    // By bank, where there are several, and by accounts.
    let mut groups: BTreeMap<(Option<Value>, Vec<Value>), Vec<Balances>> = BTreeMap::new();
    for name in ["reads", "wrong-total", "negative"] {
        findings.count(name, 0);
    }
    for operation in history.iter() {
        let op = operation.index;
        let Some(read) = snapshot(&operation) else { continue };
        if read.iter().all(|(_, balance)| *balance == Value::Nil) {
            continue; // It is of a time before the accounts were opened.
        }
        let number = |(_, balance): &(Value, Value)| balance.as_int().map(i128::from);
        let Some(balances) = read.iter().map(number).collect::<Option<Vec<i128>>>() else {
            findings.unfit(op, "a balance is no whole number");
            continue;
        };
        findings.count("reads", 1);
        if let Some(at) = balances.iter().position(|&balance| balance < 0) {
            findings.count("negative", 1);
            let (account, balance) = &read[at];
            let summary =
                || format!("{} read a balance of {balance} in {account}", operation.who());
            findings.found(AnomalyClass::NegativeBalance, None, summary, &[op]);
        }
        let accounts = read.iter().map(|(account, _)| account.clone()).collect();
        let sum = balances.iter().sum();
        groups.entry((operation.key.cloned(), accounts)).or_default().push(Balances { op, sum });
    }
    if groups.values().all(|reads| reads.len() < 2) {
        findings.vacuous("no two reads of the same accounts succeeded");
    }
    for reads in groups.values() {
        judge_sums(findings, reads);
    }
}

fn judge_sums(findings: &mut Findings<'_>, reads: &[Balances]) {
    let mut counts: BTreeMap<i128, usize> = BTreeMap::new();
    for read in reads {
        *counts.entry(read.sum).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or(0);
    let Some(usual) = reads.iter().find(|read| counts[&read.sum] == most) else { return };
    let is_wrong = |read: &&Balances| {
        read.sum != usual.sum && (read.sum < usual.sum || !planted(Bug::BankForgetGains))
    };
    for read in reads.iter().filter(is_wrong) {
        findings.count("wrong-total", 1);
        let history = findings.history;
        let summary = || {
            let who = history.operation(read.op);
            let (who, sum, usual) = (who.who(), read.sum, usual.sum);
            format!("{who} read balances that add up to {sum}, where others add up to {usual}")
        };
        findings.found(AnomalyClass::WrongTotal, None, summary, &[usual.op, read.op]);
    }
}
