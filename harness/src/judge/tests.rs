//! What is concluded, and what each doubt does to it.

use rashomon_checker::{ConvergenceKind, Event, EventKind, ProcessId, Time, Value};
use rashomon_targets::{NodeId, SafetyProperty};

use super::*;
use crate::doubt::Whose;
use crate::fault::kill::Kill;
use crate::fault::{Efficacy, FaultSpan, Origin, Victims};
use crate::run::drive::{Ended, Rest, SpanOutcome, Unread};
use crate::run::recorder::Sighting;
use crate::world::{Breakdown, Part};

const REGISTER: [Consistency; 3] =
    [Consistency::Linearizable, Consistency::Durable, Consistency::Convergent];

/// These are required, as they are promised; the others of [`REGISTER`] are looked at.
fn required(required: &[Consistency]) -> Requirement {
    let beyond = REGISTER.into_iter().filter(|check| !required.contains(check));
    let (required, beyond) = (required.to_vec(), beyond.collect());
    let (promised, uncovered, copies) = (required.clone(), vec![], FinalCopies::Read);
    let safety = vec![SafetyProperty::ElectionSafety];
    let [invariants, promised_invariants, required_invariants] = [const { Vec::new() }; 3];
    Requirement {
        by: By::Claim,
        required,
        promised,
        uncovered,
        safety,
        beyond,
        invariants,
        promised_invariants,
        required_invariants,
        copies,
    }
}

/// Events in order. `+` begins an operation, `-` ends it, `!` is a final read from begin to end.
/// `p+ f key value`, `n! key value`.
fn history(lines: &[&str]) -> History {
    let mut events: Vec<Event> = Vec::new();
    let mut push = |process: u32, kind, f: &str, key: &str, value: i64, node: Option<&str>| {
        let index = events.len() as u64;
        events.push(Event {
            time: Time(1000 * (index + 1)),
            key: Some(key.into()),
            node: node.map(Into::into),
            is_final: node.is_some(),
            ..Event::new(index, ProcessId(process), kind, f, Value::Int(value))
        });
    };
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let (who, sign) = words[0].split_at(words[0].len() - 1);
        match (sign, &words[1..]) {
            ("!", &[key, value]) => {
                let value = value.parse().unwrap();
                push(99, EventKind::Invoke, "read", key, value, Some(who));
                push(99, EventKind::Ok, "read", key, value, Some(who));
            }
            (sign, &[f, key, value]) => {
                let kind = if sign == "+" { EventKind::Invoke } else { EventKind::Ok };
                push(who.parse().unwrap(), kind, f, key, value.parse().unwrap(), None);
            }
            _ => panic!("{line}"),
        }
    }
    History::from_events(events).unwrap()
}

/// Two operations that overlap, and two copies that agree.
const KEPT: [&str; 6] =
    ["0+ write k 1", "1+ read k 1", "0- write k 1", "1- read k 1", "n1! k 1", "n2! k 1"];
/// The same, but the copies differ.
const DIVERGED: [&str; 10] = [
    "0+ write k 1",
    "1+ read k 1",
    "0- write k 1",
    "1- read k 1",
    "0+ write k 2",
    "1+ read k 1",
    "0- write k 2",
    "1- read k 1",
    "n1! k 1",
    "n2! k 2",
];

/// A run without doubts.
fn undoubted() -> Driven {
    let fault = Kill { node: Victims::Node(NodeId(1)) }.into();
    Driven {
        spans: vec![SpanOutcome {
            span: FaultSpan::written(0, fault, [1, 1]),
            on: vec![NodeId(1)],
            struck: Some(Time(1)),
            healed: Some(Time(2)),
            efficacy: Efficacy { killed: 1, ..Efficacy::default() },
        }],
        rest: Rest::Rested,
        unread: Vec::new(),
        breakdowns: Vec::new(),
        breaches: Vec::new(),
        sighting: None,
        ended: Ended::InTime,
        end: Time(20_000),
        bug_hits: 0,
    }
}

fn judged(lines: &[&str], driven: &Driven) -> Judgement {
    judged_by(required(&REGISTER), lines, driven)
}

fn judged_by(requirement: Requirement, lines: &[&str], driven: &Driven) -> Judgement {
    let asked = Asked { kind: Kind::Register, requirement, options: Options::default() };
    judge(&asked, &history(lines), driven)
}

