//! What shows an anomaly of transactions, told in steps.

use super::argument::{TxnArgument, by_process, name};
use super::cycles::TxnCycle;
use super::direct::DirectAnomaly;
use super::graph::{EdgeKind, GraphEdge};
use super::lists::{ListRead, Lists};
use super::observed::{MissedAppend, Sight};
use super::table::{Deed, MicroOp, TxnTable};
use crate::{Anomaly, AnomalyClass, Consistency, History, OpIndex, Value};

/// Elements of a list that are shown, from its end.
const SHOWN: usize = 6;

/// What is needed to tell what happened.
#[derive(Clone, Copy)]
pub(super) struct TxnStory<'a> {
    pub(super) history: &'a History,
    pub(super) table: &'a TxnTable,
    pub(super) lists: &'a Lists,
}

impl TxnStory<'_> {
    /// What shows an anomaly that needs no cycle.
    pub(super) fn direct(&self, it: &DirectAnomaly, model: Consistency) -> Anomaly {
        let key = &self.table.keys[it.key as usize];
        let element = it.element.map(|element| &self.table.elements[element as usize]);
        let element = element.map_or_else(String::new, Value::to_string);
        let mut txns = Vec::new();
        for &txn in &it.txns {
            if !txns.contains(&txn) {
                txns.push(txn);
            }
        }
        let summary = match it.class {
            AnomalyClass::ReadFromNowhere => {
                format!("T1 read {element} in {key}, which no transaction appends")
            }
            AnomalyClass::AbortedRead => {
                format!("T1 read {element} in {key}, which T2 appended, and T2 failed")
            }
            AnomalyClass::DirtyUpdate => format!(
                "T1 read {element} in {key} after an element of T2, and T2 failed: what T3 appended rests \
                 on what never was"
            ),
            AnomalyClass::IntermediateRead => {
                format!("T1 read {key} up to {element}, and T2 appended more to it after that")
            }
            AnomalyClass::DuplicateElement => {
                format!("T1 read {element} twice in one list of {key}, and it was appended once")
            }
            AnomalyClass::IncompatibleOrder if it.element.is_some() => format!(
                "T1 read {element} in {key} without, before it, what {} had appended to it before",
                if txns.len() > 1 { "T2" } else { "it" }
            ),
            AnomalyClass::IncompatibleOrder => {
                format!(
                    "T1 and T2 read lists of {key}, neither of which is a beginning of the other"
                )
            }
            AnomalyClass::Internal => {
                format!("T1 did not read in {key} what it had read and appended itself")
            }
            AnomalyClass::GCursor => format!(
                "T1 read {key} and appended to it, and T2 had appended {element} in between"
            ),
            _ => format!("T1 and T2 read the same list of {key}, and both appended to it"),
        };
        self.anomaly(it.class, model, Some(it.key), &txns, (summary, Vec::new()))
    }

    /// What shows that a transaction missed something.
    pub(super) fn missed(&self, it: &MissedAppend, sight: Sight) -> Anomaly {
        let key = |part: u32| &self.table.keys[self.table.parts[part as usize].key as usize];
        let name = |txn: u32| name(&it.chain, txn);
        let links = it.chain.windows(2).zip(&it.by).map(|(pair, &by)| {
            let text = format!(
                "{} observes {}, because it read what that one appended to {}",
                name(pair[0]),
                name(pair[1]),
                key(by)
            );
            (text, pair.to_vec())
        });
        let (first, last) = (it.chain[0], it.chain[it.chain.len() - 1]);
        let element = &self.table.elements[it.element as usize];
        let missed = format!("{} read {} without {element}", name(first), key(it.part));
        let step = format!("{missed}, which {} appended to it", name(last));
        let steps = links.chain([(step, vec![first, last])]).collect();
        let after = if sight == Sight::FromThenOn { " after that" } else { "" };
        let way = if sight == Sight::ByWayOfOthers { " by way of others" } else { "" };
        let last = name(last);
        let summary = format!(
            "T1 observes {last}{way}, and{after} missed what {last} appended to {}",
            key(it.part)
        );
        let model = sight.model();
        self.anomaly(sight.class(), model, None, &it.chain, (summary, steps))
    }

    /// What shows a cycle.
    pub(super) fn cycle(
        &self,
        cycle: &TxnCycle,
        class: AnomalyClass,
        model: Consistency,
    ) -> Anomaly {
        let mut txns: Vec<u32> = Vec::new();
        for &(from, _) in &cycle.edges {
            if !txns.contains(&from) {
                txns.push(from);
            }
        }
        let members = txns.len();
        for &(_, edge) in &cycle.edges {
            let read = self.shown_by(edge, &txns);
            txns.extend(read.map(|read| read.txn).filter(|txn| !txns.contains(txn)));
        }
        let steps = cycle.edges.iter().map(|&(from, edge)| {
            let mut ops = vec![from, edge.to];
            ops.extend(self.shown_by(edge, &txns).map(|read| read.txn));
            (self.step((from, edge), &txns), ops)
        });
        let steps: Vec<(String, Vec<u32>)> = steps.collect();
        let order: Vec<String> = txns[..members].iter().map(|&it| name(&txns, it)).collect();
        let summary = format!("{} before T1: a cycle", order.join(" before "));
        self.anomaly(class, model, None, &txns, (summary, steps))
    }

    /// Why one transaction comes before another.
    fn step(&self, (from, edge): (u32, GraphEdge), txns: &[u32]) -> String {
        let (one, other) = (name(txns, from), name(txns, edge.to));
        let told = |element: u32| self.table.elements[element as usize].to_string();
        let reader = self.shown_by(edge, txns).map(|read| name(txns, read.txn));
        let because = match edge.kind {
            EdgeKind::Ww => {
                let key = self.key_of_element(edge.because);
                let see = reader.map_or_else(String::new, |reader| {
                    format!(" (see the list that {reader} read)")
                });
                let element = told(edge.because);
                format!("{other} appended {element} to {key} after what {one} appended{see}")
            }
            EdgeKind::Wr => {
                let part = &self.table.parts[edge.because as usize];
                let key = &self.table.keys[part.key as usize];
                format!("{other} read what {one} appended to {key}")
            }
            EdgeKind::Rw => {
                let part = &self.table.parts[edge.because as usize];
                let key = &self.table.keys[part.key as usize];
                format!("{one} read {key} without what {other} appended to it")
            }
            EdgeKind::Process => by_process(self.history, self.op(from)),
            EdgeKind::Realtime => format!("{one} had completed when {other} was invoked"),
        };
        format!("{one} comes before {other}, because {because}")
    }

    fn key_of_element(&self, element: u32) -> &Value {
        let part = self.table.appended_by[element as usize].expect("a transaction appended it");
        &self.table.keys[self.table.parts[part as usize].key as usize]
    }

    /// The shortest read that shows the order on which an edge rests, if a read shows it; one of `txns` if any
    /// of those does. Without others, what none of `txns` read comes after all that they read.
    fn shown_by(&self, edge: GraphEdge, txns: &[u32]) -> Option<&ListRead> {
        let (key, element) = match edge.kind {
            EdgeKind::Ww => {
                let part = self.table.appended_by[edge.because as usize]?;
                let key = self.table.parts[part as usize].key;
                let order = self.lists.order(self.table, key);
                // What was never read comes after the last that was.
                let is_read = order.contains(&edge.because);
                (key, if is_read { edge.because } else { *order.last()? })
            }
            EdgeKind::Rw => {
                let part = &self.table.parts[edge.because as usize];
                let read = self.lists.reads.iter().find(|read| read.part == edge.because)?;
                let order = self.lists.order(self.table, part.key);
                let is_known = |it: &&u32| self.table.appender(**it).is_some();
                let known = order.get(read.seen.len()..)?.iter().find(is_known);
                // What was never read comes after the last that was.
                (part.key, *known.or(order.last())?)
            }
            EdgeKind::Wr | EdgeKind::Process | EdgeKind::Realtime => return None,
        };
        let shows_it = edge.kind == EdgeKind::Ww || !edge.is_direct;
        let is_needed = |txn: u32| shows_it || txns.contains(&txn);
        let shows = |read: &&ListRead| {
            read.key == key
                && is_needed(read.txn)
                && self.lists.is_in_order(self.table, read)
                && self.table.list(&read.seen).contains(&element)
        };
        self.lists
            .reads
            .iter()
            .filter(shows)
            .min_by_key(|read| (!txns.contains(&read.txn), read.seen.len()))
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

    /// `read x [.. 4, 5]`.
    fn part(&self, part: &MicroOp) -> String {
        let key = &self.table.keys[part.key as usize];
        match &part.deed {
            Deed::Append(element) => {
                format!("append {} to {key}", self.table.elements[*element as usize])
            }
            Deed::LostRead => format!("read {key}"),
            Deed::Read(range) => {
                let list = self.table.list(range);
                let from = list.len().saturating_sub(SHOWN);
                let shown = list[from..].iter();
                let shown: Vec<String> =
                    shown.map(|&it| self.table.elements[it as usize].to_string()).collect();
                let before = if from > 0 { ".. " } else { "" };
                format!("read {key} [{before}{}]", shown.join(", "))
            }
        }
    }
}
