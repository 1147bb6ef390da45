//! [Transcripts](crate::transcript) of Raft, in which nothing happens by itself: no message arrives, no disk
//! is written, no timer fires.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use super::*;
use crate::transcript::{self, Scripted, answer, node};
use crate::{Admin, Choice, Effect, KvOp, Moment, Order, Shell};

const MS: Nanos = 1_000_000;

/// A node, its disk, and what it has itself woken for.
struct Seat {
    shell: Option<Shell<Raft>>,
    incarnation: Incarnation,
    disk: Vec<Record>,
    /// Records that a crash takes.
    volatile: VecDeque<(PersistId, Record)>,
    timers: Vec<(Nanos, Timer)>,
}

/// A cluster, stepped by hand.
struct Table {
    config: ((Reads, Writes), Vec<PlantedBug>),
    seats: BTreeMap<NodeId, Seat>,
    wires: BTreeMap<(NodeId, NodeId), VecDeque<Message>>,
    /// What is under way for longer.
    held: BTreeMap<(NodeId, NodeId), VecDeque<Message>>,
    cut_off: BTreeSet<NodeId>,
    now: Nanos,
    clients: u64,
    /// Who asks next.
    caller: Option<Caller>,
    happened: String,
}

fn caller(word: &str) -> Caller {
    let (client, seq) = word.split_once('.').expect("client.seq");
    let number = |word: &str| word.parse().expect("a number");
    Caller { client: number(client), seq: number(seq) }
}

/// Each node waits for another time.
fn chance_of(id: NodeId) -> impl FnMut() -> u64 {
    move || u64::from(id.0) * 10 * MS
}

impl Scripted for Table {
    fn new(words: &[&str]) -> Self {
        let size: u16 = words[0].parse().expect("a size");
        let mut config = ((Reads::ReadIndex, Writes::Leader), Vec::new());
        for word in &words[1..] {
            match word.split_once('=').expect("reads=HOW, writes=WHO or bug=NAME") {
                ("reads", name) => {
                    let reads = Reads::ALL.iter().find(|reads| reads.name() == name);
                    config.0.0 = *reads.expect("a way to read");
                }
                ("writes", name) => {
                    let writes = Writes::ALL.iter().find(|writes| writes.name() == name);
                    config.0.1 = *writes.expect("a way to write");
                }
                (_, name) => {
                    let bug = super::super::BUGS.iter().find(|bug| bug.name == name);
                    config.1.push(*bug.expect("a bug of Raft"));
                }
            }
        }
        let mut table = Self {
            config,
            seats: BTreeMap::new(),
            wires: BTreeMap::new(),
            held: BTreeMap::new(),
            cut_off: BTreeSet::new(),
            now: 0,
            clients: 0,
            caller: None,
            happened: String::new(),
        };
        for id in (1..=size).map(NodeId) {
            let (disk, volatile, timers) = (Vec::new(), VecDeque::new(), Vec::new());
            let seat = Seat { shell: None, incarnation: 0, disk, volatile, timers };
            table.seats.insert(id, seat);
        }
        (1..=size).map(NodeId).for_each(|id| table.start(id));
        table
    }

