//! Linux: a signal when the parent dies, and the kernel's tables of memory.

mod warden;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;

use super::Lease;

/// Has the kernel kill this process when its parent ends, however that ends.
pub(crate) fn die_with_parent() {
    // Where a sandbox forbids it, the pipe that the parent holds open is enough.
    let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
}

/// Has this process take signals that the one that started it had put off.
pub(crate) fn take_all_signals() {
    let _ = SigSet::empty().thread_set_mask(); // It fails only on a set that is no set.
}

/// Runs a program so that nothing of it is left behind: as its warden, which is more than a `lease`.
///
/// # Errors
/// If this process cannot become a warden, the parent is gone, or there is no command.
pub(crate) fn ward(parent: u32, command: &[String], _lease: Lease) -> anyhow::Result<()> {
    warden::run(parent, command)
}

/// Sends a signal that cannot be ignored to all descendants of a process, whatever their groups and
/// sessions. `false`: there are none.
///
/// A process that has got such a signal starts no more processes. So all have got it once two looks in
/// a row find nobody new: one look may miss a process whose parent ends meanwhile.
pub(crate) fn signal_descendants(of: u32, signal: Signal) -> bool {
    let mut signalled = BTreeSet::new();
    let mut looks_without_new = 0;
    while looks_without_new < 2 {
        looks_without_new += 1;
        for pid in descendants(of, &parents()) {
            if signalled.insert(pid) {
                looks_without_new = 0;
                let _ = kill(Pid::from_raw(pid.cast_signed()), signal); // It may just have ended.
            }
        }
    }
    !signalled.is_empty()
}

/// The parent of each process, apart from those that have ended.
fn parents() -> BTreeMap<u32, u32> {
    let of = |entry: fs::DirEntry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        Some((pid, parent_in(&stat)?))
    };
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
    entries.filter_map(|entry| of(entry.ok()?)).collect()
}

/// The parent that `/proc/PID/stat` names; none of a zombie. The name of a program may hold anything.
fn parent_in(stat: &str) -> Option<u32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(parent)
}

/// All descendants of a process.
fn descendants(of: u32, parents: &BTreeMap<u32, u32>) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (&child, &parent) in parents {
        children.entry(parent).or_default().push(child);
    }
    let (mut all, mut at) = (vec![of], 0);
    while let Some(pid) = all.get(at) {
        // No process is its own ancestor; a table that is read while it changes may say so.
        let new: Vec<u32> = children.remove(pid).unwrap_or_default();
        all.extend(new.into_iter().filter(|child| *child != of));
        at += 1;
    }
    all.split_off(1)
}

/// Bytes of memory that this process may take: what is free on the machine, or what its control
/// group allows, if that is less.
pub(crate) fn available_bytes() -> Option<u64> {
    let free = field(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")?;
    Some(cgroup_limit().map_or(free, |limit| limit.min(free)))
}

/// The most bytes of memory that this process has had so far.
pub(crate) fn peak_bytes() -> Option<u64> {
    field(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// What a run on real processes lacks here: nothing.
pub(crate) fn lacks_for_runs() -> &'static [&'static str] {
    &[]
}

/// What judging lacks here: nothing.
pub(crate) fn lacks_for_judging() -> &'static [&'static str] {
    &[]
}

/// A field in KiB of one of the kernel's tables.
fn field(table: &str, name: &str) -> Option<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1 << 10)
}

/// The least limit that a control group sets on this process, its own or one further up; of either
/// version of control groups.
fn cgroup_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let limits = groups.lines().filter_map(|line| {
        let second = line.strip_prefix("0::/").map(|own| ("/sys/fs/cgroup", own, "memory.max"));
        let first = line.split_once(":memory:/");
        let first = first.map(|(_, own)| ("/sys/fs/cgroup/memory", own, "memory.limit_in_bytes"));
        let (root, own, name) = second.or(first)?;
        let folder = Path::new(root).join(own);
        let up = folder.ancestors().take_while(|folder| folder.starts_with(root));
        up.filter_map(|folder| fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok())
            .min()
    });
    limits.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_found_whatever_their_programs_are_called() {
        let table = ["9 (a) b) (c) S 4 9 9", "4 (sh) S 2 4 4", "7 (x) Z 4 7 7", "5 (y) R 1 5 5"];
        let of = |stat: &&str| Some((stat.split(' ').next()?.parse().ok()?, parent_in(stat)?));
        let parents: BTreeMap<u32, u32> = table.iter().filter_map(of).collect();
        assert_eq!(parents, BTreeMap::from([(9, 4), (4, 2), (5, 1)]), "a zombie has ended");
        assert_eq!(descendants(2, &parents), [4, 9]);
        assert_eq!(descendants(3, &BTreeMap::from([(4, 3), (3, 4)])), [4], "a circle ends");
        assert!(descendants(9, &parents).is_empty());
    }

    #[test]
    fn what_the_kernel_tells_is_understood() {
        let table = "MemTotal:       24684000 kB\nMemAvailable:   23076000 kB\n";
        assert_eq!(field(table, "MemAvailable:"), Some(23_076_000 << 10));
        assert_eq!(field(table, "MemFree:"), None);
        assert!(available_bytes().is_some() && peak_bytes().is_some());
    }
}
