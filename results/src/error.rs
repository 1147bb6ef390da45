//! What can go wrong with a store.

use std::io;
use std::path::{Path, PathBuf};

use rashomon_checker::{visible, visible_lines};
use thiserror::Error;

/// Why a run could not be stored or read. What was written before is still there.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file or folder could not be written.
    #[error("cannot write {}: {}{}", shown(path), cause, hint(cause))]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file or folder could not be read.
    #[error("cannot read {}: {cause}", shown(path))]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {}", shown(path), visible_lines(problem))]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// No run of that name.
    #[error(
        "no run {name:?} in {}; `latest`, an id or a unique prefix of one names a run",
        shown(store)
    )]
    NoSuchRun {
        /// As asked.
        name: String,
        /// Where.
        store: PathBuf,
    },
    /// Several runs of that name.
    #[error("{name:?} could be any of {}; give more characters", visible(&candidates.join(", ")))]
    Ambiguous {
        /// As asked.
        name: String,
        /// Which.
        candidates: Vec<String>,
    },
}

/// A path as it can be printed.
fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// What to do about it, where there is something.
fn hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "; what was recorded so far is kept; free some space or give --store DIR elsewhere"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; give --store DIR where you may write"
        }
        _ => "",
    }
}

impl StoreError {
    pub(crate) fn write(path: &Path, cause: io::Error) -> Self {
        Self::Write { path: path.to_owned(), cause }
    }

    pub(crate) fn read(path: &Path, cause: io::Error) -> Self {
        Self::Read { path: path.to_owned(), cause }
    }
}
