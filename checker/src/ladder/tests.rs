use super::{CHECKS, Ladder, Rung, Standing, Subject};
use crate::agreement::{JUDGED, some_sessions};
use crate::linearizability::Options;
use crate::weak::{
    Sessions, history_of, history_of_events, in_turn, line, session_view, sessions_of, violates,
};
use crate::{Anomaly, AnomalyClass, Consistency, History, ModelKind, OpIndex, Value, verify};

/// The whole ladder of a history of registers.
fn ladder(history: &History) -> Ladder {
    let options = Options::default();
    let mut ladder = Ladder::new();
    ladder.climb(&Subject::new(history, ModelKind::Register, &options));
    ladder
}

/// What each check alone finds, nothing implied.
fn found(history: &History) -> Vec<(Consistency, Standing)> {
    let options = Options::default();
    let subject = Subject::new(history, ModelKind::Register, &options);
    let judged = |check: &super::LadderCheck| {
        let found = (check.judge)(&subject);
        assert_eq!(found.len(), check.models.len(), "{:?}", check.models);
        check.models.iter().copied().zip(found).collect::<Vec<_>>()
    };
    CHECKS.iter().flat_map(judged).collect()
}

fn broken(sessions: &Sessions) -> Vec<(Consistency, Anomaly)> {
    let found = found(&history_of(sessions)).into_iter();
    let of_sessions = found.filter(|(model, _)| JUDGED.contains(model));
    of_sessions
        .filter_map(|(model, standing)| match standing {
            Standing::Broken(anomaly) => Some((model, *anomaly)),
            _ => None,
        })
        .collect()
}

#[test]
fn each_rung_of_random_sessions_is_what_the_definition_says() {
    for seed in 0..2_000 {
        let history = history_of(&some_sessions(seed));
        // An update of unknown outcome may not have happened, and is left out if nothing read it.
        let sessions = session_view(&history).unwrap().sessions;
        let ladder = ladder(&history);
        for model in JUDGED {
            let rung = ladder.rung(model);
            let expected = !violates(model, &sessions).unwrap();
            let told = || format!("seed {seed}, {}: {rung:?}", line(&sessions));
            assert_eq!(rung.holds(), expected, "{}", told());
            assert_eq!(rung.is_broken(), !expected, "{}", told());
        }
    }
}

#[test]
fn no_check_contradicts_an_implication_on_random_histories() {
    for seed in 0..2_000 {
        let sessions = some_sessions(seed);
        let found = found(&history_of(&sessions));
        for (one, standing) in &found {
            for (other, weaker) in found.iter().filter(|(other, _)| one.implies(*other)) {
                let contradicts =
                    *standing == Standing::Held && matches!(weaker, Standing::Broken(_));
                assert!(!contradicts, "{one} holds, {other} not: {}", line(&sessions));
            }
        }
    }
}

#[test]
fn the_verifier_accepts_each_witness_and_refuses_it_with_one_operation_less() {
    let mut classes = std::collections::BTreeSet::new();
    for seed in 0..1_500 {
        let sessions = some_sessions(seed);
        for (model, anomaly) in broken(&sessions) {
            let told = || format!("seed {seed}, {model}, {}: {anomaly}", line(&sessions));
            assert_eq!(verify::anomaly(&anomaly), Ok(()), "{}", told());
            classes.insert(anomaly.class);
            for at in 0..anomaly.witness.operations.len() {
                let mut less = anomaly.clone();
                less.witness.operations.remove(at);
                assert!(verify::anomaly(&less).is_err(), "without {at}: {}", told());
            }
        }
    }
    for class in [
        AnomalyClass::ReadYourWritesViolation,
        AnomalyClass::NonMonotonicRead,
        AnomalyClass::NonMonotonicWrite,
        AnomalyClass::WritesFollowReadsViolation,
        AnomalyClass::NonPram,
        AnomalyClass::CyclicCo,
        AnomalyClass::WriteCoInitRead,
        AnomalyClass::WriteCoRead,
        AnomalyClass::CyclicCf,
        AnomalyClass::CyclicHb,
    ] {
        assert!(classes.contains(&class), "{class} is never found");
    }
}

