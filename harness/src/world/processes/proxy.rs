//! The proxies: one a directed link, between a node and each of its peers.
//!
//! A node sends its messages for a peer to the proxy's port. The proxy reads whole frames, decides
//! with the same [`LinkEffect`]s as the simulation what becomes of each, and passes it on when its
//! time has come. What it counts is the evidence that a fault had an effect.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use nix::errno::Errno;
use rashomon_targets::NodeId;
use rashomon_workloads::{Rng, Seed};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::{Shared, no_room};
use crate::doubt::Whose;
use crate::fault::{Efficacy, LinkEffect, usual_delay};
use crate::frame::{self, ClusterId};
use crate::world::{Breakdown, Part};

/// A link that could take no connection tries again after this long at the latest.
const TRY_AGAIN_WITHIN: Duration = Duration::from_millis(20);

/// A frame and when it is to arrive.
type Due = (Instant, u64, Vec<u8>);

/// What all tasks of a link know.
struct Link {
    cluster: ClusterId,
    from: NodeId,
    to: NodeId,
    /// Where the receiver listens now; nowhere while it is dead.
    upstream: Option<SocketAddr>,
    in_force: Vec<(u32, LinkEffect)>,
    /// Frames kept back, and by which span.
    held: Vec<(u32, Vec<u8>)>,
    /// The span that has the receiver stopped.
    receiver_paused_by: Option<u32>,
    efficacy: BTreeMap<u32, Efficacy>,
    rng: Rng,
    deliver: mpsc::UnboundedSender<(Instant, Vec<u8>)>,
    /// What broke first that no fault explains.
    broken: Option<String>,
}

impl Link {
    /// Takes note of something that no fault explains. The first of it is told.
    fn broke(&mut self, what: impl FnOnce() -> String) {
        self.broken.get_or_insert_with(what);
    }
}

/// All links of a cluster.
pub(super) struct Proxies {
    cluster: ClusterId,
    links: BTreeMap<(NodeId, NodeId), (SocketAddr, Shared<Link>)>,
}

impl Proxies {
    /// Opens a port for every directed link.
    ///
    /// # Errors
    /// If there is no port to be had.
    pub(super) fn start(runtime: &Runtime, members: &[NodeId], seed: Seed) -> anyhow::Result<Self> {
        let cluster = new_cluster();
        let mut links = BTreeMap::new();
        let closed = Arc::new(Notify::new());
        for &from in members {
            for &to in members.iter().filter(|&&to| to != from) {
                let name = u64::from(from.0) << 16 | u64::from(to.0);
                let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
                let address = listener.local_addr()?;
                let (deliver, due) = mpsc::unbounded_channel();
                let link = Arc::new(Mutex::new(Link {
                    cluster,
                    from,
                    to,
                    upstream: None,
                    in_force: Vec::new(),
                    held: Vec::new(),
                    receiver_paused_by: None,
                    efficacy: BTreeMap::new(),
                    rng: seed.nth(name).rng(),
                    deliver,
                    broken: None,
                }));
                runtime.spawn(accept(listener, link.clone(), closed.clone()));
                runtime.spawn(deliver_when_due(due, link.clone()));
                links.insert((from, to), (address, link));
            }
        }
        Ok(Self { cluster, links })
    }

    /// What the messages of this cluster's nodes are known by.
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

    /// Learns that `node` is dead. Its port may be given to anybody now.
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

    /// Puts `effect` on `links`.
    pub(super) fn strike(&self, span: u32, links: &[(NodeId, NodeId)], effect: LinkEffect) {
        for pair in links {
            if let Some((_, link)) = self.links.get(pair) {
                lock(link).in_force.push((span, effect));
            }
        }
    }

    /// Ends a span on all links, and lets go of what it kept back.
    pub(super) fn heal(&self, span: u32) {
        for (_, link) in self.links.values() {
            let mut link = lock(link);
            link.in_force.retain(|(of, _)| *of != span);
            let (freed, held) = std::mem::take(&mut link.held)
                .into_iter()
                .partition::<Vec<_>, _>(|(of, _)| *of == span);
            link.held = held;
            for (_, frame) in freed {
                // The task that delivers ends only with the runtime.
                let _ = link.deliver.send((Instant::now(), frame));
            }
        }
    }

    /// Learns that `node` was stopped by a span, or continues.
    pub(super) fn note_pause(&self, node: NodeId, span: Option<u32>) {
        for (_, link) in self.links.values() {
            let mut link = lock(link);
            if link.to == node {
                link.receiver_paused_by = span;
            }
        }
    }

