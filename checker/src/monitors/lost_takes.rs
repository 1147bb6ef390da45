//! Which elements did the takes remove whose returns were lost?

use super::lifetimes::{Lifetimes, NEVER, Take};
use super::plant::{Bug, planted};
use super::shrink::{Refutation, conclude};
use super::{Indecision, MonitorVerdict};

/// How many elements may be looked at, over all guesses, before the search is given up.
const LOOKS: usize = 1 << 24;

/// Refutes the calls, a lost take counting for nothing unless it was given an element.
pub(super) type Refute = fn(&Lifetimes) -> Option<Refutation>;

/// Whether some choice of what the lost takes removed explains the calls.
///
/// Led by refutations: one that needs an element to be left over is no longer one when a lost take
/// removed that element, and otherwise stands whatever the lost takes removed. So only the elements
/// left over in a refutation are guessed at. With m lost takes and refutations that need k such
/// elements, at most m! k^m choices are tried, each in the time of `refute`; beyond a fixed
/// number of looks the answer is `Undecided`. Without lost takes it is one call of `refute`.
pub(super) fn check(lifetimes: &Lifetimes, refute: Refute) -> MonitorVerdict {
    let mut search = Search::new(lifetimes, refute);
    match search.refute_all() {
        Found::Explained => MonitorVerdict::Valid,
        Found::GivenUp => {
            let reason = Indecision::TooManyLostTakes { lost: lifetimes.lost.len() };
            MonitorVerdict::undecided(reason)
        }
        Found::Refuted(refutation) => {
            conclude(lifetimes, refutation, |fewer| match Search::new(fewer, refute).refute_all() {
                Found::Refuted(refutation) => Some(refutation),
                Found::Explained | Found::GivenUp => None,
            })
        }
    }
}

struct Search {
    lifetimes: Lifetimes,
    /// Which lost takes have been given an element.
    used: Vec<bool>,
    refute: Refute,
    looks: usize,
}

enum Found {
    Explained,
    Refuted(Refutation),
    GivenUp,
}

impl Search {
    fn new(lifetimes: &Lifetimes, refute: Refute) -> Self {
        let used = vec![false; lifetimes.lost.len()];
        Self { lifetimes: lifetimes.clone(), used, refute, looks: 0 }
    }

    fn refute_all(&mut self) -> Found {
        self.looks += self.lifetimes.elements.len() + self.lifetimes.empties.len();
        let Some(mut refutation) = (self.refute)(&self.lifetimes) else {
            return Found::Explained;
        };
        if self.looks > LOOKS {
            return Found::GivenUp;
        }
        let left: Vec<usize> = refutation.elements.clone();
        for place in left {
            if self.lifetimes.elements[place].taken.is_some() {
                continue;
            }
            for choice in self.choices(place) {
                self.used[choice] = true;
                let take = Take { op: self.lifetimes.lost[choice].op, span: self.span(choice) };
                self.lifetimes.elements[place].taken = Some(take);
                let found = self.refute_all();
                self.lifetimes.elements[place].taken = None;
                self.used[choice] = false;
                match found {
                    Found::Explained | Found::GivenUp => return found,
                    Found::Refuted(more) => {
                        refutation.elements.extend(more.elements);
                        refutation.empties.extend(more.empties);
                    }
                }
            }
        }
        refutation.elements.sort_unstable();
        refutation.elements.dedup();
        Found::Refuted(refutation)
    }

    fn span(&self, choice: usize) -> super::lifetimes::Span {
        super::lifetimes::Span { from: self.lifetimes.lost[choice].span.from, to: NEVER }
    }

    /// Unused lost takes that may remove the element. Of those that began before its insertion,
    /// all are equally good, and the last is of least use to others.
    fn choices(&self, place: usize) -> Vec<usize> {
        let inserted = self.lifetimes.elements[place].inserted.from;
        let early = self.lifetimes.lost.partition_point(|take| take.span.from < inserted);
        let last_early = (0..early).rev().find(|&choice| !self.used[choice]);
        let late = (early..self.used.len()).filter(|&choice| !self.used[choice]);
        let mut choices: Vec<usize> = last_early.into_iter().chain(late).collect();
        if planted(Bug::StackFirstLostTakeOnly) {
            choices.truncate(1);
        }
        if planted(Bug::StackIgnoreLostTakes) || planted(Bug::LeastIgnoreLostTakes) {
            choices.clear();
        }
        choices
    }
}
