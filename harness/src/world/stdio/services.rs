//! The services of the Maelstrom protocol, which this harness does not offer: a program that
//! asks one gets an error at once, and the run names the program.

use std::collections::BTreeMap;

use rashomon_targets::NodeId;

use super::message::Message;
use crate::doubt::Whose;
use crate::maelstrom::{Body, Said};
use crate::world::{Breakdown, Part};

/// Their names, by that protocol's `doc/services.md`.
const NAMES: [&str; 4] = ["lin-kv", "seq-kv", "lww-kv", "lin-tso"];
/// That protocol's code of an error that says: not supported, and certainly not done.
const NOT_SUPPORTED: u16 = 10;

/// Requests to services, by service and node.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    asked: BTreeMap<&'static str, BTreeMap<NodeId, u64>>,
}

impl Refusals {
    /// The answer to a message of `from`, if it is to a service.
    pub(super) fn answer(&mut self, from: NodeId, message: &Message) -> Option<Message> {
        let name = NAMES.into_iter().find(|name| *name == message.dest)?;
        *self.asked.entry(name).or_default().entry(from).or_default() += 1;
        let text = format!("rashomon does not offer the service {name}");
        let body = Body::answer(message.number(), Said::Error { code: NOT_SUPPORTED, text });
        Some(Message { src: name.to_owned(), dest: message.src.clone(), body })
    }

    /// That services were asked in vain: a limit of the harness, in one sentence a service.
    pub(super) fn breakdowns(&self) -> impl Iterator<Item = Breakdown> {
        self.asked.iter().map(|(name, nodes)| {
            let requests: u64 = nodes.values().sum();
            let (requests, were) = match requests {
                1 => ("1 request".to_owned(), "was"),
                _ => (format!("{requests} requests"), "were"),
            };
            let nodes: Vec<String> = nodes.keys().map(ToString::to_string).collect();
            let what = format!(
                "does not offer the service {name}: {requests} to it, from {}, {were} answered \
                 with error {NOT_SUPPORTED} (not supported)",
                nodes.join(", ")
            );
            Breakdown { part: Part::Harness, whose: Whose::Harness, what }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(dest: &str) -> Message {
        let line = format!(r#"{{"src":"n0","dest":"{dest}","body":{{"type":"ts","msg_id":7}}}}"#);
        Message::read(line.as_bytes()).unwrap()
    }

    #[test]
    fn every_service_is_refused_with_the_number_of_the_request_and_nobody_else_is() {
        let mut refusals = Refusals::default();
        for name in NAMES {
            let answer = refusals.answer(NodeId(0), &message(name)).unwrap();
            let line = String::from_utf8(answer.line()).unwrap();
            assert!(line.contains(r#""code":10"#) && line.contains(r#""in_reply_to":7"#), "{line}");
            assert_eq!((answer.src.as_str(), answer.dest.as_str()), (name, "n0"));
        }
        assert_eq!(refusals.answer(NodeId(0), &message("n1")), None);
        let told: Vec<Breakdown> = refusals.breakdowns().collect();
        assert_eq!(told.len(), NAMES.len());
        assert!(told.iter().all(|told| told.whose == Whose::Harness), "{told:?}");
    }
}