/// Runs that differ from that one in one thing that raises a doubt, and who caused the doubt.
fn doubted() -> Vec<(&'static str, Whose, Driven)> {
    let mut planned = undoubted();
    planned.spans[0].struck = None;
    let mut idle = undoubted();
    idle.spans[0].efficacy = Efficacy::default();
    let mut cases = vec![
        ("was planned for", Whose::Harness, planned),
        ("changed nothing", Whose::Harness, idle),
    ];
    cases.push((
        "was interrupted at",
        Whose::Environment,
        Driven { ended: Ended::Interrupted { at: Time(9) }, ..undoubted() },
    ));
    cases.extend(shaken());
    cases
}

#[test]
fn a_drawn_fault_that_did_nothing_is_missed_only_where_no_other_of_its_kind_did_something() {
    let with = |origin, others: u64| {
        let mut driven = undoubted();
        driven.spans[0].efficacy.killed = others;
        driven.spans.push(driven.spans[0].clone());
        driven.spans[1].efficacy = Efficacy::default();
        for span in &mut driven.spans {
            span.span.origin = origin;
        }
        judged(&KEPT, &driven).doubts.len()
    };
    assert_eq!([with(Origin::Written, 1), with(Origin::Written, 0)], [1, 1]);
    assert_eq!([with(Origin::Drawn, 1), with(Origin::Drawn, 0)], [0, 1]);
}

/// Those whose final reads prove nothing.
fn shaken() -> Vec<(&'static str, Whose, Driven)> {
    let broke = |part, whose| Driven {
        breakdowns: vec![Breakdown { part, whose, what: "broke".to_owned() }],
        ..undoubted()
    };
    let (n1, n2) = (NodeId(1), NodeId(2));
    let unread = Unread { key: "j".to_owned(), node: n2, why: "timeout".to_owned() };
    vec![
        ("did not come to rest", Whose::Target, Driven { rest: Rest::NotRested, ..undoubted() }),
        (
            "the final read of j at n2 failed (timeout)",
            Whose::Target,
            Driven { unread: vec![unread], ..undoubted() },
        ),
        ("n2 broke", Whose::Environment, broke(Part::Node(n2), Whose::Environment)),
        ("n1 broke", Whose::Target, broke(Part::Node(n1), Whose::Target)),
        (
            "the link from n1 to n2 broke",
            Whose::Environment,
            broke(Part::Link { from: n1, to: n2 }, Whose::Environment),
        ),
    ]
}

#[test]
fn a_run_without_a_doubt_is_valid() {
    let judgement = judged(&KEPT, &undoubted());
    assert_eq!(judgement.outcome(), Outcome::Valid, "{judgement:#?}");
}

#[test]
fn what_is_found_beyond_what_is_required_is_told_and_is_no_violation() {
    // The copies differ, which only a promise of convergence forbids.
    let durable = judged_by(required(&[Consistency::Durable]), &DIVERGED, &undoubted());
    assert_eq!(durable.outcome(), Outcome::Valid, "{durable:#?}");
    assert!(!durable.breaks_claim() && durable.anomalies().next().is_none());
    let beyond = durable
        .checks
        .iter()
        .find(|report| report.check == Consistency::Convergent.into())
        .unwrap();
    assert_eq!(beyond.outcome(), Outcome::Violation, "it is told: {durable:#?}");
    assert!(!beyond.required && !beyond.promised);
    let convergent = judged_by(required(&[Consistency::Convergent]), &DIVERGED, &undoubted());
    assert_eq!(convergent.outcome(), Outcome::Violation, "{convergent:#?}");
    assert!(convergent.breaks_claim());
}

#[test]
fn a_broken_promise_that_was_not_required_breaks_the_claim_and_is_no_violation() {
    let mut requirement = required(&[Consistency::Durable]);
    requirement.by = By::Flag;
    requirement.promised.push(Consistency::Convergent);
    let judgement = judged_by(requirement, &DIVERGED, &undoubted());
    assert_eq!(judgement.outcome(), Outcome::Valid, "{judgement:#?}");
    assert!(judgement.breaks_claim());
}

