//! Random small histories of one register, and the smallest `k` for which each is `k`-atomic.

use super::Chance;
use crate::k_atomic::Versioned;
use crate::weak::{history_in, session_view, sessions_of};
use crate::{Budget, History, Operation, Value};

/// A random history of one key, in which reads return what they like.
pub fn k_atomic_history(seed: u64) -> History {
    let chance = &mut Chance::new(seed);
    let (count, ops) = (1 + chance.below(4), 2 + chance.below(7));
    let writes = 1 + chance.below(ops);
    let mut words = vec![Vec::new(); count];
    for op in 0..ops {
        let word = if op < writes {
            format!("wx{op}")
        } else if chance.one_in(6) {
            "rx_".to_owned()
        } else {
            format!("rx{}", chance.below(writes))
        };
        let session = chance.below(count);
        let place = chance.below(words[session].len() + 1);
        words[session].insert(place, word);
    }
    let lines: Vec<String> = words.iter().map(|words| words.join(" ")).collect();
    let sessions = sessions_of(&lines.join(" | "));
    // Places of events: each session's in order, all different.
    let mut turns: Vec<usize> =
        (0..count).flat_map(|session| vec![session; 2 * sessions.ops(session).len()]).collect();
    for at in (1..turns.len()).rev() {
        turns.swap(at, chance.below(at + 1));
    }
    let mut spans = vec![(0, 0); sessions.len() as usize];
    let mut passed = vec![0; count];
    for (at, session) in (0u64..).zip(turns) {
        let op = sessions.ops(session).start as usize + passed[session] / 2;
        if passed[session].is_multiple_of(2) {
            spans[op].0 = at;
        } else {
            spans[op].1 = at;
        }
        passed[session] += 1;
    }
    history_in(&sessions, &spans)
}

/// The smallest `k`, with every order tried; none if no order has each read return what was written.
fn brute(history: &History) -> Option<u64> {
    let ops: Vec<_> = history.iter().collect();
    let mut best = None;
    extend(&ops, &mut Vec::new(), &mut best);
    best
}

/// Every order that begins with `order`.
fn extend(ops: &[Operation<'_>], order: &mut Vec<usize>, best: &mut Option<u64>) {
    if order.len() == ops.len() {
        let behind = |(at, &op): (usize, &usize)| {
            let value = ops[op].outcome.ok()?;
            if ops[op].f != "read" {
                return Some(1);
            }
            let writes = order[..at].iter().rev().filter(|&&it| ops[it].f == "write");
            let values = writes.map(|&it| ops[it].argument.clone()).chain([Value::Nil]);
            values.zip(1u64..).find(|(it, _)| it == value).map(|(_, behind)| behind)
        };
        let needed: Option<Vec<u64>> = order.iter().enumerate().map(behind).collect();
        if let Some(k) = needed.and_then(|it| it.into_iter().max()) {
            *best = Some(best.map_or(k, |best| best.min(k)));
        }
        return;
    }
    for op in 0..ops.len() {
        let waits = |it: usize| {
            !order.contains(&it) && ops[it].completed.is_some_and(|end| end < ops[op].invoked)
        };
        if !order.contains(&op) && !(0..ops.len()).any(waits) {
            order.push(op);
            extend(ops, order, best);
            order.pop();
        }
    }
}

/// Judges one random history by brute force and otherwise; gives the smallest `k`.
///
/// # Errors
///
/// Tells the history if they disagree.
pub fn k_atomic_case(seed: u64) -> Result<Option<u64>, String> {
    let history = k_atomic_history(seed);
    let expected = brute(&history);
    let view = session_view(&history).map_err(|why| format!("{why:?}"))?;
    let found = Versioned::new(&history, &view, &Budget::default()).bounds();
    let is_exact = found.is_none_or(|it| it.least == it.most);
    if !is_exact || found.map(|it| it.least) != expected {
        return Err(format!("seed {seed}: {found:?}, by brute force {expected:?}: {history:?}"));
    }
    Ok(expected)
}
