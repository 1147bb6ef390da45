//! Messages between node processes: one TCP connection a directed link, fire and forget.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::runner::{Inbox, Inputs};
use crate::frame;

/// Messages that wait for a link. More are dropped: the network promises nothing, and protocols
/// send again.
const QUEUE: usize = 1024;
/// After a failed connection.
const RECONNECT_AFTER: Duration = Duration::from_millis(20);

/// What goes into a frame.
#[derive(Serialize, Deserialize)]
struct Envelope<M> {
    from: NodeId,
    m: M,
}

/// The sending end of a link.
pub(super) struct Outgoing<M> {
    queue: mpsc::Sender<M>,
}

impl<M> Outgoing<M> {
    /// Sends if there is room.
    pub(super) fn send(&self, message: M) {
        let _ = self.queue.try_send(message);
    }
}

/// Keeps a connection to a peer, and sends what is queued.
pub(super) fn connect<M: Serialize + Send + 'static>(
    me: NodeId,
    address: SocketAddr,
    runtime: &Handle,
) -> Outgoing<M> {
    let (queue, mut messages) = mpsc::channel::<M>(QUEUE);
    runtime.spawn(async move {
        let mut connection: Option<TcpStream> = None;
        while let Some(m) = messages.recv().await {
            let Ok(payload) = serde_json::to_vec(&Envelope { from: me, m }) else { continue };
            if connection.is_none() {
                connection = open(address).await;
            }
            let Some(stream) = &mut connection else {
                // Lost, and so is what has piled up behind it.
                tokio::time::sleep(RECONNECT_AFTER).await;
                continue;
            };
            if stream.write_all(&frame::encode(&payload)).await.is_err() {
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

/// Takes messages from peers for as long as the process lives.
pub(super) async fn listen<M: DeserializeOwned + Send + 'static>(
    listener: TcpListener,
    inputs: Inputs<M>,
) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let inputs = inputs.clone();
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            while let Ok(Some(frame)) = frame::read(&mut stream).await {
                // A damaged frame is a lost message.
                let message = frame::payload(&frame)
                    .and_then(|payload| serde_json::from_slice::<Envelope<M>>(payload).ok());
                if let Some(Envelope { from, m }) = message
                    && inputs.send(Inbox::Message(from, m)).is_err()
                {
                    return;
                }
            }
        });
    }
}
