//! Random small histories: the checker against the definition, which the verifier spells out, and
//! against linearizability, which implies most invariants.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::agreement::{self, Chance};
use crate::invariants::check;
use crate::linearizability::{self, Options};
use crate::plant::{self, Bug};
use crate::verify;
use crate::{
    Anomaly, AnomalyClass, Event, EventKind, History, Invariant, ModelKind, ProcessId, Property,
    Value, Witness, WitnessOp,
};

/// An operation that a random history may have: its function, its argument, and what it may return.
type Choice = (&'static str, Value, Vec<Value>);

fn ints(numbers: &[i64]) -> Vec<Value> {
    numbers.iter().copied().map(Value::Int).collect()
}

fn balances(of: [Option<i64>; 2]) -> Value {
    let value = |it: Option<i64>| it.map_or(Value::Nil, Value::Int);
    let pair = |name, it| Value::list([Value::str(name), value(it)]);
    Value::list([pair("x", of[0]), pair("y", of[1])])
}

fn choices(invariant: Invariant) -> Vec<Choice> {
    let done = || vec![Value::Nil];
    let one = || Value::Int(1);
    match invariant {
        Invariant::SetFull => {
            let held = [vec![], vec![1], vec![1], vec![1, 2], vec![1, 1]];
            let held = held.iter().map(|it| Value::list(ints(it))).collect::<Vec<_>>();
            let read = ("read", Value::Nil, held);
            let again = read.clone();
            vec![("add", one(), done()), ("remove", one(), done()), read, again]
        }
        Invariant::UniqueIds => vec![("generate", Value::Nil, ints(&[1, 2, 3, 4, 5, 6, 7, 8, 9]))],
        Invariant::TotalQueue => {
            let takes = [ints(&[1, 2]), vec![Value::Nil; 2]].concat();
            let take = ("dequeue", Value::Nil, takes);
            vec![("enqueue", one(), done()), ("enqueue", Value::Int(2), done()), take.clone(), take]
        }
        Invariant::Monotonic | Invariant::MonotonicRealtime => {
            let write = |value| ("write", Value::Int(value), done());
            let read = ("read", Value::Nil, ints(&[1, 2, 3]));
            vec![write(1), write(2), read.clone(), read]
        }
        Invariant::LongFork => {
            let keys = ["x", "y", "z"];
            let sees = |mask: usize| {
                let value = |at| if mask >> at & 1 == 1 { Value::Int(1) } else { Value::Nil };
                let pair = |at: usize| Value::list([Value::str(keys[at]), value(at)]);
                Value::list((0..keys.len()).map(pair))
            };
            let write = |key| ("write", Value::list([Value::str(key), Value::Int(1)]), done());
            let read = ("read", Value::Nil, (0..8).map(sees).collect::<Vec<_>>());
            let writes = keys.into_iter().map(write);
            writes.chain([read.clone(), read.clone(), read]).collect()
        }
        Invariant::Bank => {
            let read = [[5, 5], [4, 6], [5, 6], [-1, 11], [5, 4]];
            let read = read.map(|it| balances(it.map(Some))).to_vec();
            vec![("read", Value::Nil, read), ("transfer", Value::Nil, done())]
        }
        Invariant::MutualExclusion => {
            let says = || vec![Value::Nil, Value::Nil, Value::Bool(false)];
            vec![("acquire", Value::Nil, says()), ("release", Value::Nil, says())]
        }
        Invariant::Fencing => {
            let numbers = [ints(&[1, 2, 3, 4]), vec![Value::Bool(false)]].concat();
            vec![("acquire", Value::Nil, numbers), ("release", Value::Nil, done())]
        }
        Invariant::OrSet | Invariant::MvRegister | Invariant::LwwRegister => {
            replicated_choices(invariant)
        }
        Invariant::CounterBounds | Invariant::PnCounter => {
            let add = |amount| ("add", Value::Int(amount), done());
            vec![add(1), add(-1), ("read", Value::Nil, ints(&[-1, 0, 1, 2]))]
        }
    }
}

/// The same, of replicated data types that final reads judge.
fn replicated_choices(invariant: Invariant) -> Vec<Choice> {
    let done = || vec![Value::Nil];
    let one = || Value::Int(1);
    match invariant {
        Invariant::OrSet => {
            let held = [vec![], vec![1], vec![1]];
            let held = held.iter().map(|it| Value::list(ints(it))).collect::<Vec<_>>();
            let read = ("read", Value::Nil, held);
            let again = read.clone();
            vec![("add", one(), done()), ("remove", one(), done()), read, again]
        }
        Invariant::MvRegister => {
            let held = [vec![], vec![1], vec![2], vec![1, 2], vec![2, 3]];
            let held = held.iter().map(|it| Value::list(ints(it))).collect::<Vec<_>>();
            let write = |value| ("write", Value::Int(value), done());
            let read = ("read", Value::Nil, held);
            vec![write(1), write(2), read.clone(), read]
        }
        _ => {
            let write = |value| ("write", Value::Int(value), done());
            let read = ("read", Value::Nil, [ints(&[1, 2]), vec![Value::Nil]].concat());
            vec![write(1), write(2), read.clone(), read]
        }
    }
}

/// A history of two to nine such operations, by three processes, perhaps with final reads at its end.
fn random(invariant: Invariant, chance: &mut Chance) -> History {
    let choices = choices(invariant);
    let mut events: Vec<Event> = Vec::new();
    let mut running: [Option<(Choice, Option<Arc<str>>)>; 3] = [None, None, None];
    let mut names = [0, 1, 2];
    let mut left = 2 + chance.below(8);
    while left > 0 || running.iter().any(Option::is_some) {
        let at = chance.below(3);
        let index = events.len() as u64;
        let process = ProcessId(names[at]);
        match running[at].take() {
            Some(((f, argument, returns), node)) => {
                let (kind, value) = match chance.below(10) {
                    0 => (EventKind::Fail, argument),
                    1 | 2 => (EventKind::Info, argument),
                    _ => (EventKind::Ok, chance.pick(&returns)),
                };
                if kind == EventKind::Info {
                    names[at] += 3;
                }
                events.push(Event { node, ..Event::new(index, process, kind, f, value) });
            }
            None if left > 0 => {
                left -= 1;
                let choice = chance.pick(&choices);
                let (f, argument, _) = choice.clone();
                let node: Option<Arc<str>> =
                    chance.pick(&[None, Some("n1"), Some("n2")]).map(Arc::from);
                let event = Event::new(index, process, EventKind::Invoke, f, argument);
                events.push(Event { node: node.clone(), ..event });
                running[at] = Some((choice, node));
            }
            None => {}
        }
    }
    let of_finals =
        [Invariant::OrSet, Invariant::MvRegister, Invariant::LwwRegister, Invariant::PnCounter];
    if of_finals.contains(&invariant) || invariant == Invariant::SetFull && chance.one_in(3) {
        finals(&choices[2].2, &mut events, chance);
    }
    History::from_events(events).unwrap()
}

fn finals(returns: &[Value], events: &mut Vec<Event>, chance: &mut Chance) {
    for process in 100..102 {
        for (kind, value) in
            [(EventKind::Invoke, Value::Nil), (EventKind::Ok, chance.pick(returns))]
        {
            let index = events.len() as u64;
            let event = Event::new(index, ProcessId(process), kind, "read", value);
            events.push(Event { is_final: true, ..event });
        }
    }
}

/// The classes that the definition finds: of the whole history taken for a witness.
fn by_definition(history: &History, invariant: Invariant) -> BTreeSet<AnomalyClass> {
    let groups = match invariant {
        // Each process by itself.
        Invariant::Monotonic => {
            let processes: BTreeSet<ProcessId> = history.iter().map(|it| it.process).collect();
            processes.into_iter().map(Some).collect()
        }
        _ => vec![None],
    };
    let mut classes = BTreeSet::new();
    for process in groups {
        let all = history.iter().filter(|it| process.is_none_or(|process| process == it.process));
        let operations: Vec<WitnessOp> = all.map(|it| WitnessOp::new(&it)).collect();
        let witness = Witness {
            property: Property::Invariant(invariant),
            operations,
            order: Vec::new(),
            stuck: None,
        };
        let violates = |class: &AnomalyClass| {
            let (key, summary, facts) = (None, String::new(), Vec::new());
            let witness = witness.clone();
            let anomaly = Anomaly { class: *class, key, summary, facts, witness };
            verify::anomaly(&anomaly).is_ok()
        };
        classes.extend(AnomalyClass::ALL.into_iter().filter(violates));
    }
    classes
}

/// Whether the checker and the definition agree on this history, or the checker says that it cannot tell.
fn agrees(history: &History, invariant: Invariant) -> Result<(), String> {
    let report = check(history, invariant);
    for anomaly in report.verdict.anomalies() {
        verify::anomaly(anomaly).map_err(|why| format!("{why}: {anomaly:#?}"))?;
    }
    let classes: BTreeSet<AnomalyClass> = report.verdict.anomalies().map(|it| it.class).collect();
    let mut expected = by_definition(history, invariant);
    // What they decline to judge: a register whose values may shrink, a value that is written twice, or
    // that nothing is known to have written.
    let declines = [
        Invariant::Monotonic,
        Invariant::MonotonicRealtime,
        Invariant::MvRegister,
        Invariant::LwwRegister,
    ];
    if classes.is_empty() && report.verdict.is_unknown() && declines.contains(&invariant) {
        expected.clear();
    }
    let told: Vec<String> = history.iter().map(|it| WitnessOp::new(&it).to_string()).collect();
    let told = told.join("\n");
    if covers(&classes, &expected) {
        Ok(())
    } else {
        Err(format!("{invariant}: found {classes:?}, not {expected:?}\n{told}"))
    }
}

/// Whether the same was found. An element that came from nowhere is judged no further.
fn covers(found: &BTreeSet<AnomalyClass>, expected: &BTreeSet<AnomalyClass>) -> bool {
    // An element that nothing added; final reads that disagree.
    let ghost = [AnomalyClass::PhantomElement, AnomalyClass::FalseFailure];
    let is_ghost = ghost.iter().any(|class| found.contains(class) && expected.contains(class));
    found == expected || is_ghost && found.is_subset(expected)
}

/// The first of these seeds on which they disagree.
fn disagreement(invariant: Invariant, seeds: std::ops::Range<u64>) -> Option<String> {
    seeds.into_iter().find_map(|seed| {
        let history = random(invariant, &mut Chance::new(seed));
        agrees(&history, invariant).err().map(|why| format!("seed {seed}: {why}"))
    })
}

#[test]
fn the_checker_finds_what_the_definition_names() {
    for invariant in Invariant::ALL {
        if let Some(why) = disagreement(invariant, 0..6_000) {
            panic!("{why}");
        }
    }
}

#[test]
fn random_histories_keep_each_invariant_and_break_it() {
    for invariant in Invariant::ALL {
        let verdict = |seed| check(&random(invariant, &mut Chance::new(seed)), invariant).verdict;
        let verdicts: Vec<_> = (0..500).map(verdict).collect();
        assert!(verdicts.iter().filter(|it| it.is_valid()).count() > 5, "{invariant}");
        assert!(verdicts.iter().filter(|it| it.is_invalid()).count() > 5, "{invariant}");
    }
}

/// What a correct object does breaks no invariant: a violation is one of linearizability too.
#[test]
fn what_is_linearizable_keeps_the_invariants() {
    let pairs = [
        (Invariant::SetFull, ModelKind::Set),
        (Invariant::TotalQueue, ModelKind::Queue),
        (Invariant::TotalQueue, ModelKind::Stack),
        (Invariant::MutualExclusion, ModelKind::Mutex),
        (Invariant::CounterBounds, ModelKind::Counter),
        (Invariant::MonotonicRealtime, ModelKind::Counter),
        (Invariant::MonotonicRealtime, ModelKind::CasRegister),
    ];
    for (invariant, model) in pairs {
        let mut broken = 0;
        for seed in 0..4_000 {
            let history = agreement::history(model, &mut Chance::new(seed));
            let report = check(&history, invariant);
            if report.verdict.is_invalid() {
                broken += 1;
                let whole = linearizability::check(&history, model, &Options::default()).verdict;
                assert!(!whole.is_valid(), "{invariant} seed {seed}: {:#?}", report.verdict);
            }
        }
        assert!(broken > 0, "{invariant} of a {model}: nothing was broken");
    }
}

#[test]
fn planted_mistakes_are_found() {
    for (bug, invariant) in [
        (Bug::SetFullForgetOverlap, Invariant::SetFull),
        (Bug::SetFullForgetReadd, Invariant::SetFull),
        (Bug::IdsForgetDistant, Invariant::UniqueIds),
        (Bug::QueueForgetTwice, Invariant::TotalQueue),
        (Bug::QueueForgetUnknownTakes, Invariant::TotalQueue),
        (Bug::ForkEqualOnly, Invariant::LongFork),
        (Bug::BankForgetGains, Invariant::Bank),
        (Bug::LockForgetUnreleased, Invariant::MutualExclusion),
        (Bug::FencingAllowEqual, Invariant::Fencing),
        (Bug::BoundsForgetNegative, Invariant::CounterBounds),
        (Bug::BoundsTrustReplicas, Invariant::PnCounter),
        (Bug::OrSetForgetConcurrent, Invariant::OrSet),
        (Bug::OrSetForgetOthers, Invariant::OrSet),
        (Bug::SiblingsForgetSeen, Invariant::MvRegister),
        (Bug::LastWriteForgetOverlap, Invariant::LwwRegister),
    ] {
        let found = plant::with(bug, || disagreement(invariant, 0..6_000));
        assert!(found.is_some(), "{bug:?} is not found");
    }
}

/// A register whose writes may come in another order shrinks, and nothing is wrong with that.
#[test]
fn the_mistake_of_trusting_writes_is_found() {
    let condemned = |seed| {
        let history = agreement::history(ModelKind::CasRegister, &mut Chance::new(seed));
        let options = Options::default();
        check(&history, Invariant::MonotonicRealtime).verdict.is_invalid()
            && linearizability::check(&history, ModelKind::CasRegister, &options).verdict.is_valid()
    };
    assert!(!(0..4_000).any(condemned));
    assert!(plant::with(Bug::MonotonicTrustWrites, || (0..4_000).any(condemned)));
}
