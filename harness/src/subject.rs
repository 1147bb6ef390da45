//! What is tested: a reference target, the user's program, or a node of another crate.

use rashomon_targets::{
    Claim, ConcurrentWrites, FaultKind, Leadership, NodeId, Operation, Pace, Profile, Promise,
    Taker, TargetConfig,
};
use rashomon_workloads::OpKind;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::client;
use crate::fault::{self, Hold};

/// The faults that `--faults all` stands for, and under which the user's own node or program must keep what is
/// required of it, unless the user says otherwise. All others are drawn only where they are named: of too
/// many kinds at once none is seen at work, and some of them take what was durable.
pub(crate) const USUAL_FAULTS: [FaultKind; 6] = [
    FaultKind::Partition,
    FaultKind::Messages,
    FaultKind::Kill,
    FaultKind::Pause,
    FaultKind::Corrupt,
    FaultKind::ClockSkew,
];

/// What is tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Subject {
    /// One of our own families.
    Reference(TargetConfig),
    /// A program that speaks the Maelstrom protocol.
    Maelstrom(Program),
    /// A node of another crate.
    Own(Box<OwnTarget>),
}

/// A target whose node is in another crate, described by data: enough to judge its runs, and
/// not enough to run it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnTarget {
    /// The name its owner gave it.
    #[serde(rename = "target")]
    pub(crate) name: String,
    /// The node's type, as the compiler names it.
    pub(crate) own: String,
    /// How many nodes. They are called n1, n2 and so on.
    pub(crate) nodes: u16,
    /// The names of planted bugs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) bugs: Vec<String>,
    /// The configuration of each node, as JSON.
    pub(crate) config: String,
    /// Its profile.
    pub(crate) profile: Profile,
    /// What it promises.
    pub(crate) claim: Claim,
}

impl OwnTarget {
    fn validate(&self) -> Result<(), String> {
        check_nodes(self.nodes, ".nodes(...)")?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if self.name.is_empty() || !self.name.chars().all(is_plain) || self.name == Program::NAME {
            return Err(format!(
                "a target cannot be named {:?}; give .name(...) letters, digits and hyphens",
                self.name
            ));
        }
        Ok(())
    }
}

/// Checks a number of nodes; `how` says how to give another.
fn check_nodes(nodes: u16, how: &str) -> Result<(), String> {
    if nodes == 0 || nodes > 64 {
        return Err(format!("a cluster has 1 to 64 nodes, not {nodes}; give {how}"));
    }
    Ok(())
}

/// A program that speaks the Maelstrom protocol over standard input and output, once a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Program {
    target: String,
    /// How many nodes. They are called n0, n1 and so on.
    pub(crate) nodes: u16,
    /// The program and its arguments.
    #[serde(rename = "program")]
    pub(crate) words: Vec<String>,
}

impl Program {
    /// The name on the command line.
    pub(crate) const NAME: &str = "maelstrom";
    /// One sentence.
    pub(crate) const SUMMARY: &str = "your own program, which speaks the Maelstrom protocol (lin-kv, echo) over standard input and output; give it after --; its claim is linearizable registers";
    /// The default number of nodes.
    const NODES: u16 = 3;

    /// A cluster of `nodes` that run this command.
    ///
    /// # Errors
    /// If there is no command, or no such cluster.
    pub(crate) fn new(nodes: Option<u16>, words: Vec<String>) -> Result<Self, String> {
        let nodes = nodes.unwrap_or(Self::NODES);
        let new = Self { target: Self::NAME.to_owned(), nodes, words };
        new.validate().map(|()| new)
    }

    fn validate(&self) -> Result<(), String> {
        if self.words.is_empty() {
            return Err("maelstrom needs a program after --, as in `rashomon run maelstrom \
                        --workload lin-kv -- python3 node.py`"
                .to_owned());
        }
        check_nodes(self.nodes, "--nodes")
    }
}

impl From<TargetConfig> for Subject {
    fn from(target: TargetConfig) -> Self {
        Self::Reference(target)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let there = Value::deserialize(from)?;
        let is_program = there.get("target").is_some_and(|target| target == Program::NAME);
        let read = if is_program {
            serde_json::from_value(there).map(Self::Maelstrom)
        } else if there.get("own").is_some() {
            serde_json::from_value(there).map(Self::Own)
        } else {
            serde_json::from_value(there).map(Self::Reference)
        };
        read.map_err(D::Error::custom)
    }
}

