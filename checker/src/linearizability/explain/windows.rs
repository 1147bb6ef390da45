//! What to leave out of a register's operations together, so that what remains stays sound.
//!
//! If a history has an order, and operations are left out of it, the rest of that order still goes
//! through, except for those that saw what is gone. So with an operation that gives a value, whatever
//! may have seen that value goes too: what shows the value, and any `cas` that mismatched, if it
//! was in flight after the giver began and before the value was certainly gone. It is gone when
//! something that remains, begun after the giver ended, has overwritten it. What goes may itself
//! give a value, and may be what would have overwritten another: therefore this is a fixed point.
//!
//! And with the last that gives a value goes all that shows it, for else it would seem to come from
//! nowhere.

use std::collections::BTreeMap;

use super::values::{given, says_not, shows};
use crate::{Outcome, Value, WitnessOp};

/// A register's operations, in the order of their invocations.
pub(super) struct Windows {
    ops: Vec<Seen>,
    /// For each operation, the first that began after it ended.
    after: Vec<usize>,
    /// How many values there are.
    values: usize,
}

/// What an operation did, with values by number.
struct Seen {
    begins: u32,
    /// The end of time if the return was lost.
    ends: u32,
    gives: Option<usize>,
    shows: Option<usize>,
    says_not: bool,
}

/// Spans of time, in the order of their beginnings: when one begins, and the last end of it and those
/// before it.
#[derive(Clone, Default)]
struct Spans(Vec<(u32, u32)>);

const NEVER: u32 = u32::MAX;

impl Windows {
    /// O(n log n).
    pub(super) fn new(operations: &[WitnessOp]) -> Self {
        let mut numbers = BTreeMap::new();
        let ops: Vec<Seen> = operations.iter().map(|op| Seen::new(op, &mut numbers)).collect();
        let after = ops.iter().map(|op| ops.partition_point(|other| other.begins <= op.ends));
        Self { after: after.collect(), values: numbers.len(), ops }
    }

    /// The places of what gives a value.
    pub(super) fn givers(&self) -> Vec<Vec<usize>> {
        (0..self.ops.len()).filter(|&at| self.ops[at].gives.is_some()).map(|at| vec![at]).collect()
    }

    /// Adds to what is gone whatever has to go with it.
    ///
    /// O(r · n log n) for r rounds, as many as an operation that ended a window turns out to go
    /// itself.
    pub(super) fn close(&self, gone: &mut [bool]) {
        let mut left = vec![0usize; self.values];
        for (op, _) in self.ops.iter().zip(&*gone).filter(|&(_, &gone)| !gone) {
            op.gives.into_iter().for_each(|value| left[value] += 1);
        }
        loop {
            let (each, all) = self.spans(gone);
            let goes = |at: &usize| {
                let op = &self.ops[*at];
                let of_value = op.shows.is_some_and(|value| {
                    let is_last = left[value] == 0 && !each[value].0.is_empty();
                    is_last || each[value].overlap(op)
                });
                !gone[*at] && (of_value || op.says_not && all.overlap(op))
            };
            let goes: Vec<usize> = (0..self.ops.len()).filter(goes).collect();
            if goes.is_empty() {
                return;
            }
            for at in goes {
                gone[at] = true;
                self.ops[at].gives.into_iter().for_each(|value| left[value] -= 1);
            }
        }
    }

    /// When each value that was given by what is gone may have been seen, and when any of them.
    fn spans(&self, gone: &[bool]) -> (Vec<Spans>, Spans) {
        let overwritten = self.overwritten(gone);
        let (mut each, mut all) = (vec![Spans::default(); self.values], Spans::default());
        for at in (0..gone.len()).filter(|&at| gone[at]) {
            let op = &self.ops[at];
            let Some(value) = op.gives else { continue };
            let ends = overwritten[self.after[at]];
            each[value].push(op.begins, ends);
            all.push(op.begins, ends);
        }
        (each, all)
    }

