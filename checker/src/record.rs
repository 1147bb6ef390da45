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
//! An object of many keys is judged key by key, since linearizability is local: see [`by_key`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::linearizability::Call;
use crate::{OpIndex, Position};

/// Numbers invocations and returns. Shared by all threads.
#[derive(Debug, Default)]
pub struct Recorder {
    next: AtomicU32,
}

/// What one thread did.
#[derive(Debug)]
pub struct Log<'r, O, R> {
    recorder: &'r Recorder,
    calls: Vec<Call<O, R>>,
}

impl Recorder {
    /// A recorder of nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// A log for one thread.
    pub fn log<O, R>(&self) -> Log<'_, O, R> {
        Log { recorder: self, calls: Vec::new() }
    }

    /// What all threads did, in the order of invocations. O(n log n).
    ///
    /// # Panics
    ///
    /// If there are 2^32 calls or more.
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
        Position(self.next.fetch_add(1, Ordering::SeqCst))
    }
}

impl<O, R: Clone> Log<'_, O, R> {
    /// Does `act`, and records it as `op` with what it returns.
    pub fn call(&mut self, op: O, act: impl FnOnce() -> R) -> R {
        let invoked = self.recorder.number();
        let ret = act();
        let completed = self.recorder.number();
        self.calls.push(Call::returned(OpIndex(0), op, ret.clone(), invoked, completed));
        ret
    }

    /// Does `act`, and records it as `op`; with no return if there is none, in which case it may
    /// have taken effect or not, or may yet do so.
    pub fn try_call(&mut self, op: O, act: impl FnOnce() -> Option<R>) -> Option<R> {
        let invoked = self.recorder.number();
        let ret = act();
        let call = match &ret {
            Some(ret) => {
                let completed = self.recorder.number();
                Call::returned(OpIndex(0), op, ret.clone(), invoked, completed)
            }
            None => Call::lost(OpIndex(0), op, invoked),
        };
        self.calls.push(call);
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