#[test]
fn the_verifier_judges_spoilt_witnesses_as_the_definition_does() {
    let mut refused = 0;
    for seed in 0..1_500 {
        let sessions = some_sessions(seed);
        let Some((_, anomaly)) = broken(&sessions).pop() else { continue };
        // The evidence for one model shown for each of the others.
        for model in JUDGED {
            let ops = &anomaly.witness.operations;
            let is_told = |op: &u32| ops.iter().any(|it| it.index == index_of(&sessions, *op));
            let places: Vec<u32> = (0..sessions.len()).filter(is_told).collect();
            let expected = violates(model, &sessions.only(&places)).unwrap();
            let mut other = anomaly.clone();
            other.witness.property = crate::Property::Sessions(model);
            let accepted = verify::anomaly(&other).is_ok();
            assert_eq!(accepted, expected, "seed {seed}, as {model}: {anomaly}");
            refused += u64::from(!accepted);
        }
    }
    assert!(refused > 100, "only {refused} were refused");
}

/// Where an operation of sessions stands in the history made of them.
fn index_of(sessions: &Sessions, op: u32) -> OpIndex {
    let place = in_turn(sessions).into_iter().position(|it| it == op);
    OpIndex(u32::try_from(place.unwrap()).unwrap())
}

#[test]
fn each_breach_is_told_by_steps_that_end_in_a_contradiction() {
    let mut searched = 0;
    for seed in 0..1_500 {
        let sessions = some_sessions(seed);
        for (model, anomaly) in broken(&sessions) {
            if model == Consistency::Sequential && anomaly.summary.starts_with("no order") {
                searched += 1; // All orders were tried: no step follows from another.
                continue;
            }
            let told = anomaly.facts.iter().filter(|it| it.text.contains(", because ")).count();
            let ends = anomaly.summary.ends_with(": a cycle")
                || anomaly.summary.contains("the initial value");
            assert!(told > 0 && ends, "{model}, {}: {anomaly}", line(&sessions));
        }
    }
    assert!(searched < 20, "{searched} breaches of sequential consistency are not told");
}

#[test]
fn what_an_implication_decides_is_not_judged() {
    let all = history_of_events("0 invoke write 1\n0 ok write\n1 invoke read\n1 ok read 1");
    let options = Options::default();
    let mut held = Ladder::new();
    held.note(Consistency::Linearizable, Standing::Held);
    held.decide(&Subject::new(&all, ModelKind::Register, &options), Consistency::Sequential);
    let standing = |ladder: &Ladder, model| ladder.rung(model).standing.clone();
    let by = Standing::ImpliedBy(Consistency::Linearizable);
    assert_eq!(standing(&held, Consistency::Sequential), by);
    assert_eq!(standing(&held, Consistency::Prefix), by);

    let unseen = history_of_events("0 invoke write 1\n0 ok write\n0 invoke read\n0 ok read");
    let broken = ladder(&unseen);
    let by = Standing::FallsWith(Consistency::ReadYourWrites);
    for model in [Consistency::Linearizable, Consistency::Sequential, Consistency::Regular] {
        assert_eq!(standing(&broken, model), by, "{model}");
    }
    assert!(broken.rung(Consistency::MonotonicReads).holds());
    assert_eq!(broken.weakest_broken(), [Consistency::ReadYourWrites, Consistency::Safe]);
}

#[test]
fn a_process_that_goes_on_after_a_write_of_unknown_outcome_stays_in_order() {
    let broken_by = |line: &str| {
        let found = broken(&sessions_of(line)).into_iter();
        found.inspect(|(_, it)| assert_eq!(verify::anomaly(it), Ok(()), "{it}")).map(|it| it.0)
    };
    // What it does next comes after what it did before.
    let unseen: Vec<Consistency> = broken_by("wx1 wy2? rx_ | ry2").collect();
    assert!(unseen.contains(&Consistency::ReadYourWrites), "{unseen:?}");
    assert!(unseen.contains(&Consistency::Sequential), "{unseen:?}");
    // So does the write, if it happened.
    let early: Vec<Consistency> = broken_by("wx1 wy2? rx1 | ry2 rx_").collect();
    for model in [Consistency::MonotonicWrites, Consistency::Pram, Consistency::Causal] {
        assert!(early.contains(&model), "{early:?}");
    }
    // But it may have happened after what the process did next.
    assert_eq!(broken_by("wx1? rx_ wy2 | ry2 rx_ rx1").next(), None);
}

