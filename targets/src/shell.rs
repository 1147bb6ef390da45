//! The shell of a node: all that lies between a node and its driver, in any world.
//!
//! A driver has time, chance, a disk, links and clients. It gives the shell an input and the true
//! time; the shell tells the node what its own clocks say, numbers its records, holds back what
//! depends on records that are not durable yet, and hands over what is to be done now.

use crate::barrier::Barrier;
use crate::{
    Admin, AdminRefused, Boot, Chance, Clock, Effect, Emit, FailCode, Input, Nanos, Node, Now,
    Outbox, PersistId, Status,
};

/// What a driver has to do for a node.
pub type Order<N> = Effect<<N as Node>::Message, <N as Node>::Record, <N as Node>::Timer>;
/// What a driver gives to a node.
pub type InputOf<N> = Input<<N as Node>::Message, <N as Node>::Timer>;
type EmitOf<N> = Emit<<N as Node>::Message, <N as Node>::Record, <N as Node>::Timer>;

/// True time, which no node sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Nanoseconds that never go back, from any instant before the node's boot.
    pub elapsed: Nanos,
    /// Nanoseconds since 1970, or since the start of a simulation.
    pub date: Nanos,
}

/// A node that lives, with its clocks and what waits for its disk.
pub struct Shell<N: Node> {
    node: N,
    barrier: Barrier<N::Message, N::Record, N::Timer>,
    /// The last record that was numbered.
    tail: PersistId,
    clock: Clock,
    /// What came of what an administrator asked last.
    administered: Result<(), FailCode>,
    emitted: Vec<EmitOf<N>>,
}

impl<N: Node> Shell<N> {
    /// The node as its disk has it, with clocks that tell the true time.
    pub fn boot(
        config: &N::Config,
        boot: Boot,
        records: impl IntoIterator<Item = N::Record>,
    ) -> Self {
        Self {
            node: N::recover(config, boot, records),
            barrier: Barrier::new(),
            tail: PersistId(0),
            clock: Clock::default(),
            administered: Ok(()),
            emitted: Vec::new(),
        }
    }

    /// Gives the node an input at `moment`, and appends what is to be done now to `orders`, in order.
    /// The duration of a timer is given in true time. Returns how many of them, the first ones, had waited for
    /// the disk, in the order in which they began to wait.
    pub fn step(
        &mut self,
        moment: Moment,
        input: InputOf<N>,
        chance: Chance<'_>,
        orders: &mut Vec<Order<N>>,
    ) -> usize {
        let before = orders.len();
        let durable = if let Input::Durable(record) = input { Some(record) } else { None };
        let now = self.clock.read(moment.elapsed, moment.date);
        self.node.handle(now, input, &mut Outbox::new(&mut self.emitted, &mut self.tail, chance));
        if let Some(record) = durable {
            self.barrier.advance(record);
            // What waited was asked for before what the node has asked for now.
            while let Some(effect) = self.barrier.release() {
                orders.push(effect);
            }
        }
        let released = orders.len() - before;
        for emit in self.emitted.drain(..) {
            if let Effect::Administered(result) = emit.effect {
                self.administered = result;
                continue;
            }
            if !self.barrier.passes(&emit) {
                self.barrier.hold(emit);
                continue;
            }
            orders.push(emit.effect);
            if let Some(Effect::SetTimer { after, .. }) = orders.last_mut() {
                *after = self.clock.lasts(*after);
            }
        }
        released
    }

    /// How many orders wait for the disk.
    pub fn waiting(&self) -> usize {
        self.barrier.waiting()
    }

    /// Does what an administrator asks at `moment`: clocks are set here, the node is asked the rest.
    ///
    /// # Errors
    /// If the node does not offer it, or cannot do it now. Then nothing was done.
    pub fn administer(
        &mut self,
        moment: Moment,
        admin: Admin,
        chance: Chance<'_>,
        orders: &mut Vec<Order<N>>,
    ) -> Result<(), AdminRefused> {
        let refused = |code| AdminRefused { admin, code };
        if let Admin::SetClock { ahead } = admin {
            self.clock.set_ahead(ahead);
            return Ok(());
        }
        if let Admin::SetRate { gains } = admin {
            self.clock.set_gain(moment.elapsed, gains);
            return Ok(());
        }
        self.administered = Err(FailCode::Unsupported);
        self.step(moment, Input::Admin(admin), chance, orders);
        self.administered.map_err(refused)
    }

