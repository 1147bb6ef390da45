//! A minimal witness against any model.
//!
//! Nothing is known of the model but its steps, so nothing is known of what may be left out: without
//! a write, a read of what it wrote is wrong, and the history may be right. Hence an operation is
//! left out only in ways after which what had an order still has one:
//!
//! - whatever begins after the first return that nothing explains; what is open then may have any
//!   return, or may not have happened;
//! - what the model says is pure;
//! - anything else is *spared*: it may have happened or not, between its invocation and its return,
//!   and whatever it returned. The order of the whole is one of this, too. Spared operations take
//!   part in every trial to the end. So there is no order of what a witness shows, *whatever became
//!   of what it does not show*.
//!
//! Of the spared, those are shown that it takes to see why each of the others is needed: the write
//! of a value stays while two reads of it contradict each other. See `supported`.

use super::shrink::last_order;
use crate::Call;
use crate::linearizability::search::engine::{self, Answer, Orders};
use crate::linearizability::witness::CallWitness;
use crate::plant::{Bug, planted};
use crate::{Budget, Model, Observed, OpIndex};

/// A minimal witness of calls that certainly have no order; `None` if they may have one.
pub(crate) fn explain<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
) -> Option<CallWitness<M::Op, M::Ret>> {
    let search = engine::search(model, calls, budget, Orders::Untold);
    let Answer::Violation { stuck } = search.answer else { return None };
    let cost = search.configurations;
    let mut trials = Trials {
        model,
        calls,
        parts: vec![Part::Shown; calls.len()],
        each: cost.saturating_mul(4).saturating_add(20_000).min(budget.configurations),
        left: 0,
        budget,
    };
    let most = cost.saturating_mul(40).saturating_add(400_000);
    trials.left = most;
    trials.cut(stuck);
    trials.leave_out();
    trials.left = most;
    let support = trials.supported();
    let shown = |at: &usize| matches!(trials.parts[*at], Part::Shown | Part::Open);
    let kept: Vec<usize> =
        (0..calls.len()).filter(|at| shown(at) || support.contains(at)).collect();
    let kept: Vec<Call<M::Op, M::Ret>> = kept.into_iter().map(|at| calls[at].clone()).collect();
    // As many as were given, and so told by their places here.
    let placed: Vec<_> =
        (0..).zip(&kept).map(|(at, call)| Call { index: OpIndex(at), ..call.clone() }).collect();
    let (order, stuck) = last_order(model, &placed, &trials.budget_of(trials.each));
    let order = order.into_iter().map(OpIndex::get).collect();
    Some(CallWitness::new(model, kept, order, stuck.map(OpIndex::get)))
}

/// What part a call has in a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All that is known of it counts.
    Shown,
    /// It had not returned when the rest got stuck.
    Open,
    /// It may have happened or not, and have returned anything.
    Spared,
    /// None.
    Gone,
}

struct Trials<'a, M: Model> {
    model: &'a M,
    calls: &'a [Call<M::Op, M::Ret>],
    parts: Vec<Part>,
    /// Configurations that one trial may visit.
    each: u64,
    /// And all that are left.
    left: u64,
    budget: &'a Budget,
}

