//! Leaving out what a violation does not need.

use super::values;
use crate::linearizability::Call;
use crate::linearizability::decode::Judge;
use crate::linearizability::engine::{self, Answer, Orders};
use crate::{Budget, Model, ModelKind, Observed, OpIndex, Position, WitnessOp};

/// Makes a least violation of one that ends at `end`.
pub(super) struct Shrink<'a> {
    pub(super) model: ModelKind,
    pub(super) end: Position,
    /// Whether to leave out all that can be left out.
    pub(super) until_least: bool,
    /// Tells an operation, as indeterminate if asked to.
    pub(super) told: &'a dyn Fn(OpIndex, bool) -> WitnessOp,
}

/// A violation of which nothing more can be left out.
pub(super) struct Shrunk {
    pub(super) operations: Vec<WitnessOp>,
    pub(super) order: Vec<OpIndex>,
    pub(super) stuck: Option<OpIndex>,
}

/// Configurations one trial may visit, and all trials together, beyond ten times the first.
const TRIAL_MAX: u64 = 1_000_000;
const TRIALS_MAX: u64 = 2_000_000;

struct Trials<'m, M: Model> {
    model: &'m M,
    left: u64,
}

impl Judge for Shrink<'_> {
    type Answer = Shrunk;

    fn judge<M: Model>(self, model: &M, mut calls: Vec<Call<M::Op, M::Ret>>) -> Shrunk {
        let mut trials = Trials { model, left: TRIALS_MAX };
        trials.cut(&mut calls, self.end);
        if self.until_least {
            trials.skip_past(self.model, &mut calls, self.told);
            loop {
                let before = calls.len();
                let pure: Vec<Vec<usize>> = (0..calls.len())
                    .filter(|&at| is_pure(model, &calls[at]))
                    .map(|at| vec![at])
                    .collect();
                trials.leave_out(&mut calls, pure);
                let told: Vec<WitnessOp> = self.tell::<M>(&calls);
                trials.leave_out(&mut calls, values::groups(self.model, &told));
                trials.leave_out_lost(&mut calls);
                if calls.len() == before {
                    break;
                }
            }
        }
        let (order, stuck) =
            if self.until_least { last_order(model, &calls) } else { (Vec::new(), None) };
        Shrunk { operations: self.tell::<M>(&calls), order, stuck }
    }
}

impl Shrink<'_> {
    fn tell<M: Model>(&self, calls: &[Call<M::Op, M::Ret>]) -> Vec<WitnessOp> {
        calls.iter().map(|call| (self.told)(call.index, call.completed.is_none())).collect()
    }
}

impl<M: Model> Trials<'_, M> {
    /// Whether these calls certainly have no order.
    fn violates(&mut self, calls: &[Call<M::Op, M::Ret>]) -> bool {
        let budget = Budget { configurations: self.left.min(TRIAL_MAX), ..Budget::default() };
        let search = engine::search(self.model, calls, &budget, Orders::Untold);
        self.left = self.left.saturating_sub(search.configurations + calls.len() as u64);
        matches!(search.answer, Answer::Violation { .. })
    }

    /// Leaves out what begins after `end`, at which there is no way on. What is open there may have
    /// any return or none, so long as there is no way on for all that; else the end comes later,
    /// by twice as much each time.
    fn cut(&mut self, calls: &mut Vec<Call<M::Op, M::Ret>>, mut end: Position) {
        let mut further = 1;
        loop {
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

    /// Leaves out as many of `groups` as it can: half of them at once, then less and less.
    fn leave_out(&mut self, calls: &mut Vec<Call<M::Op, M::Ret>>, mut groups: Vec<Vec<usize>>) {
        let mut gone = vec![false; calls.len()];
        let mut size = groups.len();
        while size > 0 && self.left > 0 {
            let mut start = 0;
            while start < groups.len() && self.left > 0 {
                let end = (start + size).min(groups.len());
                let mut trial = gone.clone();
                groups[start..end].iter().flatten().for_each(|&at| trial[at] = true);
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
    fn leave_out_lost(&mut self, calls: &mut Vec<Call<M::Op, M::Ret>>) {
        if !self.violates(calls) {
            return;
        }
        let lost: Vec<usize> =
            (0..calls.len()).filter(|&at| calls[at].completed.is_none()).collect();
        for at in lost.into_iter().rev() {
            let mut rest = calls.clone();
            rest.remove(at);
            if self.violates(&rest) && !self.is_dull(&rest) {
                *calls = rest;
            }
        }
    }

    /// Whether some call alone has no order, so that the rest shows nothing.
    fn is_dull(&mut self, calls: &[Call<M::Op, M::Ret>]) -> bool {
        calls.len() > 1 && calls.iter().any(|call| self.violates(std::slice::from_ref(call)))
    }

    /// Starts at the last write that nothing overlaps, for a register does not remember what it
    /// held before. What was lost before stays: it may still take effect. Not past the write of a
    /// value that is read later: the rest would seem to read it from nowhere.
    fn skip_past(
        &mut self,
        kind: ModelKind,
        calls: &mut Vec<Call<M::Op, M::Ret>>,
        told: &dyn Fn(OpIndex, bool) -> WitnessOp,
    ) {
        if !matches!(kind, ModelKind::Register | ModelKind::CasRegister) {
            return;
        }
        let mut latest_end = None;
        let mut fresh: Vec<(usize, Position)> = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            let Some(end) = call.completed else { continue };
            let alone = latest_end < Some(call.invoked)
                && calls[at + 1..]
                    .iter()
                    .find(|next| next.completed.is_some())
                    .is_none_or(|next| next.invoked > end);
            if alone && matches!(&*told(call.index, false).f, "write" | "put") {
                fresh.push((at, call.invoked));
            }
            latest_end = latest_end.max(Some(end));
        }
        for (_, start) in fresh.into_iter().rev().take(8) {
            let rest: Vec<_> = calls
                .iter()
                .filter(|call| call.completed.is_none_or(|end| end > start))
                .cloned()
                .collect();
            if self.violates(&rest) && !self.is_dull(&rest) {
                *calls = rest;
                return;
            }
        }
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

/// An order of all but the call that gets stuck, and that call.
fn last_order<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
) -> (Vec<OpIndex>, Option<OpIndex>) {
    let budget = Budget { configurations: TRIAL_MAX, ..Budget::default() };
    let Answer::Violation { stuck } = engine::search(model, calls, &budget, Orders::Untold).answer
    else {
        return (Vec::new(), None);
    };
    let mut rest = calls.to_vec();
    let stuck = rest.remove(stuck);
    rest.retain(|call| Some(call.invoked) < stuck.completed);
    for call in rest.iter_mut().filter(|call| call.completed > stuck.completed) {
        (call.completed, call.seen) = (None, Observed::Lost);
    }
    let order = match engine::search(model, &rest, &budget, Orders::Told).answer {
        Answer::Linearizable(Some(order)) => order,
        Answer::Linearizable(None) | Answer::Violation { .. } | Answer::Spent | Answer::Stopped => {
            Vec::new()
        }
    };
    let order = order.into_iter().map(|call| rest[call as usize].index).collect();
    (order, Some(stuck.index))
}
