//! The online check reports what the full check reports, at the first event at which it can.

use super::testing::{Run, register_history};
use super::*;
use crate::agreement::{Chance, events};
use crate::linearizability;
use crate::plant::{self, Bug};
use crate::{Budget, EventKind, Verdict, verify};

/// The result of the check that sees all these events.
fn verdict(model: ModelKind, events: &[Event]) -> Verdict<Anomaly> {
    let history = History::from_events(events.iter().cloned()).unwrap();
    linearizability::check(&history, model, &Options::default()).verdict
}

/// What a bounded monitor makes of these events.
struct Online {
    /// At which event it found something, and what.
    found: Option<(usize, Anomaly)>,
    /// At which event it began not to judge some key.
    declined: Option<usize>,
}

fn online(model: ModelKind, events: &[Event]) -> Online {
    let mut monitor = Monitor::bounded(model);
    let mut declined = None;
    for (at, event) in events.iter().enumerate() {
        if let Some(anomaly) = monitor.push(event).unwrap() {
            return Online { found: Some((at, anomaly.clone())), declined };
        }
        if declined.is_none() && monitor.undecided().next().is_some() {
            declined = Some(at);
        }
    }
    Online { found: None, declined }
}

/// Judges these events online, and compares. Tells whether something was found.
///
/// That linearizability is closed under prefixes makes two of them enough: the one with the event
/// at which something is found, and the one without it.
fn compare(model: ModelKind, events: &[Event], every_prefix: bool) -> Result<bool, String> {
    let Online { found, declined } = online(model, events);
    let end = found.as_ref().map_or(events.len(), |&(at, _)| at);
    let told = |what: String| {
        let history = History::from_events(events.iter().cloned()).unwrap();
        let ops: Vec<String> =
            history.iter().map(|op| format!("  {}", WitnessOp::new(&op))).collect();
        format!("{what}\n{}\n{history:?}", ops.join("\n"))
    };
    let from = if every_prefix { 0 } else { end };
    for length in (from..=end).filter(|_| declined.is_none()) {
        if verdict(model, &events[..length]).is_invalid() {
            return Err(told(format!("the first {length} events are wrong, and nothing was said")));
        }
    }
    let Some((at, anomaly)) = found else { return Ok(false) };
    let whole = verdict(model, &events[..=at]);
    let Some(expected) = whole.anomalies().next() else {
        return Err(told(format!("nothing is wrong up to event {at}, but: {anomaly:#?}")));
    };
    verify::anomaly(&anomaly).map_err(|refused| told(format!("{refused}: {anomaly:#?}")))?;
    // Where a value is written twice, the search may tell another story.
    let writes = events.iter().filter(|e| e.kind == EventKind::Invoke && &*e.f == "write");
    let mut written: Vec<&Value> = writes.map(|write| &write.value).collect();
    written.sort_unstable();
    let is_unique = written.windows(2).all(|pair| pair[0] != pair[1]);
    if anomaly.class != expected.class && is_unique {
        let (is, should_be) = (anomaly.summary, &expected.summary);
        return Err(told(format!("it is `{is}`, and should be `{should_be}`")));
    }
    let history = History::from_events(events[..=at].iter().cloned()).unwrap();
    for op in &anomaly.witness.operations {
        let original = WitnessOp::new(&history.operation(op.index));
        let lost = op.outcome == Outcome::Indeterminate;
        let same = *op == original || lost && op.argument == original.argument;
        if !same {
            return Err(told(format!("{op:?} is {original:?}")));
        }
    }
    Ok(true)
}

/// A register's history of some dozens of operations.
fn long_history(seed: u64) -> Vec<Event> {
    let chance = &mut Chance::new(seed);
    register_history(Run::drawn(chance), chance)
}

#[test]
fn small_registers_are_judged_at_the_first_event_that_is_wrong() {
    let mut found = 0;
    for model in [ModelKind::Register, ModelKind::CasRegister] {
        for seed in 0..20_000 {
            let events = events(model, &mut Chance::new(seed));
            match compare(model, &events, true) {
                Ok(is_wrong) => found += usize::from(is_wrong),
                Err(told) => panic!("{model} seed {seed}: {told}"),
            }
        }
    }
    assert!(found > 3_000, "{found}");
}

#[test]
fn long_registers_are_judged_at_the_first_event_that_is_wrong() {
    let (mut found, mut declined) = (0, 0);
    for seed in 0..20_000 {
        let events = long_history(seed);
        match compare(ModelKind::Register, &events, false) {
            Ok(is_wrong) => found += usize::from(is_wrong),
            Err(told) => panic!("seed {seed}: {told}"),
        }
        declined += usize::from(online(ModelKind::Register, &events).declined.is_some());
    }
    assert!(found > 1_000 && declined > 1_000 && declined < 15_000, "{found} {declined}");
}

