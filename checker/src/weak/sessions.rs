//! Operations on registers, session by session: all that a weak consistency model looks at.

use std::ops::Range;

/// Where the value of a read comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// It is what the register held at first.
    Initial,
    /// This operation, a write to the same key, wrote it.
    Write(u32),
}

/// What one operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadOrWrite {
    /// Writes a value that no other operation writes to that key.
    Write,
    /// Reads a value.
    Read(Source),
    /// Reads a value and writes another in its place, in one step, such as a compare-and-set that took
    /// effect. No other operation writes that value to that key.
    Update(Source),
}

impl ReadOrWrite {
    /// The same, of the write that `number` gives for the one it names.
    pub(crate) fn renamed(self, number: impl FnOnce(u32) -> u32) -> Self {
        match self {
            Self::Read(Source::Write(write)) => Self::Read(Source::Write(number(write))),
            Self::Update(Source::Write(write)) => Self::Update(Source::Write(number(write))),
            Self::Write | Self::Read(Source::Initial) | Self::Update(Source::Initial) => self,
        }
    }
}

/// The operations of sessions on registers, each named by its number: first those of the first
/// session, in their order, then those of the second, and so on. Eight bytes an operation.
///
/// A session may *branch off* another: all of it comes after one operation of that, its trunk, and
/// nothing of that after it. So is a write of unknown outcome after which its process went on. A branch has
/// writes only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// Where each session begins, and where the last one ends.
    starts: Vec<u32>,
    /// For each session, the operation after which it branched off.
    trunks: Vec<u32>,
    key: Vec<u32>,
    source: Vec<u32>,
    keys: u32,
}

/// In the column of sources: it is an update, of what the other bits say.
const UPDATES: u32 = 1 << 31;
/// In the column of sources: it reads nothing.
const WRITES: u32 = UPDATES - 1;
/// In the column of sources: it read the initial value.
const INITIAL: u32 = UPDATES - 2;
/// In the column of trunks: it is no branch.
const NO_TRUNK: u32 = u32::MAX;

impl Sessions {
    /// The sessions that `push` and `end_session` build.
    pub fn new() -> Self {
        Self { starts: vec![0], ..Self::default() }
    }

    /// Adds an operation to the session at hand, and gives its number. A read may name a write that
    /// is added later.
    ///
    /// # Panics
    ///
    /// If there are more than 2^31 - 2 operations.
    pub fn push(&mut self, key: u32, access: ReadOrWrite) -> u32 {
        let op = u32::try_from(self.key.len()).expect("operations have numbers of 31 bits");
        assert!(op < INITIAL, "operations have numbers of 31 bits");
        self.keys = self.keys.max(key + 1);
        self.key.push(key);
        let of = |source| match source {
            Source::Initial => INITIAL,
            Source::Write(write) => write,
        };
        self.source.push(match access {
            ReadOrWrite::Write => WRITES,
            ReadOrWrite::Read(source) => of(source),
            ReadOrWrite::Update(source) => of(source) | UPDATES,
        });
        op
    }

    /// Ends the session at hand; what is pushed next begins another.
    pub fn end_session(&mut self) {
        self.starts.push(self.len());
        self.trunks.push(NO_TRUNK);
    }

    /// Ends the session at hand, which branched off another after the operation `trunk`.
    ///
    /// # Panics
    ///
    /// If `trunk` is not an operation of an earlier session that is no branch, or if the session at hand
    /// reads.
    pub fn end_branch(&mut self, trunk: u32) {
        let start = self.starts.last().expect("the first session has a beginning");
        assert!(trunk < *start, "a branch comes after an operation of an earlier session");
        assert_eq!(self.trunk(self.session(trunk)), None, "a branch has no branches");
        let reads = (*start..self.len()).any(|op| self.source(op).is_some());
        assert!(!reads, "a branch has writes only");
        self.starts.push(self.len());
        self.trunks.push(trunk);
    }

