//! A world of the user's programs, which speak the Maelstrom protocol over standard input and output.
//!
//! One process a node, one JSON object a line. This thread is the router: every message between nodes
//! goes through its [`Link`], with the delays and faults of all worlds; messages of clients go straight
//! to the node. The protocol is that of <https://github.com/jepsen-io/maelstrom>, `doc/protocol.md`.

mod links;
mod message;
mod program;
mod services;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rashomon_checker::{Time, visible};
use rashomon_results::{Loss, Occurrence};
use rashomon_targets::{Admin, Caller, NodeId, Now, Pace, Purpose};
use rashomon_workloads::{Op, OpKind, Seed};

use crate::client::maelstrom;
use crate::doubt::Whose;
use crate::fault::{DirectedLink, Link, LinkOutcome, NumberedCopy, Passage};
use crate::frame;
use crate::maelstrom::{Body, Said};
use crate::trace::{LiveTracer, Tracer};
use crate::world::{
    Administered, Breakdown, CallId, Client, Happening, Killed, Launcher, Look, Part, Probe, Reply,
    Why, World, not_ready, ready_until,
};
use message::Message;
use program::{Heard, Printed, ProgramProcess, State};
use services::Refusals;

/// What nodes say is taken in at most this many lines at a time, so that a chatterer does not keep the
/// run from going on.
const LINES_AT_A_TIME: usize = 256;
/// Who sends `init`. Clients of the run count from 1.
const SETUP: &str = "c0";
/// What a message between programs is for: nobody tells, so perhaps for an operation.
const UNTOLD: Purpose = Purpose::Operation;

/// What it takes to start programs.
#[derive(Clone, Debug)]
pub(crate) struct PipesOptions {
    /// The file of rashomon itself, which is each node's warden.
    pub(crate) rashomon: PathBuf,
    /// The program that each node runs, and its arguments.
    pub(crate) command: Vec<String>,
    /// How many nodes; they are called n0, n1 and so on.
    pub(crate) nodes: u16,
    /// Where each node has its folder.
    pub(crate) folder: PathBuf,
    /// Chance of the links.
    pub(crate) seed: Seed,
    /// How long to wait for nodes.
    pub(crate) pace: Pace,
    /// Is shown what happens.
    pub(crate) trace: Tracer,
}

/// A line on its way, ordered by when it is due and then by the order of sending.
type Due = Reverse<(Instant, u64, DirectedLink, NumberedCopy<Vec<u8>>)>;

/// A call in flight.
struct Call {
    id: CallId,
    kind: OpKind,
    /// The number of the client that asks.
    client: u32,
    node: NodeId,
}

/// A cluster of programs, and the router between them.
pub(crate) struct Pipes {
    pace: Pace,
    nodes: BTreeMap<NodeId, ProgramProcess>,
    links: BTreeMap<DirectedLink, Link<Vec<u8>>>,
    /// The clock of the run, too.
    trace: LiveTracer,
    due: BinaryHeap<Due>,
    sent: u64,
    heard: mpsc::Receiver<Heard>,
    heard_to: mpsc::Sender<Heard>,
    /// By the number of the message that asks.
    calls: BTreeMap<u64, Call>,
    asked: u64,
    replies: VecDeque<(CallId, Reply)>,
    /// Clients that wait for nothing: each asks one thing at a time, as that protocol's do.
    idle: Vec<u32>,
    clients: u32,
    breakdowns: Vec<Breakdown>,
    refusals: Refusals,
}

impl Pipes {
    /// Starts all nodes and waits until each has answered `init`.
    ///
    /// # Errors
    /// If a program does not start or does not answer; says why, in its own words. Nothing is left
    /// running.
    pub(crate) fn start(options: &PipesOptions) -> anyhow::Result<Self> {
        let members: Vec<NodeId> = (0..options.nodes).map(NodeId).collect();
        let pairs = members.iter().flat_map(|&from| members.iter().map(move |&to| (from, to)));
        let net = options.seed.stream("net");
        let links = pairs.map(|(from, to)| ((from, to), Link::new(net, from, to))).collect();
        let (heard_to, heard) = mpsc::channel();
        let mut nodes = BTreeMap::new();
        for &id in &members {
            nodes.insert(id, ProgramProcess::new(id, options)?);
        }
        let mut pipes = Self {
            pace: options.pace,
            nodes,
            links,
            trace: LiveTracer::new(options.trace.clone()),
            due: BinaryHeap::new(),
            sent: 0,
            heard,
            heard_to,
            calls: BTreeMap::new(),
            asked: 0,
            replies: VecDeque::new(),
            idle: Vec::new(),
            clients: 0,
            breakdowns: Vec::new(),
            refusals: Refusals::default(),
        };
        for &id in &members {
            pipes.try_launch(id)?; // All at once, then wait for each.
        }
        pipes.await_ready()?;
        pipes.trace.begin();
        Ok(pipes)
    }

