//! The real world: each node is a child process on this machine, each directed link a proxy in this
//! process.
//!
//! Needs no root, no container and no virtual machine. What it promises:
//!
//! - Nothing started here outlives the harness, however that dies: children get a signal from the
//!   kernel and see the end of a pipe, and the proxies are this process.
//! - A partition, delay or loss is put at the proxy of the link, on whole messages. Client links go
//!   straight to the node.
//! - A kill is SIGKILL, and loses what the node had not synced; a pause is SIGSTOP.

mod disks;
mod links;
mod process;
mod proxy;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use rashomon_checker::{Time, visible};
use rashomon_results::Occurrence;
use rashomon_targets::{
    Admin, AdminRefused, Answer, Caller, Key, NodeId, Now, Pace, Response, Status, Tokens,
};
use rashomon_workloads::{Op, OpKind, Seed};
use serde::{Serialize, de::DeserializeOwned};
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

use crate::client::{self, Sessions};
use crate::doubt::Whose;
use crate::trace::LiveTracer;
use crate::world::{
    Administered, Breakdown, CallId, Client, Happening, Killed, Launcher, Look, Part, Probe, Reply,
    Why, World, not_ready, ready_until,
};
use disks::HurtDisks;
use process::{Process, Ready};
use proxy::Proxies;

pub(crate) use proxy::ClusterTrace;

/// What it takes to start a cluster.
#[derive(Clone, Debug)]
pub(crate) struct ClusterOptions<T> {
    /// The file of the program that each node runs: this one, or the user's own.
    pub(crate) program: PathBuf,
    /// The nodes, in ascending order.
    pub(crate) members: Vec<NodeId>,
    /// What that program must run.
    pub(crate) target: T,
    /// Where each node has its folder.
    pub(crate) folder: PathBuf,
    /// The first node's client port, the others following; `None`: any free ports.
    pub(crate) base_port: Option<u16>,
    /// Chance of proxies and nodes.
    pub(crate) seed: Seed,
    /// How long to wait for nodes.
    pub(crate) pace: Pace,
    /// Who is shown what happens.
    pub(crate) shown_to: ClusterTrace,
}

/// A request under way.
struct Call {
    task: AbortHandle,
    caller: Caller,
    key: Option<Key>,
}

/// A running cluster.
pub(crate) struct Cluster {
    runtime: Runtime,
    nodes: BTreeMap<NodeId, Process>,
    proxies: Proxies,
    /// The clock of the run, too.
    trace: LiveTracer,
    pace: Pace,
    http: reqwest::Client,
    replies: mpsc::Receiver<(CallId, Reply, Tokens)>,
    reply_to: mpsc::Sender<(CallId, Reply, Tokens)>,
    ready: mpsc::Receiver<Ready>,
    ready_to: mpsc::Sender<Ready>,
    calls: BTreeMap<CallId, Call>,
    sessions: Sessions,
    /// How the clocks of nodes were set last, where they were, by the name of what was asked.
    clocks: BTreeMap<(NodeId, &'static str), Admin>,
    disks: HurtDisks,
    /// The number of requests that arrived at a paused node.
    stalled: BTreeMap<NodeId, u64>,
    breakdowns: Vec<Breakdown>,
    /// Why a request could not be sent because the harness lacked resources, if so.
    unsent: Option<String>,
}

impl Cluster {
    /// Starts all nodes and waits until they serve.
    ///
    /// # Errors
    /// If a node does not start; says why, in its own words. Nothing is left running.
    pub(crate) fn start<T: Serialize>(options: &ClusterOptions<T>) -> anyhow::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (net, shown_to) = (options.seed.stream("net"), &options.shown_to);
        let proxies = Proxies::start(&runtime, &options.members, net, shown_to)?;
        let mut nodes = BTreeMap::new();
        for &me in &options.members {
            let process = Process::prepare(me, options, &proxies)?;
            nodes.insert(me, process);
        }
        let (ready_to, ready) = mpsc::channel();
        for process in nodes.values_mut() {
            process.launch(&ready_to)?; // All at once, then wait for each.
        }
        await_ready(&mut nodes, &ready, &proxies, options.pace)?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .tcp_nodelay(true)
            .build()?;
        let (reply_to, replies) = mpsc::channel();
        let mut cluster = Self {
            runtime,
            nodes,
            proxies,
            trace: shown_to.trace.clone(),
            pace: options.pace,
            http,
            replies,
            reply_to,
            ready,
            ready_to,
            calls: BTreeMap::new(),
            sessions: Sessions::default(),
            clocks: BTreeMap::new(),
            disks: HurtDisks::default(),
            stalled: BTreeMap::new(),
            breakdowns: Vec::new(),
            unsent: None,
        };
        cluster.await_rest();
        cluster.trace.begin();
        Ok(cluster)
    }

