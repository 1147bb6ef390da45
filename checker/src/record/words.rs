//! Calls on built-in models, in the words of a history.

use super::Call;
use crate::linearizability::{self, Options, Report};
use crate::model::{
    Container, ContainerOp, ContainerRet, Counter, CounterOp, CounterRet, Deque, DequeOp, DequeRet,
    End, Fifo, LeastFirst, Lifo, List, ListOp, ListRet, Register, RegisterOp, RegisterRet, Set,
    SetOp, SetRet, Text, TextOp, TextRet,
};
use crate::{
    Event, EventKind, History, HistoryError, Model, ModelKind, Observed, ProcessId, Value,
};

/// What a history says of a call: see [`Event`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The function.
    pub f: &'static str,
    /// What it carried.
    pub argument: Value,
    /// What it returned; nil if that is not known.
    pub ret: Value,
}

/// A built-in model, whose ops have words in a history. Not a mutex: its ops name processes of their
/// own.
pub trait Worded: Model {
    /// Its name.
    const KIND: ModelKind;

    /// What a history says of `op` seen to return so.
    fn words(op: &Self::Op, seen: Observed<&Self::Ret>) -> Words;
}

/// Judges calls on an object that is to be like a built-in model, by the fastest method
/// available; a violation has a name and a minimal witness. Calls must be in the order of their
/// invocations.
///
/// ```
/// use rashomon_checker::linearizability::Options;
/// use rashomon_checker::model::{ContainerOp, ContainerRet, Queue};
/// use rashomon_checker::record::{self, Recorder};
///
/// let recorder = Recorder::new();
/// let mut log = recorder.log();
/// log.call(ContainerOp::Insert(7), || ContainerRet::Inserted);
/// log.call(ContainerOp::Take, || ContainerRet::Taken(None)); // But 7 is there.
/// let report = record::check(&Queue::new(), &recorder.merge([log]), &Options::default())?;
/// let anomaly = report.verdict.anomalies().next().expect("the queue is not empty");
/// assert_eq!(anomaly.class.name(), "false-empty");
/// println!("{anomaly}");
/// # Ok::<(), rashomon_checker::HistoryError>(())
/// ```
///
/// # Errors
///
/// If two calls of one process overlap.
pub fn check<M: Worded>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    options: &Options,
) -> Result<Report, HistoryError> {
    Ok(linearizability::check(&history(model, calls)?, M::KIND, options))
}

/// The history that calls on a built-in model make. A call that does not say whose it is has a
/// process of its own.
///
/// # Errors
///
/// If two calls of one process overlap.
pub fn history<M: Worded>(
    _model: &M,
    calls: &[Call<M::Op, M::Ret>],
) -> Result<History, HistoryError> {
    let known = calls.iter().filter_map(|call| call.process).max();
    let mut fresh = known.map_or(0, |process| process.0 + 1);
    let mut events = Vec::with_capacity(2 * calls.len());
    for call in calls {
        let process = call.process.unwrap_or(ProcessId(fresh));
        fresh += u32::from(call.process.is_none());
        let Words { f, argument, ret } = M::words(&call.op, call.observed());
        let event = |at: u32, kind, value| Event::new(at.into(), process, kind, f, value);
        events.push(event(call.invoked.0, EventKind::Invoke, argument));
        events.extend(call.completed.map(|end| event(end.0, EventKind::Ok, ret)));
    }
    events.sort_by_key(|event| event.index);
    History::from_events(events)
}

fn words(f: &'static str, argument: impl Into<Value>, ret: impl Into<Value>) -> Words {
    Words { f, argument: argument.into(), ret: ret.into() }
}

fn maybe<V: Clone + Into<Value>>(value: Option<&V>) -> Value {
    value.cloned().map_or(Value::Nil, Into::into)
}

impl<V> Worded for Register<V>
where
    Self: Model<Op = RegisterOp<V>, Ret = RegisterRet<V>>,
    V: Clone + Into<Value>,
{
    const KIND: ModelKind = ModelKind::CasRegister;

    fn words(op: &RegisterOp<V>, seen: Observed<&RegisterRet<V>>) -> Words {
        let ret = match seen {
            Observed::Returned(RegisterRet::Read(value)) => maybe(value.as_ref()),
            Observed::Returned(RegisterRet::Swapped(swapped)) => Value::Bool(*swapped),
            Observed::Returned(RegisterRet::Written) | Observed::Lost => Value::Nil,
        };
        match op {
            RegisterOp::Read => words("read", Value::Nil, ret),
            RegisterOp::Write(value) => words("write", value.clone(), ret),
            RegisterOp::Cas { old, new } => {
                let pair = [maybe(old.as_ref()), new.clone().into()];
                words("cas", Value::list(pair), ret)
            }
        }
    }
}

