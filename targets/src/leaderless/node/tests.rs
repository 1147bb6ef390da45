//! Laws of items, and coordinators stepped by hand.

use proptest::prelude::*;

use super::*;
use crate::leaderless::operation::DEADLINE;
use crate::leaderless::{Conflict, Context, Dot, Dotted, Hints, Life, Version};
use crate::{Answer, Effect, Emit, FailCode, KvOp, Request, RequestId, Returned, Token};

fn item() -> impl Strategy<Value = Item> {
    let register = (0..4u64, 1..3u16, 1..3u64).prop_map(|(counter, node, incarnation)| {
        let version = Version { counter, node: NodeId(node), incarnation };
        // A version stands for one write, so it decides the value.
        let value = i64::try_from(counter * 100 + u64::from(node) * 10 + incarnation).unwrap();
        Item::Register { version, value }
    });
    let set = prop::collection::btree_set(0..6i64, 0..4).prop_map(Item::Set);
    let dot = (1..3u16, 1..4u64).prop_map(|(node, number)| Dot {
        life: Life { node: NodeId(node), incarnation: 1 },
        number,
    });
    let write = (dot.clone(), prop::collection::vec(dot, 0..3)).prop_map(|(dot, seen)| {
        let mut context = Context::default();
        // A dot stands for one write, so it decides the value; nobody has seen a write that began later.
        seen.into_iter().filter(|seen| seen.number < dot.number).for_each(|seen| context.see(seen));
        Dotted::write(dot, i64::from(dot.life.node.0) * 10 + dot.number.cast_signed(), context)
    });
    let siblings = prop::collection::vec(write, 0..4).prop_map(|writes| {
        let mut all = Dotted::default();
        for write in &writes {
            all.join(write);
        }
        Item::Siblings(all)
    });
    prop_oneof![register, set, siblings]
}

fn joined(a: &Item, b: &Item) -> Item {
    let mut a = a.clone();
    a.join(b);
    a
}

fn alike(a: &Item, b: &Item) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

proptest! {
    #[test]
    fn joining_is_commutative_associative_and_idempotent(a in item(), b in item(), c in item()) {
        prop_assert_eq!(joined(&a, &a), a.clone());
        if alike(&a, &b) && alike(&b, &c) {
            prop_assert_eq!(joined(&a, &b), joined(&b, &a));
            prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
        }
    }
}

const QUORUM: Config = Config {
    n: 3,
    r: 2,
    w: 2,
    conflict: Conflict::Lww,
    write_back: true,
    read_repair: true,
    anti_entropy: false,
    hints: Hints::None,
};

/// The first operation of a coordinator's first life.
const FIRST: OperationId = OperationId { incarnation: 1, number: 1 };

/// A coordinator, its records not durable until told.
struct Bench {
    node: Leaderless,
    tail: PersistId,
    now: u64,
}

impl Bench {
    fn new(config: Config) -> Self {
        Self::in_life(config, 1)
    }

    fn in_life(config: Config, incarnation: Incarnation) -> Self {
        let members = (1..=config.n).map(NodeId).collect();
        let boot = Boot { me: NodeId(1), members, incarnation };
        let node = Leaderless::recover(&(config, Vec::new()), boot, []);
        Self { node, tail: PersistId(0), now: 1 }
    }

    fn give(&mut self, input: Input<Message, Timer>) -> Vec<Emit<Message, Record, Timer>> {
        let mut effects = Vec::new();
        let now = Now { monotonic: self.now, wall: self.now };
        let chance = &mut || 0;
        self.node.handle(now, input, &mut Outbox::new(&mut effects, &mut self.tail, chance));
        effects
    }

    fn ask(&mut self, op: KvOp) -> Vec<Emit<Message, Record, Timer>> {
        let request = Request::of_nobody(op);
        self.give(Input::Request { id: RequestId(7), request })
    }

    fn hear(&mut self, from: u16, message: Message) -> Vec<Emit<Message, Record, Timer>> {
        self.give(Input::Message { from: NodeId(from), message })
    }
}

fn register(counter: u64, value: i64) -> Item {
    Item::Register { version: Version { counter, node: NodeId(2), incarnation: 1 }, value }
}

fn answer(effects: &[Emit<Message, Record, Timer>]) -> Option<&Answer> {
    effects.iter().find_map(|emit| match &emit.effect {
        Effect::Reply { response, .. } => Some(&response.answer),
        _ => None,
    })
}

fn stores(effects: &[Emit<Message, Record, Timer>]) -> Vec<&Item> {
    let stored = effects.iter().filter_map(|emit| match &emit.effect {
        Effect::Send { message: Message::Store { item, .. }, .. } => Some(item),
        _ => None,
    });
    stored.collect()
}

