//! For each implication between two isolation models that are judged, a least history that separates them: it
//! keeps the weaker one and breaks the stronger one.

use super::told::told;
use super::{IsolationJudgement, MODELS};
use crate::Consistency;
use crate::agreement::{ToldTxn, report};

/// Whether a model is decided either way.
pub(crate) fn is_decided(model: Consistency) -> bool {
    MODELS.contains(&model)
}

fn holds(model: Consistency, txns: &[ToldTxn]) -> bool {
    match report(txns).of(model) {
        Some(IsolationJudgement::Holds) => true,
        Some(IsolationJudgement::Broken(_)) => false,
        other => panic!("{model}: {other:?}"),
    }
}

fn separates(stronger: Consistency, weaker: Consistency, text: &str) {
    assert!(stronger.implies(weaker), "{stronger} does not imply {weaker}");
    let txns = told(text);
    assert!(holds(weaker, &txns), "{weaker} is broken by {text}");
    assert!(!holds(stronger, &txns), "{stronger} is kept by {text}");
    for gone in 0..txns.len() {
        let mut less = txns.clone();
        less.remove(gone);
        let is_separated = holds(weaker, &less) && !holds(stronger, &less);
        assert!(!is_separated, "transaction {gone} is not needed in {text}");
    }
}

/// One test a history, and the table of all of them.
macro_rules! separating {
    ($($name:ident: $stronger:ident > $weaker:ident, $text:expr;)*) => {
        $(
            #[test]
            fn $name() {
                separates(Consistency::$stronger, Consistency::$weaker, $text);
            }
        )*
        pub(crate) const SEPARATED: &[(Consistency, Consistency)] =
            &[$((Consistency::$stronger, Consistency::$weaker)),*];
    };
}

const STALE_ELSEWHERE: &str = "0 0-1 ok ax1\n1 2-3 ok rx[]";
const STALE_IN_ITS_PROCESS: &str = "0 0-1 ok ax1\n0 2-3 ok rx[]";
const WRITE_SKEW: &str = "0 0-9 ok rx[] ay1\n1 0-9 ok ry[] ax1";
const LONG_FORK: &str = "0 0-9 ok ax1\n1 0-9 ok ay1\n2 0-9 ok rx[1] ry[]\n3 0-9 ok rx[] ry[1]";

separating! {
    a_stale_read_of_another_process_is_serializable_by_session: StrictSerializable > StrongSessionSerializable, STALE_ELSEWHERE;
    write_skew_is_strong_snapshot_isolation_and_not_strict_serializable: StrictSerializable > StrongSnapshotIsolation, WRITE_SKEW;
    a_stale_read_in_its_process_is_serializable_and_not_by_session: StrongSessionSerializable > Serializable, STALE_IN_ITS_PROCESS;
    write_skew_is_snapshot_isolation_by_session: StrongSessionSerializable > StrongSessionSnapshotIsolation, WRITE_SKEW;
    a_stale_read_of_another_process_is_no_strong_snapshot: StrongSnapshotIsolation > StrongSessionSnapshotIsolation, STALE_ELSEWHERE;
    a_stale_read_in_its_process_is_a_snapshot_and_none_by_session: StrongSessionSnapshotIsolation > SnapshotIsolation, STALE_IN_ITS_PROCESS;
    write_skew_is_snapshot_isolation_and_not_serializable: Serializable > SnapshotIsolation, WRITE_SKEW;
    an_own_append_missed_repeats_reads_and_is_not_serializable: Serializable > RepeatableRead, "0 0-9 ok ax1 rx[]";
    a_long_fork_is_parallel_snapshot_isolation_alone: SnapshotIsolation > ParallelSnapshotIsolation, LONG_FORK;
    a_list_missed_that_another_one_saw_first_is_transactional_causal: ParallelSnapshotIsolation > TransactionalCausal, "0 0-9 ok rx[] ax1\n1 0-9 ok rx[] ax2";
    what_is_missed_by_way_of_others_is_read_atomic: TransactionalCausal > ReadAtomic, "0 0-9 ok ax1\n1 0-9 ok rx[1] ay1\n2 0-9 ok ry[1] rx[]";
    what_was_missed_before_it_was_observed_is_a_monotonic_view: ReadAtomic > MonotonicAtomicView, "0 0-9 ok ax1 ay1\n1 0-9 ok rx[] ry[1]";
    what_vanishes_was_committed: MonotonicAtomicView > ReadCommitted, "0 0-9 ok ax1 ay1\n1 0-9 ok ry[1] rx[]";
    write_skew_has_stable_cursors: RepeatableRead > CursorStability, WRITE_SKEW;
    write_skew_is_a_monotonic_view: RepeatableRead > MonotonicAtomicView, WRITE_SKEW;
    an_update_lost_was_committed: CursorStability > ReadCommitted, "0 0-9 ok rx[] ax1\n1 0-9 ok rx[] ax2";
    a_read_of_what_nothing_appended_is_not_committed: ReadCommitted > ReadUncommitted, "0 0-9 ok rx[7]";
}
