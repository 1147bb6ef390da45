//! `rashomon maelstrom-node`: a reference node that speaks the Maelstrom protocol over standard input
//! and output, so that whatever runs such nodes can run ours.
//!
//! Clients ask as in `lin-kv` and `echo`. What nodes say to each other are bodies of type `peer`, which carry their
//! messages as they are.

use std::io::{self, BufRead, Write};
use std::path::Path;

use anyhow::Context;
use rashomon_targets::{
    Answer, Boot, Caller, FailCode, KvOp, NodeId, PlantedBug, Protocol, Request, Response,
    Returned, Shell, TargetConfig, Visitor,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::runner::{self, Inbox, Inputs, Setup};
use super::{incarnation, wal};
use crate::maelstrom::{Body, Raw, Said};
use crate::trace::Tracer;

/// A message from any sender.
#[derive(Debug, Serialize, Deserialize)]
struct Message {
    src: String,
    dest: String,
    body: Raw,
}

/// What the first message says.
#[derive(Debug, Deserialize)]
struct Init {
    node_id: String,
    node_ids: Vec<String>,
    msg_id: u64,
}

/// Runs a node of this target, one of as many as `init` names, until standard input ends. Its disk is
/// below `data`.
///
/// # Errors
/// If the first line is no `init`, or its disk cannot be used.
pub(crate) fn run(target: &TargetConfig, data: &Path) -> anyhow::Result<()> {
    let first = io::stdin().lock().lines().next().context("standard input has no line")??;
    let message: Message =
        serde_json::from_str(&first).context("the first line is not a message")?;
    let init: Init = serde_json::from_value(Value::Object(message.body))
        .context("the first message is not `init`")?;
    let target = TargetConfig { nodes: u16::try_from(init.node_ids.len())?, ..target.clone() };
    target.validate()?;
    let here = Here { client: message.src, init, data: data.to_owned() };
    target.family.visit(Serve { here: &here, bugs: target.bugs.clone() })
}

/// Runs a node of some family.
struct Serve<'a> {
    here: &'a Here,
    bugs: Vec<PlantedBug>,
}

impl Visitor for Serve<'_> {
    type Out = anyhow::Result<()>;

    fn visit<P: Protocol>(self, settings: &P::Settings) -> Self::Out {
        serve::<P>(self.here, &(settings.clone(), self.bugs))
    }
}

/// Who this node is, and who told it.
struct Here {
    client: String,
    init: Init,
    data: std::path::PathBuf,
}

impl Here {
    /// The number of a name: nodes count from 1 in the order of `init`.
    fn number(&self, name: &str) -> Option<NodeId> {
        let at = self.init.node_ids.iter().position(|other| other == name)?;
        Some(NodeId(u16::try_from(at + 1).ok()?))
    }
}

fn serve<N: Protocol>(here: &Here, family: &N::Config) -> anyhow::Result<()> {
    let me = here.number(&here.init.node_id).context("`init` does not name its own node")?;
    let data = here.data.join(&here.init.node_id);
    std::fs::create_dir_all(&data).with_context(|| format!("create {}", data.display()))?;
    let incarnation = incarnation::bump(&data)?;
    let (wal, records) = wal::Wal::open(&data.join(wal::FILE))?;
    let members = (1..=here.init.node_ids.len()).filter_map(|n| Some(NodeId(n.try_into().ok()?)));
    let boot = Boot { me, members: members.collect(), incarnation };
    let shell = Shell::<N>::boot(family, boot, records);
    let (names, own) = (here.init.node_ids.clone(), here.init.node_id.clone());
    let send = move |to: NodeId, message: N::Message| {
        let dest = names.get(usize::from(to.0) - 1).cloned().unwrap_or_default();
        if let Ok(message) = serde_json::to_value(message) {
            say(&own, dest, Body::said(Said::Peer { message }));
        }
    };
    let trace = Tracer::default(); // Standard output is the protocol's.
    let setup = Setup { me, incarnation, seed: 0, send: Box::new(send), trace };
    let inputs = runner::start(shell, setup, wal)?;
    let body = Body::answer(Some(here.init.msg_id), Said::InitOk);
    say(&here.init.node_id, here.client.clone(), body);
    for line in io::stdin().lock().lines() {
        match serde_json::from_str::<Message>(&line?) {
            Ok(message) => take(here, message, &inputs),
            Err(error) => eprintln!("a line is not a message: {error}"),
        }
    }
    Ok(())
}

