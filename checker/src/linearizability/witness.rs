//! What shows that calls on a user's own object have no order.

use std::fmt;

use crate::Call;
use crate::drawing::{COLUMNS, Mark, Row, argue, draw_rows};
use crate::{Clock, Fact, Model, Observed, OpIndex, Time};

/// Calls, few of all there were, that have no order which their model allows, *whatever became of
/// the other calls*: each of those may have happened or not, and have returned anything.
///
/// It displays as a drawing, and the argument below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallWitness<O, R> {
    /// The calls, as they were recorded, in the order of their invocations.
    pub calls: Vec<Call<O, R>>,
    /// As many of them as could be put in an order, first to last, by their places among `calls`.
    pub order: Vec<usize>,
    /// The place of the call that has none in that order.
    pub stuck: Option<usize>,
    /// One sentence that says it all.
    pub summary: String,
    /// What each call did, in the order of `calls`.
    pub facts: Vec<Fact>,
    /// The same in short.
    labels: Vec<String>,
}

impl<O, R> CallWitness<O, R> {
    /// In the words of `model`.
    pub(super) fn new<M: Model<Op = O, Ret = R>>(
        model: &M,
        calls: Vec<Call<O, R>>,
        order: Vec<usize>,
        stuck: Option<usize>,
    ) -> Self {
        let deeds: Vec<String> = calls.iter().map(|call| deed(model, call)).collect();
        let facts = calls.iter().zip(&deeds).map(|(call, deed)| {
            let span = match call.completed {
                Some(end) => format!("from event {} to event {}", call.invoked.0, end.0),
                None => format!("from event {} on", call.invoked.0),
            };
            Fact { text: format!("{} {deed}, {span}", name(call)), ops: vec![call.index] }
        });
        let facts = facts.collect();
        let count = calls.len();
        let summary = match stuck {
            Some(at) => {
                let end = calls[at].completed;
                let when = end.map_or_else(String::new, |end| format!(" at event {}", end.0));
                let who = name(&calls[at]);
                let of = if count == 1 {
                    "and nothing explains it".to_owned()
                } else {
                    format!("and no order of these {count} operations explains it")
                };
                format!("{who} {}{when}, {of}", deeds[at])
            }
            None => format!("no order of these {count} operations explains what they returned"),
        };
        Self { calls, order, stuck, summary, facts, labels: deeds }
    }
}

fn deed<M: Model>(model: &M, call: &Call<M::Op, M::Ret>) -> String {
    let deed = model.describe(&call.op, call.observed());
    match call.seen {
        Observed::Returned(_) => deed,
        Observed::Lost => format!("perhaps {deed}"),
    }
}

/// Whose a call was, or which.
fn name<O, R>(call: &Call<O, R>) -> String {
    call.process.map_or_else(|| call.index.to_string(), |process| process.to_string())
}

impl<O, R> fmt::Display for CallWitness<O, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |at: usize| OpIndex(u32::try_from(at).expect("fewer than events"));
        let order: Vec<OpIndex> = self.order.iter().copied().map(place).collect();
        let row = |(at, call): (usize, &Call<O, R>)| Row {
            name: name(call),
            label: self.labels[at].clone(),
            begun: call.invoked,
            ended: call.completed,
            when: Clock::events(call.invoked, call.completed),
            mark: Mark::of(place(at), &order, self.stuck.map(place)),
            time: (Time(0), Time(0)),
        };
        let drawn = draw_rows(self.calls.iter().enumerate().map(row).collect(), &[], COLUMNS);
        let facts = self.facts.iter().map(|fact| &*fact.text);
        out.write_str(&drawn)?;
        out.write_str(argue(facts, &self.summary, COLUMNS).trim_end())
    }
}
