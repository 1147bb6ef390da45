//! A node as a process: `rashomon node` is one of the reference nodes.
//!
//! The node itself runs in one thread that owns it and takes inputs from a channel: requests from
//! the HTTP server, messages from the peer listener, news from the disk thread, timers. It is the
//! same state machine that the simulation runs.
//!
//! Un-fsynced records live in this process's memory only, so that SIGKILL loses them, as a power
//! failure would.

mod api;
mod config;
mod incarnation;
mod maelstrom;
mod peers;
mod runner;
mod wal;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use anyhow::Context;
use rashomon_targets::{Boot, Node, Protocol, Shell, TargetConfig, Visitor};
use serde::{Deserialize, Serialize};

use crate::disk::LOG_DAMAGED;
use crate::frame::Sender;
use crate::trace::Tracer;
use runner::Setup;

pub(crate) use config::NodeConfig;
pub(crate) use maelstrom::run as run_maelstrom;
pub(crate) use wal::{damage, restore};

/// Where a node listens; its first line on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Addresses {
    /// The address for clients.
    pub(crate) client: SocketAddr,
    /// The address for probes of the harness; faults never affect it.
    pub(crate) admin: SocketAddr,
    /// The address for peers.
    pub(crate) peer: SocketAddr,
}

/// Runs a node until it is killed, or, on a lease, until standard input ends.
///
/// # Errors
/// If it cannot start: an invalid configuration, a port in use, a damaged log.
pub(crate) fn run(config_path: &Path, leased: bool) -> anyhow::Result<()> {
    let config: NodeConfig<TargetConfig> = NodeConfig::load(config_path)?;
    config.target.validate().with_context(|| config_path.display().to_string())?;
    if leased {
        hold_lease();
    }
    config.target.family.visit(Serve { config: &config })
}

/// Runs a node of some family.
struct Serve<'a> {
    config: &'a NodeConfig<TargetConfig>,
}

impl Visitor for Serve<'_> {
    type Out = anyhow::Result<()>;

    fn visit<P: Protocol>(self, settings: &P::Settings) -> Self::Out {
        serve::<P, _>(self.config, &(settings.clone(), self.config.target.bugs.clone()))
    }
}

/// Has this process die with its parent, however that dies: by a signal, where the system has one for
/// that, and by the end of standard input, whose other end the parent holds.
pub(crate) fn hold_lease() {
    crate::system::die_with_parent();
    let wait = || {
        // Reading may be interrupted where a stopped process goes on, which is no end: this reads again then.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    };
    std::thread::spawn(wait);
}

/// Runs the node that a configuration and `born_with` describe, until it is killed.
///
/// # Errors
/// As [`run`].
pub(crate) fn serve<N: Node + Send + 'static, T>(
    config: &NodeConfig<T>,
    born_with: &N::Config,
) -> anyhow::Result<()> {
    serve_and_tell::<N, T>(config, born_with, |addresses| {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(addresses)?)?;
        Ok(out.flush()?)
    })
}

/// The same, telling where it serves before it does.
pub(crate) fn serve_and_tell<N: Node + Send + 'static, T>(
    config: &NodeConfig<T>,
    born_with: &N::Config,
    tell: impl FnOnce(&Addresses) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let me = config.me;
    let data = &config.data;
    std::fs::create_dir_all(data).with_context(|| format!("create {}", data.display()))?;
    let incarnation = incarnation::bump(data)?;
    let opened = wal::Wal::open(&data.join(wal::FILE));
    if let Err(error) = &opened
        && error.is::<wal::DamagedLog>()
    {
        eprintln!("error: {error:#}");
        std::process::exit(LOG_DAMAGED);
    }
    let (wal, records) = opened?;
    let boot = Boot { me, members: config.members.clone(), incarnation };
    let shell = Shell::<N>::boot(born_with, boot, records);

    let client = listen(config.client_port)?;
    let admin = listen(0)?;
    let peer = listen(0)?;
    let addresses = Addresses {
        client: client.local_addr()?,
        admin: admin.local_addr()?,
        peer: peer.local_addr()?,
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let sender = Sender { cluster: config.cluster, node: me, incarnation };
    let others = config.members.iter().filter(|&&peer| peer != me);
    let routes = others.filter_map(|&peer| Some((peer, config.peer(peer)?)));
    let send = peers::connect_all(sender, routes, runtime.handle());
    tell(&addresses)?;
    let trace = if config.trace { Tracer::to_parent() } else { Tracer::default() };
    let setup = Setup { me, incarnation, seed: config.seed, send, trace };
    let inputs = runner::start(shell, setup, wal)?;
    runtime.block_on(async {
        tokio::try_join!(
            api::serve_clients(client, inputs.clone()),
            api::serve_admin(admin, inputs.clone()),
            peers::listen(peer, config.cluster, config.members.clone(), inputs),
        )
    })?;
    Ok(())
}

/// A listener on loopback.
fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).with_context(|| {
        format!(
            "listen on {address}; give --base-port another number, or leave it out for free ports"
        )
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
