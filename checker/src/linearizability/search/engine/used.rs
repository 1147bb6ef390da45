//! Which lost operations have been used, and which configurations are worth keeping.

use rustc_hash::FxHashMap;

use super::mask::Mask;
use super::table::grown;
use super::trail::Trail;
use crate::intern::Interner;
use crate::plant::{Bug, planted};

/// Multisets of classes by number; 0 is the empty one.
pub(super) struct UsedTable {
    sets: Interner<Box<[u64]>>,
    more: FxHashMap<(u32, u32), u32>,
    bytes: usize,
}

impl UsedTable {
    pub(super) const NONE: u32 = 0;

    pub(super) fn new() -> Self {
        let mut sets = Interner::default();
        sets.intern(Box::from([]));
        Self { sets, more: FxHashMap::default(), bytes: 0 }
    }

    /// How often `class` has been used.
    pub(super) fn count(&self, used: u32, class: u32) -> u32 {
        let set = self.sets.get(used);
        match set.binary_search_by_key(&class, |&pair| class_of(pair)) {
            Ok(at) => count_of(set[at]),
            Err(_) => 0,
        }
    }

    /// How many operations are used, of all classes.
    pub(super) fn total(&self, used: u32) -> u32 {
        self.sets.get(used).iter().map(|&pair| count_of(pair)).sum()
    }

    /// The multiset with one more of `class`.
    pub(super) fn plus(&mut self, used: u32, class: u32) -> u32 {
        if let Some(&more) = self.more.get(&(used, class)) {
            return more;
        }
        let mut set = self.sets.get(used).to_vec();
        match set.binary_search_by_key(&class, |&pair| class_of(pair)) {
            Ok(at) => set[at] += 1,
            Err(at) => set.insert(at, u64::from(class) << 32 | 1),
        }
        self.bytes += set.len() * 8 + 48;
        let more = self.sets.intern(set.into_boxed_slice());
        self.more.insert((used, class), more);
        more
    }

