//! The faults of a run: what goes wrong, when, and for how long.

use rashomon_checker::Time;
use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Condition, Fault};
use crate::strict::Header;

/// A fault, when it starts and how long it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FaultSpan {
    /// Its number in the plan.
    pub(crate) id: u32,
    /// What goes wrong.
    #[serde(flatten)]
    pub(crate) fault: Fault,
    /// When it starts.
    pub(crate) start: Time,
    /// How long until it heals.
    pub(crate) lasts: Time,
    /// What it waits for, from its start on; nothing if it strikes then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) once: Option<Condition>,
    /// Who planned it.
    #[serde(default, skip_serializing_if = "Origin::is_written")]
    pub(crate) origin: Origin,
}

/// Who planned a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// A person: just this fault is to change something.
    #[default]
    Written,
    /// Chance: some fault of its kind is to change something.
    Drawn,
}

impl Origin {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_written(&self) -> bool {
        *self == Self::Written
    }
}

impl FaultSpan {
    /// One that a person wrote, with its start and its length in nanoseconds.
    #[cfg(test)]
    pub(crate) fn written(id: u32, fault: Fault, [start, lasts]: [u64; 2]) -> Self {
        let [start, lasts] = [start, lasts].map(Time);
        Self { id, fault, start, lasts, once: None, origin: Origin::Written }
    }

    /// When it heals, however late it struck.
    pub(crate) fn end(&self) -> Time {
        Time(self.start.0.saturating_add(self.lasts.0))
    }

    /// The word for its kind, as on the command line.
    pub(crate) fn kind(&self) -> &'static str {
        self.fault.kind().name()
    }
}

/// All faults of a run, in the order of their starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "PlanFile", into = "PlanFile")]
pub(crate) struct Plan {
    /// The spans.
    pub(crate) spans: Vec<FaultSpan>,
}

/// What the file of a plan says first.
pub(crate) const HEADER: Header = Header { format: "rashomon-plan", version: 1 };

/// A plan as it is in a file.
#[derive(Serialize, Deserialize)]
struct PlanFile {
    format: String,
    version: u64,
    spans: Vec<FaultSpan>,
}

impl From<Plan> for PlanFile {
    fn from(Plan { spans }: Plan) -> Self {
        Self { format: HEADER.format.to_owned(), version: HEADER.version, spans }
    }
}

/// The reader of the file checks the header: see [`crate::strict`].
impl From<PlanFile> for Plan {
    fn from(file: PlanFile) -> Self {
        Self { spans: file.spans }
    }
}

/// Why a plan file cannot be executed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum PlanError {
    /// It names a node that is not there.
    #[error("span {span} strikes {node}, but the cluster has {first} to {last}")]
    NoSuchNode {
        /// Counted from 0.
        span: usize,
        /// As written.
        node: NodeId,
        /// The first there is.
        first: NodeId,
        /// The last there is.
        last: NodeId,
    },
}

impl Plan {
    /// The kinds of its faults, by their names.
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.spans.iter().map(FaultSpan::kind).collect()
    }

    /// The plan as read from a file, checked against the cluster, its spans counted by place.
    ///
    /// # Errors
    /// Names the span that cannot be.
    pub(crate) fn checked(mut self, nodes: &[NodeId]) -> Result<Self, PlanError> {
        self.check_nodes(nodes)?;
        self.spans.sort_by_key(|span| span.start);
        for (id, span) in (0..).zip(&mut self.spans) {
            span.id = id;
        }
        Ok(self)
    }

    /// When the last of its faults has healed.
    pub(crate) fn end(&self) -> Time {
        self.spans.iter().map(FaultSpan::end).max().unwrap_or(Time(0))
    }

    /// Checks the nodes that its faults name against the cluster.
    ///
    /// # Errors
    /// Names the span that cannot be.
    pub(crate) fn check_nodes(&self, nodes: &[NodeId]) -> Result<(), PlanError> {
        for (span, planned) in self.spans.iter().enumerate() {
            let named = planned.fault.named();
            if let Some(&node) = named.iter().find(|node| !nodes.contains(node))
                && let (Some(&first), Some(&last)) = (nodes.first(), nodes.last())
            {
                return Err(PlanError::NoSuchNode { span, node, first, last });
            }
        }
        Ok(())
    }

    /// The same faults, with all starts and lengths `factor` times as long.
    #[must_use]
    pub(crate) fn slowed(mut self, factor: u64) -> Self {
        for span in &mut self.spans {
            span.start = Time(span.start.0.saturating_mul(factor));
            span.lasts = Time(span.lasts.0.saturating_mul(factor));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict;

    const TEXT: &str = r#"{"format":"rashomon-plan","version":1,"spans":[
        {"id":0,"fault":"kill","node":{"node":1},"start":1,"lasts":2},
        {"id":2,"fault":"kill","node":"primary","once":"undurable","start":3,"lasts":2},
        {"id":1,"fault":"links","shape":{"isolate":{"node":"primary"}},"direction":"both",
         "effect":{"effect":"drop"},"start":3,"lasts":4}]}"#;

    #[test]
    fn a_plan_is_the_same_after_writing_and_reading() {
        let plan: Plan = strict::json(TEXT, HEADER).unwrap();
        assert_eq!(plan.spans.len(), 3);
        assert_eq!(plan.spans[1].once, Some(Condition::Undurable));
        let written = serde_json::to_string(&plan).unwrap();
        assert_eq!(strict::json::<Plan>(&written, HEADER).unwrap(), plan);
    }

    #[test]
    fn a_key_that_a_fault_does_not_have_is_refused_with_its_place() {
        for (from, to, named) in [
            (r#""lasts":2"#, r#""lasts":2,"last":9"#, "`spans.0.last`"),
            (
                r#""effect":"drop""#,
                r#""effect":"drop","per_mille":9"#,
                "`spans.2.effect.per_mille`",
            ),
            (r#""direction":"both""#, r#""direction":"both","node":"primary""#, "`spans.2.node`"),
            (r#""version":1"#, r#""version":1,"seed":3"#, "`seed`"),
        ] {
            let error = strict::json::<Plan>(&TEXT.replacen(from, to, 1), HEADER).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
