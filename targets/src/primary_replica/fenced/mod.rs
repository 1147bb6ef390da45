//! A primary that others are fenced off from: what is acknowledged is on the disks of a majority, and a
//! majority follows one primary at a time.
//!
//! Every primary has an epoch of its own: the fencing number of the lock that it holds (failover
//! `external`), or one that it chose (failover `lease`). A node that was shown an epoch takes nothing
//! from a primary of an earlier one, and remembers that on its disk. A node that is to be primary first has
//! a majority promise its epoch, takes the longest log among theirs, by (epoch, index) of its last
//! entry, and begins with an entry of its own. That is phase 1 of Paxos, and the view change of
//! Viewstamped Replication (Liskov and Cowling 2012).
//!
//! - Only entries of the primary's own epoch are committed by counting disks, as in Raft (section
//!   5.4.2): the epoch of its last entry decides which log is the longest.
//! - Entries are sent before they are on the primary's own disk. A node is primary of an epoch in one
//!   life only, so no other entry can stand at their place.
//! - A read is answered once a majority has confirmed the primary since it was asked, or under a lease:
//!   of a majority, each of which promised for longer than the lease lasts to follow nobody else (Gray
//!   and Cheriton 1989), or of the coordination service's session. Where reads rest on leases, a
//!   node that starts does not know what its former life promised to which node, and waits out one lease.
//! - A node that cannot take over gives up after a while: the one whose log it takes may have died since, and
//!   its promise is no longer needed where another node takes over.
//! - A node asks who would follow it before it shows an epoch, so that a node which was cut off does not
//!   end the epoch of a primary that the others have.
//!
//! # Messages of a former life
//!
//! | message | what a late one does | why it does no harm |
//! |---|---|---|
//! | `Ask`, `Would` | is answered; counts | it binds nobody |
//! | `Fence` of a former life | is promised | its epoch was on that life's disk, so the new life uses a later one |
//! | `Fenced` to a former life | dropped | the new life takes over in a later epoch |
//! | `Fetched`, late or doubled | what is there stays | it is of the log that was promised to the epoch, and that does not change |
//! | `Append` of an earlier epoch | refused with the later epoch | its sender steps down; if it is primary of that later epoch itself, the refusal confirms no beat of it |
//! | `Append` of the same epoch, late or doubled | what is there stays | equal place and epoch, equal entry, and equal all before it |
//! | `Ack` of a replica that has restarted since | counts | the entries were on its disk, and it forgets none of them in that epoch |

mod candidate;
mod message;
mod node;
mod primary;
mod reads;
mod replica;
mod takeover;

pub(super) use message::{Message, Record};
pub(in crate::primary_replica) use node::{
    Authority, Fenced, TICK_EVERY, Timer, takes_over_within,
};
