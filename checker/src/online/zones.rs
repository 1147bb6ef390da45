//! The zones of one register while its history is still being written.
//!
//! As in `linearizability::zones`, after Gibbons and Korach, "Testing shared memories", SIAM J.
//! Comput. 1997: a value's cluster is its write and the reads of it that returned; `f` is its first
//! return and `s` its last invocation. Call a cluster *shown* once it has an `f`. Cluster `v` comes
//! *before* `w` if something of `v` returned before something of `w` was invoked: `f(v) < s(w)`.
//! There is no order iff two shown clusters each come before the other (both kinds of clash of
//! zones are this), or a read returned what nothing had begun to write.
//!
//! Time only adds: `f` is set once, by the event at hand, and `s` grows. So a clash can come into
//! being only where a shown cluster's `s` grows, and only a completion makes it grow. What the
//! first return of a cluster brings cannot clash: it is later than every `s`.
//!
//! # What can be forgotten
//!
//! Let `m` be the lowest invocation of a read in flight; the present, if there is none. A cluster
//! `v` is *closed* if it comes before some `u` with `f(u) < m`. Whatever read of `v` is still to
//! return was invoked after `f(u)`, so `u` would come before `v`, too: *every* read of a closed
//! value that is still to return is a violation, just as a read of what was never written is.
//!
//! ```text
//! write v ├─┤ f(v)
//! write u       s(u) ├──┤ f(u)
//! read in flight          m ├─ ...      if it returns v, there is no order
//! ```
//!
//! A closed cluster is forgotten. No clash is missed for that: if `w` is closed, every shown `x`
//! before `w` is closed, too, and so cannot grow unpunished; and what is shown later is never
//! before `w`, because its `f` is later than `s(w)`. (Let `w` be before `u` with `f(u) < m`. If
//! `f(x) < s(u)`, `u` closes `x`. If not, `f(w) < s(u) <= f(x) < s(w)`, and `s(w) <= f(u)`, for `w`
//! and `u` do not clash; so `f(w) < m`, and `w` closes `x`.)
//!
//! A value written again after it was closed is as good as another value. Reads that return from
//! then on cannot be of the old cluster, and those that returned before cannot be of a write that
//! had not begun. A value written again *before* that is not for this method: it declines.
//!
//! What is kept: reads in flight, writes that nothing shows, and shown clusters that are not closed,
//! or whose write is in flight (should it fail, they are a violation), or that were closed by one
//! of these. All but the lost writes that
//! nothing ever shows are bounded by what is in flight together with the oldest read in flight.
//! An event takes O(log n) steps as a rule and O(n) at worst, n being what is kept.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::history::heap;
use crate::plant::{Bug, planted};
use crate::{Outcome, Position, Value, WitnessOp};

/// The zones of one register that still matter.
#[derive(Clone, Debug)]
pub(super) struct LiveZones {
    /// Where the reads in flight begin.
    reads: BTreeSet<u32>,
    /// Writes that may have happened, and that nothing shows, by value.
    begun: FxHashMap<Value, Box<Cluster>>,
    /// The first return of each cluster kept, by value.
    shown: FxHashMap<Value, u32>,
    /// The clusters kept, by first return.
    held: BTreeMap<u32, Box<Cluster>>,
    /// Clusters first shown before this are summed up in `latest`.
    settled: u32,
    /// Of the clusters settled, the two invoked last.
    latest: [Option<LatestZones>; 2],
}

/// A moment at which a value was asked for that had been shown before every read in flight began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LatestZones {
    invoked: u32,
    /// The first return of the cluster.
    cluster: u32,
}

/// The write of a value, and as many reads of it as matter.
#[derive(Clone, Debug)]
struct Cluster {
    value: Value,
    /// None for the value at the beginning.
    write: Option<WitnessOp>,
    in_flight: bool,
    /// The read that returned first, if it did so before the write.
    first: Option<WitnessOp>,
    /// The read that was invoked last, if after the write.
    last: Option<WitnessOp>,
    /// The last invocation. Positions are counted from 1; the value at the beginning is at 0.
    invoked: u32,
    closed: Option<ZoneCause>,
}

