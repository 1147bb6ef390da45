//! A text that can be replaced and appended to: one key of Porcupine's key-value model.

use std::sync::Arc;

use super::{Model, Observed, SHARED};

/// A text, initially empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text;

/// What a client may ask of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextOp {
    /// What is it?
    Get,
    /// Be this.
    Put(Arc<str>),
    /// Go on with this.
    Append(Arc<str>),
}

/// What a client may be told by a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextRet {
    /// It was this.
    Got(Arc<str>),
    /// It was changed.
    Done,
}

impl Model for Text {
    type State = Arc<str>;
    type Op = TextOp;
    type Ret = TextRet;
    type Next = Option<Arc<str>>;

    fn init(&self) -> Arc<str> {
        Arc::from("")
    }

    fn step(&self, state: &Arc<str>, op: &TextOp, seen: Observed<&TextRet>) -> Option<Arc<str>> {
        match (op, seen) {
            (TextOp::Get, Observed::Returned(TextRet::Got(text))) => {
                (text == state).then(|| state.clone())
            }
            (TextOp::Get, Observed::Lost) => Some(state.clone()),
            (TextOp::Put(_) | TextOp::Append(_), Observed::Returned(TextRet::Got(_)))
            | (TextOp::Get, Observed::Returned(TextRet::Done)) => None,
            (TextOp::Put(text), Observed::Returned(TextRet::Done) | Observed::Lost) => {
                Some(text.clone())
            }
            (TextOp::Append(text), Observed::Returned(TextRet::Done) | Observed::Lost) => {
                Some(Arc::from([&**state, &**text].concat()))
            }
        }
    }

    fn is_pure(&self, op: &TextOp, _seen: Observed<&TextRet>) -> bool {
        matches!(op, TextOp::Get)
    }

    fn state_bytes(&self, state: &Arc<str>) -> usize {
        SHARED + state.len()
    }
}
