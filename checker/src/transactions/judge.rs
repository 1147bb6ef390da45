//! Which models hold: anomalies of single reads first, then cycles.

use std::cell::OnceCell;

use super::cycles::{
    CycleRule, CycleSearch, RwRule, TxnCycle, has_cycle, has_cycle_with_rw_apart, shortest,
};
use super::direct::{self, DirectAnomaly};
use super::graph::{DEPENDENCIES, EdgeKind, GraphEdge, RW, TxnGraph, TxnScope, WR, WW};
use super::lists::Lists;
use super::observed::{Sight, StepsSpent, observe};
use super::story::TxnStory;
use super::table::TxnTable;
use crate::{Anomaly, AnomalyClass, Budget, Consistency, Doubt, History, OpIndex};

/// What was found about a history of transactions.
#[derive(Clone, Debug)]
pub struct TransactionReport {
    /// One anomaly of each class, those that forbid the weakest models first.
    pub anomalies: Vec<Anomaly>,
    /// What was found about each model that is judged.
    pub models: Vec<(Consistency, IsolationJudgement)>,
}

impl TransactionReport {
    /// What was found about a model, if it is judged.
    pub fn of(&self, model: Consistency) -> Option<&IsolationJudgement> {
        self.models.iter().find(|(it, _)| *it == model).map(|(_, judgement)| judgement)
    }

    /// Whether a model is known to hold.
    pub fn holds(&self, model: Consistency) -> bool {
        self.of(model) == Some(&IsolationJudgement::Holds)
    }
}

/// Whether a history is consistent with an isolation model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IsolationJudgement {
    /// It is.
    Holds,
    /// It is not, as this anomaly of the report shows.
    Broken(usize),
    /// Nobody knows.
    Undecided(Doubt),
}

/// With which order between transactions a cycle is formed, beside what they read and wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Process,
    Realtime,
}

/// That, and every order between transactions. A cycle of any kind is one of these edges.
fn all_edges() -> u8 {
    Form::ALL.iter().fold(DEPENDENCIES, |all, form| all | form.edges())
}

impl Form {
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::Process, Self::Realtime];

    /// Which order a model respects.
    pub(super) fn of(model: Consistency) -> Self {
        use Consistency as C;
        match model {
            C::StrongSessionSnapshotIsolation | C::StrongSessionSerializable => Self::Process,
            C::StrongSnapshotIsolation | C::StrictSerializable => Self::Realtime,
            _ => Self::Plain,
        }
    }

    /// The edges beside what was read and written.
    pub(super) fn edges(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Process => EdgeKind::Process.bit(),
            Self::Realtime => EdgeKind::Realtime.bit(),
        }
    }

    /// The kinds of cycles of this form, the worst first, and what they are called.
    pub(super) fn rules(self) -> [(CycleRule, AnomalyClass); 5] {
        use AnomalyClass as A;
        let classes = match self {
            Self::Plain => [A::G0, A::G1c, A::GSingle, A::GNonadjacent, A::G2Item],
            Self::Process => [
                A::G0Process,
                A::G1cProcess,
                A::GSingleProcess,
                A::GNonadjacentProcess,
                A::G2ItemProcess,
            ],
            Self::Realtime => [
                A::G0Realtime,
                A::G1cRealtime,
                A::GSingleRealtime,
                A::GNonadjacentRealtime,
                A::G2ItemRealtime,
            ],
        };
        let needs = self.edges();
        let rule = |edges, first, rw| CycleRule { edges: edges | needs, first, needs, rw };
        let rules = [
            rule(WW, WW, RwRule::None),
            rule(WW | WR, WR, RwRule::None),
            rule(WW | WR | RW, RW, RwRule::One),
            rule(WW | WR | RW, RW, RwRule::Apart),
            rule(WW | WR | RW, RW, RwRule::InARow),
        ];
        [0, 1, 2, 3, 4].map(|at| (rules[at], classes[at]))
    }
}