    /// What the node says of itself.
    pub fn status(&self) -> Status {
        self.node.status()
    }

    /// What its clocks say at `moment`.
    pub fn now(&self, moment: Moment) -> Now {
        self.clock.read(moment.elapsed, moment.date)
    }

    /// Its clocks, for a fault to set.
    pub fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primary_replica::{Config, PrimaryReplica};
    use crate::{KvOp, NodeId, Request, RequestId};

    const MS: Nanos = 1_000_000;

    fn alone() -> Shell<PrimaryReplica> {
        let boot = Boot { me: NodeId(1), members: vec![NodeId(1)], incarnation: 1 };
        Shell::boot(&(Config::default(), Vec::new()), boot, [])
    }

    fn given(
        shell: &mut Shell<PrimaryReplica>,
        at: Nanos,
        input: InputOf<PrimaryReplica>,
    ) -> Vec<Order<PrimaryReplica>> {
        let mut orders = Vec::new();
        shell.step(Moment { elapsed: at, date: at }, input, &mut || 0, &mut orders);
        orders
    }

    fn replies(orders: &[Order<PrimaryReplica>]) -> usize {
        orders.iter().filter(|order| matches!(order, Effect::Reply { .. })).count()
    }

    #[test]
    fn a_reply_leaves_only_once_the_disk_has_what_it_depends_on() {
        let mut shell = alone();
        given(&mut shell, 0, Input::Start);
        given(&mut shell, MS, Input::Durable(PersistId(1)));
        let op = KvOp::Put { key: "k".into(), value: 1 };
        let request = Request::of_nobody(op);
        let asked = given(&mut shell, MS, Input::Request { id: RequestId(1), request });
        assert_eq!(replies(&asked), 0, "{asked:?}");
        let durable = given(&mut shell, 2 * MS, Input::Durable(PersistId(2)));
        assert_eq!(replies(&durable), 1, "{durable:?}");
    }

    #[test]
    fn a_node_whose_time_passes_at_half_the_rate_waits_twice_as_long_for_its_timer() {
        let timer = |shell: &mut Shell<PrimaryReplica>| {
            given(shell, 0, Input::Start).into_iter().find_map(|order| match order {
                Effect::SetTimer { after, .. } => Some(after),
                _ => None,
            })
        };
        let usual = timer(&mut alone()).unwrap();
        let mut slow = alone();
        slow.clock().set_gain(0, -500_000);
        assert_eq!(timer(&mut slow), Some(2 * usual));
    }

    #[test]
    fn the_wall_clock_is_set_apart_and_no_timer_and_no_protocol_notices() {
        let timer = |shell: &mut Shell<PrimaryReplica>| {
            given(shell, 0, Input::Start).into_iter().find_map(|order| match order {
                Effect::SetTimer { after, .. } => Some(after),
                _ => None,
            })
        };
        let usual = timer(&mut alone()).unwrap();
        let mut apart = alone();
        let mut orders = Vec::new();
        let moment = Moment { elapsed: MS, date: 900 * MS };
        let ahead = Admin::SetClock { ahead: 200_000_000 };
        assert_eq!(apart.administer(moment, ahead, &mut || 0, &mut orders), Ok(()));
        assert_eq!(orders, [], "the protocol was not asked");
        assert_eq!(apart.now(moment), Now { monotonic: MS, wall: 1_100 * MS });
        assert_eq!(timer(&mut apart), Some(usual));
    }

    #[test]
    fn what_a_node_has_not_is_refused_by_name() {
        let (mut shell, mut orders) = (alone(), Vec::new());
        let moment = Moment { elapsed: 0, date: 0 };
        for admin in [Admin::StepDown, Admin::Compact] {
            let refused = shell.administer(moment, admin, &mut || 0, &mut orders).unwrap_err();
            assert_eq!(refused, AdminRefused { admin, code: FailCode::Unsupported });
            assert_eq!(refused.to_string(), format!("this target has no {}", admin.name()));
        }
        assert_eq!(orders, []);
    }
}
