//! Registers whose writes are all of different values, by zones.
//!
//! Decides linearizability of one register with reads and writes, no value written twice. Gibbons
//! and Korach, "Testing shared memories", SIAM J. Comput. 1997; the zones as in Golab, Li and
//! Shah, "Analyzing consistency properties for fun and profit", PODC 2011.
//!
//! A value's cluster is its write and the reads of it. In any order that explains the history a
//! cluster is contiguous, so the value holds throughout from its first return `f` to its last
//! invocation `s`. If `f < s` that is its *forward zone*: the register certainly held it then.
//! Otherwise `[s, f]` is its *backward zone*: it held it at some moment of its own choice there.
//!
//! ```text
//! write 1  ├──┤                          forward zone of 1:  f ├──────┤ s
//! read 1               ├──┤
//! write 2         ├─┤                    backward zone of 2:   s ├─┤ f    inside: no order
//! ```
//!
//! The history is linearizable iff every read names a value written, and does not end before that
//! write begins; forward zones are disjoint; and no backward zone lies within a forward one.
//!
//! The register starts out nil, as if written before everything. A write whose return was lost
//! returns at the end of time if some read returned it, and never took effect otherwise; a read whose return
//! was lost never was. Both are exact, since no other read can tell.
//!
//! O(n log n) for the sort of the zones, else O(n); memory O(values). Never unknown: it declines
//! when some value is written twice.

use super::accesses::{Access, Accesses, NEVER, NIL, RegisterClash};
use super::places::ValuePlaces;
use crate::OpIndex;

/// What the zones say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Zones {
    /// There is an order.
    Linearizable,
    /// There is none.
    Clash(RegisterClash),
    /// There is an order apart from the mismatches, which this method does not consider.
    Undecided,
    /// Some value is written twice: this method does not apply.
    NotUnique,
}

/// Which rules to apply: all of them, except in tests of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) forward_disjoint: bool,
    pub(crate) backward_outside: bool,
    pub(crate) future_refused: bool,
}

impl Rules {
    pub(crate) const ALL: Self =
        Self { forward_disjoint: true, backward_outside: true, future_refused: true };
}

/// The write of a value and the reads of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster {
    pub(crate) write: Option<OpIndex>,
    /// Where the write begins, plus one; the register's first value was there at 0.
    written: u32,
    read: bool,
    /// The first return, plus one, and whose it is.
    first_return: (u32, Option<OpIndex>),
    /// The last invocation, plus one, and whose it is.
    last_invoke: (u32, Option<OpIndex>),
}

impl Cluster {
    pub(super) const INITIAL: Self = Self {
        write: None,
        written: 0,
        read: false,
        first_return: (0, None),
        last_invoke: (0, None),
    };

    pub(super) fn new(write: &Access) -> Self {
        let end = write.completed.saturating_add(1);
        Self {
            write: Some(write.op),
            written: write.invoked + 1,
            read: false,
            first_return: (end, (end != NEVER).then_some(write.op)),
            last_invoke: (write.invoked + 1, Some(write.op)),
        }
    }

    fn add_read(&mut self, read: &Access) {
        self.read = true;
        self.add_end(read);
        self.add_begin(read);
    }

    /// Whether nothing of this cluster returned before `access`.
    pub(super) fn add_end(&mut self, access: &Access) -> bool {
        let is_first = access.completed.saturating_add(1) < self.first_return.0;
        if is_first {
            self.first_return = (access.completed + 1, Some(access.op));
        }
        is_first
    }

    /// Whether nothing of this cluster was invoked after `access`.
    pub(super) fn add_begin(&mut self, access: &Access) -> bool {
        let is_last = access.invoked + 1 > self.last_invoke.0;
        if is_last {
            self.last_invoke = (access.invoked + 1, Some(access.op));
        }
        is_last
    }

    /// What returned first, and what was invoked last.
    pub(super) fn edges(&self) -> [Option<OpIndex>; 2] {
        [self.first_return.1, self.last_invoke.1]
    }

    fn is_forward(&self) -> bool {
        self.first_return.0 < self.last_invoke.0
    }

    fn low(&self) -> u32 {
        self.first_return.0.min(self.last_invoke.0)
    }

    fn high(&self) -> u32 {
        self.first_return.0.max(self.last_invoke.0)
    }

    fn clash(&self, other: &Self) -> RegisterClash {
        let ops = |it: &Self| [it.write, it.first_return.1, it.last_invoke.1];
        RegisterClash::Two { ops: [ops(self), ops(other)] }
    }
}