impl Subject {
    /// The name on the command line, or the one that its owner gave it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Reference(target) => target.name(),
            Self::Maelstrom(_) => Program::NAME,
            Self::Own(target) => &target.name,
        }
    }

    /// The nodes, in ascending order.
    pub(crate) fn members(&self) -> Vec<NodeId> {
        match self {
            Self::Reference(target) => (1..=target.nodes).map(NodeId).collect(),
            Self::Maelstrom(program) => (0..program.nodes).map(NodeId).collect(),
            Self::Own(target) => (1..=target.nodes).map(NodeId).collect(),
        }
    }

    /// Whether a bug is planted in it.
    pub(crate) fn has_planted_bug(&self) -> bool {
        match self {
            Self::Reference(target) => !target.bugs.is_empty(),
            Self::Maelstrom(_) => false,
            Self::Own(target) => !target.bugs.is_empty(),
        }
    }

    /// Checks that the settings do not contradict each other.
    ///
    /// # Errors
    /// Names the flag at fault.
    pub(crate) fn validate(&self) -> Result<(), String> {
        match self {
            Self::Reference(target) => target.validate().map_err(|error| error.to_string()),
            Self::Maelstrom(program) => program.validate(),
            Self::Own(target) => target.validate(),
        }
    }

    /// Checks that this program can run it.
    ///
    /// # Errors
    /// If its node is in another crate: says who runs it.
    pub(crate) fn check_runs_here(&self) -> Result<(), String> {
        match self {
            Self::Reference(_) | Self::Maelstrom(_) => Ok(()),
            Self::Own(target) => Err(format!(
                "this program does not have the node {}; the tests of its own crate run it, and \
                 `rashomon check RUN` judges its stored runs again",
                target.own
            )),
        }
    }

    /// Why no fault of this kind can strike it, and what to do; nothing if one can.
    pub(crate) fn refusal(&self, kind: FaultKind) -> Option<String> {
        let name = kind.name();
        (!self.takes(kind)).then(|| match fault::About::of(kind).hold {
            Hold::Outside | Hold::Inside => {
                format!("a {name} fault cannot strike a program that is only started here; leave it out")
            }
            Hold::Members => format!(
                "the members of {} never change; leave {name} out, or give primary-replica --failover raft",
                self.name()
            ),
        })
    }

    /// Whether a fault of this kind can strike it. A program that is only started here has the clock and the files
    /// of its host, and nobody touches these.
    pub(crate) fn takes(&self, kind: FaultKind) -> bool {
        match fault::About::of(kind).hold {
            Hold::Outside => true,
            Hold::Inside => !matches!(self, Self::Maelstrom(_)),
            Hold::Members => self.claim().under.contains(&kind),
        }
    }

    /// Whether every node can be asked for its own copy, and whether it is at rest: final reads
    /// need
    /// both.
    pub(crate) fn shows_copies(&self) -> bool {
        match self {
            Self::Reference(_) | Self::Own(_) => true,
            Self::Maelstrom(_) => false,
        }
    }

    /// Its profile.
    pub(crate) fn profile(&self) -> Profile {
        match self {
            Self::Reference(target) => target.profile(),
            Self::Own(target) => target.profile.clone(),
            Self::Maelstrom(program) => Profile {
                offers: [Operation::Get, Operation::Put, Operation::Cas].to_vec().into(),
                writes: Taker::Anyone,
                reads: Taker::Anyone,
                leadership: Leadership::None,
                copies: program.nodes,
                keys: 3,
                // That protocol gives a program ten seconds to answer `init`.
                pace: Pace { ready_within: 10_000_000_000, ..Pace::LOCAL },
            },
        }
    }

    /// The operations that it offers.
    pub(crate) fn offers(&self) -> Vec<OpKind> {
        match self {
            Self::Reference(_) | Self::Own(_) => client::offered(&self.profile()),
            Self::Maelstrom(_) => client::maelstrom::OFFERED.to_vec(),
        }
    }

    /// What it promises. `lin-kv` is linearizable by its definition, whatever happens to links and
    /// processes.
    pub(crate) fn claim(&self) -> Claim {
        match self {
            Self::Reference(target) => target.claim(),
            Self::Own(target) => target.claim.clone(),
            Self::Maelstrom(_) => Claim {
                registers: Promise::Linearizable,
                sets: Promise::Linearizable,
                counters: Promise::Linearizable,
                concurrent_writes: ConcurrentWrites::OneWins,
                durable: false,
                converges: false,
                sessions: false,
                under: USUAL_FAULTS.into_iter().filter(|&kind| self.takes(kind)).collect(),
                registers_only_converge_under: Vec::new(),
                safety: Vec::new(),
                because: "the workloads lin-kv and echo ask a program for these operations"
                    .to_owned(),
            },
        }
    }

    /// The words of the command line that make it: those before the other flags, and those after all.
    /// None make a node of another crate.
    pub(crate) fn words(&self) -> Option<(Vec<String>, Vec<String>)> {
        Some(match self {
            Self::Reference(target) => (target.flags(), Vec::new()),
            Self::Own(_) => return None,
            Self::Maelstrom(Program { nodes, words, .. }) => {
                let first = [Program::NAME.to_owned(), "--nodes".to_owned(), nodes.to_string()];
                let last =
                    std::iter::once("--".to_owned()).chain(words.iter().map(|it| quoted(it)));
                (first.to_vec(), last.collect())
            }
        })
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_./:=@%+,-".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Subject {
        let words = ["python3", "my node.py", "it's", ""].map(str::to_owned).to_vec();
        Subject::Maelstrom(Program::new(Some(2), words).unwrap())
    }

    #[test]
    fn a_program_is_written_and_read_as_toml_and_json_and_counts_its_nodes_from_0() {
        let subject = program();
        let json = serde_json::to_string(&subject).unwrap();
        assert_eq!(serde_json::from_str::<Subject>(&json).unwrap(), subject);
        let toml = toml::to_string(&subject).unwrap();
        assert_eq!(toml::from_str::<Subject>(&toml).unwrap(), subject);
        assert_eq!(subject.members(), [NodeId(0), NodeId(1)]);
    }

    #[test]
    fn the_command_that_runs_a_program_again_is_quoted_for_a_shell() {
        let (_, last) = program().words().unwrap();
        assert_eq!(last.join(" "), r"-- python3 'my node.py' 'it'\''s' ''");
    }

    #[test]
    fn no_program_is_refused_with_an_example() {
        let refused = Program::new(None, Vec::new()).unwrap_err();
        assert!(refused.contains("rashomon run maelstrom --workload lin-kv -- "), "{refused}");
    }
}
