//! What clients do, and what a single copy of the object answers.

use std::collections::VecDeque;

use rashomon_checker::{ModelKind, Value};

use super::{Chance, Op};

/// What the clients share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// A text: half appends of one of a hundred words, half gets.
    Text,
    /// A list: half appends of one of a hundred elements, half reads.
    List,
    /// A queue of three values.
    Queue,
    /// A stack of twenty values.
    Stack,
    /// A stack on which each value is pushed once.
    Fresh,
    /// A set of twenty elements.
    Set,
    /// A counter: half reads, half amounts from -5 to 4.
    Small,
    /// A counter: half reads, half amounts of 1000 or -1000.
    Large,
    /// A register of fifty values, half reads.
    Register,
    /// A register of twenty values: a third each of reads, writes and swaps.
    Cas,
}

/// One copy of any of them.
#[derive(Default)]
struct Copy {
    text: String,
    items: VecDeque<Value>,
    sum: i64,
    value: Option<Value>,
}

impl Object {
    pub(super) const fn model(self) -> ModelKind {
        match self {
            Self::Text => ModelKind::Kv,
            Self::List => ModelKind::ListAppend,
            Self::Queue => ModelKind::Queue,
            Self::Stack | Self::Fresh => ModelKind::Stack,
            Self::Set => ModelKind::Set,
            Self::Small | Self::Large => ModelKind::Counter,
            Self::Register => ModelKind::Register,
            Self::Cas => ModelKind::CasRegister,
        }
    }

    /// Lets the operations take effect one after the other.
    pub(super) fn run(self, ops: &mut [Op], chance: &mut Chance) {
        let mut copy = Copy::default();
        for (number, op) in (0..).zip(ops) {
            (op.f, op.argument) = self.draw(number, chance);
            op.ret = copy.apply(self, op.f, &op.argument);
        }
    }

    fn draw(self, number: i64, chance: &mut Chance) -> (&'static str, Value) {
        let mut below = |bound: u64| chance.below(bound).cast_signed();
        match self {
            Self::Text if below(2) == 0 => ("append", Value::str(&format!("x {} y", below(100)))),
            Self::Text => ("get", Value::Nil),
            Self::List if below(2) == 0 => ("append", Value::Int(below(100))),
            Self::Queue if below(2) == 0 => ("enqueue", Value::Int(below(3))),
            Self::Queue => ("dequeue", Value::Nil),
            Self::Stack if below(2) == 0 => ("push", Value::Int(below(20))),
            Self::Fresh if below(2) == 0 => ("push", Value::Int(number)),
            Self::Stack | Self::Fresh => ("pop", Value::Nil),
            Self::Set => {
                let element = Value::Int(below(20));
                [("add", element.clone()), ("remove", element.clone()), ("contains", element)]
                    [usize::try_from(below(3)).expect("it is small")]
                .clone()
            }
            Self::Small if below(2) == 0 => ("add", Value::Int(below(10) - 5)),
            Self::Large if below(2) == 0 => ("add", Value::Int(below(2) * 2_000 - 1_000)),
            Self::Register if below(2) == 0 => ("write", Value::Int(below(50))),
            Self::Cas => match below(3) {
                0 => ("read", Value::Nil),
                1 => ("write", Value::Int(below(20))),
                _ => ("cas", Value::list([Value::Int(below(20)), Value::Int(below(20))])),
            },
            Self::List | Self::Small | Self::Large | Self::Register => ("read", Value::Nil),
        }
    }
}

impl Copy {
    /// Does it, and says what came of it.
    fn apply(&mut self, object: Object, f: &str, argument: &Value) -> Value {
        let has = |items: &VecDeque<Value>| items.contains(argument);
        match f {
            "append" if object == Object::Text => {
                self.text.push_str(argument.as_str().unwrap_or_default());
            }
            "get" => return Value::str(&self.text),
            "append" | "enqueue" | "push" => self.items.push_back(argument.clone()),
            "dequeue" => return self.items.pop_front().unwrap_or(Value::Nil),
            "pop" => return self.items.pop_back().unwrap_or(Value::Nil),
            "add" if object == Object::Set => {
                if !has(&self.items) {
                    self.items.push_back(argument.clone());
                }
            }
            "add" => self.sum += argument.as_int().unwrap_or_default(),
            "remove" => self.items.retain(|it| it != argument),
            "contains" => return Value::Bool(has(&self.items)),
            "write" => self.value = Some(argument.clone()),
            "cas" => {
                let pair = argument.as_list().unwrap_or_default();
                let swaps = self.value.as_ref() == pair.first();
                if swaps {
                    self.value = pair.get(1).cloned();
                }
                return Value::Bool(swaps);
            }
            _ => {
                return match object {
                    Object::List => Value::list(self.items.iter().cloned()),
                    Object::Small | Object::Large => Value::Int(self.sum),
                    _ => self.value.clone().unwrap_or(Value::Nil),
                };
            }
        }
        Value::Nil
    }
}
