//! A node as a child process.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;

use anyhow::{Context, anyhow};
use rashomon_results::Occurrence;
use rashomon_targets::NodeId;
use serde::Serialize;

use super::ClusterOptions;
use super::proxy::Proxies;
use crate::doubt::Whose;
use crate::node::{Addresses, NodeConfig};
use crate::trace::LiveTracer;
use crate::world::ward::{Belongs, Ward, ended_from_outside};

/// The exit code of a node whose disk fails.
const DISK_FAILED: i32 = 74;

/// The first line that a node printed, or nothing if it ended.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) node: NodeId,
    /// The incarnation.
    launch: u64,
    line: String,
}

/// A node's process, its folder, and what the harness has done to it.
#[derive(Debug)]
pub(super) struct Process {
    id: NodeId,
    program: PathBuf,
    folder: PathBuf,
    ward: Ward,
    addresses: Option<Addresses>,
    /// How often it has been started.
    launched: u64,
    trace: LiveTracer,
}

impl Process {
    /// Writes the node's configuration.
    ///
    /// # Errors
    /// If its folder cannot be written.
    pub(super) fn prepare<T: Serialize>(
        id: NodeId,
        options: &ClusterOptions<T>,
        proxies: &Proxies,
    ) -> anyhow::Result<Self> {
        let folder = options.folder.join(id.to_string());
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        let members = &options.members;
        let peers: BTreeMap<String, _> = members
            .iter()
            .filter(|&&peer| peer != id)
            .filter_map(|&peer| Some((peer.to_string(), proxies.address(id, peer)?)))
            .collect();
        let client_port = match options.base_port {
            None => 0,
            Some(base) => base
                .checked_add(id.0 - 1)
                .with_context(|| format!("--base-port {base} leaves no port for {id}"))?,
        };
        let config = NodeConfig {
            cluster: proxies.cluster(),
            me: id,
            members: members.clone(),
            data: folder.join("data"),
            client_port,
            // TOML's integers have a sign.
            seed: options.seed.0 >> 1,
            peers,
            trace: options.shown_to.trace.is_on(),
            target: &options.target,
        };
        let path = folder.join("node.toml");
        fs::write(&path, toml::to_string_pretty(&config)?)
            .with_context(|| format!("write {}", path.display()))?;
        let program = options.program.clone();
        let ward = Ward::new(folder.join("log"), Belongs::Group);
        let trace = options.shown_to.trace.clone();
        Ok(Self { id, program, folder, ward, addresses: None, launched: 0, trace })
    }

    /// Starts the process, on a lease: it ends when this process does. What it says first goes to
    /// `ready`, for [`greet`](Self::greet).
    ///
    /// # Errors
    /// If the system does not start it.
    pub(super) fn launch(&mut self, ready: &mpsc::Sender<Ready>) -> anyhow::Result<()> {
        let mut command = Command::new(&self.program);
        command.arg("node").arg("--config").arg(self.folder.join("node.toml")).arg("--leased");
        let stdout = self.ward.start(command).with_context(|| format!("start {}", self.id))?;
        self.launched += 1;
        let (node, launch, ready) = (self.id, self.launched, ready.clone());
        let trace = self.trace.clone();
        trace.note(|| Occurrence::Started { node: node.to_string(), life: launch });
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = String::new();
            let read = stdout.read_line(&mut line);
            let line = read.map(|_| line).unwrap_or_default();
            let _ = ready.send(Ready { node, launch, line }); // Nobody waits for a late one.
            if trace.is_on() {
                trace.relay(stdout);
            }
        });
        Ok(())
    }

    /// Learns where the node listens. `None`: what it said came from an earlier life.
    ///
    /// # Errors
    /// If it ended instead of saying so; with the last of what it said.
    pub(super) fn greet(&mut self, ready: &Ready) -> anyhow::Result<Option<Addresses>> {
        if ready.launch != self.launched || !self.ward.is_there() {
            return Ok(None);
        }
        let addresses = serde_json::from_str(ready.line.trim())
            .map_err(|_| anyhow!("did not start: {}", self.last_words()))?;
        self.addresses = Some(addresses);
        Ok(Some(addresses))
    }

    /// Where it listens; nowhere while it is dead.
    pub(super) fn addresses(&self) -> Option<Addresses> {
        self.addresses
    }

    /// Whether it is stopped.
    pub(super) fn is_paused(&self) -> bool {
        self.ward.is_paused()
    }

    /// Kills it with SIGKILL; `false` if it was not alive.
    pub(super) fn kill(&mut self) -> bool {
        self.addresses = None;
        self.ward.kill()
    }

    /// Stops it; `false` if it was not running.
    pub(super) fn pause(&mut self) -> bool {
        self.ward.pause()
    }

    /// Continues it.
    pub(super) fn resume(&mut self) {
        self.ward.resume();
    }

    /// How it ended and who caused that, if it ended without being killed here. Returned once.
    pub(super) fn died_by_itself(&mut self) -> Option<(Whose, String)> {
        let status = self.ward.ended_by_itself()?;
        self.addresses = None;
        let last_words = self.last_words();
        Some(match ended_from_outside(status) {
            Some(signal) => {
                (Whose::Environment, format!("was ended from outside by signal {signal}"))
            }
            None if status.code() == Some(DISK_FAILED) => {
                (Whose::Environment, format!("ended, as its disk failed: {last_words}"))
            }
            None => (Whose::Target, format!("ended by itself ({status}): {last_words}")),
        })
    }

    /// The last line of its log.
    pub(super) fn last_words(&self) -> String {
        let words = self.ward.last_words(1);
        words.strip_prefix("error: ").map_or(words.clone(), str::to_owned)
    }
}
