//! Recording what threads do to a concurrent object, so that it can be judged.
//!
//! Order is all that matters, so there is no clock: each invocation and each return takes the next
//! number of one shared counter. Each thread writes to a log of its own.
//!
//! ```
//! use std::sync::Mutex;
//!
//! use rashomon_checker::Budget;
//! use rashomon_checker::linearizability::{Judgement, check_calls};
//! use rashomon_checker::model::{Counter, CounterOp, CounterRet};
//! use rashomon_checker::record::Recorder;
//!
//! let object = Mutex::new(0);
//! let recorder = Recorder::new();
//! let logs: Vec<_> = std::thread::scope(|scope| {
//!     let threads: Vec<_> = (0..3)
//!         .map(|_| {
//!             scope.spawn(|| {
//!                 let mut log = recorder.log();
//!                 for _ in 0..10 {
//!                     log.call(CounterOp::Add(1), || {
//!                         *object.lock().unwrap() += 1;
//!                         CounterRet::Added
//!                     });
//!                     log.call(CounterOp::Read, || CounterRet::Sum(*object.lock().unwrap()));
//!                 }
//!                 log
//!             })
//!         })
//!         .collect();
//!     threads.into_iter().map(|thread| thread.join().unwrap()).collect()
//! });
//! let calls = recorder.merge(logs);
//! assert_eq!(calls.len(), 60);
//! let judgement = check_calls(&Counter, &calls, &Budget::default());
//! assert!(matches!(judgement, Judgement::Linearizable(_)));
//! ```
//!
//! Calls on a built-in model are best judged by [`check()`], which knows fast methods and has a name
//! for what is wrong; those on a model of your own are explained by
//! [`explain_calls`](crate::linearizability::explain_calls). An object of many keys is judged key by
//! key, since linearizability is local: see [`by_key`].
//!
//! What takes time and may be cancelled, as in the tasks of an asynchronous test, is recorded by an
//! [`EventRecorder`].

mod events;
mod words;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::Call;
use crate::{Observed, OpIndex, Position, ProcessId};

pub use events::{EventProcess, EventRecorder, Invocation};
pub use words::{Worded, Words, check, history};

/// Numbers invocations and returns. Shared by all threads.
#[derive(Debug, Default)]
pub struct Recorder {
    next: AtomicU64,
    processes: AtomicU32,
}

/// What one thread did. Only what is [merged](Recorder::merge) counts: merge the log of every
/// thread, also of one that panicked.
#[derive(Debug)]
pub struct Log<'r, O, R> {
    recorder: &'r Recorder,
    process: ProcessId,
    calls: Vec<Call<O, R>>,
}

impl Recorder {
    /// A recorder of nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// A log for one thread, which is the next process: `p0`, `p1` and so on.
    pub fn log<O, R>(&self) -> Log<'_, O, R> {
        Log { recorder: self, process: self.process(), calls: Vec::new() }
    }

    /// What all threads did, in the order of invocations. O(n log n).
    ///
    /// # Panics
    ///
    /// If there are more than 2^32 calls.
    pub fn merge<'r, O: 'r, R: 'r>(
        &self,
        logs: impl IntoIterator<Item = Log<'r, O, R>>,
    ) -> Vec<Call<O, R>> {
        let mut calls: Vec<Call<O, R>> = logs.into_iter().flat_map(|log| log.calls).collect();
        calls.sort_by_key(|call| call.invoked);
        for (index, call) in (0..).zip(&mut calls) {
            call.index = OpIndex(index);
        }
        calls
    }

    /// Sequentially consistent, so that whatever happened before in real time has a lower number.
    fn number(&self) -> Position {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        Position(u32::try_from(number).expect("a recorder numbers 2^32 events at the most"))
    }

    fn process(&self) -> ProcessId {
        ProcessId(self.processes.fetch_add(1, Ordering::Relaxed))
    }
}

impl<O, R: Clone> Log<'_, O, R> {
    /// Does `act`, and records it as `op` with what it returns. If it panics, it is recorded without
    /// a return: it may have taken effect.
    ///
    /// # Panics
    ///
    /// At the 2^31st call or so, of all threads.
    pub fn call(&mut self, op: O, act: impl FnOnce() -> R) -> R {
        let ret = self.try_call(op, || Some(act()));
        ret.expect("there is a return")
    }

    /// Does `act`, and records it as `op`; with no return if there is none, in which case it may
    /// have taken effect or not, or may yet do so. What the thread does from then on is another
    /// process's: one process has one operation in flight.
    ///
    /// # Panics
    ///
    /// At the 2^31st call or so, of all threads.
    pub fn try_call(&mut self, op: O, act: impl FnOnce() -> Option<R>) -> Option<R> {
        if self.calls.last().is_some_and(|last| last.completed.is_none()) {
            self.process = self.recorder.process();
        }
        let call = Call::lost(OpIndex(0), op, self.recorder.number()).by(self.process);
        self.calls.push(call);
        let ret = act();
        if let (Some(ret), Some(call)) = (&ret, self.calls.last_mut()) {
            call.completed = Some(self.recorder.number());
            call.seen = Observed::Returned(ret.clone());
        }
        ret
    }
}

/// Splits calls by the key each concerns, keeping their order.
pub fn by_key<K: Ord, O, R>(
    calls: impl IntoIterator<Item = Call<O, R>>,
    key: impl Fn(&O) -> K,
) -> BTreeMap<K, Vec<Call<O, R>>> {
    let mut parts: BTreeMap<K, Vec<Call<O, R>>> = BTreeMap::new();
    for call in calls {
        parts.entry(key(&call.op)).or_default().push(call);
    }
    parts
}
