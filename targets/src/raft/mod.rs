//! Raft: a log that a majority agrees on, under one elected leader a term.
//!
//! After Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (USENIX ATC
//! 2014), and Ongaro's thesis (2014) for pre-votes, reads without the log, leases, handovers and snapshots. The
//! core is ours, so that it can carry bugs inside.
//!
//! - A leader begins its term with an entry of its own that does nothing. Before that entry is
//!   committed, the leader does not know what is, and answers no read.
//! - Only entries of the leader's own term are committed by counting disks. The leader's own disk
//!   counts once it has the entry. Entries are sent before that: an entry that the leader forgets in
//!   a crash cannot be replaced by another of its term, for a node leads a term in one life only.
//! - A node asks whether it would be elected before it begins a term (pre-vote), and nobody helps to
//!   replace a leader that it has heard of lately, itself included: a leader without a majority in
//!   touch steps down. A node that has just started has heard of a leader as far as it knows: that is
//!   what makes a lease hold over a restart.
//! - The log also makes a table of each client's last write and its answer. A write that comes twice is
//!   applied once, even if another node sends it again; snapshots carry the table.
//! - What a lost leadership leaves open is indeterminate for writes, a failure for reads.
//!
//! # Messages of a former life
//!
//! A message may arrive after its sender, its receiver or both were killed and started again. A term
//! has one leader, in one of its lives; so what is about a term is about that life. The rest:
//!
//! | message | asked by, answered by | what a late one does | why it does no harm |
//! |---|---|---|---|
//! | `Ask` before an election (pre-vote) | a node that misses the leader | is answered | the answer binds nobody |
//! | `Ask` for a vote, of a former life of the candidate | candidate | may get its vote | the candidate's vote for itself was durable before it asked; its new life does not count votes of that term |
//! | `Vote` to a former life | voter | dropped | the new life is no candidate of that term |
//! | `Vote` before an election, of an earlier attempt | any node | counts | it binds nobody; the election decides |
//! | `TakeOver` of a former term, or for a former life that led it | leader | is dropped | it is about the term in which the receiver follows its sender |
//! | `Ask` for a vote after a handover, late | candidate | may get a vote of the next term | the leader that asked for it has no lease; the candidate began that term in one of its lives |
//! | `Append`, `Snapshot` of an earlier term | leader | refused with the later term | the leader steps down; if it leads that later term itself, the refusal confirms no beat of it |
//! | `Append` of the same term, late or doubled | leader | what is there stays | equal place and term, equal entry, and equal all before it |
//! | `Ack` of the same term, of a follower that has restarted since | follower | counts | the entries were on its disk, and it forgets none of them while that leader leads |
//! | `Refuse` of the same term, late | follower | entries are sent again, after those it acknowledged | a follower that has an entry keeps it |
//! | `Propose`, late, doubled or of a former life | follower | is appended once more | the session table applies it once, and never after a later one of its client |
//! | `AskIndex` of a former life | follower | is answered | the answer names the life that asked, and another drops it |

mod admin;
mod apply;
mod begun;
mod bugs;
mod change;
mod early;
mod election;
mod entry;
mod follower;
mod forward;
mod handover;
mod held;
mod lead;
mod leader;
mod levels;
mod log;
mod machine;
mod members;
mod message;
mod node;
mod reads;
mod sessions;
mod timing;

use crate::SafetyProperty;

pub(crate) use bugs::{ALL as BUGS, bugs_of};
pub use entry::{Command, Entry, Place};
pub(crate) use lead::{Lead, Reader, Unconfirmed, quorum_of};
pub use levels::{Reads, Writes};
pub(crate) use log::Log;
pub(crate) use machine::Machine;
pub use message::{Message, Record, Round, Snapshot};
pub use node::Raft;
pub use timing::Timer;
pub(crate) use timing::{ELECTED_WITHIN, elected_within};

/// What never happens inside.
pub(crate) const SAFETY: [SafetyProperty; 5] = SafetyProperty::ALL;
