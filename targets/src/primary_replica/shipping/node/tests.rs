//! Nodes stepped by hand: commands in, effects out.

use super::*;
use crate::primary_replica::Replication;
use crate::{Effect, Emit, Returned, Token};

/// A cluster in which every message arrives at once and every record is durable at once, unless a
/// node is cut off.
struct Table {
    nodes: Vec<Shipping>,
    tails: Vec<PersistId>,
    cut_off: Vec<NodeId>,
    now: u64,
    messages: u64,
    answers: Vec<Answer>,
    /// The session token that came last.
    token: Option<Token>,
}

impl Table {
    fn new(config: Config) -> Self {
        let members: Vec<NodeId> = (1..=3).map(NodeId).collect();
        let boot = |&me: &NodeId| {
            let boot = Boot { me, members: members.clone(), incarnation: 1 };
            Shipping::recover(&(config, Vec::new()), boot, [])
        };
        let mut table = Self {
            nodes: members.iter().map(boot).collect(),
            tails: vec![PersistId(0); 3],
            cut_off: Vec::new(),
            now: 1,
            messages: 0,
            answers: Vec::new(),
            token: None,
        };
        for node in 1..=3 {
            table.give(node, Input::Start);
        }
        table
    }

    /// Gives a node an input, and carries out all that follows.
    fn give(&mut self, node: u16, input: Input<Message, Timer>) {
        let mut inputs = VecDeque::from([(NodeId(node), input)]);
        while let Some((id, input)) = inputs.pop_front() {
            let at = usize::from(id.0) - 1;
            let mut effects: Vec<Emit<Message, Record, Timer>> = Vec::new();
            let now = Now { monotonic: self.now, wall: self.now };
            let chance = &mut || 0;
            let mut out = Outbox::new(&mut effects, &mut self.tails[at], chance);
            self.nodes[at].handle(now, input, &mut out);
            let mut synced = None;
            for Emit { effect, .. } in effects {
                match effect {
                    Effect::Persist { id, .. } => synced = Some(id),
                    Effect::Reply { response, .. } => {
                        self.answers.push(response.answer);
                        self.token = response.tokens.session;
                    }
                    Effect::SetTimer { .. } | Effect::Administered(_) | Effect::Trace(_) => {}
                    Effect::Send { to, message } => {
                        self.messages += 1;
                        if !self.cut_off.contains(&to) && !self.cut_off.contains(&id) {
                            inputs.push_back((to, Input::Message { from: id, message }));
                        }
                    }
                }
            }
            if let Some(record) = synced {
                inputs.push_front((id, Input::Durable(record)));
            }
        }
    }

    fn put(&mut self, node: u16, value: i64) {
        let request = Request::of_nobody(KvOp::Put { key: "k".into(), value });
        self.give(node, Input::Request { id: RequestId(1), request });
    }

    /// A read of a session that has seen this.
    fn get(&mut self, node: u16, token: Option<Token>) {
        let mut request = Request::of_nobody(KvOp::Get { key: "k".into() });
        request.tokens.session = token;
        self.give(node, Input::Request { id: RequestId(2), request });
    }

    fn tick_all(&mut self, after: Nanos) {
        self.now += after;
        for node in 1..=3 {
            self.give(node, Input::Timer(Timer::Tick));
        }
    }

    fn digests(&self) -> Vec<crate::Digest> {
        self.nodes.iter().map(|node| node.status().digest).collect()
    }
}

fn config(failover: Failover) -> Config {
    Config { replication: Replication::Async, reads: Reads::Any, failover, ..Config::default() }
}

#[test]
fn what_the_primary_takes_every_replica_gets() {
    let mut table = Table::new(config(Failover::None));
    table.put(1, 41);
    assert_eq!(table.answers, [Answer::done()]);
    assert!(table.nodes.iter().all(|node| node.applied == 1));
    table.put(2, 42);
    let refused = Answer::Fail { code: FailCode::NotPrimary, hint: Some(NodeId(1)) };
    assert_eq!(table.answers[1], refused);
}