/// The weakest models that forbid an anomaly of this class.
pub(super) fn weakest(class: AnomalyClass) -> &'static [Consistency] {
    use AnomalyClass as A;
    use Consistency as C;
    match class {
        A::G0 | A::DuplicateElement => &[C::ReadUncommitted],
        A::LostUpdate | A::GCursor => &[C::CursorStability, C::ParallelSnapshotIsolation],
        A::ObservedTransactionVanishes => &[C::MonotonicAtomicView],
        A::CausalityViolation => &[C::TransactionalCausal],
        A::Internal | A::FracturedRead => &[C::ReadAtomic],
        A::GSingle => &[C::RepeatableRead, C::ParallelSnapshotIsolation],
        A::GNonadjacent => &[C::RepeatableRead, C::SnapshotIsolation],
        A::G2Item => &[C::RepeatableRead, C::Serializable],
        A::G0Process | A::G1cProcess | A::GSingleProcess | A::GNonadjacentProcess => {
            &[C::StrongSessionSnapshotIsolation]
        }
        A::G2ItemProcess => &[C::StrongSessionSerializable],
        A::G0Realtime | A::G1cRealtime | A::GSingleRealtime | A::GNonadjacentRealtime => {
            &[C::StrongSnapshotIsolation]
        }
        A::G2ItemRealtime => &[C::StrictSerializable],
        _ => &[C::ReadCommitted],
    }
}

/// The models that are judged, the weakest first.
pub(crate) const MODELS: [Consistency; 14] = [
    Consistency::ReadUncommitted,
    Consistency::ReadCommitted,
    Consistency::CursorStability,
    Consistency::MonotonicAtomicView,
    Consistency::ReadAtomic,
    Consistency::RepeatableRead,
    Consistency::TransactionalCausal,
    Consistency::ParallelSnapshotIsolation,
    Consistency::SnapshotIsolation,
    Consistency::Serializable,
    Consistency::StrongSessionSnapshotIsolation,
    Consistency::StrongSessionSerializable,
    Consistency::StrongSnapshotIsolation,
    Consistency::StrictSerializable,
];

/// Judges the transactions on lists of `history`. A configuration of the budget is an edge that a search for the
/// shortest cycle of a class passes.
///
/// # Errors
///
/// Says why, if it is not a history of transactions on lists.
pub(super) fn check(history: &History, budget: &Budget) -> Result<TransactionReport, Doubt> {
    let table = TxnTable::new(history, history.indices())?;
    let lists = Lists::new(&table);
    let graph = TxnGraph::new(&table, &lists, TxnScope::Whole);
    let mut found = Finding {
        story: TxnStory { history, table: &table, lists: &lists },
        anomalies: Vec::new(),
        spent: Vec::new(),
    };
    for direct in direct::find(&table, &lists) {
        found.direct(&direct);
    }
    let mut steps = 0;
    let is_acyclic = !has_cycle(&graph, all_edges());
    for form in Form::ALL {
        if is_acyclic || !has_cycle(&graph, DEPENDENCIES | form.edges()) {
            continue;
        }
        for (at, (rule, class)) in form.rules().into_iter().enumerate() {
            let is_plain_there = found.has(Form::Plain.rules()[at].1);
            if is_plain_there || !may_have(&graph, rule) {
                continue;
            }
            match shortest(&graph, rule, &mut steps, budget.configurations) {
                CycleSearch::None => {}
                CycleSearch::Found(cycle) | CycleSearch::Spent(Some(cycle)) => {
                    found.cycle(&cycle, rule, class);
                }
                CycleSearch::Spent(None) => found.spent.push(class),
            }
        }
    }
    if !is_acyclic {
        found.observe(&graph, budget);
    }
    let guessed = OnceCell::new();
    let judging = Judging { table: &table, lists: &lists, budget, found: &found, guessed };
    let models = MODELS.into_iter().map(|it| (it, judging.of(it))).collect();
    Ok(TransactionReport { models, anomalies: found.anomalies })
}

/// Whether there may be a cycle of this kind. O(nodes and edges).
pub(super) fn may_have(graph: &TxnGraph, rule: CycleRule) -> bool {
    match rule.rw {
        RwRule::None | RwRule::InARow => has_cycle(graph, rule.edges),
        RwRule::One | RwRule::Apart => has_cycle_with_rw_apart(graph, rule.edges),
    }
}

