use std::sync::Arc;

use super::*;
use crate::linearizability::{self, Method, Report};
use crate::plant::{self, Bug};
use crate::{Budget, ProcessId, Verdict};

const MODELS: [ModelKind; 2] = [ModelKind::Kv, ModelKind::ListAppend];

#[test]
fn texts_and_lists_whose_elements_repeat_are_judged_as_by_brute_force() {
    for model in MODELS {
        let mut counts = [0; 3];
        for seed in 0..1_500 {
            match growing_case(model, seed) {
                Ok(Some(Agreed::Linearizable)) => counts[0] += 1,
                Ok(Some(Agreed::NotLinearizable)) => counts[1] += 1,
                Ok(None) => counts[2] += 1,
                Err(told) => panic!("{told}"),
            }
        }
        let [valid, invalid, unknown] = counts;
        assert!(valid > 150 && invalid > 150 && unknown < 150, "{model}: {counts:?}");
    }
}

#[test]
fn each_mistake_planted_in_what_decides_on_repeats_is_caught() {
    for bug in [
        Bug::GrowthForgetWithin,
        Bug::GrowthForgetBetween,
        Bug::GrowthForgetPrefixes,
        Bug::GrowthForgetMissed,
        Bug::GrowthRaiseTooFar,
        Bug::GrowthForgetInvocations,
        Bug::GrowthForgetUnseen,
        Bug::GrowthForgetOrders,
        Bug::GrowthForgetSurplus,
        Bug::GrowthStrikeStart,
        Bug::GrowthTrustHints,
    ] {
        let wrong = |seed| plant::with(bug, || growing_case(ModelKind::Kv, seed)).is_err();
        assert!((0..200_000).any(wrong), "{bug:?} was not noticed");
    }
}

/// Clients of a correct text or list, all on one key.
struct Clients {
    model: ModelKind,
    count: u32,
    operations: usize,
    texts: usize,
    /// One change in `put_odds` is a put; 0: none is.
    put_odds: usize,
}

