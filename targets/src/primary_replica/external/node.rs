//! A node: a member of the service, a session with it, and a copy of the data.

use super::super::PrimaryReads;
use super::super::fenced::{self, Authority, Fenced, TICK_EVERY};
use super::message::{Lock, Message, Record};
use super::out::{Out, Timer};
use super::service::{Beat, SESSION_ENDS_AFTER, Service};
use super::session::{News, Session};
use crate::{
    Admin, Boot, Emit, FailCode, Input, Nanos, NodeId, Now, Outbox, PlantedBug, Status, raft,
};

/// How often a session is kept alive.
const BEAT_EVERY: Nanos = TICK_EVERY;
/// The longest that a majority in touch is without a primary, if the service has lost its leader too and
/// the first candidate is elected.
pub(in crate::primary_replica) const TAKES_OVER_WITHIN: Nanos =
    raft::ELECTED_WITHIN + SESSION_ENDS_AFTER + 4 * BEAT_EVERY;

/// A node of a cluster whose primary a coordination service chooses.
#[derive(Clone, Debug)]
pub(crate) struct External {
    me: NodeId,
    members: Vec<NodeId>,
    service: Service,
    session: Session,
    data: Fenced,
    scratch: Vec<Emit<fenced::Message, fenced::Record, fenced::Timer>>,
}

impl External {
    pub(in crate::primary_replica) fn recover(
        reads: PrimaryReads,
        bugs: Vec<PlantedBug>,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let (mut service, mut data) = (Vec::new(), Vec::new());
        for record in records {
            match record {
                Record::Service(record) => service.push(record),
                Record::Data(record) => data.push(record),
            }
        }
        Self {
            me: boot.me,
            members: boot.members.clone(),
            service: Service::recover(boot.clone(), service),
            session: Session::new(boot.incarnation, &bugs),
            data: Fenced::recover((reads, Authority::Session(None)), bugs, boot, data),
            scratch: Vec::new(),
        }
    }

    pub(in crate::primary_replica) fn handle(
        &mut self,
        now: Now,
        input: Input<Message, Timer>,
        out: &mut Out<'_>,
    ) {
        match input {
            Input::Start => {
                self.service.handle(now, Input::Start, out);
                self.data(out, |data, out| data.handle(now, Input::Start, out));
                out.set_timer(Timer::Beat, BEAT_EVERY);
            }
            Input::Durable(id) => {
                self.service.handle(now, Input::Durable(id), out);
                self.data(out, |data, out| data.handle(now, Input::Durable(id), out));
            }
            Input::Timer(Timer::Service(timer)) => {
                self.service.handle(now, Input::Timer(timer), out);
            }
            Input::Timer(Timer::Beat) => self.beat(now, out),
            Input::Timer(Timer::Data(timer)) => {
                self.data(out, |data, out| data.handle(now, Input::Timer(timer), out));
            }
            Input::Request { id, request } => {
                self.data(out, |data, out| data.handle(now, Input::Request { id, request }, out));
            }
            Input::Message { from, message } => self.on_message(now, from, message, out),
            Input::Admin(admin) => self.on_admin(now, admin, out),
        }
        self.tell(now, out);
        // The data may have been shown a later number, or have heard of too few replicas.
        if self.session.holds.is_some() && self.data.leads() != self.session.holds {
            self.session.lose();
        }
    }

    pub(in crate::primary_replica) fn status(&self) -> Status {
        self.data.status()
    }

    fn data(
        &mut self,
        out: &mut Out<'_>,
        act: impl FnOnce(&mut Fenced, &mut Outbox<'_, fenced::Message, fenced::Record, fenced::Timer>),
    ) {
        let Self { data, scratch, .. } = self;
        out.within(
            scratch,
            |effect| effect.map(Message::Data, Record::Data, Timer::Data),
            |out| act(data, out),
        );
    }

    fn on_message(&mut self, now: Now, from: NodeId, message: Message, out: &mut Out<'_>) {
        match message {
            Message::Service(message) => {
                self.service.handle(now, Input::Message { from, message }, out);
            }
            Message::Beat { life, beat, holds } => {
                self.service.on_beat(now, Beat { from, life, number: beat, holds }, out);
            }
            Message::Told { life, beat, lock } if life == self.session.life => {
                self.on_told(now, beat, lock, out);
            }
            Message::Told { .. } => {} // To a former life.
            Message::Data(message) => {
                self.data(out, |data, out| {
                    data.handle(now, Input::Message { from, message }, out);
                });
            }
        }
    }

    /// The primary gives its session up.
    fn on_admin(&mut self, now: Now, admin: Admin, out: &mut Out<'_>) {
        match admin {
            Admin::StepDown if self.session.holds.is_none() => {
                out.administered(Err(FailCode::NotPrimary));
            }
            Admin::StepDown => {
                let lost = self.session.lose();
                self.on_news(now, lost, out);
                out.administered(Ok(()));
            }
            // The whole log is kept, the shell sets clocks, the lock goes to the node that asks first, and
            // the nodes are always the same.
            Admin::Compact
            | Admin::SetClock { .. }
            | Admin::SetRate { .. }
            | Admin::Transfer { .. }
            | Admin::Add { .. }
            | Admin::Remove { .. }
            | Admin::Reset => {}
        }
    }

    /// Keeps the session alive.
    fn beat(&mut self, now: Now, out: &mut Out<'_>) {
        out.set_timer(Timer::Beat, BEAT_EVERY);
        let news = self.session.check(now);
        self.on_news(now, news, out);
        let (life, holds) = (self.session.life, self.session.holds);
        let beat = self.session.next(now);
        for &node in self.members.iter().filter(|&&node| node != self.me) {
            out.send_without_waiting_for_disk(node, Message::Beat { life, beat, holds });
        }
        self.service.on_beat(now, Beat { from: self.me, life, number: beat, holds }, out);
        self.service.check(now, out);
    }

    /// Tells sessions what the service has found.
    fn tell(&mut self, now: Now, out: &mut Out<'_>) {
        while let Some((node, life, beat, lock)) = self.service.told.pop_front() {
            if node != self.me {
                let message = Message::Told { life, beat, lock };
                out.send_without_waiting_for_disk(node, message);
            } else if life == self.session.life {
                self.on_told(now, beat, lock, out);
            }
        }
    }

    fn on_told(&mut self, now: Now, beat: u64, lock: Lock, out: &mut Out<'_>) {
        let shown = self.data.status().epoch;
        let news = self.session.told(beat, lock, shown);
        self.on_news(now, news, out);
    }

    fn on_news(&mut self, now: Now, news: News, out: &mut Out<'_>) {
        self.data(out, |data, out| match news {
            News::Given(number) => data.take_over(now, number, out),
            News::Lasts(sent) => data.renew(sent),
            News::Lost => data.resign(now, out),
            News::None => {}
        });
    }
}
