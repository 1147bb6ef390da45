//! Leaving out what a violation does not need.

use super::values;
use super::windows::Windows;
use crate::Call;
use crate::linearizability::built_in::BuiltIn;
use crate::linearizability::decode::ModelTask;
use crate::linearizability::search::engine::{self, Answer, Orders};
use crate::{Budget, Model, ModelKind, Observed, OpIndex, Position, WitnessOp};

/// Makes a least violation of one that ends at `end`.
pub(super) struct Shrink<'a> {
    pub(super) model: ModelKind,
    pub(super) end: Position,
    /// Configurations it took to find it.
    pub(super) cost: u64,
    /// What all trials together may take.
    pub(super) budget: &'a Budget,
    /// Tells an operation, as indeterminate if asked to.
    pub(super) told: &'a dyn Fn(OpIndex, bool) -> WitnessOp,
}

/// A violation from which no further operation can be removed.
pub(super) struct Shrunk {
    pub(super) operations: Vec<WitnessOp>,
    pub(super) order: Vec<OpIndex>,
    pub(super) stuck: Option<OpIndex>,
}

struct Trials<'m, M: BuiltIn> {
    model: &'m M,
    budget: &'m Budget,
    /// Configurations that one trial may visit.
    each: u64,
    /// And all that are left.
    left: u64,
}

impl<'m, M: BuiltIn> Trials<'m, M> {
    /// With less to explain a trial should be easier than what it explains; but what becomes
    /// indeterminate makes it harder.
    fn new(model: &'m M, cost: u64, budget: &'m Budget) -> Self {
        let most = budget.configurations;
        let each = cost.saturating_mul(4).saturating_add(20_000).min(most);
        let left = cost.saturating_mul(40).saturating_add(400_000).min(most);
        Self { model, budget, each, left }
    }
}

impl ModelTask for Shrink<'_> {
    type Answer = Shrunk;

    fn judge<M: BuiltIn>(self, model: &M, mut calls: Vec<Call<M::Op, M::Ret>>) -> Shrunk {
        let is_register = matches!(self.model, ModelKind::Register | ModelKind::CasRegister);
        let mut trials = Trials::new(model, self.cost, self.budget);
        trials.cut(&mut calls, self.end);
        if is_register {
            trials.skip_past(self.model, &mut calls, self.told);
        }
        loop {
            let before = calls.len();
            if is_register {
                let windows = Windows::new(&tell(self.told, &calls));
                let givers = windows.givers();
                trials.leave_out(&mut calls, givers, |gone| windows.close(gone));
            } else {
                let told: Vec<WitnessOp> = tell(self.told, &calls);
                trials.leave_out(&mut calls, values::groups(self.model, &told), |_| {});
            }
            let pure = (0..calls.len()).filter(|&at| is_pure(model, &calls[at]));
            let pure = pure.map(|at| vec![at]).collect();
            trials.leave_out(&mut calls, pure, |_| {});
            trials.leave_out_lost(self.model, &mut calls, self.told);
            if calls.len() == before {
                break;
            }
        }
        let budget = Budget { configurations: trials.each, ..self.budget.clone() };
        let (order, stuck) = last_order(model, &calls, &budget);
        Shrunk { operations: tell(self.told, &calls), order, stuck }
    }
}

/// Finds an order of all but one of the operations of a witness, if that is not hard.
pub(super) struct Last<'a> {
    /// As many as there are calls.
    pub(super) told: &'a [WitnessOp],
    pub(super) budget: &'a Budget,
}

impl ModelTask for Last<'_> {
    type Answer = (Vec<OpIndex>, Option<OpIndex>);

    fn judge<M: Model>(self, model: &M, mut calls: Vec<Call<M::Op, M::Ret>>) -> Self::Answer {
        const CONFIGURATIONS: u64 = 1_000;
        for (call, told) in calls.iter_mut().zip(self.told) {
            debug_assert_eq!(call.index, told.index, "operations that failed are no part of it");
            if told.completed.is_none() {
                (call.completed, call.seen) = (None, Observed::Lost);
            }
        }
        let configurations = CONFIGURATIONS.min(self.budget.configurations);
        last_order(model, &calls, &Budget { configurations, ..self.budget.clone() })
    }
}

fn tell<O, R>(told: &dyn Fn(OpIndex, bool) -> WitnessOp, calls: &[Call<O, R>]) -> Vec<WitnessOp> {
    calls.iter().map(|call| told(call.index, call.completed.is_none())).collect()
}