#[test]
fn a_write_takes_a_version_above_all_it_was_told() {
    let mut bench = Bench::new(QUORUM);
    let asked = bench.ask(KvOp::Put { key: "k".into(), value: 5 });
    assert_eq!(stores(&asked), Vec::<&Item>::new(), "it asks before it stores");
    let told = bench.hear(2, Message::Queried { operation: FIRST, item: Some(register(9, 4)) });
    let Item::Register { version, value: 5 } = stores(&told)[0] else { panic!("{told:?}") };
    assert_eq!(version.counter, 10);
    assert_eq!(answer(&told), None, "nobody has stored it yet");
    let stored = bench.hear(2, Message::Stored { operation: FIRST });
    assert_eq!(answer(&stored), None, "its own copy is not durable, and one is not two");
    let durable = bench.give(Input::Durable(bench.tail));
    assert_eq!(answer(&durable), Some(&Answer::done()));
}

#[test]
fn a_read_that_is_not_unanimous_writes_back_before_it_answers() {
    let mut bench = Bench::new(QUORUM);
    bench.ask(KvOp::Get { key: "k".into() });
    let told = bench.hear(3, Message::Queried { operation: FIRST, item: Some(register(9, 4)) });
    assert_eq!(answer(&told), None);
    assert_eq!(stores(&told).len(), 2, "to both others");
    bench.hear(2, Message::Stored { operation: FIRST });
    let stored = bench.hear(3, Message::Stored { operation: FIRST });
    let read = Answer::Ok { returned: Returned::Value(Some(4)) };
    assert_eq!(answer(&stored), Some(&read));
}

#[test]
fn what_a_replica_shows_waits_for_its_disk() {
    let mut bench = Bench::new(QUORUM);
    let store = Message::Store { operation: Some(FIRST), key: "k".into(), item: register(1, 4) };
    let stored = bench.hear(2, store);
    let shown = bench.hear(3, Message::Query { operation: FIRST, key: "k".into() });
    for effects in [stored, shown] {
        let waits = effects.iter().filter(|emit| matches!(emit.effect, Effect::Send { .. }));
        assert!(waits.clone().count() > 0 && waits.clone().all(|emit| emit.after == bench.tail));
    }
}

#[test]
fn a_coordinator_that_reaches_nobody_says_what_it_knows() {
    let mut bench = Bench::new(QUORUM);
    bench.ask(KvOp::Get { key: "k".into() });
    bench.now += DEADLINE;
    let given_up = bench.give(Input::Timer(Timer::Operation(1)));
    assert_eq!(answer(&given_up), Some(&Answer::fail(FailCode::NoQuorum)));

    let mut bench = Bench::new(Config { write_back: false, ..QUORUM });
    bench.ask(KvOp::Put { key: "k".into(), value: 5 });
    bench.now += DEADLINE;
    let given_up = bench.give(Input::Timer(Timer::Operation(1)));
    assert!(matches!(answer(&given_up), Some(Answer::Indeterminate { .. })), "{given_up:?}");
}

/// A single node that keeps siblings.
fn keeps_siblings(incarnation: Incarnation) -> Bench {
    let (conflict, write_back) = (Conflict::Siblings, false);
    Bench::in_life(Config { n: 1, r: 1, w: 1, conflict, write_back, ..QUORUM }, incarnation)
}

/// Asks with this context, and returns the answer and the context that came with it.
fn with_context(bench: &mut Bench, op: KvOp, context: Option<&str>) -> (Answer, Option<String>) {
    let mut request = Request::of_nobody(op);
    request.tokens.context = context.map(|text| Token(text.into()));
    let mut effects = bench.give(Input::Request { id: RequestId(7), request });
    effects.extend(bench.give(Input::Durable(bench.tail)));
    let responses = effects.into_iter().filter_map(|emit| match emit.effect {
        Effect::Reply { response, .. } => Some(response),
        _ => None,
    });
    let response = responses.last().expect("it answers");
    (response.answer, response.tokens.context.map(|token| token.0.to_string()))
}

#[test]
fn a_read_gives_a_context_and_a_write_that_brings_it_overwrites_what_was_read() {
    let mut bench = keeps_siblings(1);
    let put = |value| KvOp::Assign { key: "k".into(), value };
    let get = || KvOp::Values { key: "k".into() };
    let values = |values: &[i64]| Answer::Ok { returned: Returned::Values(values.to_vec()) };
    assert_eq!(with_context(&mut bench, get(), None), (values(&[]), None));
    for value in [7, 5] {
        assert_eq!(with_context(&mut bench, put(value), None), (Answer::done(), None));
    }
    let (read, context) = with_context(&mut bench, get(), None);
    assert_eq!((read, context.as_deref()), (values(&[5, 7]), Some("1.1.2")));
    with_context(&mut bench, put(9), None);
    with_context(&mut bench, put(8), context.as_deref());
    assert_eq!(with_context(&mut bench, get(), None).0, values(&[8, 9]));
    // A context that the node never gave, and one that is none.
    with_context(&mut bench, put(1), Some("2.1.7"));
    assert_eq!(with_context(&mut bench, get(), None).1.as_deref(), Some("1.1.5,2.1.7"));
    let refused = with_context(&mut bench, put(2), Some("nonsense"));
    assert_eq!(refused, (Answer::fail(FailCode::BadToken), None));
    for op in [KvOp::Get { key: "k".into() }, KvOp::Put { key: "k".into(), value: 1 }] {
        assert_eq!(with_context(&mut bench, op, None).0, Answer::fail(FailCode::Unsupported));
    }
}