#[test]
fn what_happens_inside_breaks_a_claim_that_rules_it_out_though_no_client_saw_it() {
    let breach = |property| Breach { property, at: Time(3), what: "so".to_owned() };
    let [broken, other] = [SafetyProperty::ElectionSafety, SafetyProperty::VoteOnce].map(breach);
    let driven = Driven { breaches: vec![broken.clone(), other.clone()], ..undoubted() };
    let durable = || required(&[Consistency::Durable]);
    let judgement = judged_by(durable(), &KEPT, &driven);
    assert_eq!(judgement.outcome(), Outcome::Violation, "{judgement:#?}");
    assert!(judgement.breaks_claim() && judgement.anomalies().next().is_none());
    assert_eq!(judgement.breaches, [broken], "the claim says nothing of the other");
    assert_eq!(judgement.found().unwrap(), "election-safety broken at 0.000 s: so");
    // Something else was required.
    let named = Requirement { by: By::Flag, ..durable() };
    let judgement = judged_by(named, &KEPT, &driven);
    assert_eq!(judgement.outcome(), Outcome::Valid, "{judgement:#?}");
    assert!(judgement.breaks_claim());
    let only_other = Driven { breaches: vec![other], ..undoubted() };
    let judgement = judged_by(durable(), &KEPT, &only_other);
    assert!(judgement.outcome() == Outcome::Valid && !judgement.breaks_claim());
}

#[test]
fn a_doubt_about_what_is_not_required_makes_no_run_unknown() {
    // Nobody read `j` in the end, so that neither copies nor writes are judged.
    let unread = [&["0+ write j 7", "0- write j 7"], &KEPT[..]].concat();
    let judgement = judged_by(required(&[Consistency::Linearizable]), &unread, &undoubted());
    assert_eq!(judgement.outcome(), Outcome::Valid, "{judgement:#?}");
    let durable = judged_by(required(&[Consistency::Durable]), &unread, &undoubted());
    assert_eq!(durable.outcome(), Outcome::Unknown, "{durable:#?}");
}

#[test]
fn a_promise_that_nothing_judges_is_never_taken_to_be_kept() {
    let set = |required_checks: &[Consistency]| {
        let requirement = required(required_checks);
        let asked = Asked { kind: Kind::Set, requirement, options: Options::default() };
        let lines = ["0+ add k 1", "1+ add k 2", "0- add k 1", "1- add k 2"];
        judge(&asked, &history(&lines), &undoubted())
    };
    let judgement = set(&[Consistency::ReadCommitted]);
    let [unjudged] = judgement.checks.iter().filter(|it| it.required).collect::<Vec<_>>()[..]
    else {
        panic!("{judgement:#?}")
    };
    assert!(
        !unjudged.judged && unjudged.check == Consistency::ReadCommitted.into(),
        "{unjudged:#?}"
    );
    assert_eq!(judgement.outcome(), Outcome::Unknown, "{judgement:#?}");
    assert!(judgement.all_doubts().any(|doubt| doubt.what.contains("no checker judges")));
}

#[test]
fn a_run_counts_as_not_judged_where_a_requirement_has_no_checker_or_nothing_is_required() {
    let count = |judgement: &Judgement| {
        let mut counts = crate::claims::RunCounts::default();
        counts.count(judgement, 1.0);
        (counts.runs, counts.unknown, counts.not_judged)
    };
    let all_judged = judged(&KEPT, &undoubted());
    assert_eq!(count(&all_judged), (1, 0, 0), "{all_judged:#?}");
    let nothing = judged_by(required(&[]), &KEPT, &undoubted());
    assert_eq!(count(&nothing), (1, 1, 1), "{nothing:#?}");
    let mut hidden = required(&[Consistency::Linearizable, Consistency::Durable]);
    hidden.copies = FinalCopies::Hidden;
    let hidden = judged_by(hidden, &KEPT, &undoubted());
    assert_eq!(count(&hidden), (1, 1, 1), "{hidden:#?}");
}

#[test]
fn a_target_that_does_not_show_its_copies_is_not_judged_by_them() {
    let mut requirement = required(&[Consistency::Durable]);
    requirement.copies = FinalCopies::Hidden;
    let judgement = judged_by(requirement, &DIVERGED, &undoubted());
    assert_eq!(judgement.outcome(), Outcome::Unknown, "{judgement:#?}");
    assert!(
        judgement
            .checks
            .iter()
            .all(|it| it.judged == (it.check == Consistency::Linearizable.into()))
    );
}

