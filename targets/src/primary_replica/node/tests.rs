//! [Transcripts](crate::transcript) of fenced failover, in which time passes: messages take a millisecond,
//! disks none, and timers are on time. Heartbeats, acknowledgements and what keeps sessions alive are not
//! written down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::{PrimaryReads, bugs};
use super::*;
use crate::transcript::{self, Scripted, answer, node};
use crate::{
    Admin, Choice, Effect, Incarnation, KvOp, Moment, Nanos, NodeId, Order, Request, RequestId,
    Shell, TraceEvent,
};

const MS: Nanos = 1_000_000;

/// What arrives at a node.
type Arrival = Input<Message, Timer>;

/// A node, its disk, and what arrives while it is stopped.
#[derive(Default)]
struct Seat {
    shell: Option<Shell<PrimaryReplica>>,
    incarnation: Incarnation,
    disk: Vec<Record>,
    paused: Option<Vec<Arrival>>,
}

/// A cluster, and what is still to happen: when, in which order, to which life of which node.
struct Table {
    config: (Config, Vec<PlantedBug>),
    seats: BTreeMap<NodeId, Seat>,
    queue: BTreeMap<(Nanos, u64), (NodeId, Option<Incarnation>, Arrival)>,
    cut_off: BTreeSet<NodeId>,
    now: Nanos,
    numbered: u64,
    clients: u64,
    happened: String,
}

impl Scripted for Table {
    fn new(words: &[&str]) -> Self {
        let size: u16 = words[0].parse().expect("a size");
        let failover = Failover::ALL.iter().find(|it| it.name() == words[1]);
        let reads = PrimaryReads::ALL.iter().find(|it| it.name() == words[2]);
        let config = Config::fenced(*failover.expect("a failover"), *reads.expect("reads"));
        let bug = |name: &&str| *bugs::ALL.iter().find(|bug| bug.name == *name).expect("a bug");
        let mut table = Self {
            config: (config, words[3..].iter().map(bug).collect()),
            seats: (1..=size).map(|id| (NodeId(id), Seat::default())).collect(),
            queue: BTreeMap::new(),
            cut_off: BTreeSet::new(),
            now: 0,
            numbered: 0,
            clients: 0,
            happened: String::new(),
        };
        (1..=size).map(NodeId).for_each(|id| table.start(id));
        table
    }

    fn run(&mut self, command: &str) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let number = |at: usize| words[at].parse::<i64>().expect("a number");
        match words[0] {
            "pass" => self.pass(number(1).cast_unsigned() * MS),
            "cut" => drop(self.cut_off.insert(node(words[1]))),
            "heal" => self.cut_off.clear(),
            "pause" => {
                self.seats.get_mut(&node(words[1])).expect("a member").paused = Some(Vec::new());
            }
            "resume" => {
                let seat = self.seats.get_mut(&node(words[1])).expect("a member");
                for input in seat.paused.take().expect("it is stopped") {
                    self.give(node(words[1]), input);
                }
            }
            "crash" => self.seats.get_mut(&node(words[1])).expect("a member").shell = None,
            "start" => self.start(node(words[1])),
            "step-down" => {
                let seat = self.seats.get_mut(&node(words[1])).expect("a member");
                let shell = seat.shell.as_mut().expect("it lives");
                let mut orders = Vec::new();
                let moment = Moment { elapsed: self.now, date: self.now };
                let done = shell.administer(moment, Admin::StepDown, &mut || 0, &mut orders);
                self.perform(node(words[1]), orders);
                if let Err(refused) = done {
                    self.say(&format!("{} refuses: {refused}", words[1]));
                }
            }
            "write" => {
                self.ask(node(words[1]), KvOp::Put { key: words[2].into(), value: number(3) });
            }
            "read" => self.ask(node(words[1]), KvOp::Get { key: words[2].into() }),
            "quietly" => {
                let before = self.happened.len();
                self.run(&words[1..].join(" "));
                self.happened.truncate(before);
            }
            "status" => {
                for id in self.seats.keys().copied().collect::<Vec<_>>() {
                    let Some(shell) = &self.seats[&id].shell else { continue };
                    let Status { role, epoch, settled, digest, .. } = shell.status();
                    let rest = if settled { ", at rest" } else { "" };
                    self.say(&format!("{id} {role:?} e{epoch} {:04x}{rest}", digest.0 & 0xffff));
                }
            }
            other => panic!("no command {other:?}"),
        }
    }

    fn take_happened(&mut self) -> String {
        std::mem::take(&mut self.happened)
    }
}

