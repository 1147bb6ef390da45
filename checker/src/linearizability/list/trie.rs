//! What reads showed, as a tree: each node is a list or text, and its parent the same without the
//! last token.

use rustc_hash::FxHashMap;

/// The empty list or text.
pub(super) const ROOT: u32 = 0;

const NONE: u32 = u32::MAX;

struct Node {
    parent: u32,
    token: u32,
    depth: u32,
    /// The child that was first added.
    first: u32,
}

/// All that was read, and what it began with.
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// The children that were not the first.
    others: FxHashMap<(u32, u32), u32>,
    /// The number of each node if parents are counted before their children, and how many nodes
    /// there are that begin with it.
    places: Vec<(u32, u32)>,
}

impl Default for Trie {
    fn default() -> Self {
        let root = Node { parent: NONE, token: NONE, depth: 0, first: NONE };
        Self { nodes: vec![root], others: FxHashMap::default(), places: Vec::new() }
    }
}

impl Trie {
    /// What is there after `token` was appended, if it was read.
    pub(super) fn child(&self, node: u32, token: u32) -> Option<u32> {
        let first = self.nodes[node as usize].first;
        if first != NONE && self.nodes[first as usize].token == token {
            return Some(first);
        }
        self.others.get(&(node, token)).copied()
    }

    /// The same, added if it is not there.
    pub(super) fn child_or_new(&mut self, node: u32, token: u32) -> u32 {
        if let Some(child) = self.child(node, token) {
            return child;
        }
        let child = u32::try_from(self.nodes.len()).expect("reads are shorter than that");
        let parent = &mut self.nodes[node as usize];
        let depth = parent.depth + 1;
        if parent.first == NONE {
            parent.first = child;
        } else {
            self.others.insert((node, token), child);
        }
        self.nodes.push(Node { parent: node, token, depth, first: NONE });
        child
    }

    /// Nothing more will be added.
    pub(super) fn finish(mut self) -> Self {
        let mut sizes = vec![1; self.nodes.len()];
        for at in (1..self.nodes.len()).rev() {
            sizes[self.nodes[at].parent as usize] += sizes[at];
        }
        let mut next = vec![1; self.nodes.len()];
        self.places = vec![(0, sizes[0]); self.nodes.len()];
        for at in 1..self.nodes.len() {
            let parent = self.nodes[at].parent as usize;
            let place = next[parent];
            next[parent] += sizes[at];
            next[at] = place + 1;
            self.places[at] = (place, sizes[at]);
        }
        self
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How many tokens a node has.
    pub(super) fn depth(&self, node: u32) -> usize {
        self.nodes[node as usize].depth as usize
    }

    /// The node without its last token, and that token.
    pub(super) fn last(&self, node: u32) -> Option<(u32, u32)> {
        let it = &self.nodes[node as usize];
        (node != ROOT).then_some((it.parent, it.token))
    }

    /// Whether `one` is a beginning of `other`.
    pub(super) fn is_beginning(&self, one: u32, other: u32) -> bool {
        let (place, size) = self.places[one as usize];
        (place..place + size).contains(&self.places[other as usize].0)
    }

    /// Whether either is a beginning of the other.
    pub(super) fn agree(&self, one: u32, other: u32) -> bool {
        self.is_beginning(one, other) || self.is_beginning(other, one)
    }

    /// The first token of each node.
    pub(super) fn first_tokens(&self) -> Vec<u32> {
        let mut first = vec![super::cut::EMPTY; self.nodes.len()];
        for at in 1..self.nodes.len() {
            let it = &self.nodes[at];
            first[at] = if it.parent == ROOT { it.token } else { first[it.parent as usize] };
        }
        first
    }

    /// The tokens of `node` after the first `from`, the last first.
    pub(super) fn tokens_from_last(&self, node: u32, from: usize) -> impl Iterator<Item = u32> {
        let steps = std::iter::successors(self.last(node), |&(parent, _)| self.last(parent));
        steps.take(self.depth(node).saturating_sub(from)).map(|(_, token)| token)
    }
}
