//! Whether transactions on registers show an anomaly, whatever the order of the versions.
//!
//! Each order is tried, key after key. With an order of its versions, a register is like a list: a read saw its
//! version and all before it. Of a key that has no order yet it counts only who read of which write.

use std::collections::{BTreeMap, BTreeSet};

use super::observed::{Observes, closure};
use super::{WitnessPart, WitnessTxn, forbids, kind_of, of_cycle, told};
use crate::verify::Refused;
use crate::{AnomalyClass, Consistency, OpIndex, Outcome, Position, ProcessId, Value, WitnessOp};

/// Orders of versions, whole or not, that are tried.
const ORDERS_MAX: u64 = 20_000;
/// Versions of one key, whose orders are as many as the factorial of that.
const VERSIONS_MAX: usize = 7;

/// The classes of cycles.
const CYCLES: [AnomalyClass; 15] = [
    AnomalyClass::G0,
    AnomalyClass::G1c,
    AnomalyClass::GSingle,
    AnomalyClass::GNonadjacent,
    AnomalyClass::G2Item,
    AnomalyClass::G0Process,
    AnomalyClass::G1cProcess,
    AnomalyClass::GSingleProcess,
    AnomalyClass::GNonadjacentProcess,
    AnomalyClass::G2ItemProcess,
    AnomalyClass::G0Realtime,
    AnomalyClass::G1cRealtime,
    AnomalyClass::GSingleRealtime,
    AnomalyClass::GNonadjacentRealtime,
    AnomalyClass::G2ItemRealtime,
];

/// What a part of a transaction of a witness does to a register.
#[derive(Clone, Copy)]
enum RegisterStep<'a> {
    Write(&'a Value, &'a Value),
    Read(&'a Value, &'a Value),
}

struct RegisterTxn<'a> {
    op: &'a WitnessOp,
    steps: Vec<RegisterStep<'a>>,
}

/// Whether some operation writes a register.
pub(super) fn are_there(operations: &[WitnessOp]) -> bool {
    let is_scalar = |value: &Value| !matches!(value, Value::Nil | Value::List(_));
    operations.iter().filter_map(|op| told(op).ok()).flatten().any(|(f, _, value)| {
        matches!(f, "w" | "write") || matches!(f, "r" | "read") && is_scalar(value)
    })
}

/// Checks that `operations` show an anomaly of this class, and that `model`, which forbids it, forbids what each
/// order of their versions forms.
pub(super) fn violates(
    model: Consistency,
    class: AnomalyClass,
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    let consistent = |why: &str| Err(Refused::Consistent(why.to_owned()));
    if !forbids(class).iter().any(|&weak| model.implies(weak)) {
        return consistent("the model does not forbid this class");
    }
    let txns = operations.iter().map(RegisterTxn::new).collect::<Result<Vec<_>, _>>()?;
    let mut written = BTreeSet::new();
    for (txn, step) in txns.iter().flat_map(|txn| txn.steps.iter().map(move |step| (txn, step))) {
        if let RegisterStep::Write(key, value) = *step
            && !written.insert((key, value))
        {
            return Err(Refused::Malformed(txn.op.index)); // A read does not tell which it saw.
        }
    }
    let is_there = match class {
        AnomalyClass::ReadFromNowhere => any_read(&txns, |_, key, value| {
            *value != Value::Nil && !txns.iter().any(|by| by.writes(key, value))
        }),
        AnomalyClass::AbortedRead => any_read(&txns, |_, key, value| {
            txns.iter().any(|by| by.op.outcome == Outcome::Fail && by.writes(key, value))
        }),
        AnomalyClass::IntermediateRead => any_read(&txns, |reader, key, value| {
            txns.iter().any(|by| {
                by.op.index != reader.op.index
                    && by.writes(key, value)
                    && by.leaves(key) != Some(value)
            })
        }),
        AnomalyClass::Internal => txns.iter().any(RegisterTxn::forgets),
        AnomalyClass::LostUpdate => lost_update(&txns),
        AnomalyClass::ObservedTransactionVanishes => contradict(&txns, Observes::Before),
        AnomalyClass::FracturedRead => contradict(&txns, Observes::Itself),
        AnomalyClass::CausalityViolation => contradict(&txns, Observes::ByWayOfOthers),
        _ => return of_each_order(model, class, &txns, operations),
    };
    if is_there { Ok(()) } else { consistent("no transaction shows it") }
}

