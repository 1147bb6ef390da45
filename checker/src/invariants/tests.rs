use super::text::history;
use super::*;
use crate::{Anomaly, verify};

mod agreement;

/// The classes found, each with a witness that the verifier accepts.
#[track_caller]
fn found(invariant: Invariant, text: &str) -> Vec<&'static str> {
    let report = check(&history(text), invariant);
    report.verdict.anomalies().for_each(|it| verify::anomaly(it).unwrap());
    report.verdict.anomalies().map(|it| it.class.name()).collect()
}

#[track_caller]
fn valid(invariant: Invariant, text: &str) -> InvariantReport {
    let report = check(&history(text), invariant);
    assert!(report.verdict.is_valid(), "{:?}", report.verdict);
    report
}

#[track_caller]
fn unknown(invariant: Invariant, text: &str) {
    let report = check(&history(text), invariant);
    assert!(report.verdict.is_unknown(), "{:?}", report.verdict);
}

#[track_caller]
fn number(report: &InvariantReport, name: &str) -> u64 {
    report.figures.iter().find(|it| it.name == name).unwrap().number
}

#[track_caller]
fn summary(invariant: Invariant, text: &str) -> String {
    let report = check(&history(text), invariant);
    let first: Option<&Anomaly> = report.verdict.anomalies().next();
    first.unwrap().summary.clone()
}

#[test]
fn an_element_in_no_read_after_it_was_acknowledged_is_lost() {
    let lost = "0>add:1 0< 1>read 1<[]";
    assert_eq!(found(Invariant::SetFull, lost), ["lost-element"]);
    assert_eq!(
        summary(Invariant::SetFull, lost),
        "1 was added and acknowledged, and is in no read after that"
    );
    assert_eq!(found(Invariant::SetFull, "0>add:1 0? 1>read 1<[1] 1>read 1<[]"), ["lost-element"]);
    // It may have been removed, or the add may take effect later.
    valid(Invariant::SetFull, "0>add:1 0< 2>remove:1 2? 1>read 1<[]");
    valid(Invariant::SetFull, "0>add:1 0? 1>read 1<[]");
    // The read overlaps the add, or the last one that shows it.
    valid(Invariant::SetFull, "1>read 0>add:1 0< 1<[]");
    valid(Invariant::SetFull, "0>add:1 0< 1>read 2>read 1<[1] 2<[]");
}

#[test]
fn an_element_missed_for_a_while_is_stale_and_its_latency_is_measured() {
    let report = valid(Invariant::SetFull, "0>add:1 0< 1>read 1<[] 1>read 1<[] 1>read 1<[1]");
    assert_eq!([number(&report, "stable"), number(&report, "stale")], [1, 1]);
    let [latency] = &report.latencies[..] else { panic!("{:?}", report.latencies) };
    // Acknowledged at 1 ms; the last read without it began at 4 ms.
    assert_eq!([latency.p50.0, latency.p99.0, latency.max.0], [3_000_000; 3]);
    let report = valid(Invariant::SetFull, "0>add:1 0< 1>read 1<[1] 2>add:2 2?");
    assert_eq!([number(&report, "stale"), number(&report, "never-read")], [0, 1]);
    assert_eq!(report.latencies, []);
}

#[test]
fn final_reads_decide_whether_an_element_is_lost() {
    let until = "0>add:1 0< 1>read 1<[]";
    valid(Invariant::SetFull, &format!("{until} 2>read* 2<[1] 3>read* 3<[]"));
    let lost = format!("{until} 2>read* 2<[] 3>read* 3<[]");
    assert_eq!(found(Invariant::SetFull, &lost), ["lost-element"]);
}

#[test]
fn an_element_that_is_back_after_its_removal_is_resurrected() {
    let removed = "0>add:1 0< 0>remove:1 0<";
    let back = format!("{removed} 1>read 1<[1]");
    assert_eq!(found(Invariant::SetFull, &back), ["resurrected-element"]);
    let report = valid(Invariant::SetFull, &format!("{removed} 1>read 1<[1] 1>read 1<[]"));
    assert_eq!(number(&report, "lingering"), 1);
    // It was added again, or an earlier add takes effect late.
    valid(Invariant::SetFull, &format!("{removed} 2>add:1 2? 1>read 1<[1]"));
    valid(Invariant::SetFull, "2>add:1 2? 0>add:1 0< 0>remove:1 0< 1>read 1<[1]");
}

