use super::*;
use crate::{AnomalyClass, Event, EventKind, ProcessId, Time, verify};

/// Reads a history. `3+7` process 3 adds 7 (or writes it), and is acknowledged; `3?7` it never
/// learns; `3!7` it fails; `n1=1,2` a final read of n1 finds 1 and 2; `n1~1` an earlier read.
fn history(kind: ConvergenceKind, text: &str) -> History {
    let mut events: Vec<Event> = Vec::new();
    let mut reader = 100;
    for word in text.split_whitespace() {
        let at = word.find(['+', '?', '!', '=', '~']).unwrap();
        let (who, told) = word.split_at(at);
        let (sign, what) = told.split_at(1);
        let values = || what.split(',').filter_map(|number| number.parse().ok().map(Value::Int));
        let end = match sign {
            "?" => EventKind::Info,
            "!" => EventKind::Fail,
            _ => EventKind::Ok,
        };
        let is_read = matches!(sign, "=" | "~");
        let (f, argument, answer, process, node) = if is_read {
            reader += 1;
            let found = match kind {
                ConvergenceKind::Set | ConvergenceKind::List | ConvergenceKind::MultiValue => {
                    Value::list(values())
                }
                ConvergenceKind::Register | ConvergenceKind::Counter => {
                    values().next().unwrap_or_default()
                }
            };
            ("read", Value::Nil, found, reader, Some(Arc::from(who)))
        } else {
            let f = match kind {
                ConvergenceKind::Register | ConvergenceKind::MultiValue => "write",
                ConvergenceKind::List => "append",
                ConvergenceKind::Set | ConvergenceKind::Counter => "add",
            };
            (f, values().next().unwrap(), Value::Nil, who.parse().unwrap(), None)
        };
        for (kind, value) in [(EventKind::Invoke, argument), (end, answer)] {
            let index = events.len() as u64;
            events.push(Event {
                is_final: sign == "=",
                node: node.clone(),
                time: Time(index * 100_000_000),
                ..Event::new(index, ProcessId(process), kind, f, value)
            });
        }
    }
    History::from_events(events).unwrap()
}

#[track_caller]
fn judge(kind: ConvergenceKind, text: &str) -> ConvergenceReport {
    let report = check(&history(kind, text), kind);
    for anomaly in report.verdict.anomalies() {
        verify::anomaly(anomaly).unwrap();
    }
    report
}

fn classes(report: &ConvergenceReport) -> Vec<AnomalyClass> {
    report.verdict.anomalies().map(|anomaly| anomaly.class).collect()
}

fn values(named: &[Named]) -> Vec<String> {
    named.iter().map(|named| named.value.to_string()).collect()
}

const SET: ConvergenceKind = ConvergenceKind::Set;
const REGISTER: ConvergenceKind = ConvergenceKind::Register;
const MULTI_VALUE: ConvergenceKind = ConvergenceKind::MultiValue;
const COUNTER: ConvergenceKind = ConvergenceKind::Counter;
const LIST: ConvergenceKind = ConvergenceKind::List;

#[test]
fn replicas_that_hold_everything_acknowledged_converge() {
    let report = judge(SET, "1+1 2+2 3?3 n1=1,2 n2=2,1");
    assert!(report.verdict.is_valid());
    assert_eq!(report.acknowledged, 2);
    assert_eq!(values(&report.never_read), ["3"]);
    assert_eq!(values(&judge(SET, "1+1 3?3 n1=1,3 n2=3,1").recovered), ["3"]);
}

