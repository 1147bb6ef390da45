//! Which elements did the takes remove whose returns were lost?

use super::lifetimes::{Lifetimes, Take};
use super::shrink::{Refutation, conclude};
use crate::linearizability::moment::{Moment, NEVER, Span};
use crate::linearizability::violation::{Indecision, MonitorVerdict};
use crate::plant::{Bug, planted};

/// How many elements may be looked at, over all guesses, before the search is given up.
const LOOKS: usize = 1 << 23;

/// As [`LOOKS`], for each attempt to do with fewer culprits.
const LOOKS_TO_SHRINK: usize = 1 << 16;

/// Refutes the calls, a lost take counting for nothing unless it was given an element.
pub(in crate::linearizability) type Refute = fn(&Lifetimes) -> Option<Refutation>;

/// Whether some choice of what the lost takes removed explains the calls.
///
/// Led by refutations: one that needs an element to be left over is no longer one when a lost take
/// removed that element, and otherwise stands whatever the lost takes removed. So only the elements
/// left over in a refutation are guessed at. With m lost takes and refutations that need k such
/// elements, at most m! k^m choices are tried, each in the time of `refute`; beyond a fixed
/// number of looks the answer is `Undecided`. Without lost takes it is one call of `refute`.
pub(in crate::linearizability) fn check(lifetimes: &Lifetimes, refute: Refute) -> MonitorVerdict {
    let mut search = Search::new(lifetimes, refute, LOOKS);
    match search.refute_all() {
        Found::Explained => MonitorVerdict::Valid,
        Found::GivenUp => {
            let reason = Indecision::TooManyLostTakes { lost: lifetimes.lost.len() };
            MonitorVerdict::undecided(reason)
        }
        Found::Refuted(refutation) => conclude(lifetimes, refutation, |fewer| {
            match Search::new(fewer, refute, LOOKS_TO_SHRINK).refute_all() {
                Found::Refuted(refutation) => Some(refutation),
                Found::Explained | Found::GivenUp => None,
            }
        }),
    }
}

struct Search {
    lifetimes: Lifetimes,
    /// Which lost takes have been given an element.
    used: Vec<bool>,
    refute: Refute,
    /// How many elements may still be looked at.
    looks: usize,
}

enum Found {
    Explained,
    Refuted(Refutation),
    GivenUp,
}

impl Search {
    fn new(lifetimes: &Lifetimes, refute: Refute, looks: usize) -> Self {
        let used = vec![false; lifetimes.lost.len()];
        Self { lifetimes: lifetimes.clone(), used, refute, looks }
    }

    fn refute_all(&mut self) -> Found {
        let look = self.lifetimes.elements.len() + self.lifetimes.empties.len();
        let Some(mut refutation) = (self.refute)(&self.lifetimes) else {
            return Found::Explained;
        };
        let horizon = self.horizon(&refutation);
        for place in refutation.elements.clone() {
            if self.lifetimes.elements[place].taken.is_some() {
                continue;
            }
            for choice in self.choices(place, horizon) {
                let Some(looks) = self.looks.checked_sub(look) else { return Found::GivenUp };
                self.looks = looks;
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

    fn span(&self, choice: usize) -> Span {
        Span { from: self.lifetimes.lost[choice].span.from, to: NEVER }
    }

    /// The last return that the refutation is about. Whatever a take that began later
    /// removes, the refutation stands.
    fn horizon(&self, refutation: &Refutation) -> Moment {
        let elements = refutation.elements.iter().map(|&place| &self.lifetimes.elements[place]);
        let takes = elements.filter_map(|element| element.taken);
        let empties = refutation.empties.iter().map(|&place| self.lifetimes.empties[place]);
        let ends = takes.chain(empties).map(|take| take.span.to);
        ends.filter(|&end| end != NEVER).max().unwrap_or(NEVER)
    }

    /// Unused lost takes that may remove the element before the horizon, the last to begin first: if
    /// refutations come by the return they are about, no later one has more need of it. Of those
    /// that began before the element's insertion all are equally good, so one is enough.
    fn choices(&self, place: usize, horizon: Moment) -> Vec<usize> {
        let began_before =
            |moment| self.lifetimes.lost.partition_point(|take| take.span.from < moment);
        let early = began_before(self.lifetimes.elements[place].inserted.from);
        let late = early..began_before(horizon).max(early);
        let last_early = (0..early).rev().find(|&choice| !self.used[choice]);
        let late = late.filter(|&choice| !self.used[choice]);
        let mut choices: Vec<usize> = late.rev().chain(last_early).collect();
        if planted(Bug::StackFirstLostTakeOnly) {
            choices.truncate(1);
        }
        if planted(Bug::StackIgnoreLostTakes) || planted(Bug::LeastIgnoreLostTakes) {
            choices.clear();
        }
        choices
    }
}
