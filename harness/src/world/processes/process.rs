//! A node as a child process.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;

use anyhow::{Context, anyhow};
use rashomon_results::Occurrence;
use rashomon_targets::NodeId;
use serde::Serialize;

use super::ClusterOptions;
use super::proxy::Proxies;
use crate::disk::{DISK_FAILED, LOG_DAMAGED};
use crate::doubt::Whose;
use crate::node::{Addresses, NodeConfig};
use crate::trace::LiveTracer;
use crate::world::ward::{Belongs, Ward, ended_from_outside};

/// Longer lines of a node are taken in parts.
const LINE_MAX: u64 = 1 << 20;

/// The first line that a node printed, or nothing if it ended.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) node: NodeId,
    /// The incarnation.
    launch: u64,
    line: Vec<u8>,
}

/// How a process ended that was not killed here.
#[derive(Debug)]
pub(super) struct Death {
    /// Its exit code, unless a signal ended it.
    pub(super) code: Option<i32>,
    /// Who caused that, if no fault did.
    pub(super) whose: Whose,
    /// What happened.
    pub(super) what: String,
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
        let log = self.ward.log()?;
        // What the node does from its first instant on comes later than this.
        let started = self.trace.now();
        let stdout = self.ward.start(command).with_context(|| format!("start {}", self.id))?;
        self.launched += 1;
        let (node, launch, ready) = (self.id, self.launched, ready.clone());
        let trace = self.trace.clone();
        trace.note_at(started, || Occurrence::Started { node: node.to_string(), life: launch });
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let line = first_line(&mut stdout, &log);
            let _ = ready.send(Ready { node, launch, line }); // Nobody waits for a late one.
            read_rest(stdout, &trace, &log);
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
        let addresses = serde_json::from_slice(&ready.line)
            .map_err(|_| anyhow!("did not start: {}", self.last_words()))?;
        self.addresses = Some(addresses);
        Ok(Some(addresses))
    }

    /// Where it listens; nowhere while it is dead.
    pub(super) fn addresses(&self) -> Option<Addresses> {
        self.addresses
    }

    /// Whether it was started, and neither killed nor seen to have ended.
    pub(super) fn is_there(&self) -> bool {
        self.ward.is_there()
    }

    /// The folder of its disk.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
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
    pub(super) fn died_by_itself(&mut self) -> Option<Death> {
        let status = self.ward.ended_by_itself()?;
        self.addresses = None;
        let last_words = self.last_words();
        let (whose, what) = match ended_from_outside(status) {
            Some(signal) => {
                (Whose::Environment, format!("was ended from outside by signal {signal}"))
            }
            None if status.code() == Some(DISK_FAILED) => {
                (Whose::Environment, format!("ended, as its disk failed: {last_words}"))
            }
            None if status.code() == Some(LOG_DAMAGED) => {
                (Whose::Environment, format!("ended, as its log is damaged: {last_words}"))
            }
            None => (Whose::Target, format!("ended by itself ({status}): {last_words}")),
        };
        Some(Death { code: status.code(), whose, what })
    }

    /// The last line of its log.
    pub(super) fn last_words(&self) -> String {
        let words = self.ward.last_words(1);
        words.strip_prefix("error: ").map_or(words.clone(), str::to_owned)
    }
}

/// Reads the first line. If it does not say where the node listens, it is of interest to people.
fn first_line(said: &mut impl BufRead, log: &File) -> Vec<u8> {
    let line = next_line(said).unwrap_or_default();
    if serde_json::from_slice::<Addresses>(&line).is_err() {
        write_to(log, &line);
    }
    line
}

/// Reads until the node ends, as a node whose output nobody reads is killed by it or waits for ever.
/// Lines of a trace go there, and all others to the node's log: its protocol may print what it likes.
fn read_rest(mut said: impl BufRead, trace: &LiveTracer, log: &File) {
    while let Some(line) = next_line(&mut said) {
        if !trace.is_on() || trace.relay(&line).is_err() {
            write_to(log, &line);
        }
    }
}

/// A line with its end, or a part of one that is too long.
fn next_line(said: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let read = said.take(LINE_MAX).read_until(b'\n', &mut line);
    matches!(read, Ok(1..)).then_some(line)
}

fn write_to(mut log: &File, line: &[u8]) {
    let _ = log.write_all(line); // A disk without room for a log keeps no node from running.
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rashomon_results::TraceReader;

    use super::*;
    use crate::trace::Tracer;

    const SAID: &[u8] =
        b"starting up\n\xff\xfe\n{\"time\":0,\"event\":\"paused\",\"node\":\"n1\"}\nbye";

    /// What is in the log and in the trace when a node that said all this has ended.
    fn read(said: &[u8], trace: &Tracer, folder: &Path) -> Vec<u8> {
        let path = folder.join("log");
        let log = File::create(&path).unwrap();
        let mut said = said;
        let first = first_line(&mut said, &log);
        assert!(first.ends_with(b"\n"));
        read_rest(said, &LiveTracer::new(trace.clone()), &log);
        fs::read(path).unwrap()
    }

    #[test]
    fn what_a_node_prints_is_read_to_its_end_and_goes_to_its_log() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(SAID, &Tracer::default(), folder.path()), SAID);
        let addresses =
            b"{\"client\":\"127.0.0.1:1\",\"admin\":\"127.0.0.1:2\",\"peer\":\"127.0.0.1:3\"}\n";
        let said = [&addresses[..], SAID].concat();
        assert_eq!(read(&said, &Tracer::default(), folder.path()), SAID);
    }

    #[test]
    fn lines_of_a_trace_go_there_whatever_else_the_node_prints() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let trace = Tracer::to_file(&path).unwrap();
        let log = read(SAID, &trace, folder.path());
        assert_eq!(log, b"starting up\n\xff\xfe\nbye");
        trace.finish(0).unwrap();
        let lines = TraceReader::open(&path).unwrap().map(Result::unwrap);
        let nodes: Vec<_> = lines.map(|line| line.occurrence.node().map(str::to_owned)).collect();
        assert_eq!(nodes, [Some("n1".to_owned())]);
    }
}
