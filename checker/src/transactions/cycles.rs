//! Cycles of dependencies: whether there are any of a kind, and the shortest.

use std::collections::VecDeque;

use super::graph::{EdgeKind, GraphEdge, TxnGraph};
use crate::plant::{Bug, planted};

/// How often, and where, anti-dependencies (`rw`) may come in a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum RwRule {
    /// Nowhere.
    None,
    /// Once.
    One,
    /// Several times, but never two in a row.
    Apart,
    /// Several times, two of them in a row.
    InARow,
}

/// A kind of cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CycleRule {
    /// The kinds of edges, as bits.
    pub(super) edges: u8,
    /// One of these kinds is there: the search begins with it. It is `rw` unless there is none.
    pub(super) first: u8,
    /// One of these kinds is there, too; 0 if none need be.
    pub(super) needs: u8,
    pub(super) rw: RwRule,
}

/// Edges that form a cycle, each with the transaction it comes from. The order of a process, and real time,
/// is one edge between two transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TxnCycle {
    pub(super) edges: Vec<(u32, GraphEdge)>,
}

impl TxnCycle {
    fn is_simple(&self) -> bool {
        let mut txns: Vec<u32> = self.edges.iter().map(|(from, _)| *from).collect();
        txns.sort_unstable();
        txns.windows(2).all(|pair| pair[0] != pair[1])
    }
}

/// What a search for a cycle came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CycleSearch {
    Found(TxnCycle),
    None,
    /// The steps are spent; perhaps with one that need not be the shortest.
    Spent(Option<TxnCycle>),
}

/// Whether edges of these kinds form a cycle at all. O(nodes and edges).
pub(super) fn has_cycle(graph: &TxnGraph, edges: u8) -> bool {
    let next = |node: u32, visit: &mut dyn FnMut(u32)| {
        for edge in graph.from(node).iter().filter(|edge| edge.kind.bit() & edges != 0) {
            visit(edge.to);
        }
    };
    !is_acyclic(graph.nodes(), next)
}

/// Whether edges of these kinds form a cycle in which no two `rw` come in a row. O(nodes and edges).
pub(super) fn has_cycle_with_rw_apart(graph: &TxnGraph, edges: u8) -> bool {
    // Node 2n is the node n reached by something else, 2n + 1 by `rw`.
    let next = |state: u32, visit: &mut dyn FnMut(u32)| {
        let by_rw = state % 2 == 1;
        for edge in graph.from(state / 2).iter().filter(|edge| edge.kind.bit() & edges != 0) {
            let is_rw = edge.kind == EdgeKind::Rw;
            if !(by_rw && is_rw) {
                visit(2 * edge.to + u32::from(is_rw && edge.is_direct));
            }
        }
    };
    !is_acyclic(2 * graph.nodes(), next)
}

/// Takes away what nothing leads to, again and again, and sees whether anything is left.
fn is_acyclic(nodes: u32, next: impl Fn(u32, &mut dyn FnMut(u32))) -> bool {
    let mut into = vec![0u32; nodes as usize];
    for node in 0..nodes {
        next(node, &mut |to| into[to as usize] += 1);
    }
    let mut open: Vec<u32> = (0..nodes).filter(|&node| into[node as usize] == 0).collect();
    let mut left = nodes;
    while let Some(node) = open.pop() {
        left -= 1;
        next(node, &mut |to| {
            into[to as usize] -= 1;
            if into[to as usize] == 0 {
                open.push(to);
            }
        });
    }
    left == 0
}

