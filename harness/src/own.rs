//! A node of another crate: the public interface of this crate.
//!
//! A [`Harness`] is a description of runs: the node, the workload, the faults and the
//! seeds. It runs them as `rashomon run` does, in simulation or as real processes, and gives a
//! [`Report`]. It prints nothing.

mod caught;
mod error;
mod harness;
mod load;
mod process;
mod report;
mod runs;
mod target;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde::de::DeserializeOwned;

use rashomon_targets::Node;

pub use error::HarnessError;
pub use harness::{Harness, NoTarget};
pub use process::node_main;
pub use report::{Ran, Report, Undecided, Verdict, Violation};
pub use target::Target;

/// A node that the harness can run: any whose configuration can be written down.
pub trait OwnNode:
    Node<Config: Serialize + DeserializeOwned + Send + Sync + 'static> + Send + 'static
{
}

impl<N> OwnNode for N where
    N: Node<Config: Serialize + DeserializeOwned + Send + Sync + 'static> + Send + 'static
{
}