/// What closed a cluster.
#[derive(Clone, Debug)]
enum ZoneCause {
    /// The cluster first shown then, whose write is in flight: how that ends will be told, too.
    Cluster(u32),
    /// The cluster of these operations.
    Because(Vec<WitnessOp>),
}

/// A value that can no longer be read, and why.
#[derive(Clone, Debug)]
pub(super) struct ClosedZone {
    pub(super) value: Value,
    /// Operations with which a read of it, invoked from now on, has no order.
    pub(super) because: Vec<WitnessOp>,
}

/// What a completion brings.
#[derive(Clone, Debug)]
pub(super) enum ZoneFound {
    /// Nothing wrong.
    Nothing,
    /// These have no order.
    Clash(Vec<WitnessOp>),
    /// This read returned a value that is not kept: closed, or failed, or never written.
    NotHeld(WitnessOp),
}

/// This method does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Declined;

/// What an operation does to a register.
enum ZoneKind {
    Read,
    Write,
}

impl LiveZones {
    /// A register without operations.
    pub(super) fn new() -> Self {
        let initial = Cluster {
            value: Value::Nil,
            write: None,
            in_flight: false,
            first: None,
            last: None,
            invoked: 0,
            closed: None,
        };
        Self {
            reads: BTreeSet::new(),
            begun: FxHashMap::default(),
            shown: FxHashMap::from_iter([(Value::Nil, 0)]),
            held: BTreeMap::from([(0, Box::new(initial))]),
            settled: 0,
            latest: [None; 2],
        }
    }

    /// How many clusters are kept.
    pub(super) fn len(&self) -> usize {
        self.begun.len() + self.held.len()
    }

    /// Bytes that they take. O(n).
    pub(super) fn bytes(&self) -> usize {
        let clusters = self.begun.values().chain(self.held.values());
        let each = size_of::<Cluster>() + 4 * size_of::<WitnessOp>(); // What closed some, too.
        clusters.map(|cluster| each + heap(&cluster.value)).sum::<usize>() + 16 * self.reads.len()
    }

    /// Takes an invocation.
    ///
    /// # Errors
    ///
    /// If this method does not apply, from now on.
    pub(super) fn invoke(&mut self, op: &WitnessOp) -> Result<(), Declined> {
        match kind(op)? {
            ZoneKind::Read => {
                self.reads.insert(moment(op.invoked));
            }
            ZoneKind::Write => {
                let value = &op.argument;
                if self.shown.contains_key(value) || self.begun.contains_key(value) {
                    return Err(Declined);
                }
                let cluster = Box::new(Cluster {
                    value: value.clone(),
                    write: Some(op.clone()),
                    in_flight: true,
                    first: None,
                    last: None,
                    invoked: moment(op.invoked),
                    closed: None,
                });
                self.begun.insert(value.clone(), cluster);
            }
        }
        Ok(())
    }

    /// Takes a completion at `at`, and adds to `gone` what is forgotten.
    ///
    /// # Errors
    ///
    /// If this method does not apply.
    pub(super) fn complete(
        &mut self,
        op: WitnessOp,
        at: Position,
        gone: &mut Vec<ClosedZone>,
    ) -> Result<ZoneFound, Declined> {
        let now = moment(at);
        let found = match (kind(&op)?, &op.outcome) {
            (ZoneKind::Read, outcome) => {
                self.reads.remove(&moment(op.invoked));
                match outcome {
                    Outcome::Ok(value) => {
                        let value = value.clone();
                        self.read(op, &value, now)
                    }
                    Outcome::Fail | Outcome::Indeterminate => ZoneFound::Nothing,
                }
            }
            (ZoneKind::Write, Outcome::Ok(_)) => {
                self.written(op, now);
                ZoneFound::Nothing
            }
            (ZoneKind::Write, Outcome::Fail) => self.withdrawn(op, gone),
            (ZoneKind::Write, Outcome::Indeterminate) => {
                self.land(op);
                ZoneFound::Nothing
            }
        };
        self.settle(now);
        self.close(gone);
        Ok(found)
    }