#[test]
fn elements_from_nowhere_and_twice_are_told() {
    assert_eq!(found(Invariant::SetFull, "1>read 1<[1]"), ["phantom-element"]);
    assert_eq!(found(Invariant::SetFull, "1>read 1<[1] 0>add:1 0<"), ["phantom-element"]);
    assert_eq!(found(Invariant::SetFull, "0>add:1 0! 1>read 1<[1]"), ["false-failure"]);
    assert_eq!(found(Invariant::SetFull, "0>add:1 0< 1>read 1<[1,1]"), ["duplicate-element"]);
    unknown(Invariant::SetFull, "0>add:1 0<");
}

#[test]
fn no_number_is_handed_out_twice() {
    let ids = Invariant::UniqueIds;
    let report = valid(ids, "0>generate 1>generate 0<7 1<4 0>generate 0<5 0>generate 0?");
    assert_eq!([number(&report, "generated"), number(&report, "unknown")], [3, 1]);
    assert_eq!([number(&report, "out-of-order"), number(&report, "range")], [1, 4]);
    assert_eq!(found(ids, "0>generate 0<7 1>generate 1<8 0>generate 0<7"), ["duplicate-id"]);
    unknown(ids, "0>generate 0?");
}

#[test]
fn what_was_put_in_comes_out_once() {
    let queue = Invariant::TotalQueue;
    let report = valid(queue, "0>enqueue:1 0< 0>enqueue:2 0? 1>dequeue 1<2");
    assert_eq!([number(&report, "recovered"), number(&report, "left")], [1, 1]);
    let lost = "0>enqueue:1 0< 1>dequeue 1<_";
    assert_eq!(found(queue, lost), ["lost-element"]);
    assert_eq!(
        summary(queue, lost),
        "1 was put in and acknowledged; nobody took it, and it is not there"
    );
    // The other may have taken one, not two.
    valid(queue, "0>enqueue:1 0< 2>dequeue 2? 1>dequeue 1<_");
    let two = "0>enqueue:1 0< 0>enqueue:2 0< 2>dequeue 2? 1>dequeue 1<_";
    assert_eq!(found(queue, two), ["lost-element"]);
    let twice = "0>enqueue:1 0< 1>dequeue 1<1 1>dequeue 1<1";
    assert_eq!(found(queue, twice), ["duplicate-element"]);
    valid(queue, "2>enqueue:1 2? 0>enqueue:1 0< 1>dequeue 1<1 1>dequeue 1<1");
    assert_eq!(found(queue, "1>dequeue 1<1"), ["phantom-element"]);
    assert_eq!(found(queue, "0>enqueue:1 0! 1>dequeue 1<1"), ["false-failure"]);
    unknown(queue, "0>enqueue:1 0<");
}

#[test]
fn values_that_grow_never_go_back() {
    let (each, all) = (Invariant::Monotonic, Invariant::MonotonicRealtime);
    let one = "0>add:1 0< 1>read 1<1 1>read 1<0";
    assert_eq!(found(each, one), ["non-monotonic-read"]);
    assert_eq!(summary(each, one), "p1 read 1, and then p1 read 0");
    let two = "0>add:1 0< 1>read 1<1 2>read 2<0";
    valid(each, two);
    assert_eq!(found(all, two), ["non-monotonic-read"]);
    valid(all, "0>add:1 0< 1>read 2>read 1<1 2<0");
    // A register: the write of 1 may come after that of 2.
    let reads = "3>read 3<2 3>read 3<1";
    assert_eq!(found(each, &format!("0>write:1 0< 1>write:2 1< {reads}")), ["non-monotonic-read"]);
    unknown(each, &format!("0>write:1 0? 1>write:2 1< {reads}"));
    unknown(each, &format!("0>write:2 0< 1>write:1 1< {reads}"));
    unknown(each, "0>add:-1 0< 1>read 1<1");
    valid(each, "0>cas:[_,1] 0! 0>cas:[1,2] 0< 1>read 1<1 1>read 1<2");
}

#[test]
fn two_reads_that_disagree_on_the_order_of_two_writes_are_a_fork() {
    let fork = Invariant::LongFork;
    let writes = "0>x/write:1 0< 1>y/write:1 1<";
    let reads = "2>read 2<[[x,1],[y,_]] 3>read 3<[[x,_],[y,1]]";
    let forked = format!("{writes} {reads}");
    assert_eq!(found(fork, &forked), ["long-fork"]);
    let told = summary(fork, &forked);
    assert!(told.starts_with("p2 saw the write to \"x\" and not that to \"y\", p3"), "{told}");
    valid(fork, &format!("{writes} 2>read 2<[[x,1],[y,_]] 3>read 3<[[x,1],[y,1]]"));
    // Written twice: nobody knows which write a read saw.
    unknown(fork, &format!("{writes} 4>y/write:2 4< {reads}"));
    let txn = "0>txn:[[w,x,1]] 0<[[w,x,1]] 1>txn:[[w,y,1]] 1? 2>txn:[[r,x,_],[r,y,_]] \
               2<[[r,x,1],[r,y,_]] 3>txn:[[r,x,_],[r,y,_]] 3<[[r,x,_],[r,y,1]]";
    assert_eq!(found(fork, txn), ["long-fork"]);
}

