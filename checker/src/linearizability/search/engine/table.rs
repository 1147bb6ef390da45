//! What leads where, in numbers.

use rustc_hash::FxHashMap;

use super::numbers::ModelNumbers;

/// States and actions by number, and what leads where.
pub(super) trait Steps {
    /// Where `action` leads from `state`.
    fn next(&mut self, state: u32, action: u32) -> Next;

    /// One of the lists that [`Next::Several`] names.
    fn several(&self, list: u32) -> &[u32];

    /// How many actions there are.
    fn actions(&self) -> usize;

    /// The number of the same op with its return lost, if some call did that.
    fn lost_twin(&self, action: u32) -> Option<u32>;

    /// Bytes held.
    fn bytes(&self) -> usize;

    /// Whether the states met take more than there is room for. One may be as large as the history
    /// is long.
    fn is_full(&self) -> bool;

    /// What making states since this was asked last is worth, in configurations visited.
    fn toll(&mut self) -> u64;

    /// Whether `action`, which is pure, is allowed in `state`.
    fn allows(&mut self, state: u32, action: u32) -> bool {
        self.next(state, action) != Next::Nowhere
    }

    /// How many states an action leads to.
    fn count(&self, next: Next) -> usize {
        match next {
            Next::Nowhere => 0,
            Next::To(_) => 1,
            Next::Several(list) => self.several(list).len(),
        }
    }

    /// One of the states an action leads to.
    fn pick(&self, next: Next, which: usize) -> u32 {
        match next {
            Next::To(state) => state,
            Next::Several(list) => self.several(list)[which],
            Next::Nowhere => unreachable!("there is nothing to pick from"),
        }
    }
}

/// The number of the state before the first op.
pub(super) const INIT: u32 = 0;

/// Where an action leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is not allowed.
    Nowhere,
    /// To this state.
    To(u32),
    /// To any of several: see [`Steps::several`].
    Several(u32),
}

const UNKNOWN: u32 = u32::MAX;
const NOWHERE: u32 = u32::MAX - 1;
const SEVERAL: u32 = 1 << 31;

/// The most actions for which each state has a row of its own, and the most entries of all rows.
const ROW_MAX: usize = 512;
const ROWS_MAX: usize = 1 << 24;

/// A memory of every step taken. Which model it is of only its [`ModelNumbers`] know: so what searches is built once for all
/// models.
pub(super) struct Table<'n> {
    numbers: &'n mut dyn ModelNumbers,
    actions: usize,
    rows: Vec<u32>,
    sparse: FxHashMap<(u32, u32), u32>,
    several: Vec<Vec<u32>>,
    /// Bytes that the states point to, and the most there is room for.
    contents: usize,
    contents_max: usize,
    /// Bytes of states looked at and made that nobody has paid for.
    handled: usize,
}

/// Bytes of states whose copying and comparing take as long as one visit to a configuration.
const BYTES_A_CONFIGURATION: usize = 4096;

impl<'n> Table<'n> {
    /// Of a model all of whose actions have numbers.
    pub(super) fn new(numbers: &'n mut dyn ModelNumbers, bytes_max: u64) -> Self {
        Self {
            actions: numbers.actions(),
            numbers,
            rows: Vec::new(),
            sparse: FxHashMap::default(),
            several: Vec::new(),
            contents: 0,
            handled: 0,
            contents_max: usize::try_from(bytes_max).unwrap_or(usize::MAX),
        }
    }

    /// The lists that [`Next::Several`] names.
    pub(super) fn lists(&self) -> &[Vec<u32>] {
        &self.several
    }

    /// How many states have been met.
    pub(super) fn states(&self) -> usize {
        self.numbers.states()
    }

    #[cold]
    fn step(&mut self, state: u32, action: u32, dense: bool) -> u32 {
        let mut led = self.numbers.step(state, action);
        self.handled += led.handled;
        self.contents += led.made;
        led.states.sort_unstable();
        led.states.dedup();
        let code = match led.states.as_slice() {
            [] => NOWHERE,
            &[only] => only,
            _ => {
                self.several.push(led.states);
                SEVERAL | u32::try_from(self.several.len() - 1).expect("fewer than states")
            }
        };
        if dense {
            let width = self.actions;
            let rows = (state as usize + 1) * width;
            if self.rows.len() < rows {
                self.rows.resize(rows, UNKNOWN);
            }
            self.rows[state as usize * width + action as usize] = code;
        } else if code != NOWHERE {
            // Where there are many actions most lead nowhere from most states, and to ask the model
            // again takes less than to remember all that.
            self.sparse.insert((state, action), code);
        }
        code
    }
}

impl Steps for Table<'_> {
    fn next(&mut self, state: u32, action: u32) -> Next {
        let width = self.actions;
        let dense = width <= ROW_MAX && (state as usize + 1) * width <= ROWS_MAX;
        let known = if dense {
            let at = state as usize * width + action as usize;
            self.rows.get(at).copied().unwrap_or(UNKNOWN)
        } else {
            self.sparse.get(&(state, action)).copied().unwrap_or(UNKNOWN)
        };
        let code = if known == UNKNOWN { self.step(state, action, dense) } else { known };
        match code {
            NOWHERE => Next::Nowhere,
            code if code & SEVERAL != 0 => Next::Several(code & !SEVERAL),
            state => Next::To(state),
        }
    }

    fn several(&self, list: u32) -> &[u32] {
        &self.several[list as usize]
    }

    fn actions(&self) -> usize {
        self.actions
    }

    fn lost_twin(&self, action: u32) -> Option<u32> {
        self.numbers.lost_twin(action)
    }

    fn bytes(&self) -> usize {
        grown(self.rows.len(), self.rows.capacity()) * 4
            + grown(self.sparse.len(), self.sparse.capacity()) * 16
            + self.numbers.bytes() * 2
            + self.contents
    }

    fn is_full(&self) -> bool {
        self.contents > self.contents_max
    }

    fn toll(&mut self) -> u64 {
        let toll = self.handled / BYTES_A_CONFIGURATION;
        self.handled %= BYTES_A_CONFIGURATION;
        toll as u64
    }
}

/// The places that a table of `len` entries needs, with those that it needs while it grows. A table
/// that is about to grow counts three times: the old places, and twice as many new ones.
pub(in crate::linearizability) fn grown(len: usize, capacity: usize) -> usize {
    if len + capacity / 8 >= capacity { 3 * capacity } else { capacity }
}
