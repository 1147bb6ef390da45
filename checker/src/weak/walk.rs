//! A walk along the sessions of a history that visits each operation after all that precede it.

use super::Sessions;

/// What precedes what, beside the order of each session.
#[derive(Clone, Debug)]
pub(crate) struct Wiring {
    /// Which reads come after the writes they read.
    pub(crate) reads: Reads,
    /// Writes that come before others, in the order of [`Forced::later`].
    pub(crate) forced: Vec<Forced>,
}

/// Which reads come after the writes they read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// All.
    All,
    /// Those of one session.
    Of(usize),
}

/// An operation that must come before a write to its key, because of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Forced {
    /// What `read` returned; or a write that comes after what `read` returned.
    pub(crate) later: u32,
    /// A write that precedes `read`; or `read` itself.
    pub(crate) earlier: u32,
    /// The read.
    pub(crate) read: u32,
    /// Only what was forced in rounds before this one has `earlier` precede `read`, or what `read`
    /// returned precede `later`.
    pub(crate) round: u32,
}

impl Wiring {
    /// Reads come after what they read, and nothing else is known.
    pub(crate) fn new(reads: Reads) -> Self {
        Self { reads, forced: Vec::new() }
    }

    /// What `op` comes after, its session and what is forced apart: the write that it read, and that
    /// after which its session branched off.
    pub(crate) fn known_before(&self, sessions: &Sessions, session: usize, op: u32) -> Known {
        let counts = match self.reads {
            Reads::All => true,
            Reads::Of(one) => one == session,
        };
        let read = if counts { sessions.write_read(op) } else { None };
        [sessions.trunk_of_first(session, op), read]
    }

    /// What is forced to come before `op`.
    pub(crate) fn forced_before(&self, op: u32) -> &[Forced] {
        let start = self.forced.partition_point(|it| it.later < op);
        let count = self.forced[start..].partition_point(|it| it.later == op);
        &self.forced[start..start + count]
    }
}

/// At most two operations that come before another.
pub(crate) type Known = [Option<u32>; 2];

/// Operations that form a cycle of precedence: each of `pairs` is `(earlier, later)`, and the
/// `later` of each comes at or before the `earlier` of the next in the order of their session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    pub(crate) pairs: Vec<(u32, u32)>,
}

/// How far the walk has come.
struct Walk<'a> {
    sessions: &'a Sessions,
    wiring: &'a Wiring,
    session_of: &'a [u32],
    /// The operation of each session that is next.
    next: Vec<u32>,
    /// The first of `wiring.forced` that concerns each session's next operation or a later one.
    forced: Vec<usize>,
}

/// Visits every operation after all that precede it: `visit(op, before)` gets what precedes it,
/// its session apart. O(n) visits and O(n + forced) steps.
///
/// # Errors
///
/// If some form a cycle.
pub(crate) fn walk(
    sessions: &Sessions,
    session_of: &[u32],
    wiring: &Wiring,
    mut visit: impl FnMut(u32, &mut dyn Iterator<Item = u32>),
) -> Result<(), Circle> {
    let next: Vec<u32> = (0..sessions.count()).map(|it| sessions.ops(it).start).collect();
    let first = |&start: &u32| wiring.forced.partition_point(|it| it.later < start);
    let forced = next.iter().map(first).collect();
    let mut walk = Walk { sessions, wiring, session_of, next, forced };
    let mut waiting: Vec<Vec<(u32, usize)>> = vec![Vec::new(); sessions.count()];
    let mut ready: Vec<usize> = (0..sessions.count()).rev().collect();
    while let Some(session) = ready.pop() {
        let end = sessions.ops(session).end;
        while walk.next[session] < end {
            if let Some(missing) = walk.missing(session) {
                waiting[session_of[missing as usize] as usize].push((missing, session));
                break;
            }
            let (op, known, forced) = walk.pass(session);
            let forced = forced.iter().map(|it| it.earlier);
            visit(op, &mut known.into_iter().flatten().chain(forced));
        }
        let reached = walk.next[session];
        waiting[session].retain(|&(missing, other)| {
            let is_waiting = missing >= reached;
            if !is_waiting {
                ready.push(other);
            }
            is_waiting
        });
    }
    match (0..sessions.count()).find(|&it| walk.next[it] < sessions.ops(it).end) {
        Some(stuck) => Err(walk.circle(stuck)),
        None => Ok(()),
    }
}

impl<'a> Walk<'a> {
    /// What the next operation of a session, and how it is reached.
    fn before(&self, session: usize) -> (u32, Known, &'a [Forced]) {
        let op = self.next[session];
        let rest = &self.wiring.forced[self.forced[session]..];
        let count = rest.iter().take_while(|it| it.later == op).count();
        (op, self.wiring.known_before(self.sessions, session, op), &rest[..count])
    }

    fn pass(&mut self, session: usize) -> (u32, Known, &'a [Forced]) {
        let passed = self.before(session);
        self.next[session] += 1;
        self.forced[session] += passed.2.len();
        passed
    }

    /// What must be visited before the next operation of a session, and is not.
    fn missing(&self, session: usize) -> Option<u32> {
        let (_, known, forced) = self.before(session);
        let is_missing = |&op: &u32| op >= self.next[self.session_of[op as usize] as usize];
        let forced = forced.iter().map(|it| it.earlier);
        known.into_iter().flatten().chain(forced).find(is_missing)
    }

    /// The circle that a session which cannot go on waits for.
    fn circle(&self, stuck: usize) -> Circle {
        let mut order = vec![stuck];
        loop {
            let session = *order.last().expect("one is there from the start");
            let missing = self.missing(session).expect("a session that is stuck waits");
            let next = self.session_of[missing as usize] as usize;
            if let Some(from) = order.iter().position(|&it| it == next) {
                let wait = |&session: &usize| {
                    let missing = self.missing(session).expect("it waits");
                    (missing, self.next[session])
                };
                return Circle { pairs: order[from..].iter().rev().map(wait).collect() };
            }
            order.push(next);
        }
    }
}