#[test]
fn a_beginning_that_was_held_can_be_told_afterwards() {
    let mut seen = [0; 3];
    for seed in 0..10_000 {
        let events = long_history(seed);
        let beginning = Chance::new(seed).below(events.len() + 1);
        let mut builder = crate::HistoryBuilder::new();
        events[..beginning].iter().for_each(|event| builder.push(event).unwrap());
        let mut monitor = Monitor::bounded(ModelKind::Register);
        builder.show(|held| monitor.begin_with(held));
        for event in &events[beginning..] {
            builder.push(event).unwrap();
            let (at, op) = builder.last();
            monitor.push_at(event, at, op).unwrap();
        }
        let declined = monitor.undecided().next().is_some();
        let expected = verdict(ModelKind::Register, &events);
        if let Some(anomaly) = monitor.found() {
            assert!(expected.is_invalid(), "seed {seed}: {anomaly:#?}");
            verify::anomaly(anomaly).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
            let history = builder.finish();
            for op in &anomaly.witness.operations {
                let original = WitnessOp::new(&history.operation(op.index));
                assert_eq!(op.invoked, original.invoked, "seed {seed}");
                assert_eq!(op.argument, original.argument, "seed {seed}");
            }
        } else {
            assert!(declined || !expected.is_invalid(), "seed {seed}: nothing was found");
        }
        seen[0] += usize::from(declined);
        seen[1] += usize::from(monitor.found().is_some());
        seen[2] += usize::from(!declined && monitor.found().is_none());
    }
    assert!(seen.iter().all(|&times| times > 500), "{seen:?}");
}

#[test]
fn each_mistake_planted_in_the_live_zones_is_caught() {
    let bugs = [
        Bug::OnlineForgetWithin,
        Bug::OnlineForgetAround,
        Bug::OnlineForgetReaders,
        Bug::OnlineForgetOwner,
        Bug::OnlineForgetFailure,
    ];
    for bug in bugs {
        let wrong = |seed| {
            let events = long_history(seed);
            // A mistake may well lead to a state that cannot be; then there is no order to tell of.
            let judged = || compare(ModelKind::Register, &events, false);
            plant::with(bug, || std::panic::catch_unwind(judged).map_or(true, |told| told.is_err()))
        };
        assert!((0..20_000).any(wrong), "{bug:?} was not noticed");
    }
}

#[test]
fn what_is_found_online_is_what_is_found_in_the_end() {
    for model in ModelKind::ALL {
        for seed in 0..1_000 {
            let mut all = Vec::new();
            for key in 0..3u32 {
                let of_key = events(model, &mut Chance::new(seed * 3 + u64::from(key)));
                for (place, mut event) in of_key.into_iter().enumerate() {
                    event.process.0 += 1000 * key;
                    event.key = Some(Value::Int(i64::from(key)));
                    all.push((place, key, event));
                }
            }
            all.sort_by_key(|&(place, key, _)| (place, key));
            let mut monitor = Monitor::new(model, Options::default());
            let mut taken = Vec::new();
            for (index, (_, _, event)) in (0..).zip(all) {
                taken.push(Event { index, ..event });
                if monitor.push(&taken[taken.len() - 1]).unwrap().is_some() {
                    break;
                }
            }
            let whole = verdict(model, &taken);
            assert_eq!(monitor.judge().is_some(), whole.is_invalid(), "{model} seed {seed}");
            assert_eq!(monitor.undecided().count(), 0, "{model} seed {seed}");
            let Some(anomaly) = monitor.found() else { continue };
            verify::anomaly(anomaly).unwrap();
            let history = History::from_events(taken).unwrap();
            for op in &anomaly.witness.operations {
                let original = WitnessOp::new(&history.operation(op.index));
                assert_eq!(op.invoked, original.invoked, "{model} seed {seed}: {anomaly:#?}");
                assert_eq!(op.argument, original.argument, "{model} seed {seed}: {anomaly:#?}");
            }
            if let Some(same) = whole.anomalies().find(|same| same.class == anomaly.class) {
                let numbers = |text: &str| text.matches('#').count();
                assert_eq!(numbers(&same.summary), numbers(&anomaly.summary));
            }
        }
    }
}

/// Pushes a write or a read of `value`, from beginning to end.
fn did(monitor: &mut Monitor, index: &mut u64, f: &str, value: &Value) {
    for (kind, carries) in [(EventKind::Invoke, f == "write"), (EventKind::Ok, f == "read")] {
        let value = if carries { value.clone() } else { Value::Nil };
        monitor.push(&Event::new(*index, ProcessId(0), kind, f, value)).unwrap();
        *index += 1;
    }
}

