//! From a verdict on a part of a history to one on the whole.

use crate::{Anomaly, Doubt, History, ModelKind, OpIndex, Property, Verdict};

impl History {
    /// The same verdict, with its operations named by their places in the whole history.
    pub fn in_whole(&self, mut verdict: Verdict<Anomaly>) -> Verdict<Anomaly> {
        if self.whole.is_empty() {
            return verdict;
        }
        match &mut verdict {
            Verdict::Valid { certificate } => {
                for part in &mut certificate.orders {
                    part.order.iter_mut().for_each(|op| *op = self.place_in_whole(*op));
                }
            }
            Verdict::Invalid { anomaly, more } => {
                self.lift(anomaly);
                for anomaly in more {
                    self.lift(anomaly);
                }
            }
            Verdict::Unknown { doubt, more } => {
                for doubt in [doubt].into_iter().chain(more) {
                    if let Doubt::Unsupported { op, .. } = doubt {
                        *op = self.place_in_whole(*op);
                    }
                }
            }
        }
        verdict
    }

    fn lift(&self, anomaly: &mut Anomaly) {
        let lift = |op: &mut OpIndex| *op = self.place_in_whole(*op);
        if names_operations(anomaly) {
            anomaly.summary = lift_text(&anomaly.summary, &self.whole);
        }
        anomaly.facts.iter_mut().flat_map(|fact| &mut fact.ops).for_each(lift);
        anomaly.witness.operations.iter_mut().for_each(|op| lift(&mut op.index));
        anomaly.witness.order.iter_mut().for_each(lift);
        anomaly.witness.stuck.iter_mut().for_each(lift);
    }
}

/// Whether the summary may name operations by number: those of the monitors do, and quote no
/// values.
fn names_operations(anomaly: &Anomaly) -> bool {
    match anomaly.witness.property {
        Property::Linearizable(model) => match model {
            ModelKind::Set
            | ModelKind::Counter
            | ModelKind::Queue
            | ModelKind::Stack
            | ModelKind::PriorityQueue
            | ModelKind::UniqueIds
            | ModelKind::Mutex => true,
            ModelKind::Register
            | ModelKind::CasRegister
            | ModelKind::Kv
            | ModelKind::Deque
            | ModelKind::ListAppend
            | ModelKind::Echo => false,
        },
        Property::Convergent(_)
        | Property::Regular(_)
        | Property::Safe(_)
        | Property::Prefix(_)
        | Property::KAtomic(_)
        | Property::BoundedStaleness(..)
        | Property::Sessions(_)
        | Property::Transactions(_)
        | Property::Invariant(_) => false,
    }
}

/// The text, with each `#17` told as that operation's place in the whole.
fn lift_text(text: &str, whole: &[OpIndex]) -> String {
    let mut lifted = String::with_capacity(text.len());
    for word in text.split_inclusive(' ') {
        let number = word.strip_prefix('#').map(|rest| rest.trim_end_matches([' ', ',']));
        let name = number.and_then(|number| whole.get(number.parse::<usize>().ok()?));
        match (name, number) {
            (Some(name), Some(number)) => {
                lifted.push_str(&name.to_string());
                lifted.push_str(&word[1 + number.len()..]);
            }
            _ => lifted.push_str(word),
        }
    }
    lifted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_operations_change_in_a_text() {
        let whole = [OpIndex(3), OpIndex(40), OpIndex(41)];
        let text = "#1 took out what #2, or \"#1\" put in, #3 as well: #0";
        assert_eq!(
            lift_text(text, &whole),
            "#40 took out what #41, or \"#1\" put in, #3 as well: #3"
        );
    }
}