/// An operation in flight: who does what, and what it returned once it has taken effect.
type Flight = (u32, &'static str, Value, Option<Value>);

impl Clients {
    fn ask(&self, chance: &mut Chance) -> (&'static str, Value) {
        let is_text = self.model == ModelKind::Kv;
        if chance.one_in(2) {
            return (if is_text { "get" } else { "read" }, Value::Nil);
        }
        let what = Value::str(&format!("x {} y", chance.below(self.texts)));
        let is_put = self.put_odds > 0 && chance.one_in(self.put_odds);
        (if is_put { "put" } else { "append" }, what)
    }

    fn answer(&self, held: &mut Vec<Value>, f: &str, what: &Value) -> Value {
        match f {
            "put" => *held = vec![what.clone()],
            "append" => held.push(what.clone()),
            _ if self.model == ModelKind::ListAppend => return Value::list(held.iter().cloned()),
            _ => return Value::str(&held.iter().filter_map(Value::as_str).collect::<String>()),
        }
        Value::Nil
    }

    /// What they do, and the key they do it to.
    fn events(&self, key: i64, chance: &mut Chance) -> Vec<Event> {
        let mut events = Vec::new();
        let mut flights: Vec<Flight> = Vec::new();
        let mut held = Vec::new();
        let mut push = |process, kind, f, value: &Value| {
            let event = Event::new(events.len() as u64, ProcessId(process), kind, f, value.clone());
            events.push(Event { key: Some(Value::Int(key)), ..event });
        };
        let mut free: Vec<u32> = (0..self.count).collect();
        let mut begun = 0;
        while begun < self.operations || !flights.is_empty() {
            let may_begin = begun < self.operations && !free.is_empty();
            if may_begin && (flights.is_empty() || chance.one_in(2)) {
                let process = free.remove(chance.below(free.len()));
                let (f, what) = self.ask(chance);
                push(process, EventKind::Invoke, f, &what);
                flights.push((process, f, what, None));
                begun += 1;
                continue;
            }
            let at = chance.below(flights.len());
            let (process, f, what, answer) = &mut flights[at];
            match answer {
                None => *answer = Some(self.answer(&mut held, f, what)),
                Some(answer) => {
                    push(*process, EventKind::Ok, f, answer);
                    free.push(*process);
                    flights.remove(at);
                }
            }
        }
        events
    }
}

/// Judges with a budget that the search alone would spend.
fn check(events: Vec<Event>, model: ModelKind, certificates: Certificates) -> (History, Report) {
    let history = History::from_events(events).unwrap();
    let budget = Budget { configurations: 2_000_000, ..Budget::default() };
    let options = Options { budget, certificates, ..Options::default() };
    let report = linearizability::check(&history, model, &options);
    (history, report)
}

/// Makes a read near the end return what a much earlier one did.
fn spoil(events: &mut [Event]) {
    let is_read = |at: &usize| events[*at].kind == EventKind::Ok && events[*at].value != Value::Nil;
    let reads: Vec<usize> = (0..events.len()).filter(is_read).collect();
    events[reads[reads.len() * 9 / 10]].value = events[reads[reads.len() / 2]].value.clone();
}

#[test]
fn long_histories_of_twenty_texts_or_elements_are_decided_without_search() {
    for model in MODELS {
        let clients = Clients { model, count: 10, operations: 1_000, texts: 20, put_odds: 0 };
        for seed in 0..3 {
            let mut events = clients.events(0, &mut Chance::new(seed));
            let (history, report) = check(events.clone(), model, Certificates::Orders);
            assert_eq!(report.parts[0].method, Method::LongestRead, "{model} seed {seed}");
            let Verdict::Valid { certificate } = report.verdict else {
                panic!("{model} seed {seed}: {:?}", report.verdict)
            };
            verify::certificate(&history, model, &certificate).unwrap();
            spoil(&mut events);
            let (_, report) = check(events, model, Certificates::Named);
            assert_eq!(report.parts[0].method, Method::LongestRead, "{model} seed {seed}");
            let anomaly = report.verdict.anomalies().next().expect("a read was spoiled");
            verify::anomaly(anomaly).unwrap();
        }
    }
}

#[test]
fn texts_put_and_appended_again_and_again_are_decided_without_search() {
    let clients =
        Clients { model: ModelKind::Kv, count: 10, operations: 200, texts: 20, put_odds: 10 };
    let mut decided = 0;
    for seed in 0..10 {
        let events = clients.events(0, &mut Chance::new(seed));
        let (history, report) = check(events, clients.model, Certificates::Orders);
        assert!(!report.verdict.is_invalid(), "seed {seed}: {:?}", report.verdict);
        if let Verdict::Valid { certificate } = &report.verdict {
            verify::certificate(&history, clients.model, certificate).unwrap();
            decided += usize::from(report.parts[0].method == Method::LongestRead);
        }
    }
    assert!(decided >= 9, "{decided} of 10 were decided");
}

#[test]
fn every_key_is_refuted_if_that_is_quick_before_any_is_searched() {
    // Reads of the first key can be cut in several ways, and there are many orders.
    let hard = Clients { model: ModelKind::Kv, count: 40, operations: 400, texts: 1, put_odds: 0 };
    let mut events = hard.events(0, &mut Chance::new(1));
    let letters = ["a", "aa", "aaa", "aaaa"];
    let mut which = 0;
    for event in &mut events {
        event.value = match &event.value {
            Value::Str(_) if event.kind == EventKind::Invoke => {
                which += 1;
                Value::str(letters[which % letters.len()])
            }
            Value::Str(_) => Value::str(&"a".repeat(which)),
            other => other.clone(),
        };
    }
    let read = |index, kind, value| Event {
        key: Some(Value::Int(1)),
        ..Event::new(index, ProcessId(900), kind, "get", value)
    };
    let next = events.len() as u64;
    events.push(read(next, EventKind::Invoke, Value::Nil));
    events.push(read(next + 1, EventKind::Ok, Value::Str(Arc::from("never"))));
    let (_, report) = check(events, ModelKind::Kv, Certificates::Named);
    let [first, second] = &report.parts[..] else { panic!("there are two keys") };
    assert_eq!((first.method, second.method), (Method::Search, Method::LongestRead));
    assert!(report.verdict.is_invalid());
    assert!(first.configurations < 50_000, "the budget was not spent on it: {first:?}");
}