/// The shortest cycle of a kind that passes no transaction twice, unless what is found from each of them is made
/// of shorter ones, which are of other kinds: of equally short ones that which begins at the first transaction. Adds what
/// it takes to `steps`, up to `steps_max`.
pub(super) fn shortest(
    graph: &TxnGraph,
    rule: CycleRule,
    steps: &mut u64,
    steps_max: u64,
) -> CycleSearch {
    let component = components(graph, rule.edges);
    let mut best: Option<TxnCycle> = None;
    let mut search = Search::new(graph, rule, &component);
    let mut simple = None;
    for start in 0..graph.txns {
        let begins = |edge: &&GraphEdge| {
            edge.kind.bit() & rule.first != 0
                && component[edge.to as usize] == component[start as usize]
        };
        if !graph.from(start).iter().any(|edge| begins(&edge)) {
            continue;
        }
        let limit = best.as_ref().map_or(usize::MAX, |it| it.edges.len());
        let cycle = match search.from(start, limit, steps) {
            // One that passes a transaction twice is made of others: perhaps there is a simple one as well.
            Some(cycle) if !cycle.is_simple() => {
                simple.get_or_insert_with(|| SimpleWays::new(graph, rule)).find(start, steps)
            }
            cycle => cycle,
        };
        best = cycle.filter(|it| it.edges.len() < limit).or(best);
        if best.as_ref().is_some_and(|it| it.edges.len() == 2) {
            break;
        }
        if *steps > steps_max {
            return CycleSearch::Spent(best);
        }
    }
    best.map_or(CycleSearch::None, CycleSearch::Found)
}

/// What is known of a way: where it is, and what it has passed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Passed(u32);

/// How many there are.
const STATES: u32 = 16;

impl Passed {
    const BY_RW: u32 = 1;
    const SEVERAL: u32 = 2;
    const IN_A_ROW: u32 = 4;
    const NEEDED: u32 = 8;

    fn has(self, what: u32) -> bool {
        self.0 & what != 0
    }

    fn without(self, what: u32) -> Self {
        Self(self.0 & !what)
    }

    /// The same after one more edge.
    fn with(self, edge: GraphEdge, needs: u8) -> Self {
        let mut bits = self.0 & !Self::BY_RW;
        if edge.kind == EdgeKind::Rw {
            bits |= Self::SEVERAL;
            bits |= if edge.is_direct { Self::BY_RW } else { 0 };
            bits |= if self.has(Self::BY_RW) { Self::IN_A_ROW } else { 0 };
        }
        bits |= if edge.kind.bit() & needs != 0 { Self::NEEDED } else { 0 };
        Self(bits)
    }
}

impl CycleRule {
    /// What has passed after `edge`, if that may come then.
    fn step(self, passed: Passed, edge: GraphEdge) -> Option<Passed> {
        let is_rw = edge.kind == EdgeKind::Rw;
        let is_allowed = match self.rw {
            RwRule::None | RwRule::One => !is_rw,
            RwRule::Apart => {
                !(is_rw && passed.has(Passed::BY_RW)) || planted(Bug::TxnForgetAdjacent)
            }
            RwRule::InARow => true,
        };
        is_allowed.then(|| passed.with(edge, self.needs))
    }

    /// Whether a way that has come back is a cycle of the kind. The first edge is `rw` where any is.
    fn is_whole(self, passed: Passed) -> bool {
        let is_needed = self.needs == 0 || passed.has(Passed::NEEDED);
        is_needed
            && match self.rw {
                RwRule::None | RwRule::One => true,
                RwRule::Apart => {
                    let ends_so = passed.has(Passed::BY_RW) && !planted(Bug::TxnForgetFirst);
                    passed.has(Passed::SEVERAL) && !ends_so
                }
                RwRule::InARow => {
                    passed.has(Passed::SEVERAL)
                        && (passed.has(Passed::IN_A_ROW) || passed.has(Passed::BY_RW))
                }
            }
    }
}

/// How a state was reached: from which, by which edge.
#[derive(Clone, Copy)]
struct Came {
    from: u32,
    edge: GraphEdge,
}

struct Search<'a> {
    graph: &'a TxnGraph,
    rule: CycleRule,
    component: &'a [u32],
    /// The numbers of the nodes that are on some cycle, among those.
    place: Vec<u32>,
    /// For each state of such a node, the number of the last search that reached it.
    reached: Vec<u32>,
    came: Vec<Option<Came>>,
    round: u32,
}

impl<'a> Search<'a> {
    fn new(graph: &'a TxnGraph, rule: CycleRule, component: &'a [u32]) -> Self {
        let mut sizes = vec![0u32; component.len()];
        for &it in component {
            sizes[it as usize] += 1;
        }
        let mut count = 0;
        let mut number = |&component: &u32| {
            count += u32::from(sizes[component as usize] > 1);
            count
        };
        let place: Vec<u32> = component.iter().map(&mut number).collect();
        let states = ((count + 1) * STATES) as usize;
        let (reached, came) = (vec![0; states], vec![None; states]);
        Self { graph, rule, component, place, reached, came, round: 0 }
    }

