//! Operations under way at a coordinator: data.

use std::collections::VecDeque;

use super::operation::Coordinated;

/// Operations under way, by their number in this incarnation.
///
/// Numbers grow, and operations end about in the order in which they began. So those that may be under
/// way lie in a window over their numbers, and each is found in O(1).
#[derive(Clone, Debug, Default)]
pub(super) struct Underway {
    /// The number of the first place.
    first: u64,
    /// The first is never empty.
    window: VecDeque<Option<Coordinated>>,
}

impl Underway {
    /// Adds an operation whose number is greater than those before.
    pub(super) fn insert(&mut self, number: u64, operation: Coordinated) {
        if self.window.is_empty() {
            self.first = number;
        }
        let Some(at) = self.place(number) else { return };
        // Hints on their way home have numbers, too.
        self.window.resize_with(at.max(self.window.len()), || None);
        self.window.push_back(Some(operation));
    }

    pub(super) fn get(&self, number: u64) -> Option<&Coordinated> {
        self.window.get(self.place(number)?)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Coordinated> {
        let at = self.place(number)?;
        self.window.get_mut(at)?.as_mut()
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        self.get(number).is_some()
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Coordinated> {
        let at = self.place(number)?;
        let removed = self.window.get_mut(at)?.take();
        while let Some(None) = self.window.front() {
            self.window.pop_front();
            self.first += 1;
        }
        removed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.window.is_empty()
    }

    fn place(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::operation::Phase;
    use super::*;
    use crate::KvOp;

    fn operation(number: u64) -> Coordinated {
        let key: crate::Key = "k".into();
        Coordinated {
            op: KvOp::Get { key: key.clone() },
            context: crate::leaderless::Context::default(),
            key,
            replicas: Vec::new(),
            client: None,
            deadline: number,
            phase: Phase::Querying { answers: Vec::new() },
        }
    }

    /// Against a set, with numbers that are left out.
    #[test]
    fn an_operation_is_found_by_its_number_until_it_ends() {
        let mut state = 1_u64;
        let mut below = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..100 {
            let (mut underway, mut model) = (Underway::default(), BTreeSet::new());
            let mut number = 0;
            for _ in 0..100 {
                if below(2) == 0 {
                    number += 1 + below(3);
                    underway.insert(number, operation(number));
                    model.insert(number);
                } else {
                    let ends = below(number + 2);
                    let removed = underway.remove(ends).map(|operation| operation.deadline);
                    assert_eq!(removed, model.remove(&ends).then_some(ends));
                }
                assert_eq!(underway.is_empty(), model.is_empty());
                for asked in 0..number + 2 {
                    let found = underway.get(asked).map(|operation| operation.deadline);
                    assert_eq!(found, model.contains(&asked).then_some(asked));
                    assert_eq!(underway.contains(asked), underway.get_mut(asked).is_some());
                }
            }
        }
    }
}
