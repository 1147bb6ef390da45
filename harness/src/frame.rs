//! Frames between nodes: who sends, and a payload. The proxies understand them, so that a fault
//! strikes whole messages.
//!
//! ```text
//! ┌ length: u32 ┬ CRC-32: u32 ┬ cluster: u64 ┬ incarnation: u64 ┬ node: u16 ┬ payload: length bytes ┐
//! ```
//!
//! Numbers are little-endian; the checksum is of all other bytes. Every frame names its cluster: a
//! port that a dead node leaves may be given to a node of another cluster on the same machine, and
//! messages of other clusters must not reach a protocol.

use std::io;

use rashomon_targets::{Incarnation, NodeId};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longer messages are taken for garbage.
const PAYLOAD_MAX: u32 = 64 << 20;
/// Where the checksum ends and what it covers goes on.
const CHECKED: usize = 8;
const HEADER: usize = CHECKED + 8 + 8 + 2;

/// Which cluster: one name for each time that a cluster is started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ClusterId(pub(crate) u64);

/// Who sends a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    /// The sender's cluster.
    pub(crate) cluster: ClusterId,
    /// Which node.
    pub(crate) node: NodeId,
    /// The incarnation of the sender. A message may arrive after its sender has restarted, and is
    /// delivered nevertheless: protocols must tolerate that.
    pub(crate) incarnation: Incarnation,
}

/// The frame around a payload.
pub(crate) fn encode(sender: Sender, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("messages are far below 4 GiB");
    let mut frame = Vec::with_capacity(HEADER + payload.len());
    frame.extend(length.to_le_bytes());
    frame.extend([0; 4]);
    frame.extend(sender.cluster.0.to_le_bytes());
    frame.extend(sender.incarnation.to_le_bytes());
    frame.extend(sender.node.0.to_le_bytes());
    frame.extend(payload);
    let checksum = checksum(&frame);
    frame[4..CHECKED].copy_from_slice(&checksum.to_le_bytes());
    frame
}

/// Of the length, and of all that follows the checksum.
fn checksum(frame: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&frame[..4]);
    hasher.update(&frame[CHECKED..]);
    hasher.finalize()
}

/// Reads a whole frame, header included; `None` at the end of the stream. Takes memory for what has
/// come, not for what the header says will come.
///
/// # Errors
/// If the stream breaks within a frame, or holds something else.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut header = [0; HEADER];
    match stream.read_exact(&mut header).await {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e),
    }
    let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
    if length > PAYLOAD_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "absurd frame length"));
    }
    let mut frame = header.to_vec();
    let came = stream.take(u64::from(length)).read_to_end(&mut frame).await?;
    if came < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(frame))
}

/// The sender and the payload of a whole frame, if its checksum is right.
pub(crate) fn open(frame: &[u8]) -> Option<(Sender, &[u8])> {
    let (header, payload) = frame.split_at_checked(HEADER)?;
    let number = |at: usize| header[at..at + 8].try_into().map(u64::from_le_bytes).ok();
    let said = u32::from_le_bytes(header[4..CHECKED].try_into().ok()?);
    let sender = Sender {
        cluster: ClusterId(number(CHECKED)?),
        incarnation: number(CHECKED + 8)?,
        node: NodeId(u16::from_le_bytes(header[CHECKED + 16..].try_into().ok()?)),
    };
    (said == checksum(frame)).then_some((sender, payload))
}

/// Changes one bit of a whole frame: this one, modulo how many there are. Not of its length, which the
/// stream beneath carries: after a wrong one, nothing of the stream can be read.
pub(crate) fn damage(frame: &mut [u8], bit: u64) {
    let after_length = &mut frame[4..];
    let bits = after_length.len() as u64 * 8;
    let bit = usize::try_from(bit % bits).expect("frames are far below the size of memory");
    after_length[bit / 8] ^= 1 << (bit % 8);
}

/// Whether a payload is taken whose frame changes by this bit on its way.
pub(crate) fn is_taken_damaged(payload: &[u8], bit: u64) -> bool {
    let nobody = Sender { cluster: ClusterId(0), node: NodeId(0), incarnation: 0 };
    let mut frame = encode(nobody, payload);
    damage(&mut frame, bit);
    open(&frame).is_some()
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use tokio::io::ReadBuf;

    use super::*;

    const N2: Sender = Sender { cluster: ClusterId(77), node: NodeId(2), incarnation: 3 };

    #[tokio::test]
    async fn what_is_framed_is_read_back() {
        let mut stream = encode(N2, b"one");
        stream.extend(encode(N2, b""));
        let mut reader = stream.as_slice();
        for payload in [&b"one"[..], b""] {
            let frame = read(&mut reader).await.unwrap().unwrap();
            assert_eq!(open(&frame), Some((N2, payload)));
        }
        assert!(read(&mut reader).await.unwrap().is_none());
    }

    #[test]
    fn damage_anywhere_is_noticed() {
        let whole = encode(N2, b"one");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert_eq!(open(&damaged), None, "byte {at}");
        }
    }

    #[tokio::test]
    async fn whichever_bit_changes_the_frame_is_read_whole_and_refused() {
        for bit in 0..400 {
            assert!(!is_taken_damaged(b"one", bit), "bit {bit}");
            let mut stream = encode(N2, b"one");
            damage(&mut stream, bit);
            stream.extend(encode(N2, b"two"));
            let mut reader = stream.as_slice();
            let damaged = read(&mut reader).await.unwrap().unwrap();
            assert_eq!(open(&damaged), None, "bit {bit}");
            let whole = read(&mut reader).await.unwrap().unwrap();
            assert_eq!(open(&whole), Some((N2, &b"two"[..])), "what follows is not touched");
        }
    }

    #[tokio::test]
    async fn an_absurd_length_is_refused() {
        let mut garbage = &[0xff; 64][..];
        assert!(read(&mut garbage).await.is_err());
    }

    /// Claims the longest payload, sends a little of it, and sees how much room it is read into.
    struct Boast {
        sent: usize,
        most_room: usize,
    }

    impl AsyncRead for Boast {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.most_room = self.most_room.max(buffer.remaining());
            let mut bytes = PAYLOAD_MAX.to_le_bytes().to_vec();
            bytes.resize(HEADER + 1000, 0);
            let come = buffer.remaining().min(bytes.len() - self.sent);
            buffer.put_slice(&bytes[self.sent..self.sent + come]);
            self.sent += come;
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn what_is_only_claimed_takes_no_memory() {
        let mut boast = Boast { sent: 0, most_room: 0 };
        let ended = read(&mut boast).await;
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(boast.most_room < 1 << 16, "room for {} bytes", boast.most_room);
    }
}
