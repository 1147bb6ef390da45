//! The four session guarantees, by their definition in [`crate::sessions`].

use super::{Deeds, Relations, SourceOfRead, close, is_circular};
use crate::Consistency;

/// Whether `guarantee` holds.
pub(super) fn holds(told: &Deeds<'_>, guarantee: Consistency) -> bool {
    let visible = visible(told, guarantee);
    let follows = told.table(|one, other| {
        let are_writes = told.is_write(one) && told.is_write(other);
        are_writes
            && match guarantee {
                Consistency::MonotonicWrites => told.so(one, other),
                Consistency::WritesFollowReads => {
                    (0..told.len()).any(|read| visible[one][read] && told.is_known_at(read, other))
                }
                _ => false,
            }
    });
    let mut all = follows.clone();
    close(&mut all);
    let session_holds = |reader: usize| {
        let mut order = told.table(|one, other| follows[one][other] && told.are_rivals(one, other));
        let is_own = |&read: &usize| told.session[read] == told.session[reader];
        for read in (0..told.len()).filter(is_own) {
            for write in (0..told.len()).filter(|&write| told.concerns(write, read)) {
                match told.did[read].read {
                    _ if !visible[write][read] => {}
                    Some(SourceOfRead::Initial) => return false,
                    Some(SourceOfRead::Write(source)) if source != write => {
                        order[write][source] = true;
                    }
                    Some(SourceOfRead::Write(_)) | None => {}
                }
            }
        }
        close(&mut order);
        !is_circular(&order)
    };
    !is_circular(&all) && (0..told.len()).all(session_holds)
}

/// The least sets of writes that are visible to reads.
fn visible(told: &Deeds<'_>, guarantee: Consistency) -> Relations {
    let mut visible = told.table(|write, read| told.returned_it(write, read));
    loop {
        let known = visible.clone();
        let ops = || 0..told.len();
        let is_new = |write: usize, read: usize| {
            let sees =
                |it: usize, later: usize| known[later][it] && (it == read || told.so(it, read));
            match guarantee {
                Consistency::ReadYourWrites => told.so(write, read),
                Consistency::MonotonicReads => ops().any(|it| sees(it, write)),
                Consistency::MonotonicWrites => ops().any(|later| {
                    told.is_write(later) && told.so(write, later) && ops().any(|it| sees(it, later))
                }),
                _ => ops().any(|later| {
                    let had_seen = |had: usize| known[write][had] && told.is_known_at(had, later);
                    told.is_write(later) && ops().any(had_seen) && ops().any(|it| sees(it, later))
                }),
            }
        };
        for (write, read) in ops().flat_map(|write| ops().map(move |read| (write, read))) {
            let fits = told.is_write(write) && told.did[read].read.is_some();
            if fits && is_new(write, read) {
                visible[write][read] = true;
            }
        }
        if visible == known {
            return visible;
        }
    }
}
