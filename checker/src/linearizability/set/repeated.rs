//! Elements that are added and removed again and again, when nothing reads the whole set.
//!
//! A set is as many independent objects as there are elements, so each of them is searched alone: a
//! search over one that is in or not, and of which only a few calls are in flight at once, is short.

use std::collections::BTreeSet;

use super::element::SetElement;
use crate::Call;
use crate::linearizability::collection::lifetimes::Take;
use crate::linearizability::moment::NEVER;
use crate::linearizability::search::engine::{self, Answer, Orders};
use crate::linearizability::violation::{MonitorVerdict, Violation};
use crate::plant::{Bug, planted};
use crate::{Budget, Model, Observed, OpIndex, Position};

/// One element, which is in or not; at first it is not.
struct Membership;

/// What is asked of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    /// Be in, or not.
    Become(bool),
    /// Is it in?
    Look,
}

/// What a call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Told {
    Nothing,
    /// Whether it was in before.
    WasIn(bool),
}

impl Model for Membership {
    type State = bool;
    type Op = Asked;
    type Ret = Told;
    type Next = Option<bool>;

    fn init(&self) -> bool {
        false
    }

    fn step(&self, is_in: &bool, asked: &Asked, seen: Observed<&Told>) -> Option<bool> {
        match seen {
            Observed::Returned(Told::WasIn(was)) if was != is_in => None,
            Observed::Returned(_) | Observed::Lost => Some(match *asked {
                Asked::Become(next) => next,
                Asked::Look => *is_in,
            }),
        }
    }

    fn is_pure(&self, asked: &Asked, _seen: Observed<&Told>) -> bool {
        *asked == Asked::Look
    }
}

/// Configurations to visit for each call on an element before it is given up.
const CONFIGURATIONS: u64 = 256;

/// The verdict on all elements, after those added once were found consistent.
pub(super) fn check(elements: &[SetElement]) -> MonitorVerdict {
    let mut given_up = None;
    for element in elements {
        let Some(doubt) = element.added_twice() else { continue };
        let calls = calls(element);
        let configurations = CONFIGURATIONS * (calls.len() as u64 + 64);
        let budget = Budget { configurations, ..Budget::default() };
        match engine::search(&Membership, &calls, &budget, Orders::Untold).answer {
            Answer::Violation { .. } if planted(Bug::SetForgetRepeated) => {}
            Answer::Violation { stuck } => {
                let reason = Violation::Contradictory { op: calls[stuck].index };
                return MonitorVerdict::invalid(element.ops(), reason);
            }
            Answer::Linearizable(_) => {}
            Answer::Spent | Answer::Stopped => given_up = given_up.or(Some(doubt)),
        }
    }
    given_up.map_or(MonitorVerdict::Valid, MonitorVerdict::undecided)
}

fn calls(element: &SetElement) -> Vec<Call<Asked, Told>> {
    let named = |all: &[Take]| all.iter().map(|made| made.op).collect::<BTreeSet<OpIndex>>();
    let (fresh, taken) = (named(&element.fresh), named(&element.taken));
    let changed = |all: &BTreeSet<OpIndex>, made: &Take, was| {
        if all.contains(&made.op) { Told::WasIn(was) } else { Told::Nothing }
    };
    let call = |made: &Take, asked, told| {
        let position = |moment| Position(u32::try_from(moment).expect("a position"));
        let invoked = position(made.span.from);
        if made.span.to == NEVER {
            return Call::lost(made.op, asked, invoked);
        }
        Call::returned(made.op, asked, told, invoked, position(made.span.to))
    };
    let adds = element
        .adds
        .iter()
        .map(|made| call(made, Asked::Become(true), changed(&fresh, made, false)));
    let removals = element
        .removals
        .iter()
        .map(|made| call(made, Asked::Become(false), changed(&taken, made, true)));
    let present = element.present.iter().map(|made| call(made, Asked::Look, Told::WasIn(true)));
    let absent = element.absent.iter().map(|made| call(made, Asked::Look, Told::WasIn(false)));
    let mut calls: Vec<_> = adds.chain(removals).chain(present).chain(absent).collect();
    calls.sort_by_key(|call| call.invoked);
    calls
}
