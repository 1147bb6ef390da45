//! Lists and texts that grow, by their longest reads.
//!
//! Decides linearizability of one list with `append` and reads of the whole, or of one text with
//! `put` too. The order of appends is had from reads as in Kingsbury and Alvaro, "Elle: inferring
//! isolation anomalies from experimental observations", VLDB 2020; what is done with it is that of
//! [zones](super::register::zones) where nothing is written twice, and scheduling of unit jobs where
//! something is.
//!
//! A *token* is an element or a text that was written; reads are [cut](cut) into tokens. An *epoch*
//! is a put (or the start) and the appends after it, up to the last that any read shows. Its longest
//! read gives its *slots*, each of a token; every other read of it must be a beginning of that one.
//! A *gap* is the time between the end of an epoch and the next put, and after the last epoch. A
//! change that completed and that no read shows is in a gap; one whose return was lost and that no
//! read shows never was.
//!
//! A read of `k` slots takes effect between slots `k` and `k + 1`: it bounds when the one happens
//! from above, and the other from below. So do changes of which there is only one that can be in a
//! slot. Two epochs each of which must come before the other are refuted: let `f` be an epoch's
//! first return and `s` its last invocation; `D` must come before `C` if `f(D) < s(C)`. Any cycle of
//! such demands has one of two epochs in it: let `s(C)` be the greatest `s` in the cycle, `B` come
//! after `C` in it and `D` after `B`; then `f(B) < s(D) <= s(C)` and `f(C) < s(B)`. If no text that
//! reads show is written twice that is all: [`prepass`] decides in O(n log n), plus the length of
//! all reads.
//!
//! Where tokens repeat, [`settle`] finds the earliest moments of all slots of epochs in a known
//! order, in polynomial time; [`demands`] and [`assignment`] say which append is in which slot.
//! Three things may have to be tried out, which takes exponential time at worst (it is NP-complete:
//! Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 1997): whose epoch a read is in
//! ([`choices`]), the order of epochs, and which appends are in gaps ([`orders`]). Declines when it
//! has tried for too long, or a read can be cut in two ways.

mod assignment;
mod bounds;
mod choices;
mod cut;
mod demands;
mod epochs;
mod least;
mod left;
mod orders;
mod prepass;
mod sequence;
mod settle;
mod trie;

use self::choices::Choices;
use self::cut::{Told, Uncut, told};
use self::epochs::Shown;
use self::left::Left;
use self::orders::{Allowance, Branching};
use super::options::{Certificates, Options};
use crate::{AnomalyClass, Budget, History, ModelKind, OpIndex, Part};

pub(crate) use self::least::Ending;

/// What the longest read says.
pub(crate) enum Growth {
    /// There is an order; this one, if one was asked for.
    Linearizable(Option<Vec<OpIndex>>),
    /// There is none.
    Refuted(ListRefutation),
    /// This method does not apply, or has tried for too long.
    Declined,
}

/// There is no order, and why.
pub(crate) enum ListRefutation {
    /// This read shows what nothing wrote.
    Nowhere(OpIndex),
    /// There is none of these changes and reads.
    Never(Box<Told>, Refuted),
}

/// Why there is no order, with a least part of the history that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListClash {
    /// Two operations that cannot be reconciled, if it is as simple as that.
    pub(crate) pair: Option<Pair>,
    /// Operations that alone have no order.
    pub(crate) operations: Vec<(OpIndex, Ending)>,
}

/// An operation that cannot be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) class: AnomalyClass,
    pub(crate) about: OpIndex,
    /// The one it cannot be reconciled with.
    pub(crate) against: Option<OpIndex>,
}

/// Why there is no order, as found: it may take more operations to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refuted {
    pair: Option<Pair>,
    /// The operations whose ends clash, or some of them.
    hint: Vec<OpIndex>,
    /// Demands it took to find that.
    cost: Left,
}

/// What is known of changes and reads.
#[derive(Debug)]
enum Solved {
    /// There is an order.
    Order(Vec<OpIndex>),
    /// There is none.
    Never(Refuted),
    /// There may be.
    Open,
}

impl Refuted {
    fn new(pair: Option<Pair>, hint: Vec<OpIndex>) -> Self {
        Self { pair, hint, cost: 0 }
    }
}

impl Solved {
    /// There is no order, because every choice was refuted.
    fn never() -> Self {
        Self::Never(Refuted::new(None, Vec::new()))
    }
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Try nothing out: time is a little more than linear, as a rule.
    Quick,
    /// Try out what nothing forces, within the budget.
    Whole,
    /// The same, but try all orders of epochs without asking first whether the likely one will do.
    #[cfg(any(test, feature = "selftest"))]
    Orders,
}