impl Table {
    fn start(&mut self, id: NodeId) {
        let members = self.seats.keys().copied().collect();
        let seat = self.seats.get_mut(&id).expect("a member");
        seat.incarnation += 1;
        let boot = Boot { me: id, members, incarnation: seat.incarnation };
        seat.shell = Some(Shell::boot(&self.config, boot, seat.disk.clone()));
        self.give(id, Input::Start);
    }

    fn say(&mut self, line: &str) {
        writeln!(self.happened, "  {} ms  {line}", self.now / MS).expect("it takes everything");
    }

    fn later(&mut self, after: Nanos, id: NodeId, life: Option<Incarnation>, input: Arrival) {
        self.numbered += 1;
        self.queue.insert((self.now + after, self.numbered), (id, life, input));
    }

    fn give(&mut self, id: NodeId, input: Arrival) {
        let seat = self.seats.get_mut(&id).expect("a member");
        if let Some(waiting) = &mut seat.paused {
            return waiting.push(input);
        }
        let Some(shell) = &mut seat.shell else { return };
        let mut orders: Vec<Order<PrimaryReplica>> = Vec::new();
        let moment = Moment { elapsed: self.now, date: self.now };
        // Each node waits for another time.
        shell.step(moment, input, &mut || u64::from(id.0) * 20 * MS, &mut orders);
        self.perform(id, orders);
    }

    fn perform(&mut self, id: NodeId, orders: Vec<Order<PrimaryReplica>>) {
        let life = Some(self.seats[&id].incarnation);
        for order in orders {
            match order {
                Effect::Send { to, message } => {
                    let words = PrimaryReplica::describe(&message);
                    let usual = ["heartbeat", "ack", "alive", "holds", "lock", "service"];
                    if !usual.iter().any(|word| words.starts_with(word)) {
                        self.say(&format!("{id} → {to}  {words}"));
                    }
                    if !self.cut_off.contains(&id) && !self.cut_off.contains(&to) {
                        self.later(MS, to, None, Input::Message { from: id, message });
                    }
                }
                Effect::Reply { id: client, response } => {
                    let answer = answer(response.answer);
                    self.say(&format!("{id} answers c{}: {answer}", client.0));
                }
                Effect::SetTimer { timer, after } => {
                    self.later(after, id, life, Input::Timer(timer));
                }
                Effect::Persist { id: number, record } => {
                    self.seats.get_mut(&id).expect("a member").disk.push(record);
                    self.later(0, id, life, Input::Durable(number));
                }
                Effect::Trace(TraceEvent::Applied { .. }) => {}
                Effect::Trace(event) => self.say(&format!("{id} {event}")),
                Effect::Administered(_) => unreachable!("the shell takes it out"),
            }
        }
    }

    /// Lets time go on.
    fn pass(&mut self, time: Nanos) {
        let until = self.now + time;
        while let Some(first) = self.queue.first_entry()
            && first.key().0 <= until
        {
            let ((at, _), (id, life, input)) = first.remove_entry();
            self.now = at;
            let seat = &self.seats[&id];
            if life.is_none_or(|life| life == seat.incarnation && seat.shell.is_some()) {
                self.give(id, input);
            }
        }
        self.now = until;
    }

    fn ask(&mut self, id: NodeId, op: KvOp) {
        self.clients += 1;
        let request = Request::of_nobody(op);
        self.give(id, Input::Request { id: RequestId(self.clients), request });
    }
}

#[test]
fn every_transcript_of_fenced_failover_is_what_happens() {
    transcript::each_is_what_happens::<Table>("primary_replica/transcripts");
}