    /// For each place, the first moment at which something from there on, and not gone, has
    /// overwritten whatever there was.
    fn overwritten(&self, gone: &[bool]) -> Vec<u32> {
        let mut moments = vec![NEVER; self.ops.len() + 1];
        for at in (0..self.ops.len()).rev() {
            let op = &self.ops[at];
            let counts = op.gives.is_some() && op.ends != NEVER && !gone[at];
            moments[at] = moments[at + 1].min(if counts { op.ends } else { NEVER });
        }
        moments
    }
}

impl Spans {
    /// Adds a span that begins after all that were added.
    fn push(&mut self, begins: u32, ends: u32) {
        let latest = self.0.last().map_or(0, |last| last.1);
        self.0.push((begins, ends.max(latest)));
    }

    /// Whether the operation was in flight in one of them. O(log n).
    fn overlap(&self, op: &Seen) -> bool {
        let begun = self.0.partition_point(|span| span.0 < op.ends);
        begun > 0 && self.0[begun - 1].1 > op.begins
    }
}

impl Seen {
    fn new(op: &WitnessOp, numbers: &mut BTreeMap<Value, usize>) -> Self {
        let mut number = |value: &Value| {
            let fresh = numbers.len();
            *numbers.entry(value.clone()).or_insert(fresh)
        };
        let shown = match (&*op.f, &op.outcome) {
            ("cas", _) => op.argument.as_list().and_then(|pair| pair.first().cloned()),
            ("read" | "get", Outcome::Ok(ret)) => Some(ret.clone()),
            _ => None,
        };
        Self {
            begins: op.invoked.0,
            ends: op.completed.map_or(NEVER, |end| end.0),
            gives: given(op).first().map(|value| number(value)),
            shows: shown.filter(|value| shows(op, value)).map(|value| number(&value)),
            says_not: says_not(op),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Call;
    use crate::agreement::{Chance, history};
    use crate::history::part;
    use crate::linearizability::FailedCas;
    use crate::linearizability::decode::{ModelTask, with_model};
    use crate::linearizability::search::engine::{Answer, Orders, search};
    use crate::{Budget, History, Model, ModelKind};

    /// Which givers cannot be left out of calls that have an order without that the rest has none.
    struct Givers<'a>(&'a History);

    fn has_order<M: Model>(model: &M, calls: &[Call<M::Op, M::Ret>]) -> bool {
        let search = search(model, calls, &Budget::default(), Orders::Untold);
        matches!(search.answer, Answer::Linearizable(_))
    }

    impl ModelTask for Givers<'_> {
        type Answer = Option<usize>;

        fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Option<usize> {
            if !has_order(model, &calls) {
                return None;
            }
            let told: Vec<WitnessOp> =
                calls.iter().map(|call| WitnessOp::new(&self.0.operation(call.index))).collect();
            let windows = Windows::new(&told);
            for giver in windows.givers().into_iter().flatten() {
                let mut gone = vec![false; calls.len()];
                gone[giver] = true;
                windows.close(&mut gone);
                let left = calls.iter().zip(&gone).filter(|&(_, &gone)| !gone);
                let left: Vec<_> = left.map(|(call, _)| call.clone()).collect();
                assert!(has_order(model, &left), "without {gone:?} of {told:#?}");
            }
            Some(windows.givers().len())
        }
    }

    #[test]
    fn what_has_an_order_has_one_without_what_goes_together() {
        let model = ModelKind::CasRegister;
        let mut tried = 0;
        for seed in 0..20_000 {
            let history = history(model, &mut Chance::new(seed));
            for part in part::split(&history) {
                let ops = &part.operations;
                let judge = Givers(&history);
                let givers = with_model(model, &history, ops, FailedCas::SaysNothing, judge);
                tried += givers.unwrap().unwrap_or(0);
            }
        }
        assert!(tried > 10_000, "only {tried} givers were left out");
    }
}
