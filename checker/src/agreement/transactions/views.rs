//! Whether transactions can have seen what they read, by trying all: each order of the transactions, and for each
//! of them each choice of those before it that it may have seen.

use super::told::{ToldPart, ToldTxn};
use crate::EventKind;

/// What a transaction sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Views {
    /// Each read sees some transactions.
    Committed,
    /// The same, and what is read and then written is not written in between.
    Cursor,
    /// A read sees what the reads before it saw.
    Monotonic,
    /// All reads see the same, and what their transaction wrote.
    Atomic,
    /// The same, and what those saw that are seen.
    Causal,
}

/// Transactions as bits, by their places in the order.
type Mask = u32;

fn place(key: char) -> usize {
    usize::from(key == 'y')
}

/// The key and the value of what a part writes.
fn written(part: &ToldPart) -> Option<(usize, i64)> {
    match part {
        ToldPart::Append(key, value) | ToldPart::Write(key, value) => Some((place(*key), *value)),
        ToldPart::Read(..) | ToldPart::Get(..) => None,
    }
}

fn writes(txn: &ToldTxn, key: usize) -> bool {
    txn.parts.iter().filter_map(written).any(|(to, _)| to == key)
}

/// Whether some order, and some choice of what each transaction sees, explain all reads.
pub(super) fn has_views(txns: &[ToldTxn], views: Views) -> bool {
    let unknown: Vec<usize> =
        (0..txns.len()).filter(|&it| txns[it].end == EventKind::Info).collect();
    (0..1u32 << unknown.len()).any(|chosen| {
        let is_chosen = |at: usize| unknown.iter().position(|&it| it == at);
        let is_in = |&at: &usize| match txns[at].end {
            EventKind::Ok => true,
            EventKind::Info => is_chosen(at).is_some_and(|place| chosen & 1 << place != 0),
            _ => false,
        };
        let left: Vec<&ToldTxn> = (0..txns.len()).filter(is_in).map(|at| &txns[at]).collect();
        Ordering { views, order: Vec::new(), seen: Vec::new() }.goes_on(&left)
    })
}

struct Ordering<'a> {
    views: Views,
    order: Vec<&'a ToldTxn>,
    /// What each of them sees.
    seen: Vec<Mask>,
}

impl<'a> Ordering<'a> {
    fn goes_on(&mut self, left: &[&'a ToldTxn]) -> bool {
        (0..left.len()).any(|at| {
            let mut rest = left.to_vec();
            let next = rest.remove(at);
            let masks = 0..1u32 << self.order.len();
            let choices: Vec<Mask> = match self.views {
                Views::Atomic | Views::Causal => masks
                    .filter(|&mask| self.is_closed(mask) && self.returns_it(next, mask))
                    .collect(),
                // What others see of what it saw does not matter.
                _ => self.reads_it(next, &next.parts, 0).then_some(0).into_iter().collect(),
            };
            choices.into_iter().any(|mask| {
                self.order.push(next);
                self.seen.push(mask);
                let is_found = self.goes_on(&rest);
                self.order.pop();
                self.seen.pop();
                is_found
            })
        }) || left.is_empty()
    }

    fn is_closed(&self, mask: Mask) -> bool {
        let seen = |at: usize| mask & 1 << at != 0;
        self.views != Views::Causal
            || (0..self.order.len()).all(|at| !seen(at) || self.seen[at] & !mask == 0)
    }

    /// What these left of a key; nothing if a list has no such beginning.
    fn value(&self, key: usize, mask: Mask, is_list: bool) -> Option<Vec<i64>> {
        let mut value = Vec::new();
        let mut is_missed = false;
        for (at, txn) in self.order.iter().enumerate().filter(|(_, txn)| writes(txn, key)) {
            if mask & 1 << at == 0 {
                is_missed = true;
                continue;
            }
            if is_missed && is_list {
                return None;
            }
            let new = txn.parts.iter().filter_map(written).filter(|(to, _)| *to == key);
            value.extend(new.map(|(_, value)| value));
        }
        Some(value)
    }

    /// Whether it returns what it did, all of it with one view.
    fn returns_it(&self, txn: &ToldTxn, mask: Mask) -> bool {
        let mut own: [Vec<i64>; 2] = Default::default();
        txn.end != EventKind::Ok
            || txn.parts.iter().all(|part| {
                let (key, is_list) = match part {
                    ToldPart::Append(key, _) | ToldPart::Read(key, _) => (place(*key), true),
                    ToldPart::Write(key, _) | ToldPart::Get(key, _) => (place(*key), false),
                };
                own[key].extend(written(part).map(|(_, value)| value));
                let whole = |mut value: Vec<i64>| {
                    value.extend(&own[key]);
                    value
                };
                match part {
                    ToldPart::Append(..) | ToldPart::Write(..) => true,
                    ToldPart::Read(_, list) => {
                        self.value(key, mask, is_list).map(whole).as_ref() == Some(list)
                    }
                    ToldPart::Get(_, value) => self
                        .value(key, mask, is_list)
                        .map(whole)
                        .is_some_and(|all| all.last() == value.as_ref()),
                }
            })
    }

    /// Whether each read of others is of what some saw, or, where views grow, of `mask` and perhaps more.
    fn reads_it(&self, txn: &ToldTxn, parts: &[ToldPart], mask: Mask) -> bool {
        let Some((part, rest)) = parts.split_first() else { return true };
        let own: Vec<(usize, i64)> = txn.parts.iter().filter_map(written).collect();
        let (key, outside, is_list) = match part {
            _ if txn.end != EventKind::Ok => return true,
            ToldPart::Append(..) | ToldPart::Write(..) => return self.reads_it(txn, rest, mask),
            ToldPart::Get(key, Some(value)) if own.contains(&(place(*key), *value)) => {
                return self.reads_it(txn, rest, mask);
            }
            ToldPart::Get(key, value) => (place(*key), value.iter().copied().collect(), false),
            ToldPart::Read(key, list) => (place(*key), list.clone(), true),
        };
        let at = txn.parts.len() - parts.len();
        let is_of_own = |parts: &[ToldPart], list: &[i64]| {
            let own: Vec<(usize, i64)> = parts.iter().filter_map(written).collect();
            list.iter().rev().take_while(|it| own.contains(&(key, **it))).count()
        };
        let mut outside: Vec<i64> = outside;
        outside.truncate(outside.len() - is_of_own(&txn.parts[..at], &outside));
        // What it appends later comes after all that was appended before it.
        let later = is_of_own(&txn.parts, &outside);
        outside.truncate(outside.len() - later);
        let is_first = !txn.parts[..at].iter().filter_map(written).any(|(to, _)| to == key);
        let is_updated = self.views == Views::Cursor && is_first && writes(txn, key) || later > 0;
        (0..1u32 << self.order.len()).filter(|more| mask & !more == 0).any(|seen| {
            let Some(value) = self.value(key, seen, is_list) else { return false };
            let is_right = if is_list { value == outside } else { value.last() == outside.last() };
            let all =
                (0..self.order.len()).all(|at| seen & 1 << at != 0 || !writes(self.order[at], key));
            let next = if self.views == Views::Monotonic { seen } else { 0 };
            is_right && (all || !is_updated) && self.reads_it(txn, rest, next)
        })
    }
}