#[test]
fn a_read_waits_for_what_its_session_has_seen_and_is_refused_after_a_while() {
    let mut table = Table::new(Config { session_tokens: true, ..config(Failover::None) });
    table.cut_off = vec![NodeId(3)];
    table.put(1, 41);
    let written = table.token.clone();
    assert_eq!(written, Some(Token("1".into())));
    table.get(3, written.clone());
    assert_eq!(table.answers.len(), 1, "n3 has not what the session has written");
    table.get(3, None);
    let nothing = Answer::Ok { returned: Returned::Value(None) };
    assert_eq!((&table.answers[1], &table.token), (&nothing, &Some(Token("0".into()))));
    table.cut_off.clear();
    table.tick_all(TICK_EVERY);
    let value = Answer::Ok { returned: Returned::Value(Some(41)) };
    assert_eq!((&table.answers[2], &table.token), (&value, &written));
    table.get(2, Some(Token("2".into())));
    assert_eq!(table.answers.len(), 3);
    table.tick_all(TICK_EVERY);
    assert_eq!(table.answers.len(), 3, "it waits on");
    table.tick_all(300_000_000);
    assert_eq!(table.answers[3], Answer::fail(FailCode::NotReady));
    table.get(2, Some(Token("nonsense".into())));
    assert_eq!(table.answers[4], Answer::fail(FailCode::BadToken));
}

#[test]
fn a_sync_write_waits_for_every_disk_and_a_lonely_primary_refuses() {
    let sync = Config { replication: Replication::Sync, ..config(Failover::None) };
    let mut table = Table::new(sync);
    table.tick_all(TICK_EVERY);
    table.cut_off = vec![NodeId(3)];
    table.put(1, 41);
    assert_eq!(table.answers, [], "n3 does not have it");
    table.cut_off.clear();
    table.tick_all(TICK_EVERY);
    assert_eq!(table.answers, [Answer::done()]);
    table.cut_off = vec![NodeId(2), NodeId(3)];
    table.now += PEER_GONE_AFTER;
    table.put(1, 42);
    assert_eq!(table.answers[1], Answer::fail(FailCode::NoQuorum));
}

#[test]
fn nothing_is_shown_after_a_restart_before_it_is_committed_again() {
    let semi = Config { replication: Replication::SemiSync, ..config(Failover::None) };
    let members: Vec<NodeId> = (1..=3).map(NodeId).collect();
    let entry = Entry { epoch: 1, op: Some(KvOp::Put { key: "k".into(), value: 41 }) };
    let boot = Boot { me: NodeId(1), members, incarnation: 2 };
    let node =
        Shipping::recover(&(semi, Vec::new()), boot, [Record::Epoch(1), Record::Append(entry)]);
    let mut table = Table::new(semi);
    table.nodes[0] = node;
    table.cut_off = vec![NodeId(2), NodeId(3)];
    let request = Request::of_nobody(KvOp::Get { key: "k".into() });
    table.give(1, Input::Request { id: RequestId(1), request: request.clone() });
    assert_eq!(table.answers, [Answer::fail(FailCode::NotReady)]);
    table.cut_off.clear();
    table.tick_all(TICK_EVERY);
    table.give(1, Input::Request { id: RequestId(2), request });
    assert_eq!(table.answers[1], Answer::Ok { returned: Returned::Value(Some(41)) });
}

#[test]
fn primaries_of_a_split_reconcile_in_a_few_messages_however_far_they_went() {
    let mut table = Table::new(config(Failover::Naive));
    table.put(1, 1);
    table.cut_off = vec![NodeId(1)];
    for _ in 0..20 {
        table.tick_all(TICK_EVERY);
    }
    let primaries = table.nodes.iter().filter(|node| node.role == Role::Primary).count();
    assert!(primaries >= 2, "n1 still believes, and another has promoted itself");
    let other = table.nodes[1..].iter().find(|node| node.role == Role::Primary).unwrap().me;
    for value in 0..2000 {
        table.put(1, value);
        table.put(other.0, 10_000 + value);
    }
    table.cut_off.clear();
    let before = table.messages;
    for _ in 0..4 {
        table.tick_all(TICK_EVERY);
    }
    let digests = table.digests();
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    let primaries = table.nodes.iter().filter(|node| node.role == Role::Primary).count();
    assert_eq!(primaries, 1);
    assert!(table.messages - before < 100, "{} messages", table.messages - before);
}

