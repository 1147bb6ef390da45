//! The thread that owns the node.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rashomon_targets::{
    Admin, AdminRefused, Effect, Input, InputOf, Moment, Node, NodeId, Now, Order, PersistId,
    Request, RequestId, Response, Shell, Status,
};
use rashomon_workloads::{Rng, Seed};
use tokio::sync::oneshot;

use super::wal::{DiskCounters, DiskJob, Done, Wal};
use crate::disk::{DISK_FAILED, DiskCounts, DiskTrouble};
use crate::trace::Tracer;

/// Something for the node's thread.
pub(super) enum Inbox<M> {
    /// A client asks, and waits.
    Request(Request, Tell),
    /// A peer says something.
    Message(NodeId, M),
    /// The disk has taken everything up to this record.
    Durable(PersistId),
    /// The harness looks.
    Status(oneshot::Sender<Status>),
    /// The harness looks at the clocks.
    Clock(oneshot::Sender<Now>),
    /// The administrator asks.
    Admin(Admin, oneshot::Sender<Result<(), AdminRefused>>),
    /// The harness looks at the disk.
    Disk(oneshot::Sender<DiskCounts>),
    /// From now on this is wrong with the disk; told once it is so.
    Suffer(DiskTrouble, oneshot::Sender<()>),
}

/// Tells a client the answer.
pub(super) type Tell = Box<dyn FnOnce(Response) + std::marker::Send>;

/// Sends a message to a peer, with no promise of delivery.
pub(super) type Send<M> = Box<dyn Fn(NodeId, M) + std::marker::Send>;

/// What a node's thread is started with.
pub(super) struct Setup<M> {
    pub(super) me: NodeId,
    /// How often it has started, this time included.
    pub(super) incarnation: u64,
    /// Of the node's own chance.
    pub(super) seed: u64,
    pub(super) send: Send<M>,
    /// Is shown what happens in the node.
    pub(super) trace: Tracer,
}

/// Where to put things for the node's thread.
pub(super) type Inputs<M> = mpsc::Sender<Inbox<M>>;

/// A node with all that a real process has to add.
struct Runner<N: Node> {
    me: NodeId,
    shell: Shell<N>,
    chance: Rng,
    started: Instant,
    timers: BinaryHeap<Reverse<(u64, N::Timer)>>,
    waiting: BTreeMap<RequestId, Tell>,
    next_request: u64,
    send: Send<N::Message>,
    trace: Tracer,
    disk: mpsc::Sender<DiskJob<N::Record>>,
    disk_counts: Arc<DiskCounters>,
    /// What was last wrong with the disk.
    trouble: DiskTrouble,
}

/// Starts the node's thread and its disk's thread.
///
/// # Errors
/// If the system gives no thread.
pub(super) fn start<N: Node + std::marker::Send + 'static>(
    shell: Shell<N>,
    setup: Setup<N::Message>,
    wal: Wal,
) -> anyhow::Result<Inputs<N::Message>> {
    let Setup { me, incarnation, seed, send, trace } = setup;
    let (inputs, inbox) = mpsc::channel();
    let (disk, records) = mpsc::channel();
    let durable = inputs.clone();
    let disk_counts = Arc::new(DiskCounters::default());
    let counters = disk_counts.clone();
    thread::Builder::new().name("disk".into()).spawn(move || {
        let tell = |id| {
            // The node's thread ends only with the process.
            let _ = durable.send(Inbox::Durable(id));
        };
        if let Err(error) = wal.run(&records, &counters, tell) {
            // A node that cannot write must not go on as if it could.
            eprintln!("{me}: {error:#}");
            std::process::exit(DISK_FAILED);
        }
    })?;
    let seed = Seed(seed).stream("node").nth(u64::from(me.0)).nth(incarnation);
    let mut runner = Runner {
        me,
        shell,
        chance: seed.rng(),
        started: Instant::now(),
        timers: BinaryHeap::new(),
        waiting: BTreeMap::new(),
        next_request: 0,
        send,
        trace,
        disk,
        disk_counts,
        trouble: DiskTrouble::default(),
    };
    thread::Builder::new().name("node".into()).spawn(move || {
        runner.step(Input::Start);
        runner.run(&inbox);
    })?;
    Ok(inputs)
}