#[test]
fn a_run_of_which_nothing_is_required_is_unknown_and_says_why() {
    let nothing = judged_by(required(&[]), &KEPT, &undoubted());
    assert_eq!(nothing.outcome(), Outcome::Unknown, "{nothing:#?}");
    let mut requirement = required(&[]);
    requirement.uncovered.push(rashomon_targets::FaultKind::Kill);
    let uncovered = judged_by(requirement, &DIVERGED, &undoubted());
    assert_eq!(uncovered.outcome(), Outcome::Unknown, "{uncovered:#?}");
    assert!(uncovered.doubts[0].what.ends_with("nothing under kill"), "{uncovered:#?}");
    assert!(!uncovered.breaks_claim(), "nothing is promised under these faults");
}

#[test]
fn each_doubt_about_a_run_alone_makes_it_unknown_and_names_whose_doing_it_is() {
    for (told, whose, driven) in doubted() {
        let judgement = judged(&KEPT, &driven);
        assert_eq!(judgement.outcome(), Outcome::Unknown, "{told}: {judgement:#?}");
        let doubts: Vec<&Doubt> = judgement.all_doubts().collect();
        let [doubt] = doubts[..] else { panic!("{told}: {doubts:#?}") };
        assert!(doubt.what.contains(told), "{told}: {doubt:?}");
        assert_eq!(doubt.whose, whose, "{doubt:?}");
        assert!(!doubt.advice.is_empty(), "{doubt:?}");
    }
}

#[test]
fn a_history_that_tests_nothing_makes_a_run_unknown() {
    let alone = ["0+ write k 1", "0- write k 1", "n1! k 1", "n2! k 1"];
    let judgement = judged(&alone, &undoubted());
    assert_eq!(judgement.outcome(), Outcome::Unknown, "{judgement:#?}");
    let doubts: Vec<&Doubt> = judgement.all_doubts().collect();
    assert_eq!(doubts.iter().map(|doubt| doubt.whose).collect::<Vec<_>>(), [Whose::Harness]);
    assert!(doubts[0].what.contains("no two operations overlapped"), "{doubts:?}");
}

#[test]
fn a_check_that_could_not_decide_makes_a_run_unknown() {
    // Nobody read `j` in the end.
    let unread = [&["0+ write j 7", "0- write j 7"], &KEPT[..]].concat();
    let judgement = judged(&unread, &undoubted());
    assert!(judgement.doubts.is_empty(), "{judgement:#?}");
    assert_eq!(judgement.outcome(), Outcome::Unknown, "{judgement:#?}");
}

#[test]
fn what_final_reads_lack_is_certain_only_where_the_cluster_rested_and_nothing_broke() {
    let certain = judged(&DIVERGED, &undoubted());
    let diverges = |judgement: &Judgement| judgement.checks[2].clone();
    assert_eq!(diverges(&certain).outcome(), Outcome::Violation, "{certain:#?}");
    // The stale read before them is no matter of final reads, and stays.
    let kept_order = [
        &KEPT[..4],
        &["0+ write k 2", "1+ read k 1", "1- read k 1", "0- write k 2", "n1! k 1", "n2! k 2"],
    ]
    .concat();
    assert_eq!(judged(&kept_order, &undoubted()).outcome(), Outcome::Violation);
    for (told, whose, driven) in shaken() {
        let judgement = judged(&kept_order, &driven);
        assert_eq!(judgement.outcome(), Outcome::Unknown, "{told}: {judgement:#?}");
        let check = diverges(&judgement);
        assert_eq!((check.anomalies.len(), check.suspected.len()), (0, 1), "{check:#?}");
        assert!(check.doubts[0].what.contains(told), "{check:#?}");
        assert_eq!(check.doubts[0].whose, whose, "{check:#?}");
    }
}

#[test]
fn what_final_reads_lack_is_only_suspected_where_nobody_could_look_for_rest() {
    let not_looked = Driven { rest: Rest::NotLooked, ..undoubted() };
    let kept_order = [
        &KEPT[..4],
        &["0+ write k 2", "1+ read k 1", "1- read k 1", "0- write k 2", "n1! k 1", "n2! k 2"],
    ]
    .concat();
    let differs = judged(&kept_order, &not_looked);
    let check = differs.checks[2].clone();
    assert_eq!(check.outcome(), Outcome::Unknown, "{differs:#?}");
    assert!(check.anomalies.is_empty() && check.suspected.len() == 1, "{check:#?}");
    assert_eq!(check.doubts[0].whose, Whose::Harness);
    assert!(check.doubts[0].what.contains("could not observe"), "{check:#?}");
    // Replicas that agree lack nothing, whether the cluster was observed or not.
    assert_eq!(judged(&KEPT, &not_looked).outcome(), Outcome::Valid);
}

