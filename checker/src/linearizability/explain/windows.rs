//! What to leave out of a register's operations together, so that what remains stays sound.
//!
//! If a history has an order, and operations are left out of it, the rest of that order still goes
//! through, but for those that saw what is gone. So with an operation that gives a value, whatever
//! may have seen that value goes too: what shows the value, and any `cas` that mismatched, if it
//! was in flight after the giver began and before the value was certainly gone. It is gone when
//! something that remains, begun after the giver ended, has overwritten it. What goes may itself
//! give a value, and may be what would have overwritten another: hence a fixed point.
//!
//! And with the last that gives a value goes all that shows it, for else it would seem to come from
//! nowhere.

use std::collections::BTreeMap;
use std::ops::Range;

use super::values::{given, says_not, shows};
use crate::{Outcome, Value, WitnessOp};

/// A register's operations, in the order of their invocations.
pub(super) struct Windows {
    ops: Vec<Seen>,
    /// For each operation, the last end of it and those before it, of those that ended.
    reach: Vec<u32>,
    /// Those that never ended and may have seen something.
    lost: Vec<usize>,
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

const NEVER: u32 = u32::MAX;

impl Windows {
    /// O(n log n).
    pub(super) fn new(operations: &[WitnessOp]) -> Self {
        let mut numbers = BTreeMap::new();
        let ops: Vec<Seen> = operations.iter().map(|op| Seen::new(op, &mut numbers)).collect();
        let reach = ops.iter().scan(0, |reach, op| {
            *reach = if op.ends == NEVER { *reach } else { op.ends.max(*reach) };
            Some(*reach)
        });
        let lost = (0..ops.len()).filter(|&at| ops[at].ends == NEVER && ops[at].shows.is_some());
        let after = ops.iter().map(|op| ops.partition_point(|other| other.begins <= op.ends));
        Self {
            reach: reach.collect(),
            lost: lost.collect(),
            after: after.collect(),
            values: numbers.len(),
            ops,
        }
    }

    /// The places of what gives a value.
    pub(super) fn givers(&self) -> Vec<Vec<usize>> {
        (0..self.ops.len()).filter(|&at| self.ops[at].gives.is_some()).map(|at| vec![at]).collect()
    }

    /// Adds to what is gone whatever has to go with it.
    ///
    /// O(r · n + what the windows hold) for r rounds, as many as an operation that ended a window
    /// turns out to go itself.
    pub(super) fn close(&self, gone: &mut [bool]) {
        let mut left = vec![0usize; self.values];
        for (op, _) in self.ops.iter().zip(&*gone).filter(|&(_, &gone)| !gone) {
            op.gives.into_iter().for_each(|value| left[value] += 1);
        }
        let mut until = vec![0u32; self.ops.len()];
        let mut goes: Vec<usize> = Vec::new();
        loop {
            let overwritten = self.overwritten(gone);
            for giver in (0..gone.len()).filter(|&at| gone[at]) {
                let Some(value) = self.ops[giver].gives else { continue };
                let ends = overwritten[self.after[giver]];
                if until[giver] < ends {
                    self.see(giver, until[giver]..ends, &mut goes);
                    until[giver] = ends;
                }
                if left[value] == 0 {
                    left[value] = usize::MAX; // Once is enough.
                    let shows = |&at: &usize| self.ops[at].shows == Some(value);
                    goes.extend((0..self.ops.len()).filter(shows));
                }
            }
            let before = gone.iter().filter(|&&gone| gone).count();
            for at in goes.drain(..) {
                if !std::mem::replace(&mut gone[at], true)
                    && let Some(value) = self.ops[at].gives
                {
                    left[value] -= 1;
                }
            }
            if gone.iter().filter(|&&gone| gone).count() == before {
                return;
            }
        }
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

    /// Adds what may have seen the value that `giver` gave, of what began in `span`.
    fn see(&self, giver: usize, span: Range<u32>, goes: &mut Vec<usize>) {
        let it = &self.ops[giver];
        let saw = |at: &usize| self.ops[*at].shows == it.gives || self.ops[*at].says_not;
        let mut start = self.reach.partition_point(|&reach| reach <= it.begins);
        if span.start == 0 {
            goes.extend(self.lost.iter().copied().take_while(|&at| at < start).filter(saw));
        } else {
            start = start.max(self.ops.partition_point(|op| op.begins < span.start));
        }
        let inside = (start..self.ops.len()).take_while(|&at| self.ops[at].begins < span.end);
        goes.extend(inside.filter(|&at| self.ops[at].ends > it.begins).filter(saw));
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
    use crate::linearizability::decode::{Judge, with_model};
    use crate::linearizability::engine::{Answer, Orders, search};
    use crate::{Budget, History, Model, ModelKind};

    /// Which givers cannot be left out of calls that have an order without that the rest has none.
    struct Givers<'a>(&'a History);

    fn has_order<M: Model>(model: &M, calls: &[Call<M::Op, M::Ret>]) -> bool {
        let search = search(model, calls, &Budget::default(), Orders::Untold);
        matches!(search.answer, Answer::Linearizable(_))
    }

    impl Judge for Givers<'_> {
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