/// What was found so far.
struct Finding<'a> {
    story: TxnStory<'a>,
    anomalies: Vec<Anomaly>,
    /// Classes of which it is not known whether there is a cycle.
    spent: Vec<AnomalyClass>,
}

impl Finding<'_> {
    fn has(&self, class: AnomalyClass) -> bool {
        self.anomalies.iter().any(|it| it.class == class)
    }

    fn direct(&mut self, direct: &DirectAnomaly) {
        if self.has(direct.class) {
            return;
        }
        let whole = self.story.direct(direct, weakest(direct.class)[0]);
        let shown_by = |ops: &[OpIndex]| {
            let history = self.story.history;
            let table = TxnTable::new(history, ops.iter().copied()).ok()?;
            let lists = Lists::new(&table);
            let mut found = direct::find(&table, &lists).into_iter();
            let found = found.find(|it| it.class == whole.class)?;
            let story = TxnStory { history, table: &table, lists: &lists };
            Some(story.direct(&found, weakest(found.class)[0]))
        };
        // What shows the order of two elements may show more.
        let least = (whole.class == AnomalyClass::GCursor).then(|| Self::least(&whole, shown_by));
        self.anomalies.push(least.flatten().unwrap_or(whole));
    }

    fn breaks(&self, model: Consistency) -> bool {
        self.anomalies.iter().any(|it| weakest(it.class).iter().any(|&weak| model.implies(weak)))
    }

    /// Looks for what transactions should have seen. Where they see what was not committed, there is no more to say.
    fn observe(&mut self, graph: &TxnGraph, budget: &Budget) {
        for sight in Sight::ALL {
            if self.breaks(sight.model()) {
                return;
            }
            let (table, lists) = (self.story.table, self.story.lists);
            match observe((table, lists, Some(graph)), sight, budget.configurations) {
                Ok(None) => {}
                Ok(Some(missed)) => {
                    let whole = self.story.missed(&missed, sight);
                    let least = Self::least(&whole, |ops| self.missed_by(ops, sight));
                    self.anomalies.push(least.unwrap_or(whole));
                }
                Err(StepsSpent) => self.spent.push(sight.class()),
            }
        }
    }

    /// What one of these transactions misses, from what they read themselves.
    fn missed_by(&self, ops: &[OpIndex], sight: Sight) -> Option<Anomaly> {
        let history = self.story.history;
        let table = TxnTable::new(history, ops.iter().copied()).ok()?;
        let lists = Lists::new(&table);
        let missed = observe((&table, &lists, None), sight, u64::MAX).ok()??;
        Some(TxnStory { history, table: &table, lists: &lists }.missed(&missed, sight))
    }

    fn cycle(&mut self, cycle: &TxnCycle, rule: CycleRule, class: AnomalyClass) {
        let whole = self.story.cycle(cycle, class, weakest(class)[0]);
        let least = Self::least(&whole, |ops| self.shown_by(ops, rule, class));
        self.anomalies.push(least.unwrap_or(whole));
    }

    /// The same with as few transactions as show it: of what others did nothing is known then, so that what
    /// was missed may be missed at once.
    fn least(whole: &Anomaly, shown_by: impl Fn(&[OpIndex]) -> Option<Anomaly>) -> Option<Anomaly> {
        let mut ops: Vec<OpIndex> = whole.witness.operations.iter().map(|op| op.index).collect();
        if ops.len() > LEAST_MAX {
            return None;
        }
        let mut least = None;
        let mut at = 0;
        while at < ops.len() {
            let mut rest = ops.clone();
            rest.remove(at);
            match shown_by(&rest) {
                None => at += 1,
                shown => (ops, least) = (rest, shown),
            }
        }
        least
    }

    /// What these transactions show by themselves.
    fn shown_by(&self, ops: &[OpIndex], rule: CycleRule, class: AnomalyClass) -> Option<Anomaly> {
        let history = self.story.history;
        let table = TxnTable::new(history, ops.iter().copied()).ok()?;
        let lists = Lists::new(&table);
        let graph = TxnGraph::new(&table, &lists, TxnScope::Some);
        let CycleSearch::Found(cycle) = shortest(&graph, rule, &mut 0, u64::MAX) else {
            return None;
        };
        let story = TxnStory { history, table: &table, lists: &lists };
        Some(story.cycle(&cycle, class, weakest(class)[0]))
    }
}

