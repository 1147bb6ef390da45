use super::*;
use crate::agreement::{Chance, events as events_of};
use crate::formats::json;
use crate::groups::Gathered;
use crate::linearizability::{self, Options};
use crate::online::testing::{Run, register_history};
use crate::{ConvergenceKind, Event, ModelKind, ProcessId, Value, Verdict};

/// A history of several small ones, one a key, told all together.
fn file(model: ModelKind, keys: usize, chance: &mut Chance) -> String {
    let of_keys: Vec<Vec<Event>> = (0..keys).map(|_| events_of(model, chance)).collect();
    together(of_keys, chance)
}

/// These histories, one a key, told all together.
fn together(of_keys: Vec<Vec<Event>>, chance: &mut Chance) -> String {
    let keys = of_keys.len();
    let mut sources: Vec<_> = of_keys.into_iter().map(Vec::into_iter).collect();
    let mut text = String::new();
    let mut index = 0;
    while sources.iter().any(|source| source.len() > 0) {
        let at = chance.below(keys);
        let Some(event) = sources[at].next() else { continue };
        let number = u32::try_from(at).unwrap();
        let event = Event {
            index,
            key: (at > 0).then(|| Value::Int(i64::from(number) * 1_000_003)),
            process: ProcessId(event.process.0 * 1000 + number),
            time: Time(index * 1_000_000),
            ..event
        };
        json::push_event(&mut text, &event); // With its line break.
        index += 1;
    }
    text
}

/// A history of registers of some ten thousand operations each.
fn registers(keys: usize, chance: &mut Chance) -> String {
    let run = Run {
        operations: 25_000,
        processes: 1 + chance.below(6),
        pool: if chance.one_in(6) { 12 } else { i64::MAX },
        wrong: [10_000, usize::MAX][chance.below(2)],
        lost: if chance.one_in(10) { 13 } else { 2000 },
        silent: if chance.one_in(4) { 3 } else { usize::MAX },
    };
    let of_keys = (0..keys).map(|_| register_history(run, chance)).collect();
    together(of_keys, chance)
}

fn go_on(_: Beat) -> Heard {
    ControlFlow::Continue(None)
}

struct Judged {
    verdict: Verdict<crate::Anomaly>,
    tally: Tally,
    groups: usize,
    cuts: Vec<Cut>,
    streamed: Vec<Streamed>,
}

fn in_passes(text: &str, model: ModelKind, bytes: u64, again: Again) -> Judged {
    judged(text, model, bytes, again, false)
}