    fn run(&mut self, command: &str) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let number = |at: usize| words[at].parse::<i64>().expect("a number");
        match words[0] {
            "elect" => {
                let id = node(words[1]);
                // A timer that was set before it last heard of a leader fires in vain.
                loop {
                    let before = self.happened.len();
                    self.fire(id, |timer| timer == Timer::Election);
                    if self.happened.len() > before {
                        break;
                    }
                }
            }
            // Those that were set before it last heard of a leader fire in vain.
            "timeout" => {
                (0..3).for_each(|_| self.fire(node(words[1]), |timer| timer == Timer::Election));
            }
            "beat" => self.fire(node(words[1]), |timer| matches!(timer, Timer::Heartbeat(_))),
            "pass" => self.now += number(1).cast_unsigned() * MS,
            "sync" => self.sync(node(words[1])),
            "deliver" => self.deliver(node(words[1]), node(words[2])),
            "lose" => drop(self.wires.remove(&(node(words[1]), node(words[2])))),
            "hold" => {
                let wire = (node(words[1]), node(words[2]));
                self.held.insert(wire, self.wires.remove(&wire).unwrap_or_default());
            }
            "release" => {
                let wire = (node(words[1]), node(words[2]));
                let held = self.held.remove(&wire).expect("something is held");
                self.wires.entry(wire).or_default().extend(held);
            }
            "settle" => self.settle(),
            "cut" => drop(self.cut_off.insert(node(words[1]))),
            "heal" => self.cut_off.clear(),
            "crash" => {
                let seat = self.seats.get_mut(&node(words[1])).expect("a member");
                (seat.shell, seat.volatile, seat.timers) = (None, VecDeque::new(), Vec::new());
            }
            "start" => self.start(node(words[1])),
            "step-down" | "transfer" | "add" | "remove" | "reset" | "compact" => {
                self.run_administrator(&words);
            }
            "from" => {
                self.caller = Some(caller(words[1]));
                self.run(&words[2..].join(" "));
                self.caller = None;
            }
            "retry" => {
                let of = caller(words[2]);
                self.fire(node(words[1]), |timer| timer == Timer::Retry(of));
            }
            "double" => {
                let wire = self.wires.entry((node(words[1]), node(words[2]))).or_default();
                wire.extend(wire.clone());
            }
            "quietly" => {
                let before = self.happened.len();
                self.run(&words[1..].join(" "));
                self.happened.truncate(before);
            }
            "status" | "members" => self.look(words[0]),
            _ => self.run_client(&words),
        }
    }

    fn take_happened(&mut self) -> String {
        folded(&std::mem::take(&mut self.happened))
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
        writeln!(self.happened, "  {line}").expect("a string takes everything");
    }

    fn give(&mut self, id: NodeId, input: Input<Message, Timer>) {
        let seat = self.seats.get_mut(&id).expect("a member");
        let Some(shell) = &mut seat.shell else { return };
        let mut orders: Vec<Order<Raft>> = Vec::new();
        let moment = Moment { elapsed: self.now, date: self.now };
        shell.step(moment, input, &mut chance_of(id), &mut orders);
        self.perform(id, orders);
    }

    fn administer(&mut self, id: NodeId, admin: Admin) {
        let seat = self.seats.get_mut(&id).expect("a member");
        let Some(shell) = &mut seat.shell else { return };
        let mut orders: Vec<Order<Raft>> = Vec::new();
        let moment = Moment { elapsed: self.now, date: self.now };
        let result = shell.administer(moment, admin, &mut chance_of(id), &mut orders);
        self.perform(id, orders);
        if let Err(refused) = result {
            self.say(&format!("{id} refuses: {refused}"));
        }
    }

    fn perform(&mut self, id: NodeId, orders: Vec<Order<Raft>>) {
        for order in orders {
            match order {
                Effect::Send { to, message } => {
                    self.say(&format!("{id} → {to}  {message}"));
                    self.wires.entry((id, to)).or_default().push_back(message);
                }
                Effect::Reply { id: client, response } => {
                    let answer = answer(response.answer);
                    self.say(&format!("{id} answers c{}: {answer}", client.0));
                }
                Effect::SetTimer { timer, after } => {
                    let seat = self.seats.get_mut(&id).expect("a member");
                    seat.timers.push((self.now + after, timer));
                }
                Effect::Persist { id: number, record } => {
                    self.say(&format!("{id} writes {record}"));
                    let seat = self.seats.get_mut(&id).expect("a member");
                    seat.volatile.push_back((number, record));
                }
                Effect::Trace(event) => self.say(&format!("{id} {event}")),
                Effect::Administered(_) => unreachable!("the shell takes it out"),
            }
        }
    }

    /// Fires a timer of a node when it is due: the first that `wanted` names.
    fn fire(&mut self, id: NodeId, wanted: impl Fn(Timer) -> bool) {
        let seat = self.seats.get_mut(&id).expect("a member");
        let at = seat.timers.iter().position(|&(_, timer)| wanted(timer)).expect("a timer is set");
        let (due, timer) = seat.timers.remove(at);
        self.now = self.now.max(due);
        self.give(id, Input::Timer(timer));
    }

    fn sync(&mut self, id: NodeId) {
        let seat = self.seats.get_mut(&id).expect("a member");
        let Some(&(last, _)) = seat.volatile.back() else { return };
        seat.disk.extend(seat.volatile.drain(..).map(|(_, record)| record));
        self.give(id, Input::Durable(last));
    }

    fn deliver(&mut self, from: NodeId, to: NodeId) {
        for message in self.wires.remove(&(from, to)).unwrap_or_default() {
            if !self.cut_off.contains(&from) && !self.cut_off.contains(&to) {
                self.give(to, Input::Message { from, message });
            }
        }
    }

    /// Until no message is under way and every disk has everything.
    fn settle(&mut self) {
        loop {
            let ids: Vec<NodeId> = self.seats.keys().copied().collect();
            for id in ids {
                self.sync(id);
            }
            let Some(&(from, to)) = self.wires.keys().next() else { break };
            self.deliver(from, to);
        }
    }

    fn ask(&mut self, id: NodeId, op: KvOp) {
        self.clients += 1;
        let request = Request { caller: self.caller, ..Request::of_nobody(op) };
        self.give(id, Input::Request { id: RequestId(self.clients), request });
    }

    /// What nodes say of themselves.
    fn look(&mut self, at: &str) {
        for id in self.seats.keys().copied().collect::<Vec<_>>() {
            let Some(shell) = &self.seats[&id].shell else { continue };
            let Status { role, epoch, settled, digest, members, .. } = shell.status();
            let rest = if settled { ", at rest" } else { "" };
            let members = members.expect("Raft tells them");
            let names: Vec<String> = members.iter().map(NodeId::to_string).collect();
            self.say(&match at {
                "members" => format!("{id} has {}", names.join(" ")),
                _ => format!("{id} {role:?} t{epoch} {:04x}{rest}", digest.0 & 0xffff),
            });
        }
    }

    /// A command that is an administrator's.
    fn run_administrator(&mut self, words: &[&str]) {
        let named = || node(words[2]);
        let admin = match words[0] {
            "step-down" => Admin::StepDown,
            "transfer" => Admin::Transfer { to: named() },
            "add" => Admin::Add { node: named() },
            "remove" => Admin::Remove { node: named() },
            "reset" => Admin::Reset,
            _ => Admin::Compact,
        };
        self.administer(node(words[1]), admin);
    }

    /// A command that is a client's request.
    fn run_client(&mut self, words: &[&str]) {
        let number = |at: usize| words[at].parse::<i64>().expect("a number");
        match words[0] {
            "write" => {
                self.ask(node(words[1]), KvOp::Put { key: words[2].into(), value: number(3) });
            }
            "writes" => {
                for value in number(3)..=number(4) {
                    self.ask(node(words[1]), KvOp::Put { key: words[2].into(), value });
                }
            }
            "cas" => {
                let (key, old, new) = (words[2].into(), number(3), number(4));
                self.ask(node(words[1]), KvOp::Cas { key, old, new });
            }
            "read" => self.ask(node(words[1]), KvOp::Get { key: words[2].into() }),
            other => panic!("no command {other:?}"),
        }
    }
}

/// What happened with equal lines and lines that count on put together.
fn folded(happened: &str) -> String {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in happened.lines() {
        let (said, _) =
            line.split_once('#').filter(|_| line.contains(" applied ")).unwrap_or((line, ""));
        match lines.last_mut() {
            Some((last, times)) if last.starts_with(said) && (said != line || last == line) => {
                *times += 1;
                if said != line {
                    line.clone_into(last);
                }
            }
            _ => lines.push((line.to_owned(), 1)),
        }
    }
    let told = lines.into_iter().map(|(line, times)| match times {
        1 => format!("{line}\n"),
        _ => format!("{line}  ({times} times)\n"),
    });
    told.collect()
}

#[test]
fn every_transcript_is_what_happens() {
    transcript::each_is_what_happens::<Table>("raft/transcripts");
}