/// A cycle of more transactions is reported as it was found.
pub(super) const LEAST_MAX: usize = 100;

struct Judging<'a> {
    table: &'a TxnTable,
    lists: &'a Lists,
    budget: &'a Budget,
    found: &'a Finding<'a>,
    /// The dependencies with a guess at what was never read, and whether they have no cycle at all.
    guessed: OnceCell<(TxnGraph, bool)>,
}

impl Judging<'_> {
    fn of(&self, model: Consistency) -> IsolationJudgement {
        let breaks = |it: &Anomaly| weakest(it.class).iter().any(|&weak| model.implies(weak));
        if let Some(at) = self.found.anomalies.iter().position(breaks) {
            return IsolationJudgement::Broken(at);
        }
        let form = Form::of(model);
        let breaks = |class: &&AnomalyClass| weakest(**class).iter().any(|&it| model.implies(it));
        if self.found.spent.iter().any(|class| breaks(&class)) {
            return IsolationJudgement::Undecided(self.out_of_steps());
        }
        if model == Consistency::CursorStability && !self.has_order_of_updates() {
            return IsolationJudgement::Undecided(self.open_order());
        }
        // What breaks it by a cycle was looked for, and there is none. But between elements that were never
        // read the order is open, and of some models each order must be tried.
        let takes_order = matches!(
            model,
            Consistency::ParallelSnapshotIsolation
                | Consistency::SnapshotIsolation
                | Consistency::StrongSessionSnapshotIsolation
                | Consistency::StrongSnapshotIsolation
        );
        if !takes_order || !self.lists.has_open_order(self.table) {
            return IsolationJudgement::Holds;
        }
        let (graph, is_acyclic) = self.guessed.get_or_init(|| {
            let graph = TxnGraph::new(self.table, self.lists, TxnScope::Guessed);
            let is_acyclic = !has_cycle(&graph, all_edges());
            (graph, is_acyclic)
        });
        if !is_acyclic && has_cycle_with_rw_apart(graph, DEPENDENCIES | form.edges()) {
            return IsolationJudgement::Undecided(self.open_order());
        }
        IsolationJudgement::Holds
    }

    /// Whether the elements that were never read have an order in which one that was appended after a read of all
    /// before it comes first.
    fn has_order_of_updates(&self) -> bool {
        if !self.lists.has_open_order(self.table) {
            return true;
        }
        let graph = TxnGraph::new(self.table, self.lists, TxnScope::Whole);
        let kept = (0..graph.txns).flat_map(|txn| graph.from(txn).iter().map(move |it| (txn, *it)));
        let mut edges: Vec<(u32, GraphEdge)> =
            kept.filter(|(_, edge)| edge.kind.bit() & (WW | WR) != 0).collect();
        for read in direct::updates(self.table, self.lists) {
            for &element in &self.lists.unread[read.key as usize] {
                let other = self.table.appender(element).filter(|&it| it != read.txn);
                let (kind, because) = (EdgeKind::Ww, element);
                edges.extend(
                    other.map(|to| (read.txn, GraphEdge { to, kind, because, is_direct: true })),
                );
            }
        }
        !has_cycle(&TxnGraph::from_edges(graph.txns, graph.txns, edges), WW | WR)
    }

    fn open_order(&self) -> Doubt {
        let reason = "appends that were never read may have come in several orders: read each key once more \
                      in the end";
        Doubt::Unsupported { op: self.table.txns[0].op, reason: reason.to_owned() }
    }

    fn out_of_steps(&self) -> Doubt {
        Doubt::BudgetSpent {
            key: None,
            configurations: self.budget.configurations,
            bytes: self.budget.bytes,
            proved_events: 0,
            events: self.table.txns.len() as u64,
            why: Some("a search for cycles of transactions".to_owned()),
        }
    }
}
