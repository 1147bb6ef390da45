//! What a client says of itself reaches nodes, and what they give to it comes back, in each world whose
//! clients speak our own protocol.

use std::path::Path;
use std::sync::mpsc;

use rashomon_checker::Time;
use rashomon_targets::{
    Answer, Boot, Caller, Digest, FailCode, Input, Node, NodeId, Now, Outbox, Pace, Request,
    Response, Role, Status, Token, Tokens,
};
use rashomon_workloads::{Action, Op, Place, RegisterOp, Returned, Seed};

use super::processes::{Cluster, ClusterOptions, ClusterTrace};
use super::simulation::Simulation;
use super::{CallId, Happening, Reply, World};
use crate::frame::ClusterId;
use crate::node::{NodeConfig, serve_and_tell};
use crate::trace::Tracer;

/// A node that answers with what it receives beside the operation, each a decimal place: operation,
/// client, session token, context token. It gives the next number of each token.
struct Echo;

impl Node for Echo {
    type Message = ();
    type Record = ();
    type Timer = ();
    type Config = ();

    fn recover((): &(), _: Boot, _: impl IntoIterator<Item = ()>) -> Self {
        Self
    }

    fn handle(&mut self, _: Now, input: Input<(), ()>, out: &mut Outbox<'_, (), (), ()>) {
        let Input::Request { id, request: Request { caller, tokens, .. } } = input else { return };
        let Some(Caller { client, seq }) = caller else {
            return out.reply(id, Answer::fail(FailCode::NotReady));
        };
        let number =
            |token: Option<Token>| token.map_or(0, |Token(text)| text.parse::<u64>().unwrap());
        let (session, context) = (number(tokens.session), number(tokens.context));
        let value = seq * 1000 + client * 100 + session * 10 + context;
        let returned = rashomon_targets::Returned::Value(Some(value.cast_signed()));
        let token = |number: u64| Some(Token(number.to_string().into()));
        let tokens = Tokens { session: token(session + 1), context: token(context + 1) };
        out.reply(id, Response { answer: Answer::Ok { returned }, tokens });
    }

    fn status(&self) -> Status {
        Status::settled(Role::Peer, Digest(0))
    }

    fn describe((): &()) -> String {
        String::new()
    }
}

fn told(world: &mut impl World, caller: Caller, key: &str) -> i64 {
    let action = Action::Register(key.into(), RegisterOp::Read);
    let call = CallId(caller.client * 10 + caller.seq);
    world.submit(call, caller, NodeId(1), &Op { action, place: Place::Any });
    let until = Time(world.now().0 + 20_000_000_000);
    match world.next(until) {
        Happening::Replied(of, Reply::Done(Returned::Value(Some(value)))) if of == call => value,
        other => panic!("{other:?}"),
    }
}

fn a_node_sees_who_asks_and_what_it_gave_before(world: &mut impl World) {
    let of = |client, seq| Caller { client, seq };
    assert_eq!(told(world, of(1, 1), "k"), 1100);
    assert_eq!(told(world, of(1, 2), "k"), 2111, "both tokens come back");
    assert_eq!(told(world, of(1, 3), "j"), 3120, "the context is of another key");
    assert_eq!(told(world, of(2, 1), "k"), 1200, "another client has been given nothing");
    assert_eq!(told(world, of(1, 4), "k"), 4132);
}

#[test]
fn a_node_sees_who_asks_and_what_it_gave_before_in_simulation() {
    a_node_sees_who_asks_and_what_it_gave_before(&mut Simulation::<Echo>::new((), 1, Seed(7)));
}

/// The node serves from this process, in whose stead the world starts one that says where.
#[test]
fn a_node_sees_who_asks_and_what_it_gave_before_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let config = NodeConfig {
        cluster: ClusterId(1),
        me: NodeId(1),
        members: vec![NodeId(1)],
        data: folder.path().join("echo"),
        client_port: 0,
        seed: 7,
        peers: [].into(),
        trace: false,
        target: (),
    };
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        serve_and_tell::<Echo, ()>(&config, &(), |addresses| Ok(tell.send(*addresses)?))
    });
    let addresses = serde_json::to_string(&told.recv().unwrap()).unwrap();
    std::fs::create_dir_all(folder.path().join("n1")).unwrap();
    std::fs::write(folder.path().join("n1/addresses"), format!("{addresses}\n")).unwrap();
    let options = ClusterOptions {
        program: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/serves_elsewhere.sh"),
        members: vec![NodeId(1)],
        target: 0,
        folder: folder.path().to_owned(),
        base_port: None,
        seed: Seed(7),
        pace: Pace::LOCAL,
        shown_to: ClusterTrace::to::<Echo>(Tracer::default()),
    };
    a_node_sees_who_asks_and_what_it_gave_before(&mut Cluster::start(&options).unwrap());
}
