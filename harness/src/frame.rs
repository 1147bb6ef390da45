//! Frames between nodes: length, checksum, payload. The proxies understand them, so that a fault
//! strikes whole messages.
//!
//! ```text
//! ┌ length: u32 ┬ CRC-32: u32 ┬ payload: length bytes ┐   little-endian
//! ```

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// Longer messages are taken for garbage, so that a broken length cannot fill the memory.
const PAYLOAD_MAX: u32 = 64 << 20;
const HEADER: usize = 8;

/// The frame around a payload.
pub(crate) fn encode(payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("messages are far below 4 GiB");
    let mut frame = Vec::with_capacity(HEADER + payload.len());
    frame.extend(length.to_le_bytes());
    frame.extend(crc32fast::hash(payload).to_le_bytes());
    frame.extend(payload);
    frame
}

/// Reads a whole frame, header included; `None` at the end of the stream.
///
/// # Errors
/// If the stream breaks within a frame, or holds something else.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut frame = vec![0; HEADER];
    match stream.read_exact(&mut frame).await {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e),
    }
    let length = u32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]);
    if length > PAYLOAD_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "absurd frame length"));
    }
    frame.resize(HEADER + length as usize, 0);
    stream.read_exact(&mut frame[HEADER..]).await?;
    Ok(Some(frame))
}

/// The payload of a frame, if its checksum is right.
pub(crate) fn payload(frame: &[u8]) -> Option<&[u8]> {
    let (header, payload) = frame.split_at_checked(HEADER)?;
    let crc = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    (crc == crc32fast::hash(payload)).then_some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_framed_is_read_back_and_damage_is_noticed() {
        let mut stream = encode(b"one");
        stream.extend(encode(b""));
        let mut reader = stream.as_slice();
        let first = read(&mut reader).await.unwrap().unwrap();
        assert_eq!(payload(&first), Some(&b"one"[..]));
        let second = read(&mut reader).await.unwrap().unwrap();
        assert_eq!(payload(&second), Some(&b""[..]));
        assert!(read(&mut reader).await.unwrap().is_none());

        let mut damaged = first;
        damaged[9] ^= 1;
        assert_eq!(payload(&damaged), None);
    }

    #[tokio::test]
    async fn an_absurd_length_is_refused() {
        let mut garbage = &[0xff; 16][..];
        assert!(read(&mut garbage).await.is_err());
    }
}