impl<M: Model> Trials<'_, M> {
    fn budget_of(&self, configurations: u64) -> Budget {
        Budget { configurations, ..self.budget.clone() }
    }

    /// What comes of calls that have these parts.
    fn answer(&mut self, parts: &[Part]) -> Answer {
        let calls: Vec<_> = self.calls.iter().zip(parts).filter_map(lenient).collect();
        let budget = self.budget_of(self.left.min(self.each));
        let search = engine::search(&Lenient(self.model), &calls, &budget, Orders::Untold);
        self.left = self.left.saturating_sub(search.configurations + calls.len() as u64);
        search.answer
    }

    fn violates(&mut self, parts: &[Part]) -> bool {
        matches!(self.answer(parts), Answer::Violation { .. })
    }

    fn has_order(&mut self, parts: &[Part]) -> bool {
        matches!(self.answer(parts), Answer::Linearizable(_))
    }

    /// Leaves out what begins after the return of `stuck`, if there is no way on before that.
    fn cut(&mut self, stuck: usize) {
        let end = self.calls[stuck].completed;
        let part = |call: &Call<M::Op, M::Ret>| match call.completed {
            _ if Some(call.invoked) > end => Part::Gone,
            Some(completed) if Some(completed) <= end => Part::Shown,
            _ => Part::Open,
        };
        let parts: Vec<Part> = self.calls.iter().map(part).collect();
        if self.violates(&parts) {
            self.parts = parts;
        }
    }

    /// The part of a call left out.
    fn out(&self, at: usize) -> Part {
        let call = &self.calls[at];
        if planted(Bug::OwnForgetSpared) || self.model.is_pure(&call.op, call.observed()) {
            Part::Gone
        } else {
            Part::Spared
        }
    }

    /// Leaves out as much as it can: half at once, then less and less, until nothing more can go.
    fn leave_out(&mut self) {
        let mut before = usize::MAX;
        loop {
            let mut shown: Vec<usize> = (0..self.parts.len())
                .filter(|&at| matches!(self.parts[at], Part::Shown | Part::Open))
                .collect();
            if shown.len() >= before {
                return;
            }
            before = shown.len();
            let mut size = shown.len();
            while size > 0 && self.left > 0 {
                let mut start = 0;
                while start < shown.len() && self.left > 0 {
                    let end = (start + size).min(shown.len());
                    let mut parts = self.parts.clone();
                    shown[start..end].iter().for_each(|&at| parts[at] = self.out(at));
                    if self.violates(&parts) {
                        self.parts = parts;
                        shown.drain(start..end);
                    } else {
                        start = end;
                    }
                }
                size = if size == 1 { 0 } else { size.div_ceil(2) };
            }
        }
    }

    /// The fewest of the spared without which some of what is shown would seem not to be needed:
    /// if any one shown call is spared as well, there is an order with these and no others.
    fn supported(&mut self) -> Vec<usize> {
        let shown: Vec<usize> = (0..self.parts.len())
            .filter(|&at| matches!(self.parts[at], Part::Shown | Part::Open))
            .collect();
        let mut spared: Vec<usize> =
            (0..self.parts.len()).filter(|&at| self.parts[at] == Part::Spared).collect();
        let needed: Vec<usize> = shown
            .into_iter()
            .filter(|&at| {
                let mut parts = self.parts.clone();
                parts[at] = Part::Spared;
                self.has_order(&parts)
            })
            .collect();
        let mut size = spared.len();
        while size > 0 && self.left > 0 {
            let mut start = 0;
            while start < spared.len() && self.left > 0 {
                let end = (start + size).min(spared.len());
                let mut parts = self.parts.clone();
                spared[start..end].iter().for_each(|&at| parts[at] = Part::Gone);
                let stands = needed.iter().all(|&at| {
                    let without = std::mem::replace(&mut parts[at], Part::Spared);
                    let has_order = self.has_order(&parts);
                    parts[at] = without;
                    has_order
                });
                if stands {
                    self.parts = parts;
                    spared.drain(start..end);
                } else {
                    start = end;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        spared
    }
}

/// A model in which some calls may or may not have happened.
struct Lenient<'m, M>(&'m M);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Asked<O> {
    op: O,
    is_spared: bool,
}

type LenientCall<O, R> = Call<Asked<O>, Option<R>>;

/// A call as its part has it. What had no end has none, and may not have happened.
fn lenient<O: Clone, R: Clone>((call, part): (&Call<O, R>, &Part)) -> Option<LenientCall<O, R>> {
    let asked = |is_spared| Asked { op: call.op.clone(), is_spared };
    let lost = || Call::lost(call.index, asked(false), call.invoked);
    match (part, &call.seen, call.completed) {
        (Part::Gone, ..) => None,
        (Part::Open, ..) | (_, Observed::Lost, _) | (_, _, None) => Some(lost()),
        (Part::Shown, Observed::Returned(ret), Some(end)) => {
            Some(Call::returned(call.index, asked(false), Some(ret.clone()), call.invoked, end))
        }
        (Part::Spared, _, Some(end)) => {
            Some(Call::returned(call.index, asked(true), None, call.invoked, end))
        }
    }
}

impl<M: Model> Model for Lenient<'_, M> {
    type State = M::State;
    type Op = Asked<M::Op>;
    type Ret = Option<M::Ret>;
    type Next = Vec<M::State>;

    fn init(&self) -> M::State {
        self.0.init()
    }

    fn step(
        &self,
        state: &M::State,
        asked: &Asked<M::Op>,
        seen: Observed<&Option<M::Ret>>,
    ) -> Vec<M::State> {
        if !asked.is_spared {
            return self.0.step(state, &asked.op, told(seen)).into_iter().collect();
        }
        let mut states = vec![state.clone()];
        for next in self.0.step(state, &asked.op, Observed::Lost) {
            if !states.contains(&next) {
                states.push(next);
            }
        }
        states
    }

    fn is_pure(&self, asked: &Asked<M::Op>, seen: Observed<&Option<M::Ret>>) -> bool {
        self.0.is_pure(&asked.op, told(seen))
    }

    fn state_bytes(&self, state: &M::State) -> usize {
        self.0.state_bytes(state)
    }
}

