//! The examples of the papers, one line each.

use super::{Ladder, Subject};
use crate::linearizability::Options;
use crate::weak::history_of_line;
use crate::{AnomalyClass, Consistency, ModelKind};

/// Checks which models a line keeps, and by what anomaly it breaks others.
fn shows(line: &str, kept: &[Consistency], broken: &[(Consistency, AnomalyClass)]) {
    let (history, options) = (history_of_line(line), Options::default());
    let subject = Subject::new(&history, ModelKind::Register, &options);
    for &model in kept {
        let mut ladder = Ladder::new();
        ladder.decide(&subject, model);
        assert!(ladder.rung(model).holds(), "{line}: {:?}", ladder.rung(model));
    }
    for &(model, class) in broken {
        let check = super::CHECKS.iter().find(|check| check.models.contains(&model)).unwrap();
        let place = check.models.iter().position(|&it| it == model).unwrap();
        let super::Standing::Broken(anomaly) = &(check.judge)(&subject)[place] else {
            panic!("{line} keeps {model}");
        };
        assert_eq!(anomaly.class, class, "{line}: {anomaly}");
        assert!(
            !anomaly.summary.contains("no order"),
            "the steps end in no contradiction: {anomaly}"
        );
        assert_eq!(crate::verify::anomaly(anomaly), Ok(()), "{line}: {anomaly}");
    }
}

/// One test a line.
macro_rules! textbook {
    ($($name:ident: $line:literal, keeps [$($kept:ident),*], breaks [$($broken:ident by $class:ident),*];)*) => {
        $(
            #[test]
            fn $name() {
                let kept = &[$(Consistency::$kept),*];
                shows($line, kept, &[$((Consistency::$broken, AnomalyClass::$class)),*]);
            }
        )*
    };
}

// Bouajjani, Enea, Guerraoui and Hamza, POPL 2017, figure 3.
textbook! {
    bouajjani_figure_3a: "wx1 rx2 | wx2 rx1", keeps [CausalMemory, Causal, Pram], breaks [CausalConvergence by CyclicCf];
    bouajjani_figure_3b: "wz1 wx1 wy1 | wx2 rz_ ry1 rx2", keeps [CausalConvergence, Causal], breaks [CausalMemory by WriteHbInitRead];
    bouajjani_figure_3c: "wx1 | wx2 rx1 rx2", keeps [Causal], breaks [CausalMemory by CyclicHb, CausalConvergence by CyclicCf];
    bouajjani_figure_3d: "wx1 ry_ wy1 rx1 | wx2 ry_ wy2 rx2", keeps [CausalMemory, CausalConvergence], breaks [Sequential by NonSequential];
    bouajjani_figure_3e: "wx1 wy1 | ry1 wx2 | rx2 rx1", keeps [], breaks [Causal by WriteCoRead];
}

// The bad patterns of the same paper, each by itself.
textbook! {
    the_pattern_cyclic_co: "ry1 wx1 | rx1 wy1", keeps [Pram], breaks [Causal by CyclicCo, CausalMemory by CyclicCo, CausalConvergence by CyclicCo];
    the_pattern_write_co_init_read: "wx1 | rx1 wy2 | ry2 rx_", keeps [Pram], breaks [Causal by WriteCoInitRead, CausalMemory by WriteCoInitRead, CausalConvergence by WriteCoInitRead];
    the_pattern_write_co_read: "wx1 wx2 | rx2 rx1", keeps [ReadYourWrites], breaks [Causal by WriteCoRead];
    the_pattern_cyclic_cf: "wx1 rx2 | wx2 rx1", keeps [Causal], breaks [CausalConvergence by CyclicCf];
    the_pattern_write_hb_init_read: "wz1 wx1 wy1 | wx2 rz_ ry1 rx2", keeps [Causal], breaks [CausalMemory by WriteHbInitRead];
    the_pattern_cyclic_hb: "wx1 | wx2 rx1 rx2", keeps [Causal], breaks [CausalMemory by CyclicHb];
}

// Terry et al., PDIS 1994: each guarantee broken, and the other three kept.
textbook! {
    a_session_misses_its_own_write: "wx1 rx_", keeps [MonotonicReads, MonotonicWrites, WritesFollowReads], breaks [ReadYourWrites by ReadYourWritesViolation];
    a_session_sees_a_write_and_then_not: "wx1 | rx1 rx_", keeps [ReadYourWrites, MonotonicWrites, WritesFollowReads], breaks [MonotonicReads by NonMonotonicRead];
    a_session_sees_the_second_write_of_another_and_not_the_first: "wx1 wy2 | ry2 rx_", keeps [ReadYourWrites, MonotonicReads, WritesFollowReads], breaks [MonotonicWrites by NonMonotonicWrite];
    a_session_sees_a_reply_and_not_the_question: "wx1 | rx1 wy2 | ry2 rx_", keeps [ReadYourWrites, MonotonicReads, MonotonicWrites], breaks [WritesFollowReads by WritesFollowReadsViolation];
}

// Lamport, Distributed Computing 1986, and Herlihy and Wing, TOPLAS 1990.
textbook! {
    a_new_value_and_then_the_old_one_during_a_write: "wx1@0-5 | rx1@1-2 rx_@3-4", keeps [Regular, Prefix], breaks [Linearizable by StaleRead];
    a_value_overwritten_before_the_read_began: "wx1@0-1 | rx_@2-3", keeps [Sequential, Prefix, Pram, CausalMemory, CausalConvergence], breaks [Regular by StaleRead, Linearizable by StaleRead];
    anything_during_a_write_and_the_last_value_after_it: "wx1@0-1 wx2@2-5 | rx_@3-4 rx2@6-7", keeps [Safe], breaks [Regular by StaleRead];
    a_value_overwritten_before_a_read_that_no_write_overlaps: "wx1@0-1 wx2@2-3 | rx1@4-5", keeps [Prefix], breaks [Safe by StaleRead, Regular by StaleRead];
    a_read_before_the_write_began: "wx1@2-3 | rx1@0-1", keeps [CausalMemory], breaks [Linearizable by FutureRead];
}

// Two copies, as memories and replicated stores know them.
textbook! {
    two_writers_miss_each_other: "wx1 ry_ | wy1 rx_", keeps [CausalMemory, CausalConvergence], breaks [Sequential by NonSequential];
    a_long_fork: "wx1 | wy1 | rx1 ry_ | ry1 rx_", keeps [CausalMemory, CausalConvergence], breaks [Sequential by NonSequential];
    two_readers_see_two_writes_in_two_orders: "wx1 | wx2 | rx1 rx2 | rx2 rx1", keeps [CausalMemory, Pram], breaks [CausalConvergence by CyclicCf];
    a_message_without_what_was_written_before_it: "wx1 wy1 | ry1 rx_", keeps [WritesFollowReads], breaks [Pram by NonPram];
}
