//! The calls in flight of a simulated cluster's clients.

use rashomon_targets::{Caller, Input, Key, Node, NodeId, Request, RequestId, Response, Tokens};
use rashomon_workloads::{Op, OpKind};

use super::{Event, Simulation};
use crate::client;
use crate::world::{CallId, Client, Reply, Why};

/// A call in flight.
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) kind: OpKind,
    pub(super) caller: Caller,
    /// What its reply gives to the caller, and about which key.
    pub(super) given: Option<(Option<Key>, Tokens)>,
    /// The node that has taken it, and in which of its lives.
    pub(super) taken_by: Option<(NodeId, u64)>,
}

/// All calls in flight, by slot: a process has one at a time. O(1) each.
#[derive(Default)]
pub(super) struct Calls {
    slots: Vec<Option<Call>>,
}

impl Calls {
    /// Adds one. Nothing is in flight in its slot.
    pub(super) fn insert(&mut self, call: Call) {
        let slot = call.id.slot();
        if slot >= self.slots.len() {
            self.slots.resize_with(slot + 1, || None);
        }
        self.slots[slot] = Some(call);
    }

    pub(super) fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.slots.get_mut(id.slot())?.as_mut().filter(|call| call.id == id)
    }

    pub(super) fn remove(&mut self, id: CallId) -> Option<Call> {
        self.slots.get_mut(id.slot())?.take_if(|call| call.id == id)
    }

    /// Those that a node has taken in this one of its lives, in the order of their names. O(slots).
    pub(super) fn taken_by(&self, node: NodeId, incarnation: u64) -> Vec<CallId> {
        let taken = |call: &&Call| call.taken_by == Some((node, incarnation));
        let mut names: Vec<CallId> =
            self.slots.iter().flatten().filter(taken).map(|call| call.id).collect();
        names.sort_unstable();
        names
    }
}

impl<N: Node> Client for Simulation<N> {
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op) {
        let kind = op.action.kind();
        let request = client::request(op, caller, &self.sessions);
        let given = request.as_ref().map(|it| (it.op.key().cloned(), Tokens::default()));
        self.calls.insert(Call { id: call, kind, caller, given, taken_by: None });
        let Some(request) = request else {
            let reply = Reply::refused(Why::NotOffered(kind.to_string()));
            return self.queue.push(self.now, Event::Reply { call, reply });
        };
        if let Some(lineage) = &mut self.lineage {
            lineage.asks(call, self.now);
        }
        let after = self.client_time(call, "ask");
        self.queue.push(self.now + after, Event::Ask { call, to: node, request });
    }

    fn abandon(&mut self, call: CallId) {
        self.calls.remove(call);
    }
}

impl<N: Node> Simulation<N> {
    pub(super) fn ask(&mut self, call: CallId, to: NodeId, request: Request) {
        let node = self.node(to);
        if node.state.is_none() {
            return self.reply_later(call, Reply::refused(Why::Unreached));
        }
        let taken = (to, node.incarnation);
        if let Some(asked) = self.calls.get_mut(call) {
            asked.taken_by = Some(taken);
        }
        if let Some(lineage) = &mut self.lineage {
            lineage.begin(lineage.of_call(call));
        }
        self.arrive(to, Input::Request { id: RequestId(call.0), request });
    }

    pub(super) fn answer(&mut self, call: CallId, Response { answer, tokens }: Response) {
        if let Some(asked) = self.calls.get_mut(call) {
            if let Some((_, given)) = &mut asked.given {
                *given = tokens;
            }
            let reply = client::reply(asked.kind, answer);
            self.reply_later(call, reply);
        }
    }

    pub(super) fn reply_later(&mut self, call: CallId, reply: Reply) {
        if let Some(asked) = self.calls.get_mut(call) {
            asked.taken_by = None;
            let after = self.client_time(call, "reply");
            self.queue.push(self.now + after, Event::Reply { call, reply });
        }
    }
}