    /// Waits until the nodes have heard of each other and come to rest, for a while at most: load
    /// may start on a cluster that has not, and only has more failures at first.
    fn await_rest(&mut self) {
        let give_up = Instant::now() + Duration::from_nanos(self.pace.calm_within);
        let pause = Duration::from_nanos(self.pace.look_every);
        while Instant::now() < give_up {
            let rests = |look: &Option<Look>| look.as_ref().is_some_and(|look| look.rests);
            if self.looks().iter().all(rests) {
                return;
            }
            self.runtime.block_on(async { tokio::time::sleep(pause).await });
        }
    }

    fn broke(&mut self, node: NodeId, (whose, what): (Whose, String)) {
        self.breakdowns.push(Breakdown { part: Part::Node(node), whose, what });
    }

    /// Records nodes that ended without a fault, before a fault hides it.
    fn note_deaths(&mut self) {
        let of =
            |(&node, process): (&NodeId, &mut Process)| Some((node, process.died_by_itself()?));
        let deaths: Vec<_> = self.nodes.iter_mut().filter_map(of).collect();
        for (node, death) in deaths {
            self.proxies.forget(node);
            if !self.disks.explains(node, &death) {
                self.broke(node, (death.whose, death.what));
            }
        }
    }

    /// Takes in what restarted nodes have said.
    fn greet_ready(&mut self) {
        while let Ok(ready) = self.ready.try_recv() {
            let Some(process) = self.nodes.get_mut(&ready.node) else { continue };
            match process.greet(&ready) {
                Ok(Some(addresses)) => {
                    self.proxies.lead_to(ready.node, addresses.peer);
                    self.set_clocks(ready.node);
                    self.hurt_disk(ready.node);
                }
                Ok(None) => {}
                // If it has refused its log, its exit code says so.
                Err(_) if self.disks.is_damaged(ready.node) => {}
                Err(error) => self.broke(ready.node, (Whose::Target, format!("{error:#}"))),
            }
        }
    }
}

impl Launcher for Cluster {
    fn kill(&mut self, node: NodeId) -> Option<Killed> {
        self.note_deaths();
        let process = self.nodes.get_mut(&node)?;
        let was_alive = process.kill();
        if was_alive {
            self.trace.note(|| Occurrence::Killed { node: node.to_string(), records_lost: 0 });
        }
        self.proxies.forget(node);
        // What was not durable was in its memory only, where nobody can count it now.
        was_alive.then_some(Killed { records_lost: 0 })
    }

    fn launch(&mut self, node: NodeId) {
        self.disks.launched(node);
        let Some(process) = self.nodes.get_mut(&node) else { return };
        if let Err(error) = process.launch(&self.ready_to) {
            let what = format!("could not be restarted: {error:#}");
            self.broke(node, (Whose::Environment, what));
        }
    }

    fn pause(&mut self, node: NodeId) -> bool {
        self.note_deaths();
        let is_paused = self.nodes.get_mut(&node).is_some_and(Process::pause);
        if is_paused {
            self.trace.note(|| Occurrence::Paused { node: node.to_string() });
            self.proxies.note_pause(node);
        }
        is_paused
    }

    fn resume(&mut self, node: NodeId) {
        self.proxies.note_resume(node);
        if let Some(process) = self.nodes.get_mut(&node) {
            // One that has died meanwhile does not go on.
            if process.is_paused() {
                self.trace.note(|| Occurrence::Resumed { node: node.to_string() });
            }
            process.resume();
            self.set_clocks(node);
            self.hurt_disk(node);
        }
    }

