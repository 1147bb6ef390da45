//! Reads, cut into what was written.

use rustc_hash::FxHashMap;

use super::trie::{ROOT, Trie};
use crate::Part;
use crate::{History, ModelKind, OpIndex, Outcome, Value, ValueId};

/// When an operation may take effect. Moment `m` lies just before event `m`, so an operation that
/// began at event `i` and returned at event `r` takes effect at one of the moments `i + 1 ..= r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: u32,
    /// [`NEVER`] if the return was lost.
    pub(super) to: u32,
}

/// The end of what has no end.
pub(super) const NEVER: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Append,
    Put,
}

/// The text "", which changes nothing where it is appended. All other tokens have greater numbers.
pub(super) const EMPTY: u32 = 0;

/// An append or a put that may have taken effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) op: OpIndex,
    pub(super) token: u32,
    pub(super) kind: Kind,
    pub(super) span: Window,
}

/// Whether a change is an append of what can be seen.
pub(super) fn is_seen_append(change: &Change) -> bool {
    change.kind == Kind::Append && change.token != EMPTY
}

/// A read that returned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub(super) op: OpIndex,
    /// What it showed.
    pub(super) node: u32,
    pub(super) span: Window,
}

/// What was written to one list or text, and what was read, both in the order of invocations.
pub(crate) struct Told {
    pub(super) changes: Vec<Change>,
    pub(super) reads: Vec<Read>,
    pub(super) trie: Trie,
    /// One more than the greatest token.
    pub(super) tokens: usize,
}

/// Why reads are not cut.
pub(super) enum Uncut {
    /// Something is not understood, or a read can be cut in two ways.
    Declined,
    /// This read shows what nothing wrote.
    Nowhere(OpIndex),
}

/// Sorts out what happened to one list or text. O(n + length of the reads), but for texts of which
/// some begin like others.
pub(super) fn told(history: &History, model: ModelKind, part: &Part) -> Result<Told, Uncut> {
    let mut written = Written::new(model);
    let mut shown: FxHashMap<ValueId, usize> = FxHashMap::default();
    let mut values: Vec<(Value, OpIndex)> = Vec::new();
    let mut reads: Vec<(OpIndex, usize, Window)> = Vec::new();
    for &op in &part.operations {
        let to = history.completed_at(op).map_or(NEVER, |end| end.0);
        let span = Window { from: history.invoked[op.get()].0 + 1, to };
        let is_text = model == ModelKind::Kv;
        match (history.f(op), history.outcome_id(op)) {
            (_, Outcome::Fail) | ("read" | "get", Outcome::Indeterminate) => {}
            ("append", _) => written.add(history, (op, Kind::Append, span), model)?,
            ("put" | "write", _) if is_text => {
                written.add(history, (op, Kind::Put, span), model)?;
            }
            ("read" | "get", Outcome::Ok(ret)) => {
                let fresh = values.len();
                let which = *shown.entry(ret).or_insert(fresh);
                if which == fresh {
                    values.push((history.value(ret), op));
                }
                reads.push((op, which, span));
            }
            _ => return Err(Uncut::Declined),
        }
    }
    let mut cutter = Cutter::new(&written);
    let nodes = cutter.cut_all(&values, model)?;
    let trie = cutter.trie.finish();
    let reads = reads.into_iter().map(|(op, which, span)| Read { op, node: nodes[which], span });
    let reads = reads.collect();
    let tokens = written.values.len();
    Ok(Told { changes: written.changes, reads, trie, tokens })
}

/// What was written.
struct Written {
    changes: Vec<Change>,
    /// What each token is.
    values: Vec<Value>,
    numbers: FxHashMap<Value, u32>,
    /// Whether each token was appended.
    appended: Vec<bool>,
}

impl Written {
    fn new(model: ModelKind) -> Self {
        let mut numbers = FxHashMap::default();
        if model == ModelKind::Kv {
            numbers.insert(Value::str(""), EMPTY);
        }
        Self { changes: Vec::new(), values: vec![Value::str("")], numbers, appended: vec![false] }
    }

    fn add(
        &mut self,
        history: &History,
        (op, kind, span): (OpIndex, Kind, Window),
        model: ModelKind,
    ) -> Result<(), Uncut> {
        let mut what = history.value(history.argument_id(op));
        if model == ModelKind::Kv {
            if what == Value::Nil {
                what = Value::str("");
            }
            what.as_str().ok_or(Uncut::Declined)?;
        }
        let fresh = u32::try_from(self.values.len()).expect("fewer than operations");
        let token = *self.numbers.entry(what.clone()).or_insert(fresh);
        if token == fresh {
            self.values.push(what);
            self.appended.push(false);
        }
        self.appended[token as usize] |= kind == Kind::Append;
        self.changes.push(Change { op, token, kind, span });
        Ok(())
    }
}

/// A read that is no beginning of another, and where it may be cut.
struct Line<'a> {
    what: &'a Value,
    /// Of a text: where each token ends.
    ends: Vec<u32>,
    /// The node reached after each number of tokens.
    nodes: Vec<u32>,
}

struct Cutter<'a> {
    written: &'a Written,
    texts: FxHashMap<&'a str, u32>,
    /// The lengths that texts have, the least first.
    lengths: Vec<usize>,
    trie: Trie,
    /// Lines, by what they begin with.
    lines: FxHashMap<u32, Vec<Line<'a>>>,
}