/// Gives the node what a message says.
fn take<M: DeserializeOwned>(here: &Here, message: Message, inputs: &Inputs<M>) {
    let Message { src, mut body, .. } = message;
    if let Some(from) = here.number(&src) {
        let said = body.remove("message").unwrap_or_default();
        match serde_json::from_value(said) {
            // The node's thread ends only with the process.
            Ok(said) => drop(inputs.send(Inbox::Message(from, said))),
            Err(error) => {
                eprintln!("{src} sent something that is not a message of this protocol: {error}");
            }
        }
        return;
    }
    let asked = body.get("msg_id").and_then(Value::as_u64);
    let own = here.init.node_id.clone();
    if body.get("type").and_then(Value::as_str) == Some("echo") {
        let echo = body.remove("echo").unwrap_or_default();
        return say(&own, src, Body::answer(asked, Said::EchoOk { echo }));
    }
    let Some(op) = operation(&body) else {
        let text = "only echo, and read, write and cas of whole numbers";
        return say(&own, src, Body::answer(asked, error(10, text)));
    };
    let done = if matches!(op, KvOp::Cas { .. }) { Said::CasOk } else { Said::WriteOk };
    let request = Request { caller: caller(&src, asked), ..Request::of_nobody(op) };
    // Clients of this protocol have no place for tokens.
    let tell = move |Response { answer, .. }| {
        say(&own, src, Body::answer(asked, answered(done, answer)));
    };
    let _ = inputs.send(Inbox::Request(request, Box::new(tell))); // As above.
}

/// Who asks: clients are `c1`, `c2`..., and number their messages.
fn caller(src: &str, msg_id: Option<u64>) -> Option<Caller> {
    Some(Caller { client: src.strip_prefix('c')?.parse().ok()?, seq: msg_id? })
}

/// What is asked, if it is something that the reference nodes have.
fn operation(body: &Raw) -> Option<KvOp> {
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let key = body.get("key")?.to_string().into();
    Some(match body.get("type")?.as_str()? {
        "read" => KvOp::Get { key },
        "write" => KvOp::Put { key, value: number("value")? },
        "cas" => KvOp::Cas { key, old: number("from")?, new: number("to")? },
        _ => return None,
    })
}

/// What an answer says, `done` being what it says where there is no value.
fn answered(done: Said, answer: Answer) -> Said {
    match answer {
        Answer::Ok { returned: Returned::Value(Some(value)) } => Said::ReadOk { value },
        Answer::Ok { returned: Returned::Value(None) } => error(20, "no such key"),
        // Of what this protocol has no words for, nothing is asked.
        Answer::Ok {
            returned:
                Returned::Done
                | Returned::Elements(_)
                | Returned::Count(_)
                | Returned::Items(_)
                | Returned::Values(_)
                | Returned::Acquired(_)
                | Returned::Transaction(_),
        } => done,
        Answer::Fail { code: FailCode::CasMismatch, .. } => error(22, "cas-mismatch"),
        Answer::Fail { code: FailCode::Unsupported, .. } => error(10, "unsupported"),
        Answer::Fail { code, .. } => error(11, &format!("{code:?}")),
        Answer::Indeterminate { reason } => error(0, &reason),
    }
}

fn error(code: u16, text: &str) -> Said {
    Said::Error { code, text: text.to_owned() }
}

/// Writes a message. If the reader has gone, the write fails and the end of input follows.
fn say(src: &str, dest: String, body: Raw) {
    let message = Message { src: src.to_owned(), dest, body };
    let Ok(mut line) = serde_json::to_vec(&message) else { return };
    line.push(b'\n');
    let mut out = io::stdout().lock();
    let _ = out.write_all(&line).and_then(|()| out.flush());
}
