//! Clusters that get in each other's way.

use std::path::PathBuf;

use rashomon_targets::{
    Family, TargetConfig,
    primary_replica::{Config, Failover, PrimaryReplica, Reads, Replication},
};
use rashomon_workloads::{Action, Place, RegisterOp, Returned};

use super::*;
use crate::trace::Tracer;

fn start() -> (Cluster, tempfile::TempDir) {
    let own = std::env::current_exe().unwrap();
    let program: PathBuf = own.parent().and_then(|deps| deps.parent()).unwrap().join("rashomon");
    assert!(program.is_file(), "{} is not there; `cargo build -p rashomon`", program.display());
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        replication: Replication::Async,
        reads: Reads::Any,
        failover: Failover::None,
        ..Config::default()
    };
    let options = ClusterOptions {
        program,
        members: vec![NodeId(1), NodeId(2)],
        target: TargetConfig { family: Family::PrimaryReplica(config), nodes: 2, bugs: Vec::new() },
        folder: folder.path().to_owned(),
        base_port: None,
        seed: Seed(7),
        pace: Pace::LOCAL,
        shown_to: ClusterTrace::to::<PrimaryReplica>(Tracer::default()),
    };
    (Cluster::start(&options).unwrap(), folder)
}

/// What a node answers.
fn ask(cluster: &mut Cluster, node: u16, op: RegisterOp, place: Place) -> Reply {
    let action = Action::Register("k".into(), op);
    cluster.submit(CallId(1), Caller { client: 0, seq: 1 }, NodeId(node), &Op { action, place });
    let until = Time(cluster.now().0 + 20_000_000_000);
    match cluster.next(until) {
        Happening::Replied(_, reply) => reply,
        Happening::Noticed | Happening::Reached => panic!("n{node} does not answer"),
    }
}

/// A dead node leaves a port, which may be given to a node of another cluster, started by another
/// harness from the same seed: everything but the name of the cluster is the same.
#[test]
fn a_node_of_another_cluster_on_the_port_of_a_dead_one_hears_nothing() {
    let ((mut ours, _ours_in), (mut theirs, theirs_in)) = (start(), start());
    let port = theirs.nodes[&NodeId(2)].addresses().unwrap().peer;
    ours.proxies.lead_to(NodeId(2), port);
    let put = ask(&mut ours, 1, RegisterOp::Write(41), Place::Any);
    assert_eq!(put, Reply::Done(Returned::Done));
    // The other node reports which sender it refused: then the message has arrived.
    let log = theirs_in.path().join("n2/log");
    let give_up = Instant::now() + Duration::from_secs(20);
    while !std::fs::read_to_string(&log).unwrap().contains("refused a message of n1") {
        assert!(Instant::now() < give_up, "nothing was refused");
        std::thread::yield_now();
    }
    let held = ask(&mut theirs, 2, RegisterOp::Read, Place::Local(2));
    assert_eq!(held, Reply::Done(Returned::Value(None)));
}
