//! Stretches of time during which something holds, as open intervals.

use crate::linearizability::moment::{Moment, Span};

/// An open interval of time, and who is to blame for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::linearizability) struct Stretch {
    pub(in crate::linearizability) from: Moment,
    pub(in crate::linearizability) to: Moment,
    pub(in crate::linearizability) tag: usize,
}

/// The union of open intervals. No point is both the end of one and the start of another.
#[derive(Clone, Debug)]
pub(in crate::linearizability) struct Cover {
    /// By their start.
    pieces: Vec<Stretch>,
    /// The union: disjoint, ascending.
    merged: Vec<(Moment, Moment)>,
}

impl Cover {
    /// The union of `pieces`. O(n log n).
    pub(in crate::linearizability) fn new(mut pieces: Vec<Stretch>) -> Self {
        pieces.sort_unstable_by_key(|piece| (piece.from, piece.to));
        let mut merged: Vec<(Moment, Moment)> = Vec::new();
        for piece in &pieces {
            match merged.last_mut() {
                Some((_, to)) if piece.from < *to => *to = piece.to.max(*to),
                _ => merged.push((piece.from, piece.to)),
            }
        }
        Self { pieces, merged }
    }

    /// Whether every moment of `span` is covered. O(log n).
    pub(in crate::linearizability) fn swallows(&self, span: Span) -> bool {
        let after = self.merged.partition_point(|&(from, _)| from < span.from);
        let last = self.merged[..after].last();
        last.is_some_and(|&(_, to)| to > span.to)
    }

    /// The tags of as few pieces as cover `span`, which must be covered. O(n).
    pub(in crate::linearizability) fn chain(&self, span: Span) -> Vec<usize> {
        chain(&self.pieces, span.from, span.to)
    }
}

/// The tags of as few of the `pieces`, sorted by their start, as cover everything from `start` up
/// to `end`, as far as they can. O(n).
pub(in crate::linearizability) fn chain(
    pieces: &[Stretch],
    start: Moment,
    end: Moment,
) -> Vec<usize> {
    let mut tags = Vec::new();
    let mut reach = start;
    let mut rest = pieces.iter().peekable();
    let mut best: Option<Stretch> = None;
    loop {
        while let Some(&&piece) = rest.peek()
            && piece.from < reach
        {
            if best.is_none_or(|best| piece.to > best.to) {
                best = Some(piece);
            }
            rest.next();
        }
        match best {
            Some(piece) if piece.to > reach => {
                tags.push(piece.tag);
                reach = piece.to;
            }
            _ => return tags,
        }
        if reach >= end {
            return tags;
        }
    }
}
