//! Whether a history tests anything at all.

use crate::{Doubt, History, Tally, visible};

/// Why a verdict of valid on `history` would say nothing or next to nothing, if so.
///
/// A history in which nothing succeeded, or no op of some function did, or in which no two ops were
/// ever in flight together, is consistent with almost anything.
pub fn vacuity(history: &History) -> Option<Doubt> {
    vacuity_of(&history.tally())
}

/// The same, of a history that may not be at hand.
pub fn vacuity_of(tally: &Tally) -> Option<Doubt> {
    let vacuous = |reason: String| Some(Doubt::Vacuous { reason });
    if tally.operations == 0 {
        return vacuous("there are no operations".to_owned());
    }
    if tally.counts().ok == 0 {
        return vacuous(none_succeeded(tally.operations, "operation"));
    }
    let never: Vec<String> = tally
        .by_f
        .iter()
        .filter(|(_, counts)| counts.ok == 0)
        .map(|(f, counts)| {
            let what = format!("`{}` operation", visible(f));
            none_succeeded(counts.fail + counts.indeterminate, &what)
        })
        .collect();
    if !never.is_empty() {
        return vacuous(never.join(", "));
    }
    if tally.peak_concurrency < 2 {
        return vacuous("no two operations overlapped".to_owned());
    }
    None
}

fn none_succeeded(count: u64, what: &str) -> String {
    match count {
        1 => format!("the only {what} did not succeed"),
        _ => format!("none of the {count} {what}s succeeded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, EventKind, ProcessId, Value};

    #[track_caller]
    fn doubt(events: &[(u32, EventKind, &str)]) -> Option<String> {
        let events = (0..).zip(events).map(|(index, &(process, kind, f))| {
            Event::new(index, ProcessId(process), kind, f, Value::Int(1))
        });
        vacuity(&History::from_events(events).unwrap()).map(|doubt| doubt.to_string())
    }

    #[test]
    fn a_history_that_tests_nothing_is_vacuous() {
        use EventKind::{Fail, Info, Invoke, Ok};
        assert_eq!(doubt(&[]).unwrap(), "vacuous: there are no operations");
        let failed = [(0, Invoke, "write"), (0, Fail, "write")];
        assert_eq!(doubt(&failed).unwrap(), "vacuous: the only operation did not succeed");
        let read = [(1, Invoke, "read"), (1, Ok, "read")];
        let unwritten = [&[(0, Invoke, "write"), (0, Info, "write")], &read[..]].concat();
        assert_eq!(
            doubt(&unwritten).unwrap(),
            "vacuous: the only `write` operation did not succeed"
        );
        let in_turn = [&[(0, Invoke, "write"), (0, Ok, "write")], &read[..]].concat();
        assert!(doubt(&in_turn).unwrap().ends_with("no two operations overlapped"));
        let together =
            [(0, Invoke, "write"), (1, Invoke, "read"), (0, Ok, "write"), (1, Ok, "read")];
        assert_eq!(doubt(&together), None);
    }
}
