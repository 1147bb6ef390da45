//! A register whose values repeat, by search over the moments at which its value changes.
//!
//! A search over operations tries the orders of writes that nobody saw. Here an operation takes
//! effect only when it must, and a write that nobody needs takes no moment of its own:
//!
//! - What looks at the value (a read, a swap that found something else) takes effect as soon as the
//!   value allows: it changes nothing.
//! - *Cover.* When a write takes effect, every open write that is not used may take effect just
//!   before it, where nobody sees it. From then on such a write may end unused, and may still be
//!   used until it ends.
//! - So a configuration is the value, the *debt* (open operations that may not end yet: unsatisfied
//!   reads, writes that nothing has covered) and the *stock* (open writes that are not used). With
//!   equal values, one with less debt and more stock can do all that another can.
//! - *Just in time.* Writes are used only at the end of an operation that needs it: of an unsatisfied
//!   read, until its value is there; of a write in debt, that write itself, which covers the others as
//!   any would; of a write that is covered, that write itself, or none. What an order does beyond that
//!   can wait for the next such end: nothing that would show the value kept longer ends before, or it
//!   would be that end.
//! - On the way to the value that is needed, a burst of writes may pass other values for which reads
//!   wait. What follows the needed value waits, so the order of the others does not matter.
//! - Of open writes of one value the first to end is used: the other can be used later instead.
//! - *Of no use.* Let `f` be the first end of an operation that begins after this event and is a read
//!   or a write. By then the value has changed, or was shown by something else than what is written
//!   now. So if no read of a value begins before `f` and none waits, it makes no difference to leave
//!   the register with that value or with another such. A covered write of such a value ends unused,
//!   and is struck off the stock if that holds until the end of the operations that begin
//!   before it ends. A read that waits for a value whose write is of no use otherwise is satisfied in
//!   the next burst.
//! - A read that waits for a value that no write in stock has, nor one that begins before it ends, has
//!   no order.
//!
//! For reads and writes that is exhaustive: if nothing is left at some event, there is no order.
//! Swaps (`cas`) are steps from one value to another, which cover nothing and end used; with them, or
//! with such that found another value, these rules leave orders out, and the search only finds orders.
//!
//! Breadth first, event by event; of too many configurations those with the least debt and the most
//! stock are kept, and it begins again, wider, if none of them gets through. That there is no order
//! counts only if none was let go. An order found is checked against the register before it is returned.
//!
//! Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 1997: deciding this is NP-complete.
//! Worst case O(n · configurations · open operations); here a thousand operations of fifty clients on
//! fifty values leave a few hundred configurations after each event.

mod burst;
mod configuration;
mod deed;
mod order;
mod place;
mod script;
mod walk;

use self::script::RegisterScript;
use self::walk::{SwitchWalk, WalkEnd};
use crate::linearizability::search::engine::{Answer, Orders, Search};
use crate::model::{RegisterOp, RegisterRet};
use crate::plant::{Bug, planted};
use crate::{Budget, Call};

/// How much is kept of what is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SwitchLimits {
    /// Configurations after an event.
    pub(crate) width: usize,
    /// Steps of all bursts from one configuration at one event.
    pub(crate) steps: usize,
}

impl SwitchLimits {
    pub(crate) const DEFAULT: Self = Self { width: 256, steps: 10 };

    fn wider(self) -> Self {
        Self { width: self.width.saturating_mul(16), steps: self.steps.saturating_mul(16) }
    }
}

/// How often it begins again where it could not show that there is no order anyway.
const WIDER_MAX: u32 = 3;

/// Looks for an order of `calls` on a register; none, if more are open at once than it can tell
/// apart.
pub(crate) fn search(
    calls: &[Call<RegisterOp<u32>, RegisterRet<u32>>],
    budget: &Budget,
    orders: Orders,
    limits: SwitchLimits,
) -> Option<Search> {
    let script = RegisterScript::new(deed::items(calls));
    let found = match script.slots {
        0..=64 => widen::<1>(&script, budget, limits),
        65..=128 => widen::<2>(&script, budget, limits),
        129..=512 => widen::<8>(&script, budget, limits),
        _ => return None,
    };
    let (end, walked) = found;
    let answer = match end {
        WalkEnd::Order(taken) => {
            let order = order::told(&script, &taken);
            order::check(calls, &order);
            Answer::Linearizable((orders == Orders::Told).then_some(order))
        }
        WalkEnd::Stuck { call } => Answer::Violation { stuck: call as usize },
        WalkEnd::Lost | WalkEnd::Spent => Answer::Spent,
        WalkEnd::Stopped => Answer::Stopped,
    };
    Some(Search { answer, ..walked })
}

/// Walks wider and wider, until that tells something or the budget is spent.
fn widen<const W: usize>(
    script: &RegisterScript,
    budget: &Budget,
    limits: SwitchLimits,
) -> (WalkEnd, Search) {
    let mut limits = limits;
    let mut walked = Search {
        answer: Answer::Spent,
        configurations: 0,
        bytes: 0,
        events: script.steps.len() as u64,
        proved_events: 0,
    };
    let mut round = 0;
    loop {
        let left = budget.configurations.saturating_sub(walked.configurations);
        let mut walk = SwitchWalk::<W>::new(script, limits);
        let end = walk.run(&Budget { configurations: left, ..budget.clone() });
        walked.configurations += walk.visited;
        walked.bytes = walked.bytes.max(walk.bytes() as u64);
        walked.proved_events = walked.proved_events.max(walk.passed as u64);
        let is_sure = script.is_plain && (!walk.is_cut || planted(Bug::SwitchForgetCuts));
        round += 1;
        match end {
            WalkEnd::Stuck { .. } if is_sure => return (end, walked),
            WalkEnd::Stuck { .. } if !script.is_plain && round >= WIDER_MAX => {
                return (WalkEnd::Lost, walked);
            }
            WalkEnd::Stuck { .. } => limits = limits.wider(),
            WalkEnd::Order(_) | WalkEnd::Lost | WalkEnd::Spent | WalkEnd::Stopped => {
                return (end, walked);
            }
        }
    }
}
