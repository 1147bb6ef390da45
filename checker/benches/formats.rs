//! How fast histories are written and read: `cargo bench -p rashomon-checker --bench formats`.
//!
//! One thread. `RASHOMON_BENCH_OPS` says how many operations, 200,000 if it is not set.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read};
use std::time::Instant;

use rashomon_checker::formats::{ReadOptions, Reader, edn, json, load};
use rashomon_checker::{Event, EventKind, ProcessId, Time, Value};

/// Operations on a thousand registers by ten processes, two in five of them reads.
fn events(ops: u64) -> impl Iterator<Item = Event> {
    const PROCESSES: u64 = 10;
    (0..ops).flat_map(|op| {
        let key = Value::str(&format!("k{}", op.wrapping_mul(2_654_435_761) % 1000));
        let number = Value::Int(op.cast_signed());
        let (f, argument, ret) = match op % 5 {
            0 | 1 => ("read", Value::Nil, number),
            2 | 3 => ("write", number.clone(), number),
            _ => ("cas", Value::list([Value::Int(1), number.clone()]), Value::Bool(true)),
        };
        let event = |half, kind, value| Event {
            time: Time(1_000_000_000 + (op * 2 + half) * 1_357),
            key: Some(key.clone()),
            node: Some(["n1", "n2", "n3"][usize::try_from(op % 3).unwrap_or(0)].into()),
            ..Event::new(
                op * 2 + half,
                ProcessId(u32::try_from(op % PROCESSES).unwrap_or(0)),
                kind,
                f,
                value,
            )
        };
        [event(0, EventKind::Invoke, argument), event(1, EventKind::Ok, ret)]
    })
}

/// Runs `work` five times, and prints how fast the fastest was.
fn time<T>(what: &str, bytes: usize, events: u64, mut work: impl FnMut() -> T) {
    let once = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64()
    };
    let seconds = std::iter::repeat_with(once).take(5).fold(f64::INFINITY, f64::min);
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let (megabytes, millions) = (bytes as f64 / 1e6, events as f64 / 1e6);
    println!(
        "{what:<18} {megabytes:8.1} MB {seconds:7.3} s {:6.0} MB/s {:6.2} million events/s",
        megabytes / seconds,
        millions / seconds
    );
}

/// Writes, reads and loads a history in one format.
fn measure(name: &str, ops: u64, push: fn(&mut String, &Event)) {
    let mut file = String::new();
    events(ops).for_each(|event| push(&mut file, &event));
    let (bytes, count) = (file.len(), ops * 2);
    println!("{name}");
    let block: Vec<Event> = events(1000).collect();
    let mut line = String::new();
    time("  write", bytes, count, || {
        for event in block.iter().cycle().take(usize::try_from(count).unwrap_or(0)) {
            line.clear();
            push(&mut line, event);
        }
        line.len()
    });
    let input = || BufReader::with_capacity(1 << 16, Unhurried(file.as_bytes()));
    time("  read", bytes, count, || {
        let reader = Reader::new(input(), &ReadOptions::default()).expect("we wrote it");
        reader.map(|event| event.expect("we wrote it").index).sum::<u64>()
    });
    time("  read to a history", bytes, count, || {
        load(input(), &ReadOptions::default()).expect("we wrote it").history.len()
    });
}

/// Bytes that come as a file's do, through a buffer.
struct Unhurried<'a>(&'a [u8]);

impl Read for Unhurried<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.0.fill_buf()?.len().min(out.len());
        out[..length].copy_from_slice(&self.0[..length]);
        self.0.consume(length);
        Ok(length)
    }
}

fn main() {
    let ops = std::env::var("RASHOMON_BENCH_OPS").ok().and_then(|ops| ops.parse().ok());
    let ops = ops.unwrap_or(200_000);
    measure("JSON lines", ops, json::push_event);
    measure("EDN", ops, edn::push_event);
}