    fn try_launch(&mut self, id: NodeId) -> anyhow::Result<()> {
        let names: Vec<String> = self.nodes.values().map(|node| node.name.clone()).collect();
        let Some(node) = self.nodes.get_mut(&id) else { return Ok(()) };
        // What the program does from its first instant on comes later than this.
        let started = self.trace.now();
        node.launch(&self.heard_to)?;
        let life = node.life;
        self.trace.note_at(started, || Occurrence::Started { node: id.to_string(), life });
        let init = Said::Init { node_id: node.name.clone(), node_ids: names };
        let body = Body::request(1, init);
        let init = Message { src: SETUP.to_owned(), dest: node.name.clone(), body };
        node.give(init.line());
        Ok(())
    }

    fn await_ready(&mut self) -> anyhow::Result<()> {
        let give_up = ready_until(self.pace);
        while let Some(silent) = self.nodes.values().find(|node| node.state != State::Serves) {
            let told = format!("{} has not answered `init`", silent.name);
            let last_words = silent.last_words();
            self.note_ends();
            if let Some(broken) = self.breakdowns.first() {
                anyhow::bail!("{} {}", broken.part, broken.what);
            }
            let wait = give_up.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return Err(not_ready(&told, self.pace, &last_words));
            }
            self.take_in(wait.min(Duration::from_millis(50)));
            self.deliver_due();
        }
        Ok(())
    }

    /// Waits this long at most for something that a node says, and takes in what is there.
    fn take_in(&mut self, wait: Duration) {
        let mut next = self.heard.recv_timeout(wait).ok();
        for _ in 0..LINES_AT_A_TIME {
            let Some(heard) = next else { return };
            self.hear(heard);
            next = self.heard.try_recv().ok();
        }
    }

    fn hear(&mut self, Heard { node: id, life, what }: Heard) {
        let Some(node) = self.nodes.get_mut(&id).filter(|node| node.life == life) else { return };
        let Printed::Line(line) = what else { return self.note_ends() };
        if node.state == State::Dead {
            return; // Said before it was killed, and too late.
        }
        node.lines += 1;
        node.last_spoke = Instant::now();
        match Message::read(&line) {
            Ok(message) => self.route(id, message),
            Err(what) => node.breach(what),
        }
    }

    /// Sends a message of a node on its way.
    fn route(&mut self, from: NodeId, mut message: Message) {
        let Some(node) = self.nodes.get_mut(&from) else { return };
        if message.src != node.name {
            node.breach(format!("wrote a message with the source {:?}", message.src));
            message.src.clone_from(&node.name);
        }
        if message.dest.starts_with('c') {
            return self.answer(from, &message);
        }
        if let Some(refused) = self.refusals.answer(from, &message) {
            return node.give(refused.line());
        }
        let to = self.nodes.iter().find(|(_, node)| node.name == message.dest).map(|(&id, _)| id);
        let Some(to) = to else {
            let what =
                format!("wrote to {:?}, which is not a node, client or service", message.dest);
            return self.breach(from, what);
        };
        let bytes = message.line();
        let Some(link) = self.links.get_mut(&(from, to)) else { return };
        let departure = link.on_send(self.trace.now(), || UNTOLD);
        self.trace.departs((from, to), &departure, || message.kind().to_owned());
        for Passage { number, after, flip } in departure.copies.into_iter().flatten() {
            if flip.is_some_and(|bit| !frame::is_taken_damaged(&bytes, bit)) {
                // Lines have no checksum: what carries them between machines has.
                let why = (Loss::Damaged, departure.damaged_by);
                self.trace.loses((from, to), number, why);
                continue;
            }
            let due = Instant::now() + Duration::from_nanos(after);
            let message = NumberedCopy { number, message: bytes.clone() };
            self.due.push(Reverse((due, self.sent, (from, to), message)));
            self.sent += 1;
        }
    }

    fn breach(&mut self, node: NodeId, what: String) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.breach(what);
        }
    }

    /// Takes what a node says to a client.
    fn answer(&mut self, from: NodeId, message: &Message) {
        if message.dest == SETUP {
            let Some(node) = self.nodes.get_mut(&from) else { return };
            if message.kind() == "init_ok" && node.state == State::Starts {
                node.state = State::Serves;
            }
            return;
        }
        let Some(number) = message.in_reply_to() else {
            return self.breach(from, "answered a client without in_reply_to".to_owned());
        };
        // One that was given up on may be answered late.
        let Some(asked) = self.calls.get(&number) else { return };
        if asked.node != from || message.dest != client_name(asked.client) {
            return self.breach(from, "answered a message that it had not received".to_owned());
        }
        let reply = maelstrom::reply(asked.kind, &message.body);
        self.trace.note(|| Occurrence::Reply {
            node: from.to_string(),
            request: number,
            what: message.kind().to_owned(),
        });
        self.idle.push(asked.client);
        self.replies.push_back((asked.id, reply));
        self.calls.remove(&number);
    }

    /// Gives nodes what is due.
    fn deliver_due(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((due, ..))) = self.due.peek()
            && *due <= now
        {
            let Some(Reverse((_, _, pair, copy))) = self.due.pop() else { return };
            let Some(link) = self.links.get_mut(&pair) else { continue };
            let Some(node) = self.nodes.get_mut(&pair.1) else { continue };
            let number = copy.number;
            let outcome = link.on_deliver(copy, |_| UNTOLD);
            self.trace.decided(pair, number, &outcome);
            let LinkOutcome::Arrives(NumberedCopy { message, .. }) = outcome else { continue };
            if node.state == State::Dead {
                self.trace.loses(pair, number, (Loss::Dead, None));
            } else {
                self.trace.delivers_at(self.trace.now(), pair, number);
            }
            node.give(message);
        }
    }

    /// Takes note of nodes that ended without a fault, before a fault hides it.
    fn note_ends(&mut self) {
        let of = |(&id, node): (&NodeId, &mut ProgramProcess)| Some((id, node.ended_by_itself()?));
        let ended: Vec<_> = self.nodes.iter_mut().filter_map(of).collect();
        for (node, (whose, what)) in ended {
            self.lose_calls(node);
            self.breakdowns.push(Breakdown { part: Part::Node(node), whose, what });
        }
    }

    /// Clients that wait for a dead node learn that it is dead.
    fn lose_calls(&mut self, node: NodeId) {
        let lost = self.calls.extract_if(.., |_, call| call.node == node);
        for (_, lost) in lost {
            self.replies.push_back((lost.id, Reply::Lost("connection reset".to_owned())));
        }
    }

    /// Whether a message between nodes is on its way, or kept back.
    fn is_anything_under_way(&self) -> bool {
        !self.due.is_empty() || self.links.values().any(Link::holds_anything)
    }
}

