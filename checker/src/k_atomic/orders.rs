//! Orders of the writes of a register that real time allows, and the `k` that each needs.

use super::values::{NEVER, RegisterValues};

/// The least `k` of a few orders; that of linearizable registers among them. O(n log n).
pub(super) fn most(register: &RegisterValues) -> u64 {
    let sweep = Sweep::new(register);
    // A value's place may be anywhere from the beginning of its write to where it was first known.
    let values = &register.values;
    let begun: Vec<u64> = values.iter().map(|it| 2 * u64::from(it.begun)).collect();
    let known: Vec<u64> = values.iter().map(|it| 2 * u64::from(it.known)).collect();
    let needs = |keys: &[u64]| sweep.needs(&order(register, keys));
    let most = needs(&by_zones(register));
    if most == 1 { 1 } else { most.min(needs(&begun)).min(needs(&known)) }
}

/// The values by these keys.
fn order(register: &RegisterValues, keys: &[u64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by_key(|&at| (keys[at], register.values[at].known, at));
    order
}

/// The order of Gibbons and Korach: a value that is read after it was first known stays from there on to its
/// last read; one that is not is put where no such value is, if there is a place.
fn by_zones(register: &RegisterValues) -> Vec<u64> {
    let values = &register.values;
    let is_forward = |at: &usize| values[*at].known < values[*at].last_begun;
    let mut forward: Vec<usize> = (0..values.len()).filter(is_forward).collect();
    forward.sort_unstable_by_key(|&at| values[at].known);
    let key = |at: usize| {
        let known = u64::from(values[at].known);
        let before = forward.partition_point(|&it| values[it].known < values[at].known);
        let around = before.checked_sub(1).map(|it| values[forward[it]]);
        match around {
            Some(zone)
                if !is_forward(&at)
                    && values[at].known < zone.last_begun
                    && values[at].last_begun < zone.known =>
            {
                2 * u64::from(zone.known) - 1
            }
            _ => 2 * known,
        }
    };
    (0..values.len()).map(key).collect()
}

/// The beginnings and ends of a register's operations, in the order of time.
struct Sweep<'a> {
    register: &'a RegisterValues,
    events: Vec<(u32, Moment)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    WriteEnds(usize),
    ReadBegins(usize),
    ReadEnds(usize),
}

impl<'a> Sweep<'a> {
    fn new(register: &'a RegisterValues) -> Self {
        let mut events = Vec::with_capacity(register.values.len() + 2 * register.reads.len());
        for (at, value) in register.values.iter().enumerate().filter(|(_, it)| it.ended != NEVER) {
            events.push((value.ended, Moment::WriteEnds(at)));
        }
        for (at, read) in register.reads.iter().enumerate() {
            events.push((read.begun, Moment::ReadBegins(at)));
            events.push((read.ended, Moment::ReadEnds(at)));
        }
        events.sort_unstable();
        Self { register, events }
    }

    /// The least `k` along this order: each read is put as early as real time allows.
    fn needs(&self, order: &[usize]) -> u64 {
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &value)| place[value] = at);
        let mut slot = vec![0; self.register.reads.len()];
        let (mut reached, mut behind) = (0, 0);
        for &(_, moment) in &self.events {
            match moment {
                Moment::WriteEnds(value) => reached = reached.max(place[value]),
                Moment::ReadEnds(read) => reached = reached.max(slot[read]),
                Moment::ReadBegins(read) => {
                    let own = place[self.register.reads[read].value];
                    slot[read] = reached.max(own);
                    behind = behind.max(slot[read] - own);
                }
            }
        }
        behind as u64 + 1
    }
}