impl<'a> Cutter<'a> {
    fn new(written: &'a Written) -> Self {
        let texts: FxHashMap<&str, u32> = written
            .values
            .iter()
            .zip(0..)
            .filter_map(|(what, token)| what.as_str().filter(|it| !it.is_empty()).zip(Some(token)))
            .collect();
        let mut lengths: Vec<usize> = texts.keys().map(|text| text.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self { written, texts, lengths, trie: Trie::default(), lines: FxHashMap::default() }
    }

    /// What each of `values` shows; with each, a read that showed it.
    fn cut_all(
        &mut self,
        values: &'a [(Value, OpIndex)],
        model: ModelKind,
    ) -> Result<Vec<u32>, Uncut> {
        let length = |what: &Value| {
            what.as_str().map(str::len).or(what.as_list().map(<[_]>::len)).unwrap_or(0)
        };
        // The longest first: most others are beginnings of these.
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(length(&values[at].0)));
        let mut nodes = vec![ROOT; values.len()];
        for at in order {
            let (what, op) = &values[at];
            nodes[at] = match (model, what) {
                (_, Value::Nil) => ROOT,
                (ModelKind::Kv, Value::Str(text)) => self.text(what, text, *op)?,
                (ModelKind::ListAppend, Value::List(items)) => self.list(what, items, *op)?,
                _ => return Err(Uncut::Declined),
            };
        }
        Ok(nodes)
    }

    fn text(&mut self, what: &'a Value, text: &str, op: OpIndex) -> Result<u32, Uncut> {
        if text.is_empty() {
            return Ok(ROOT);
        }
        let mut beginnings = self.lengths.iter().filter_map(|&length| text.get(..length));
        let first = beginnings.find_map(|part| self.texts.get(part));
        let Some(&first) = first else { return Err(Uncut::Nowhere(op)) };
        let known = self.lines.get(&first).into_iter().flatten().find_map(|line| {
            let whole = line.what.as_str().filter(|whole| whole.starts_with(text));
            let end = u32::try_from(text.len()).ok()?;
            whole.and_then(|_| line.ends.binary_search(&end).ok()).map(|at| line.nodes[at + 1])
        });
        if let Some(node) = known {
            return Ok(node);
        }
        let (tokens, ends) = self.ways(text, op)?;
        Ok(self.add_line(what, &tokens, ends, first))
    }

    fn list(&mut self, what: &'a Value, items: &[Value], op: OpIndex) -> Result<u32, Uncut> {
        let token =
            |item: &Value| self.written.numbers.get(item).copied().ok_or(Uncut::Nowhere(op));
        let Some(first) = items.first() else { return Ok(ROOT) };
        let first = token(first)?;
        let known = self.lines.get(&first).into_iter().flatten().find_map(|line| {
            let is_beginning = line.what.as_list().is_some_and(|whole| whole.starts_with(items));
            is_beginning.then(|| line.nodes[items.len()])
        });
        if let Some(node) = known {
            return Ok(node);
        }
        let tokens = items.iter().map(token).collect::<Result<Vec<u32>, Uncut>>()?;
        Ok(self.add_line(what, &tokens, Vec::new(), first))
    }

    fn add_line(&mut self, what: &'a Value, tokens: &[u32], ends: Vec<u32>, first: u32) -> u32 {
        let mut nodes = Vec::with_capacity(tokens.len() + 1);
        let mut node = ROOT;
        nodes.push(node);
        for &token in tokens {
            node = self.trie.child_or_new(node, token);
            nodes.push(node);
        }
        self.lines.entry(first).or_default().push(Line { what, ends, nodes });
        node
    }

    /// The one way to cut a text into tokens, and where each ends. What was only put can be only
    /// at its beginning.
    fn ways(&self, text: &str, op: OpIndex) -> Result<(Vec<u32>, Vec<u32>), Uncut> {
        // For each place in the text: in how many ways the text up to there can be cut (at most
        // two), and the last token of one of them.
        let mut ways: Vec<(u8, u32)> = vec![(0, EMPTY); text.len() + 1];
        ways[0].0 = 1;
        for at in 0..text.len() {
            if ways[at].0 == 0 {
                continue;
            }
            for &length in &self.lengths {
                let Some(part) = text.get(at..at + length) else { continue };
                let Some(&token) = self.texts.get(part) else { continue };
                if at == 0 || self.written.appended[token as usize] {
                    let count = (ways[at + length].0 + ways[at].0).min(2);
                    ways[at + length] = (count, token);
                }
            }
        }
        match ways[text.len()].0 {
            0 => return Err(Uncut::Nowhere(op)),
            1 => {}
            _ => return Err(Uncut::Declined),
        }
        let (mut tokens, mut ends) = (Vec::new(), Vec::new());
        let mut at = text.len();
        while at > 0 {
            let token = ways[at].1;
            tokens.push(token);
            ends.push(u32::try_from(at).map_err(|_| Uncut::Declined)?);
            at -= self.written.values[token as usize].as_str().map_or(0, str::len);
        }
        tokens.reverse();
        ends.reverse();
        Ok((tokens, ends))
    }
}
