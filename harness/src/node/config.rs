//! The configuration of a node process: a TOML file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rashomon_targets::NodeId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::frame::ClusterId;

/// The configuration of one node process of a cluster that runs `T`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeConfig<T> {
    /// Which cluster it belongs to: messages of others are refused.
    #[serde(default)]
    pub(crate) cluster: ClusterId,
    /// Who it is.
    pub(crate) me: NodeId,
    /// All members, itself included.
    pub(crate) members: Vec<NodeId>,
    /// Where its disk is.
    pub(crate) data: PathBuf,
    /// Where clients ask, on loopback; 0 or left out: any free port.
    #[serde(default)]
    pub(crate) client_port: u16,
    /// Seeds the node's own chance.
    #[serde(default)]
    pub(crate) seed: u64,
    /// Where messages to each peer go.
    pub(crate) peers: BTreeMap<String, SocketAddr>,
    /// Whether it tells on standard output what happens in it, in lines of a trace.
    #[serde(default)]
    pub(crate) trace: bool,
    /// What the cluster runs.
    pub(crate) target: T,
}

impl<T: DeserializeOwned> NodeConfig<T> {
    /// Reads and checks a file, apart from what the cluster runs.
    ///
    /// # Errors
    /// Names the file, and the line or field at fault.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read the configuration {}", path.display()))?;
        let config: Self = toml::from_str(&text).with_context(|| path.display().to_string())?;
        anyhow::ensure!(
            config.members.contains(&config.me),
            "{}: `me` is {}, which is not among `members`",
            path.display(),
            config.me
        );
        Ok(config)
    }
}

impl<T> NodeConfig<T> {
    /// Where messages to `peer` go.
    pub(crate) fn peer(&self, peer: NodeId) -> Option<SocketAddr> {
        self.peers.get(&peer.to_string()).copied()
    }
}
