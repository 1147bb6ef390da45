//! A place among the events: what is open there, and what it does to a configuration.

use super::configuration::RegisterConfiguration;
use super::deed::RegisterDeed;
use super::script::{NEVER, RegisterScript};
use crate::linearizability::search::engine::mask::Mask;
use crate::plant::{Bug, planted};

/// What is open at an event.
pub(super) struct OpenItems<'s, const W: usize> {
    pub(super) script: &'s RegisterScript,
    /// The event.
    pub(super) at: u32,
    /// What is open in each slot.
    items: Vec<u32>,
    /// For each value, what is open and concerns it.
    of: Vec<Concerned<W>>,
    reads: Mask<W>,
    misses: Mask<W>,
    writes: Mask<W>,
    swaps: Mask<W>,
    /// Writes whose value nothing that begins later can need.
    spare: Mask<W>,
}

/// The open operations that concern a value.
#[derive(Clone, Copy)]
struct Concerned<const W: usize> {
    reads: Mask<W>,
    misses: Mask<W>,
    writes: Mask<W>,
    /// Swaps that lead to it.
    into: Mask<W>,
    /// Swaps that lead away from it.
    away: Mask<W>,
}

impl<const W: usize> Concerned<W> {
    const NOTHING: Self = Self {
        reads: Mask::EMPTY,
        misses: Mask::EMPTY,
        writes: Mask::EMPTY,
        into: Mask::EMPTY,
        away: Mask::EMPTY,
    };
}

impl<'s, const W: usize> OpenItems<'s, W> {
    /// Before all events.
    pub(super) fn new(script: &'s RegisterScript) -> Self {
        Self {
            script,
            at: 0,
            items: vec![0; script.slots],
            of: vec![Concerned::NOTHING; script.values],
            reads: Mask::EMPTY,
            misses: Mask::EMPTY,
            writes: Mask::EMPTY,
            swaps: Mask::EMPTY,
            spare: Mask::EMPTY,
        }
    }

    /// An operation begins.
    pub(super) fn open(&mut self, slot: u16, item: u32) {
        self.items[usize::from(slot)] = item;
        self.change(slot, Mask::with);
    }

    /// An operation ends.
    pub(super) fn close(&mut self, slot: u16) {
        self.change(slot, Mask::without);
        self.spare =
            self.writes.iter().filter(|&slot| self.is_spare(slot)).fold(Mask::EMPTY, Mask::with);
    }

    fn change(&mut self, slot: u16, change: impl Fn(Mask<W>, u16) -> Mask<W>) {
        let of = &mut self.of;
        let set = |mask: &mut Mask<W>| *mask = change(*mask, slot);
        match self.script.items[self.items[usize::from(slot)] as usize].deed {
            RegisterDeed::Read(value) => {
                set(&mut of[value as usize].reads);
                set(&mut self.reads);
            }
            RegisterDeed::Miss(value) => {
                set(&mut of[value as usize].misses);
                set(&mut self.misses);
            }
            RegisterDeed::Write(value) => {
                set(&mut of[value as usize].writes);
                set(&mut self.writes);
            }
            RegisterDeed::Swap { old, new } => {
                set(&mut of[old as usize].away);
                set(&mut of[new as usize].into);
                set(&mut self.swaps);
            }
        }
    }

    pub(super) fn deed(&self, slot: u16) -> RegisterDeed {
        self.script.items[self.items[usize::from(slot)] as usize].deed
    }

    fn end(&self, slot: u16) -> u32 {
        self.script.ends[self.items[usize::from(slot)] as usize]
    }

    /// The value of a write.
    fn written(&self, slot: u16) -> u32 {
        match self.deed(slot) {
            RegisterDeed::Write(value) => value,
            RegisterDeed::Read(_) | RegisterDeed::Miss(_) | RegisterDeed::Swap { .. } => {
                unreachable!("only writes are asked")
            }
        }
    }

    fn is_spare(&self, slot: u16) -> bool {
        let may_need = self.script.may_need(self.written(slot), self.at + 1, self.end(slot));
        !may_need || planted(Bug::SwitchForgetNeeds)
    }

    /// Whether nothing that begins later can need the value of this write.
    pub(super) fn spares(&self, slot: u16) -> bool {
        self.spare.has(slot)
    }

    /// What is still owed once the value is `value`.
    fn after(&self, debt: Mask<W>, value: u32) -> Mask<W> {
        let of = &self.of[value as usize];
        debt.beside(of.reads).beside(self.misses.beside(of.misses))
    }

