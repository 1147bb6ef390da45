//! What can be said of a register without search.

use rustc_hash::FxHashMap;

use super::Part;
use super::zones::{Access, Clash, NEVER, NIL};
use crate::{History, ModelKind, OpIndex, Outcome, Value, ValueId};

/// The reads that returned and the writes that may have happened, in the order of invocations.
pub(crate) struct Accesses {
    pub(crate) list: Vec<Access>,
    /// Whether there are `cas` operations too. What they may have written is in the list as writes
    /// would be.
    pub(crate) has_cas: bool,
    /// What the swaps, which come last in the list, swapped away; nothing if some value cannot be
    /// told from others by its number.
    pub(crate) olds: Option<Vec<u32>>,
    /// Whether some `cas` answered that it mismatched, and whether some failed.
    pub(crate) mismatched: [bool; 2],
    /// Whether everything that may have been written is in the list.
    all_known: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Read,
    Write,
    Cas,
    Other,
}

/// `None` if the part has something a register does not understand: search will say what.
pub(crate) fn accesses(history: &History, model: ModelKind, part: &Part) -> Option<Accesses> {
    let kinds: Vec<Kind> = history
        .functions()
        .map(|f| match f {
            "read" | "get" => Kind::Read,
            "write" | "put" => Kind::Write,
            "cas" if model == ModelKind::CasRegister => Kind::Cas,
            _ => Kind::Other,
        })
        .collect();
    let list = Vec::with_capacity(part.operations.len());
    let mut accesses = Accesses {
        list,
        has_cas: false,
        olds: Some(Vec::new()),
        mismatched: [false; 2],
        all_known: true,
    };
    for &op in &part.operations {
        let kind = kinds[usize::from(history.f[op.get()])];
        let outcome = history.outcome_id(op);
        let (value, is_write) = match (kind, outcome) {
            (Kind::Other, _) => return None,
            (Kind::Read, Outcome::Ok(ret)) => (ret, false),
            (Kind::Write, _) if history.argument_id(op) == ValueId::NIL => return None,
            (Kind::Write, Outcome::Ok(_) | Outcome::Indeterminate) => {
                (history.argument_id(op), true)
            }
            (Kind::Read, Outcome::Fail | Outcome::Indeterminate) | (Kind::Write, Outcome::Fail) => {
                continue;
            }
            (Kind::Cas, _) => {
                accesses.has_cas = true;
                continue;
            }
        };
        accesses.list.push(Access {
            op,
            value: value.0,
            is_write,
            invoked: history.invoked[op.get()].0,
            completed: history.completed_at(op).map_or(NEVER, |end| end.0),
        });
    }
    if accesses.has_cas {
        add_cas(history, part, &kinds, &mut accesses)?;
    }
    Some(accesses)
}

/// Adds what each `cas` may have written.
fn add_cas(history: &History, part: &Part, kinds: &[Kind], accesses: &mut Accesses) -> Option<()> {
    for &op in &part.operations {
        if !matches!(kinds[usize::from(history.f[op.get()])], Kind::Cas) {
            continue;
        }
        let [mismatched, failed] = match history.outcome_id(op) {
            Outcome::Ok(ret) => [history.value(ret) == Value::Bool(false), false],
            Outcome::Fail => [false, true],
            Outcome::Indeterminate => [false, false],
        };
        accesses.mismatched[0] |= mismatched;
        accesses.mismatched[1] |= failed;
        if mismatched || failed {
            continue;
        }
        let argument = history.value(history.argument_id(op));
        let [old, new] = argument.as_list()? else { return None };
        let Some(value) = ValueId::inline(new) else {
            (accesses.all_known, accesses.olds) = (false, None);
            continue;
        };
        match ValueId::inline(old).filter(|_| value != ValueId::NIL) {
            Some(old) => accesses.olds.iter_mut().for_each(|olds| olds.push(old.0)),
            None => accesses.olds = None,
        }
        accesses.list.push(Access {
            op,
            value: value.0,
            is_write: true,
            invoked: history.invoked[op.get()].0,
            completed: history.completed_at(op).map_or(NEVER, |end| end.0),
        });
    }
    Some(())
}

/// A read of what nothing had begun to write when it ended. O(n).
pub(crate) fn refute(accesses: &Accesses) -> Option<Clash> {
    if !accesses.all_known {
        return None;
    }
    let mut first: FxHashMap<u32, (u32, OpIndex)> = FxHashMap::default();
    for write in accesses.list.iter().filter(|access| access.is_write) {
        let begun = first.entry(write.value).or_insert((write.invoked, write.op));
        *begun = (*begun).min((write.invoked, write.op));
    }
    let reads = accesses.list.iter().filter(|access| !access.is_write && access.value != NIL);
    reads.into_iter().find_map(|read| match first.get(&read.value) {
        None => Some(Clash::Nowhere { read: read.op }),
        Some(&(invoked, write)) if read.completed < invoked => {
            Some(Clash::Future { read: read.op, write })
        }
        Some(_) => None,
    })
}