impl<'a> RegisterTxn<'a> {
    fn new(op: &'a WitnessOp) -> Result<Self, Refused> {
        let committed = op.outcome.ok().is_some();
        let mut steps = Vec::new();
        for (f, key, value) in told(op)? {
            match f {
                "w" | "write" if *value != Value::Nil => {
                    steps.push(RegisterStep::Write(key, value));
                }
                "r" | "read" if committed => steps.push(RegisterStep::Read(key, value)),
                "r" | "read" => {}
                _ => return Err(Refused::Malformed(op.index)),
            }
        }
        Ok(Self { op, steps })
    }

    fn written(&self, key: &Value) -> impl Iterator<Item = &'a Value> {
        self.steps.iter().filter_map(move |step| match *step {
            RegisterStep::Write(to, value) if to == key => Some(value),
            RegisterStep::Write(..) | RegisterStep::Read(..) => None,
        })
    }

    fn writes(&self, key: &Value, value: &Value) -> bool {
        self.written(key).any(|it| it == value)
    }

    /// What it wrote to a key last.
    fn leaves(&self, key: &Value) -> Option<&'a Value> {
        self.written(key).last()
    }

    /// Whether some read is not of what was read or written before it, or is of what is written after it.
    fn forgets(&self) -> bool {
        (0..self.steps.len()).any(|at| {
            let RegisterStep::Read(key, value) = self.steps[at] else { return false };
            let before = self.steps[..at].iter().rev().find_map(|step| match *step {
                RegisterStep::Write(to, it) | RegisterStep::Read(to, it) => {
                    (to == key).then_some(it)
                }
            });
            let is_later = self.steps[at..].iter().any(
                |step| matches!(step, RegisterStep::Write(to, it) if *to == key && *it == value),
            );
            is_later || before.is_some_and(|it| it != value)
        })
    }
}

fn any_read(
    txns: &[RegisterTxn<'_>],
    is_it: impl Fn(&RegisterTxn<'_>, &Value, &Value) -> bool,
) -> bool {
    txns.iter().any(|txn| {
        txn.steps.iter().any(|step| match *step {
            RegisterStep::Read(key, value) => is_it(txn, key, value),
            RegisterStep::Write(..) => false,
        })
    })
}

/// Whether two committed transactions read the same version of a key first, and wrote the key then.
fn lost_update(txns: &[RegisterTxn<'_>]) -> bool {
    let updates = |txn: &RegisterTxn<'_>, key: &Value| {
        let touches = |step: &&RegisterStep<'_>| match step {
            RegisterStep::Write(to, _) | RegisterStep::Read(to, _) => *to == key,
        };
        txn.leaves(key)?;
        match txn.steps.iter().find(touches)? {
            RegisterStep::Read(_, value) if txn.writes(key, value) => None,
            RegisterStep::Read(_, value) => Some((*value).clone()),
            RegisterStep::Write(..) => None,
        }
    };
    txns.iter().enumerate().any(|(at, one)| {
        one.steps.iter().any(|step| {
            let (RegisterStep::Read(key, _) | RegisterStep::Write(key, _)) = *step;
            let seen = updates(one, key);
            seen.is_some() && txns[at + 1..].iter().any(|other| updates(other, key) == seen)
        })
    })
}

/// Checks that each order of the versions forms a cycle that the model forbids, and some order one of the class.
fn of_each_order(
    model: Consistency,
    class: AnomalyClass,
    txns: &[RegisterTxn<'_>],
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    if kind_of(class).is_none() {
        return Err(Refused::Consistent("it is no class of transactions".to_owned()));
    }
    for txn in txns {
        let is_read =
            |key: &Value, value: &Value| any_read(txns, |_, from, it| from == key && it == value);
        let was_seen = txn.steps.iter().any(|step| match *step {
            RegisterStep::Write(key, value) => is_read(key, value),
            RegisterStep::Read(..) => false,
        });
        // Of one that failed, or that nobody saw, it is not known that it took effect.
        let counts = match txn.op.outcome {
            Outcome::Ok(_) => true,
            Outcome::Indeterminate => was_seen,
            Outcome::Fail => false,
        };
        if !counts {
            return Err(Refused::Malformed(txn.op.index));
        }
    }
    let mut versions: BTreeMap<&Value, Vec<&Value>> = BTreeMap::new();
    let mut by_end: Vec<&RegisterTxn<'_>> = txns.iter().collect();
    by_end.sort_by_key(|txn| txn.op.completed.unwrap_or(Position(u32::MAX)));
    for txn in by_end {
        for step in &txn.steps {
            if let RegisterStep::Write(key, value) = *step
                && txn.leaves(key) == Some(value)
            {
                versions.entry(key).or_default().push(value);
            }
        }
    }
    let forbidden =
        CYCLES.into_iter().filter(|it| forbids(*it).iter().any(|&it| model.implies(it)));
    // Keys of one version, of which there is nothing to choose, come first.
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_by_key(|(_, versions)| versions.len());
    let mut orders = EachOrder { txns, operations, versions, chosen: BTreeMap::new(), tried: 0 };
    let forbidden: Vec<AnomalyClass> = forbidden.collect();
    if !orders.all_form_one_of(&forbidden)? {
        return Err(Refused::Consistent("some order of the versions is allowed".to_owned()));
    }
    orders.tried = 0;
    if orders.some_forms(class)? {
        return Ok(());
    }
    Err(Refused::Consistent("there is no such cycle".to_owned()))
}

/// The orders of the versions of each key.
struct EachOrder<'a> {
    txns: &'a [RegisterTxn<'a>],
    operations: &'a [WitnessOp],
    versions: Vec<(&'a Value, Vec<&'a Value>)>,
    /// The orders that are chosen, of the first keys.
    chosen: BTreeMap<&'a Value, Vec<&'a Value>>,
    tried: u64,
}