/// Demands asked without trying anything out, for each operation and at the least.
const QUICK: (u64, u64) = (100, 1_000_000);

/// Demands of the same cost as a configuration of the search.
const DEMANDS_OF_A_CONFIGURATION: u64 = 10;

/// Demands asked at the most, if the budget is not less: about a second.
const DEMANDS_MAX: u64 = 50_000_000;

/// Judges one list or text.
pub(crate) fn judge(
    history: &History,
    model: ModelKind,
    part: &Part,
    options: &Options,
    effort: Effort,
) -> Growth {
    let told = match told(history, model, part) {
        Ok(told) => told,
        Err(Uncut::Declined) => return Growth::Declined,
        Err(Uncut::Nowhere(read)) => return Growth::Refuted(ListRefutation::Nowhere(read)),
    };
    let shown = told.shown();
    let mut limits = limits(&options.budget, part.operations.len(), effort);
    let most = limits.left;
    let solved = match options.certificates {
        Certificates::Named => solve_plain(&shown, &mut limits),
        Certificates::Orders => Some(solve(&shown, &mut limits)),
    };
    match solved {
        None => Growth::Linearizable(None),
        Some(Solved::Order(order)) => Growth::Linearizable(
            Some(order).filter(|_| options.certificates == Certificates::Orders),
        ),
        Some(Solved::Open) => Growth::Declined,
        Some(Solved::Never(refuted)) => {
            let refuted = Refuted { cost: most - limits.left, ..refuted };
            Growth::Refuted(ListRefutation::Never(Box::new(told), refuted))
        }
    }
}

impl ListRefutation {
    /// Why there is no order, in as few operations as can be had for the budget.
    pub(crate) fn least(&self, options: &Options) -> ListClash {
        let (told, refuted) = match self {
            &Self::Nowhere(about) => {
                let pair = Pair { class: AnomalyClass::ReadFromNowhere, about, against: None };
                return ListClash { pair: Some(pair), operations: vec![(about, Ending::Told)] };
            }
            Self::Never(told, refuted) => (told, refuted),
        };
        let operations = least::least(told, refuted, options);
        let is_told = |op: OpIndex| operations.contains(&(op, Ending::Told));
        let fits = |pair: &Pair| is_told(pair.about) && pair.against.is_none_or(is_told);
        let pair = refuted.pair.filter(|_| told.shown().is_plain()).filter(fits);
        ListClash { pair, operations }
    }
}

fn limits(budget: &Budget, operations: usize, effort: Effort) -> Allowance<'_> {
    let stop = budget.stop.as_ref();
    match effort {
        Effort::Quick => {
            let left = QUICK.1 + QUICK.0 * operations as u64;
            Allowance { left, held: 0, branching: Branching::No, stop }
        }
        Effort::Whole => {
            Allowance { left: at_most(budget), held: 0, branching: Branching::Yes, stop }
        }
        #[cfg(any(test, feature = "selftest"))]
        Effort::Orders => {
            Allowance { left: at_most(budget), held: 0, branching: Branching::Orders, stop }
        }
    }
}

fn at_most(budget: &Budget) -> u64 {
    budget.configurations.saturating_mul(DEMANDS_OF_A_CONFIGURATION).min(DEMANDS_MAX)
}

/// Whether a read can be cut in two ways, or is not understood, so that this method declines.
#[cfg(any(test, feature = "selftest"))]
pub(crate) fn is_ambiguous(history: &History, model: ModelKind, part: &Part) -> bool {
    matches!(told(history, model, part), Err(Uncut::Declined))
}

/// Nothing if there is an order, and no need to look for it.
fn solve_plain(shown: &Shown<'_>, limits: &mut Allowance<'_>) -> Option<Solved> {
    let choices = match choices(shown, limits) {
        Ok(choices) => choices,
        Err(solved) => return Some(solved),
    };
    if shown.is_plain() && choices.owner().iter().all(Option::is_some) {
        return None;
    }
    Some(choices.branch(shown, limits))
}

/// Decides whether there is an order, and tells it.
fn solve(shown: &Shown<'_>, limits: &mut Allowance<'_>) -> Solved {
    match choices(shown, limits) {
        Ok(choices) => choices.branch(shown, limits),
        Err(solved) => solved,
    }
}

/// The epoch that each read may be in, if the reads with a known epoch are consistent.
fn choices(shown: &Shown<'_>, limits: &mut Allowance<'_>) -> Result<Choices, Solved> {
    let owners = prepass::owners(shown, &mut limits.left).map_err(Solved::Never)?;
    let mut choices = Choices::new(owners.ok_or(Solved::Open)?);
    choices.narrow(shown, limits).map_err(Solved::Never)?;
    Ok(choices)
}