#[test]
fn balances_add_up_to_the_same() {
    let bank = Invariant::Bank;
    let reads = "0>read 0<[[a,5],[b,5]] 0>read 0<[[a,4],[b,6]]";
    valid(bank, reads);
    let gained = format!("{reads} 1>read 1<[[a,5],[b,6]]");
    assert_eq!(found(bank, &gained), ["wrong-total"]);
    assert_eq!(
        summary(bank, &gained),
        "p1 read balances that add up to 11, where others add up to 10"
    );
    assert_eq!(found(bank, &format!("{reads} 1>read 1<[[a,-1],[b,11]]")), ["negative-balance"]);
    unknown(bank, "0>read 0<[[a,5],[b,5]] 0>read 0<[[a,4],[c,7]]");
    let last = format!("{reads} 8>read* 8<[[a,5],[b,5]] 9>read* 9<[[a,5],[b,4]]");
    assert_eq!(found(bank, &last), ["wrong-total"], "of what a replica holds in the end");
    unknown(bank, &format!("{reads} 1>deposit:[a,1] 1<"));
}

#[test]
fn two_processes_never_hold_a_lock_at_once() {
    let lock = Invariant::MutualExclusion;
    valid(lock, "0>acquire 0< 0>release 1>acquire 1< 0<");
    assert_eq!(found(lock, "0>acquire 0< 1>acquire 1<"), ["double-acquire"]);
    let both = "0>acquire 0< 1>acquire 1< 0>release 0< 1>release 1<";
    assert_eq!(found(lock, both), ["double-acquire"]);
    assert_eq!(summary(lock, both), "p1 acquired the lock while p0 held it");
    valid(lock, "0>acquire 0< 1>acquire 1<no 0>release 0< 1>acquire 1<");
    valid(lock, "0>acquire 0? 1>acquire 1<");
    // It was lost before it was released, by a lease that ran out.
    valid(lock, "0>acquire 0< 1>acquire 1< 0>release 0<no");
    assert_eq!(found(lock, "0>acquire 0< 0>release 0! 1>acquire 1<"), ["double-acquire"]);
}

#[test]
fn numbers_that_fence_grow() {
    let fencing = Invariant::Fencing;
    valid(fencing, "0>acquire 0<3 1>acquire 1<5");
    valid(fencing, "0>acquire 1>acquire 0<5 1<3");
    assert_eq!(found(fencing, "0>acquire 0<5 1>acquire 1<3"), ["fencing-went-back"]);
    assert_eq!(found(fencing, "0>acquire 0<5 1>acquire 1<5"), ["fencing-went-back"]);
    valid(fencing, "0>acquire 0<5 1>acquire 1<no");
    unknown(fencing, "0>acquire 0<");
}

#[test]
fn a_read_counts_what_was_acknowledged_and_nothing_else() {
    let bounds = Invariant::CounterBounds;
    valid(bounds, "0>add:2 0< 1>add:-1 1? 2>read 2<2 2>read 2<1");
    assert_eq!(found(bounds, "0>add:2 0< 2>read 2<1"), ["counter-out-of-bounds"]);
    assert_eq!(found(bounds, "0>add:2 0! 2>read 2<2"), ["counter-out-of-bounds"]);
    assert_eq!(found(bounds, "0>add:2 0< 1>add:-1 1< 2>read 2<2"), ["counter-out-of-bounds"]);
    valid(bounds, "2>read 0>add:2 0< 2<2");
    assert_eq!(
        summary(bounds, "0>add:2 0< 1>add:3 1? 2>read 2<9"),
        "p2 read 9, where additions leave 2 to 5"
    );
}

/// Final reads of two replicas that hold the same.
fn finals(held: &str) -> String {
    format!("8>read* 8<{held} 9>read* 9<{held}")
}

