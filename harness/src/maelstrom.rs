//! What the Maelstrom protocol has nodes and clients say, as types.

use serde::Serialize;
use serde_json::{Map, Value};

/// A body as it is in a message: what nodes say to each other is theirs, and carried as it is.
pub(crate) type Raw = Map<String, Value>;

/// What is said.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Said {
    /// Who a node is.
    Init {
        /// Its name.
        node_id: String,
        /// All names.
        node_ids: Vec<String>,
    },
    /// It knows.
    InitOk,
    /// What does a register hold?
    Read {
        /// Which.
        key: Value,
    },
    /// This.
    ReadOk {
        /// What it holds.
        value: i64,
    },
    /// Have a register hold this.
    Write {
        /// Which.
        key: Value,
        /// What it is to hold.
        value: i64,
    },
    /// It does.
    WriteOk,
    /// Have a register hold `to` if it holds `from`.
    Cas {
        /// Which.
        key: Value,
        /// What it must hold.
        from: i64,
        /// What it then holds.
        to: i64,
    },
    /// It does.
    CasOk,
    /// Say this again.
    Echo {
        /// What.
        echo: Value,
    },
    /// It is said again.
    EchoOk {
        /// What was said.
        echo: Value,
    },
    /// An identifier, please, that nobody else gets.
    Generate,
    /// It was not done, or nobody knows: the code tells.
    Error {
        /// Which error.
        code: u16,
        /// In words.
        text: String,
    },
    /// A message between our own nodes.
    Peer {
        /// As their protocol has it.
        message: Value,
    },
}

/// A body: what is said, with the number of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Body {
    #[serde(flatten)]
    said: Said,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<u64>,
}

impl Body {
    /// Something that nobody answers.
    pub(crate) fn said(said: Said) -> Raw {
        Self { said, msg_id: None, in_reply_to: None }.raw()
    }

    /// A request of this number.
    pub(crate) fn request(number: u64, said: Said) -> Raw {
        Self { said, msg_id: Some(number), in_reply_to: None }.raw()
    }

    /// The answer to the request of this number.
    pub(crate) fn answer(number: Option<u64>, said: Said) -> Raw {
        Self { said, msg_id: None, in_reply_to: number }.raw()
    }

    fn raw(&self) -> Raw {
        match serde_json::to_value(self) {
            Ok(Value::Object(raw)) => raw,
            other => unreachable!("a body is an object: {other:?}"),
        }
    }
}
