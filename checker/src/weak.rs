//! What sessions did to registers, and what a weak consistency model makes of that.
//!
//! A history is a list of operations for each session; each read names the write whose value it
//! returned, which is possible where no value is written to a key twice. Real time says nothing here.

mod breach;
mod clocks;
mod definition;
mod path;
mod readers;
mod saturation;
mod sessions;
mod view;
mod walk;
mod writers;

#[cfg(any(test, feature = "selftest"))]
mod text;

pub use self::breach::{Breach, WeakJudgement};
pub use self::definition::violates;
pub use self::sessions::{ReadOrWrite, Sessions, Source};
pub use self::view::{NoSessionView, SessionView, session_view};

pub(crate) use self::breach::{CLOCKS, CLOCKS_AND_STATES, Evidence};
pub(crate) use self::clocks::{Clocks, NoClocks};
pub(crate) use self::path::Reasons;
pub(crate) use self::readers::{Readers, last_of_each};
pub(crate) use self::saturation::{OneOrder, Saturation};
#[cfg(test)]
pub(crate) use self::text::in_turn;
#[cfg(any(test, feature = "selftest"))]
pub use self::text::{
    branched, history_in, history_of, history_of_events, history_of_line, line,
    sessions as sessions_of,
};
pub(crate) use self::walk::{Circle, Forced, Reads, Wiring, walk};
pub(crate) use self::writers::{Latest, Writers};