#[test]
fn a_read_of_what_nothing_wrote_breaks_every_model_of_sessions() {
    let ladder =
        ladder(&history_of_events("0 invoke read\n0 ok read 7\n1 invoke write 1\n1 ok write"));
    for model in JUDGED {
        assert!(ladder.rung(model).is_broken(), "{model}");
    }
    let Standing::Broken(anomaly) = &ladder.rung(Consistency::MonotonicReads).standing else {
        panic!("it is not judged");
    };
    assert_eq!(anomaly.class, AnomalyClass::ReadFromNowhere);
    assert_eq!(verify::anomaly(anomaly), Ok(()));
    let mut spoilt = anomaly.clone();
    spoilt.witness.operations[0].outcome = crate::Outcome::Ok(Value::Nil);
    assert!(verify::anomaly(&spoilt).is_err(), "a read of the initial value shows nothing");
}

#[test]
fn a_read_of_what_a_failed_write_wrote_breaks_every_model_of_sessions() {
    let ladder =
        ladder(&history_of_events("1 invoke write 7\n1 fail write\n0 invoke read\n0 ok read 7"));
    let Standing::Broken(anomaly) = &ladder.rung(Consistency::MonotonicReads).standing else {
        panic!("it is not judged");
    };
    assert_eq!(anomaly.class, AnomalyClass::FalseFailure);
    assert_eq!(verify::anomaly(anomaly), Ok(()));
    let mut spoilt = anomaly.clone();
    spoilt.witness.operations[0].outcome = crate::Outcome::Indeterminate;
    assert!(verify::anomaly(&spoilt).is_err(), "the write may have happened");
}

#[test]
fn what_cannot_be_judged_is_undecided_with_the_operation() {
    let twice = "0 invoke write 1\n0 ok write\n1 invoke write 1\n1 ok write\n2 invoke read\n2 ok read\n\
                 2 invoke read\n2 ok read 1\n2 invoke read\n2 ok read";
    let swapped =
        "0 invoke write 1\n0 ok write\n1 invoke swap\n1 info swap\n2 invoke read\n2 ok read";
    for (lines, why) in [(twice, "a read does not name its write"), (swapped, "not `swap`")] {
        let ladder = ladder(&history_of_events(lines));
        let Rung { standing: Standing::Undecided(doubts), .. } = ladder.rung(Consistency::Pram)
        else {
            panic!("{:?}", ladder.rung(Consistency::Pram))
        };
        assert!(doubts[0].to_string().contains(why), "{doubts:?}");
    }
}

#[test]
fn a_breach_of_many_operations_is_told_without_an_argument() {
    let mut line = "wz1 wa1".to_owned();
    for at in 1..150 {
        let [read, write] = [at - 1, at].map(|it| ["a", "b", "c"][it % 3]);
        line.push_str(&format!(" | r{read}{at} w{write}{}", at + 1));
    }
    line.push_str(" | rc150 rz_");
    let mut ladder = Ladder::new();
    let (history, options) = (history_of(&sessions_of(&line)), Options::default());
    let subject = Subject::new(&history, ModelKind::Register, &options);
    ladder.decide(&subject, Consistency::Causal);
    let Standing::Broken(anomaly) = &ladder.rung(Consistency::Causal).standing else {
        panic!("{:?}", ladder.rung(Consistency::Causal));
    };
    assert_eq!(anomaly.summary, "no order of these 302 operations is one of causal");
}

#[test]
fn a_stale_reply_is_told_in_plain_words() {
    let sessions = sessions_of("wx1 | rx1 wy2 | ry2 rx_");
    let (_, anomaly) =
        broken(&sessions).into_iter().find(|it| it.0 == Consistency::Causal).unwrap();
    let facts: Vec<&str> = anomaly.facts.iter().map(|fact| &*fact.text).collect();
    assert_eq!(
        facts,
        [
            "let w1 be: p0 wrote 0 to \"x\"",
            "let r1 be: p1 read 0 from \"x\"",
            "let w2 be: p1 wrote 2 to \"y\"",
            "let r2 be: p2 read 2 from \"y\"",
            "let r3 be: p2 read the initial value from \"x\"",
            "w1 comes before r1, because r1 returned what w1 wrote",
            "r1 comes before w2, because p1 invoked them in that order",
            "w2 comes before r2, because r2 returned what w2 wrote",
            "r2 comes before r3, because p2 invoked them in that order",
        ]
    );
    assert_eq!(anomaly.class, AnomalyClass::WriteCoInitRead);
    assert_eq!(
        anomaly.summary,
        "w1 comes before r3, which returned the initial value of the same key"
    );
}
