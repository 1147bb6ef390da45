//! A node as a child process.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use anyhow::{Context, anyhow};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rashomon_checker::visible;
use rashomon_targets::NodeId;

use super::ClusterOptions;
use super::proxy::Proxies;
use crate::doubt::Whose;
use crate::node::{Addresses, NodeConfig};

/// Signals with which somebody, or the system, ends a process: it does not end itself with these.
const OTHERS_SEND: [i32; 4] =
    [Signal::SIGHUP as i32, Signal::SIGINT as i32, Signal::SIGKILL as i32, Signal::SIGTERM as i32];
/// What a node exits with when its disk does not take what it must keep.
const DISK_FAILED: i32 = 74;

/// The first line that a node said, or nothing if it ended.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) node: NodeId,
    /// Which of its lives.
    launch: u64,
    line: String,
}

/// A node's process, its folder, and what the harness has done to it.
#[derive(Debug)]
pub(super) struct Process {
    id: NodeId,
    program: PathBuf,
    folder: PathBuf,
    child: Option<Child>,
    addresses: Option<Addresses>,
    is_paused: bool,
    /// How often it has been started.
    launched: u64,
}

impl Process {
    /// Writes the node's configuration.
    ///
    /// # Errors
    /// If its folder cannot be written.
    pub(super) fn prepare(
        id: NodeId,
        members: &[NodeId],
        options: &ClusterOptions,
        proxies: &Proxies,
    ) -> anyhow::Result<Self> {
        let folder = options.folder.join(id.to_string());
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
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
            members: members.to_vec(),
            data: folder.join("data"),
            client_port,
            // TOML's integers have a sign.
            seed: options.seed.0 >> 1,
            peers,
            target: options.target.clone(),
        };
        let path = folder.join("node.toml");
        fs::write(&path, toml::to_string_pretty(&config)?)
            .with_context(|| format!("write {}", path.display()))?;
        let program = options.program.clone();
        Ok(Self {
            id,
            program,
            folder,
            child: None,
            addresses: None,
            is_paused: false,
            launched: 0,
        })
    }

    /// Starts the process, on a lease: it ends when this process does. What it says first goes to
    /// `ready`, for [`greet`](Self::greet).
    ///
    /// # Errors
    /// If the system does not start it.
    pub(super) fn launch(&mut self, ready: &mpsc::Sender<Ready>) -> anyhow::Result<()> {
        let log = self.folder.join("log");
        let stderr = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("open {}", log.display()))?;
        let mut child = Command::new(&self.program)
            .arg("node")
            .arg("--config")
            .arg(self.folder.join("node.toml"))
            .arg("--leased")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            // A group of its own, so that Ctrl-C reaches the harness only.
            .process_group(0)
            .spawn()
            .with_context(|| format!("start {}", self.id))?;
        let stdout = child.stdout.take().context("the node's standard output is a pipe")?;
        self.child = Some(child);
        self.launched += 1;
        let (node, launch, ready) = (self.id, self.launched, ready.clone());
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            let line = read.map(|_| line).unwrap_or_default();
            let _ = ready.send(Ready { node, launch, line }); // Too late is told to nobody.
        });
        Ok(())
    }

    /// Learns where the node listens. `None`: what it said came from an earlier life.
    ///
    /// # Errors
    /// If it ended instead of saying so; with the last of what it said.
    pub(super) fn greet(&mut self, ready: &Ready) -> anyhow::Result<Option<Addresses>> {
        if ready.launch != self.launched || self.child.is_none() {
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
        self.is_paused
    }

    /// Kills it with SIGKILL; `false` if it was not alive.
    pub(super) fn kill(&mut self) -> bool {
        self.addresses = None;
        self.is_paused = false;
        let Some(mut child) = self.child.take() else { return false };
        let alive = matches!(child.try_wait(), Ok(None));
        // Either may fail only because it is gone, which is what is wanted.
        let _ = child.kill();
        let _ = child.wait();
        alive
    }

    /// Stops it; `false` if it was not running.
    pub(super) fn pause(&mut self) -> bool {
        let running = !self.is_paused && self.signal(Signal::SIGSTOP);
        self.is_paused |= running;
        running
    }

    /// Continues it.
    pub(super) fn resume(&mut self) {
        self.is_paused = false;
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) -> bool {
        let pid = self.child.as_ref().and_then(|child| i32::try_from(child.id()).ok());
        pid.is_some_and(|pid| kill(Pid::from_raw(pid), signal).is_ok())
    }

    /// How it ended and whose doing that was, if it ended without being killed here. Told once.
    pub(super) fn died_by_itself(&mut self) -> Option<(Whose, String)> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        self.addresses = None;
        let last_words = self.last_words();
        Some(match status.signal() {
            // Nothing of ours sends these, and a node does not send them to itself.
            Some(signal) if OTHERS_SEND.contains(&signal) => {
                (Whose::Environment, format!("was ended from outside by signal {signal}"))
            }
            _ if status.code() == Some(DISK_FAILED) => {
                (Whose::Environment, format!("ended, as its disk failed: {last_words}"))
            }
            _ => (Whose::Target, format!("ended by itself ({status}): {last_words}")),
        })
    }

    /// The last line of its log.
    fn last_words(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(self.folder.join("log"))?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(2000)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
        visible(last.unwrap_or("it said nothing").trim_start_matches("error: ")).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
