//! What nodes take themselves to be: who is primary when a fault strikes, and what the node is that an operation asks.

use rashomon_checker::Time;
use rashomon_targets::{NodeId, Role};

use crate::world::{World, primaries};

/// How long a look at the roles of all nodes is good for, in nanoseconds: elections take longer.
const FRESH: u64 = 10_000_000;

/// What a node is that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskedRole {
    /// It takes itself to be this.
    Is(Role),
    /// It is dead, or stopped.
    Down,
    /// It was not looked at: in this world a look takes time.
    Unseen,
}

/// What nodes take themselves to be.
pub(super) struct Roles {
    /// The last that took themselves to be primary, the latest epoch first.
    last_primaries: Vec<NodeId>,
    /// Of each member, and when that was seen.
    seen: Option<(Time, Vec<AskedRole>)>,
}

impl Roles {
    /// Of a cluster that has just started: the first is primary, if there is one.
    pub(super) fn new(members: &[NodeId]) -> Self {
        Self { last_primaries: members.first().copied().into_iter().collect(), seen: None }
    }

    /// The last that took themselves to be primary, the latest epoch first.
    pub(super) fn primaries(&self) -> &[NodeId] {
        &self.last_primaries
    }

    /// Looks who is primary now. Where nobody says so, the last who did are.
    pub(super) fn look_for_primaries(&mut self, members: &[NodeId], world: &mut impl World) {
        let leading = primaries(members, &world.looks());
        if !leading.is_empty() {
            self.last_primaries = leading;
        }
    }

    /// The role of the member at a place, or what it was a moment ago.
    pub(super) fn of(&mut self, place: usize, world: &mut impl World) -> AskedRole {
        let now = world.now();
        let is_fresh = |at: Time| now.0 < at.0 + FRESH;
        if self.seen.as_ref().is_none_or(|(at, _)| !is_fresh(*at)) {
            let roles = world.roles().unwrap_or_default();
            let seen = |role: Option<Role>| role.map_or(AskedRole::Down, AskedRole::Is);
            self.seen = Some((now, roles.into_iter().map(seen).collect()));
        }
        let seen = self.seen.as_ref().and_then(|(_, roles)| roles.get(place));
        seen.copied().unwrap_or(AskedRole::Unseen)
    }
}
