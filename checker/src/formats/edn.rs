//! Histories in EDN, as Jepsen, Knossos, Porcupine and Elle write them.
//!
//! ```text
//! {:index 0, :time 3291485317, :process 0, :type :invoke, :f :cas, :value [1 2]}
//! {:index 1, :time 3291486111, :process :nemesis, :type :info, :f :kill, :value nil}
//! {:index 2, :time 3296209422, :process 0, :type :info, :f :cas, :value [1 2], :error :timeout}
//! ```
//!
//! One map an operation, bare or tagged (`#jepsen.history.Op{...}`), over any number of lines, all
//! of them within one vector or list or not; keys in any order; comments and commas anywhere.
//!
//! | key | | |
//! |---|---|---|
//! | `:index` | number of the event | the next number if absent or negative |
//! | `:time` | as in [`json`](super::json), or `#inst "..."` | none if absent, nil or negative |
//! | `:process` | a number, or any other scalar for a name; the events of `:nemesis` are passed over | required |
//! | `:type` | `:invoke`, `:ok`, `:fail`, `:info` | required |
//! | `:f` | the function | required; `txn` if absent in a file of Elle's |
//! | `:key`, `:value`, `:node`, `:error` | as in [`json`](super::json) | |
//! | `:final?`, `:final` | whether it belongs to the final phase | false if absent or nil |
//!
//! Other keys are kept, and written back. In values, a list is read as a vector and a set as a
//! vector in ascending order; what [`Value`](crate::Value) has no case for, such as floats,
//! symbols, characters and tagged literals, is kept as [`Value::Raw`](crate::Value::Raw) in the
//! words of the file.

mod map;
mod parse;
mod stream;
mod write;

pub(super) use parse::EdnParser;
pub(super) use stream::Forms;
pub use write::{push_event, push_independent_event, push_value, write_event};

/// The tags under which values are written that EDN itself has no words for.
const RAW_TAG: &str = "rashomon/raw";
const KEYWORD_TAG: &str = "rashomon/keyword";
