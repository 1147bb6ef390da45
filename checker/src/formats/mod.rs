//! Histories as files: other people's, and our own.
//!
//! [`Reader`] yields the events of a history one by one, in bounded memory, from anything that can
//! be read; it finds out for itself what format it is given. [`load()`] makes a
//! [`History`](crate::History) of them. [`Writer`] writes. None of them opens a file.
//!
//! ```
//! use rashomon_checker::formats::{self, Format, ReadOptions};
//!
//! let jepsen = "
//! {:index 0, :time 3291485317, :type :invoke, :process 0, :f :write, :value 3}
//! {:index 1, :time 3291485801, :type :info, :process :nemesis, :f :start-partition, :value nil}
//! {:index 2, :time 3296209422, :type :ok, :process 0, :f :write, :value 3}
//! ";
//! let loaded = formats::load(jepsen.as_bytes(), &ReadOptions::default())?;
//! assert_eq!(loaded.format, Format::Edn);
//! assert_eq!(loaded.history.len(), 1);
//! assert_eq!(loaded.notes.nemesis_events, 1);
//! # Ok::<(), formats::LoadError>(())
//! ```

mod detect;
mod draft;
pub mod edn;
mod error;
mod format;
pub mod json;
mod lines;
mod load;
mod log;
mod names;
mod notes;
mod number;
mod order;
mod processes;
mod reader;
mod scan;
mod time;
mod tuples;
mod unordered;
mod writer;

pub use detect::detect;
pub use error::{FormatError, LoadError, Problem};
pub use format::{Format, UnknownFormat};
pub use load::{Loaded, load};
pub use notes::{Notes, Order, Torn};
pub use order::{Disorder, OrderError, Place};
pub use reader::{ReadOptions, Reader};
pub use tuples::Tuples;
pub use unordered::without_real_time;
pub use writer::Writer;

pub(crate) use order::{Gathering, Timed};
pub(crate) use tuples::TupleGuess;

/// How many brackets within each other a value may have.
pub const MAX_DEPTH: usize = 100;