    /// The shortest cycle from `start` of fewer than `limit` edges. Edges to the nodes of time cost nothing.
    fn from(&mut self, start: u32, limit: usize, steps: &mut u64) -> Option<TxnCycle> {
        self.round += 1;
        let begin = self.slot(start * STATES);
        self.reached[begin] = self.round;
        let mut queue = VecDeque::new();
        for &edge in self.graph.from(start) {
            *steps += 1;
            if edge.kind.bit() & self.rule.first != 0 && self.is_inside(start, edge) {
                let passed = Passed(0).with(edge, self.rule.needs).without(Passed::SEVERAL);
                self.reach(&mut queue, Came { from: start * STATES, edge }, passed, 0);
            }
        }
        while let Some((state, length)) = queue.pop_front() {
            let (node, passed) = (state / STATES, Passed(state % STATES));
            for &edge in self.graph.from(node) {
                *steps += 1;
                let Some(passed) = self.step(node, passed, edge) else { continue };
                if edge.to == start && self.rule.is_whole(passed) {
                    return (length + 1 < limit).then(|| self.traced(state, edge, start));
                }
                // A way that goes on from where it began is no simple cycle.
                if edge.to != start && length + 1 < limit {
                    self.reach(&mut queue, Came { from: state, edge }, passed, length);
                }
            }
        }
        None
    }

    /// Takes note of a state that was reached, unless it was before. Edges to the nodes of time cost nothing.
    fn reach(
        &mut self,
        queue: &mut VecDeque<(u32, usize)>,
        came: Came,
        passed: Passed,
        length: usize,
    ) {
        let to = came.edge.to * STATES + passed.0;
        let slot = self.slot(to);
        if self.reached[slot] == self.round {
            return;
        }
        self.reached[slot] = self.round;
        self.came[slot] = Some(came);
        if came.edge.to >= self.graph.txns {
            queue.push_front((to, length));
        } else {
            queue.push_back((to, length + 1));
        }
    }

    /// Where a state of a node that is on a cycle is kept.
    fn slot(&self, state: u32) -> usize {
        (self.place[(state / STATES) as usize] * STATES + state % STATES) as usize
    }

    fn is_inside(&self, node: u32, edge: GraphEdge) -> bool {
        let is_allowed = edge.kind.bit() & self.rule.edges != 0;
        is_allowed && self.component[node as usize] == self.component[edge.to as usize]
    }

    /// What has passed after `edge`, if that may be taken.
    fn step(&self, node: u32, passed: Passed, edge: GraphEdge) -> Option<Passed> {
        self.rule.step(passed, edge).filter(|_| self.is_inside(node, edge))
    }

    fn traced(&self, mut state: u32, last: GraphEdge, start: u32) -> TxnCycle {
        let mut edges = vec![(state / STATES, last)];
        // The first edge comes from `start` with nothing passed, a state that is never reached again.
        while state != start * STATES {
            let came = self.came[self.slot(state)].expect("it was reached");
            edges.push((came.from / STATES, came.edge));
            state = came.from;
        }
        edges.reverse();
        TxnCycle { edges: without_time(self.graph.txns, edges) }
    }
}

/// Ways from one transaction that pass no node twice, tried one after the other.
struct SimpleWays<'a> {
    graph: &'a TxnGraph,
    rule: CycleRule,
    start: u32,
    is_passed: Vec<bool>,
    way: Vec<(u32, GraphEdge)>,
    steps_left: u64,
}

/// Transactions of a cycle at most, and edges tried at most, where it is looked for so.
const SIMPLE_MAX: usize = 8;
const SIMPLE_STEPS_MAX: u64 = 200_000;
/// Edges of such a way at most, those over nodes of time and of processes included: each is a call on the stack.
const WAY_MAX: usize = 500;

impl<'a> SimpleWays<'a> {
    fn new(graph: &'a TxnGraph, rule: CycleRule) -> Self {
        let is_passed = vec![false; graph.nodes() as usize];
        Self { graph, rule, start: 0, is_passed, way: Vec::new(), steps_left: 0 }
    }

