//! Generated numbers: no two are the same.
//!
//! Jepsen's `unique-ids`. Only acknowledged ones are compared: nobody saw the others. Beside the
//! verdict: how many there are, how far apart the least and the greatest are, and how many are less than
//! one that was acknowledged before they were asked for, which a store that promises order never returns.
//!
//! O(n log n) for n operations.

use rustc_hash::FxHashMap;

use super::growth::Greatest;
use super::report::Findings;
use crate::history::part;
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, OpIndex, Outcome, Part, Value, ValueId};

/// What generates a number.
const GENERATE: &str = "generate";

pub(super) fn judge(findings: &mut Findings<'_>) {
    for name in ["generated", "unknown", "out-of-order"] {
        findings.count(name, 0);
    }
    let mut span: Option<(i64, i64)> = None;
    for part in part::split(findings.history) {
        judge_source(findings, &part, &mut span);
    }
    if findings.count("generated", 0).number == 0 && findings.is_sure() {
        findings.vacuous("no `generate` succeeded");
    }
    if let Some((least, greatest)) = span {
        let wide = greatest.abs_diff(least).saturating_add(1);
        findings.count("range", wide);
    }
}

/// Judges one source: where operations have keys, each key is one.
fn judge_source(findings: &mut Findings<'_>, part: &Part, span: &mut Option<(i64, i64)>) {
    let history = findings.history;
    let mut first: FxHashMap<ValueId, OpIndex> = FxHashMap::default();
    let mut growth = Greatest::default();
    for &op in part.operations.iter().filter(|&&op| history.f(op) == GENERATE) {
        let id = match history.outcome_id(op) {
            Outcome::Ok(ValueId::NIL) => {
                findings.unfit(op, "it returned no identifier");
                continue;
            }
            Outcome::Ok(id) => id,
            Outcome::Fail => continue,
            Outcome::Indeterminate => {
                findings.count("unknown", 1);
                continue;
            }
        };
        let value = history.value(id);
        findings.count("generated", 1);
        if let &Value::Int(number) = &value {
            let (least, greatest) = span.unwrap_or((number, number));
            *span = Some((least.min(number), greatest.max(number)));
            growth.add(&history.operation(op), number);
        }
        let is_next = |other: &OpIndex| !planted(Bug::IdsForgetDistant) || other.0 + 1 == op.0;
        match first.get(&id).copied().filter(is_next) {
            Some(other) => {
                let key = part.key.as_ref();
                findings.name("duplicated", key, &value);
                let summary = || format!("{value} was handed out twice");
                findings.found(AnomalyClass::DuplicateId, key, summary, &[other, op]);
            }
            None => {
                first.entry(id).or_insert(op);
            }
        }
    }
    findings.count("out-of-order", growth.falls(0).len() as u64);
}
