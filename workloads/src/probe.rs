//! The probe workload: how long after a write was acknowledged do reads still miss it?
//!
//! Each key is written once. From the moment at which that is acknowledged it is read through one node after the
//! other, after times that are drawn by their logarithm, so that each doubling of the time is read as often
//! as the others.

use std::cmp::Reverse;

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind, ProcessId, Time};

use crate::definition::{Definition, Ending, Making, Measure, each};
use crate::keys::Keys;
use crate::{
    Action, Completion, Context, Generator, Key, Next, Op, OpKind, Place, RegisterOp, Rng,
};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "probe",
    aliases: &[],
    summary: "keys written once, and read from 10 us to 160 ms after the acknowledgement, through \
              one node after the other; tells how likely a read is stale",
    needs: &[OpKind::RegisterRead, OpKind::RegisterWrite],
    model: ModelKind::CasRegister,
    final_reads: Some(ConvergenceKind::Register),
    checks: &[
        Consistency::Linearizable,
        Consistency::Regular,
        Consistency::Prefix,
        Consistency::Durable,
        Consistency::Convergent,
    ],
    invariants: &[],
    measure: Some(Measure::StaleByAge),
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::Register(key, RegisterOp::Read))),
};

/// Reads of each key.
const READS: usize = 8;
/// The least time after an acknowledgement, in nanoseconds.
const SOONEST: u64 = 10_000;
/// How often that is doubled to have the longest.
const DOUBLINGS: u64 = 14;
/// What is written.
const VALUE: i64 = 1;

/// How far a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// It is to be written.
    Fresh,
    /// Its write is under way.
    Asked,
    /// Its write was acknowledged just now.
    Acknowledged,
    /// It is to be read at these times, the soonest last.
    Read(Vec<Time>),
}

struct Probed {
    key: Key,
    stage: Stage,
}

struct Probe {
    keys: Keys,
    rng: Rng,
    probed: Vec<Probed>,
}

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let keys = making.keys.clone();
    let fresh = |_| Probed { key: keys.open("k"), stage: Stage::Fresh };
    let probed = (0..making.sizes.keys.max(1)).map(fresh).collect();
    Box::new(Probe { keys, rng: making.seed.rng(), probed })
}

impl Probe {
    /// Draws when to read what was acknowledged just now.
    fn draw_times(&mut self, now: Time) {
        let Self { rng, probed, .. } = self;
        for one in probed.iter_mut().filter(|one| one.stage == Stage::Acknowledged) {
            let mut after = || {
                let least = SOONEST << rng.below(DOUBLINGS);
                Time(now.0 + rng.between(least, 2 * least))
            };
            let mut times: Vec<Time> = (0..READS).map(|_| after()).collect();
            times.sort_unstable_by_key(|&time| Reverse(time));
            one.stage = Stage::Read(times);
        }
    }

    /// The key whose read is due first, and when.
    fn due(&self) -> Option<(Time, usize)> {
        let of = |(at, one): (usize, &Probed)| match &one.stage {
            Stage::Read(times) => times.last().map(|&time| (time, at)),
            Stage::Fresh | Stage::Asked | Stage::Acknowledged => None,
        };
        self.probed.iter().enumerate().filter_map(of).min()
    }

    fn read(&mut self, at: usize, process: ProcessId) -> Next {
        let key = self.probed[at].key.clone();
        if let Stage::Read(times) = &mut self.probed[at].stage {
            times.pop();
            if times.is_empty() {
                self.replace(at);
            }
        }
        ask(process, key, RegisterOp::Read)
    }

    fn replace(&mut self, at: usize) {
        self.probed[at] = Probed { key: self.keys.open("k"), stage: Stage::Fresh };
    }
}

fn ask(process: ProcessId, key: Key, op: RegisterOp) -> Next {
    Next::Invoke { process, op: Op { action: Action::Register(key, op), place: Place::Roam } }
}

impl Generator for Probe {
    fn next(&mut self, context: &Context<'_>) -> Next {
        self.draw_times(context.now);
        let Some(&process) = context.free.first() else { return Next::Pending(Time(u64::MAX)) };
        let due = self.due();
        if let Some((_, at)) = due.filter(|&(time, _)| time <= context.now) {
            return self.read(at, process);
        }
        if let Some(fresh) = self.probed.iter_mut().find(|one| one.stage == Stage::Fresh) {
            fresh.stage = Stage::Asked;
            return ask(process, fresh.key.clone(), RegisterOp::Write(VALUE));
        }
        Next::Pending(due.map_or(Time(u64::MAX), |(time, _)| time))
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        let Action::Register(key, RegisterOp::Write(_)) = &op.action else { return };
        let is_it = |one: &Probed| one.key == *key && one.stage == Stage::Asked;
        let Some(at) = self.probed.iter().position(is_it) else { return };
        match completion {
            Completion::Ok(_) => self.probed[at].stage = Stage::Acknowledged,
            // When it took effect, if it did, is unknown.
            Completion::Fail(_) | Completion::Info(_) => self.replace(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{Kind, Returned, Seed, Sizes, Workload};

    use super::*;

    fn workload() -> Workload {
        let lasts = Time(60_000_000_000);
        let sizes = Sizes { lasts, ops: None, rate: None, burst: 1, keys: 3, ops_per_key: 30 };
        Workload::new(Kind::Probe, Seed(1), &sizes, Kind::Probe.needs())
    }

    /// What is asked, and when, in this number of steps of a world in which all that is asked ends at once.
    fn asked(steps: u32, ends: &Completion) -> Vec<(Time, Op)> {
        let mut workload = workload();
        let (mut now, mut asked) = (Time(0), Vec::new());
        for _ in 0..steps {
            let context = Context { now, free: &[ProcessId(0)], processes: 1 };
            match workload.load().next(&context) {
                Next::Invoke { op, .. } => {
                    workload.load().observe(&op, ends);
                    asked.push((now, op));
                }
                Next::Pending(until) => now = until,
                Next::Done => break,
            }
        }
        asked
    }

    #[test]
    fn a_key_is_written_once_and_read_after_times_of_every_size() {
        let mut written: BTreeMap<Key, Time> = BTreeMap::new();
        let mut sizes: BTreeMap<u32, u32> = BTreeMap::new();
        for (at, op) in asked(20_000, &Completion::Ok(Returned::Done)) {
            let Action::Register(key, op) = op.action else { panic!("{op:?}") };
            match op {
                RegisterOp::Read => {
                    let age = at.0 - written[&key].0;
                    *sizes.entry((age / SOONEST).ilog2()).or_default() += 1;
                }
                _ => assert_eq!(written.insert(key, at), None, "it is written once"),
            }
        }
        assert_eq!(sizes.len() as u64, DOUBLINGS, "{sizes:?}");
        let (least, most) = (sizes.values().min().unwrap(), sizes.values().max().unwrap());
        assert!(most < &(least * 3 / 2), "each as often as the others: {sizes:?}");
    }

    #[test]
    fn what_was_not_acknowledged_is_not_read() {
        for ends in [Completion::Fail("no".into()), Completion::Info("who knows".into())] {
            let asked = asked(100, &ends);
            assert_eq!(asked.len(), 100);
            assert!(
                asked.iter().all(|(_, op)| {
                    matches!(op.action, Action::Register(_, RegisterOp::Write(_)))
                })
            );
        }
    }
}