    fn administer(&mut self, node: NodeId, admin: Admin) -> Administered {
        self.greet_ready();
        if admin.is_of_clocks() {
            self.clocks.insert((node, admin.name()), admin);
        }
        self.ask_as_administrator(node, admin)
    }

    fn stalled(&self, node: NodeId) -> u64 {
        self.stalled.get(&node).unwrap_or(&0) + self.proxies.stalled(node)
    }
}

impl Cluster {
    /// Sets the clocks of a node that goes on as they were set last, if they were.
    fn set_clocks(&mut self, node: NodeId) {
        for (_, &admin) in self.clocks.iter().filter(|((of, _), _)| *of == node) {
            // One that does not answer is not ready: it is set when the node has greeted.
            self.ask_as_administrator(node, admin);
        }
    }

    fn ask_as_administrator(&self, node: NodeId, admin: Admin) -> Administered {
        let process = self.nodes.get(&node).filter(|process| !process.is_paused());
        let Some(addresses) = process.and_then(Process::addresses) else {
            return Administered::Unreached;
        };
        let asked = self
            .http
            .post(format!("http://{}/admin/do", addresses.admin))
            .timeout(Duration::from_nanos(self.pace.look_within))
            .json(&admin);
        let told = self.runtime.block_on(async { asked.send().await?.json::<Response>().await });
        match told.map(|response| response.answer) {
            Ok(Answer::Ok { .. }) => Administered::Done,
            Ok(Answer::Fail { code, .. }) => Administered::Refused(AdminRefused { admin, code }),
            Ok(Answer::Indeterminate { .. }) | Err(_) => Administered::Unreached,
        }
    }
}

impl Cluster {
    /// The answers of all nodes at `path`, requested in parallel.
    fn see<T: DeserializeOwned + Send + 'static>(&mut self, path: &str) -> Vec<Option<T>> {
        self.greet_ready();
        let _inside = self.runtime.enter();
        let http = &self.http;
        let within = Duration::from_nanos(self.pace.look_within);
        let looks: Vec<_> = self
            .nodes
            .values()
            .map(|process| {
                let admin = process.addresses().filter(|_| !process.is_paused());
                let asked = admin.map(|addresses| {
                    http.get(format!("http://{}{path}", addresses.admin)).timeout(within).send()
                });
                self.runtime.spawn(async move {
                    let response = asked?.await.ok()?;
                    response.json::<T>().await.ok()
                })
            })
            .collect();
        self.runtime.block_on(async {
            let mut seen = Vec::new();
            for look in looks {
                seen.push(look.await.ok().flatten());
            }
            seen
        })
    }
}

impl Probe for Cluster {
    fn looks(&mut self) -> Vec<Option<Look>> {
        let seen = self.see::<Status>("/admin/status");
        seen.into_iter().map(|status| status.map(Look::from)).collect()
    }

    fn clocks(&mut self) -> Vec<Option<Now>> {
        self.see("/admin/clock")
    }
}

impl Client for Cluster {
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op) {
        self.greet_ready();
        let Some(process) = self.nodes.get(&node) else { return };
        if process.is_paused() {
            *self.stalled.entry(node).or_default() += 1;
        }
        let (kind, reply_to) = (op.action.kind(), self.reply_to.clone());
        // The run ends only after the loop that takes replies.
        let at_once = |why: Why| {
            let _ = reply_to.send((call, Reply::refused(why), Tokens::default()));
        };
        let Some(request) = client::request(op, caller, &self.sessions) else {
            return at_once(Why::NotOffered(kind.to_string()));
        };
        let Some(addresses) = process.addresses() else {
            return at_once(Why::Unreached);
        };
        let asked =
            self.http.post(format!("http://{}/v1/op", addresses.client)).json(&request).send();
        let task = self.runtime.spawn(async move {
            let (reply, given) = match asked.await {
                Ok(response) => understand(kind, response).await,
                Err(error) => (unasked(&error), Tokens::default()),
            };
            let _ = reply_to.send((call, reply, given));
        });
        let (task, key) = (task.abort_handle(), request.op.key().cloned());
        self.calls.insert(call, Call { task, caller, key });
    }

    fn abandon(&mut self, call: CallId) {
        if let Some(asked) = self.calls.remove(&call) {
            asked.task.abort();
        }
    }
}