impl<N: Node> Runner<N> {
    fn run(&mut self, inbox: &mpsc::Receiver<Inbox<N::Message>>) {
        loop {
            let now = self.now().elapsed;
            if let Some(&Reverse((due, timer))) = self.timers.peek()
                && due <= now
            {
                self.timers.pop();
                self.step(Input::Timer(timer));
                continue;
            }
            let wait = self.timers.peek().map_or(Duration::from_hours(1), |Reverse((due, _))| {
                Duration::from_nanos(due.saturating_sub(now))
            });
            match inbox.recv_timeout(wait) {
                Ok(item) => self.take(item),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, item: Inbox<N::Message>) {
        match item {
            Inbox::Request(request, answer) => {
                self.next_request += 1;
                let id = RequestId(self.next_request);
                self.waiting.insert(id, answer);
                self.step(Input::Request { id, request });
            }
            Inbox::Message(from, message) => self.step(Input::Message { from, message }),
            Inbox::Durable(id) => self.step(Input::Durable(id)),
            Inbox::Status(answer) => {
                let _ = answer.send(self.shell.status()); // The caller may have gone.
            }
            Inbox::Clock(answer) => {
                let _ = answer.send(self.shell.now(self.now())); // As above.
            }
            Inbox::Admin(admin, answer) => {
                let _ = answer.send(self.administer(admin)); // As above.
            }
            Inbox::Disk(answer) => {
                let _ = answer.send(self.disk_counts.read()); // As above.
            }
            Inbox::Suffer(trouble, answer) => {
                // Of one that fails it is to be known that it has not failed: only it can tell.
                let fails = std::mem::replace(&mut self.trouble, trouble).fails.is_some();
                let tell = move || {
                    let _ = answer.send(()); // As above.
                };
                let done: Done = if fails {
                    Box::new(tell)
                } else {
                    tell();
                    Box::new(|| ())
                };
                // The disk's thread ends only by ending the process.
                let _ = self.disk.send(DiskJob::Suffer(trouble, done));
            }
        }
    }

    fn administer(&mut self, admin: Admin) -> Result<(), AdminRefused> {
        let (moment, mut orders) = (self.now(), Vec::new());
        let chance = &mut || self.chance.next_u64();
        let done = self.shell.administer(moment, admin, chance, &mut orders);
        for order in orders {
            self.perform(order);
        }
        done
    }

    fn step(&mut self, input: InputOf<N>) {
        let moment = self.now();
        let mut orders = Vec::new();
        self.trace.takes_now::<N>(self.me, &input);
        self.shell.step(moment, input, &mut || self.chance.next_u64(), &mut orders);
        for order in orders {
            self.perform(order);
        }
    }

    fn perform(&mut self, order: Order<N>) {
        self.trace.wants_now::<N>(self.me, &order);
        match order {
            Effect::Send { to, message } => {
                (self.send)(to, message);
            }
            Effect::Reply { id, response } => {
                if let Some(client) = self.waiting.remove(&id) {
                    client(response);
                }
            }
            Effect::SetTimer { timer, after } => {
                self.timers.push(Reverse((self.now().elapsed + after, timer)));
            }
            Effect::Persist { id, record } => {
                // The disk's thread ends only by ending the process.
                let _ = self.disk.send(DiskJob::Write(id, record));
            }
            // The node's log is for people; what else nodes tell would fill it.
            Effect::Trace(event) if event.is_about_roles() => eprintln!("{}: {event}", self.me),
            // The shell has taken note of the second.
            Effect::Trace(_) | Effect::Administered(_) => {}
        }
    }

    fn now(&self) -> Moment {
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Moment { elapsed: nanos(self.started.elapsed()), date: nanos(wall) }
    }
}
