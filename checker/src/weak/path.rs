//! Why one operation precedes another: a shortest path.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Sessions;
use super::walk::{Circle, Forced, Wiring};

/// What a search for reasons needs to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reasons<'a> {
    pub(crate) sessions: &'a Sessions,
    pub(crate) session_of: &'a [u32],
    pub(crate) wiring: &'a Wiring,
}

/// Operations from one to another, each of which precedes the next; and what of that was forced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    pub(crate) ops: Vec<u32>,
    pub(crate) forced: Vec<Forced>,
}

/// Through what the search came to an operation.
#[derive(Clone, Copy)]
struct Step {
    /// The operation that comes next.
    later: u32,
    /// The operation in whose session `later` was found: `later` is that or comes before it.
    reached: u32,
    forced: Option<Forced>,
}

impl Reasons<'_> {
    /// The path with the fewest steps between sessions by which `one` precedes `other`, if it does;
    /// of what was forced only that of rounds before `round` counts. O(n).
    pub(crate) fn path(&self, one: u32, other: u32, round: u32) -> Option<Path> {
        let home = self.session_of[one as usize];
        let mut scanned: Vec<u32> =
            (0..self.sessions.count()).map(|it| self.sessions.ops(it).start).collect();
        let mut steps: BTreeMap<u32, Step> = BTreeMap::new();
        let mut queue = VecDeque::from([other]);
        while let Some(reached) = queue.pop_front() {
            let session = self.session_of[reached as usize] as usize;
            let is_found = one < reached || one == reached && one != other;
            if self.session_of[reached as usize] == home && is_found {
                return Some(traced(one, reached, &steps));
            }
            for later in scanned[session]..=reached {
                let known = self.wiring.known_before(self.sessions, session, later);
                let forced = self.wiring.forced_before(later).iter().filter(|it| it.round < round);
                let known = known.into_iter().flatten().map(|earlier| (earlier, None));
                for (earlier, forced) in known.chain(forced.map(|it| (it.earlier, Some(*it)))) {
                    let there = self.session_of[earlier as usize] as usize;
                    let is_new = earlier >= scanned[there] && earlier != other;
                    if is_new && !steps.contains_key(&earlier) {
                        steps.insert(earlier, Step { later, reached, forced });
                        queue.push_back(earlier);
                    }
                }
            }
            scanned[session] = scanned[session].max(reached + 1);
        }
        None
    }

    /// The operations that show that those of `circle` precede each other: those on the way, and for
    /// all that was forced its reasons.
    pub(crate) fn of_circle(&self, circle: &Circle) -> BTreeSet<u32> {
        let forced = |&(earlier, later): &(u32, u32)| {
            let mut all = self.wiring.forced_before(later).iter();
            all.find(|it| it.earlier == earlier).filter(|_| !self.is_known(earlier, later)).copied()
        };
        // A forced step may close a circle that is shorter than the one found.
        let shortest = circle
            .pairs
            .iter()
            .filter_map(forced)
            .filter_map(|it| Some((it, self.path(it.later, it.earlier, u32::MAX)?)))
            .min_by_key(|(_, path)| path.ops.len());
        let mut ops = BTreeSet::new();
        if let Some((forced, path)) = shortest {
            let mut all = path.forced;
            all.push(forced);
            ops.extend(path.ops);
            self.explain(all, &mut ops);
            return ops;
        }
        for &(earlier, later) in &circle.pairs {
            ops.extend([earlier, later]);
        }
        ops
    }

    /// Whether `earlier` precedes `later` without anything forced. A read of another session may not count.
    fn is_known(&self, earlier: u32, later: u32) -> bool {
        let session = self.session_of[later as usize] as usize;
        self.wiring.known_before(self.sessions, session, later).contains(&Some(earlier))
    }

    /// Adds to `ops` what shows that each of `forced` is.
    pub(crate) fn explain(&self, mut forced: Vec<Forced>, ops: &mut BTreeSet<u32>) {
        let mut done = BTreeSet::new();
        while let Some(it) = forced.pop() {
            if !done.insert(it) {
                continue;
            }
            ops.extend([it.earlier, it.later]);
            let reason = if it.earlier == it.read {
                // It comes before what overwrote the value that it returned.
                self.sessions.write_read(it.read).map(|overwritten| (overwritten, it.later))
            } else {
                Some((it.earlier, it.read))
            };
            let Some((one, other)) = reason else { continue };
            let path = self.path(one, other, it.round);
            let path = path.expect("what is forced has a reason");
            ops.extend(path.ops);
            forced.extend(path.forced);
        }
    }

    /// `ops`, the writes that the reads among them read, and what updates among those read, and so on.
    pub(crate) fn closed(&self, mut ops: BTreeSet<u32>) -> Vec<u32> {
        let mut open: Vec<u32> = ops.iter().copied().collect();
        while let Some(op) = open.pop() {
            let write = self.sessions.write_read(op);
            open.extend(write.filter(|&write| ops.insert(write)));
        }
        ops.into_iter().collect()
    }
}

/// The path that the steps tell, from `one` on.
fn traced(one: u32, reached: u32, steps: &BTreeMap<u32, Step>) -> Path {
    let mut path = Path { ops: vec![one], forced: Vec::new() };
    let mut at = reached;
    loop {
        path.ops.push(at);
        let Some(step) = steps.get(&at) else { break };
        path.ops.push(step.later);
        path.forced.extend(step.forced);
        at = step.reached;
    }
    path.ops.dedup();
    path
}