fn client_name(number: u32) -> String {
    format!("c{number}")
}

impl Launcher for Pipes {
    fn kill(&mut self, node: NodeId) -> Option<Killed> {
        self.note_ends();
        let was_alive = self.nodes.get_mut(&node)?.kill();
        if was_alive {
            self.trace.note(|| Occurrence::Killed { node: node.to_string(), records_lost: 0 });
        }
        self.lose_calls(node);
        // What it had not written to its files was in its memory, where nobody can count it.
        was_alive.then_some(Killed { records_lost: 0 })
    }

    fn launch(&mut self, node: NodeId) {
        if let Err(error) = self.try_launch(node) {
            let what = format!("could not be restarted: {error:#}");
            let whose = Whose::Environment;
            self.breakdowns.push(Breakdown { part: Part::Node(node), whose, what });
        }
    }

    fn pause(&mut self, node: NodeId) -> bool {
        self.note_ends();
        let is_paused = self.nodes.get_mut(&node).is_some_and(ProgramProcess::pause);
        if is_paused {
            self.trace.note(|| Occurrence::Paused { node: node.to_string() });
        }
        is_paused
    }

    fn resume(&mut self, node: NodeId) {
        let Some(program) = self.nodes.get_mut(&node) else { return };
        // One that has died meanwhile does not go on.
        if program.is_paused() {
            self.trace.note(|| Occurrence::Resumed { node: node.to_string() });
        }
        program.resume();
    }

