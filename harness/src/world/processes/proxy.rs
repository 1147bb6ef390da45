//! The proxies: one for each directed link between two nodes.
//!
//! A node sends its messages for a peer to the proxy's port. The proxy reads whole frames, has the
//! same [`Link`] as the simulation decide what happens to each, and forwards it when it is due. The
//! counts of the link are the evidence that a fault had an effect.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use nix::errno::Errno;
use rashomon_results::Loss;
use rashomon_targets::{Node, NodeId, Purpose};
use rashomon_workloads::Seed;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::{Shared, no_room};
use crate::doubt::Whose;
use crate::fault::{
    DirectedLink, Efficacy, Link, LinkOutcome, NumberedCopy, Passage, SharedEffect,
};
use crate::frame::{self, ClusterId};
use crate::trace::{LiveTracer, Tracer};
use crate::world::{Breakdown, Part};

/// A link that could take no connection tries again after this long at the latest.
const TRY_AGAIN_WITHIN: Duration = Duration::from_millis(20);

/// A frame on its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Frame {
    bytes: Vec<u8>,
    /// The span that changed a bit of it.
    damaged_by: Option<u32>,
}

/// A frame and when it is to arrive.
type Due = (Instant, u64, NumberedCopy<Frame>);

/// A frame that arrives.
#[derive(Debug, PartialEq, Eq)]
struct Arrived {
    /// Where its receiver listens.
    to: SocketAddr,
    frame: NumberedCopy<Frame>,
}

/// What all tasks of a link know.
struct Wire {
    cluster: ClusterId,
    from: NodeId,
    to: NodeId,
    /// Where the receiver listens now; nowhere while it is dead.
    upstream: Option<SocketAddr>,
    /// Decides what happens to each frame.
    link: Link<Frame>,
    receiver_is_paused: bool,
    /// How many frames came to a stopped receiver.
    stalled: u64,
    deliver: mpsc::UnboundedSender<(Instant, NumberedCopy<Frame>)>,
    /// What broke first that no fault explains.
    broken: Option<String>,
    shown_to: ClusterTrace,
}

/// The trace of a cluster, and the words for its messages.
#[derive(Clone, Debug)]
pub(crate) struct ClusterTrace {
    pub(crate) trace: LiveTracer,
    /// What the bytes of a message say, in a few words.
    pub(crate) describe: fn(&[u8]) -> String,
    /// What it is sent for. Of bytes that a fault has damaged: an operation, perhaps.
    pub(crate) purpose: fn(&[u8]) -> Purpose,
}

impl ClusterTrace {
    /// What happens to a cluster of these nodes.
    pub(crate) fn to<N: Node>(trace: Tracer) -> Self {
        let describe = |payload: &[u8]| {
            let message = serde_json::from_slice(payload).ok();
            message.map_or_else(String::new, |message| N::describe(&message))
        };
        let purpose = |payload: &[u8]| {
            let message = serde_json::from_slice(payload).ok();
            message.map_or(Purpose::Operation, |message| N::purpose(&message))
        };
        Self { trace: LiveTracer::new(trace), describe, purpose }
    }
}

impl Wire {
    /// Records a failure that no fault explains. Only the first is reported.
    fn broke(&mut self, what: impl FnOnce() -> String) {
        self.broken.get_or_insert_with(what);
    }
}

/// All links of a cluster.
pub(super) struct Proxies {
    cluster: ClusterId,
    links: BTreeMap<(NodeId, NodeId), (SocketAddr, Shared<Wire>)>,
}

impl Proxies {
    /// Opens a port for every directed link.
    ///
    /// # Errors
    /// If there is no port to be had.
    pub(super) fn start(
        runtime: &Runtime,
        members: &[NodeId],
        seed: Seed,
        shown_to: &ClusterTrace,
    ) -> anyhow::Result<Self> {
        let cluster = new_cluster();
        let mut links = BTreeMap::new();
        let closed = Arc::new(Notify::new());
        for &from in members {
            for &to in members.iter().filter(|&&to| to != from) {
                let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
                let address = listener.local_addr()?;
                let (deliver, due) = mpsc::unbounded_channel();
                let link = Arc::new(Mutex::new(Wire {
                    cluster,
                    from,
                    to,
                    upstream: None,
                    link: Link::new(seed, from, to),
                    receiver_is_paused: false,
                    stalled: 0,
                    deliver,
                    broken: None,
                    shown_to: shown_to.clone(),
                }));
                runtime.spawn(accept(listener, link.clone(), closed.clone()));
                runtime.spawn(deliver_when_due(due, link.clone()));
                links.insert((from, to), (address, link));
            }
        }
        Ok(Self { cluster, links })
    }