impl<'a> EachOrder<'a> {
    /// Whether what is chosen forms one of these cycles, or each order of the other keys does.
    fn all_form_one_of(&mut self, classes: &[AnomalyClass]) -> Result<bool, Refused> {
        if self.forms_one_of(classes)? {
            return Ok(true);
        }
        let Some((key, versions)) = self.next_key()? else { return Ok(false) };
        for order in permutations(&versions) {
            self.chosen.insert(key, order);
            let all = self.all_form_one_of(classes);
            self.chosen.remove(key);
            if !all? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether some order forms such a cycle.
    fn some_forms(&mut self, class: AnomalyClass) -> Result<bool, Refused> {
        if self.forms_one_of(&[class])? {
            return Ok(true);
        }
        let Some((key, versions)) = self.next_key()? else { return Ok(false) };
        for order in permutations(&versions) {
            self.chosen.insert(key, order);
            let some = self.some_forms(class);
            self.chosen.remove(key);
            if some? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next key whose versions are to be put in order.
    fn next_key(&self) -> Result<Option<(&'a Value, Vec<&'a Value>)>, Refused> {
        match self.versions.get(self.chosen.len()) {
            Some((_, versions)) if versions.len() > VERSIONS_MAX => {
                Err(Refused::TooLarge(ORDERS_MAX))
            }
            next => Ok(next.cloned()),
        }
    }

    fn forms_one_of(&mut self, classes: &[AnomalyClass]) -> Result<bool, Refused> {
        self.tried += 1;
        if self.tried > ORDERS_MAX {
            return Err(Refused::TooLarge(ORDERS_MAX));
        }
        let lists = AsLists::new(self);
        // One that saw all shows the order of what no other read; nothing comes after it.
        let all_seen = WitnessOp {
            index: OpIndex(u32::MAX),
            process: ProcessId(u32::MAX),
            invoked: Position(u32::MAX),
            completed: None,
            ..self.operations[0].clone()
        };
        let parts = lists.whole.iter().map(|(key, list)| WitnessPart::Read(key, list)).collect();
        let mut txns = vec![WitnessTxn { op: &all_seen, failed: false, parts }];
        txns.extend(self.txns.iter().map(|txn| lists.txn(txn)));
        for &class in classes {
            match of_cycle(class, &txns) {
                Ok(()) => return Ok(true),
                Err(Refused::Consistent(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(false)
    }
}

/// The registers as lists. Of a key without an order each version is a list of its own.
struct AsLists<'a> {
    whole: BTreeMap<&'a Value, Vec<Value>>,
    alone: BTreeMap<(&'a Value, &'a Value), (Value, [Value; 1])>,
}

impl<'a> AsLists<'a> {
    fn new(orders: &EachOrder<'a>) -> Self {
        let list = |order: &Vec<&'a Value>| order.iter().map(|&it| it.clone()).collect();
        let open = orders.versions[orders.chosen.len()..].iter();
        let versions = open.flat_map(|(key, versions)| versions.iter().map(|it| (*key, *it)));
        let alone = |(key, value): (&'a Value, &'a Value)| {
            let name = Value::list([key.clone(), value.clone()]);
            ((key, value), (name, [value.clone()]))
        };
        Self {
            whole: orders.chosen.iter().map(|(key, order)| (*key, list(order))).collect(),
            alone: versions.map(alone).collect(),
        }
    }

    fn txn<'b>(&'b self, txn: &'b RegisterTxn<'a>) -> WitnessTxn<'b> {
        let parts = txn.steps.iter().filter_map(|step| self.part(txn, step)).collect();
        WitnessTxn { op: txn.op, failed: false, parts }
    }

    /// What a step is on lists: a version that was overwritten by its own transaction is none, nor is one that
    /// was read of oneself, or of none of these transactions.
    fn part<'b>(
        &'b self,
        txn: &RegisterTxn<'a>,
        step: &RegisterStep<'a>,
    ) -> Option<WitnessPart<'b>> {
        match *step {
            RegisterStep::Write(key, value) => {
                let to = self.alone.get(&(key, value)).map_or(key, |(name, _)| name);
                (txn.leaves(key) == Some(value)).then_some(WitnessPart::Append(to, value))
            }
            RegisterStep::Read(key, value) if txn.writes(key, value) => None,
            RegisterStep::Read(key, value) => {
                if let Some((name, list)) = self.alone.get(&(key, value)) {
                    return Some(WitnessPart::Read(name, list));
                }
                let list = self.whole.get(key)?;
                if *value == Value::Nil {
                    return Some(WitnessPart::Read(key, &[]));
                }
                let at = list.iter().position(|it| it == value)?;
                Some(WitnessPart::Read(key, &list[..=at]))
            }
        }
    }
}

fn permutations<'a>(items: &[&'a Value]) -> Vec<Vec<&'a Value>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |at: usize| {
        let mut rest = items.to_vec();
        let first = rest.remove(at);
        permutations(&rest).into_iter().map(move |mut rest| {
            rest.insert(0, first);
            rest
        })
    };
    (0..items.len()).flat_map(with_first).collect()
}