#[test]
fn an_addition_that_no_removal_observed_wins() {
    let set = Invariant::OrSet;
    let removed = "0>add:1 0< 1@3>read 1<[1] 1@3>remove:1 1<";
    valid(set, &format!("{removed} {}", finals("[]")));
    assert_eq!(found(set, &format!("{removed} {}", finals("[1]"))), ["resurrected-element"]);
    // Another addition may be what is left.
    valid(set, &format!("{removed} 2>add:1 2? {}", finals("[1]")));
    let won = "1>remove:1 1< 0>add:1 0<";
    assert_eq!(found(set, &format!("{won} {}", finals("[]"))), ["lost-element"]);
    let made_up = format!("{removed} 2>read 2<[3] {}", finals("[]"));
    assert_eq!(found(set, &made_up), ["phantom-element"], "clients count too");
    // The removal may have observed it.
    valid(set, &format!("1>remove:1 0>add:1 0< 1< {}", finals("[]")));
    unknown(set, removed);
    // The replica that removed it may not have heard of it yet.
    for other in
        ["0>add:1 0< 1@3>read 1<[1] 1@4>remove:1 1<", "0>add:1 0< 1>read 1<[1] 1>remove:1 1<"]
    {
        valid(set, &format!("{other} {}", finals("[1]")));
    }
}

/// What an operation may have done that is not understood explains everything.
#[test]
fn what_an_unknown_function_may_have_done_is_no_violation() {
    for (invariant, text) in [
        (Invariant::Bank, "0>read 0<[[a,5],[b,5]] 1>deposit:[a,1] 1< 0>read 0<[[a,6],[b,5]]"),
        (Invariant::TotalQueue, "0>enqueue:1 0< 1>clear 1? 2>dequeue 2<_"),
        (Invariant::MutualExclusion, "0>acquire 0< 2>force-release 2< 1>acquire 1<"),
        (Invariant::OrSet, "0>add:1 0< 1>clear 1< 8>read* 8<[]"),
        (Invariant::MvRegister, "0>write:1 0< 1>delete 1< 8>read* 8<_"),
        (Invariant::LwwRegister, "0>write:1 0< 1>delete 1< 8>read* 8<_"),
        (
            Invariant::LongFork,
            "0>x/write:1 0< 2>read 2<[[x,1],[y,_]] 0>y/write:1 0< 0>x/delete 0< \
             3>read 3<[[x,_],[y,1]]",
        ),
    ] {
        unknown(invariant, text);
        // One that failed did nothing.
        let failed = text.replace("clear 1?", "clear 1!").replace("clear 1<", "clear 1!");
        let failed = failed.replace("delete 1<", "delete 1!").replace("x/delete 0<", "x/delete 0!");
        let failed = failed.replace("deposit:[a,1] 1<", "deposit:[a,1] 1!");
        let failed = failed.replace("force-release 2<", "force-release 2!");
        assert_eq!(found(invariant, &failed).len(), 1, "{failed}");
    }
}

#[test]
fn each_key_has_identifiers_and_accounts_of_its_own() {
    valid(Invariant::UniqueIds, "0>a/generate 0<7 1>b/generate 1<7");
    assert_eq!(found(Invariant::UniqueIds, "0>a/generate 0<7 1>a/generate 1<7"), ["duplicate-id"]);
    unknown(Invariant::UniqueIds, "0>generate 0< 1>generate 1<");
    let banks = "0>x/read 0<[[a,5],[b,5]] 0>y/read 0<[[a,9],[b,9]]";
    valid(Invariant::Bank, &format!("{banks} {banks}"));
}

#[test]
fn a_read_of_the_whole_set_that_is_no_list_and_a_written_list_are_not_understood() {
    unknown(Invariant::OrSet, "0>add:1 0< 8>read* 8<oops");
    unknown(Invariant::MvRegister, "0>write:_ 0< 8>read* 8<_");
    unknown(Invariant::MvRegister, "0>write:[1,2] 0< 8>read* 8<[1,2]");
}

#[test]
fn a_key_without_a_final_read_is_not_known_to_have_kept_anything() {
    for (invariant, write) in [
        (Invariant::OrSet, "add"),
        (Invariant::MvRegister, "write"),
        (Invariant::LwwRegister, "write"),
        (Invariant::PnCounter, "add"),
    ] {
        let read = if write == "add" && invariant == Invariant::OrSet { "[1]" } else { "1" };
        let one = format!("0>a/{write}:1 0< 8>a/read* 8<{read}");
        valid(invariant, &one);
        unknown(invariant, &format!("0>b/{write}:1 0< {one}"));
    }
    // Its final reads failed: what clients saw before may have been of old copies.
    unknown(Invariant::SetFull, "0>add:1 0< 1>read 1<[] 8>read* 8!");
}