    /// Whether `less` uses no class more often than `more` does.
    pub(super) fn within(&self, less: u32, more: u32) -> bool {
        if less == more || less == Self::NONE {
            return true;
        }
        let mut more = self.sets.get(more).iter().copied().peekable();
        self.sets.get(less).iter().all(|&pair| {
            while more.next_if(|&other| class_of(other) < class_of(pair)).is_some() {}
            more.peek().is_some_and(|&other| {
                class_of(other) == class_of(pair) && count_of(other) >= count_of(pair)
            })
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn class_of(pair: u64) -> u32 {
    (pair >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn count_of(pair: u64) -> u32 {
    pair as u32
}

/// Where a search stands between two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Configuration<const W: usize> {
    /// Open operations that have taken effect and change something.
    pub(super) done: Mask<W>,
    /// Open operations that have taken effect and change nothing.
    pub(super) seen: Mask<W>,
    /// The state they leave.
    pub(super) state: u32,
    /// The lost operations used.
    pub(super) used: u32,
    /// The state before the lost operation that took effect last, if nothing has needed that yet:
    /// what takes effect next must, or else it would do without.
    pub(super) owes: u32,
    /// How it was reached, where that is remembered: see [`Trail`](super::trail::Trail).
    pub(super) trail: u32,
}

/// No lost operation waits for something to need it.
pub(super) const NOTHING: u32 = u32::MAX;

/// Configurations of which no one dominates another.
///
/// With equal effects and state, one that used fewer lost operations and has more of the pure ones
/// behind it can do whatever the other can. What it owes makes no difference: if it may not do what
/// the other does next, because that needs no lost operation, the configuration before that
/// operation took effect can do the same, having used fewer.
pub(super) struct Antichain<const W: usize> {
    heads: FxHashMap<Head<W>, u32>,
    entries: Vec<Entry<W>>,
    /// Comparisons that nobody has paid for.
    compared: u64,
}

/// Comparisons that take as long as one visit to a configuration.
const COMPARISONS: u64 = 64;

/// What is done, at which event, and the state.
type Head<const W: usize> = (Mask<W>, u32, u32);

#[derive(Clone, Copy)]
struct Entry<const W: usize> {
    seen: Mask<W>,
    used: u32,
    next: u32,
}

const END: u32 = u32::MAX;

impl<const W: usize> Configuration<W> {
    /// Nothing is open, and nothing was lost and used.
    pub(super) fn at_rest(state: u32) -> Self {
        let (done, seen, used) = (Mask::EMPTY, Mask::EMPTY, UsedTable::NONE);
        Self { done, seen, state, used, owes: NOTHING, trail: Trail::START }
    }
}

impl<const W: usize> Antichain<W> {
    pub(super) fn new() -> Self {
        Self { heads: FxHashMap::default(), entries: Vec::new(), compared: 0 }
    }

    /// Adds a configuration reached at `event`, unless one at least as good is there.
    pub(super) fn admit(&mut self, event: u32, it: &Configuration<W>, used: &UsedTable) -> bool {
        let key = (it.done, event, it.state);
        let head = self.heads.get(&key).copied().unwrap_or(END);
        if self.has_better(head, it, used) {
            return false;
        }
        let head = self.without_worse(head, it, used);
        let fresh = u32::try_from(self.entries.len()).expect("the budget is spent before");
        self.entries.push(Entry { seen: it.seen, used: it.used, next: head });
        self.heads.insert(key, fresh);
        true
    }

    /// What is left from `head` on without those than which this one is at least as good.
    fn without_worse(&mut self, mut head: u32, it: &Configuration<W>, used: &UsedTable) -> u32 {
        let mut kept = END;
        let mut at = head;
        while at != END {
            let Entry { seen, used: other, next } = self.entries[at as usize];
            if it.seen.covers(&seen) && used.within(it.used, other) {
                match kept {
                    END => head = next,
                    kept => self.entries[kept as usize].next = next,
                }
            } else {
                kept = at;
            }
            at = next;
        }
        head
    }

    /// Whether one from `at` on is at least as good.
    fn has_better(&mut self, mut at: u32, it: &Configuration<W>, used: &UsedTable) -> bool {
        while at != END {
            self.compared += 1;
            let entry = &self.entries[at as usize];
            let seen = entry.seen.covers(&it.seen) || planted(Bug::SearchIgnoreSeenInDominance);
            let within =
                used.within(entry.used, it.used) || planted(Bug::SearchIgnoreLostInDominance);
            if seen && within {
                return true;
            }
            at = entry.next;
        }
        false
    }

    /// Whether none of those admitted is better than this one, which is among them.
    pub(super) fn is_best(&mut self, event: u32, it: &Configuration<W>, used: &UsedTable) -> bool {
        let mut at = self.heads.get(&(it.done, event, it.state)).copied().unwrap_or(END);
        while at != END {
            self.compared += 1;
            let entry = &self.entries[at as usize];
            let same = entry.seen == it.seen && entry.used == it.used;
            if !same && entry.seen.covers(&it.seen) && used.within(entry.used, it.used) {
                return false;
            }
            at = entry.next;
        }
        true
    }

    /// What the comparisons since this was asked last are worth, in configurations visited.
    pub(super) fn toll(&mut self) -> u64 {
        let toll = self.compared / COMPARISONS;
        self.compared %= COMPARISONS;
        toll
    }

    /// Forgets what was reached before `event`.
    pub(super) fn forget_before(&mut self, event: u32) {
        self.heads.retain(|&(_, at, ..), _| at >= event);
        if self.heads.is_empty() {
            *self = Self::new();
        }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        if self.heads.capacity() > 64 && self.heads.len() < self.heads.capacity() / 16 {
            self.heads = FxHashMap::default();
        } else {
            self.heads.clear();
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let heads = grown(self.heads.len(), self.heads.capacity()) * 8 / 7;
        grown(self.entries.len(), self.entries.capacity()) * size_of::<Entry<W>>()
            + heads * (size_of::<(Head<W>, u32)>() + 1)
    }
}
