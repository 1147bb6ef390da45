//! Which nodes take reads and writes: those that answered one.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_checker::{Event, EventKind};
use rashomon_targets::Role;

use super::{each, workload};
use crate::availability::is_read;
use crate::campaign::SeedRange;
use crate::execute::{self, Keep};
use crate::fault::Plan;
use crate::judge::Requirement;
use crate::run::drive::{AskedRole, Watcher};
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// Which nodes answered, in a run without faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Takers {
    /// Nodes of the cluster.
    pub(crate) nodes: usize,
    /// Nodes that answered a read.
    pub(crate) reads: BTreeSet<String>,
    /// Nodes that answered something else.
    pub(crate) writes: BTreeSet<String>,
    /// What nodes took themselves to be, and how many ever did.
    pub(crate) roles: BTreeMap<&'static str, usize>,
}

/// Sees who answers.
struct Seeing<'a> {
    takers: Takers,
    by_role: BTreeMap<&'static str, BTreeSet<String>>,
    watcher: &'a mut dyn Watcher,
}

impl Watcher for Seeing<'_> {
    fn behind(&mut self) -> Option<&mut dyn Watcher> {
        Some(self.watcher)
    }

    fn recorded(&mut self, event: &Event) {
        let Some(node) = event.node.as_deref().filter(|_| !event.is_final) else { return };
        if event.kind == EventKind::Ok {
            let of = if is_read(event) { &mut self.takers.reads } else { &mut self.takers.writes };
            of.insert(node.to_owned());
        }
    }

    fn minds_roles(&mut self) -> bool {
        true
    }

    fn asked(&mut self, event: &Event, role: AskedRole) {
        let name = match role {
            AskedRole::Is(Role::Primary) => "primary",
            AskedRole::Is(Role::Replica) => "replica",
            AskedRole::Is(Role::Peer) => "peer",
            AskedRole::Down | AskedRole::Unseen => return,
        };
        if let Some(node) = event.node.as_deref() {
            self.by_role.entry(name).or_default().insert(node.to_owned());
        }
    }
}

/// Looks who answers, in a run with each workload of registers, sets and counters that fits.
pub(super) fn measure(
    target: &Subject,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<Takers>> {
    let takers = Takers { nodes: target.members().len(), ..Takers::default() };
    let mut seeing = Seeing { takers, by_role: BTreeMap::new(), watcher };
    for name in ["register", "siblings", "set", "counter"] {
        let Some(kind) = workload(target, name) else { continue };
        for seed in each(seeds).take(1) {
            let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
            (settings.faults, settings.ops) = (Vec::new(), Some(600));
            let (nothing, plan) = (Requirement::nothing(), Plan::default());
            execute::execute_asking(&nothing, &settings, &plan, Keep::default(), &mut seeing)?;
        }
    }
    let roles = seeing.by_role.iter().map(|(&name, nodes)| (name, nodes.len())).collect();
    Ok(Some(Takers { roles, ..seeing.takers }))
}
