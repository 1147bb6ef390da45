//! What can be refuted at once, before anything is searched.
//!
//! In this order: a read that no epoch can hold; two reads of one epoch of which neither is a
//! beginning of the other; one append shown in two places; within an epoch, something that ends
//! before something earlier begins; two epochs each of which comes before the other. If no text is
//! put twice and none appended twice that reads show, nothing else can be wrong.

use rustc_hash::FxHashMap;

use super::bounds::Bound;
use super::cut::{EMPTY, NEVER};
use super::epochs::{Ends, Epoch, Shown};
use super::left::{Left, spend};
use super::{Pair, Refuted};
use crate::plant::{Bug, planted};
use crate::{AnomalyClass, OpIndex};

/// For each read, the epochs it may be of: the start is 0, and the `n`-th put `n + 1`.
pub(super) type Owners = Vec<Vec<usize>>;

/// The epochs that each read may be of.
///
/// Not of a put that began after the read ended; nor of one that ended before another put began
/// that ended before the read began.
///
/// Nothing if there are too many.
///
/// # Errors
///
/// If there is none for a read.
pub(super) fn owners(shown: &Shown<'_>, left: &mut Left) -> Result<Option<Owners>, Refuted> {
    let mut by_token: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    for (at, &put) in shown.puts.iter().enumerate() {
        by_token.entry(shown.changes[put].token).or_default().push(at);
    }
    let span = |put: usize| shown.changes[shown.puts[put]].span;
    let mut by_end: Vec<usize> = (0..shown.puts.len()).filter(|&it| span(it).to != NEVER).collect();
    by_end.sort_unstable_by_key(|&put| span(put).to);
    let mut ended = by_end.into_iter().peekable();
    // Of the puts that were over, the one that began last.
    let mut last: Option<usize> = None;
    let latest = Latest::new(shown);
    let first = shown.trie.first_tokens();
    let mut owners = Vec::with_capacity(shown.reads.len());
    for read in shown.reads {
        while let Some(put) = ended.next_if(|&put| span(put).to < read.span.from) {
            if last.is_none_or(|last| span(put).from > span(last).from) {
                last = Some(put);
            }
        }
        let token = first[read.node as usize];
        let mut may: Vec<usize> = Vec::new();
        let is_open = token == EMPTY || !shown.appends(token).is_empty();
        if is_open && last.is_none() {
            may.push(0);
        }
        let since = last.map_or(0, |last| span(last).from);
        let tokens = [token, EMPTY];
        for &token in &tokens[..=usize::from(is_open && token != EMPTY)] {
            let puts = by_token.get(&token).map_or(&[][..], Vec::as_slice);
            let begun = puts.partition_point(|&put| span(put).from <= read.span.to);
            let puts = puts[..begun].iter().rev();
            let puts = puts.take_while(|&&put| latest.until(put) >= since);
            may.extend(puts.filter(|&&put| span(put).to >= since).map(|put| put + 1));
        }
        may.sort_unstable();
        if may.is_empty() {
            let puts = by_token.get(&token).map_or(&[][..], Vec::as_slice);
            return Err(homeless(shown, (read.op, read.span.to), puts, last));
        }
        if spend(left, may.len()).is_none() {
            return Ok(None);
        }
        owners.push(may);
    }
    Ok(Some(owners))
}

/// For each put, the latest end among those of its text up to it.
struct Latest(Vec<u32>);

impl Latest {
    fn new(shown: &Shown<'_>) -> Self {
        let mut until = vec![0; shown.puts.len()];
        let mut latest: FxHashMap<u32, u32> = FxHashMap::default();
        for (until, &put) in until.iter_mut().zip(&shown.puts) {
            let put = &shown.changes[put];
            let latest = latest.entry(put.token).or_default();
            *latest = put.span.to.max(*latest);
            *until = *latest;
        }
        Self(until)
    }

    fn until(&self, put: usize) -> u32 {
        self.0[put]
    }
}

/// Why no epoch can hold a read.
fn homeless(
    shown: &Shown<'_>,
    (read, end): (OpIndex, u32),
    puts: &[usize],
    last: Option<usize>,
) -> Refuted {
    let change = |put: usize| shown.changes[shown.puts[put]];
    let Some(last) = last.map(change) else {
        // It was put, but only after the read ended.
        let about = puts.first().map_or(read, |&put| change(put).op);
        let pair = Pair { class: AnomalyClass::FutureRead, about, against: Some(read) };
        return Refuted::new(Some(pair), vec![read]);
    };
    let over = puts.iter().map(|&put| change(put)).filter(|put| put.span.to < last.span.from);
    let mut hint: Vec<OpIndex> = over.map(|put| put.op).collect();
    let is_future = hint.is_empty() && !puts.is_empty();
    let class = if is_future { AnomalyClass::FutureRead } else { AnomalyClass::StaleRead };
    let pair = match puts.first().filter(|_| is_future) {
        Some(&put) => Pair { class, about: change(put).op, against: Some(read) },
        None => Pair { class, about: read, against: Some(last.op) },
    };
    debug_assert!(
        puts.iter()
            .all(|&put| { change(put).span.from > end || change(put).span.to < last.span.from })
    );
    hint.extend([read, last.op]);
    Refuted::new(Some(pair), hint)
}

