//! An argument that operations have no order: steps, each with its reason.

use std::collections::{BTreeMap, VecDeque};

use crate::{AnomalyClass, Consistency};

/// Steps that end in a contradiction.
pub(super) struct Argument {
    pub(super) class: AnomalyClass,
    pub(super) summary: String,
    /// Each step, and the operations it is about.
    pub(super) steps: Vec<(String, Vec<u32>)>,
}

impl Argument {
    /// Nothing but that there is no order.
    pub(super) fn plain(model: Consistency, count: u32) -> Self {
        let class = class_of(model);
        let summary = format!("no order of these {count} operations is one of {model}");
        Self { class, summary, steps: Vec::new() }
    }
}

/// What a violation of a model is called where nothing more is known.
pub(super) fn class_of(model: Consistency) -> AnomalyClass {
    match model {
        Consistency::ReadYourWrites => AnomalyClass::ReadYourWritesViolation,
        Consistency::MonotonicReads => AnomalyClass::NonMonotonicRead,
        Consistency::MonotonicWrites => AnomalyClass::NonMonotonicWrite,
        Consistency::WritesFollowReads => AnomalyClass::WritesFollowReadsViolation,
        Consistency::Pram => AnomalyClass::NonPram,
        Consistency::Causal => AnomalyClass::WriteCoRead,
        Consistency::CausalConvergence => AnomalyClass::CyclicCf,
        Consistency::CausalMemory => AnomalyClass::CyclicHb,
        _ => AnomalyClass::NonSequential,
    }
}

/// That one operation comes before another.
#[derive(Clone, Debug)]
pub(super) struct Precedence {
    pub(super) one: u32,
    pub(super) other: u32,
    /// Why, with the names of the operations.
    pub(super) because: String,
    /// What must be so first: numbers of others.
    pub(super) premises: Vec<usize>,
    /// Whether it follows from what a read returned, rather than from causality.
    pub(super) is_forced: bool,
}

/// What is known to come before what.
#[derive(Default)]
pub(super) struct Precedences {
    pub(super) known: Vec<Precedence>,
}

impl Precedences {
    /// Whether that pair is known.
    pub(super) fn has(&self, one: u32, other: u32) -> bool {
        self.known.iter().any(|it| it.one == one && it.other == other)
    }

    /// The shortest way from `one` to `other` over those of the first `until` that `counts` lets
    /// through, by their numbers.
    pub(super) fn path(
        &self,
        (one, other): (u32, u32),
        until: usize,
        counts: impl Fn(&Precedence) -> bool,
    ) -> Option<Vec<usize>> {
        let mut came: BTreeMap<u32, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([one]);
        while let Some(here) = queue.pop_front() {
            let steps = self.known[..until].iter().enumerate();
            for (number, step) in steps.filter(|(_, it)| it.one == here && counts(it)) {
                if came.contains_key(&step.other) {
                    continue;
                }
                came.insert(step.other, number);
                if step.other == other {
                    return Some(self.traced(one, other, &came));
                }
                queue.push_back(step.other);
            }
        }
        None
    }

    fn traced(&self, one: u32, other: u32, came: &BTreeMap<u32, usize>) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = other;
        loop {
            let number = came[&at];
            path.push(number);
            at = self.known[number].one;
            if at == one {
                break;
            }
        }
        path.reverse();
        path
    }

    /// The steps of these numbers and, before each, those that it rests on, each once.
    pub(super) fn told(
        &self,
        numbers: &[usize],
        name: impl Fn(u32) -> String,
    ) -> Vec<(String, Vec<u32>)> {
        let mut order = Vec::new();
        let mut open: Vec<(usize, bool)> = numbers.iter().rev().map(|&it| (it, false)).collect();
        while let Some((number, is_ready)) = open.pop() {
            if order.contains(&number) {
                continue;
            }
            if is_ready {
                order.push(number);
                continue;
            }
            open.push((number, true));
            open.extend(self.known[number].premises.iter().rev().map(|&it| (it, false)));
        }
        let step = |number: usize| {
            let Precedence { one, other, because, .. } = &self.known[number];
            let text = format!("{} comes before {}, because {because}", name(*one), name(*other));
            (text, vec![*one, *other])
        };
        order.into_iter().map(step).collect()
    }
}