    /// A read of `value` returned.
    fn read(&mut self, read: WitnessOp, value: &Value, now: u32) -> ZoneFound {
        let invoked = moment(read.invoked);
        if let Some(mut cluster) = self.begun.remove(value) {
            if invoked > cluster.invoked {
                cluster.invoked = invoked;
                cluster.last = Some(read.clone());
            }
            cluster.first = Some(read);
            self.show(cluster, now);
            return ZoneFound::Nothing;
        }
        let Some(&at) = self.shown.get(value) else { return ZoneFound::NotHeld(read) };
        if let Some(because) = self.because(at) {
            let own = self.held[&at].operations().cloned();
            return ZoneFound::Clash(own.chain(because).chain([read]).collect());
        }
        let cluster = self.held.get_mut(&at).expect("what is shown is held");
        let before = cluster.invoked;
        if invoked <= before {
            return ZoneFound::Nothing;
        }
        cluster.invoked = invoked;
        cluster.last = Some(read);
        if at < self.settled {
            self.told(LatestZones { invoked, cluster: at });
        }
        match self.rival(at, before, invoked) {
            Some(rival) => {
                let both = self.held[&at].operations().chain(self.held[&rival].operations());
                ZoneFound::Clash(both.cloned().collect())
            }
            None => ZoneFound::Nothing,
        }
    }

    /// The cluster with which the one first shown at `at` clashes since its last invocation is
    /// `invoked`, and was `before`.
    fn rival(&self, at: u32, before: u32, invoked: u32) -> Option<u32> {
        let from = at.max(before) + 1;
        if from < invoked && !planted(Bug::OnlineForgetWithin) {
            // First shown earlier than `before`, they clashed then or not at all.
            let mut within = self.held.range(from..invoked);
            if let Some((&rival, _)) = within.find(|(_, other)| other.invoked > at) {
                return Some(rival);
            }
        }
        // Forward zones are disjoint, so only the nearest can reach this far.
        let mut earlier = self.held.range(..at).rev();
        let (&rival, around) = earlier.find(|&(&first, other)| other.invoked > first)?;
        let clashes = around.invoked > at && rival < invoked;
        (clashes && !planted(Bug::OnlineForgetAround)).then_some(rival)
    }

    /// A write returned.
    fn written(&mut self, write: WitnessOp, now: u32) {
        if let Some(mut cluster) = self.begun.remove(&write.argument) {
            cluster.in_flight = false;
            cluster.write = Some(write);
            self.show(cluster, now);
        } else {
            self.land(write);
        }
    }

    /// A write failed.
    fn withdrawn(&mut self, write: WitnessOp, gone: &mut Vec<ClosedZone>) -> ZoneFound {
        if let Some(mut cluster) = self.begun.remove(&write.argument) {
            cluster.write = Some(write);
            let because = cluster.operations().cloned().collect();
            gone.push(ClosedZone { value: cluster.value, because });
            return ZoneFound::Nothing;
        }
        let cluster = self.shown.get(&write.argument).and_then(|at| self.held.get(at));
        let read = cluster.and_then(|cluster| cluster.first.clone());
        let read = read.expect("what shows a value whose write is in flight is a read");
        if planted(Bug::OnlineForgetFailure) {
            return ZoneFound::Nothing;
        }
        ZoneFound::Clash(vec![write, read])
    }

    /// A write is no longer in flight, though its value was shown by a read, or may never be.
    fn land(&mut self, write: WitnessOp) {
        let shown = self.shown.get(&write.argument);
        let cluster = match shown {
            Some(at) => self.held.get_mut(at),
            None => self.begun.get_mut(&write.argument),
        };
        let cluster = cluster.expect("a write in flight is kept");
        cluster.in_flight = false;
        cluster.write = Some(write);
    }