    /// The identity of this cluster in frames.
    pub(super) fn cluster(&self) -> ClusterId {
        self.cluster
    }

    /// Where `from` sends what is for `to`.
    pub(super) fn address(&self, from: NodeId, to: NodeId) -> Option<SocketAddr> {
        self.links.get(&(from, to)).map(|(address, _)| *address)
    }

    /// Learns where `node` listens.
    pub(super) fn lead_to(&self, node: NodeId, address: SocketAddr) {
        self.lead(node, Some(address));
    }

    /// Learns that `node` is dead. Another process may get its port now.
    pub(super) fn forget(&self, node: NodeId) {
        self.lead(node, None);
    }

    fn lead(&self, node: NodeId, upstream: Option<SocketAddr>) {
        for (_, link) in self.links.values() {
            let mut link = lock(link);
            if link.to == node {
                link.upstream = upstream;
            }
        }
    }

    /// From now on messages on these links take so much longer, in nanoseconds.
    pub(super) fn lengthen(&self, links: &[DirectedLink], length: u64) {
        for (_, link) in links.iter().filter_map(|pair| self.links.get(pair)) {
            lock(link).link.lengthen(length);
        }
    }

    /// Puts `effect` on `links`.
    pub(super) fn strike(&self, span: u32, links: &[DirectedLink], effect: &SharedEffect) {
        for pair in links {
            if let Some((_, link)) = self.links.get(pair) {
                lock(link).link.strike(span, effect.clone());
            }
        }
    }

    /// Ends a span on these links, and releases the messages it held back.
    pub(super) fn heal(&self, span: u32, ends_on: impl Fn(DirectedLink) -> bool) {
        for (&pair, (_, link)) in self.links.iter().filter(|(pair, _)| ends_on(**pair)) {
            let mut link = lock(link);
            for frame in link.link.heal(span) {
                link.shown_to.trace.releases(pair, frame.number, span);
                // The task that delivers ends only with the runtime.
                let _ = link.deliver.send((Instant::now(), frame));
            }
        }
    }

    /// How many frames came to `node` while it was stopped.
    pub(super) fn stalled(&self, node: NodeId) -> u64 {
        let to_it = self.links.values().map(|(_, link)| lock(link)).filter(|link| link.to == node);
        to_it.map(|link| link.stalled).sum()
    }

    /// Learns that `node` was stopped.
    pub(super) fn note_pause(&self, node: NodeId) {
        self.set_paused(node, true);
    }

    /// Learns that `node` continues.
    pub(super) fn note_resume(&self, node: NodeId) {
        self.set_paused(node, false);
    }

    fn set_paused(&self, node: NodeId, is_paused: bool) {
        for (_, link) in self.links.values() {
            let mut link = lock(link);
            if link.to == node {
                link.receiver_is_paused = is_paused;
            }
        }
    }

    /// What broke on links that no fault explains.
    pub(super) fn breakdowns(&self) -> Vec<Breakdown> {
        let of = |(&(from, to), (_, link)): (&(NodeId, NodeId), &(SocketAddr, Shared<Wire>))| {
            let what = lock(link).broken.clone()?;
            Some(Breakdown { part: Part::Link { from, to }, whose: Whose::Environment, what })
        };
        self.links.iter().filter_map(of).collect()
    }

    /// What a span has done on all links together.
    pub(super) fn efficacy(&self, span: u32) -> Efficacy {
        let mut sum = Efficacy::default();
        for (_, link) in self.links.values() {
            let link = lock(link);
            if let Some(here) = link.link.efficacy(span) {
                sum += here;
            }
        }
        sum
    }
}

