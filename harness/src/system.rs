//! What differs between operating systems: each has the same functions.
//!
//! Only Linux ends a process with its parent and reports its memory in files. Elsewhere the end of
//! a pipe serves alone, and the
//! harness says what that cannot do.

/// Becomes a command, on a lease from the process of a number.
type Lease = fn(u32, &[String]) -> anyhow::Result<()>;

#[cfg(not(unix))]
compile_error!("rashomon needs Unix: it kills and pauses nodes by signals");

#[cfg(target_os = "linux")]
mod linux;
// The tests build it everywhere, so that it is not found broken on a system that few have.
#[cfg(any(test, not(target_os = "linux")))]
mod other;

#[cfg(target_os = "linux")]
pub(crate) use linux::{
    available_bytes, die_with_parent, lacks_for_judging, lacks_for_runs, peak_bytes,
    signal_descendants, take_all_signals, ward,
};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{
    available_bytes, die_with_parent, lacks_for_judging, lacks_for_runs, peak_bytes,
    signal_descendants, take_all_signals, ward,
};

#[cfg(test)]
mod tests {
    use super::other;

    #[test]
    fn a_system_that_cannot_says_what_by_name() {
        other::die_with_parent();
        other::take_all_signals();
        assert!(!other::signal_descendants(u32::MAX, nix::sys::signal::Signal::SIGCONT));
        let lease: super::Lease = |parent, command| anyhow::bail!("{parent} {command:?}");
        let leased = other::ward(7, &["true".to_owned()], lease);
        assert_eq!(leased.map_err(|it| it.to_string()), Err("7 [\"true\"]".to_owned()));
        assert_eq!((other::available_bytes(), other::peak_bytes()), (None, None));
        assert!(other::lacks_for_runs().concat().contains("paused node"));
        assert!(other::lacks_for_judging().concat().contains("--budget-memory"));
    }
}