#[test]
fn an_element_in_no_final_read_is_lost_and_named() {
    let report = judge(SET, "1+1 2+2 n1=1 n2=1");
    assert_eq!(classes(&report), [AnomalyClass::LostElement]);
    assert_eq!(values(&report.lost), ["2"]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert!(summary.contains("2 was added by p2 and acknowledged at 0.300 s"), "{summary}");
}

#[test]
fn an_unacknowledged_element_that_was_seen_and_is_gone_is_lost() {
    assert_eq!(classes(&judge(SET, "0+9 1?1 n1~1,9 n1=9 n2=9")), [AnomalyClass::LostElement]);
}

#[test]
fn an_element_at_some_replicas_only_diverges() {
    let report = judge(SET, "1+1 2+2 n1=1,2 n2=1 n3=2,1");
    assert_eq!(classes(&report), [AnomalyClass::Divergence]);
    assert_eq!(values(&report.diverged), ["2"]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert!(summary.contains("2 is at n1 and n3, and not at n2"), "{summary}");
}

#[test]
fn elements_from_nowhere_are_named() {
    assert_eq!(classes(&judge(SET, "1+1 n1=1,5 n2=1,5")), [AnomalyClass::PhantomElement]);
    assert_eq!(classes(&judge(SET, "1+1 2!5 n1=1,5 n2=1,5")), [AnomalyClass::FalseFailure]);
    assert_eq!(classes(&judge(SET, "1+1 n1=1,1 n2=1")), [AnomalyClass::DuplicateElement]);
}

#[test]
fn what_was_missed_on_the_way_is_named_and_forgiven() {
    let report = judge(SET, "1+1 n1~1 n1~ n1~1 n1=1 n2=1");
    assert!(report.verdict.is_valid());
    assert_eq!(values(&report.stale), ["1"]);
    assert_eq!(values(&report.resurrected), ["1"]);
    assert_eq!(values(&judge(SET, "1+1 n1~1 n2~ n1=1 n2=1").resurrected), [""; 0]);
}

#[test]
fn without_final_reads_nothing_is_known() {
    assert!(judge(SET, "1+1 2+2").verdict.is_unknown());
    assert!(judge(SET, "n1= n2=").verdict.is_unknown());
    assert!(judge(SET, "1+1 n1=1 n2~1").verdict.is_unknown());
}

#[test]
fn registers_that_agree_on_the_last_write_converge() {
    assert!(judge(REGISTER, "1+1 2+2 n1=2 n2=2").verdict.is_valid());
    assert_eq!(values(&judge(REGISTER, "1+1 2?2 n1=2 n2=2").recovered), ["2"]);
}

#[test]
fn registers_that_disagree_diverge() {
    let report = judge(REGISTER, "1+1 2?2 n1=1 n2=2");
    assert_eq!(classes(&report), [AnomalyClass::Divergence]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert_eq!(summary, "replicas disagree in the end: n1 holds 1, n2 holds 2");
}

#[test]
fn an_acknowledged_write_that_an_older_value_survives_is_lost() {
    let report = judge(REGISTER, "1+1 2+2 n1=1 n2=1");
    assert_eq!(classes(&report), [AnomalyClass::LostWrite]);
    assert_eq!(values(&report.lost), ["2"]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert!(summary.contains("2 was written by p2 and acknowledged at 0.300 s"), "{summary}");
    assert_eq!(classes(&judge(REGISTER, "1+1 n1= n2=")), [AnomalyClass::LostWrite]);
    // An indeterminate write of the same value may have come later.
    assert!(judge(REGISTER, "1+1 2+2 3?1 n1=1 n2=1").verdict.is_valid());
}

#[test]
fn multi_value_registers_that_agree_on_what_is_left_converge() {
    assert!(judge(MULTI_VALUE, "1+1 2+2 3?3 n1=2,3 n2=2,3").verdict.is_valid());
    assert!(judge(MULTI_VALUE, "1+1 2+2 n1=1,2 n2=1,2").verdict.is_valid(), "neither had seen any");
    assert_eq!(values(&judge(MULTI_VALUE, "1+1 2?2 n1=1,2 n2=1,2").recovered), ["2"]);
    let apart = judge(MULTI_VALUE, "1+1 2+2 n1=2 n2=1,2");
    assert_eq!(classes(&apart), [AnomalyClass::Divergence]);
    assert_eq!(
        classes(&judge(MULTI_VALUE, "1+1 2!2 n1=1,2 n2=1,2")),
        [AnomalyClass::FalseFailure; 2]
    );
    assert_eq!(classes(&judge(MULTI_VALUE, "1+1 n1=1,7")), [AnomalyClass::ReadFromNowhere]);
}

#[test]
fn an_acknowledged_write_that_only_older_values_survive_is_lost() {
    let report = judge(MULTI_VALUE, "1+1 2+2 3+3 n1=1,2 n2=1,2");
    assert_eq!(classes(&report), [AnomalyClass::LostWrite]);
    assert_eq!(values(&report.lost), ["3"]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert!(summary.contains("the replicas hold 1 and 2, which is older"), "{summary}");
    assert_eq!(classes(&judge(MULTI_VALUE, "1+1 n1= n2=")), [AnomalyClass::LostWrite]);
}

#[test]
fn counters_that_agree_on_a_sum_that_additions_allow_converge() {
    assert!(judge(COUNTER, "1+1 2+2 n1=3 n2=3").verdict.is_valid());
    assert!(judge(COUNTER, "1+1 2?2 n1=3 n2=3").verdict.is_valid());
    assert!(judge(COUNTER, "1+1 2?2 n1=1 n2=1").verdict.is_valid());
    assert!(judge(COUNTER, "1+1 2?-2 3!9 n1=-1 n2=-1").verdict.is_valid());
}

#[test]
fn counters_that_count_differently_diverge() {
    let report = judge(COUNTER, "1+1 2+2 n1=3 n2=1");
    assert_eq!(classes(&report), [AnomalyClass::Divergence]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert_eq!(summary, "replicas disagree in the end: n2 counts 1, n1 counts 3");
}

#[test]
fn an_acknowledged_addition_that_no_replica_counts_is_lost() {
    let report = judge(COUNTER, "1+1 2+2 3?4 n1=2 n2=2");
    assert_eq!(classes(&report), [AnomalyClass::LostWrite]);
    assert_eq!(values(&report.lost), ["1"]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert_eq!(
        summary,
        "acknowledged additions are lost: 2 acknowledged additions leave 3 to 7, but in the end the replicas count 2"
    );
    // A decrement is lost where the sum is too great.
    assert_eq!(classes(&judge(COUNTER, "1+5 2+-2 n1=5 n2=5")), [AnomalyClass::LostWrite]);
}

#[test]
fn a_sum_that_all_additions_together_do_not_make_is_out_of_bounds() {
    let report = judge(COUNTER, "1+1 2+2 3?4 4!9 n1=8 n2=8");
    assert_eq!(classes(&report), [AnomalyClass::CounterOutOfBounds]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert_eq!(summary, "in the end n1 counts 8, more than the 7 that all additions together make");
    assert_eq!(classes(&judge(COUNTER, "1+1 n1=-1 n2=-1")), [AnomalyClass::CounterOutOfBounds]);
}

#[test]
fn sums_that_may_wrap_are_not_judged() {
    assert!(judge(COUNTER, "1+9223372036854775807 2+1 n1=0 n2=0").verdict.is_unknown());
}

/// Replicas that disagree may all lack the same addition: each is asked about, not only the first.
#[test]
fn an_addition_is_lost_though_the_replicas_disagree_too() {
    let report = judge(COUNTER, "1+1 2+2 3+4 n1=1 n2=2");
    assert_eq!(classes(&report), [AnomalyClass::Divergence, AnomalyClass::LostWrite]);
    // One that holds all of them has lost nothing.
    assert_eq!(classes(&judge(COUNTER, "1+1 2+2 n1=1 n2=3")), [AnomalyClass::Divergence]);
}

#[test]
fn lists_that_hold_the_same_items_in_the_same_order_converge() {
    assert!(judge(LIST, "1+1 2+2 3?3 n1=2,1 n2=2,1").verdict.is_valid());
}

#[test]
fn lists_that_hold_the_same_items_in_different_orders_diverge() {
    let report = judge(LIST, "1+1 2+2 3+3 n1=1,2,3 n2=1,3,2");
    assert_eq!(classes(&report), [AnomalyClass::Divergence]);
    assert_eq!(values(&report.diverged), ["2"]);
    let summary = &report.verdict.anomalies().next().unwrap().summary;
    assert_eq!(summary, "replicas have the same items in different orders: 2 is not at one place");
}

#[test]
fn items_of_lists_are_lost_doubled_and_made_up_as_elements_of_sets_are() {
    let report = judge(LIST, "1+1 2+2 n1=1 n2=1");
    assert_eq!(
        (classes(&report), values(&report.lost)),
        (vec![AnomalyClass::LostElement], vec!["2".to_owned()])
    );
    assert_eq!(classes(&judge(LIST, "1+1 n1=1,1 n2=1,1")), [AnomalyClass::DuplicateElement]);
    assert_eq!(classes(&judge(LIST, "1+1 n1=1,7 n2=1,7")), [AnomalyClass::PhantomElement]);
    assert_eq!(classes(&judge(LIST, "1+1 2+2 n1=1,2 n2=1")), [AnomalyClass::Divergence]);
}