/// A name for a cluster that is unique on this machine, even among clusters with the same seed.
fn new_cluster() -> ClusterId {
    // The standard library seeds each hasher with chance from the system. TOML's integers have a
    // sign.
    ClusterId(RandomState::new().hash_one(std::process::id()) >> 1)
}

fn lock(link: &Mutex<Wire>) -> MutexGuard<'_, Wire> {
    link.lock().expect("nobody panics while holding a link")
}

/// Takes connections from the sender, one after another as it restarts. `closed` learns when one
/// of any link has ended.
async fn accept(listener: TcpListener, link: Shared<Wire>, closed: Arc<Notify>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(take_in(stream, link.clone(), closed.clone()));
            }
            Err(error) => {
                match Refusal::of(&error) {
                    Refusal::OfOne => {}
                    Refusal::ForNow => {
                        lock(&link)
                            .broke(|| format!("accepted no connections for a while: {error}"));
                    }
                    Refusal::ForGood => {
                        lock(&link).broke(|| format!("ended: {error}"));
                        return;
                    }
                }
                // Connections wait in the listener's queue. Room comes when another ends, also one
                // that this does not know of.
                let _ = tokio::time::timeout(TRY_AGAIN_WITHIN, closed.notified()).await;
            }
        }
    }
}

/// Takes frames from one connection, until it ends.
async fn take_in(stream: TcpStream, link: Shared<Wire>, closed: Arc<Notify>) {
    let mut stream = BufReader::new(stream);
    loop {
        match frame::read(&mut stream).await {
            Ok(Some(frame)) => {
                let mut link = lock(&link);
                let Some((sender, _)) = frame::open(&frame) else {
                    link.broke(|| "delivered a damaged message".to_owned());
                    break;
                };
                if (sender.cluster, sender.node) != (link.cluster, link.from) {
                    break; // A node of another cluster, which took this port for one of its own.
                }
                send_off(&mut link, &frame);
            }
            // A connection that breaks within a frame is that of a sender that was killed.
            Ok(None) => break,
            Err(error) if error.kind() != io::ErrorKind::InvalidData => break,
            Err(error) => {
                lock(&link).broke(|| format!("delivered bytes that are not a message: {error}"));
                break;
            }
        }
    }
    drop(stream);
    closed.notify_waiters();
}

/// The meaning of an error of `accept`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// That connection is gone; others come.
    OfOne,
    /// The machine or this process has no room for it now.
    ForNow,
    /// The listener itself is broken.
    ForGood,
}

impl Refusal {
    /// As accept(2) has it: errors of the connection are passed on by the listener.
    fn of(error: &io::Error) -> Self {
        match error.raw_os_error().map(Errno::from_raw) {
            _ if no_room(error) => Self::ForNow,
            Some(Errno::EBADF | Errno::EINVAL | Errno::ENOTSOCK | Errno::EOPNOTSUPP) => {
                Self::ForGood
            }
            Some(_) | None => Self::OfOne,
        }
    }
}

/// Sends a frame on its way. The delays are those of the simulated network: a link within one
/// machine hides what others show.
fn send_off(wire: &mut Wire, frame: &[u8]) {
    let now = Instant::now();
    let ClusterTrace { trace, describe, purpose } = &wire.shown_to;
    let departure = wire.link.on_send(wire.shown_to.trace.now(), || purpose_of(frame, *purpose));
    trace.departs((wire.from, wire.to), &departure, || {
        frame::open(frame).map_or_else(String::new, |(_, payload)| describe(payload))
    });
    for Passage { number, after, flip } in departure.copies.into_iter().flatten() {
        let mut message = Frame { bytes: frame.to_vec(), damaged_by: None };
        if let Some(bit) = flip {
            frame::damage(&mut message.bytes, bit); // The receiver's checksum refuses it.
            message.damaged_by = departure.damaged_by;
        }
        let due = now + Duration::from_nanos(after);
        // The task that delivers ends only with the runtime.
        let _ = wire.deliver.send((due, NumberedCopy { number, message }));
    }
}

/// What a message in a frame is sent for.
fn purpose_of(frame: &[u8], purpose: fn(&[u8]) -> Purpose) -> Purpose {
    frame::open(frame).map_or(Purpose::Operation, |(_, payload)| purpose(payload))
}

