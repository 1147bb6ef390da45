//! Causal consistency and causal convergence, in one pass.

use crate::plant::{Bug, planted};
use crate::weak::{
    Breach, CLOCKS, Clocks, Evidence, Forced, Latest, NoClocks, Reads, Reasons, Sessions, Source,
    WeakJudgement, Wiring, Writers, walk,
};
use crate::{Budget, Consistency};

/// The models, in the order in which [`check`] judges them.
pub const MODELS: [Consistency; 2] = [Consistency::Causal, Consistency::CausalConvergence];

/// Judges [causal consistency](Consistency::Causal) and [causal
/// convergence](Consistency::CausalConvergence). Of the budget it takes the bytes, of which vector clocks
/// take up to four for each session and each read of another session's write, and the order of writes that
/// reads force sixteen for each pair. O(n k).
pub fn check(sessions: &Sessions, budget: &Budget) -> [WeakJudgement; 2] {
    let session_of = sessions.session_of_each();
    let wiring = Wiring::new(Reads::All);
    let reasons = Reasons { sessions, session_of: &session_of, wiring: &wiring };
    let broken = |evidence: &Evidence| {
        MODELS.map(|model| WeakJudgement::Broken(Breach::new(&reasons, model, evidence.clone())))
    };
    let clocks = match Clocks::new(sessions, &session_of, &wiring, budget.bytes) {
        Ok(clocks) => clocks,
        Err(NoClocks::TooLarge) => {
            return [(); 2].map(|()| WeakJudgement::out_of_bytes(CLOCKS, budget));
        }
        Err(NoClocks::Circle(circle)) => return broken(&reasons.of_circle(&circle)),
    };
    let bytes_left = budget.bytes.saturating_sub(clocks.bytes());
    let forced = match forced(sessions, &session_of, &clocks, bytes_left) {
        Ok(Some(forced)) => forced,
        Ok(None) => {
            let what = "the orders of writes that reads force";
            return [WeakJudgement::Holds, WeakJudgement::out_of_bytes(what, budget)];
        }
        Err(wrong) => return broken(&wrong.evidence(&reasons)),
    };
    drop(clocks);
    let with_forced = Wiring { forced, ..wiring };
    let convergence = match walk(sessions, &session_of, &with_forced, |_, _| {}) {
        Ok(()) => WeakJudgement::Holds,
        Err(circle) => {
            let reasons = Reasons { wiring: &with_forced, ..reasons };
            let evidence = reasons.of_circle(&circle);
            WeakJudgement::Broken(Breach::new(&reasons, Consistency::CausalConvergence, evidence))
        }
    };
    [WeakJudgement::Holds, convergence]
}

/// A read that no order of what precedes it explains.
struct Wrong {
    read: u32,
    /// A write to its key that precedes it, and overwrote what it returned.
    newer: u32,
}

impl Wrong {
    fn evidence(&self, reasons: &Reasons<'_>) -> Evidence {
        let older = reasons.sessions.write_read(self.read);
        let pairs = [Some((self.newer, self.read)), older.map(|older| (older, self.newer))];
        let path = |(one, other)| reasons.path(one, other, 0).expect("the clocks say so").ops;
        pairs.into_iter().flatten().flat_map(path).collect()
    }
}

/// Which writes come before which others in one order of all; less what causality says anyway. Nothing if
/// they take more than `bytes_max` bytes.
fn forced(
    sessions: &Sessions,
    session_of: &[u32],
    clocks: &Clocks<'_>,
    bytes_max: u64,
) -> Result<Option<Vec<Forced>>, Wrong> {
    let writers = Writers::new(sessions, session_of);
    let mut latest = Latest::new(&writers);
    let mut forced = Vec::new();
    let forced_max = usize::try_from(bytes_max / size_of::<Forced>() as u64).unwrap_or(usize::MAX);
    let mut tidy_at = forced_max.min(1 << 20);
    let mut is_too_large = false;
    for session in 0..sessions.count() {
        latest.restart();
        for read in sessions.ops(session) {
            let Some(source) = sessions.source(read) else { continue };
            let row = clocks.row(read);
            for run in writers.runs(sessions.key(read)) {
                let other = writers.session(run);
                let end = if other == session { read } else { row[other] };
                if planted(Bug::CausalOwnSessionOnly) && other != session {
                    continue;
                }
                let Some(earlier) = latest.news(run, end, source) else { continue };
                let Source::Write(later) = source else {
                    if planted(Bug::CausalForgetInitial) {
                        continue;
                    }
                    return Err(Wrong { read, newer: earlier });
                };
                if earlier == later || clocks.precedes(earlier, later) {
                    continue;
                }
                if clocks.precedes(later, earlier) && !planted(Bug::CausalForgetOverwritten) {
                    return Err(Wrong { read, newer: earlier });
                }
                if planted(Bug::CausalForgetForced) {
                    continue;
                }
                forced.push(Forced { later, earlier, read, round: 1 });
            }
        }
        if is_too_large {
            forced.clear();
        } else if forced.len() > tidy_at {
            tidy(&mut forced);
            is_too_large = forced.len() > forced_max;
            tidy_at = forced_max.min(2 * forced.len().max(1 << 19));
        }
    }
    tidy(&mut forced);
    Ok((!is_too_large && forced.len() <= forced_max).then_some(forced))
}

/// Puts them in order, each pair once.
fn tidy(forced: &mut Vec<Forced>) {
    forced.sort_unstable();
    forced.dedup_by_key(|it| (it.later, it.earlier));
}
