//! The limits of a request, as the options set them. The default limit of memory depends on the memory of the machine.

use std::fs;
use std::path::Path;

use clap::Args;

use super::args::number;
use super::interrupt;
use crate::explore::limits::{Limits, MEMORY};
use crate::scenario::names;

/// The options that set limits.
#[derive(Args)]
pub struct LimitArgs {
    /// How many states one search may store; a search that needs more is cut short
    #[arg(long, value_name = "N", value_parser = number(1..=u64::MAX), help_heading = "Search")]
    max_states: Option<u64>,
    /// How much memory the request may use, such as 256MiB; a search that needs more, and may not use files, is cut
    /// short [default: half of what the process may use, 8GiB at most]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Search")]
    memory: Option<usize>,
}

impl LimitArgs {
    /// The limits that the options set. After this call, an interrupt ends the request instead of killing the program.
    pub fn limits(&self) -> Limits {
        let memory = self.memory.unwrap_or_else(|| usual_memory(Path::new("/")));
        let limits = Limits::default().interrupt(interrupt::listen()).memory(memory);
        match self.max_states {
            Some(states) => limits.max_states(usize::try_from(states).unwrap_or(usize::MAX)),
            None => limits,
        }
    }
}

/// Parses a number of bytes, with or without a unit.
fn size(text: &str) -> Result<usize, String> {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let with_unit = units.into_iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
    let (digits, shift) = with_unit.unwrap_or((text, 0));
    let bytes = names::number::<usize>(digits).filter(|&number| number > 0);
    let bytes = bytes.and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| "give a number of bytes, KiB, MiB or GiB, as in 256MiB".to_string())
}

/// The smaller of [`MEMORY`] and half of the memory that this process may use. On systems without the files in `/proc`
/// and `/sys` it is [`MEMORY`].
fn usual_memory(root: &Path) -> usize {
    let limits = [machine(root), address_space(root)].into_iter().flatten().chain(groups(root));
    limits.map(|bytes| usize::try_from(bytes / 2).unwrap_or(usize::MAX)).fold(MEMORY, usize::min)
}

/// The memory of the machine, in bytes.
fn machine(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// How large this process may become (`ulimit -v`).
fn address_space(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/self/limits")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The memory limits, in bytes, of the control groups (version 1 and 2) of this process, and of the groups that contain
/// them.
fn groups(root: &Path) -> Vec<u64> {
    let text = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let limits = text.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (mount, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => return Vec::new(),
        };
        let group = Path::new(group.trim_start_matches('/'));
        let read = |group: &Path| fs::read_to_string(root.join(mount).join(group).join(file)).ok()?.trim().parse().ok();
        group.ancestors().filter_map(read).collect::<Vec<u64>>()
    });
    limits.collect()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_digits_and_may_have_a_unit() {
        assert_eq!(["1", "3KiB", "256MiB", "8GiB"].map(size), [Ok(1), Ok(3 << 10), Ok(256 << 20), Ok(8 << 30)]);
        for wrong in
            ["", "0", "0MiB", "+1", "-1", "1 MiB", "1mib", "1.5GiB", "MiB", "99999999999999999999", "99999999999GiB"]
        {
            assert!(size(wrong).is_err(), "{wrong:?}");
        }
    }

    /// The default limit on a machine with 4 GiB and with these files in addition.
    fn usual(files: &[(&str, &str)]) -> usize {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files.iter().chain(&[("proc/meminfo", "MemFree: 1 kB\nMemTotal:        4194304 kB\n")]) {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        usual_memory(root.path())
    }

    #[test]
    fn the_default_is_half_of_what_the_process_may_use_and_eight_gibibytes_at_most() {
        assert_eq!(usual_memory(Path::new("/there/is/no/such/root")), 8 << 30);
        assert_eq!(usual(&[]), 2 << 30);
        assert_eq!(usual(&[("proc/meminfo2", "")]), 2 << 30);
        let second = [("proc/self/cgroup", "0::/a/b\n"), ("sys/fs/cgroup/a/b/memory.max", "max\n")];
        assert_eq!(usual(&second), 2 << 30);
        let outer = ("sys/fs/cgroup/a/memory.max", "1073741824\n");
        assert_eq!(usual(&[second[0], second[1], outer]), 1 << 29, "the limit of the parent group counts too");
        let top = ("sys/fs/cgroup/memory.max", "1048576\n");
        assert_eq!(usual(&[("proc/self/cgroup", "0::/\n"), top]), 1 << 19);
        let first = [
            ("proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/1\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "1073741824\n"),
        ];
        assert_eq!(usual(&first), 1 << 29);
        let shell = "Limit    Soft Limit  Hard Limit  Units\nMax address space         2097152     unlimited   bytes\n";
        assert_eq!(usual(&[("proc/self/limits", shell)]), 1 << 20);
    }
}
