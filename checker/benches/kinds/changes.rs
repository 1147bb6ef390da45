//! One wrong return, and why it certainly is.

use rashomon_checker::Value;

use super::{Chance, NEVER, Object, Op};

/// Changes one return to one that no order of the operations explains. `ops` are in the order in
/// which they took effect.
///
/// # Panics
///
/// If there is nothing to change.
pub(super) fn spoil(object: Object, ops: &mut [Op], chance: &mut Chance) {
    let mut wrong: Vec<(usize, Value)> = Vec::new();
    for at in 0..ops.len() {
        if ops[at].ends != NEVER {
            wrong.extend(returns(object, ops, at).map(|ret| (at, ret)));
        }
    }
    if wrong.is_empty() {
        // Nothing put that in. It is plain, but all that is certain here.
        let takes = (0..ops.len()).filter(|&at| matches!(ops[at].f, "dequeue" | "pop"));
        wrong.extend(takes.map(|at| (at, Value::Int(-1))));
    }
    let late = wrong.len() / 2;
    assert!(!wrong.is_empty(), "nothing can be wrong with these {} of {object:?}", ops.len());
    let which = late as u64 + chance.below((wrong.len() - late) as u64);
    let (at, ret) = wrong.swap_remove(usize::try_from(which).expect("it is a place"));
    ops[at].ret = ret;
}

/// A wrong return for the operation `at`, if there is one for which that is plain.
fn returns(object: Object, ops: &[Op], at: usize) -> Option<Value> {
    let op = &ops[at];
    let before = |it: &&Op| it.ends < op.begins;
    let perhaps = |it: &&Op| it.begins <= op.ends;
    let count = |f, is: &dyn Fn(&&Op) -> bool| ops.iter().filter(|it| it.f == f).filter(is).count();
    match (object, op.f) {
        // All that was appended for certain is more than it shows.
        (Object::Text | Object::List, "get" | "read") => {
            let certain = count("append", &before);
            let earlier = ops[..at].iter().rev().filter(|it| it.f == op.f);
            earlier.map(|it| &it.ret).find(|ret| shown(ret) < certain).cloned()
        }
        (Object::Queue, "dequeue") => taken(ops, at, ["enqueue", "dequeue"]),
        (Object::Stack | Object::Fresh, "pop") => taken(ops, at, ["push", "pop"]),
        // What was done last for certain says otherwise.
        (Object::Set, "contains") => {
            let (last, other) =
                if op.ret == Value::Bool(true) { ("add", "remove") } else { ("remove", "add") };
            let about = |f| move |it: &&Op| it.f == f && it.argument == op.argument;
            let others = ops.iter().filter(about(other)).filter(perhaps);
            let over = others.map(|it| it.ends).max().unwrap_or(0);
            let is_certain =
                ops.iter().filter(about(last)).any(|it| over < it.begins && it.ends < op.begins);
            is_certain.then(|| Value::Bool(op.ret != Value::Bool(true)))
        }
        // One more than all that can have been added.
        (Object::Small, "read") => Some(Value::Int(1 + most(ops, op))),
        (Object::Large, "read") => Some(Value::Int(op.ret.as_int()? + 1)), // No multiple of 1000.
        // Whatever gave it was over before a write that was over before the read began.
        (Object::Register | Object::Cas, "read") => {
            let values = (0..50).map(Value::Int);
            let mut gone = values.filter(|value| is_overwritten(ops, op, value));
            gone.next()
        }
        _ => None,
    }
}

/// How many appends a text or list shows.
fn shown(ret: &Value) -> usize {
    match ret {
        Value::Str(text) => text.matches('x').count(),
        ret => ret.as_list().map_or(0, <[Value]>::len),
    }
}

/// Nothing, if more was put in for certain than can have been taken out; else a value that was put in
/// no more often than it is taken out already.
fn taken(ops: &[Op], at: usize, [put, take]: [&str; 2]) -> Option<Value> {
    let op = &ops[at];
    let certain = ops.iter().filter(|it| it.f == put && it.ends < op.begins).count();
    let perhaps = ops.iter().filter(|it| it.f == take && it.begins <= op.ends).count();
    if certain > perhaps {
        return Some(Value::Nil);
    }
    let put_count =
        |value: &Value| ops.iter().filter(|it| it.f == put && it.argument == *value).count();
    let take_count =
        |value: &Value| ops.iter().filter(|it| it.f == take && it.ret == *value).count();
    let others = ops.iter().filter(|it| it.f == put && it.argument != op.ret);
    let mut values = others.map(|it| &it.argument);
    values.find(|value| put_count(value) <= take_count(value)).cloned()
}

/// The most that the sum can be for a read.
fn most(ops: &[Op], read: &Op) -> i64 {
    let adds = ops.iter().filter(|it| it.f == "add" && it.begins <= read.ends);
    let amounts = adds.map(|it| {
        let amount = it.argument.as_int().unwrap_or_default();
        if it.ends < read.begins { amount } else { amount.max(0) }
    });
    amounts.sum()
}

fn is_overwritten(ops: &[Op], read: &Op, value: &Value) -> bool {
    let gives = |it: &&Op| match it.argument.as_list() {
        Some([_, new]) => new == value && it.ret == Value::Bool(true),
        _ => it.f == "write" && it.argument == *value,
    };
    let sources = ops.iter().filter(|it| it.begins <= read.ends).filter(gives);
    let Some(over) = sources.map(|it| it.ends).max() else { return false };
    let others = ops.iter().filter(|it| it.f == "write" && it.argument != *value);
    others.into_iter().any(|it| over < it.begins && it.ends < read.begins)
}
