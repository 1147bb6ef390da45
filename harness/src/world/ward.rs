//! A child process in the care of the harness, whatever program it runs.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::Context;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rashomon_checker::visible;

use crate::system;

/// Signals with which a user or the system ends a process: it does not end itself with these.
const OTHERS_SEND: [i32; 4] =
    [Signal::SIGHUP as i32, Signal::SIGINT as i32, Signal::SIGKILL as i32, Signal::SIGTERM as i32];
/// How much of the end of a log is read for the last words, in bytes.
const LAST_BYTES: u64 = 4000;

/// What belongs to a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// Its process group: it is a program of ours, which starts no other.
    Group,
    /// All its descendants, and not itself: it is a warden.
    Descendants,
}

/// A child process, in a group of its own, and the log that it writes.
#[derive(Debug)]
pub(super) struct Ward {
    log: PathBuf,
    belongs: Belongs,
    child: Option<Child>,
    is_paused: bool,
}

impl Ward {
    /// None yet. Its standard error will go to `log`.
    pub(super) fn new(log: PathBuf, belongs: Belongs) -> Self {
        Self { log, belongs, child: None, is_paused: false }
    }

    /// Starts it, with pipes for standard input and output. The writing end of its input stays open
    /// until it ends, unless it is [taken](Self::take_input).
    ///
    /// # Errors
    /// If the system does not start it.
    pub(super) fn start(&mut self, mut command: Command) -> anyhow::Result<ChildStdout> {
        let stderr = self.log()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        // A group of its own, so that Ctrl-C reaches the harness only.
        let mut child = command.process_group(0).spawn()?;
        let stdout = child.stdout.take().context("standard output is a pipe")?;
        self.child = Some(child);
        self.is_paused = false;
        Ok(stdout)
    }

    /// Its log, to append to.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(super) fn log(&self) -> anyhow::Result<File> {
        let log = File::options().create(true).append(true).open(&self.log);
        log.with_context(|| format!("open {}", self.log.display()))
    }

    /// The writing end of its standard input, once.
    pub(super) fn take_input(&mut self) -> Option<ChildStdin> {
        self.child.as_mut()?.stdin.take()
    }

    /// Whether it was started, and neither killed nor seen to have ended.
    pub(super) fn is_there(&self) -> bool {
        self.child.is_some()
    }

    /// Whether it is stopped.
    pub(super) fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Kills it and all that belongs to it with SIGKILL; `false` if it was not alive.
    pub(super) fn kill(&mut self) -> bool {
        self.is_paused = false;
        let is_alive = self.child.as_mut().is_some_and(|it| matches!(it.try_wait(), Ok(None)));
        // Each may fail only because it is gone, which is what is wanted.
        self.signal(Signal::SIGKILL);
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        is_alive
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
        let Some(pid) = self.child.as_ref().map(Child::id) else { return false };
        match self.belongs {
            Belongs::Group => killpg(Pid::from_raw(pid.cast_signed()), signal).is_ok(),
            Belongs::Descendants => system::signal_descendants(pid, signal),
        }
    }

    /// How it ended, if it ended without being killed here. Told once.
    pub(super) fn ended_by_itself(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        if self.belongs == Belongs::Group {
            self.signal(Signal::SIGKILL); // What it has left behind. A warden leaves nothing.
        }
        self.child = None;
        self.is_paused = false;
        Some(status)
    }

    /// The last lines of its log, at most this many, on one line.
    pub(super) fn last_words(&self, lines: usize) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(LAST_BYTES)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let said: Vec<&str> = text.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
        let last = said[said.len().saturating_sub(lines)..].join(" / ");
        if last.is_empty() { "it said nothing".to_owned() } else { visible(&last).into_owned() }
    }
}

/// The signal with which another process ended this one, if any. Nothing of ours sends these
/// without telling, and a node does not send them to itself.
pub(super) fn ended_from_outside(status: ExitStatus) -> Option<i32> {
    status.signal().filter(|signal| OTHERS_SEND.contains(signal))
}

impl Drop for Ward {
    fn drop(&mut self) {
        self.kill();
    }
}
