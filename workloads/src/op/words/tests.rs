use super::*;
use crate::{OpKind, Place, Rng, Seed};

fn int(rng: &mut Rng) -> i64 {
    rng.next_u64().cast_signed() >> rng.below(64)
}

fn key(rng: &mut Rng) -> Key {
    format!("k{}", rng.below(100)).into()
}

fn ints(rng: &mut Rng) -> Vec<i64> {
    (0..rng.below(5)).map(|_| int(rng)).collect()
}

fn action(kind: OpKind, rng: &mut Rng) -> Action {
    let (key, value) = (key(rng), int(rng));
    match kind {
        OpKind::RegisterRead => Action::Register(key, RegisterOp::Read),
        OpKind::RegisterWrite => Action::Register(key, RegisterOp::Write(value)),
        OpKind::RegisterCas => Action::Register(key, RegisterOp::Cas { old: value, new: int(rng) }),
        OpKind::SetAdd => Action::Set(key, SetOp::Add(value)),
        OpKind::SetElements => Action::Set(key, SetOp::Elements),
        OpKind::CounterAdd => Action::Counter(key, CounterOp::Add(value)),
        OpKind::CounterRead => Action::Counter(key, CounterOp::Read),
        OpKind::MultiValueWrite => Action::MultiValue(key, MultiValueOp::Write(value)),
        OpKind::MultiValueRead => Action::MultiValue(key, MultiValueOp::Read),
        OpKind::OrSetAdd => Action::OrSet(key, OrSetOp::Add(value)),
        OpKind::OrSetRemove => Action::OrSet(key, OrSetOp::Remove(value)),
        OpKind::OrSetRead => Action::OrSet(key, OrSetOp::Read),
        OpKind::ListAppend => Action::List(key, ListOp::Append(value)),
        OpKind::ListRead => Action::List(key, ListOp::Read),
        OpKind::Enqueue => Action::Queue(key, QueueOp::Enqueue(value)),
        OpKind::Dequeue => Action::Queue(key, QueueOp::Dequeue),
        OpKind::Acquire => Action::Lock(key, LockOp::Acquire),
        OpKind::Release => Action::Lock(key, LockOp::Release),
        OpKind::Echo => Action::Echo(value),
        OpKind::Generate => Action::Generate,
        OpKind::Transaction => Action::Transaction((0..rng.below(5)).map(|_| part(rng)).collect()),
    }
}

fn part(rng: &mut Rng) -> MicroOp {
    let (key, value) = (key(rng), int(rng));
    match rng.below(5) {
        0 => MicroOp::Read(key),
        1 => MicroOp::Write(key, value),
        2 => MicroOp::Compare(key, Some(value)),
        3 => MicroOp::Compare(key, None),
        _ => MicroOp::Append(key, value),
    }
}

fn optional(rng: &mut Rng) -> Option<i64> {
    (rng.below(3) > 0).then(|| int(rng))
}

fn returned(action: &Action, rng: &mut Rng) -> Returned {
    match action {
        Action::Register(_, RegisterOp::Read)
        | Action::Queue(_, QueueOp::Dequeue)
        | Action::Echo(_) => Returned::Value(optional(rng)),
        Action::Register(_, RegisterOp::Cas { .. }) | Action::Lock(..) if rng.below(2) == 0 => {
            Returned::Mismatch
        }
        Action::Lock(_, LockOp::Acquire) => Returned::Value(Some(int(rng))),
        Action::Set(_, SetOp::Elements)
        | Action::List(_, ListOp::Read)
        | Action::MultiValue(_, MultiValueOp::Read)
        | Action::OrSet(_, OrSetOp::Read) => Returned::Items(ints(rng)),
        Action::Counter(_, CounterOp::Read) => Returned::Count(int(rng)),
        Action::Generate if rng.below(2) == 0 => Returned::Id(Value::str("n1-7")),
        Action::Generate => Returned::Id(Value::Int(int(rng))),
        Action::Transaction(parts) => Returned::Transaction(
            parts
                .iter()
                .map(|part| match (part, rng.below(2)) {
                    (MicroOp::Read(_), 0) => MicroReturned::Value(optional(rng)),
                    (MicroOp::Read(_), _) => MicroReturned::Items(ints(rng)),
                    (MicroOp::Compare(..) | MicroOp::Write(..) | MicroOp::Append(..), _) => {
                        MicroReturned::Done
                    }
                })
                .collect(),
        ),
        _ => Returned::Done,
    }
}

#[test]
fn every_operation_and_completion_written_to_an_event_is_read_back_as_it_was() {
    let mut rng = Seed(9).rng();
    let words = Words::default();
    for round in 0..2000 {
        for kind in OpKind::ALL {
            let place = if round % 2 == 0 { Place::Any } else { Place::Local(2) };
            let op = Op { action: action(kind, &mut rng), place };
            assert_eq!(op.action.kind(), kind);
            let completion = match rng.below(4) {
                0 => Completion::Fail(format!("why {round}")),
                1 => Completion::Info(format!("why {round}")),
                _ => Completion::Ok(returned(&op.action, &mut rng)),
            };
            let process = ProcessId(3);
            let event = words.invocation(process, &op);
            assert_eq!((event.process, event.is_final), (process, op.is_final()));
            let object = Object::of(&op.action);
            assert_eq!(Object::named(object.name()), Some(object));
            let read = read_action(object, &event);
            assert_eq!(read.as_ref(), Ok(&op.action), "{event:?}");
            let event = words.completion(process, &op, &completion);
            let read = read_completion(&op.action, &event);
            assert_eq!(read.as_ref(), Ok(&completion), "{op:?} {event:?}");
        }
    }
}

#[test]
fn an_event_of_another_object_is_no_operation() {
    let words = Words::default();
    let add = Op { action: Action::Set("s".into(), SetOp::Add(1)), place: Place::Any };
    let event = words.invocation(ProcessId(0), &add);
    let strange = Strange { f: "add".into(), object: Object::Register };
    assert_eq!(read_action(Object::Register, &event), Err(strange));
    assert_eq!(
        read_action(Object::Counter, &event),
        Ok(Action::Counter("s".into(), CounterOp::Add(1))),
        "`add` alone does not tell a set from a counter"
    );
    let write = Event::new(0, ProcessId(0), EventKind::Invoke, "write", Value::str("x"));
    assert!(read_action(Object::Register, &write).is_err(), "neither a key nor a number");
}