    /// What broke on links that no fault explains.
    pub(super) fn breakdowns(&self) -> Vec<Breakdown> {
        let of = |(&(from, to), (_, link)): (&(NodeId, NodeId), &(SocketAddr, Shared<Link>))| {
            let what = lock(link).broken.clone()?;
            Some(Breakdown { part: Part::Link { from, to }, whose: Whose::Environment, what })
        };
        self.links.iter().filter_map(of).collect()
    }

    /// What a span has done on all links together.
    pub(super) fn efficacy(&self, span: u32) -> Efficacy {
        let mut sum = Efficacy::default();
        for (_, link) in self.links.values() {
            if let Some(here) = lock(link).efficacy.get(&span) {
                sum.dropped += here.dropped;
                sum.held += here.held;
                sum.changed += here.changed;
                sum.stalled += here.stalled;
            }
        }
        sum
    }
}

/// A name for a cluster that no other on this machine has, also not one of the same seed.
fn new_cluster() -> ClusterId {
    // The standard library seeds each hasher with chance from the system. TOML's integers have a
    // sign.
    ClusterId(RandomState::new().hash_one(std::process::id()) >> 1)
}

fn lock(link: &Mutex<Link>) -> MutexGuard<'_, Link> {
    link.lock().expect("nobody panics while holding a link")
}

/// Takes connections from the sender, one after another as it restarts. `closed` is told when one
/// of any link has ended.
async fn accept(listener: TcpListener, link: Shared<Link>, closed: Arc<Notify>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(take_in(stream, link.clone(), closed.clone()));
            }
            Err(error) => {
                match Refusal::of(&error) {
                    Refusal::OfOne => {}
                    Refusal::ForNow => {
                        lock(&link).broke(|| format!("took no connections for a while: {error}"));
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
async fn take_in(stream: TcpStream, link: Shared<Link>, closed: Arc<Notify>) {
    let mut stream = BufReader::new(stream);
    loop {
        match frame::read(&mut stream).await {
            Ok(Some(frame)) => {
                let mut link = lock(&link);
                let Some((sender, _)) = frame::open(&frame) else {
                    link.broke(|| "carried a damaged message".to_owned());
                    break;
                };
                if (sender.cluster, sender.node) != (link.cluster, link.from) {
                    break; // A stranger, for whom this was the port of one of its own cluster.
                }
                send_off(&mut link, frame);
            }
            // What breaks in the midst of a frame is that of a sender that was killed.
            Ok(None) => break,
            Err(error) if error.kind() != io::ErrorKind::InvalidData => break,
            Err(error) => {
                lock(&link).broke(|| format!("carried what is no message: {error}"));
                break;
            }
        }
    }
    drop(stream);
    closed.notify_waiters();
}

/// What it means that no connection was taken.
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

/// Decides what becomes of a frame that has just been sent.
fn send_off(link: &mut Link, frame: Vec<u8>) {
    // The same network as in the simulation: a link within one machine hides what others show.
    let mut late = usual_delay(&mut link.rng);
    let mut twice = false;
    for &(span, effect) in &link.in_force {
        let fate = effect.fate(&mut link.rng);
        let counts = link.efficacy.entry(span).or_default();
        if fate.lost {
            counts.dropped += 1;
            return;
        }
        if fate.late > 0 || fate.twice {
            counts.changed += 1;
        }
        late += fate.late;
        twice |= fate.twice;
    }
    let due = Instant::now() + Duration::from_nanos(late);
    if twice {
        let _ = link.deliver.send((due + Duration::from_millis(5), frame.clone()));
    }
    let _ = link.deliver.send((due, frame)); // The task that delivers ends only with the runtime.
}

/// What becomes of a frame that would arrive now: cuts strike here. Returns where to deliver it.
fn arrive(link: &Mutex<Link>, frame: &[u8]) -> Option<SocketAddr> {
    let mut guard = lock(link);
    let link = &mut *guard;
    for &(span, effect) in &link.in_force {
        let counts = link.efficacy.entry(span).or_default();
        match effect {
            LinkEffect::Drop => {
                counts.dropped += 1;
                return None;
            }
            LinkEffect::Hold => {
                counts.held += 1;
                link.held.push((span, frame.to_vec()));
                return None;
            }
            LinkEffect::Loss { .. }
            | LinkEffect::Delay { .. }
            | LinkEffect::Duplicate { .. }
            | LinkEffect::Reorder { .. } => {}
        }
    }
    if let Some(span) = link.receiver_paused_by {
        link.efficacy.entry(span).or_default().stalled += 1;
    }
    link.upstream
}

/// Passes frames on to the receiver, each when it is due.
async fn deliver_when_due(
    mut incoming: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>,
    link: Shared<Link>,
) {
    let mut waiting: BinaryHeap<Reverse<Due>> = BinaryHeap::new();
    let mut connection: Option<(SocketAddr, TcpStream)> = None;
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
                if let Some(address) = arrive(&link, &frame)
                    && let Err(error) = write(&mut connection, address, &frame).await
                {
                    lock(&link).broke(|| format!("lost a message for want of room: {error}"));
                }
            }
        }
    }
}