impl<M: BuiltIn> Trials<'_, M> {
    /// Whether these calls certainly have no order.
    fn violates(&mut self, calls: &[Call<M::Op, M::Ret>]) -> bool {
        if self.left == 0 || self.budget.is_stopped() {
            self.left = 0; // The caller wants no smaller witness any more.
            return false;
        }
        let configurations = self.left.min(self.each);
        let budget = Budget { configurations, ..self.budget.clone() };
        let search = self.model.search(calls, &budget, Orders::Untold);
        self.left = self.left.saturating_sub(search.configurations + calls.len() as u64);
        matches!(search.answer, Answer::Violation { .. })
    }

    /// Leaves out what begins after `end`, at which there is no way on. What is open there may have
    /// any return or none, so long as there is no way on for all that; else the end comes later,
    /// by twice as much each time.
    fn cut(&mut self, calls: &mut Vec<Call<M::Op, M::Ret>>, mut end: Position) {
        let mut further = 1;
        while self.left > 0 {
            let mut is_whole = true;
            let mut rest = Vec::new();
            for call in calls.iter().filter(|call| call.invoked < end) {
                let is_open = call.completed.is_some_and(|it| it > end);
                let mut call = call.clone();
                if is_open {
                    is_whole = false;
                    (call.completed, call.seen) = (None, Observed::Lost);
                }
                if call.completed.is_some() || !is_pure(self.model, &call) {
                    rest.push(call);
                }
            }
            if is_whole || self.violates(&rest) {
                *calls = rest;
                return;
            }
            for _ in 0..further {
                let begun = calls.iter().filter(|call| call.invoked < end);
                end = begun.filter_map(|call| call.completed).max().unwrap_or(end);
            }
            further *= 2;
        }
    }

    /// Leaves out as many of `groups` as it can, and what `close` says must go with them: half of
    /// them at once, then less and less.
    fn leave_out(
        &mut self,
        calls: &mut Vec<Call<M::Op, M::Ret>>,
        mut groups: Vec<Vec<usize>>,
        close: impl Fn(&mut [bool]),
    ) {
        let mut gone = vec![false; calls.len()];
        let mut size = groups.len();
        while size > 0 && self.left > 0 {
            let mut start = 0;
            while start < groups.len() && self.left > 0 {
                let end = (start + size).min(groups.len());
                let mut trial = gone.clone();
                groups[start..end].iter().flatten().for_each(|&at| trial[at] = true);
                close(&mut trial);
                if self.violates(&without(calls, &trial)) {
                    gone = trial;
                    groups.drain(start..end);
                } else {
                    start = end;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        *calls = without(calls, &gone);
    }

    /// Leaves out indeterminate calls that nothing shows, which is to say: without which, as well
    /// as with which, there is no order.
    ///
    /// Sound since it is tried with them: the violation does not come of leaving them out.
    fn leave_out_lost(
        &mut self,
        kind: ModelKind,
        calls: &mut Vec<Call<M::Op, M::Ret>>,
        told: &dyn Fn(OpIndex, bool) -> WitnessOp,
    ) {
        if !self.violates(calls) {
            return;
        }
        let is_lost = |call: &Call<M::Op, M::Ret>| call.completed.is_none();
        let mut lost: Vec<usize> = (0..calls.len()).filter(|&at| is_lost(&calls[at])).collect();
        lost.reverse(); // The last ones first.
        let mut gone = vec![false; calls.len()];
        let mut size = lost.len();
        while size > 0 {
            let mut start = 0;
            while start < lost.len() && self.left > 0 {
                let end = (start + size).min(lost.len());
                let mut trial = gone.clone();
                lost[start..end].iter().for_each(|&at| trial[at] = true);
                let rest = without(calls, &trial);
                self.left = self.left.saturating_sub(rest.len() as u64); // To tell them.
                if !values::is_dull(kind, &tell(told, &rest)) && self.violates(&rest) {
                    gone = trial;
                    lost.drain(start..end);
                } else {
                    start = end;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        *calls = without(calls, &gone);
    }

    /// Starts at a write, as late as can be, for a register does not remember what it held before.
    ///
    /// In an order of the whole, what is after that write goes on as it did without what is before
    /// it. What was in flight with it may be on either side: what changes nothing is left out; a
    /// `cas` becomes indeterminate, so that it may not have happened; a write stays, for it does
    /// not care what it overwrites. What was lost before stays: it may still take effect. Not past
    /// the write of a value that is read later: the rest would seem to read it from nowhere.
    fn skip_past(
        &mut self,
        kind: ModelKind,
        calls: &mut Vec<Call<M::Op, M::Ret>>,
        told: &dyn Fn(OpIndex, bool) -> WitnessOp,
    ) {
        let is_dull = |calls: &[Call<M::Op, M::Ret>]| values::is_dull(kind, &tell(told, calls));
        let is_write = |call: &Call<M::Op, M::Ret>| {
            call.completed.is_some()
                && matches!(&*told(call.index, false).f, "write" | "put" | "set")
        };
        let writes: Vec<bool> = calls.iter().map(is_write).collect();
        let starts: Vec<usize> = (0..calls.len()).rev().filter(|&at| writes[at]).collect();
        let mut which = 0;
        while let Some(&at) = starts.get(which) {
            let rest = self.since(calls, &writes, at);
            if rest.len() < calls.len() && !is_dull(&rest) && self.violates(&rest) {
                *calls = rest;
                return;
            }
            if self.left == 0 {
                return;
            }
            which = which * 3 / 2 + 1; // The later the better, but not at any cost.
        }
    }

    /// The operations since the write `at`.
    fn since(
        &self,
        calls: &[Call<M::Op, M::Ret>],
        writes: &[bool],
        at: usize,
    ) -> Vec<Call<M::Op, M::Ret>> {
        let (start, end) = (calls[at].invoked, calls[at].completed);
        let kept = calls.iter().zip(writes).filter(|&(call, &is_write)| {
            let is_over = call.completed.is_some_and(|it| it < start);
            let beside = Some(call.invoked) < end && !is_write;
            !(is_over || beside && is_pure(self.model, call))
        });
        kept.map(|(call, &is_write)| {
            let mut call = call.clone();
            if Some(call.invoked) < end && !is_write {
                (call.completed, call.seen) = (None, Observed::Lost);
            }
            call
        })
        .collect()
    }
}

fn is_pure<M: Model>(model: &M, call: &Call<M::Op, M::Ret>) -> bool {
    let seen = match &call.seen {
        Observed::Returned(ret) => Observed::Returned(ret),
        Observed::Lost => Observed::Lost,
    };
    model.is_pure(&call.op, seen)
}

fn without<C: Clone>(calls: &[C], gone: &[bool]) -> Vec<C> {
    calls.iter().zip(gone).filter(|&(_, &gone)| !gone).map(|(call, _)| call.clone()).collect()
}

/// An order of all but the call that gets stuck, and that call; neither if that takes too much.
pub(super) fn last_order<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
) -> (Vec<OpIndex>, Option<OpIndex>) {
    let search = |calls: &[_], orders| engine::search(model, calls, budget, orders).answer;
    let Answer::Violation { stuck } = search(calls, Orders::Untold) else {
        return (Vec::new(), None);
    };
    let mut rest = calls.to_vec();
    let stuck = rest.remove(stuck);
    rest.retain(|call| Some(call.invoked) < stuck.completed);
    for call in rest.iter_mut().filter(|call| call.completed > stuck.completed) {
        (call.completed, call.seen) = (None, Observed::Lost);
    }
    let order = match search(&rest, Orders::Told) {
        Answer::Linearizable(Some(order)) => order,
        _ => Vec::new(), // It is for the drawing only.
    };
    let order = order.into_iter().map(|call| rest[call as usize].index).collect();
    (order, Some(stuck.index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::History;
    use crate::agreement::{Chance, history};
    use crate::history::part;
    use crate::linearizability::FailedCas;
    use crate::linearizability::decode::with_model;

    /// Starts at every write of calls that have an order; says how many there were.
    struct Starts<'a>(&'a History);

    impl ModelTask for Starts<'_> {
        type Answer = usize;

        fn judge<M: BuiltIn>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> usize {
            let budget = Budget::default();
            let trials = Trials::new(model, 0, &budget);
            let has_order = |calls: &[Call<M::Op, M::Ret>]| {
                let search = engine::search(model, calls, &Budget::default(), Orders::Untold);
                matches!(search.answer, Answer::Linearizable(_))
            };
            if !has_order(&calls) {
                return 0;
            }
            let is_write = |call: &Call<M::Op, M::Ret>| {
                self.0.f(call.index) == "write" && self.0.outcome_id(call.index).ok().is_some()
            };
            let writes: Vec<bool> = calls.iter().map(is_write).collect();
            for at in (0..calls.len()).filter(|&at| writes[at]) {
                let rest = trials.since(&calls, &writes, at);
                assert!(has_order(&rest), "since {at}: {:#?}", self.0);
            }
            writes.iter().filter(|&&is_write| is_write).count()
        }
    }

    #[test]
    fn what_has_an_order_has_one_since_any_write() {
        let model = ModelKind::CasRegister;
        let mut tried = 0;
        for seed in 0..20_000 {
            let history = history(model, &mut Chance::new(seed));
            for part in part::split(&history) {
                let ops = &part.operations;
                let judge = Starts(&history);
                tried += with_model(model, &history, ops, FailedCas::SaysNothing, judge).unwrap();
            }
        }
        assert!(tried > 10_000, "only {tried} starts were tried");
    }
}
