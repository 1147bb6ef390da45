//! Links between processes: what they carry, and what is noted of it.

use rashomon_results::{MessageCopy, Occurrence, TRACE_FILE, TraceReader};
use rashomon_targets::primary_replica::PrimaryReplica;
use tokio::io::AsyncReadExt;

use super::*;
use crate::fault::CopyNumber;
use crate::fault::corrupt::Flip;
use crate::frame::Sender;

fn links_of_two() -> (Runtime, Proxies) {
    links_shown_to(Tracer::default())
}

fn links_shown_to(trace: Tracer) -> (Runtime, Proxies) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let shown_to = ClusterTrace::to::<PrimaryReplica>(trace);
    let members = [NodeId(1), NodeId(2)];
    let proxies = Proxies::start(&runtime, &members, Seed(1), &shown_to).unwrap();
    (runtime, proxies)
}

fn copy(message: u64, bytes: &[u8]) -> NumberedCopy<Frame> {
    let number = CopyNumber { message, copy: 1 };
    NumberedCopy { number, message: Frame { bytes: bytes.to_vec(), damaged_by: None } }
}

#[test]
fn a_dead_nodes_address_is_forgotten() {
    let (_runtime, proxies) = links_of_two();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let (_, to_2) = &proxies.links[&(NodeId(1), NodeId(2))];
    let (_, to_1) = &proxies.links[&(NodeId(2), NodeId(1))];
    proxies.lead_to(NodeId(1), address);
    proxies.lead_to(NodeId(2), address);
    proxies.forget(NodeId(2));
    assert_eq!(arrive(to_2, copy(0, b"")), None);
    let arrived = Arrived { to: address, frame: copy(0, b"") };
    assert_eq!(arrive(to_1, copy(0, b"")), Some(arrived), "n1 lives");
}

#[test]
fn no_two_clusters_have_the_same_name() {
    let names: Vec<ClusterId> = (0..2).map(|_| links_of_two().1.cluster()).collect();
    assert_ne!(names[0], names[1]);
}

/// A stranger whose peer had this port once is turned away; the sender of the link is not.
#[test]
fn a_link_carries_only_the_messages_of_its_sender() {
    let (runtime, proxies) = links_of_two();
    runtime.block_on(async {
        let receiver = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        proxies.lead_to(NodeId(2), receiver.local_addr().unwrap());
        let link = proxies.address(NodeId(1), NodeId(2)).unwrap();
        let ours = Sender { cluster: proxies.cluster(), node: NodeId(1), incarnation: 1 };
        let foreign = ClusterId(ours.cluster.0 ^ 1);
        let strangers = [Sender { cluster: foreign, ..ours }, Sender { node: NodeId(2), ..ours }];
        for sender in strangers.into_iter().chain([ours]) {
            let mut stream = TcpStream::connect(link).await.unwrap();
            stream.write_all(&frame::encode(sender, b"said")).await.unwrap();
            if sender != ours {
                assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "it is hung up on");
            }
        }
        let (mut arrived, _) = receiver.accept().await.unwrap();
        let first = frame::read(&mut arrived).await.unwrap().unwrap();
        assert_eq!(frame::open(&first), Some((ours, &b"said"[..])));
    });
}

/// What is noted of the messages of a link once they have gone their way: the first is sent while
/// nobody listens where the receiver should, the second is damaged, and nothing happens to the third.
#[test]
fn what_is_noted_of_a_message_is_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(TRACE_FILE);
    let trace = Tracer::to_file(&path).unwrap();
    let (runtime, proxies) = links_shown_to(trace.clone());
    let pair = (NodeId(1), NodeId(2));
    let wire = proxies.links[&pair].1.clone();
    let bytes = {
        let cluster = proxies.cluster();
        frame::encode(Sender { cluster, node: NodeId(1), incarnation: 1 }, b"said")
    };
    runtime.block_on(async {
        let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        proxies.lead_to(NodeId(2), gone.local_addr().unwrap());
        drop(gone);
        let mut connection = None;
        let arrived = arrive(&wire, copy(0, &bytes)).unwrap();
        deliver(&wire, &mut connection, arrived).await;
        let receiver = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        proxies.lead_to(NodeId(2), receiver.local_addr().unwrap());
        let mut damaged = copy(1, &bytes);
        frame::damage(&mut damaged.message.bytes, 99);
        damaged.message.damaged_by = Some(7);
        for copy in [damaged, copy(2, &bytes)] {
            deliver(&wire, &mut connection, arrive(&wire, copy).unwrap()).await;
        }
    });
    trace.finish(0).unwrap();
    let message = |message| MessageCopy { from: "n1".into(), to: "n2".into(), message, copy: 1 };
    let lost = |at, why, span| Occurrence::Lost { message: message(at), why, span };
    let noted: Vec<Occurrence> =
        TraceReader::open(&path).unwrap().map(|line| line.unwrap().occurrence).collect();
    assert_eq!(
        noted,
        [
            lost(0, Loss::NotTaken, None),
            lost(1, Loss::Damaged, Some(7)),
            Occurrence::Delivered { message: message(2) },
        ]
    );
}

#[test]
fn a_corrupted_message_names_the_span_that_did_it() {
    let (_runtime, proxies) = links_of_two();
    let wire = &proxies.links[&(NodeId(1), NodeId(2))].1;
    let (deliver, mut due) = mpsc::unbounded_channel();
    let mut wire = lock(wire);
    wire.deliver = deliver;
    wire.link.strike(3, Arc::new(Flip { per_mille: 1000 }));
    send_off(&mut wire, b"twenty bytes and more of a frame");
    let (_, copy) = due.try_recv().unwrap();
    assert_eq!(copy.message.damaged_by, Some(3));
}

#[test]
fn a_listener_outlives_all_errors_but_its_own() {
    let of = |errno: Errno| Refusal::of(&io::Error::from_raw_os_error(errno as i32));
    for errno in [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM, Errno::ENOBUFS] {
        assert_eq!(of(errno), Refusal::ForNow, "{errno}");
    }
    for errno in [Errno::ECONNABORTED, Errno::EINTR, Errno::EPROTO, Errno::EPERM] {
        assert_eq!(of(errno), Refusal::OfOne, "{errno}");
    }
    assert_eq!(of(Errno::EBADF), Refusal::ForGood);
}