/// Writes to the receiver, connecting first if need be. What cannot be written is lost.
///
/// # Errors
/// If that is because there is no room for a connection here, rather than because of the receiver.
async fn write(
    connection: &mut Option<(SocketAddr, TcpStream)>,
    to: SocketAddr,
    frame: &[u8],
) -> io::Result<()> {
    if connection.as_ref().is_none_or(|(address, _)| *address != to) {
        *connection = match TcpStream::connect(to).await {
            Ok(stream) if stream.set_nodelay(true).is_ok() => Some((to, stream)),
            Err(error) if no_room(&error) => return Err(error),
            Ok(_) | Err(_) => None,
        };
    }
    // A receiver that is stopped fills its buffers; the link must not stand still for ever then.
    let patience = Duration::from_millis(500);
    if let Some((_, stream)) = connection
        && !matches!(tokio::time::timeout(patience, stream.write_all(frame)).await, Ok(Ok(())))
    {
        *connection = None;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::frame::Sender;

    fn links_of_two() -> (Runtime, Proxies) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let proxies = Proxies::start(&runtime, &[NodeId(1), NodeId(2)], Seed(1)).unwrap();
        (runtime, proxies)
    }

    #[test]
    fn a_dead_nodes_address_is_forgotten() {
        let (_runtime, proxies) = links_of_two();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let (_, to_2) = &proxies.links[&(NodeId(1), NodeId(2))];
        let (_, to_1) = &proxies.links[&(NodeId(2), NodeId(1))];
        proxies.lead_to(NodeId(1), address);
        proxies.lead_to(NodeId(2), address);
        proxies.forget(NodeId(2));
        assert_eq!(arrive(to_2, b""), None);
        assert_eq!(arrive(to_1, b""), Some(address), "n1 lives");
    }

    #[test]
    fn no_two_clusters_have_the_same_name() {
        let names: Vec<ClusterId> = (0..2).map(|_| links_of_two().1.cluster()).collect();
        assert_ne!(names[0], names[1]);
    }

    /// A stranger whose peer had this port once is turned away; the sender of the link is not.
    #[test]
    fn a_link_carries_only_the_messages_of_its_sender() {
        let (runtime, proxies) = links_of_two();
        runtime.block_on(async {
            let receiver = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            proxies.lead_to(NodeId(2), receiver.local_addr().unwrap());
            let link = proxies.address(NodeId(1), NodeId(2)).unwrap();
            let ours = Sender { cluster: proxies.cluster(), node: NodeId(1), incarnation: 1 };
            let foreign = ClusterId(ours.cluster.0 ^ 1);
            let strangers =
                [Sender { cluster: foreign, ..ours }, Sender { node: NodeId(2), ..ours }];
            for sender in strangers.into_iter().chain([ours]) {
                let mut stream = TcpStream::connect(link).await.unwrap();
                stream.write_all(&frame::encode(sender, b"said")).await.unwrap();
                if sender != ours {
                    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "it is hung up on");
                }
            }
            let (mut arrived, _) = receiver.accept().await.unwrap();
            let first = frame::read(&mut arrived).await.unwrap().unwrap();
            assert_eq!(frame::open(&first), Some((ours, &b"said"[..])));
        });
    }

    #[test]
    fn a_listener_outlives_all_errors_but_its_own() {
        let of = |errno: Errno| Refusal::of(&io::Error::from_raw_os_error(errno as i32));
        for errno in [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM, Errno::ENOBUFS] {
            assert_eq!(of(errno), Refusal::ForNow, "{errno}");
        }
        for errno in [Errno::ECONNABORTED, Errno::EINTR, Errno::EPROTO, Errno::EPERM] {
            assert_eq!(of(errno), Refusal::OfOne, "{errno}");
        }
        assert_eq!(of(Errno::EBADF), Refusal::ForGood);
    }
}
