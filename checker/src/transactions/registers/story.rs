//! What shows an anomaly of transactions on registers, told in steps.

use super::as_lists::{VersionOrders, dependencies, orders_by};
use super::demand::Demand;
use super::direct::WrongRead;
use super::observed::Older;
use super::rank::Ranking;
use super::table::{OutsideRead, RegisterAct, RegisterPart, RegisterTable};
use crate::transactions::argument::{TxnArgument, by_process, name};
use crate::transactions::cycles::TxnCycle;
use crate::transactions::graph::{EdgeKind, GraphEdge};
use crate::transactions::observed::Sight;
use crate::{Anomaly, AnomalyClass, Consistency, History, OpIndex, Value};

/// Orders of versions that are shown one by one, at most.
const ORDERS_TOLD: usize = 6;

/// What is needed to tell what happened: of a cycle, its transactions alone.
#[derive(Clone, Copy)]
pub(super) struct RegisterStory<'a> {
    pub(super) history: &'a History,
    pub(super) table: &'a RegisterTable,
}

impl RegisterStory<'_> {
    /// What shows that a read was wrong.
    pub(super) fn wrong_read(&self, it: &WrongRead, model: Consistency) -> Anomaly {
        let key = &self.table.keys[it.key as usize];
        let value = self.value(it.version);
        let mut txns = it.txns.clone();
        txns.dedup();
        let summary = match it.class {
            AnomalyClass::ReadFromNowhere => {
                format!("T1 read {value} from {key}, which no transaction writes")
            }
            AnomalyClass::AbortedRead => {
                format!("T1 read {value} from {key}, which T2 wrote, and T2 failed")
            }
            AnomalyClass::IntermediateRead => {
                format!(
                    "T1 read {value} from {key}, and T2, which wrote it, wrote {key} again after that"
                )
            }
            AnomalyClass::Internal => {
                format!("T1 read {value} from {key}, and not what it had read or written itself")
            }
            _ => format!("T1 and T2 both read {value} from {key}, and both wrote {key} after that"),
        };
        self.anomaly(it.class, model, Some(it.key), &txns, (summary, Vec::new()))
    }

    /// A cycle for each order of the versions; none if some order has none that is forbidden.
    pub(super) fn cycle(&self, demand: &Demand) -> Option<Anomaly> {
        let ranking = Ranking::new(self.table);
        let orders = orders_by(self.table, &ranking.places(&[]));
        let graph = dependencies(self.table, ranking.reads(), &orders);
        let (cycle, class) = demand.cycle(&graph, &mut 0, u64::MAX)?;
        let mut txns: Vec<u32> = cycle.edges.iter().map(|&(from, _)| from).collect();
        let members = txns.len();
        let others = (0u32..).take(self.table.txns.len());
        txns.extend(others.filter(|it| !cycle.edges.iter().any(|(from, _)| from == it)));
        let order: Vec<String> = txns[..members].iter().map(|&it| name(&txns, it)).collect();
        let summary = format!("{} before T1: a cycle", order.join(" before "));
        let steps = cycle.edges.iter().map(|&(from, edge)| {
            let (one, other) = (name(&txns, from), name(&txns, edge.to));
            let because = self.because((from, edge), &txns);
            (format!("{one} comes before {other}, because {because}"), vec![from, edge.to])
        });
        let mut steps: Vec<(String, Vec<u32>)> = steps.collect();
        steps.extend(self.other_orders(demand, ranking.reads(), &orders, &txns)?);
        Some(self.anomaly(class, demand.model, None, &txns, (summary, steps)))
    }

    /// What must be older than itself, or than the first version, if transactions saw all that they observe.
    pub(super) fn observed(&self, reasons: &[Older], sight: Sight) -> Anomaly {
        let mut txns: Vec<u32> = Vec::new();
        for txn in reasons.iter().flat_map(Older::txns) {
            if !txns.contains(&txn) {
                txns.push(txn);
            }
        }
        let steps = reasons.iter().map(|it| (self.older(it, &txns), it.txns())).collect();
        let summary = match reasons {
            [Older::Overwritten { writer, newer: None, chain, .. }] => {
                let (reader, writer) = (name(&txns, chain[0]), name(&txns, *writer));
                format!("{reader} observes {writer}, and missed what {writer} wrote")
            }
            _ => "what was written is older than itself, if transactions saw all that they observe"
                .to_owned(),
        };
        self.anomaly(sight.class(), sight.model(), None, &txns, (summary, steps))
    }

    fn older(&self, it: &Older, txns: &[u32]) -> String {
        let name = |txn: u32| name(txns, txn);
        match it {
            Older::Read { writer, reader, part } => {
                let (one, other, key) = (name(*writer), name(*reader), self.key_of(*part));
                format!(
                    "{one} comes before {other}, because {other} read from {key} what {one} wrote"
                )
            }
            Older::Overwritten { writer, newer, chain, part } => {
                let (reader, writer, key) = (name(chain[0]), name(*writer), self.key_of(*part));
                let way: Vec<String> =
                    chain[1..chain.len() - 1].iter().map(|&it| name(it)).collect();
                let way = match way.as_slice() {
                    [] => String::new(),
                    way => format!(" by way of {}", way.join(", ")),
                };
                let observes = format!("{reader} observes {writer}{way}");
                match newer {
                    None => format!(
                        "{observes}, which wrote {key}, and {reader} read {key} as it was before any write"
                    ),
                    Some(newer) => {
                        let newer = name(*newer);
                        format!(
                            "{writer} comes before {newer}, because {observes}, and read from {key} what \
                             {newer} wrote"
                        )
                    }
                }
            }
        }
    }

    /// That it is no better with the versions in another order; none if it is.
    fn other_orders(
        &self,
        demand: &Demand,
        reads: &[OutsideRead],
        orders: &VersionOrders,
        txns: &[u32],
    ) -> Option<Vec<(String, Vec<u32>)>> {
        let of_key = |versions: &Vec<(u32, u32)>| (1..=versions.len()).product::<usize>();
        let count = orders.iter().map(of_key).fold(1, usize::saturating_mul);
        if count > ORDERS_TOLD {
            let text = format!(
                "the versions may have come in any of {count} orders, and each of them forms a cycle that \
                 {} forbids",
                demand.model
            );
            return Some(vec![(text, txns.to_vec())]);
        }
        let others = all_orders(orders).into_iter().filter(|it| it != orders);
        let instead = |other: VersionOrders| {
            let graph = dependencies(self.table, reads, &other);
            let (cycle, _) = demand.cycle(&graph, &mut 0, u64::MAX)?;
            let changed = other.iter().zip(orders).filter(|(one, before)| one != before);
            let keys: Vec<String> = changed.map(|(one, _)| self.order_of(one)).collect();
            Some((self.instead(&keys, &cycle, txns), txns.to_vec()))
        };
        others.map(instead).collect()
    }

    /// `if "x" was 2 before 1: T1 before T2 (..), T2 before T1 (..)`
    fn instead(&self, keys: &[String], cycle: &TxnCycle, txns: &[u32]) -> String {
        let steps = cycle.edges.iter().map(|&(from, edge)| {
            let (one, other) = (name(txns, from), name(txns, edge.to));
            format!("{one} before {other}, because {}", self.because((from, edge), txns))
        });
        let steps: Vec<String> = steps.collect();
        format!("if {}: {}", keys.join(" and "), steps.join("; "))
    }

    fn order_of(&self, versions: &[(u32, u32)]) -> String {
        let values: Vec<String> =
            versions.iter().map(|&(version, _)| self.value(Some(version))).collect();
        let key = &self.table.keys[self.table.versions[versions[0].0 as usize].key as usize];
        format!("{key} was {}", values.join(" before "))
    }

    /// Why one transaction comes before another.
    fn because(&self, (from, edge): (u32, GraphEdge), txns: &[u32]) -> String {
        let (one, other) = (name(txns, from), name(txns, edge.to));
        match edge.kind {
            EdgeKind::Ww => {
                let version = &self.table.versions[edge.because as usize];
                let key = &self.table.keys[version.key as usize];
                format!("{other} wrote {} to {key} after what {one} wrote", version.value)
            }
            EdgeKind::Wr => {
                let key = self.key_of(edge.because);
                format!("{other} read from {key} what {one} wrote")
            }
            EdgeKind::Rw => {
                let part = &self.table.parts[edge.because as usize];
                let seen = match part.deed {
                    RegisterAct::Read(version) => self.value(version),
                    RegisterAct::Write(_) | RegisterAct::LostRead => String::new(),
                };
                let key = self.key_of(edge.because);
                format!("{one} read {seen} from {key}, which {other} overwrote")
            }
            EdgeKind::Process => by_process(self.history, self.op(from)),
            EdgeKind::Realtime => format!("{one} had completed when {other} was invoked"),
        }
    }

    fn key_of(&self, part: u32) -> &Value {
        &self.table.keys[self.table.parts[part as usize].key as usize]
    }

    fn value(&self, version: Option<u32>) -> String {
        version.map_or(Value::Nil, |it| self.table.versions[it as usize].value.clone()).to_string()
    }

    fn op(&self, txn: u32) -> OpIndex {
        self.table.txns[txn as usize].op
    }

    fn anomaly(
        &self,
        class: AnomalyClass,
        model: Consistency,
        key: Option<u32>,
        txns: &[u32],
        (summary, steps): (String, Vec<(String, Vec<u32>)>),
    ) -> Anomaly {
        let ops = |txns: Vec<u32>| txns.into_iter().map(|txn| self.op(txn)).collect();
        let parts = |txn: u32| self.table.parts_of(txn).iter().map(|it| self.part(it)).collect();
        let argument = TxnArgument {
            history: self.history,
            txns: txns.iter().map(|&txn| (self.op(txn), parts(txn))).collect(),
            summary,
            steps: steps.into_iter().map(|(text, txns)| (text, ops(txns))).collect(),
        };
        argument.against(model, class, key.map(|key| self.table.keys[key as usize].clone()))
    }

    /// `read 4 from x`.
    fn part(&self, part: &RegisterPart) -> String {
        let key = &self.table.keys[part.key as usize];
        match part.deed {
            RegisterAct::Write(version) => format!("write {} to {key}", self.value(Some(version))),
            RegisterAct::Read(version) => format!("read {} from {key}", self.value(version)),
            RegisterAct::LostRead => format!("read {key}"),
        }
    }
}

/// Each way in which the versions of all keys may come.
fn all_orders(orders: &VersionOrders) -> Vec<VersionOrders> {
    let mut all = vec![Vec::new()];
    for versions in orders {
        let of_key = permutations(versions);
        let with_key = |before: VersionOrders| {
            of_key.iter().map(move |it| {
                let mut whole = before.clone();
                whole.push(it.clone());
                whole
            })
        };
        all = all.into_iter().flat_map(with_key).collect();
    }
    all
}

fn permutations(items: &[(u32, u32)]) -> Vec<Vec<(u32, u32)>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |at: usize| {
        let mut rest = items.to_vec();
        let first = rest.remove(at);
        permutations(&rest).into_iter().map(move |rest| {
            let mut whole = vec![first];
            whole.extend(rest);
            whole
        })
    };
    (0..items.len()).flat_map(with_first).collect()
}