/// Whether there is no order of the versions of registers in which no transaction misses what one wrote that it
/// observes so.
fn contradict(txns: &[RegisterTxn<'_>], how: Observes) -> bool {
    let numbers = 0..txns.len();
    // What each read of others: the key, and who left it so.
    let reads: Vec<Vec<(&Value, Option<usize>)>> =
        numbers.clone().map(|at| outside(txns, at)).collect();
    let mut observes = vec![vec![false; txns.len()]; txns.len()];
    for at in numbers.clone() {
        for by in reads[at].iter().filter_map(|(_, by)| *by) {
            observes[at][by] = true;
        }
    }
    // For each pair whether the first is older.
    let mut older = vec![vec![false; txns.len()]; txns.len()];
    for at in numbers.clone() {
        for other in numbers.clone() {
            older[other][at] |= observes[at][other];
        }
    }
    let observes = if how == Observes::ByWayOfOthers { closure(observes) } else { observes };
    for at in numbers.clone() {
        for other in numbers.clone().filter(|&other| other != at && observes[at][other]) {
            let since = match how {
                Observes::Before => reads[at].iter().position(|(_, by)| *by == Some(other)),
                Observes::Itself | Observes::ByWayOfOthers => Some(0),
            };
            for (key, by) in since.map_or(&[][..], |since| &reads[at][since..]) {
                match by {
                    _ if *by == Some(other) || txns[other].leaves(key).is_none() => {}
                    None => return true,
                    Some(newer) => older[other][*newer] = true,
                }
            }
        }
    }
    let older = closure(older);
    numbers.clone().any(|at| older[at][at])
}

/// The reads of a transaction that committed that are of what another one left, or of the first version.
fn outside<'a>(txns: &[RegisterTxn<'a>], at: usize) -> Vec<(&'a Value, Option<usize>)> {
    let mut reads = Vec::new();
    for step in &txns[at].steps {
        let RegisterStep::Read(key, value) = *step else { continue };
        if *value == Value::Nil {
            reads.push((key, None));
            continue;
        }
        let left =
            |by: &RegisterTxn<'_>| by.op.outcome != Outcome::Fail && by.leaves(key) == Some(value);
        if let Some(by) = txns.iter().position(left).filter(|&by| by != at) {
            reads.push((key, Some(by)));
        }
    }
    reads
}