    fn administer(&mut self, _node: NodeId, _admin: Admin) -> Administered {
        Administered::NoWay // The protocol has no such message.
    }

    fn stalled(&self, node: NodeId) -> u64 {
        self.nodes.get(&node).map_or(0, |node| node.stalled)
    }
}

impl Client for Pipes {
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op) {
        let kind = op.action.kind();
        let Some(said) = maelstrom::said(op) else {
            let refused = Reply::refused(Why::NotOffered(kind.to_string()));
            return self.replies.push_back((call, refused));
        };
        let serving = self.nodes.get_mut(&node).filter(|node| node.state == State::Serves);
        let Some(program) = serving else {
            return self.replies.push_back((call, Reply::refused(Why::Unreached)));
        };
        let client = self.idle.pop().unwrap_or_else(|| {
            self.clients += 1;
            self.clients
        });
        // Numbers of their own: small ones, for programs that keep them in few bits.
        let number = self.asked;
        self.asked += 1;
        self.trace.note(|| Occurrence::Request {
            node: node.to_string(),
            request: number,
            process: Some(caller.client),
            what: kind.to_string(),
        });
        let body = Body::request(number, said);
        let (src, dest) = (client_name(client), program.name.clone());
        program.give(Message { src, dest, body }.line());
        self.calls.insert(number, Call { id: call, kind, client, node });
    }

    /// The client is not used again: its question may yet be answered.
    fn abandon(&mut self, call: CallId) {
        self.calls.retain(|_, asked| asked.id != call);
        self.replies.retain(|(of, _)| *of != call);
    }
}

impl Probe for Pipes {
    fn looks(&mut self) -> Vec<Option<Look>> {
        self.take_in(Duration::ZERO);
        self.deliver_due();
        let is_quiet = !self.is_anything_under_way();
        let quiet = Duration::from_nanos(self.pace.quiet);
        let look = |node: &ProgramProcess| {
            (node.state == State::Serves && !node.is_paused()).then(|| Look {
                role: None,
                epoch: 0,
                rests: is_quiet && node.last_spoke.elapsed() >= quiet,
                digest: node.lines,
                bug_hits: 0,
                members: None,
            })
        };
        self.nodes.values().map(look).collect()
    }

    fn clocks(&mut self) -> Vec<Option<Now>> {
        vec![None; self.nodes.len()]
    }
}

impl World for Pipes {
    fn members(&self) -> Vec<NodeId> {
        self.nodes.keys().copied().collect()
    }

    fn now(&self) -> Time {
        Time(self.trace.now())
    }

    fn next(&mut self, until: Time) -> Happening {
        loop {
            self.deliver_due();
            if let Some((call, reply)) = self.replies.pop_front() {
                return Happening::Replied(call, reply);
            }
            let left = Duration::from_nanos(until.0.saturating_sub(self.now().0));
            let next_due = self.due.peek().map(|Reverse((due, ..))| *due);
            let until_due = next_due.map(|due| due.saturating_duration_since(Instant::now()));
            self.take_in(until_due.map_or(left, |due| due.min(left)));
            if self.replies.is_empty() && self.now() >= until {
                return Happening::Reached;
            }
        }
    }

    fn breakdowns(&mut self) -> Vec<Breakdown> {
        self.note_ends();
        let mut all = self.breakdowns.clone();
        all.extend(self.nodes.iter().filter_map(|(&id, node)| {
            let first = visible(node.first_breach.as_deref()?).into_owned();
            let what = match node.breaches {
                1 => first,
                more => format!("{first}; {more} lines broke the protocol"),
            };
            Some(Breakdown { part: Part::Node(id), whose: Whose::Target, what })
        }));
        all.extend(self.refusals.breakdowns());
        all
    }
}