#[test]
fn a_removal_takes_away_what_its_coordinator_hears_of_and_refuses_to_remove_what_it_does_not() {
    let mut bench = keeps_siblings(1);
    let insert = |element| KvOp::Insert { key: "s".into(), element };
    let remove = |element| KvOp::Remove { key: "s".into(), element };
    let members =
        |elements: &[i64]| (Answer::Ok { returned: Returned::Elements(elements.to_vec()) }, None);
    let read = || KvOp::Members { key: "s".into() };
    for element in [7, 5, 7] {
        with_context(&mut bench, insert(element), None);
    }
    assert_eq!(with_context(&mut bench, read(), None), members(&[5, 7]));
    assert_eq!(with_context(&mut bench, remove(7), None), (Answer::done(), None));
    assert_eq!(with_context(&mut bench, read(), None), members(&[5]));
    let refused = (Answer::fail(FailCode::NotObserved), None);
    assert_eq!(with_context(&mut bench, remove(7), None), refused);
    with_context(&mut bench, insert(7), None);
    assert_eq!(with_context(&mut bench, read(), None), members(&[5, 7]));
}

/// Else a write would be taken for one that everybody has seen and overwritten.
#[test]
fn a_coordinator_that_has_restarted_gives_no_dot_again() {
    let put = || KvOp::Assign { key: "k".into(), value: 5 };
    let dots = [1, 2].map(|life| {
        let mut bench = keeps_siblings(life);
        with_context(&mut bench, put(), None);
        with_context(&mut bench, KvOp::Values { key: "k".into() }, None).1
    });
    assert_eq!(dots, [Some("1.1.1".to_owned()), Some("1.2.1".to_owned())]);
}

/// Asks for a read, answers it from `answers`, the coordinator's own copy first, and says whether
/// it was answered at once rather than written back.
fn is_answered_at_once(config: Config, answers: &[u64]) -> bool {
    let mut bench = Bench::new(config);
    let own = register(answers[0], 4);
    bench.hear(2, Message::Store { operation: None, key: "k".into(), item: own });
    let mut effects = bench.ask(KvOp::Get { key: "k".into() });
    for (node, &counter) in (2..).zip(&answers[1..]) {
        assert_eq!(answer(&effects), None, "before a quorum has answered");
        let item = Some(register(counter, 4));
        effects = bench.hear(node, Message::Queried { operation: FIRST, item });
    }
    let at_once = answer(&effects).is_some();
    assert_eq!(stores(&effects).is_empty(), at_once, "it is answered or written back");
    at_once
}

#[test]
fn a_read_skips_write_back_only_if_every_later_quorum_meets_a_holder() {
    for (n, r, w) in [(3, 1, 3), (3, 2, 2), (3, 3, 1), (4, 2, 3), (4, 3, 2), (5, 3, 3), (5, 4, 2)] {
        let config = Config { n, r, w, ..QUORUM };
        for holders in 1..=r {
            let answers: Vec<u64> = (1..=r).map(|i| if i <= holders { 9 } else { 8 }).collect();
            let meets = holders + r > n;
            assert_eq!(is_answered_at_once(config, &answers), meets, "{config:?} {answers:?}");
        }
    }
}

#[test]
fn an_answer_to_a_former_life_counts_for_no_operation() {
    let mut bench = Bench::in_life(QUORUM, 2);
    bench.ask(KvOp::Put { key: "k".into(), value: 5 });
    let (operation, item) = (FIRST, Some(register(9, 4)));
    let told = bench.hear(2, Message::Queried { operation, item: item.clone() });
    assert!(stores(&told).is_empty(), "the first life asked that: {told:?}");
    let operation = OperationId { incarnation: 2, number: 1 };
    let told = bench.hear(2, Message::Queried { operation, item });
    assert_eq!(stores(&told).len(), 2, "to both others");
    bench.give(Input::Durable(bench.tail));
    let stored = bench.hear(2, Message::Stored { operation: FIRST });
    assert_eq!(answer(&stored), None, "the first life had that stored");
    let stored = bench.hear(3, Message::Stored { operation });
    assert_eq!(answer(&stored), Some(&Answer::done()));
}

#[test]
fn a_node_is_a_replica_of_a_key_if_it_is_among_its_replicas() {
    let members: Vec<NodeId> = (1..=5).map(NodeId).collect();
    for n in 1..=5 {
        let config = (Config { n, ..QUORUM }, Vec::new());
        let boot = Boot { me: NodeId(1), members: members.clone(), incarnation: 1 };
        let node = Leaderless::recover(&config, boot, []);
        for key in (0..50).map(|number| Key::from(format!("k{number}"))) {
            let replicas = node.replicas(&key);
            for &member in &members {
                let is_one = node.is_replica(member, &key);
                assert_eq!(is_one, replicas.contains(&member), "{key} {member} of {replicas:?}");
            }
        }
    }
}