#[test]
fn epochs_of_different_nodes_never_collide() {
    let mut table = Table::new(config(Failover::Naive));
    table.cut_off = (1..=3).map(NodeId).collect();
    for _ in 0..20 {
        table.tick_all(TICK_EVERY);
    }
    let mut epochs: Vec<u64> = table.nodes.iter().map(|node| node.epoch).collect();
    epochs.sort_unstable();
    epochs.dedup();
    assert_eq!(epochs.len(), 3, "{epochs:?}");
}

/// The first primary restarts as a replica, and nobody leads until another misses it.
#[test]
fn a_replica_that_has_not_heard_of_a_primary_in_this_life_is_not_at_rest() {
    let mut table = Table::new(config(Failover::Naive));
    table.put(1, 41);
    assert!(table.nodes.iter().all(|node| node.status().settled), "all have heard of n1");
    let members: Vec<NodeId> = (1..=3).map(NodeId).collect();
    let boot = Boot { me: NodeId(1), members, incarnation: 2 };
    let records = [Record::Epoch(1)];
    table.nodes[0] = Shipping::recover(&(config(Failover::Naive), Vec::new()), boot, records);
    table.give(1, Input::Start);
    assert!(!table.nodes[0].status().settled, "it knows of no primary");
    for _ in 0..20 {
        table.tick_all(TICK_EVERY);
    }
    assert!(table.nodes.iter().all(|node| node.status().settled), "another was promoted");
    assert!(table.digests().iter().all(|digest| *digest == table.digests()[0]));
}

/// The two rules by which a late message does no harm: see the module's table.
#[test]
fn what_a_primary_could_still_forget_is_sent_to_nobody() {
    let members: Vec<NodeId> = (1..=3).map(NodeId).collect();
    let boot = Boot { me: NodeId(1), members, incarnation: 1 };
    let naive = (config(Failover::Naive), Vec::new());
    let mut node = Shipping::recover(&naive, boot, []);
    let mut tail = PersistId(0);
    let mut give = |node: &mut Shipping, input| {
        let mut effects: Vec<Emit<Message, Record, Timer>> = Vec::new();
        let mut chance = || 0;
        let mut out = Outbox::new(&mut effects, &mut tail, &mut chance);
        node.handle(Now { monotonic: 1, wall: 1 }, input, &mut out);
        (effects, tail)
    };
    let appends = |effects: &[Emit<Message, Record, Timer>]| {
        let sent = effects.iter().filter_map(|emit| match &emit.effect {
            Effect::Send { message: Message::Append { entries, .. }, .. } => {
                Some((emit.after, entries.len()))
            }
            _ => None,
        });
        sent.collect::<Vec<_>>()
    };
    let (effects, epoch) = give(&mut node, Input::Start);
    assert_eq!(appends(&effects), [(epoch, 0); 2], "the epoch is announced once it is durable");
    give(&mut node, Input::Durable(epoch));
    let op = KvOp::Put { key: "k".into(), value: 41 };
    let request = Request::of_nobody(op);
    let (effects, entry) = give(&mut node, Input::Request { id: RequestId(1), request });
    assert_eq!(appends(&effects), [], "the entry is not on this disk");
    let (effects, _) = give(&mut node, Input::Timer(Timer::Tick));
    assert_eq!(appends(&effects), [(PersistId(0), 0); 2], "a heartbeat is without it");
    let (effects, _) = give(&mut node, Input::Durable(entry));
    assert_eq!(appends(&effects), [(PersistId(0), 1); 2], "it is, and is sent");
}
