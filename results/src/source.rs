//! Where histories are read from: files, packed ones, and pipes.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use rashomon_checker::Stop;

use crate::StoreError;

/// A history's file, or what came through a pipe.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    content: Content,
    is_packed: bool,
}

#[derive(Debug)]
enum Content {
    /// A file of this many bytes.
    File(u64),
    /// All that came through a pipe.
    Kept(Rc<[u8]>),
    /// A pipe, and the bytes read from it so far. It can be read once.
    Pipe(Option<(Vec<u8>, Pipe)>),
}

/// What is read at once.
const BUFFER: usize = 1 << 18;

/// With what a file packed by gzip begins.
const GZIP: &[u8] = &[0x1F, 0x8B];

impl Source {
    /// Opens a file, or a pipe, from which it reads up to `keep` bytes, so that a short one can be
    /// read again. Waits for a pipe until `stop` says otherwise.
    pub(crate) fn open(path: &Path, keep: usize, stop: &Stop) -> Result<Self, StoreError> {
        let wrong = |cause| StoreError::read(path, cause);
        let about = std::fs::metadata(path).map_err(wrong)?;
        if about.is_dir() {
            return Err(wrong(io::ErrorKind::IsADirectory.into()));
        }
        let (content, beginning) = if about.is_file() && about.len() > 0 {
            let mut beginning = Vec::new();
            File::open(path)
                .and_then(|file| file.take(2).read_to_end(&mut beginning))
                .map_err(wrong)?;
            (Content::File(about.len()), beginning)
        } else if about.is_file() && !is_made_up(path) {
            (Content::Kept(Rc::from([])), Vec::new())
        } else {
            let mut pipe = Pipe::open(path.to_owned(), stop.clone());
            let mut beginning = Vec::new();
            // If it breaks off, the next read finds that again.
            let read = pipe.by_ref().take(keep as u64).read_to_end(&mut beginning);
            let first = beginning.iter().take(2).copied().collect();
            match read {
                Ok(read) if read < keep => (Content::Kept(Rc::from(beginning)), first),
                Err(error) if !stop.asked() => return Err(wrong(error)),
                Ok(_) | Err(_) => (Content::Pipe(Some((beginning, pipe))), first),
            }
        };
        Ok(Self { path: path.to_owned(), content, is_packed: beginning == GZIP })
    }

    /// Whether it can be read more than once.
    pub(crate) fn is_lasting(&self) -> bool {
        !matches!(self.content, Content::Pipe(_))
    }

    /// Its bytes, if they are known.
    pub(crate) fn len(&self) -> Option<u64> {
        match &self.content {
            Content::File(bytes) => Some(*bytes),
            Content::Kept(bytes) => Some(bytes.len() as u64),
            Content::Pipe(_) => None,
        }
    }

    /// What it holds, unpacked, from its beginning. `read` counts the bytes read of the file, which
    /// is read as far as it went at first, should it grow.
    pub(crate) fn read(&mut self, read: &Rc<Cell<u64>>) -> Result<Box<dyn BufRead>, StoreError> {
        let input: Box<dyn Read> = match &mut self.content {
            Content::File(bytes) => {
                let file = File::open(&self.path).map_err(|e| StoreError::read(&self.path, e))?;
                Box::new(file.take(*bytes))
            }
            Content::Kept(bytes) => Box::new(Cursor::new(bytes.clone())),
            Content::Pipe(pipe) => {
                let (beginning, rest) = pipe.take().expect("a pipe is read once");
                Box::new(Cursor::new(beginning).chain(rest))
            }
        };
        let counted = Counted { input, read: Rc::clone(read) };
        Ok(if self.is_packed {
            Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(counted)))
        } else {
            Box::new(BufReader::with_capacity(BUFFER, counted))
        })
    }
}

/// Whether the system makes the file up while it is read, so that its length says nothing.
fn is_made_up(path: &Path) -> bool {
    ["/proc", "/dev", "/sys"].iter().any(|root| path.starts_with(root))
}

/// A pipe that a thread of its own reads, so that waiting for it can be given up. The thread ends
/// with the pipe or with the program.
#[derive(Debug)]
struct Pipe {
    parts: Receiver<io::Result<Vec<u8>>>,
    part: Cursor<Vec<u8>>,
    stop: Stop,
}

/// How often a pipe that is silent is asked whether to wait on.
const PATIENCE: Duration = Duration::from_millis(50);

impl Pipe {
    fn open(path: PathBuf, stop: Stop) -> Self {
        let (sender, parts) = sync_channel(4);
        std::thread::spawn(move || {
            let mut file = match File::open(&path) {
                Ok(file) => file,
                Err(error) => {
                    let _ = sender.send(Err(error)); // Nobody may be listening any more.
                    return;
                }
            };
            loop {
                let mut part = vec![0; BUFFER];
                let part = match file.read(&mut part) {
                    Ok(0) => return,
                    Ok(length) => {
                        part.truncate(length);
                        Ok(part)
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                if sender.send(part).is_err() {
                    return;
                }
            }
        });
        Self { parts, part: Cursor::default(), stop }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.part.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if self.stop.asked() {
                return Err(io::Error::other("nobody waits for it any longer"));
            }
            match self.parts.recv_timeout(PATIENCE) {
                Ok(part) => self.part = Cursor::new(part?),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Counts what is read.
struct Counted {
    input: Box<dyn Read>,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}
