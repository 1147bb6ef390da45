//! Breaches of the models of sessions, told step by step.

mod argument;
mod order;
mod visible;

use self::argument::Argument;
use crate::linearizability::deed;
use crate::weak::{ReadOrWrite, SessionView, Sessions};
use crate::{
    Anomaly, AnomalyClass, Consistency, Fact, History, OpIndex, Property, Value, Witness, WitnessOp,
};

/// The anomaly that the operations `ops` of a view show, which violate `model` by themselves.
pub(super) fn anomaly(
    history: &History,
    view: &SessionView,
    model: Consistency,
    ops: &[u32],
) -> Anomaly {
    let told = |&op: &u32| WitnessOp::new(&history.operation(view.ops[op as usize]));
    let operations: Vec<WitnessOp> = ops.iter().map(told).collect();
    let small = view.sessions.only(ops);
    let argument = argue(model, &small, &OperationNames::new(&small, &operations));
    let named = |&op: &u32| operations[op as usize].index;
    let fact = |(text, ops): &(String, Vec<u32>)| Fact {
        text: text.clone(),
        ops: ops.iter().map(named).collect(),
    };
    let facts = argument.steps.iter().map(fact).collect();
    Anomaly {
        class: argument.class,
        key: None,
        summary: argument.summary,
        facts,
        witness: witness(model, operations),
    }
}

/// The anomaly of a read of what nothing wrote, or only a `write` that failed.
pub(super) fn from_nothing(
    history: &History,
    model: Consistency,
    write: Option<OpIndex>,
    read: OpIndex,
) -> Anomaly {
    let told = |op: OpIndex| WitnessOp::new(&history.operation(op));
    let read = told(read);
    let said = sentence(&read);
    let (class, summary, pattern) = match write {
        None => (
            AnomalyClass::ReadFromNowhere,
            format!("{said}, which no operation wrote: {model} forbids that"),
            "no operation wrote that value to that key (ThinAirRead)",
        ),
        Some(_) => (
            AnomalyClass::FalseFailure,
            format!("{said}, though the write of that value failed: {model} forbids that"),
            "a write that certainly failed took no effect",
        ),
    };
    let ops = [write, Some(read.index)].into_iter().flatten().collect();
    let facts =
        vec![Fact { text: said, ops: vec![read.index] }, Fact { text: pattern.to_owned(), ops }];
    let key = read.key.clone();
    let operations = write.map(told).into_iter().chain([read]).collect();
    Anomaly { class, key, summary, facts, witness: witness(model, operations) }
}

fn witness(model: Consistency, mut operations: Vec<WitnessOp>) -> Witness {
    operations.sort_by_key(|op| op.invoked);
    Witness { property: Property::Sessions(model), operations, order: Vec::new(), stuck: None }
}

/// More operations than this are not argued about: that takes more than the square of their number, and
/// nobody reads it.
const ARGUED_MAX: u32 = 200;

fn argue(model: Consistency, small: &Sessions, names: &OperationNames) -> Argument {
    let argument = match model {
        _ if small.len() > ARGUED_MAX => None,
        Consistency::ReadYourWrites
        | Consistency::MonotonicReads
        | Consistency::MonotonicWrites
        | Consistency::WritesFollowReads => visible::argue(model, small, names),
        _ => order::argue(model, small, names),
    };
    let mut argument = argument.unwrap_or_else(|| Argument::plain(model, small.len()));
    let mut steps: Vec<(String, Vec<u32>)> =
        (0..small.len()).map(|op| (names.introduction(op), vec![op])).collect();
    steps.append(&mut argument.steps);
    Argument { steps, ..argument }
}

/// What operations are called in an argument: `w1`, `r1`, and `u1` for an update.
pub(super) struct OperationNames {
    short: Vec<String>,
    who: Vec<String>,
    said: Vec<String>,
}

impl OperationNames {
    fn new(small: &Sessions, operations: &[WitnessOp]) -> Self {
        let mut counts = [0; 3];
        let mut name = |op: u32| {
            let (letter, count) = match small.access(op) {
                ReadOrWrite::Read(_) => ("r", &mut counts[0]),
                ReadOrWrite::Write => ("w", &mut counts[1]),
                ReadOrWrite::Update(_) => ("u", &mut counts[2]),
            };
            *count += 1;
            format!("{letter}{count}")
        };
        Self {
            short: (0..small.len()).map(&mut name).collect(),
            who: operations.iter().map(|op| op.who().to_string()).collect(),
            said: operations.iter().map(sentence).collect(),
        }
    }

    /// The name of an operation.
    fn of(&self, op: u32) -> &str {
        &self.short[op as usize]
    }

    /// Whose operation it is.
    fn who(&self, op: u32) -> &str {
        &self.who[op as usize]
    }

    fn introduction(&self, op: u32) -> String {
        format!("let {} be: {}", self.of(op), self.said[op as usize])
    }
}

/// `p3 wrote 5 to x`.
fn sentence(op: &WitnessOp) -> String {
    let key = op.key.as_ref().map_or_else(String::new, |key| {
        let link = match &*op.f {
            "read" | "get" => "from",
            "cas" => "in",
            _ => "to",
        };
        format!(" {link} {key}")
    });
    let deed = match op.outcome.ok() {
        Some(Value::Nil) if matches!(&*op.f, "read" | "get") => "read the initial value".to_owned(),
        _ => deed(op),
    };
    format!("{} {deed}{key}", op.who())
}