#[test]
fn a_lost_write_is_only_suspected_in_a_shaken_run() {
    let lost = [
        "0+ write k 1",
        "1+ read k 1",
        "0- write k 1",
        "1- read k 1",
        "0+ write k 2",
        "0- write k 2",
        "n1! k 1",
        "n2! k 1",
    ];
    let durable = |driven: &Driven| judged(&lost, driven).checks[1].clone();
    let certain = durable(&undoubted());
    assert_eq!(certain.anomalies.len(), 1, "{certain:#?}");
    assert_eq!(certain.anomalies[0].class, AnomalyClass::LostWrite);
    for (told, _, driven) in shaken() {
        let check = durable(&driven);
        assert_eq!(check.outcome(), Outcome::Unknown, "{told}: {check:#?}");
        assert_eq!(check.suspected, certain.anomalies, "{told}");
    }
}

#[test]
fn a_violation_of_the_order_of_operations_is_certain_whatever_broke() {
    let stale = [
        "0+ write k 1",
        "1+ read k 1",
        "0- write k 1",
        "1- read k 1",
        "0+ write k 2",
        "0- write k 2",
        "0+ read k 1",
        "1+ read k 2",
        "0- read k 1",
        "1- read k 2",
        "n1! k 2",
        "n2! k 2",
    ];
    for (told, _, driven) in doubted() {
        let judgement = judged(&stale, &driven);
        assert_eq!(judgement.outcome(), Outcome::Violation, "{told}: {judgement:#?}");
    }
}

#[test]
fn an_element_that_was_never_added_is_certain_whatever_broke() {
    for class in [AnomalyClass::PhantomElement, AnomalyClass::FalseFailure] {
        assert!(!rests_on_final_reads(class));
    }
    for class in [AnomalyClass::LostElement, AnomalyClass::ResurrectedElement] {
        assert!(rests_on_final_reads(class));
    }
}

/// `k` diverges; nobody could read `j` in the end.
fn diverged_and_unread() -> convergence::ConvergenceReport {
    let lines = [
        "0+ write j 9",
        "0- write j 9",
        "0+ write k 1",
        "0- write k 1",
        "0+ write k 2",
        "0- write k 2",
        "n1! k 1",
        "n2! k 2",
    ];
    convergence::check(&history(&lines), ConvergenceKind::Register)
}

#[test]
fn what_was_seen_while_the_run_went_on_counts_though_the_whole_is_undecided() {
    let report = diverged_and_unread();
    let anomaly = report.verdict.anomalies().next().unwrap().clone();
    let sighting = Some(Sighting { at: Time(1), anomaly: anomaly.clone() });
    let driven = Driven { ended: Ended::Violation { at: Time(1) }, sighting, ..undoubted() };
    let spent = Verdict::unknown(rashomon_checker::Doubt::Stopped {
        key: None,
        proved_events: 0,
        events: 4,
    });
    assert_eq!(seen(spent, &driven).anomalies().collect::<Vec<_>>(), [&anomaly]);
    let found = seen(Verdict::invalid(anomaly), &driven);
    assert_eq!(found.anomalies().count(), 1, "it is not told twice");
}

#[test]
fn an_anomaly_of_another_class_does_not_make_a_doubtful_check_valid() {
    let report = diverged_and_unread();
    assert!(report.verdict.is_invalid(), "{report:#?}");
    let durable = only(&report, |class| class != AnomalyClass::Divergence);
    assert!(durable.is_unknown(), "j was never read: {durable:#?}");
    assert!(only(&report, |class| class == AnomalyClass::Divergence).is_invalid());
}

#[test]
fn many_faults_that_did_nothing_are_one_doubt() {
    let mut driven = undoubted();
    driven.spans = vec![driven.spans[0].clone(); 5];
    driven.spans[1].efficacy = Efficacy::default();
    for late in &mut driven.spans[2..] {
        late.struck = None;
    }
    let told: Vec<String> =
        judged(&KEPT, &driven).doubts.iter().map(|doubt| doubt.what.clone()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].ends_with("but the load ended before; the same holds for 2 others"),
        "{told:?}"
    );
    assert!(told[1].ends_with("there was no primary"), "{told:?}");
}
