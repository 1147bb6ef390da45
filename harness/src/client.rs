//! The client's side of an operation: which node to ask, and what a reply honestly means.
//!
//! Sans-IO, and the same for both drivers.

use rashomon_checker::Value;
use rashomon_targets::{
    Answer, FailCode, Family, KvOp, NodeId, ReadLevel, Request, Returned, TargetConfig,
    primary_replica::Reads,
};
use rashomon_workloads::{Op, Place, Rng, Seed};

use crate::world::Reply;

/// How an operation ended, for its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// It took effect and returned this.
    Ok(Value),
    /// It did not, and never will; here is why.
    Fail(String),
    /// Nobody knows, and here is why.
    Info(String),
}

/// Where requests go. A client library in small: it follows hints, and looks elsewhere when a node
/// does not answer. It never repeats a request that may have had an effect.
pub(crate) struct Router {
    nodes: Vec<NodeId>,
    style: Style,
    /// Whom each slot takes to be primary.
    believed: Vec<NodeId>,
    rng: Rng,
}

/// Whom a target's clients ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Everything goes to the primary.
    Primary,
    /// Writes go to the primary, reads to others.
    ReadReplicas,
    /// Writes go to the primary, reads to anyone.
    ReadAny,
    /// Anyone takes anything.
    Anyone,
}

impl Router {
    /// A router for `slots` processes at a time.
    pub(crate) fn new(target: &TargetConfig, nodes: &[NodeId], slots: usize, seed: Seed) -> Self {
        let style = match &target.family {
            Family::PrimaryReplica(config) => match config.reads {
                Reads::Primary => Style::Primary,
                Reads::Replica => Style::ReadReplicas,
                Reads::Any => Style::ReadAny,
            },
            Family::Leaderless(_) => Style::Anyone,
        };
        let believed = vec![nodes[0]; slots];
        Self { nodes: nodes.to_vec(), style, believed, rng: seed.rng() }
    }

    /// The node that `slot` asks first.
    ///
    /// Even slots stay with a node as long as it answers, odd ones roam: with every client on one
    /// node most anomalies are invisible.
    pub(crate) fn place(&mut self, slot: usize, op: &Op) -> NodeId {
        match op.place {
            Place::Node(node) | Place::Local(node) => return NodeId(node),
            Place::Any => {}
        }
        let roams = slot % 2 == 1;
        let own = self.nodes[slot / 2 % self.nodes.len()];
        let read = &*op.f == "read";
        match self.style {
            Style::Anyone if roams => self.anyone(),
            Style::Anyone => own,
            Style::ReadAny if read && roams => self.anyone(),
            Style::ReadAny if read => own,
            Style::ReadReplicas if read => self.replica(slot),
            // Roaming clients ask around for the primary now and then.
            _ if roams && self.rng.below(4) == 0 => self.anyone(),
            Style::Primary | Style::ReadAny | Style::ReadReplicas => self.believed[slot],
        }
    }

    /// Whom to ask instead, if `reply` says for certain that nothing happened and whom to ask.
    pub(crate) fn redirect(&mut self, slot: usize, asked: NodeId, reply: &Reply) -> Option<NodeId> {
        match reply {
            Reply::Answered(Answer::Fail { code: FailCode::NotPrimary, hint }) => {
                let hint = hint.filter(|hint| *hint != asked && self.nodes.contains(hint));
                if let Some(node) = hint {
                    self.believed[slot] = node;
                }
                hint
            }
            Reply::Refused | Reply::Unsent(_) | Reply::Lost(_) => {
                self.give_up_on(slot, asked);
                None
            }
            Reply::Answered(_) => None,
        }
    }

    /// Learns that `node` did not answer `slot`.
    pub(crate) fn give_up_on(&mut self, slot: usize, node: NodeId) {
        if self.believed[slot] == node {
            let at = self.nodes.iter().position(|&n| n == node).unwrap_or(0);
            self.believed[slot] = self.nodes[(at + 1) % self.nodes.len()];
        }
    }

    fn anyone(&mut self) -> NodeId {
        self.nodes[self.rng.index(self.nodes.len())]
    }

