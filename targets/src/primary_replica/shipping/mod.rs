//! A primary ships its log to replicas; nobody elects it.
//!
//! A replica applies what is durable in its own log, whether or not a client was told; reads
//! `replica` and `any` show that. The primary applies, and shows, only what is committed.
//!
//!
//! # Messages of a former life
//!
//! A message may arrive after its sender, its receiver or both were killed and started again. No
//! message names a life: an epoch and a place in the log say all that it stands for. That is enough
//! because of two rules. One node leads an epoch, and no epoch is announced before it is on that
//! node's disk. An entry is sent only when it is on the sender's disk, so a place in the log of an
//! epoch never holds two different entries that anybody has seen.
//!
//! | message | asked by, answered by | what a late one does | why it does no harm |
//! |---|---|---|---|
//! | `Append` of an earlier epoch | primary | refused with `Reject` | the answer names the later epoch, which the sender then follows |
//! | `Append` of the primary's former life, same epoch | primary | the replica adopts the entries and answers the new life | they were on the primary's disk, so the new life has them at the same places |
//! | `Append` without entries, likewise | primary | the replica counts the primary as heard | it may promote itself a little later; whether the cluster rests is the new life's word, not this |
//! | `Ack` of another epoch | replica | dropped | it speaks of another primary's log |
//! | `Ack` to the primary's former life, same epoch (failover `none` only) | replica | counts | it names places that the former life had on its disk, and the new life has |
//! | `Ack` of a replica that has restarted since | replica | counts | the entries were durable when it left the replica, which forgets them in a later epoch only |
//! | `Reject` of a later epoch | replica or another primary | the primary follows that epoch | the epoch was durable when it was sent |
//! | `Reject` of the same epoch | replica | entries are sent again, from after what the replica has acknowledged | a replica that has an entry keeps it |
//!
//! Under naive failover an `Ack` can count for too much: the replica may follow a later epoch, and
//! forget what it acknowledged, before the earlier primary hears of that epoch. It is one of the
//! reasons why naive failover promises nothing of what was acknowledged.
//!
//! Timers, requests of clients and news of the disk do not outlive an incarnation: drivers drop them.

mod log;
mod message;
mod node;
mod primary;
mod replica;
mod session;
mod waiting;

pub(super) use message::{Entry, Message, Record};
pub(in crate::primary_replica) use node::PROMOTES_WITHIN;
pub(super) use node::{Shipping, Timer};