    /// The shortest from `start` of few transactions, if it is found in the steps that there are.
    fn find(&mut self, start: u32, steps: &mut u64) -> Option<TxnCycle> {
        (self.start, self.steps_left) = (start, SIMPLE_STEPS_MAX);
        let found = (2..=SIMPLE_MAX).find_map(|length| {
            self.way.clear();
            let is_found = self.goes_on(self.start, None, length);
            is_found.then(|| TxnCycle { edges: without_time(self.graph.txns, self.way.clone()) })
        });
        *steps += SIMPLE_STEPS_MAX - self.steps_left;
        found
    }

    /// Whether `left` more transactions lead back to the start; then the way is what was passed.
    fn goes_on(&mut self, node: u32, passed: Option<Passed>, left: usize) -> bool {
        for &edge in self.graph.from(node) {
            if self.steps_left == 0 {
                return false;
            }
            self.steps_left -= 1;
            let is_allowed = edge.kind.bit() & self.rule.edges != 0;
            let next = match passed {
                None => (edge.kind.bit() & self.rule.first != 0)
                    .then(|| Passed(0).with(edge, self.rule.needs).without(Passed::SEVERAL)),
                Some(passed) => self.rule.step(passed, edge),
            };
            let Some(next) = next.filter(|_| is_allowed) else { continue };
            let cost = usize::from(edge.to < self.graph.txns);
            let is_long = self.way.len() == WAY_MAX;
            if cost > left || is_long || self.is_passed[edge.to as usize] {
                continue;
            }
            self.way.push((node, edge));
            let is_back = edge.to == self.start;
            if is_back && self.rule.is_whole(next) {
                return true;
            }
            self.is_passed[edge.to as usize] = true;
            let is_found = !is_back && self.goes_on(edge.to, Some(next), left - cost);
            self.is_passed[edge.to as usize] = false;
            if is_found {
                return true;
            }
            self.way.pop();
        }
        false
    }
}

/// The same edges, where those over nodes of time are one.
fn without_time(txns: u32, edges: Vec<(u32, GraphEdge)>) -> Vec<(u32, GraphEdge)> {
    let mut whole: Vec<(u32, GraphEdge)> = Vec::new();
    let mut from = None;
    for (node, edge) in edges {
        let begin = from.take().unwrap_or(node);
        if edge.to >= txns { from = Some(begin) } else { whole.push((begin, edge)) }
    }
    whole
}

/// The strongly connected component of each node, over edges of these kinds. Tarjan, "Depth-first search and
/// linear graph algorithms", SIAM J. Comput. 1972.
pub(super) fn components(graph: &TxnGraph, edges: u8) -> Vec<u32> {
    const NEW: u32 = u32::MAX;
    let nodes = graph.nodes() as usize;
    let (mut order, mut low) = (vec![NEW; nodes], vec![0u32; nodes]);
    let mut component = vec![NEW; nodes];
    let (mut stack, mut path): (Vec<u32>, Vec<(u32, usize)>) = (Vec::new(), Vec::new());
    let (mut count, mut components) = (0, 0);
    for root in 0..graph.nodes() {
        if order[root as usize] != NEW {
            continue;
        }
        path.push((root, 0));
        while let Some((node, at)) = path.last_mut() {
            let here = *node;
            if *at == 0 {
                order[here as usize] = count;
                low[here as usize] = count;
                count += 1;
                stack.push(here);
            }
            let Some(edge) = graph.from(here).get(*at) else {
                path.pop();
                if let Some(&(before, _)) = path.last() {
                    low[before as usize] = low[before as usize].min(low[here as usize]);
                }
                if low[here as usize] == order[here as usize] {
                    while let Some(member) = stack.pop() {
                        component[member as usize] = components;
                        if member == here {
                            break;
                        }
                    }
                    components += 1;
                }
                continue;
            };
            *at += 1;
            if edge.kind.bit() & edges == 0 {
                continue;
            }
            if order[edge.to as usize] == NEW {
                path.push((edge.to, 0));
            } else if component[edge.to as usize] == NEW {
                low[here as usize] = low[here as usize].min(order[edge.to as usize]);
            }
        }
    }
    component
}