    fn replica(&mut self, slot: usize) -> NodeId {
        let primary = self.believed[slot];
        let others = self.nodes.len() - 1;
        if others == 0 {
            return primary;
        }
        let pick = if slot % 2 == 1 { self.rng.index(others) } else { slot / 2 % others };
        *self.nodes.iter().filter(|&&n| n != primary).nth(pick).unwrap_or(&primary)
    }
}

/// The request that asks for `op`, or `None` if no target understands it.
pub(crate) fn request(op: &Op, is_set: bool) -> Option<Request> {
    let key = op.key.clone();
    let kv = match (&*op.f, &op.value) {
        ("read", _) if is_set => KvOp::Elements { key },
        ("read", _) => KvOp::Get { key },
        ("write", Value::Int(value)) => KvOp::Put { key, value: *value },
        ("add", Value::Int(element)) => KvOp::Add { key, element: *element },
        ("cas", Value::List(pair)) => match pair[..] {
            [Value::Int(old), Value::Int(new)] => KvOp::Cas { key, old, new },
            _ => return None,
        },
        _ => return None,
    };
    let read = if op.is_final() { ReadLevel::Local } else { ReadLevel::Default };
    Some(Request { op: kv, read })
}

/// What a process may honestly say after `reply` to `op`.
///
/// A read has no effect, so one without an answer has failed. A write without an answer may have
/// been done, or be done at any later time.
pub(crate) fn completion(op: &Op, reply: Reply) -> Completion {
    let unknown = |why: String| match &*op.f {
        "read" => Completion::Fail(why),
        _ => Completion::Info(why),
    };
    match reply {
        Reply::Answered(Answer::Ok { returned }) => Completion::Ok(match returned {
            Returned::Done => op.value.clone(),
            Returned::Value(value) => value.map_or(Value::Nil, Value::Int),
            Returned::Elements(elements) => Value::list(elements.into_iter().map(Value::Int)),
        }),
        // It ran, and says what the register did not hold: more than a failure tells.
        Reply::Answered(Answer::Fail { code: FailCode::CasMismatch, .. }) => {
            Completion::Ok(Value::Bool(false))
        }
        Reply::Answered(Answer::Fail { code, .. }) => Completion::Fail(fail_reason(code).into()),
        Reply::Answered(Answer::Indeterminate { reason }) => unknown(reason),
        Reply::Refused => Completion::Fail("connection refused".to_owned()),
        Reply::Unsent(why) => Completion::Fail(format!("not sent: {why}")),
        Reply::Lost(why) => unknown(why),
    }
}

/// Why a node that holds no copy of a key answers nothing about its own.
pub(crate) const NOT_REPLICA: &str = "not-replica";

fn fail_reason(code: FailCode) -> &'static str {
    match code {
        FailCode::CasMismatch => "cas-mismatch",
        FailCode::NotPrimary => "not-primary",
        FailCode::NoQuorum => "no-quorum",
        FailCode::NotReplica => NOT_REPLICA,
        FailCode::NotReady => "not-ready",
        FailCode::Unsupported => "unsupported",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(f: &str) -> Op {
        Op { f: f.into(), key: "k0".into(), value: Value::Int(1), place: Place::Any }
    }

    #[test]
    fn a_write_without_an_answer_is_unknown_and_a_read_has_failed() {
        let lost = || Reply::Lost("timeout".into());
        assert_eq!(completion(&op("write"), lost()), Completion::Info("timeout".into()));
        assert_eq!(completion(&op("read"), lost()), Completion::Fail("timeout".into()));
    }

    #[test]
    fn a_comparison_that_failed_has_taken_place() {
        let mismatch = Reply::Answered(Answer::fail(FailCode::CasMismatch));
        assert_eq!(completion(&op("cas"), mismatch), Completion::Ok(Value::Bool(false)));
    }

    #[test]
    fn a_refused_connection_is_a_definite_failure() {
        assert!(matches!(completion(&op("write"), Reply::Refused), Completion::Fail(_)));
    }
}