/// Looks for what is wrong with the epochs of the reads whose owner is known.
///
/// # Errors
///
/// If something is.
pub(super) fn refute(
    shown: &Shown<'_>,
    epochs: &[Epoch],
    owner: &[Option<usize>],
) -> Result<(), Refuted> {
    twice(shown, epochs)?;
    let mut counts = vec![0; shown.tokens];
    if !planted(Bug::GrowthForgetWithin) {
        epochs.iter().try_for_each(|epoch| within(shown, epoch, &mut counts))?;
    }
    if planted(Bug::GrowthForgetBetween) { Ok(()) } else { between(shown, epochs, owner) }
}

/// Looks for appends that are shown more often than there are.
fn twice(shown: &Shown<'_>, epochs: &[Epoch]) -> Result<(), Refuted> {
    // How often each token is shown, and where last.
    let mut seen: Vec<(usize, Option<usize>)> = vec![(0, None); shown.tokens];
    for (at, epoch) in epochs.iter().enumerate() {
        for token in shown.tokens(epoch) {
            let (count, last) = &mut seen[token as usize];
            *count += 1;
            if *count > shown.appends(token).len() {
                let reader = |at: usize| epochs[at].longest.map(|read| shown.reads[read].op);
                let holds = |epoch: &&Epoch| shown.tokens(epoch).any(|it| it == token);
                let readers = epochs[..=at].iter().filter(holds).filter_map(|it| it.longest);
                let mut hint: Vec<OpIndex> = readers.map(|read| shown.reads[read].op).collect();
                hint.extend(
                    epochs[..=at]
                        .iter()
                        .filter(holds)
                        .filter_map(|it| it.put.map(|put| shown.changes[put].op)),
                );
                let against = last.filter(|&last| last != at).and_then(reader);
                let class = match against {
                    Some(_) => AnomalyClass::IncompatibleOrder,
                    None => AnomalyClass::DuplicateElement,
                };
                let about = reader(at).expect("something was read");
                let pair = Pair { class, about, against };
                return Err(Refuted::new(Some(pair), hint));
            }
            *last = Some(at);
        }
    }
    Ok(())
}

/// Looks for something that ends before something begins that comes earlier in its epoch.
fn within(shown: &Shown<'_>, epoch: &Epoch, counts: &mut [usize]) -> Result<(), Refuted> {
    let mut latest = Bound::START;
    for slot in shown.bounds(epoch, counts).slots {
        latest.raise(slot.lower);
        if slot.upper.at < latest.at {
            let mut refuted = shown.clash(latest, slot.upper);
            let reader = epoch.longest.map(|read| shown.reads[read].op);
            refuted.hint.extend(reader);
            return Err(refuted);
        }
    }
    Ok(())
}

impl Shown<'_> {
    /// What is wrong if something begins too late for what ends too soon.
    pub(super) fn clash(&self, lower: Bound, upper: Bound) -> Refuted {
        let is_read = |op: OpIndex| self.reads.binary_search_by_key(&op, |read| read.op).is_ok();
        let hint: Vec<OpIndex> = lower.by.into_iter().chain(upper.by).collect();
        let pair = lower.by.zip(upper.by).map(|(begun, ended)| {
            let class = match (is_read(begun), is_read(ended)) {
                (true, _) => AnomalyClass::StaleRead,
                (false, true) => AnomalyClass::FutureRead,
                (false, false) => AnomalyClass::IncompatibleOrder,
            };
            Pair { class, about: begun, against: Some(ended) }
        });
        Refuted::new(pair, hint)
    }
}

/// Looks for two epochs each of which must come before the other.
fn between(shown: &Shown<'_>, epochs: &[Epoch], owner: &[Option<usize>]) -> Result<(), Refuted> {
    let unseen = shown.surely_unseen(epochs, owner);
    let alone = unseen.iter().map(|&at| (Ends::alone(&shown.changes[at]), None));
    let held = epochs.iter().map(|epoch| (shown.ends(epoch), Some(epoch)));
    let mut order: Vec<(Ends, Option<&Epoch>)> = held.chain(alone).collect();
    order.sort_by_key(|(ends, _)| ends.low());
    let mut held: Option<(Ends, Option<&Epoch>)> = None;
    for (ends, epoch) in order {
        let is_forward = ends.is_forward();
        if let Some((other, other_epoch)) = held {
            let end = if is_forward { ends.first.at } else { ends.first.at.max(ends.last.at) };
            if end < other.last.at {
                let both = [other_epoch, epoch].into_iter().flatten();
                let readers = both.clone().filter_map(|it| it.longest);
                let readers = readers.map(|read| shown.reads[read].op);
                let puts = both.filter_map(|it| it.put).map(|put| shown.changes[put].op);
                let edges = [other.first, other.last, ends.first, ends.last];
                let hint = edges.iter().filter_map(|it| it.by).chain(readers).chain(puts).collect();
                let about = other.last.by.expect("an epoch that lasts ends with an invocation");
                let class = AnomalyClass::StaleRead;
                let pair = Pair { class, about, against: ends.first.by };
                return Err(Refuted::new(Some(pair), hint));
            }
        }
        if is_forward && held.is_none_or(|(other, _)| other.last.at < ends.last.at) {
            held = Some((ends, epoch));
        }
    }
    Ok(())
}
