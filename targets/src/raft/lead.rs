//! What a leader knows.

use std::collections::{BTreeMap, VecDeque};

use crate::{Answer, FailCode, Incarnation, KvOp, Nanos, NodeId, Now, Outbox, RequestId};

/// What a leader knows of one follower.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    /// Entries it certainly has on its disk.
    pub(crate) matched: u64,
    /// The next entry to send.
    pub(crate) next: u64,
    /// When it last answered; at first, when it was elected.
    pub(crate) heard: Nanos,
    /// The last beat it has answered.
    pub(crate) beat: u64,
    /// Answers to earlier beats are of a time before it began to catch up.
    pub(crate) since_beat: u64,
    /// Whether its disk and its answers count.
    pub(crate) voice: Voice,
}

/// Whether a node counts where a majority is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// It is a member.
    Counts,
    /// It is none, though it is sent the log.
    Silent,
}

impl Progress {
    /// Of a member from which nothing was heard so far, if the log has `len` entries.
    pub(crate) fn new(len: u64, now: Now) -> Self {
        let (heard, voice) = (now.monotonic, Voice::Counts);
        Self { matched: 0, next: len + 1, heard, beat: 0, since_beat: 0, voice }
    }

    /// It has the entries up to `matched`, of a log of `len`, and answers a beat. Whether it lacks entries.
    pub(crate) fn acknowledge(&mut self, (matched, beat): (u64, u64), len: u64) -> bool {
        self.matched = self.matched.max(matched.min(len));
        self.next = self.next.max(self.matched + 1);
        self.beat = self.beat.max(beat);
        self.next <= len
    }

    /// It lacks what is before `next`, and answers a beat. A late refusal may speak of a time before the last
    /// acknowledgement. Whether entries are to be sent again.
    pub(crate) fn refuse(&mut self, (next, beat): (u64, u64)) -> bool {
        self.beat = self.beat.max(beat);
        let next = next.max(self.matched + 1);
        let goes_back = next < self.next;
        self.next = self.next.min(next);
        goes_back
    }
}

/// What a leader knows.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    pub(crate) peers: BTreeMap<NodeId, Progress>,
    /// Whether the leader itself counts.
    pub(crate) voice: Voice,
    /// Grows with every message that must be answered by a majority.
    pub(crate) beat: u64,
    /// When beats were sent first, the last that a majority has answered and those after it.
    pub(crate) sent: VecDeque<(u64, Now)>,
    pub(crate) unconfirmed: VecDeque<Unconfirmed>,
}

impl Lead {
    /// Of a node that has just been elected with a log of `len` entries.
    pub(crate) fn new(others: impl Iterator<Item = NodeId>, len: u64, now: Now) -> Self {
        Self {
            peers: others.map(|node| (node, Progress::new(len, now))).collect(),
            voice: Voice::Counts,
            beat: 0,
            sent: VecDeque::new(),
            unconfirmed: VecDeque::new(),
        }
    }

    /// The other members that count.
    fn counting(&self) -> impl Iterator<Item = &Progress> {
        self.peers.values().filter(|peer| peer.voice == Voice::Counts)
    }

    /// What the leader itself has reached, if it counts.
    fn own(&self, own: u64) -> Option<u64> {
        (self.voice == Voice::Counts).then_some(own)
    }

    /// How many members it has heard of within this time, itself too, if it counts.
    pub(crate) fn heard_within(&self, now: Now, time: Nanos) -> usize {
        let fresh = |peer: &&Progress| now.monotonic < peer.heard.saturating_add(time);
        usize::from(self.voice == Voice::Counts) + self.counting().filter(fresh).count()
    }

    /// The last beat that `quorum` members have answered, itself too, if it counts.
    pub(crate) fn answered_by(&self, quorum: usize) -> u64 {
        quorum_of(self.counting().map(|peer| peer.beat).chain(self.own(self.beat)), quorum)
    }

    /// The index up to which `quorum` members have the log, of which the leader has `own` entries.
    pub(crate) fn matched_by(&self, own: u64, quorum: usize) -> u64 {
        quorum_of(self.counting().map(|peer| peer.matched).chain(self.own(own)), quorum)
    }

    /// When a beat was sent first.
    pub(crate) fn sent_at(&mut self, beat: u64) -> Option<Now> {
        while self.sent.front().is_some_and(|&(first, _)| first < beat) {
            self.sent.pop_front();
        }
        self.sent.front().filter(|&&(first, _)| first == beat).map(|&(_, at)| at)
    }

    /// Whether everybody has the whole log of `len` entries, and no read waits.
    pub(crate) fn is_at_rest(&self, len: u64) -> bool {
        self.unconfirmed.is_empty() && self.peers.values().all(|peer| peer.matched == len)
    }
}

/// The index that `quorum` of these members have reached; 0 if there are fewer.
pub(crate) fn quorum_of(members: impl Iterator<Item = u64>, quorum: usize) -> u64 {
    let mut all: Vec<u64> = members.collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.get(quorum - 1).copied().unwrap_or(0)
}

/// Who waits for a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A client of this node, by its place among the held reads.
    Client(RequestId),
    /// A follower.
    Follower(NodeId, (Incarnation, u64)),
}

/// A read that waits for a majority to confirm the leader.
#[derive(Clone, Debug)]
pub(crate) struct Unconfirmed {
    /// Confirmed by answers to this beat or a later one.
    pub(crate) beat: u64,
    /// What is committed since before it was asked.
    pub(crate) index: u64,
    pub(crate) reader: Reader,
    /// What is read; nothing for a follower.
    pub(crate) op: Option<KvOp>,
}

impl Lead {
    /// Fails the reads that nobody will confirm any more.
    pub(crate) fn fail_unconfirmed<M, R, T>(
        &mut self,
        leader: Option<NodeId>,
        out: &mut Outbox<'_, M, R, T>,
    ) {
        for read in self.unconfirmed.drain(..) {
            if let Reader::Client(id) = read.reader {
                let answer = Answer::Fail { code: FailCode::NotPrimary, hint: leader };
                out.reply_without_waiting_for_disk(id, answer);
            }
        }
    }
}
