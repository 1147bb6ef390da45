//! Linux: a signal when the parent dies, and the kernel's tables of memory.

use std::fs;
use std::path::Path;

/// Has the kernel kill this process when its parent ends, however that ends.
pub(crate) fn die_with_parent() {
    // Where a sandbox forbids it, the pipe that the parent holds open is enough.
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
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
    fn what_the_kernel_tells_is_understood() {
        let table = "MemTotal:       24684000 kB\nMemAvailable:   23076000 kB\n";
        assert_eq!(field(table, "MemAvailable:"), Some(23_076_000 << 10));
        assert_eq!(field(table, "MemFree:"), None);
        assert!(available_bytes().is_some() && peak_bytes().is_some());
    }
}
