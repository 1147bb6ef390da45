//! One node holds all data, and the others pass on what they are asked.
//!
//! A family for tests only: it is compiled with the feature `test-family`, which the tests of the
//! harness switch on and no released program has. It proves that a family is a folder and a line: what
//! is below is all that any part of this repository knows of it.
//!
//! The first member is the holder. It orders operations by doing them, and answers when its disk has
//! their records. So registers are linearizable, and nothing acknowledged is lost. There is no second
//! copy: while the holder is down, nobody is served.
//!
//! # Messages of a former life
//!
//! | message | asked by, answered by | what a late one does | why it does no harm |
//! |---|---|---|---|
//! | `Ask` | a node, to the holder | dropped, unless its ticket is higher than any that the holder has taken of that node | the operation has no answer, and may take effect at any time; a ticket stands for one operation |
//! | `Tell` | the holder | dropped, unless this life of the node waits for its ticket | tickets name the life that gave them out |
//!
//! Timers, requests of clients and news of the disk do not outlive an incarnation: drivers drop them.

mod bugs;
mod claim;
mod config;
mod family;
mod node;

pub use bugs::TAKES_TWICE;
pub use config::Config;
pub use node::{Message, Record, Solo, Ticket};