    /// The configuration after a write has taken effect, which covers all others.
    pub(super) fn write(
        &self,
        it: &RegisterConfiguration<W>,
        slot: u16,
    ) -> RegisterConfiguration<W> {
        let value = self.written(slot);
        let debt = self.after(it.debt.beside(self.writes), value);
        RegisterConfiguration { value, debt, stock: it.stock.without(slot), trail: it.trail }
    }

    /// The configuration after a swap to `new` has taken effect.
    pub(super) fn swap(
        &self,
        it: &RegisterConfiguration<W>,
        slot: u16,
        new: u32,
    ) -> RegisterConfiguration<W> {
        let debt = self.after(it.debt.without(slot), new);
        RegisterConfiguration { value: new, debt, stock: it.stock.without(slot), trail: it.trail }
    }

    /// What must wait for the value to change or to be right: of all debt, that of operations that
    /// change nothing.
    pub(super) fn waiting(&self, it: &RegisterConfiguration<W>) -> usize {
        it.debt.and(self.reads.or(self.misses)).len()
    }

    /// Whether some write is not covered.
    pub(super) fn is_uncovered(&self, it: &RegisterConfiguration<W>) -> bool {
        !it.debt.and(self.writes).is_empty()
    }

    /// For each value that a write in stock has, in ascending order, the first such to end.
    pub(super) fn writes(&self, it: &RegisterConfiguration<W>) -> Vec<(u32, u16)> {
        let key = |slot| {
            let end = self.end(slot);
            (self.written(slot), if planted(Bug::SwitchUseLast) { NEVER - end } else { end })
        };
        let mut writes: Vec<((u32, u32), u16)> =
            it.stock.and(self.writes).iter().map(|slot| (key(slot), slot)).collect();
        writes.sort_unstable();
        writes.dedup_by_key(|&mut ((value, _), _)| value);
        writes.into_iter().map(|((value, _), slot)| (value, slot)).collect()
    }

    /// Swaps in stock that lead away from a value.
    pub(super) fn swaps_from(&self, it: &RegisterConfiguration<W>, value: u32) -> Mask<W> {
        it.stock.and(self.of[value as usize].away)
    }

    /// Whether reads wait for a value.
    pub(super) fn is_awaited(&self, it: &RegisterConfiguration<W>, value: u32) -> bool {
        !it.debt.and(self.of[value as usize].reads).is_empty()
    }

    /// Whether something that waits need not once the value is `value`.
    pub(super) fn satisfies(&self, it: &RegisterConfiguration<W>, value: u32) -> bool {
        self.after(it.debt, value) != it.debt
    }

    /// Whether it may make a difference to leave the register with `value`.
    pub(super) fn is_useful(&self, it: &RegisterConfiguration<W>, value: u32) -> bool {
        self.satisfies(it, value)
            || !self.swaps_from(it, value).is_empty()
            || self.script.may_need(value, self.at + 1, self.at + 1)
    }

    /// Strikes off the stock what is of no use.
    pub(super) fn trim(&self, it: &mut RegisterConfiguration<W>) {
        for slot in it.stock.and(self.spare).beside(it.debt).iter() {
            let value = self.written(slot);
            if !self.is_awaited(it, value) && self.swaps_from(it, value).is_empty() {
                it.stock = it.stock.without(slot);
            }
        }
    }

    /// The first end of an operation that waits for a value which nothing will give before.
    pub(super) fn hopeless(&self, it: &RegisterConfiguration<W>) -> Option<u32> {
        let waiting = it.debt.and(self.reads.or(self.swaps)).iter();
        let hopeless = waiting.filter(|&slot| {
            let value = match self.deed(slot) {
                RegisterDeed::Read(value) => value,
                RegisterDeed::Swap { old, .. } if old != it.value => old,
                RegisterDeed::Swap { .. } | RegisterDeed::Miss(_) | RegisterDeed::Write(_) => {
                    return false;
                }
            };
            let of = &self.of[value as usize];
            it.stock.and(of.writes.or(of.into)).is_empty()
                && self.script.next_giver(value, self.at + 1) > self.end(slot)
        });
        hopeless.map(|slot| self.end(slot)).min()
    }

    pub(super) fn bytes(&self) -> usize {
        self.of.len() * size_of::<Concerned<W>>() + self.items.len() * 4
    }
}
