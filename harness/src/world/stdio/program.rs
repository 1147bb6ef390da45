//! A node that is the user's program, which reads messages on standard input and writes them on standard
//! output.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command};
use std::sync::mpsc;
use std::time::Instant;

use anyhow::Context;
use rashomon_targets::NodeId;

use super::PipesOptions;
use super::message::LINE_MAX;
use crate::doubt::Whose;
use crate::world::ward::{Belongs, Ward, ended_from_outside};

/// How many of the last lines of standard error are reported of a node that ended.
const LAST_LINES: usize = 20;

/// What a node's standard output said.
pub(super) struct Heard {
    pub(super) node: NodeId,
    /// In which of its lives.
    pub(super) life: u64,
    pub(super) what: Printed,
}

/// A line, or the end.
pub(super) enum Printed {
    /// Without the end of line.
    Line(Vec<u8>),
    /// Standard output was closed.
    End,
}

/// Whether a node takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It runs, and has not yet answered `init`.
    Starts,
    /// It takes requests.
    Serves,
    /// It does not run.
    Dead,
}

/// A node's process, and what the router knows of it.
pub(super) struct ProgramProcess {
    pub(super) name: String,
    id: NodeId,
    command: Vec<String>,
    ward: Ward,
    /// Its standard input, by way of a thread that may have to wait for it.
    input: Option<mpsc::Sender<Vec<u8>>>,
    pub(super) state: State,
    /// How often it has been started.
    pub(super) life: u64,
    /// Lines it has written, in all its lives.
    pub(super) lines: u64,
    pub(super) last_spoke: Instant,
    /// Messages that came to it while it was stopped.
    pub(super) stalled: u64,
    /// Lines that break the protocol, and what the first was.
    pub(super) breaches: u64,
    pub(super) first_breach: Option<String>,
}

impl ProgramProcess {
    /// Not yet started. It logs to a folder of its own.
    ///
    /// # Errors
    /// If its folder cannot be written.
    pub(super) fn new(id: NodeId, options: &PipesOptions) -> anyhow::Result<Self> {
        let folder = options.folder.join(id.to_string());
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        Ok(Self {
            name: id.to_string(),
            id,
            command: warded(&options.rashomon, &options.command),
            ward: Ward::new(folder.join("log"), Belongs::Descendants),
            input: None,
            state: State::Dead,
            life: 0,
            lines: 0,
            last_spoke: Instant::now(),
            stalled: 0,
            breaches: 0,
            first_breach: None,
        })
    }

    /// Starts it, with a thread that reads all it says and one that writes to it. A stopped node's
    /// pipe fills: a write to it from the router's thread would block the router.
    ///
    /// # Errors
    /// If the system does not start it.
    pub(super) fn launch(&mut self, heard: &mpsc::Sender<Heard>) -> anyhow::Result<()> {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        let output = self.ward.start(command).with_context(|| format!("start {}", self.name))?;
        let input = self.ward.take_input().context("standard input is a pipe")?;
        self.life += 1;
        self.state = State::Starts;
        let (node, life, heard) = (self.id, self.life, heard.clone());
        // The router ends only with the run.
        let say = move |what| heard.send(Heard { node, life, what }).is_ok();
        std::thread::spawn(move || read_all(output, say));
        let (to_it, lines) = mpsc::channel();
        std::thread::spawn(move || write_all(input, &lines));
        self.input = Some(to_it);
        Ok(())
    }

    /// Gives it a line, or loses the line if it does not run.
    pub(super) fn give(&mut self, line: Vec<u8>) {
        self.stalled += u64::from(self.ward.is_paused());
        if let Some(input) = &self.input {
            let _ = input.send(line); // It may just have ended.
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.ward.is_paused()
    }

    /// Kills it; `false` if it was not alive.
    pub(super) fn kill(&mut self) -> bool {
        self.input = None;
        self.state = State::Dead;
        self.ward.kill()
    }

    pub(super) fn pause(&mut self) -> bool {
        self.ward.pause()
    }

    pub(super) fn resume(&mut self) {
        self.ward.resume();
    }

    /// How it ended and who caused that, if it ended without being killed here. Returned once.
    pub(super) fn ended_by_itself(&mut self) -> Option<(Whose, String)> {
        let status = self.ward.ended_by_itself()?;
        self.input = None;
        self.state = State::Dead;
        let last_words = self.last_words();
        Some(match ended_from_outside(status) {
            Some(signal) => {
                (Whose::Environment, format!("was ended from outside by signal {signal}"))
            }
            None => (Whose::Target, format!("ended by itself ({status}): {last_words}")),
        })
    }

    /// The last of its standard error.
    pub(super) fn last_words(&self) -> String {
        self.ward.last_words(LAST_LINES)
    }

    /// Takes note of a line that breaks the protocol.
    pub(super) fn breach(&mut self, what: String) {
        self.breaches += 1;
        self.first_breach.get_or_insert(what);
    }
}

/// The command that runs a program under a warden: it and all that it starts end when this process
/// does.
fn warded(rashomon: &Path, command: &[String]) -> Vec<String> {
    let rashomon = rashomon.to_string_lossy().into_owned();
    let warden = [rashomon, "warden".to_owned(), std::process::id().to_string(), "--".to_owned()];
    warden.into_iter().chain(command.iter().cloned()).collect()
}

/// Passes on every line until the end.
fn read_all(output: ChildStdout, say: impl Fn(Printed) -> bool) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        // One byte more than a line may have, so that a longer one is known as such.
        let read = output.by_ref().take(LINE_MAX + 1).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) || !say(Printed::Line(line)) {
            break;
        }
    }
    say(Printed::End);
}

/// Writes lines as they come, until no more can come or it takes none.
fn write_all(mut input: ChildStdin, lines: &mpsc::Receiver<Vec<u8>>) {
    while let Ok(line) = lines.recv() {
        if input.write_all(&line).and_then(|()| input.flush()).is_err() {
            return;
        }
    }
}
