use std::collections::VecDeque;

use super::*;
use crate::multi_leader::{Topology, VersionVector};
use crate::{Chance, Effect, Emit, Key, KvOp, Returned, Value};

/// Leaders whose messages arrive in the order of sending, and whose disks are at once.
struct Cluster {
    nodes: Vec<MultiLeader>,
    tails: Vec<PersistId>,
    /// From, to, what.
    wire: VecDeque<(NodeId, NodeId, Message)>,
    answers: Vec<Answer>,
    wall: Nanos,
}

impl Cluster {
    fn new(topology: Topology, nodes: u16, bugs: &[PlantedBug]) -> Self {
        let members: Vec<NodeId> = (1..=nodes).map(NodeId).collect();
        let config = (Config { topology }, bugs.to_vec());
        let boot = |&me: &NodeId| Boot { me, members: members.clone(), incarnation: 1 };
        let born = members.iter().map(|me| MultiLeader::recover(&config, boot(me), [])).collect();
        let tails = vec![PersistId(0); members.len()];
        let (wire, answers) = (VecDeque::new(), Vec::new());
        let mut cluster = Self { nodes: born, tails, wire, answers, wall: 1_000 };
        for &node in &members {
            cluster.step(node, Input::Start);
        }
        cluster
    }

    fn step(&mut self, node: NodeId, input: Input<Message, Timer>) {
        let at = usize::from(node.0) - 1;
        let mut effects = Vec::<Emit<_, _, _>>::new();
        let chance: Chance<'_> = &mut || 0;
        let now = Now { monotonic: self.wall, wall: self.wall };
        let mut out = Outbox::new(&mut effects, &mut self.tails[at], chance);
        self.nodes[at].handle(now, input, &mut out);
        let tail = self.tails[at];
        self.nodes[at].durable = tail;
        for Emit { effect, .. } in effects {
            match effect {
                Effect::Send { to, message } => self.wire.push_back((node, to, message)),
                Effect::Reply { response, .. } => self.answers.push(response.answer),
                Effect::SetTimer { .. }
                | Effect::Persist { .. }
                | Effect::Administered(_)
                | Effect::Trace(_) => {}
            }
        }
    }

    fn deliver(&mut self) {
        while let Some((from, to, message)) = self.wire.pop_front() {
            self.step(to, Input::Message { from, message });
        }
    }

    fn ask(&mut self, node: u16, op: KvOp) -> Answer {
        let request = Request::of_nobody(op);
        self.step(NodeId(node), Input::Request { id: RequestId(1), request });
        self.answers.pop().expect("a leader answers at once")
    }

    fn put(&mut self, node: u16, value: Value) {
        self.wall += 1;
        assert_eq!(self.ask(node, KvOp::Put { key: key(), value }), Answer::done());
    }

    fn reads(&mut self) -> Vec<Option<Value>> {
        self.names()
            .map(|node| match self.ask(node, KvOp::Get { key: key() }) {
                Answer::Ok { returned: Returned::Value(value) } => value,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn counts(&mut self) -> Vec<Value> {
        self.names()
            .map(|node| match self.ask(node, KvOp::Count { key: key() }) {
                Answer::Ok { returned: Returned::Count(value) } => value,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn tick(&mut self) {
        for node in self.names() {
            self.step(NodeId(node), Input::Timer(Timer::Tick));
        }
    }

    fn names(&self) -> std::ops::RangeInclusive<u16> {
        1..=u16::try_from(self.nodes.len()).unwrap()
    }

    fn settled(&self) -> bool {
        self.nodes.iter().all(|node| node.status().settled)
    }
}

fn key() -> Key {
    "k".into()
}

#[test]
fn the_later_stamp_wins_on_every_leader_whatever_the_order_of_arrival() {
    for topology in [Topology::All, Topology::Ring, Topology::Star] {
        let mut cluster = Cluster::new(topology, 4, &[]);
        cluster.deliver();
        cluster.put(1, 10);
        cluster.put(3, 30);
        assert_eq!(cluster.reads(), [Some(10), None, Some(30), None], "{topology:?}");
        assert!(!cluster.settled(), "{topology:?}");
        cluster.wire.make_contiguous().reverse();
        cluster.deliver();
        assert_eq!(cluster.reads(), [Some(30); 4], "{topology:?}");
        assert!(cluster.settled(), "{topology:?}");
    }
}

#[test]
fn what_was_lost_on_the_way_is_shipped_again() {
    for topology in [Topology::All, Topology::Ring, Topology::Star] {
        let mut cluster = Cluster::new(topology, 3, &[]);
        cluster.wire.clear(); // Nobody knows what anybody holds.
        cluster.put(2, 20);
        cluster.put(2, 21);
        assert!(!cluster.settled(), "{topology:?}");
        for _ in 0..3 {
            cluster.tick();
            cluster.deliver();
        }
        assert_eq!(cluster.reads(), [Some(21); 3], "{topology:?}");
        assert!(cluster.settled(), "{topology:?}");
    }
}

#[test]
fn a_leader_that_was_away_catches_up_in_batches() {
    let mut cluster = Cluster::new(Topology::All, 2, &[]);
    cluster.wire.clear();
    for value in 0..1_000 {
        cluster.put(1, value);
    }
    cluster.tick();
    cluster.deliver();
    assert_eq!(cluster.reads(), [Some(999); 2]);
    assert!(cluster.settled());
}

#[test]
fn an_update_that_arrives_twice_counts_once() {
    let again = |bugs: &[PlantedBug]| {
        let mut cluster = Cluster::new(Topology::Ring, 3, bugs);
        cluster.deliver();
        cluster.ask(1, KvOp::Increment { key: key(), by: 5 });
        let copy = cluster.wire.clone();
        cluster.wire.extend(copy);
        cluster.deliver();
        cluster.counts()
    };
    assert_eq!(again(&[]), [5, 5, 5]);
    assert_ne!(again(&[crate::multi_leader::APPLIED_AGAIN]), [5, 5, 5]);
}

#[test]
fn a_leader_remembers_what_its_disk_holds_and_goes_on_numbering() {
    let mut cluster = Cluster::new(Topology::All, 2, &[]);
    cluster.deliver();
    cluster.put(1, 10);
    cluster.deliver();
    let of = |node: &MultiLeader| node.state.after(NodeId(1), 0).to_vec();
    let records = of(&cluster.nodes[0]);
    assert_eq!(records, of(&cluster.nodes[1]));
    let boot = Boot { me: NodeId(1), members: vec![NodeId(1), NodeId(2)], incarnation: 2 };
    cluster.nodes[0] = MultiLeader::recover(&(Config::default(), Vec::new()), boot, records);
    cluster.wall = 0; // Its clock went back while it was down.
    cluster.put(1, 11);
    assert_eq!(cluster.nodes[0].state.held(), VersionVector::from([(NodeId(1), 2)]));
    cluster.tick();
    cluster.deliver();
    assert_eq!(cluster.reads(), [Some(11); 2], "its own later write wins");
}

#[test]
fn a_compare_and_set_is_refused() {
    let mut cluster = Cluster::new(Topology::All, 2, &[]);
    let answer = cluster.ask(1, KvOp::Cas { key: key(), old: 1, new: 2 });
    assert_eq!(answer, Answer::fail(FailCode::Unsupported));
}