impl Worded for Counter {
    const KIND: ModelKind = ModelKind::Counter;

    fn words(op: &CounterOp, seen: Observed<&CounterRet>) -> Words {
        match (op, seen) {
            (CounterOp::Add(amount), _) => words("add", *amount, Value::Nil),
            (CounterOp::Read, Observed::Returned(CounterRet::Sum(sum))) => {
                words("read", Value::Nil, *sum)
            }
            (CounterOp::Read, _) => words("read", Value::Nil, Value::Nil),
        }
    }
}

/// Words for what is put in, and for what is taken out.
fn contained<V: Clone + Into<Value>>(
    [insert, take]: [&'static str; 2],
    op: &ContainerOp<V>,
    seen: Observed<&ContainerRet<V>>,
) -> Words {
    let ret = match seen {
        Observed::Returned(ContainerRet::Taken(found) | ContainerRet::Peeked(found)) => {
            maybe(found.as_ref())
        }
        Observed::Returned(ContainerRet::Inserted) | Observed::Lost => Value::Nil,
    };
    match op {
        ContainerOp::Insert(element) => words(insert, element.clone(), ret),
        ContainerOp::Take => words(take, Value::Nil, ret),
        ContainerOp::Peek => words("peek", Value::Nil, ret),
    }
}

/// Names a container by its discipline.
macro_rules! contained {
    ($discipline:ty, $kind:ident, $insert:literal, $take:literal) => {
        impl<V> Worded for Container<V, $discipline>
        where
            Self: Model<Op = ContainerOp<V>, Ret = ContainerRet<V>>,
            V: Clone + Into<Value>,
        {
            const KIND: ModelKind = ModelKind::$kind;

            fn words(op: &ContainerOp<V>, seen: Observed<&ContainerRet<V>>) -> Words {
                contained([$insert, $take], op, seen)
            }
        }
    };
}

contained!(Fifo, Queue, "enqueue", "dequeue");
contained!(Lifo, Stack, "push", "pop");
contained!(LeastFirst, PriorityQueue, "insert", "delete-min");

impl<V> Worded for Deque<V>
where
    Self: Model<Op = DequeOp<V>, Ret = DequeRet<V>>,
    V: Clone + Into<Value>,
{
    const KIND: ModelKind = ModelKind::Deque;

    fn words(op: &DequeOp<V>, seen: Observed<&DequeRet<V>>) -> Words {
        let ret = match seen {
            Observed::Returned(DequeRet::Found(found)) => maybe(found.as_ref()),
            Observed::Returned(DequeRet::Pushed) | Observed::Lost => Value::Nil,
        };
        match op {
            DequeOp::Push(End::Front, element) => words("push-front", element.clone(), ret),
            DequeOp::Push(End::Back, element) => words("push-back", element.clone(), ret),
            DequeOp::Pop(End::Front) => words("pop-front", Value::Nil, ret),
            DequeOp::Pop(End::Back) => words("pop-back", Value::Nil, ret),
            DequeOp::Peek(End::Front) => words("peek-front", Value::Nil, ret),
            DequeOp::Peek(End::Back) => words("peek-back", Value::Nil, ret),
        }
    }
}

impl<V> Worded for Set<V>
where
    Self: Model<Op = SetOp<V>, Ret = SetRet<V>>,
    V: Clone + Into<Value>,
{
    const KIND: ModelKind = ModelKind::Set;

    fn words(op: &SetOp<V>, seen: Observed<&SetRet<V>>) -> Words {
        let ret = match seen {
            Observed::Returned(SetRet::Contains(so) | SetRet::Changed(so)) => Value::Bool(*so),
            Observed::Returned(SetRet::Elements(held)) => {
                Value::list(held.iter().cloned().map(Into::into))
            }
            Observed::Returned(SetRet::Done) | Observed::Lost => Value::Nil,
        };
        match op {
            SetOp::Add(element) => words("add", element.clone(), ret),
            SetOp::Remove(element) => words("remove", element.clone(), ret),
            SetOp::Contains(element) => words("contains", element.clone(), ret),
            SetOp::Read => words("read", Value::Nil, ret),
        }
    }
}

impl<V> Worded for List<V>
where
    Self: Model<Op = ListOp<V>, Ret = ListRet<V>>,
    V: Clone + Into<Value>,
{
    const KIND: ModelKind = ModelKind::ListAppend;

    fn words(op: &ListOp<V>, seen: Observed<&ListRet<V>>) -> Words {
        let ret = match seen {
            Observed::Returned(ListRet::Elements(held)) => {
                Value::list(held.iter().cloned().map(Into::into))
            }
            Observed::Returned(ListRet::Appended) | Observed::Lost => Value::Nil,
        };
        match op {
            ListOp::Append(element) => words("append", element.clone(), ret),
            ListOp::Read => words("read", Value::Nil, ret),
        }
    }
}

impl Worded for Text {
    const KIND: ModelKind = ModelKind::Kv;

    fn words(op: &TextOp, seen: Observed<&TextRet>) -> Words {
        let ret = match seen {
            Observed::Returned(TextRet::Got(text)) => Value::Str(text.clone()),
            Observed::Returned(TextRet::Done) | Observed::Lost => Value::Nil,
        };
        match op {
            TextOp::Get => words("get", Value::Nil, ret),
            TextOp::Put(text) => words("put", Value::Str(text.clone()), ret),
            TextOp::Append(text) => words("append", Value::Str(text.clone()), ret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Chance;
    use crate::linearizability::{Judgement, check_calls};
    use crate::model::{PriorityQueue, Queue, Stack};
    use crate::{Budget, OpIndex, Position};

    /// Does random calls, of which `ops` and `rets` have every sort, one after the other with all of
    /// them open from one to the next; says how many were judged not to have an order.
    fn agree<M: Worded>(model: &M, ops: &[M::Op], rets: &[M::Ret]) -> usize {
        let mut invalid = 0;
        for seed in 0..2_000 {
            let mut chance = Chance::new(seed);
            let calls: Vec<_> = (0..5)
                .map(|at| {
                    let op = ops[chance.below(ops.len())].clone();
                    let ret = rets[chance.below(rets.len())].clone();
                    let (begins, ends) = (Position(4 * at), Position(4 * at + 5));
                    if chance.one_in(8) {
                        Call::lost(OpIndex(at), op, begins)
                    } else {
                        Call::returned(OpIndex(at), op, ret, begins, ends)
                    }
                })
                .filter(|call| {
                    // What no state allows has no words: a write that says what it read.
                    let state = ops.iter().fold(vec![model.init()], |mut states, op| {
                        let next = states.iter().flat_map(|it| {
                            model.step(it, op, Observed::Lost).into_iter().collect::<Vec<_>>()
                        });
                        let next: Vec<_> = next.collect();
                        states.extend(next);
                        states
                    });
                    let mut some = state.iter();
                    some.any(|it| model.step(it, &call.op, call.observed()).into_iter().count() > 0)
                })
                .collect();
            let expected = check_calls(model, &calls, &Budget::default());
            let report = check(model, &calls, &Options::default()).expect("processes of their own");
            let has_order = matches!(expected, Judgement::Linearizable(_));
            assert_eq!(report.verdict.is_valid(), has_order, "seed {seed}: {calls:#?}");
            invalid += usize::from(report.verdict.is_invalid());
        }
        invalid
    }

    #[test]
    fn calls_have_the_verdict_of_their_history() {
        let (take, put) = (ContainerOp::Take, ContainerRet::Inserted);
        let ops = [ContainerOp::Insert(1), ContainerOp::Insert(2), take, ContainerOp::Peek];
        let found = [None, Some(1), Some(2)];
        let rets =
            found.map(ContainerRet::Taken).into_iter().chain(found.map(ContainerRet::Peeked));
        let rets: Vec<ContainerRet<i64>> = rets.chain([put]).collect();
        assert!(agree(&Queue::new(), &ops, &rets) > 100);
        assert!(agree(&Stack::new(), &ops, &rets) > 100);
        assert!(agree(&PriorityQueue::new(), &ops, &rets) > 100);
        let ops =
            [RegisterOp::Read, RegisterOp::Write(1), RegisterOp::Cas { old: Some(1), new: 2 }];
        let rets = found.map(RegisterRet::Read).into_iter().chain([RegisterRet::Written]);
        let swaps = [true, false].map(RegisterRet::Swapped);
        let rets: Vec<RegisterRet<i64>> = rets.chain(swaps).collect();
        assert!(agree(&Register::new(), &ops, &rets) > 100);
        let ops = [CounterOp::Read, CounterOp::Add(1), CounterOp::Add(3)];
        let rets = [CounterRet::Added, CounterRet::Sum(0), CounterRet::Sum(1), CounterRet::Sum(4)];
        assert!(agree(&Counter, &ops, &rets) > 100);
    }
}
