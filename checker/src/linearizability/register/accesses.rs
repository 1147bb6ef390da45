//! What may have happened to one register.

use rustc_hash::FxHashMap;

use crate::linearizability::options::FailedCas;
use crate::{History, ModelKind, OpIndex, Outcome, Part, Value, ValueId};

/// A read that returned, or a write that may have happened, or what else concerns one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) op: OpIndex,
    /// Given or read, or looked for in vain. [`NIL`] is what the register holds at first.
    pub(crate) value: u32,
    pub(crate) invoked: u32,
    /// [`NEVER`] if the return was lost.
    pub(crate) completed: u32,
}

/// The value a register holds at first.
pub(crate) const NIL: u32 = 0;
/// The return of an operation whose return was lost.
pub(crate) const NEVER: u32 = u32::MAX;

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RegisterClash {
    /// This read returned a value that nothing wrote.
    Nowhere { read: OpIndex },
    /// This read ended before the write of what it returned began.
    Future { read: OpIndex, write: OpIndex },
    /// These two values each held while the other did: their writes if any, and of each cluster
    /// what returned first and what was invoked last.
    Two { ops: [[Option<OpIndex>; 3]; 2] },
    /// These alone have no order.
    Several { ops: Vec<OpIndex> },
}

/// What may have happened to one register.
pub(crate) struct Accesses {
    /// What gives a value: the writes, and then the swaps, each kind in the order of invocations.
    pub(crate) givers: Vec<Access>,
    /// The reads that returned, in the order of invocations.
    pub(crate) reads: Vec<Access>,
    /// The least and the greatest of the values given.
    pub(crate) span: (u32, u32),
    /// Whether there are `cas` operations.
    pub(crate) has_cas: bool,
    /// What each swap swapped away; nothing if some value cannot be told from others by its number.
    pub(crate) olds: Option<Vec<u32>>,
    /// Each `cas` that says that it mismatched, with the value that was not there; nothing if some
    /// value cannot be told from others by its number.
    pub(crate) mismatches: Option<Vec<Access>>,
    /// Whether everything that may have been written is among the givers.
    all_known: bool,
}

impl Accesses {
    fn give(&mut self, giver: Access) {
        self.span = (self.span.0.min(giver.value), self.span.1.max(giver.value));
        self.givers.push(giver);
    }
}

#[derive(Clone, Copy)]
enum AccessKind {
    Read,
    Write,
    Cas,
    Other,
}

/// `None` if the part has something a register does not understand: search will say what.
pub(crate) fn accesses(
    history: &History,
    model: ModelKind,
    part: &Part,
    failed_cas: FailedCas,
) -> Option<Accesses> {
    let kinds: Vec<AccessKind> = history
        .functions()
        .map(|f| match f {
            "read" | "get" => AccessKind::Read,
            "write" | "put" | "set" => AccessKind::Write,
            "cas" if model == ModelKind::CasRegister => AccessKind::Cas,
            _ => AccessKind::Other,
        })
        .collect();
    let mut accesses = Accesses {
        givers: Vec::with_capacity(part.operations.len()),
        reads: Vec::with_capacity(part.operations.len()),
        span: (u32::MAX, 0),
        has_cas: false,
        olds: Some(Vec::new()),
        mismatches: Some(Vec::new()),
        all_known: true,
    };
    for &op in &part.operations {
        match (kinds[usize::from(history.f[op.get()])], history.outcome_id(op)) {
            (AccessKind::Other, _) => return None,
            (AccessKind::Write, _) if history.argument_id(op) == ValueId::NIL => return None,
            (AccessKind::Read, Outcome::Ok(ret)) => {
                accesses.reads.push(access(history, op, ret));
            }
            (AccessKind::Write, Outcome::Ok(_) | Outcome::Indeterminate) => {
                accesses.give(access(history, op, history.argument_id(op)));
            }
            (AccessKind::Cas, _) => accesses.has_cas = true,
            (AccessKind::Read, Outcome::Fail | Outcome::Indeterminate)
            | (AccessKind::Write, Outcome::Fail) => {}
        }
    }
    if accesses.has_cas {
        let is_cas =
            |op: &&OpIndex| matches!(kinds[usize::from(history.f[op.get()])], AccessKind::Cas);
        for &op in part.operations.iter().filter(is_cas) {
            add_cas(history, op, failed_cas, &mut accesses)?;
        }
    }
    Some(accesses)
}

fn access(history: &History, op: OpIndex, value: ValueId) -> Access {
    Access {
        op,
        value: value.0,
        invoked: history.invoked[op.get()].0,
        completed: history.completed_at(op).map_or(NEVER, |end| end.0),
    }
}

/// Adds what a `cas` may have written, or did not find.
fn add_cas(
    history: &History,
    op: OpIndex,
    failed_cas: FailedCas,
    accesses: &mut Accesses,
) -> Option<()> {
    let swapped_not = match history.outcome_id(op) {
        Outcome::Ok(ret) => history.listed(ret) == Some(&Value::Bool(false)),
        Outcome::Fail if failed_cas == FailedCas::SaysNothing => return Some(()),
        Outcome::Fail => true,
        Outcome::Indeterminate => false,
    };
    let [old, new] = history.listed(history.argument_id(op))?.as_list()? else { return None };
    let old = ValueId::inline(old);
    if swapped_not {
        match (old, &mut accesses.mismatches) {
            (Some(old), Some(mismatches)) => mismatches.push(access(history, op, old)),
            (_, mismatches) => *mismatches = None,
        }
        return Some(());
    }
    let Some(new) = ValueId::inline(new) else {
        (accesses.all_known, accesses.olds) = (false, None);
        return Some(());
    };
    match (old, &mut accesses.olds) {
        (Some(old), Some(olds)) if new != ValueId::NIL => olds.push(old.0),
        (_, olds) => *olds = None,
    }
    accesses.give(access(history, op, new));
    Some(())
}

/// A read of what nothing had begun to write when it ended. O(n).
pub(crate) fn refute(accesses: &Accesses) -> Option<RegisterClash> {
    if !accesses.all_known {
        return None;
    }
    let mut first: FxHashMap<u32, (u32, OpIndex)> = FxHashMap::default();
    for write in &accesses.givers {
        let begun = first.entry(write.value).or_insert((write.invoked, write.op));
        *begun = (*begun).min((write.invoked, write.op));
    }
    accesses.reads.iter().filter(|access| access.value != NIL).find_map(|read| {
        match first.get(&read.value) {
            None => Some(RegisterClash::Nowhere { read: read.op }),
            Some(&(invoked, write)) if read.completed < invoked => {
                Some(RegisterClash::Future { read: read.op, write })
            }
            Some(_) => None,
        }
    })
}
