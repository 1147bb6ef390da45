//! Vector clocks: for each operation, how much of each session precedes it.

use super::Sessions;
use super::walk::{Circle, Wiring, walk};

/// For each operation, how much of each session precedes it.
///
/// A row is added only where an operation learns of something, so most operations share a row with the
/// one before. At most four bytes for each session and each read of another session's write.
#[derive(Clone, Debug)]
pub(crate) struct Clocks<'a> {
    session_of: &'a [u32],
    width: usize,
    /// The row of each operation.
    row: Vec<u32>,
    /// For each session, one more than the number of its last operation that precedes; for the
    /// session of the operation itself that is not kept.
    rows: Vec<u32>,
}

/// Why there are no clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoClocks {
    /// Operations precede each other.
    Circle(Circle),
    /// The rows take more bytes than the budget has.
    TooLarge,
}

impl<'a> Clocks<'a> {
    /// The clocks of `sessions`, of at most `bytes_max` bytes in rows. O(n k) for k sessions.
    pub(crate) fn new(
        sessions: &Sessions,
        session_of: &'a [u32],
        wiring: &Wiring,
        bytes_max: u64,
    ) -> Result<Self, NoClocks> {
        let width = sessions.count();
        let mut clocks = Self {
            session_of,
            width,
            row: vec![0; session_of.len()],
            rows: (0..width).map(|it| sessions.ops(it).start).collect(),
        };
        let words_max = usize::try_from(bytes_max / 4).unwrap_or(usize::MAX);
        let mut latest = vec![0; width];
        let mut is_too_large = false;
        walk(sessions, session_of, wiring, |op, before| {
            if is_too_large {
                return;
            }
            let session = session_of[op as usize] as usize;
            let mut row = latest[session];
            for earlier in before {
                row = clocks.learn(session, earlier, row, latest[session]);
            }
            latest[session] = row;
            clocks.row[op as usize] = row;
            is_too_large = clocks.rows.len() > words_max;
        })
        .map_err(NoClocks::Circle)?;
        if is_too_large { Err(NoClocks::TooLarge) } else { Ok(clocks) }
    }

    /// The row `row` and what `earlier` adds to it, all that precedes it included. The row is changed
    /// where it is, unless it is `shared` with operations before.
    fn learn(&mut self, session: usize, earlier: u32, row: u32, shared: u32) -> u32 {
        let other = self.session_of[earlier as usize] as usize;
        let mut at = row as usize * self.width;
        if other == session || self.rows[at + other] > earlier {
            return row;
        }
        if row == shared {
            self.rows.extend_from_within(at..at + self.width);
            at = self.rows.len() - self.width;
        }
        let from = self.row[earlier as usize] as usize * self.width;
        for column in 0..self.width {
            self.rows[at + column] = self.rows[at + column].max(self.rows[from + column]);
        }
        self.rows[at + other] = self.rows[at + other].max(earlier + 1);
        u32::try_from(at / self.width).expect("there are at most as many rows as reads")
    }

    /// Bytes of the rows.
    pub(crate) fn bytes(&self) -> u64 {
        self.rows.len() as u64 * 4
    }

    /// Whether `one` precedes `other`.
    pub(crate) fn precedes(&self, one: u32, other: u32) -> bool {
        one < self.end(other, self.session_of[one as usize] as usize)
    }

    /// One more than the last operation of `session` that precedes `op`.
    pub(crate) fn end(&self, op: u32, session: usize) -> u32 {
        if self.session_of[op as usize] as usize == session {
            return op;
        }
        self.rows[self.row[op as usize] as usize * self.width + session]
    }

    /// What precedes `op`, session by session, its own apart.
    pub(crate) fn row(&self, op: u32) -> &[u32] {
        let at = self.row[op as usize] as usize * self.width;
        &self.rows[at..at + self.width]
    }
}