#[test]
fn the_last_final_read_of_a_replica_speaks_for_it() {
    let removed = "0>add:1 0< 1@3>read 1<[1] 1@3>remove:1 1<";
    valid(Invariant::OrSet, &format!("{removed} 8>read* 8<[1] 8>read* 8<[]"));
    valid(Invariant::SetFull, "0>add:1 0< 8>read* 8<[] 8>read* 8<[1]");
    valid(Invariant::MvRegister, "0>write:1 0< 8>read* 8<_ 8>read* 8<1");
    valid(Invariant::LwwRegister, "0>write:1 0< 8>read* 8<_ 8>read* 8<1");
    valid(Invariant::PnCounter, "0>add:1 0< 8>read* 8<0 8>read* 8<1");
}

#[test]
fn a_final_value_that_nothing_is_known_to_have_written_is_not_judged() {
    unknown(Invariant::LwwRegister, &format!("0>write:1 0< {}", finals("7")));
    unknown(Invariant::LwwRegister, &format!("0>write:1 0< 1>write:7 1! {}", finals("7")));
    let written = "0>x/write:1 0< 1>y/write:1 1<";
    let from_zero = "2>read 2<[[x,1],[y,0]] 3>read 3<[[x,0],[y,1]]";
    unknown(Invariant::LongFork, &format!("{written} {from_zero}"));
    // Reads of other objects are not compared.
    let apart = "0>x/write:1 0< 0>y/write:1 0< 0>z/write:1 0< 1>read 1<[[x,1],[y,1]] \
                 1>read 1<[[y,1],[z,1]]";
    unknown(Invariant::LongFork, apart);
}

#[test]
fn a_process_that_goes_on_after_an_unknown_release_holds_nothing_for_certain() {
    let lock = Invariant::MutualExclusion;
    valid(lock, "0>release 0? 0>acquire 0< 1>acquire 1<");
    valid(lock, "0>acquire 0< 0>acquire 0<");
    assert_eq!(found(lock, "0>release 0! 0>acquire 0< 1>acquire 1<"), ["double-acquire"]);
}

#[test]
fn exactly_the_writes_survive_that_no_other_had_seen() {
    let register = Invariant::MvRegister;
    let both = "0>write:1 0< 1>write:2 1<";
    valid(register, &format!("{both} {}", finals("[1,2]")));
    assert_eq!(found(register, &format!("{both} {}", finals("2"))), ["lost-write"]);
    let seen = "0>write:1 0< 1>read 1<[1] 1>write:2 1<";
    valid(register, &format!("{seen} {}", finals("[2]")));
    let still = format!("{seen} {}", finals("[1,2]"));
    assert_eq!(found(register, &still), ["surviving-overwritten"]);
    assert_eq!(
        summary(register, &still),
        "1 is still there, though 2 was written by who had read it"
    );
    assert_eq!(found(register, &finals("[3]")), ["read-from-nowhere"; 2]);
    let made_up = format!("{both} 2>read 2<[1,3] {}", finals("[1,2]"));
    assert_eq!(found(register, &made_up), ["read-from-nowhere"], "clients count too");
    unknown(register, &format!("{both} 2>write:1 2< {}", finals("[1,2]")));
}

#[test]
fn what_became_of_each_write_is_told_and_those_lost_to_an_older_one_are_anomalies() {
    let register = Invariant::LwwRegister;
    let writes = "0>write:1 0< 1>write:2 2>write:3 1< 2<";
    let report = valid(register, &format!("{writes} {}", finals("3")));
    let told = |name| number(&report, name);
    assert_eq!(["current", "superseded", "overwritten"].map(told), [1, 1, 1]);
    assert_eq!(found(register, &format!("{writes} {}", finals("1"))), ["lost-write"; 2]);
    assert_eq!(found(register, &format!("{writes} {}", finals("_"))), ["lost-write"; 3]);
    unknown(register, &format!("{writes} 8>read* 8<2 9>read* 9<3"));
}

#[test]
fn a_counter_of_replicas_may_lag_and_not_lie() {
    let counter = Invariant::PnCounter;
    valid(counter, &format!("0>add:2 0< 1>read 1<0 {}", finals("2")));
    assert_eq!(found(counter, &format!("0>add:2 0< {}", finals("0"))).len(), 2);
    assert_eq!(found(counter, "0>add:2 0< 1>read 1<3"), ["counter-out-of-bounds"]);
}

#[test]
fn names_are_read_back() {
    for invariant in Invariant::ALL {
        assert_eq!(invariant.name().parse(), Ok(invariant));
    }
    assert!("linearizable".parse::<Invariant>().is_err());
}