#[test]
fn a_read_of_what_is_no_longer_remembered_is_wrong_all_the_same() {
    let last = i64::try_from(REMEMBERED).unwrap() + 10;
    let cases = [
        (Value::Nil, AnomalyClass::StaleRead, 2),
        (Value::Int(1), AnomalyClass::NonLinearizable, 1),
        (Value::Int(last - 1), AnomalyClass::StaleRead, 3),
        (Value::Int(last - 100), AnomalyClass::StaleRead, 3),
        (Value::Int(last + 1), AnomalyClass::NonLinearizable, 1),
    ];
    for (value, class, size) in cases {
        let (mut monitor, mut index) = (Monitor::bounded(ModelKind::Register), 0);
        for written in 1..=last {
            did(&mut monitor, &mut index, "write", &Value::Int(written));
        }
        did(&mut monitor, &mut index, "read", &Value::Int(last));
        assert_eq!(monitor.found(), None);
        did(&mut monitor, &mut index, "read", &value);
        let anomaly = monitor.found().unwrap();
        verify::anomaly(anomaly).unwrap();
        assert_eq!(anomaly.class, class, "{value}: {}", anomaly.summary);
        assert_eq!(anomaly.witness.operations.len(), size, "{value}: {anomaly:#?}");
    }
}

#[test]
fn what_cannot_be_judged_is_said_and_final_reads_are_none_of_it() {
    let mut monitor = Monitor::bounded(ModelKind::CasRegister);
    let mut index = 0;
    did(&mut monitor, &mut index, "write", &Value::Int(1));
    for kind in [EventKind::Invoke, EventKind::Ok] {
        let read = Event::new(index, ProcessId(0), kind, "read", Value::Nil);
        monitor.push(&Event { is_final: true, ..read }).unwrap();
        index += 1;
    }
    assert_eq!(monitor.found(), None, "a replica may lag behind");
    assert_eq!(monitor.undecided().count(), 0);
    did(&mut monitor, &mut index, "cas", &Value::Nil);
    assert_eq!(monitor.undecided().collect::<Vec<_>>(), [None]);
    did(&mut monitor, &mut index, "read", &Value::Int(7));
    assert_eq!(monitor.found(), None, "it is left to the check at the end");
}

#[test]
fn a_key_that_takes_more_than_the_budget_is_left_to_the_check_at_the_end() {
    let budget = Budget { configurations: 1, ..Budget::default() };
    let options = Options { budget, ..Options::default() };
    let (mut monitor, mut index) = (Monitor::new(ModelKind::Register, options), 0);
    for value in [1, 2, 1, 1, 2] {
        did(&mut monitor, &mut index, "write", &Value::Int(value));
        did(&mut monitor, &mut index, "read", &Value::Int(value));
    }
    assert_eq!(monitor.judge(), None);
    assert_eq!(monitor.undecided().collect::<Vec<_>>(), [None]);
}

/// A million operations, ten at a time, one in a hundred lost.
#[test]
fn a_long_run_is_judged_in_little_memory() {
    let (mut monitor, chance) = (Monitor::bounded(ModelKind::Register), &mut Chance::new(1));
    let mut slots: Vec<(u32, Option<(bool, i64)>)> =
        (0..10).map(|process| (process, None)).collect();
    let (mut held, mut next, mut most, mut lost) = (0, 0, 0, 0);
    let mut begun = 0;
    for index in 0.. {
        let slot = &mut slots[chance.below(10)];
        let process = ProcessId(slot.0);
        let event = match slot.1.take() {
            None if begun == 1_000_000 => break,
            None => {
                begun += 1;
                let is_write = chance.one_in(2);
                next += i64::from(is_write);
                slot.1 = Some((is_write, next));
                let (f, value) =
                    if is_write { ("write", Value::Int(next)) } else { ("read", Value::Nil) };
                Event::new(index, process, EventKind::Invoke, f, value)
            }
            Some((is_write, value)) if chance.one_in(100) => {
                slot.0 += 10;
                lost += usize::from(is_write);
                held = if is_write && chance.one_in(2) { value } else { held };
                let f = if is_write { "write" } else { "read" };
                Event::new(index, process, EventKind::Info, f, Value::Nil)
            }
            Some((true, value)) => {
                held = value;
                Event::new(index, process, EventKind::Ok, "write", Value::Nil)
            }
            Some((false, _)) => {
                let value = if held == 0 { Value::Nil } else { Value::Int(held) };
                Event::new(index, process, EventKind::Ok, "read", value)
            }
        };
        assert_eq!(monitor.push(&event).unwrap(), None);
        most = most.max(monitor.held());
    }
    assert!(lost > 1_000, "{lost}");
    assert!(most < lost + REMEMBERED + 100, "{most} clusters were held, and {lost} writes lost");
}
