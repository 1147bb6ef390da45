//! A coordination service says who is primary, as one uses `ZooKeeper` (Hunt et al. 2010) or Chubby
//! (Burrows 2006).
//!
//! The service is replicated by [`raft`](crate::raft) on the nodes of the cluster themselves, beside the
//! data, of which it knows nothing. What it keeps is one register: the number of the lock, positive
//! while a session holds it, negative once it is free. Numbers grow with each owner, so that a number
//! also fences off the owners before ([`fenced`](super::fenced)).
//!
//! - A node keeps a session alive by a beat to every member of the service; the leader of the service
//!   answers once a majority has confirmed it, and counts a session as lost that it has not heard for
//!   [`SESSION_ENDS_AFTER`]. Then it has the lock freed, by an entry of its log. It renews no session
//!   whose end it has proposed; a new leader counts from its election.
//! - A lock belongs to one life of a node. The number names the node, and only the life that was given it
//!   names it in its beats: a node that has restarted waits for the end of its former life's session.
//! - The primary takes its session to last for less than that after it has sent a beat that was answered,
//!   by as much as clocks may drift apart meanwhile. Reads under a lease rest on that; writes and
//!   confirmed reads rest on the fencing number alone, and on no clock.
//!
//! # Messages of a former life
//!
//! | message | what a late one does | why it does no harm |
//! |---|---|---|
//! | `Beat` of a former life | keeps that life's session a little longer | the lock stays with nobody alive for that long |
//! | `Told` to a former life | dropped | it names the life |
//! | `Told`, late | renews the session from when its beat was sent | that is what was confirmed |

mod message;
mod node;
mod out;
mod service;
mod session;

pub(super) use message::{Message, Record};
pub(in crate::primary_replica) use node::{External, TAKES_OVER_WITHIN};
pub(in crate::primary_replica) use out::Timer;
