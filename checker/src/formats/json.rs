//! Histories as JSON lines: the format of record.
//!
//! The first line names the format and its version; each line after it is an event:
//!
//! ```text
//! {"format":"rashomon-history","version":1}
//! {"index":0,"time":1204000123,"process":3,"type":"invoke","f":"write","key":"k3","value":5,"node":"n2"}
//! {"index":1,"time":1209000456,"process":3,"type":"ok","f":"write","key":"k3","value":5,"node":"n2"}
//! ```
//!
//! | field | | |
//! |---|---|---|
//! | `index` | number of the event; increases | the next number if absent |
//! | `time` | nanoseconds as a whole number, seconds with a fraction, or an ISO 8601 date and time: one of these in a file | none if absent or negative |
//! | `process` | a number, or a name; the events of `"nemesis"` are passed over | required |
//! | `type` | `invoke`, `ok`, `fail`, `info` | required |
//! | `f` | the function | required |
//! | `key` | the object concerned | none if absent |
//! | `value` | see [`Event`](crate::Event) | `null` if absent |
//! | `node` | the node asked | none if absent or `null` |
//! | `final` | whether it belongs to the final phase | `false` if absent |
//! | `error` | why it failed or is unknown | none if absent |
//!
//! Any other field is kept, and written back. One whose name could be taken for one of these is
//! written with a `$` before it; one `$` is taken off again in reading.
//!
//! The events may also stand in one array, over any number of lines, with no first line then.
//!
//! A last line without a line break that does not parse is what a killed writer leaves behind: see
//! [`Reader::torn`](crate::formats::Reader::torn).

pub(super) mod line;
pub(super) mod objects;
pub(super) mod parse;
mod write;

pub use line::VERSION;
pub use parse::value;
pub use write::{HEADER, push_event, push_value, write_event, write_header};