/// Judges the accesses of one register, none of them a `cas`.
pub(crate) fn judge(accesses: &Accesses, rules: Rules) -> Zones {
    let mut cluster_of = ValuePlaces::new(accesses.givers.len(), accesses.span);
    let mut clusters = Vec::with_capacity(accesses.givers.len() + 1);
    clusters.push(Cluster::INITIAL);
    cluster_of.insert(NIL, 0);
    for write in &accesses.givers {
        let fresh = u32::try_from(clusters.len()).expect("fewer than 2^32 operations");
        if !cluster_of.insert(write.value, fresh) {
            return Zones::NotUnique;
        }
        clusters.push(Cluster::new(write));
    }
    for read in &accesses.reads {
        let Some(cluster) = cluster_of.get(read.value) else {
            return Zones::Clash(RegisterClash::Nowhere { read: read.op });
        };
        let cluster = &mut clusters[cluster as usize];
        if rules.future_refused && read.completed + 1 < cluster.written {
            let write = cluster.write.expect("the first value was there at 0");
            return Zones::Clash(RegisterClash::Future { read: read.op, write });
        }
        cluster.add_read(read);
    }
    let rivals = rivals(&clusters, rules);
    rivals.map_or(Zones::Linearizable, |(one, other)| {
        Zones::Clash(clusters[one].clash(&clusters[other]))
    })
}

/// Looks for two clusters that cannot both be contiguous.
pub(super) fn rivals(clusters: &[Cluster], rules: Rules) -> Option<(usize, usize)> {
    let mut held: Option<usize> = None;
    let mut high = None;
    let order = by_low_end(clusters);
    for number in [0].into_iter().chain(order.into_iter().filter(|&number| number != 0)) {
        let it = &clusters[number as usize];
        let is_forward = it.is_forward();
        // Zones come by their low ends, so only the forward zone begun last can reach this far.
        if let Some(held) = held {
            let end = if is_forward { it.low() } else { it.high() };
            let applies = if is_forward { rules.forward_disjoint } else { rules.backward_outside };
            if applies && Some(end) < high {
                return Some((held, number as usize));
            }
        }
        if is_forward && high < Some(it.high()) {
            (held, high) = (Some(number as usize), Some(it.high()));
        }
    }
    None
}

/// The clusters of values that were there, by the low ends of their zones; that of the register's
/// first value, which comes before all, is left out, and a 0 here and there means nothing.
///
/// A low end is an event of its own, so that they are sorted by putting each in its place, if the
/// events are not far apart; else in O(n log n).
fn by_low_end(clusters: &[Cluster]) -> Vec<u32> {
    let was_there = |it: &Cluster| it.read || it.first_return.0 != NEVER;
    let zones = || (0u32..).zip(clusters).skip(1).filter(|&(_, it)| was_there(it));
    let (mut least, mut greatest) = (NEVER, 0);
    for (_, it) in zones() {
        (least, greatest) = (least.min(it.low()), greatest.max(it.low()));
    }
    let width = greatest.saturating_sub(least) as usize + 1;
    if width > 8 * clusters.len() {
        let mut order: Vec<(u32, u32)> = zones().map(|(at, it)| (it.low(), at)).collect();
        order.sort_unstable();
        return order.into_iter().map(|(_, at)| at).collect();
    }
    let mut places = vec![0; width];
    for (at, it) in zones() {
        let before = std::mem::replace(&mut places[(it.low() - least) as usize], at);
        debug_assert_eq!(before, 0, "an event belongs to one operation, and that to one value");
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Chance, history};
    use crate::history::part;
    use crate::linearizability::FailedCas;
    use crate::linearizability::register::accesses;
    use crate::{Budget, ModelKind, linearizability};

    /// How many of many random registers these rules misjudge.
    fn mistakes(rules: Rules) -> usize {
        let model = ModelKind::Register;
        let options = linearizability::Options::default();
        (0..20_000)
            .filter(|&seed| {
                let history = history(model, &mut Chance::new(seed));
                let [part] = &part::split(&history)[..] else { unreachable!("there is one key") };
                let accesses =
                    accesses::accesses(&history, model, part, FailedCas::SaysNothing).unwrap();
                let zones = judge(&accesses, rules);
                let right =
                    linearizability::reference(&history, model, &options, &Budget::default());
                let right = right.linearizable;
                zones != Zones::NotUnique && Some(zones == Zones::Linearizable) != right
            })
            .count()
    }

    #[test]
    fn every_rule_is_needed_and_together_they_are_right() {
        assert_eq!(mistakes(Rules::ALL), 0);
        assert!(mistakes(Rules { forward_disjoint: false, ..Rules::ALL }) > 0);
        assert!(mistakes(Rules { backward_outside: false, ..Rules::ALL }) > 0);
        assert!(mistakes(Rules { future_refused: false, ..Rules::ALL }) > 0);
    }
}
