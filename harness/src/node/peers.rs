//! Messages between node processes: one TCP connection a directed link, fire and forget.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rashomon_targets::NodeId;
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::runner::{Inbox, Inputs};
use crate::frame::{self, ClusterId, Sender};

/// Messages that wait for a link. More are dropped: the network promises nothing, and protocols
/// send again.
const QUEUE: usize = 1024;
/// After a failed connection.
const RECONNECT_AFTER: Duration = Duration::from_millis(20);

/// The sending end of a link.
struct Outgoing<M> {
    queue: mpsc::Sender<M>,
}

impl<M> Outgoing<M> {
    /// Sends if there is room.
    fn send(&self, message: M) {
        let _ = self.queue.try_send(message);
    }
}

/// Sends to whichever peer.
pub(super) fn connect_all<M: Serialize + Send + 'static>(
    me: Sender,
    addresses: impl Iterator<Item = (NodeId, SocketAddr)>,
    runtime: &Handle,
) -> Box<dyn Fn(NodeId, M) + Send> {
    let connect = |(peer, address)| (peer, connect(me, address, runtime));
    let links: BTreeMap<NodeId, Outgoing<M>> = addresses.map(connect).collect();
    Box::new(move |to, message| {
        if let Some(link) = links.get(&to) {
            link.send(message);
        }
    })
}

/// Keeps a connection to a peer, and sends what is queued.
fn connect<M: Serialize + Send + 'static>(
    me: Sender,
    address: SocketAddr,
    runtime: &Handle,
) -> Outgoing<M> {
    let (queue, mut messages) = mpsc::channel::<M>(QUEUE);
    runtime.spawn(async move {
        let mut connection: Option<TcpStream> = None;
        while let Some(m) = messages.recv().await {
            let payload = serde_json::to_vec(&m)
                .unwrap_or_else(|error| give_up(&format!("a message cannot be written: {error}")));
            if connection.is_none() {
                connection = open(address).await;
            }
            let Some(stream) = &mut connection else {
                // Lost, and so is what has piled up behind it.
                tokio::time::sleep(RECONNECT_AFTER).await;
                continue;
            };
            if stream.write_all(&frame::encode(me, &payload)).await.is_err() {
                connection = None;
            }
        }
    });
    Outgoing { queue }
}

async fn open(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    Some(stream)
}

/// Takes messages from the other members of `cluster` for as long as the process lives.
pub(super) async fn listen<M: DeserializeOwned + Send + 'static>(
    listener: TcpListener,
    cluster: ClusterId,
    members: Vec<NodeId>,
    inputs: Inputs<M>,
) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let members: Arc<[NodeId]> = members.into();
    loop {
        let (stream, _) = listener.accept().await?;
        let (members, inputs) = (members.clone(), inputs.clone());
        tokio::spawn(async move {
            match take(stream, cluster, &members, &inputs).await {
                None => {}
                Some(Ended::Stranger(stranger)) => eprintln!(
                    "refused a message of {} of cluster {:x}: this is a node of cluster {:x}, with \
                     other members; a port may have been given to another cluster",
                    stranger.node, stranger.cluster.0, cluster.0
                ),
                Some(Ended::Unreadable(why)) => give_up(&why),
            }
        });
    }
}

/// Ends the process: a node that lost each such message in silence would only seem slow.
fn give_up(why: &str) -> ! {
    eprintln!("{why}; this is a mistake in the node's message type");
    std::process::exit(70);
}

/// Why a connection was ended here.
#[derive(Debug)]
enum Ended {
    /// A message came from a sender that is not a member.
    Stranger(Sender),
    /// A member wrote what this node cannot read, though it came undamaged.
    Unreadable(String),
}

/// Takes messages from a connection until it ends. Returns why, if it was ended here.
async fn take<M: DeserializeOwned>(
    stream: TcpStream,
    cluster: ClusterId,
    members: &[NodeId],
    inputs: &Inputs<M>,
) -> Option<Ended> {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(frame)) = frame::read(&mut stream).await {
        // A damaged frame is a lost message.
        let Some((sender, payload)) = frame::open(&frame) else { continue };
        if sender.cluster != cluster || !members.contains(&sender.node) {
            return Some(Ended::Stranger(sender));
        }
        match serde_json::from_slice(payload) {
            Ok(message) => inputs.send(Inbox::Message(sender.node, message)).ok()?,
            Err(error) => {
                let why = format!("a message of {} cannot be read: {error}", sender.node);
                return Some(Ended::Unreadable(why));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as std_mpsc;

    use tokio::io::AsyncReadExt;

    use super::*;

    const OURS: Sender = Sender { cluster: ClusterId(7), node: NodeId(2), incarnation: 1 };

    /// Sends a frame on a connection of its own, and waits until the node ends that.
    async fn say(to: SocketAddr, sender: Sender, message: &str) {
        let mut stream = TcpStream::connect(to).await.unwrap();
        let frame = frame::encode(sender, &serde_json::to_vec(message).unwrap());
        stream.write_all(&frame).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0, "nodes do not answer frames");
    }

    #[tokio::test]
    async fn only_members_of_the_cluster_are_heard_in_whichever_of_their_lives() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (inputs, inbox) = std_mpsc::channel();
        let members = vec![NodeId(1), NodeId(2)];
        tokio::spawn(listen::<String>(listener, OURS.cluster, members, inputs));
        say(address, Sender { cluster: ClusterId(8), ..OURS }, "of another cluster").await;
        say(address, Sender { node: NodeId(3), ..OURS }, "of no member").await;
        say(address, OURS, "first").await;
        say(address, Sender { incarnation: 2, ..OURS }, "after a restart").await;
        say(address, OURS, "late").await;
        let heard: Vec<String> = std::iter::from_fn(|| match inbox.try_recv() {
            Ok(Inbox::Message(NodeId(2), message)) => Some(message),
            _ => None,
        })
        .collect();
        assert_eq!(heard, ["first", "after a restart", "late"]);
    }

    /// Such a message would be lost each time it is sent, and nobody would know why.
    #[tokio::test]
    async fn a_message_that_came_undamaged_and_cannot_be_read_is_told() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let saying = tokio::spawn(say(address, OURS, "no number"));
        let (stream, _) = listener.accept().await.unwrap();
        let (inputs, _inbox) = std_mpsc::channel::<Inbox<u32>>();
        let ended = take(stream, OURS.cluster, &[NodeId(2)], &inputs).await;
        saying.await.unwrap();
        let Some(Ended::Unreadable(why)) = ended else { panic!("{ended:?}") };
        assert!(why.starts_with("a message of n2 cannot be read: invalid type"), "{why}");
    }
}