    /// How many operations there are.
    #[expect(clippy::cast_possible_truncation, reason = "`push` counts in 32 bits")]
    pub fn len(&self) -> u32 {
        self.key.len() as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Keys are numbers below this.
    pub fn keys(&self) -> usize {
        self.keys as usize
    }

    /// The operations of a session.
    pub fn ops(&self, session: usize) -> Range<u32> {
        self.starts[session]..self.starts[session + 1]
    }

    /// The operation of another session after which this one branched off, if it did.
    pub fn trunk(&self, session: usize) -> Option<u32> {
        Some(self.trunks[session]).filter(|&trunk| trunk != NO_TRUNK)
    }

    /// The trunk of `session`, if `op` is the first of it.
    pub(crate) fn trunk_of_first(&self, session: usize, op: u32) -> Option<u32> {
        if self.starts[session] == op { self.trunk(session) } else { None }
    }

    /// Whether `one` comes before `other` in one session, or in that from which the session of `other`
    /// branched off. `session_of` is what [`session_of_each`](Self::session_of_each) gives.
    pub(crate) fn has_in_order(&self, session_of: &[u32], one: u32, other: u32) -> bool {
        let (home, there) = (session_of[one as usize], session_of[other as usize]);
        if home == there {
            return one < other;
        }
        let trunk = self.trunk(there as usize);
        trunk.is_some_and(|trunk| one <= trunk && session_of[trunk as usize] == home)
    }

    /// The session of an operation. O(log of the sessions).
    pub fn session(&self, op: u32) -> usize {
        self.starts.partition_point(|&start| start <= op) - 1
    }

    /// The key of an operation.
    pub fn key(&self, op: u32) -> usize {
        self.key[op as usize] as usize
    }

    /// What an operation does.
    pub fn access(&self, op: u32) -> ReadOrWrite {
        match self.source(op) {
            None => ReadOrWrite::Write,
            Some(source) if self.is_write(op) => ReadOrWrite::Update(source),
            Some(source) => ReadOrWrite::Read(source),
        }
    }

    /// Whether an operation writes. An update does.
    pub fn is_write(&self, op: u32) -> bool {
        self.source[op as usize] >= WRITES
    }

    /// Whether an operation reads and writes.
    pub fn is_update(&self, op: u32) -> bool {
        self.source[op as usize] >= UPDATES
    }

    /// Where the value that an operation read comes from, if it read one. An update did.
    pub fn source(&self, op: u32) -> Option<Source> {
        match self.source[op as usize] & !UPDATES {
            WRITES => None,
            INITIAL => Some(Source::Initial),
            write => Some(Source::Write(write)),
        }
    }

    /// The write whose value an operation read, if it read that of one.
    pub fn write_read(&self, op: u32) -> Option<u32> {
        Some(self.source[op as usize] & !UPDATES).filter(|&source| source < INITIAL)
    }

    /// The session of each operation.
    pub(crate) fn session_of_each(&self) -> Vec<u32> {
        let sessions = (0u32..).zip(self.starts.windows(2));
        let of = |(session, ends): (u32, &[u32])| {
            std::iter::repeat_n(session, (ends[1] - ends[0]) as usize)
        };
        sessions.flat_map(of).collect()
    }

    /// The history of these operations alone, whose numbers must ascend; with each read there must be
    /// the write it names. A branch comes after what is left of what it came after.
    ///
    /// # Panics
    ///
    /// If the write that a read names is not among them.
    #[must_use]
    pub fn only(&self, ops: &[u32]) -> Self {
        let mut these = Self::new();
        let mut session = 0;
        let mut rest = ops;
        while session < self.count() {
            let end = self.ops(session).end;
            let (now, later) = rest.split_at(rest.partition_point(|&op| op < end));
            for &op in now {
                let place = |write: u32| {
                    let at = ops.binary_search(&write).expect("a read comes with its write");
                    u32::try_from(at).expect("there are at most 2^31 operations")
                };
                these.push(self.key[op as usize], self.access(op).renamed(place));
            }
            let trunk = self.trunk(session).and_then(|trunk| self.left_of(trunk, ops));
            match trunk {
                _ if now.is_empty() => {}
                Some(trunk) => these.end_branch(trunk),
                None => these.end_session(),
            }
            rest = later;
            session += 1;
        }
        these
    }

    /// What is left of `ops`, which ascend, without those at the places `gone`, the reads of them, and the
    /// reads of updates among those, and so on.
    pub(crate) fn without(&self, ops: &[u32], gone: Range<usize>) -> Vec<u32> {
        let mut out: Vec<u32> = ops[gone].to_vec();
        loop {
            let is_gone = |op: u32| out.binary_search(&op).is_ok();
            let goes = |op: &u32| !is_gone(*op) && self.write_read(*op).is_some_and(is_gone);
            let more: Vec<u32> = ops.iter().copied().filter(goes).collect();
            let is_all = !more.iter().any(|&op| self.is_write(op));
            out.extend(more);
            out.sort_unstable();
            if is_all {
                return ops.iter().copied().filter(|op| out.binary_search(op).is_err()).collect();
            }
        }
    }

    /// The place in `ops` of the last operation up to `trunk` of its session.
    fn left_of(&self, trunk: u32, ops: &[u32]) -> Option<u32> {
        let place = ops.partition_point(|&op| op <= trunk).checked_sub(1)?;
        let is_there = ops[place] >= self.ops(self.session(trunk)).start;
        is_there.then(|| u32::try_from(place).expect("there are at most 2^32 operations"))
    }
}