    /// Something of `cluster` returned for the first time.
    fn show(&mut self, cluster: Box<Cluster>, now: u32) {
        self.shown.insert(cluster.value.clone(), now);
        self.held.insert(now, cluster);
    }

    /// Moves the watermark on.
    fn settle(&mut self, now: u32) {
        let oldest = self.reads.first().copied();
        let oldest = oldest.filter(|_| !planted(Bug::OnlineForgetReaders)).unwrap_or(now + 1);
        if oldest <= self.settled {
            return;
        }
        let fresh: Vec<LatestZones> = self
            .held
            .range(self.settled..oldest)
            .map(|(&cluster, held)| LatestZones { invoked: held.invoked, cluster })
            .collect();
        for latest in fresh {
            self.told(latest);
        }
        self.settled = oldest;
    }

    /// Notes when a settled cluster was invoked last.
    fn told(&mut self, told: LatestZones) {
        let [first, second] = self.latest;
        self.latest = match first {
            Some(first) if first.cluster == told.cluster => [Some(told.max(first)), second],
            first if Some(told) > first => [Some(told), first],
            first => [first, second.max(Some(told))],
        };
    }

    /// The operations of what closed the cluster first shown at `at`, if something did.
    fn because(&self, at: u32) -> Option<Vec<WitnessOp>> {
        match self.held[&at].closed.as_ref()? {
            ZoneCause::Cluster(by) => Some(self.held[by].operations().cloned().collect()),
            ZoneCause::Because(operations) => Some(operations.clone()),
        }
    }

    /// Forgets what can no longer be read.
    fn close(&mut self, gone: &mut Vec<ClosedZone>) {
        let Some(first) = self.latest[0] else { return };
        let mut changes: Vec<(u32, ZoneCause)> = Vec::new();
        for (&at, cluster) in self.held.range(..first.invoked) {
            let by = match (&cluster.closed, self.latest[1]) {
                (Some(ZoneCause::Cluster(by)), _) => *by,
                (None, _) if at != first.cluster => first.cluster,
                (None, _) if planted(Bug::OnlineForgetOwner) => first.cluster,
                (None, Some(second)) if at < second.invoked => second.cluster,
                (None | Some(ZoneCause::Because(_)), _) => continue,
            };
            let other = &self.held[&by];
            let cause = if other.in_flight {
                ZoneCause::Cluster(by)
            } else {
                ZoneCause::Because(other.operations().cloned().collect())
            };
            changes.push((at, cause));
        }
        for (at, cause) in changes {
            self.held.get_mut(&at).expect("it is held").closed = Some(cause);
        }
        let is_done = |cluster: &Cluster| {
            matches!(cluster.closed, Some(ZoneCause::Because(_))) && !cluster.in_flight
        };
        let done = self.held.range(..first.invoked).filter(|(_, cluster)| is_done(cluster));
        let done: Vec<u32> = done.map(|(&at, _)| at).collect();
        for at in done {
            let because = self.because(at).into_iter().flatten();
            let because = self.held[&at].operations().cloned().chain(because).collect();
            let cluster = self.held.remove(&at).expect("it is held");
            self.shown.remove(&cluster.value);
            gone.push(ClosedZone { value: cluster.value, because });
        }
    }
}

impl Cluster {
    /// The operations that make its zone.
    fn operations(&self) -> impl Iterator<Item = &WitnessOp> {
        [&self.write, &self.first, &self.last].into_iter().flatten()
    }
}

/// Where an event is, counted from 1, because the value at the beginning is there at 0.
fn moment(at: Position) -> u32 {
    at.0 + 1
}

/// What `op` does to a register, if this method understands it.
fn kind(op: &WitnessOp) -> Result<ZoneKind, Declined> {
    match &*op.f {
        "read" | "get" => Ok(ZoneKind::Read),
        "write" | "put" | "set" if op.argument != Value::Nil => Ok(ZoneKind::Write),
        _ => Err(Declined),
    }
}
