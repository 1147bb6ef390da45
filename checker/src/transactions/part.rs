//! The parts of transactions, as values of a history.

use crate::Value;

/// A read of a key; what it returned is recorded by [`was`].
pub fn read(key: impl Into<Value>) -> Value {
    Value::list([Value::from("r"), key.into(), Value::Nil])
}

/// A read of a key that returned this: the value of a register or the items of a list; `()` for nothing.
pub fn was(key: impl Into<Value>, returned: impl Into<Value>) -> Value {
    Value::list([Value::from("r"), key.into(), returned.into()])
}

/// A write of a register. Write no value to a key twice.
pub fn write(key: impl Into<Value>, value: impl Into<Value>) -> Value {
    Value::list([Value::from("w"), key.into(), value.into()])
}

/// An append of an item to a list. Append no item to a key twice.
pub fn append(key: impl Into<Value>, item: impl Into<Value>) -> Value {
    Value::list([Value::from("append"), key.into(), item.into()])
}