fn told<R>(seen: Observed<&Option<R>>) -> Observed<&R> {
    match seen {
        Observed::Returned(Some(ret)) => Observed::Returned(ret),
        Observed::Returned(None) | Observed::Lost => Observed::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Chance, history};
    use crate::history::part;
    use crate::linearizability::FailedCas;
    use crate::linearizability::decode::{ModelTask, with_model};
    use crate::linearizability::wgl;
    use crate::plant;
    use crate::verify::{self, Refused};
    use crate::{History, ModelKind};

    /// Has a witness made of calls that have no order, and verified against them all: how many calls
    /// it shows, or why it is refused.
    struct Verified;

    impl ModelTask for Verified {
        type Answer = Option<Result<usize, Refused>>;

        fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Self::Answer {
            let witness = explain(model, &calls, &Budget::default())?;
            assert!(!witness.calls.is_empty() && witness.calls.len() == witness.facts.len());
            Some(verify::calls(model, &witness.calls, &calls).map(|()| witness.calls.len()))
        }
    }

    /// Spares every set of calls that a bit of `which` names; says whether there is an order then.
    struct Sparing(u64);

    impl ModelTask for Sparing {
        type Answer = (bool, bool);

        fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> (bool, bool) {
            let has_order = |calls: &[Call<M::Op, M::Ret>]| {
                wgl::search(model, calls, &Budget::default()).linearizable == Some(true)
            };
            let part = |at: usize| match self.0 >> (2 * at % 64) & 3 {
                0 if model.is_pure(&calls[at].op, calls[at].observed()) => Part::Gone,
                0 | 1 => Part::Spared,
                _ => Part::Shown,
            };
            let lenient = |(at, call)| lenient((call, &part(at)));
            let spared: Vec<_> = calls.iter().enumerate().filter_map(lenient).collect();
            let after = wgl::search(&Lenient(model), &spared, &Budget::default()).linearizable;
            (has_order(&calls), after == Some(true))
        }
    }

    fn each<A>(
        seeds: std::ops::Range<u64>,
        judge: impl Fn(&History, ModelKind, &[OpIndex], u64) -> A,
    ) -> Vec<A> {
        let mut answers = Vec::new();
        for model in ModelKind::ALL {
            for seed in seeds.clone() {
                let history = history(model, &mut Chance::new(seed));
                for part in part::split(&history) {
                    answers.push(judge(&history, model, &part.operations, seed));
                }
            }
        }
        answers
    }

    #[test]
    fn a_legal_history_has_an_order_whatever_is_left_out() {
        let answers = each(0..2_000, |history, model, ops, seed| {
            let which = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let judge = Sparing(which);
            let (before, after) =
                with_model(model, history, ops, FailedCas::SaysNothing, judge).expect("understood");
            assert!(!before || after, "{model}, seed {seed}, spared by {which:x}: {history:#?}");
            before
        });
        let legal = answers.iter().filter(|&&legal| legal).count();
        assert!(legal > 2_000, "only {legal} legal ones");
        assert!(answers.len() - legal > 500, "and {} others", answers.len() - legal);
    }

    fn refused(seeds: std::ops::Range<u64>) -> (usize, usize) {
        let answers = each(seeds, |history, model, ops, seed| {
            let told = with_model(model, history, ops, FailedCas::SaysNothing, Verified);
            let told = told.expect("understood")?;
            if let Err(why @ (Refused::TooLarge(_) | Refused::Malformed(_))) = &told {
                panic!("{model}, seed {seed}: {why}");
            }
            Some(told.is_err())
        });
        let made = answers.iter().flatten().count();
        (made, answers.into_iter().flatten().filter(|&refused| refused).count())
    }

    #[test]
    fn a_witness_has_no_order_whatever_became_of_what_it_does_not_show() {
        let (made, refused) = refused(0..2_000);
        assert!(made > 500, "only {made} witnesses");
        assert_eq!(refused, 0, "of {made}");
    }

    #[test]
    fn the_verifier_refuses_witnesses_of_which_what_explains_them_was_left_out() {
        let (_, refused) = plant::with(Bug::OwnForgetSpared, || refused(0..300));
        assert!(refused > 0);
    }
}
