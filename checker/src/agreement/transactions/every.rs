//! Every history of at most three short transactions.

use super::TxnObject;
use super::brute::compare;
use super::told::{ToldPart, ToldTxn};
use crate::EventKind;

/// How three transactions run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// At the same time.
    Together,
    /// One after the other, each by a process of its own.
    InTurn,
    /// One after the other, by one process.
    InOneProcess,
    /// At the same time, and it is not known how the first ended.
    FirstUnknown,
}

const COURSES: [Course; 4] =
    [Course::Together, Course::InTurn, Course::InOneProcess, Course::FirstUnknown];

/// What a transaction may do to one of two keys, with two values.
fn alphabet(object: TxnObject) -> Vec<ToldPart> {
    let of_key = |key: char| match object {
        TxnObject::List => {
            let lists = [vec![], vec![1], vec![2], vec![1, 2], vec![2, 1]];
            let reads = lists.into_iter().map(move |list| ToldPart::Read(key, list));
            reads.chain([1, 2].map(|it| ToldPart::Append(key, it))).collect::<Vec<_>>()
        }
        TxnObject::Register => {
            let reads = [None, Some(1), Some(2)].map(|it| ToldPart::Get(key, it));
            reads.into_iter().chain([1, 2].map(|it| ToldPart::Write(key, it))).collect()
        }
    };
    ['x', 'y'].into_iter().flat_map(of_key).collect()
}

/// Nothing, each part, and each pair of parts.
fn bodies(object: TxnObject) -> Vec<Vec<ToldPart>> {
    let alphabet = alphabet(object);
    let one = alphabet.iter().map(|it| vec![it.clone()]);
    let two = alphabet
        .iter()
        .flat_map(|one| alphabet.iter().map(move |other| vec![one.clone(), other.clone()]));
    [Vec::new()].into_iter().chain(one).chain(two).collect()
}

/// Whether nothing is written twice, and nothing read that is not written.
fn is_sound(bodies: [&[ToldPart]; 3]) -> bool {
    let mut written = [[false; 3]; 2];
    let place = |key: char| usize::from(key == 'y');
    let number = |value: i64| usize::try_from(value).unwrap_or(0);
    for part in bodies.into_iter().flatten() {
        if let ToldPart::Append(key, value) | ToldPart::Write(key, value) = part {
            let it = &mut written[place(*key)][number(*value)];
            if std::mem::replace(it, true) {
                return false;
            }
        }
    }
    bodies.into_iter().flatten().all(|part| match part {
        ToldPart::Read(key, list) => list.iter().all(|&it| written[place(*key)][number(it)]),
        ToldPart::Get(key, value) => value.is_none_or(|it| written[place(*key)][number(it)]),
        ToldPart::Append(..) | ToldPart::Write(..) => true,
    })
}

fn history(bodies: [&[ToldPart]; 3], course: Course) -> Vec<ToldTxn> {
    let mut txns = Vec::new();
    for (at, body) in (0u32..).zip(bodies) {
        if body.is_empty() {
            continue;
        }
        let process = if course == Course::InOneProcess { 0 } else { at };
        let is_together = matches!(course, Course::Together | Course::FirstUnknown);
        let start = if is_together { 0 } else { 10 * u64::from(at) };
        let is_unknown = course == Course::FirstUnknown && at == 0;
        let end = if is_unknown { EventKind::Info } else { EventKind::Ok };
        txns.push(ToldTxn { process, span: (start, start + 5), end, parts: body.to_vec() });
    }
    txns
}

/// Judges every history of at most three transactions of at most two parts, on two keys with two values, that
/// reads only what it writes; of as many as `stride` says only one. How many were judged. Those that run at the
/// same time differ in more than the order of processes.
///
/// # Errors
///
/// Tells the history and the verdicts if the checker and brute force disagree, or if evidence is refused.
pub fn every_transactions_case(object: TxnObject, stride: usize) -> Result<usize, String> {
    let bodies = bodies(object);
    let (mut count, mut judged) = (0, 0);
    for (one, first) in bodies.iter().enumerate() {
        for (two, second) in bodies.iter().enumerate() {
            for (three, third) in bodies.iter().enumerate() {
                let these = [first, second, third].map(Vec::as_slice);
                if !is_sound(these) {
                    continue;
                }
                for course in COURSES {
                    let is_new = match course {
                        Course::Together => one <= two && two <= three,
                        Course::FirstUnknown => two <= three && !first.is_empty(),
                        Course::InTurn | Course::InOneProcess => true,
                    };
                    count += usize::from(is_new);
                    let txns = history(these, course);
                    if is_new && count % stride == 0 && !txns.is_empty() {
                        compare(&txns)?;
                        judged += 1;
                    }
                }
            }
        }
    }
    Ok(judged)
}