impl World for Cluster {
    fn members(&self) -> Vec<NodeId> {
        self.nodes.keys().copied().collect()
    }

    fn now(&self) -> Time {
        Time(self.trace.now())
    }

    fn next(&mut self, until: Time) -> Happening {
        let wait = Duration::from_nanos(until.0.saturating_sub(self.now().0));
        let taken = if wait.is_zero() {
            self.replies.try_recv().map_err(|_| RecvTimeoutError::Timeout)
        } else {
            self.replies.recv_timeout(wait)
        };
        match taken {
            Ok((call, reply, given)) => {
                if let Some(asked) = self.calls.remove(&call) {
                    self.sessions.keep(asked.caller, asked.key.as_ref(), given);
                }
                if let Reply::Refused { why: Why::Unsent(why), .. } = &reply {
                    self.unsent.get_or_insert_with(|| why.clone());
                }
                Happening::Replied(call, reply)
            }
            Err(_) => Happening::Reached,
        }
    }

    fn breakdowns(&mut self) -> Vec<Breakdown> {
        self.note_deaths();
        let mut all = self.breakdowns.clone();
        all.extend(self.proxies.breakdowns());
        all.extend(self.unsent.iter().map(|why| Breakdown {
            part: Part::Clients,
            whose: Whose::Environment,
            what: format!("the probe failed: {why}"),
        }));
        all
    }
}

/// Waits until all nodes serve.
fn await_ready(
    nodes: &mut BTreeMap<NodeId, Process>,
    ready: &mpsc::Receiver<Ready>,
    proxies: &Proxies,
    pace: Pace,
) -> anyhow::Result<()> {
    let give_up = ready_until(pace);
    for _ in 0..nodes.len() {
        let wait = give_up.saturating_duration_since(Instant::now());
        let said = ready.recv_timeout(wait).map_err(|_| {
            let silent = nodes.iter().find(|(_, process)| process.addresses().is_none());
            let (node, said) = silent
                .map(|(node, process)| (node.to_string(), process.last_words()))
                .unwrap_or_default();
            not_ready(&format!("{node} has not reported where it listens"), pace, &said)
        })?;
        let Some(process) = nodes.get_mut(&said.node) else { continue };
        let greeted = process.greet(&said);
        if let Some(addresses) =
            greeted.map_err(|error| anyhow::anyhow!("{} {error:#}", said.node))?
        {
            proxies.lead_to(said.node, addresses.peer);
        }
    }
    Ok(())
}

/// The meaning of a response. One that is not of this interface says nothing about the operation.
async fn understand(kind: OpKind, response: reqwest::Response) -> (Reply, Tokens) {
    let status = response.status();
    match response.json::<Response>().await {
        Ok(Response { answer, tokens }) => (client::reply(kind, answer), tokens),
        Err(error) => (Reply::Lost(format!("HTTP {status}: {}", plain(&error))), Tokens::default()),
    }
}

/// The meaning of a request without a response.
fn unasked(error: &reqwest::Error) -> Reply {
    match error {
        error if no_room(innermost(error)) => Reply::refused(Why::Unsent(plain(error))),
        error if error.is_connect() => Reply::refused(Why::Unreached),
        error => Reply::Lost(plain(error)),
    }
}

/// The innermost cause, in words: the rest repeats addresses.
fn plain(error: &reqwest::Error) -> String {
    visible(&innermost(error).to_string()).into_owned()
}

fn innermost(error: &reqwest::Error) -> &(dyn std::error::Error + 'static) {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}

/// Whether it says that this process or this machine has no room for one more connection.
fn no_room(error: &(dyn std::error::Error + 'static)) -> bool {
    let errno = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
    let none = [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM, Errno::EADDRNOTAVAIL];
    errno.is_some_and(|errno| none.contains(&Errno::from_raw(errno)))
}

/// Shared by the process and proxy modules' tasks.
type Shared<T> = Arc<std::sync::Mutex<T>>;