/// A frame that would arrive now, and where to deliver it, if it does arrive.
fn arrive(wire: &Mutex<Wire>, frame: NumberedCopy<Frame>) -> Option<Arrived> {
    let mut wire = lock(wire);
    let (pair, number) = ((wire.from, wire.to), frame.number);
    let purpose = wire.shown_to.purpose;
    let outcome = wire.link.on_deliver(frame, |frame| purpose_of(&frame.bytes, purpose));
    let trace = &wire.shown_to.trace;
    trace.decided(pair, number, &outcome);
    let LinkOutcome::Arrives(frame) = outcome else { return None };
    if wire.upstream.is_none() {
        trace.loses(pair, number, (Loss::Dead, None));
    }
    wire.stalled += u64::from(wire.receiver_is_paused);
    Some(Arrived { to: wire.upstream?, frame })
}

/// Delivers a frame, and takes note of what came of it.
async fn deliver(wire: &Mutex<Wire>, connection: &mut Connection, Arrived { to, frame }: Arrived) {
    let NumberedCopy { number, message: Frame { bytes, damaged_by } } = frame;
    let (trace, pair) = {
        let wire = lock(wire);
        (wire.shown_to.trace.clone(), (wire.from, wire.to))
    };
    // What the receiver does with it comes later than this.
    let began = trace.now();
    let written = write(connection, to, &bytes).await;
    match &written {
        // Whether it came or not.
        _ if damaged_by.is_some() => trace.loses(pair, number, (Loss::Damaged, damaged_by)),
        Ok(Written::Whole) => trace.delivers_at(began, pair, number),
        Ok(Written::Not) | Err(_) => trace.loses(pair, number, (Loss::NotTaken, None)),
    }
    if let Err(error) = written {
        lock(wire).broke(|| format!("lost a message because its buffer was full: {error}"));
    }
}

/// Passes frames on to the receiver, each when it is due.
async fn deliver_when_due(
    mut incoming: mpsc::UnboundedReceiver<(Instant, NumberedCopy<Frame>)>,
    link: Shared<Wire>,
) {
    let mut waiting: BinaryHeap<Reverse<Due>> = BinaryHeap::new();
    let mut connection: Connection = None;
    let mut number = 0;
    loop {
        let next = waiting.peek().map(|Reverse((due, ..))| *due);
        tokio::select! {
            biased;
            arrived = incoming.recv() => {
                let Some((due, frame)) = arrived else { return };
                number += 1;
                waiting.push(Reverse((due, number, frame)));
            }
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let Some(Reverse((_, _, frame))) = waiting.pop() else { continue };
                if let Some(arrived) = arrive(&link, frame) {
                    deliver(&link, &mut connection, arrived).await;
                }
            }
        }
    }
}

/// A connection to a receiver, and where that listens.
type Connection = Option<(SocketAddr, TcpStream)>;

/// Whether the receiver's system has taken a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Whole,
    /// Nobody listened, the connection broke, or its buffers stayed full.
    Not,
}

/// Writes to the receiver, connecting first if need be. What cannot be written is lost.
///
/// # Errors
/// If that is because there is no room for a connection here, rather than because of the receiver.
async fn write(connection: &mut Connection, to: SocketAddr, frame: &[u8]) -> io::Result<Written> {
    if connection.as_ref().is_none_or(|(address, _)| *address != to) {
        *connection = match TcpStream::connect(to).await {
            Ok(stream) if stream.set_nodelay(true).is_ok() => Some((to, stream)),
            Err(error) if no_room(&error) => return Err(error),
            Ok(_) | Err(_) => None,
        };
    }
    // A receiver that is stopped fills its buffers; the link must not stand still for ever then.
    let patience = Duration::from_millis(500);
    let Some((_, stream)) = connection else { return Ok(Written::Not) };
    if let Ok(Ok(())) = tokio::time::timeout(patience, stream.write_all(frame)).await {
        return Ok(Written::Whole);
    }
    *connection = None;
    Ok(Written::Not)
}

#[cfg(test)]
mod tests;
