use rashomon_checker::{ProcessId, Time};

use super::*;
use crate::{Action, OpKind, Place, RegisterOp, Rng, Seed};

const FREE: [ProcessId; 3] = [ProcessId(0), ProcessId(1), ProcessId(2)];

const READ: RegisterOp = RegisterOp::Read;
const WRITE: RegisterOp = RegisterOp::Write(1);

fn op(op: RegisterOp) -> Op {
    Op { action: Action::Register("k".into(), op), place: Place::Any }
}

fn forever(kind: RegisterOp) -> Source<impl FnMut(&mut Rng) -> Op + use<>> {
    Source::new(Seed(1), move |_| op(kind))
}

fn at(now: u64) -> Context<'static> {
    Context { now: Time(now), free: &FREE, processes: 3 }
}

/// Asks for `count` operations, waiting as told, and says when each came.
fn times(generator: &mut dyn Generator, count: usize) -> Vec<u64> {
    let mut now = 0;
    let mut times = Vec::new();
    while times.len() < count {
        match generator.next(&at(now)) {
            Next::Invoke { .. } => times.push(now),
            Next::Pending(until) => now = until.0,
            Next::Done => break,
        }
    }
    times
}

#[test]
fn a_limit_ends_after_so_many() {
    assert_eq!(times(&mut Limit::new(3, forever(READ)), 10).len(), 3);
}

#[test]
fn a_time_limit_counts_from_the_first_question() {
    let mut limited = TimeLimit::new(Time(100), forever(READ));
    assert!(matches!(limited.next(&at(50)), Next::Invoke { .. }));
    assert!(matches!(limited.next(&at(149)), Next::Invoke { .. }));
    assert_eq!(limited.next(&at(150)), Next::Done);
}

#[test]
fn a_rate_spaces_operations_evenly() {
    let mut rate = Rate::new(1000, forever(READ));
    assert_eq!(times(&mut rate, 4), [0, 1_000_000, 2_000_000, 3_000_000]);
}

#[test]
fn a_stagger_keeps_its_mean() {
    let mut stagger = Stagger::new(Seed(7), Time(1000), forever(READ));
    let last = times(&mut stagger, 50_001)[50_000];
    assert!((49_000_000..51_000_000).contains(&last), "{last}");
}

#[test]
fn bursts_keep_their_mean_exactly_and_come_together() {
    let mut bursts = Bursts::new(Seed(7), Time(1000), 6, forever(READ));
    let times = times(&mut bursts, 10_001);
    assert!((9_988_000..=10_000_000).contains(&times[10_000]), "{}", times[10_000]);
    let together = times.windows(2).filter(|pair| pair[0] == pair[1]).count();
    assert!((7_500..9_000).contains(&together), "{together} of 10,000 at the time of another");
}

#[test]
fn a_mix_keeps_its_weights_and_outlives_its_parts() {
    let limited = Limit::new(100, forever(WRITE));
    let mut mix = Mix::new(Seed(3), vec![(3, Box::new(limited)), (1, Box::new(forever(READ)))]);
    let drawn: Vec<_> = (0..1000)
        .map(|_| match mix.next(&at(0)) {
            Next::Invoke { op, .. } => op.action.kind(),
            other => panic!("{other:?}"),
        })
        .collect();
    let writes_early = drawn[..100].iter().filter(|kind| **kind == OpKind::RegisterWrite).count();
    assert!((60..90).contains(&writes_early), "{writes_early} of the first 100");
    assert_eq!(drawn.iter().filter(|kind| **kind == OpKind::RegisterWrite).count(), 100);
}

#[test]
fn phases_wait_until_nothing_is_in_flight() {
    let first = Script::new([op(READ)]);
    let second = Script::new([op(WRITE)]);
    let mut phases = Phases::new(vec![Box::new(first), Box::new(second)]);
    assert!(matches!(phases.next(&at(0)), Next::Invoke { op: asked, .. } if asked == op(READ)));
    let busy = Context { now: Time(1), free: &FREE[..2], processes: 3 };
    assert_eq!(phases.next(&busy), Next::Pending(Time(u64::MAX)));
    assert!(matches!(phases.next(&at(2)), Next::Invoke { op: asked, .. } if asked == op(WRITE)));
    assert_eq!(phases.next(&at(3)), Next::Done);
}

#[test]
fn nothing_is_invoked_while_every_process_is_busy() {
    let busy = Context { now: Time(0), free: &[], processes: 3 };
    let mut generators: Vec<Box<dyn Generator>> = vec![
        Box::new(forever(READ)),
        Box::new(Script::new([op(READ)])),
        Box::new(Mix::new(Seed(1), vec![(1, Box::new(forever(READ)))])),
    ];
    for generator in &mut generators {
        assert_eq!(generator.next(&busy), Next::Pending(Time(u64::MAX)));
    }
}
