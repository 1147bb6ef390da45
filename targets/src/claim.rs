//! What a configuration promises, and under which faults.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::SafetyProperty;

/// The list of kinds of fault, in the order of `rashomon list faults`: the file of each in the harness
/// (`harness/src/fault/`), and its name on the command line and in files.
///
/// It is here, below the harness that makes faults, because claims name them: so the compiler knows
/// that a claim names a fault there is. The macro `$define` is called with the list; the harness makes
/// of it what a fault does, and does not compile without the file of each.
#[macro_export]
macro_rules! faults {
    ($define:ident) => {
        $define! {
            /// Directed links that lose or hold everything.
            Partition(partition, "partition"),
            /// Messages lost, delayed, duplicated or reordered.
            Messages(messages, "messages"),
            /// Processes killed, losing what was not durable, and started again.
            Kill(kill, "kill"),
            /// Processes stopped and continued.
            Pause(pause, "pause"),
            /// Messages whose bytes change on the way.
            Corrupt(corrupt, "corrupt"),
            /// Wall clocks that are wrong.
            ClockSkew(clock_skew, "clock"),
            /// Wall clocks that jump to and fro.
            ClockStrobe(clock_strobe, "strobe"),
            /// Clocks that run at another rate.
            ClockDrift(clock_drift, "drift"),
            /// Processes that stop and go by turns.
            Slow(slow, "slow"),
            /// Links that carry few messages a second.
            RateLimit(rate_limit, "rate-limit"),
            /// Nodes whose links are clogged one after another.
            Swizzle(swizzle, "swizzle"),
            /// Disks that write slowly.
            SlowDisk(slow_disk, "slow-disk"),
            /// Disks that refuse to write.
            DiskError(disk_error, "disk-error"),
            /// Processes that end in the middle of a write to the disk.
            TornWrite(torn_write, "torn-write"),
            /// Bits of logs that change while their nodes are down.
            BitFlip(bit_flip, "bit-flip"),
            /// Disks that lose the last of what was durable.
            Truncate(truncate, "truncate"),
            /// Disks that call durable what is not.
            LyingFsync(lying_fsync, "lying-fsync"),
            /// Disks that lose everything.
            LostDisk(lost_disk, "lost-disk"),
            /// Nodes that are no members for a while.
            Membership(membership, "membership"),
        }
    };
}

/// Makes [`FaultKind`] of the list.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident($file:ident, $name:literal),)+) => {
        /// A kind of fault, as far as claims speak of them.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum FaultKind {
            $($(#[doc = $doc])* #[serde(rename = $name)] $kind,)+
        }

        impl FaultKind {
            /// All of them, in the order of `rashomon list faults`.
            pub const ALL: [Self; [$(Self::$kind),+].len()] = [$(Self::$kind),+];

            /// The name on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

faults!(kinds);

/// What is promised of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// Every operation takes effect at one instant between its invocation and its completion.
    Linearizable,
    /// A read returns the last write completed before it, or one that overlaps it.
    Regular,
    /// Reads may be stale, but see a prefix of the writes in their order.
    Prefix,
    /// Once writes and faults end, replicas converge.
    Eventual,
    /// Nothing at all.
    Nothing,
}

impl Promise {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
            Self::Regular => "regular",
            Self::Prefix => "prefix-consistent",
            Self::Eventual => "eventually consistent",
            Self::Nothing => "nothing",
        }
    }
}

/// What becomes of two writes of a register, neither of which had seen the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConcurrentWrites {
    /// One of them wins, and the other is gone.
    #[default]
    OneWins,
    /// Both are kept, until a write that had seen them.
    AllSurvive,
}

impl ConcurrentWrites {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneWins => "one-wins",
            Self::AllSurvive => "all-survive",
        }
    }
}

/// A kind of object, as far as claims tell kinds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectClass {
    /// Registers, and whatever is neither of the others.
    Register,
    /// Sets.
    Set,
    /// Counters.
    Counter,
    /// Queues, locks, and what else each operation changes.
    Changing,
}

impl ObjectClass {
    /// The word for them in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "registers",
            Self::Set => "sets",
            Self::Counter => "counters",
            Self::Changing => "queues and locks",
        }
    }
}

/// The promise for kinds of object that a claim does not mention.
fn nothing() -> Promise {
    Promise::Nothing
}

/// The claim of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The promise for single registers.
    pub registers: Promise,
    /// The promise for single sets. A claim of an earlier version has none.
    #[serde(default = "nothing")]
    pub sets: Promise,
    /// The promise for single counters. A claim of an earlier version has none.
    #[serde(default = "nothing")]
    pub counters: Promise,
    /// What becomes of concurrent writes of a register. A claim of an earlier version says nothing.
    #[serde(default)]
    pub concurrent_writes: ConcurrentWrites,
    /// Whether each session keeps the four session guarantees (Terry et al., PDIS 1994): it reads its own
    /// writes and never goes back, and its writes come after each other and after what it has read.
    #[serde(default)]
    pub sessions: bool,
    /// Whether no acknowledged write is ever lost.
    pub durable: bool,
    /// Whether replicas converge once faults end.
    pub converges: bool,
    /// The faults under which this holds.
    pub under: Vec<FaultKind>,
    /// Those of them under which registers only converge, if `converges`; nothing more is promised
    /// for
    /// registers.
    #[serde(default)]
    pub registers_only_converge_under: Vec<FaultKind>,
    /// What never happens inside, under these faults.
    #[serde(default)]
    pub safety: Vec<SafetyProperty>,
    /// The reason for the promise, or why no more is promised, in one sentence.
    pub because: String,
}

impl Claim {
    /// What is promised of single objects of a kind.
    pub fn of(&self, class: ObjectClass) -> Promise {
        match class {
            ObjectClass::Register => self.registers,
            ObjectClass::Set => self.sets,
            ObjectClass::Counter => self.counters,
            // No operation of them only reads. So where changes have one order, and only reads may lag,
            // nothing lags.
            ObjectClass::Changing => match self.registers {
                Promise::Linearizable | Promise::Regular | Promise::Prefix => Promise::Linearizable,
                weaker @ (Promise::Eventual | Promise::Nothing) => weaker,
            },
        }
    }

    /// Whether more is promised of objects of a kind than that their copies come to agree, under
    /// faults that the claim covers.
    pub fn keeps_order(&self, class: ObjectClass, faults: &[FaultKind]) -> bool {
        class != ObjectClass::Register
            || !faults.iter().any(|fault| self.registers_only_converge_under.contains(fault))
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.registers {
            Promise::Nothing => f.write_str("no order of operations")?,
            promise => write!(f, "{} registers", promise.name())?,
        }
        if self.sets != self.registers {
            write!(f, ", {} sets", self.sets.name())?;
        }
        if self.counters != self.registers {
            write!(f, ", {} counters", self.counters.name())?;
        }
        if self.concurrent_writes == ConcurrentWrites::AllSurvive {
            f.write_str(", concurrent writes all survive")?;
        }
        if self.sessions {
            f.write_str(", session guarantees")?;
        }
        f.write_str(if self.durable { ", durable" } else { ", acknowledged writes may be lost" })?;
        f.write_str(if self.converges { ", convergent" } else { ", replicas may stay apart" })?;
        if !self.registers_only_converge_under.is_empty() {
            let kinds: Vec<&str> =
                self.registers_only_converge_under.iter().map(|kind| kind.name()).collect();
            write!(f, "; registers only converge under {}", kinds.join(" and "))?;
        }
        Ok(())
    }
}
