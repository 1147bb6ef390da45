//! The list of workloads.

use rashomon_checker::{Consistency, ConvergenceKind, Invariant, ModelKind};

use crate::definition::Definition;
use crate::{
    Measure, OpKind, append, bank, bank_with_logs, cart, counter, echo, lock, probe, queue,
    read_heavy, register, session_roam, set, siblings, txn_list_append, txn_rw_register,
    unique_ids, users,
};

/// Makes [`Kind`] of the list of workloads.
macro_rules! workloads {
    ($($(#[doc = $doc:literal])* $kind:ident($file:ident),)+) => {
        /// Which workload.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $doc])* $kind,)+
        }

        impl Kind {
            /// All of them, in the order of `rashomon list workloads`.
            pub const ALL: [Self; [$(Self::$kind),+].len()] = [$(Self::$kind),+];

            /// Its definition.
            pub(crate) fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$kind => &$file::WORKLOAD,)+
                }
            }
        }
    };
}

workloads! {
    /// Reads, writes and compare-and-sets of registers.
    Register(register),
    /// Additions to a set, and reads of all of it.
    Set(set),
    /// Additions to counters, and reads of their sums.
    Counter(counter),
    /// Registers read, and written in place of what was read; concurrent writes are kept beside each other.
    Siblings(siblings),
    /// Elements added to sets and removed from them, and reads of whole sets.
    Cart(cart),
    /// Nine reads to a write, most of them of few keys.
    ReadHeavy(read_heavy),
    /// Reads and writes by clients that ask another node each time.
    SessionRoam(session_roam),
    /// Keys written once, and read some time after that was acknowledged.
    Probe(probe),
    /// Items appended to lists, and reads of whole lists.
    Append(append),
    /// Items put into queues and taken from them.
    Queue(queue),
    /// Transfers between accounts, and reads of all balances.
    Bank(bank),
    /// A bank, and logs of events beside it.
    BankWithLogs(bank_with_logs),
    /// Transactions of appends to lists and reads of them.
    TxnListAppend(txn_list_append),
    /// Transactions of writes and reads of registers.
    TxnRwRegister(txn_rw_register),
    /// Locks acquired and released.
    Lock(lock),
    /// Records of users, changed by compare-and-set.
    Users(users),
    /// Numbers that must be returned unchanged.
    Echo(echo),
    /// Identifiers, none of which must come twice.
    UniqueIds(unique_ids),
}

impl Kind {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Names that others have for it.
    pub fn aliases(self) -> &'static [&'static str] {
        self.definition().aliases
    }

    /// The workload of this name, ours or another's.
    pub fn named(name: &str) -> Option<Self> {
        let is_it = |kind: &Self| kind.name() == name || kind.aliases().contains(&name);
        Self::ALL.into_iter().find(is_it)
    }

    /// One sentence.
    pub fn summary(self) -> &'static str {
        self.definition().summary
    }

    /// The operations that a target must offer for this workload.
    pub fn needs(self) -> &'static [OpKind] {
        self.definition().needs
    }

    /// The checks that apply to its histories.
    pub fn checks(self) -> &'static [Consistency] {
        self.definition().checks
    }

    /// The invariants that apply to its histories.
    pub fn invariants(self) -> &'static [Invariant] {
        self.definition().invariants
    }

    /// What its histories tell beside verdicts.
    pub fn measure(self) -> Option<Measure> {
        self.definition().measure
    }

    /// Whether its objects have one value after another, which an order of operations can explain. Those with
    /// siblings have not.
    pub fn has_order(self) -> bool {
        self.final_reads() != Some(ConvergenceKind::MultiValue)
    }

    /// What single objects are judged against.
    pub fn model(self) -> ModelKind {
        self.definition().model
    }

    /// How the final reads of every copy are compared, if they are.
    pub fn final_reads(self) -> Option<ConvergenceKind> {
        self.definition().final_reads
    }
}
