//! What isolation models demand of the dependencies of transactions.

use crate::transactions::cycles::{
    CycleRule, CycleSearch, TxnCycle, has_cycle, has_cycle_with_rw_apart, shortest,
};
use crate::transactions::graph::{DEPENDENCIES, EdgeKind, TxnGraph, WR, WW};
use crate::transactions::judge::{Form, may_have, weakest};
use crate::{AnomalyClass, Consistency};

/// What a model demands of the dependencies.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    pub(super) model: Consistency,
    pub(super) form: Form,
    pub(super) kind: DemandKind,
}

/// Which cycles a model forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DemandKind {
    /// Those of these edges.
    OfEdges(u8),
    /// Those in which something is missed once at most.
    MissedOnce,
    /// Those in which no two are missed in a row.
    MissedApart,
}

impl Demand {
    /// What `model` demands; nothing of one of which only what breaks it is looked for.
    pub(super) fn of(model: Consistency) -> Option<Self> {
        use Consistency as C;
        let form = Form::of(model);
        let kind = match model {
            C::ReadUncommitted => DemandKind::OfEdges(WW),
            C::ReadCommitted => DemandKind::OfEdges(WW | WR),
            C::ParallelSnapshotIsolation => DemandKind::MissedOnce,
            C::SnapshotIsolation
            | C::StrongSessionSnapshotIsolation
            | C::StrongSnapshotIsolation => DemandKind::MissedApart,
            C::RepeatableRead
            | C::Serializable
            | C::StrongSessionSerializable
            | C::StrictSerializable => DemandKind::OfEdges(DEPENDENCIES | form.edges()),
            _ => return None,
        };
        Some(Self { model, form, kind })
    }

    /// The kinds of cycles that it forbids, the worst first.
    fn rules(&self) -> impl Iterator<Item = (CycleRule, AnomalyClass)> {
        let of_form = |form: &Form| *form == Form::Plain || *form == self.form;
        let rules = Form::ALL.into_iter().filter(of_form).flat_map(Form::rules);
        rules.filter(|(_, class)| weakest(*class).iter().any(|&it| self.model.implies(it)))
    }

    /// Whether transactions have instants, of which it demands an order.
    pub(super) fn has_instants(&self) -> bool {
        match self.kind {
            DemandKind::OfEdges(edges) => edges & EdgeKind::Rw.bit() != 0,
            DemandKind::MissedApart => true,
            DemandKind::MissedOnce => false,
        }
    }

    /// The edges of which cycles are made that it may forbid.
    pub(super) fn edges(&self) -> u8 {
        match self.kind {
            DemandKind::OfEdges(edges) => edges,
            DemandKind::MissedOnce | DemandKind::MissedApart => DEPENDENCIES | self.form.edges(),
        }
    }

    /// Whether the dependencies are as it demands; nothing if the steps are spent. O(nodes and edges), and for
    /// parallel snapshot isolation a search from each `rw` edge of a cycle.
    pub(super) fn is_met(&self, graph: &TxnGraph, steps: &mut u64, steps_max: u64) -> Option<bool> {
        *steps += u64::from(graph.nodes());
        let edges = self.edges();
        match self.kind {
            DemandKind::OfEdges(_) => Some(!has_cycle(graph, edges)),
            DemandKind::MissedApart | DemandKind::MissedOnce => {
                let is_kept = !has_cycle(graph, edges) || !has_cycle_with_rw_apart(graph, edges);
                if is_kept || self.kind == DemandKind::MissedApart {
                    return Some(is_kept);
                }
                let is_found = self.cycle(graph, steps, steps_max).is_some();
                (is_found || *steps <= steps_max).then_some(!is_found)
            }
        }
    }

    /// The shortest cycle of the worst kind of those that it forbids.
    pub(super) fn cycle(
        &self,
        graph: &TxnGraph,
        steps: &mut u64,
        steps_max: u64,
    ) -> Option<(TxnCycle, AnomalyClass)> {
        self.rules().find_map(|(rule, class)| {
            if !may_have(graph, rule) {
                return None;
            }
            match shortest(graph, rule, steps, steps_max) {
                CycleSearch::Found(cycle) | CycleSearch::Spent(Some(cycle)) => Some((cycle, class)),
                CycleSearch::None | CycleSearch::Spent(None) => None,
            }
        })
    }
}
