use super::*;
use crate::linearizability::{self, Options};
use crate::{Doubt, Event, EventKind, History, ProcessId, Value};

/// A function, its argument and its return.
type Did<'a> = (&'a str, Value, Value);

/// A history of operations that all return, one after the other.
fn history(ops: &[Did<'_>]) -> History {
    let event = |at: usize, kind, f: &str, value: &Value| {
        Event::new(at as u64, ProcessId(0), kind, f, value.clone())
    };
    let events = ops.iter().enumerate().flat_map(|(at, (f, argument, ret))| {
        [event(2 * at, EventKind::Invoke, f, argument), event(2 * at + 1, EventKind::Ok, f, ret)]
    });
    History::from_events(events).unwrap()
}

fn guess(ops: &[Did<'_>]) -> Result<ModelKind, String> {
    let tally = history(ops).tally();
    Guess::of(&tally).map(|guess| guess.model).map_err(|why| why.to_string())
}

const NIL: Value = Value::Nil;

fn int(number: i64) -> Value {
    Value::Int(number)
}

#[test]
fn each_model_is_guessed_from_what_only_it_does() {
    let text = || Value::str("a");
    let pair = Value::list([int(1), int(2)]);
    let ones = || Value::list([int(1)]);
    let cases: &[(ModelKind, &[Did<'_>])] = &[
        (ModelKind::CasRegister, &[("write", int(1), NIL), ("read", NIL, int(1))]),
        (ModelKind::CasRegister, &[("set", int(1), NIL), ("get", NIL, int(1))]),
        (ModelKind::CasRegister, &[("cas", pair, NIL), ("read", NIL, int(2))]),
        (ModelKind::CasRegister, &[("put", text(), NIL), ("get", NIL, text())]),
        (ModelKind::Kv, &[("append", text(), NIL), ("get", NIL, text())]),
        (ModelKind::Kv, &[("put", text(), NIL), ("get", NIL, Value::str(""))]),
        (ModelKind::Set, &[("add", int(1), NIL), ("read", NIL, ones())]),
        (ModelKind::Set, &[("add", text(), NIL)]),
        (ModelKind::Set, &[("add", int(1), NIL), ("contains", int(1), Value::Bool(true))]),
        (ModelKind::Counter, &[("add", int(1), int(1)), ("read", NIL, int(1))]),
        (ModelKind::Queue, &[("enqueue", int(1), NIL), ("dequeue", NIL, int(1))]),
        (ModelKind::Stack, &[("push", int(1), NIL), ("pop", NIL, int(1))]),
        (ModelKind::Stack, &[("push", int(1), NIL), ("peek", NIL, int(1))]),
        (ModelKind::Deque, &[("push-back", int(1), NIL), ("peek-front", NIL, int(1))]),
        (ModelKind::Mutex, &[("acquire", NIL, NIL), ("release", NIL, Value::Bool(false))]),
        (ModelKind::PriorityQueue, &[("insert", int(1), NIL), ("delete-min", NIL, int(1))]),
        (ModelKind::ListAppend, &[("append", int(1), NIL), ("read", NIL, ones())]),
        (ModelKind::CasRegister, &[]),
    ];
    for (model, ops) in cases {
        assert_eq!(guess(ops), Ok(*model), "{ops:?}");
    }
}

#[test]
fn an_addition_alone_is_not_guessed_to_be_of_a_set() {
    let why = "`add` may be of a set or of a counter";
    assert_eq!(guess(&[("add", int(1), int(1))]).unwrap_err(), why);
    // Nor with a read that says nothing.
    let why = "`add` and `read` may be of a set or of a counter";
    assert_eq!(guess(&[("add", int(1), NIL), ("read", NIL, NIL)]).unwrap_err(), why);
}

#[test]
fn values_that_are_not_the_models_are_not_guessed() {
    let balances = Value::Map(Arc::from([(Value::str("alice"), int(3))]));
    let bank = [("read", NIL, balances)];
    let why = guess(&bank).unwrap_err();
    assert!(why.contains("of a cas-register, but operations read maps and wrote nothing"), "{why}");
    let read_as_text = [("write", int(1), NIL), ("read", NIL, Value::str("1"))];
    let why = guess(&read_as_text).unwrap_err();
    assert!(why.contains("operations read texts and wrote whole numbers"), "{why}");
    let mixed = [("add", int(1), NIL), ("read", NIL, int(1)), ("read", NIL, Value::list([]))];
    let why = guess(&mixed).unwrap_err();
    assert!(why.contains("of a set, but `read` returned whole numbers"), "{why}");
    assert!(why.contains("of a counter, but `read` returned lists"), "{why}");
    let lone = [("pop", NIL, int(1))];
    let why = guess(&lone).unwrap_err();
    assert!(why.contains("took out whole numbers and put in nothing"), "{why}");
}

#[test]
fn functions_of_no_model_or_of_several_are_named() {
    let transfer = [("transfer", NIL, NIL), ("read", NIL, NIL)];
    assert_eq!(guess(&transfer).unwrap_err(), "no model has `transfer`");
    let both = [("enqueue", int(1), NIL), ("write", int(1), NIL)];
    assert_eq!(guess(&both).unwrap_err(), "no model has all of `enqueue` and `write`");
}

#[test]
fn a_given_model_that_lacks_a_function_names_those_that_have_it() {
    let tally = history(&[("set", int(1), int(1)), ("get", NIL, int(0))]).tally();
    let lacks = LacksFunction::of(ModelKind::Kv, &tally).unwrap();
    assert_eq!(lacks.having, [ModelKind::Register, ModelKind::CasRegister]);
    assert_eq!(
        lacks.to_string(),
        "the model kv has no `set`, only `get`, `put`, `append`, `read` and `write`; \
         models that have it: register and cas-register"
    );
    assert_eq!(LacksFunction::of(ModelKind::Register, &tally), None);
    let tally = history(&[("transfer", NIL, NIL)]).tally();
    let lacks = LacksFunction::of(ModelKind::Stack, &tally).unwrap().to_string();
    assert!(lacks.ends_with("no model has it"), "{lacks}");
}

#[test]
fn a_model_understands_the_functions_that_it_names_and_no_others() {
    let every: std::collections::BTreeSet<&str> =
        ModelKind::ALL.iter().flat_map(|model| model.functions()).copied().collect();
    for model in ModelKind::ALL {
        for &f in &every {
            let history = history(&[(f, NIL, NIL)]);
            let report = linearizability::check(&history, model, &Options::default());
            let unknown = report.verdict.doubts().any(|doubt| {
                matches!(doubt, Doubt::Unsupported { reason, .. }
                    if reason.contains("is not a function of this model"))
            });
            assert_eq!(unknown, !model.has(f), "{f} of a {model}: {report:?}");
        }
        let named = model.functions().iter().filter(|&&f| model.summary().contains(f));
        let least = model.functions().len().min(2);
        assert!(named.count() >= least, "{model}: {}", model.summary());
    }
}