fn judged(text: &str, model: ModelKind, bytes: u64, again: Again, streaming: bool) -> Judged {
    let passes = Passes::new(&ReadOptions::default(), Room { bytes, threads: 2 }, again);
    let mut passes = if streaming { passes.judging(model) } else { passes };
    let mut gathered = Gathered::new(1000);
    let (mut tallies, mut cuts, mut streamed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..10_000 {
        if passes.is_done() {
            let tally = tallies.first().cloned().unwrap();
            assert!(tallies.iter().all(|other| *other == tally), "each pass counts the whole");
            let groups = tallies.len();
            return Judged { verdict: gathered.finish(), tally, groups, cuts, streamed };
        }
        let read = passes.read(text.as_bytes(), &mut go_on).unwrap();
        let Passed::Group(group) = read else { continue };
        gathered.judge(&group.history, model, &Options::default());
        tallies.push(group.tally);
        cuts.extend(group.cut);
        streamed.extend(group.streamed);
    }
    panic!("passes without end over\n{text}");
}

fn whole(text: &str) -> History {
    crate::formats::load(text.as_bytes(), &ReadOptions::default()).unwrap().history
}

#[test]
fn the_verdict_of_passes_is_that_of_the_whole() {
    let mut several = 0;
    for seed in 0..1500u64 {
        let mut chance = Chance::new(seed);
        let model = ModelKind::ALL[chance.below(ModelKind::ALL.len())];
        let text = file(model, 2 + chance.below(200), &mut chance);
        let whole = whole(&text);
        let expected = linearizability::check(&whole, model, &Options::default()).verdict;
        // A part takes at most some ten thousand bytes by count: room for one, or a few.
        let bytes = 60_000 + 1000 * chance.below(100) as u64;
        let judged = in_passes(&text, model, bytes, Again::Yes);
        assert_eq!(judged.cuts, [], "seed {seed}: no part is too large");
        for (found, expected) in judged.verdict.anomalies().zip(expected.anomalies()) {
            assert_eq!(found, expected, "seed {seed}, {} bytes", text.len());
        }
        assert!(judged.verdict == expected, "seed {seed}: {} as {model}", judged.verdict.name());
        assert_eq!(judged.tally, whole.tally(), "seed {seed}");
        several += usize::from(judged.groups > 1);
    }
    assert!(several > 200, "only {several} histories came in groups");
}

#[test]
fn final_reads_of_groups_say_what_they_say_of_the_whole() {
    use crate::convergence::{self, Judge};
    let mut several = 0;
    for seed in 0..600u64 {
        let mut chance = Chance::new(seed);
        let kinds = [ConvergenceKind::Register, ConvergenceKind::Set, ConvergenceKind::Counter];
        let kind = kinds[chance.below(3)];
        let model = match kind {
            ConvergenceKind::Register => ModelKind::CasRegister,
            ConvergenceKind::MultiValue => ModelKind::Register,
            ConvergenceKind::Set => ModelKind::Set,
            ConvergenceKind::Counter => ModelKind::Counter,
            ConvergenceKind::List => ModelKind::ListAppend,
        };
        let text = file(model, 2 + chance.below(200), &mut chance);
        let finals: Vec<String> = text
            .lines()
            .map(|line| match line.strip_suffix('}') {
                Some(open) if line.contains("\"invoke\",\"f\":\"read\"") && !chance.one_in(3) => {
                    let node = chance.below(3);
                    format!("{open},\"final\":true,\"node\":\"n{node}\"}}")
                }
                _ => line.to_owned(),
            })
            .collect();
        let text = finals.join("\n");
        let expected = convergence::check(&whole(&text), kind);
        let room = Room { bytes: 80_000, threads: 2 };
        let mut passes = Passes::new(&ReadOptions::default(), room, Again::Yes);
        let (mut judge, mut groups, mut nodes) = (Judge::new(kind), 0, 0);
        while !passes.is_done() {
            let read = passes.read(text.as_bytes(), &mut go_on).unwrap();
            let Passed::Group(group) = read else { continue };
            assert_eq!(group.cut, None, "seed {seed}");
            judge.add(&group.history);
            (groups, nodes) = (groups + 1, group.tally.nodes);
        }
        let found = judge.finish(nodes);
        assert!(found.verdict == expected.verdict, "seed {seed}: {}", found.verdict.name());
        assert_eq!(found.acknowledged, expected.acknowledged, "seed {seed}");
        several += usize::from(groups > 1);
    }
    assert!(several > 100, "only {several} histories came in groups");
}

#[test]
fn what_does_not_fit_is_judged_as_far_as_it_does_and_never_more() {
    let mut seen = [0; 3];
    for seed in 0..4000u64 {
        let mut chance = Chance::new(seed);
        let model = ModelKind::ALL[chance.below(ModelKind::ALL.len())];
        let text = file(model, 1 + chance.below(4), &mut chance);
        let expected = linearizability::check(&whole(&text), model, &Options::default()).verdict;
        let again = if chance.one_in(2) { Again::Yes } else { Again::No };
        let judged = in_passes(&text, model, 1500 + chance.below(6000) as u64, again);
        for cut in &judged.cuts {
            let Cut::Full { held, of, .. } = *cut else { continue };
            assert!(held < of, "seed {seed}: {held} of {of} events");
        }
        // A violation of a beginning is one; without a cut, the verdict is that of the whole.
        if judged.verdict.is_invalid() {
            assert!(expected.is_invalid(), "seed {seed}\n{text}");
            for anomaly in judged.verdict.anomalies() {
                crate::verify::anomaly(anomaly).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
            }
        } else if judged.cuts.is_empty() {
            assert_eq!(judged.verdict.name(), expected.name(), "seed {seed}\n{text}");
        }
        seen[0] += usize::from(!judged.cuts.is_empty());
        seen[1] += usize::from(judged.verdict.is_invalid() && !judged.cuts.is_empty());
        seen[2] += usize::from(expected.is_invalid() && !judged.verdict.is_invalid());
    }
    assert!(seen.iter().all(|&times| times > 20), "each case was seen: {seen:?}");
}

#[test]
fn a_register_that_does_not_fit_is_judged_to_its_end() {
    let mut seen = [0; 3];
    for seed in 0..40u64 {
        let mut chance = Chance::new(seed);
        let keys = 1 + chance.below(2);
        let text = registers(keys, &mut chance);
        let whole = whole(&text);
        let options = Options::default();
        let expected = linearizability::check(&whole, ModelKind::Register, &options).verdict;
        let again = [Again::Yes, Again::No][chance.below(2)];
        let judged = judged(&text, ModelKind::Register, 6_000_000, again, true);
        assert!(!judged.cuts.is_empty(), "seed {seed}: it does not fit");
        let parts = if again == Again::Yes { keys } else { 1 };
        let is_decided = judged.streamed.len() == parts;
        for streamed in &judged.streamed {
            let Streamed::Anomaly(_, anomaly) = streamed else { continue };
            crate::verify::anomaly(anomaly).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
            assert!(expected.is_invalid(), "seed {seed}: {}", anomaly.summary);
            seen[0] += 1;
        }
        let is_wrong = judged.streamed.iter().any(|it| matches!(it, Streamed::Anomaly(..)));
        if is_decided && !is_wrong {
            assert_eq!(expected.name(), "valid", "seed {seed}");
            seen[1] += 1;
        }
        seen[2] += usize::from(!is_decided);
    }
    assert!(seen.iter().all(|&times| times > 3), "each case was seen: {seen:?}");
}

#[test]
fn an_event_for_which_there_is_no_room_ends_the_reading() {
    let long = "x".repeat(10_000);
    let mut text = file(ModelKind::Register, 3, &mut Chance::new(1));
    let events = text.lines().count();
    text.push_str(&format!(
        r#"{{"process":9,"type":"invoke","f":"write","value":"{long}"}}{}"#,
        "\n"
    ));
    text.push_str(r#"{"process":10,"type":"invoke","f":"read"}"#);
    let judged = in_passes(&text, ModelKind::Register, 100_000, Again::Yes);
    let line = events as u64 + 1;
    let why = Unread::LongEvent { limit: 4096 };
    assert_eq!(judged.cuts.last(), Some(&Cut::Unread { line, why }));
    assert_eq!(judged.tally.events, events as u64);
}

#[test]
fn whoever_listens_may_stop() {
    let text = file(ModelKind::Register, 30, &mut Chance::new(1));
    let room = Room { bytes: 8_000, threads: 1 };
    let mut passes = Passes::new(&ReadOptions::default(), room, Again::Yes);
    let stopped = passes.read(text.as_bytes(), &mut |_| ControlFlow::Break(())).unwrap();
    let Passed::Stopped(group) = stopped else { panic!("there is too much to fit") };
    assert!(matches!(group.cut, Some(Cut::Unread { why: Unread::Stopped, .. })));
    assert_eq!(group.tally.events, group.history.event_count() as u64);
    assert!(!group.history.is_empty() && group.history.len() < whole(&text).len());
    assert!(!passes.is_done(), "it was not read to its end");
}
