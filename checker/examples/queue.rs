//! Is a queue that several threads use linearizable? One is, and one only looks so.
//!
//! ```text
//! cargo run -p rashomon-checker --example queue
//! ```

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rashomon_checker::linearizability::Options;
use rashomon_checker::model::{ContainerOp, ContainerRet, Queue};
use rashomon_checker::record::{self, Recorder};

trait Concurrent: Default + Sync {
    fn enqueue(&self, element: i64);
    fn dequeue(&self) -> Option<i64>;
}

/// One lock around all of it.
#[derive(Default)]
struct Locked(Mutex<VecDeque<i64>>);

impl Concurrent for Locked {
    fn enqueue(&self, element: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(element);
    }

    fn dequeue(&self) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// What is put in waits in an inbox until an element is taken out: planted, it should be moved
/// before that, not after.
#[derive(Default)]
struct Lazy(Mutex<(Vec<i64>, VecDeque<i64>)>);

impl Concurrent for Lazy {
    fn enqueue(&self, element: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.push(element);
    }

    fn dequeue(&self) -> Option<i64> {
        let (inbox, outbox) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = outbox.pop_front();
        outbox.extend(inbox.drain(..));
        taken
    }
}

/// Has three threads use a queue, and tells the verdict.
fn judge<Q: Concurrent>(name: &str) -> String {
    let (queue, recorder) = (Q::default(), Recorder::new());
    let mut logs: Vec<_> = (0..3).map(|_| recorder.log()).collect();
    std::thread::scope(|scope| {
        for (thread, log) in (0..).zip(&mut logs) {
            let queue = &queue;
            scope.spawn(move || {
                for element in 100 * thread..100 * thread + 10 {
                    log.call(ContainerOp::Insert(element), || {
                        queue.enqueue(element);
                        ContainerRet::Inserted
                    });
                    log.call(ContainerOp::Take, || ContainerRet::Taken(queue.dequeue()));
                }
            });
        }
    });
    let calls = recorder.merge(logs);
    let report = record::check(&Queue::new(), &calls, &Options::default());
    let verdict = report.expect("a recorder's calls are well formed").verdict;
    let mut told = vec![format!("{name}: {}", verdict.name())];
    told.extend(verdict.anomalies().map(ToString::to_string));
    told.join("\n\n")
}

pub(crate) fn verdicts() -> String {
    [judge::<Locked>("locked"), judge::<Lazy>("lazy")].join("\n")
}

#[expect(clippy::print_stdout, reason = "a command prints")]
fn main() {
    println!("{}", verdicts());
}
