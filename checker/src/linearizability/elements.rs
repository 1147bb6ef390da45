//! A set of which no call tells of more than one element.
//!
//! What such a call returns depends on its own element alone, and it changes nothing else. So the
//! set is many independent objects, one for each element, and linearizability is local (Herlihy and
//! Wing 1990): the calls have an order iff those on each element have one. An element has two states;
//! the whole set has as many as it has subsets.

use rustc_hash::FxHashMap;

use super::engine::{self, Answer, Orders};
use super::findings::doubt;
use super::{Certificates, Finding, Found, Method, Options, Part, Search};
use super::{decode, explain, judged};
use crate::plant::{Bug, planted};
use crate::rounds::{self, Attempt, Task};
use crate::{Budget, Doubt, History, ModelKind, ValueId, Verdict};

/// The calls on each element, in the order of their first use. `None` if the object is no set, some
/// call tells of several elements, or an order of all calls is to be told. O(n).
fn split(history: &History, model: ModelKind, part: &Part, options: &Options) -> Option<Vec<Part>> {
    if model != ModelKind::Set || options.certificates == Certificates::Orders {
        return None;
    }
    let mut place: FxHashMap<ValueId, usize> = FxHashMap::default();
    let mut elements: Vec<Part> = Vec::new();
    for &op in &part.operations {
        let tells_of_one = matches!(history.f(op), "add" | "remove" | "contains");
        if !tells_of_one && !planted(Bug::ElementsForgetReads) {
            return None;
        }
        let at = *place.entry(history.argument_id(op)).or_insert(elements.len());
        if at == elements.len() {
            elements.push(Part { key: part.key.clone(), operations: Vec::new() });
        }
        elements[at].operations.push(op);
    }
    Some(elements)
}

/// Judges a set element by element, if that is possible.
pub(super) fn judge<'a>(
    history: &'a History,
    model: ModelKind,
    part: &'a Part,
    options: &Options,
) -> Option<Finding<'a>> {
    let elements = split(history, model, part, options)?;
    let tasks: Vec<Element<'_>> =
        elements.iter().map(|part| Element { history, part, options }).collect();
    let mut all = engine::Search {
        answer: Answer::Linearizable(None),
        configurations: 0,
        bytes: 0,
        events: 0,
        proved_events: 0,
    };
    let mut blamed = None;
    for (element, Tried(found)) in elements.iter().zip(rounds::share(&tasks, &options.budget)) {
        let Found { search, calls } = match found {
            Ok(found) => found,
            Err(doubt) => {
                let verdict = Verdict::unknown(doubt);
                return Some(Finding::Told(judged(part, verdict, Method::Declined, None)));
            }
        };
        all.configurations += search.configurations;
        all.bytes = all.bytes.max(search.bytes);
        all.events += search.events;
        all.proved_events += search.proved_events;
        match (&search.answer, &all.answer) {
            (Answer::Violation { stuck }, _) if blamed.is_none() => {
                blamed = Some((element.clone(), (calls[*stuck], search.configurations)));
            }
            (Answer::Spent | Answer::Stopped, Answer::Linearizable(_)) => {
                all.answer = search.answer;
            }
            _ => {}
        }
    }
    if let Some((element, seen)) = blamed {
        let explain = move |options: &_| explain::search(history, model, &element, seen, options);
        return Some(Finding::seen(part, Method::Search, Some(&all), explain));
    }
    let verdict = match doubt(part.key.as_ref(), &all) {
        Some(doubt) => Verdict::unknown(doubt),
        None => Verdict::valid(Method::Search.name()),
    };
    Some(Finding::Told(judged(part, verdict, Method::Search, Some(&all))))
}

/// The calls on one element, to be judged.
struct Element<'a> {
    history: &'a History,
    part: &'a Part,
    options: &'a Options,
}

/// What came of it, or why it was not understood.
struct Tried(Result<Found, Doubt>);

impl Task for Element<'_> {
    type Answer = Tried;

    fn events(&self) -> u64 {
        2 * self.part.operations.len() as u64
    }

    fn attempt(&self, budget: &Budget) -> Tried {
        let search = Search { budget, orders: Orders::Untold };
        let (ops, failed_cas) = (&self.part.operations, self.options.failed_cas);
        Tried(decode::with_model(ModelKind::Set, self.history, ops, failed_cas, search))
    }

    fn ends_all(&self, Tried(found): &Tried) -> bool {
        found.as_ref().is_ok_and(|it| matches!(it.search.answer, Answer::Violation { .. }))
    }
}

impl Attempt for Tried {
    fn visited(&self) -> u64 {
        self.0.as_ref().map_or(0, |found| found.search.configurations)
    }

    fn is_spent(&self) -> bool {
        self.0.as_ref().is_ok_and(|found| found.search.answer == Answer::Spent)
    }
}
