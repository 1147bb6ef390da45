//! `rashomon warden`: runs another program, and ends all of its processes with it.
//!
//! The user's program may start programs, and these may leave its process group, ignore signals and
//! outlive it. So the harness starts this, which adopts every descendant that loses its parent. It
//! kills them all when the program ends, when it receives SIGTERM, and when the harness ends, however
//! that ends. It is in another process group than the program, so that a stopped program does not stop
//! it. Of a warden that is itself killed with SIGKILL only the program ends too.

use std::os::unix::process::{CommandExt, parent_id};
use std::process::Command;

use anyhow::Context;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::signal_descendants;

/// What ends the warden, beside the end of the program.
const ENDS: [Signal; 4] = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT];

/// Runs `command` for the process `parent` until it ends, and ends as it does.
///
/// # Errors
/// If this process cannot become a warden, the parent is gone, or there is no command.
pub(super) fn run(parent: u32, command: &[String]) -> anyhow::Result<()> {
    let mut signals: SigSet = ENDS.into_iter().collect();
    signals.add(Signal::SIGCHLD);
    // Each is taken in turn, and none is missed.
    signals.thread_block().context("block signals")?;
    prctl::set_child_subreaper(true).context("adopt what loses its parent")?;
    prctl::set_pdeathsig(Signal::SIGTERM).context("be told when the harness ends")?;
    // It may have ended before that.
    anyhow::ensure!(parent_id() == parent, "the harness has ended");
    let rashomon = std::env::current_exe().context("find this program's own file")?;
    let me = std::process::id();
    let program = Command::new(rashomon)
        .args(["leased", &me.to_string(), "--"])
        .args(command)
        .process_group(0)
        .spawn()
        .context("start the program")?;
    let program = Pid::from_raw(program.id().cast_signed());
    loop {
        let signal = signals.wait().context("wait for a signal")?;
        let end = if signal == Signal::SIGCHLD {
            let Some(end) = reap(program) else { continue };
            end
        } else {
            End::Signal(signal)
        };
        signal_descendants(me, Signal::SIGKILL);
        end.repeat();
    }
}

/// How the program or the warden ended.
enum End {
    Code(i32),
    Signal(Signal),
}

impl End {
    /// Ends this process in the same way, so that its parent sees how the program ended.
    fn repeat(&self) {
        let signal = match *self {
            Self::Code(code) => std::process::exit(code),
            Self::Signal(signal) => signal,
        };
        // The program has left its own dump of memory, if it was to leave one.
        let _ = prctl::set_dumpable(false);
        let _ = nix::sys::signal::raise(signal);
        // It was blocked until here, and ends the process now.
        let _ = SigSet::from(signal).thread_unblock();
        std::process::exit(128 + signal as i32);
    }
}

/// Takes leave of all that has ended; how the program did, if it did.
fn reap(program: Pid) -> Option<End> {
    let mut end = None;
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) if pid == program => end = Some(End::Code(code)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == program => {
                end = Some(End::Signal(signal));
            }
            Ok(WaitStatus::StillAlive) | Err(_) => return end,
            Ok(_) => {}
        }
    }
}
