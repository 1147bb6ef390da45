//! A world that does what a test says and writes down what is asked of it.

use super::*;

/// What happened, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    Recorded(Event),
    /// When, and how many replies were waiting to be taken.
    Submitted {
        at: u64,
        caller: Caller,
        op: Op,
        node: NodeId,
        waiting: usize,
    },
    /// When.
    Replied(u64),
    Struck(u32, Vec<DirectedLink>),
    Healed(u32),
    Killed(NodeId),
    Launched(NodeId),
    Paused(NodeId),
    Resumed(NodeId),
    /// Whether all nodes rested.
    Looked(bool),
}

pub(super) type Log = Rc<RefCell<Vec<Entry>>>;

/// Answers the request of this number to this node: after how long, and what.
pub(super) type Answering = Box<dyn FnMut(u64, NodeId, &Op) -> (u64, Reply)>;
/// What the nodes say at the look of this number.
pub(super) type Looks = Box<dyn FnMut(u64) -> Vec<Option<Look>>>;

pub(super) struct Scripted {
    pub(super) log: Log,
    pub(super) now: u64,
    pub(super) replies: BTreeMap<(u64, CallId), Reply>,
    pub(super) answering: Answering,
    pub(super) looks: Looks,
    pub(super) closing: Closing,
    pub(super) submitted: u64,
    pub(super) looked: u64,
    pub(super) breakdowns: Vec<Breakdown>,
}

pub(super) fn done(op: &Op) -> Reply {
    Reply::Done(if op.action.is_read() { Returned::Value(Some(1)) } else { Returned::Done })
}

impl Scripted {
    /// Two nodes that answer everything after 3 ms and rest whenever they are looked at.
    pub(super) fn new() -> Self {
        Self {
            log: Log::default(),
            now: 0,
            replies: BTreeMap::new(),
            answering: Box::new(|_, _, op| (3 * MS, done(op))),
            looks: Box::new(|_| vec![Some(look(true, 1)), Some(look(true, 1))]),
            closing: Closing::FinalReads,
            submitted: 0,
            looked: 0,
            breakdowns: Vec::new(),
        }
    }

    fn log(&self, entry: Entry) {
        self.log.borrow_mut().push(entry);
    }
}

impl Disks for Scripted {}

impl World for Scripted {
    fn members(&self) -> Vec<NodeId> {
        vec![NodeId(1), NodeId(2)]
    }

    fn now(&self) -> Time {
        Time(self.now)
    }

    fn next(&mut self, until: Time) -> Happening {
        match self.replies.first_key_value() {
            Some((&(due, call), _)) if due <= until.0.max(self.now) => {
                self.now = self.now.max(due);
                let reply = self.replies.remove(&(due, call)).unwrap();
                self.log(Entry::Replied(self.now));
                Happening::Replied(call, reply)
            }
            _ => {
                self.now = self.now.max(until.0);
                Happening::Reached
            }
        }
    }

    fn breakdowns(&mut self) -> Vec<Breakdown> {
        self.breakdowns.clone()
    }
}

impl Client for Scripted {
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op) {
        let waiting = self.replies.range(..=(self.now, CallId(u64::MAX))).count();
        let at = self.now;
        self.log(Entry::Submitted { at, caller, op: op.clone(), node, waiting });
        self.submitted += 1;
        let (after, reply) = (self.answering)(self.submitted, node, op);
        self.replies.insert((self.now + after, call), reply);
        // Sending takes its time, in which replies come.
        self.now += MS;
    }

    fn abandon(&mut self, call: CallId) {
        self.replies.retain(|&(_, of), _| of != call);
    }
}

impl Links for Scripted {
    fn lengthen(&mut self, _links: &[DirectedLink], _length: u64) {}

    fn strike(&mut self, span: u32, links: &[DirectedLink], _effect: &SharedEffect) {
        self.log(Entry::Struck(span, links.to_vec()));
    }

    fn heal(&mut self, span: u32) {
        self.log(Entry::Healed(span));
    }

    fn heal_on(&mut self, span: u32, _links: &[DirectedLink]) {
        self.log(Entry::Healed(span));
    }

    fn efficacy(&self, _span: u32) -> Efficacy {
        Efficacy { dropped: 3, ..Efficacy::default() }
    }
}

impl Launcher for Scripted {
    fn kill(&mut self, node: NodeId) -> Option<Killed> {
        self.log(Entry::Killed(node));
        Some(Killed { records_lost: 2 })
    }

    fn launch(&mut self, node: NodeId) {
        self.log(Entry::Launched(node));
    }

    fn pause(&mut self, node: NodeId) -> bool {
        self.log(Entry::Paused(node));
        true
    }

    fn resume(&mut self, node: NodeId) {
        self.log(Entry::Resumed(node));
    }

    /// Each node takes an input a millisecond, stopped or not.
    fn administer(&mut self, _node: NodeId, _admin: Admin) -> Administered {
        Administered::NoWay
    }

    fn stalled(&self, _node: NodeId) -> u64 {
        self.now / MS
    }
}

impl Probe for Scripted {
    fn looks(&mut self) -> Vec<Option<Look>> {
        self.looked += 1;
        let looks = (self.looks)(self.looked);
        let rests = |look: &Option<Look>| look.as_ref().is_some_and(|look| look.rests);
        self.log(Entry::Looked(looks.iter().all(rests)));
        looks
    }

    fn clocks(&mut self) -> Vec<Option<Now>> {
        vec![None; 2]
    }
}

/// Writes down what is recorded, and wants an end after this many events.
pub(super) struct Watching {
    pub(super) log: Log,
    pub(super) stop_after: usize,
}

impl Watcher for Watching {
    fn recorded(&mut self, event: &Event) {
        self.log.borrow_mut().push(Entry::Recorded(event.clone()));
    }

    fn wants_stop(&mut self) -> bool {
        let is_event = |entry: &&Entry| matches!(entry, Entry::Recorded(_));
        self.log.borrow().iter().filter(is_event).count() >= self.stop_after
    }
}
