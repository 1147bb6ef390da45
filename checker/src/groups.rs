//! Verdicts on groups of keys, put together to one on the whole history.
//!
//! Linearizability is local: the whole is consistent iff each key's part is. So it does not matter
//! in which groups the parts were judged; only the order of the report must not show it,
//! and is that of the keys' first use, as if all had been judged at once.

use crate::linearizability::{self, Keys, Method, Options};
use crate::{
    Anomaly, Budget, Certificate, Doubt, History, ModelKind, OpIndex, Position, Slices, Value,
    Verdict,
};

/// Parts that are judged before their results are merged with the rest. Until then each takes some
/// hundred bytes, even if its verdict is simple.
const PARTS_AT_ONCE: u32 = 1 << 14;

/// Each group gets at least one part in `GROUPS_MAX` of the budget, however much others have taken.
const GROUPS_MAX: u64 = 64;

/// The verdict so far on a history that comes in groups of keys.
///
/// Of anomalies and doubts it keeps as many as it is made for, the first ones, and counts the
/// rest.
#[derive(Clone, Debug)]
pub struct Gathered {
    keep: usize,
    /// Configurations visited in all groups so far.
    visited: u64,
    anomalies: First<Anomaly>,
    doubts: First<Doubt>,
    certificate: Certificate,
}

/// What was made of events that passed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Streamed {
    /// All of them, from the first, are consistent with this model.
    Consistent(ModelKind),
    /// They are not consistent with it, and this is the first anomaly.
    Anomaly(ModelKind, Box<Anomaly>),
}

impl Streamed {
    /// What they were judged by.
    pub fn model(&self) -> ModelKind {
        match self {
            Self::Consistent(model) | Self::Anomaly(model, _) => *model,
        }
    }
}

/// The first few of many, by where the keys that they are about are first used.
#[derive(Clone, Debug)]
pub(crate) struct First<T> {
    kept: Vec<(Position, T)>,
    count: u64,
}

impl Gathered {
    /// Of nothing so far.
    pub fn new(keep: usize) -> Self {
        Self {
            keep,
            visited: 0,
            anomalies: First::default(),
            doubts: First::default(),
            certificate: Certificate::default(),
        }
    }

    /// Judges a group, for what the groups before left of the budget.
    pub fn judge(&mut self, group: &History, model: ModelKind, options: &Options) {
        in_slices(group, |slice| self.judge_slice(slice, model, options));
    }

    fn judge_slice(&mut self, slice: &History, model: ModelKind, options: &Options) {
        let budget = Budget { configurations: self.left(options), ..options.budget.clone() };
        let options = Options { budget, ..options.clone() };
        let report = linearizability::check(slice, model, &options);
        self.visited += report.parts.iter().map(|part| part.configurations).sum::<u64>();
        match report.verdict {
            Verdict::Valid { certificate } => {
                self.certificate.methods.extend(certificate.methods);
                self.certificate.orders.extend(certificate.orders);
            }
            Verdict::Invalid { .. } => {
                let first = slice.first_uses();
                let place = |key: Option<&Value>| first.get(&key).copied();
                let verdict = slice.in_whole(report.verdict);
                let Verdict::Invalid { anomaly, more } = verdict else { return };
                for anomaly in [anomaly].into_iter().chain(more) {
                    let place = place(anomaly.key.as_ref()).unwrap_or(LAST);
                    self.anomalies.add(place, anomaly);
                }
                self.anomalies.trim(self.keep);
            }
            Verdict::Unknown { doubt, more } => {
                let first = slice.first_uses();
                for doubt in [doubt].into_iter().chain(more) {
                    let key = about(slice, &doubt);
                    let place = first.get(&key).copied().unwrap_or(LAST);
                    let lifted = slice.in_whole(Verdict::unknown(doubt));
                    lifted.doubts().for_each(|doubt| self.doubts.add(place, doubt.clone()));
                }
                self.doubts.trim(self.keep);
            }
        }
    }

    /// Configurations for the next group: what is left, and never less than a small part of all.
    fn left(&self, options: &Options) -> u64 {
        let all = options.budget.configurations;
        let least = all.div_ceil(GROUPS_MAX);
        let is_over = self.anomalies.count > 0 && options.keys == Keys::UntilViolation;
        if is_over { least } else { all.saturating_sub(self.visited).max(least) }
    }

    /// Takes what was made of a group whose operations could not all be held.
    pub fn stream(&mut self, streamed: &Streamed) {
        match streamed {
            Streamed::Consistent(_) => {
                self.certificate.methods.insert(Method::Zones.name().to_owned());
            }
            Streamed::Anomaly(_, anomaly) => {
                let is_new = self.anomalies.kept.iter().all(|(_, it)| it.key != anomaly.key);
                if is_new {
                    self.anomalies.add(LAST, anomaly.as_ref().clone());
                    self.anomalies.trim(self.keep);
                }
            }
        }
    }

    /// Takes note of something that could not be judged. It is reported among the first.
    pub fn doubt(&mut self, doubt: Doubt) {
        self.doubts.add(FIRST, doubt);
        self.doubts.trim(self.keep);
    }

    /// How many anomalies and doubts there are, those not kept too.
    pub fn counts(&self) -> [u64; 2] {
        [self.anomalies.count, self.doubts.count]
    }

    /// The verdict on all groups.
    pub fn finish(self) -> Verdict<Anomaly> {
        let mut anomalies = self.anomalies.into_kept();
        if let Some(anomaly) = anomalies.next() {
            return Verdict::Invalid { anomaly, more: anomalies.collect() };
        }
        let mut doubts = self.doubts.into_kept();
        match doubts.next() {
            Some(doubt) => Verdict::Unknown { doubt, more: doubts.collect() },
            None => Verdict::Valid { certificate: self.certificate },
        }
    }
}

/// Hands over a group slice by slice, if it has very many keys.
pub fn in_slices(group: &History, mut judge: impl FnMut(&History)) {
    if group.keys().len() <= PARTS_AT_ONCE as usize {
        return judge(group);
    }
    for slice in Slices::new(group, PARTS_AT_ONCE).iter() {
        judge(&slice);
    }
}

/// With the first key: the place of doubts that are about the whole history.
const FIRST: Position = Position(0);

/// After all keys: the place of operations without a key.
pub(crate) const LAST: Position = Position(u32::MAX);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), count: 0 }
    }
}

impl<T> First<T> {
    pub(crate) fn add(&mut self, place: Position, it: T) {
        self.kept.push((place, it));
        self.count += 1;
    }

    /// Those kept, the first ones first.
    pub(crate) fn into_kept(self) -> impl Iterator<Item = T> {
        self.kept.into_iter().map(|(_, it)| it)
    }

    /// Forgets all but the first `keep`.
    pub(crate) fn trim(&mut self, keep: usize) {
        self.kept.sort_by_key(|&(place, _)| place);
        self.kept.truncate(keep);
    }
}

/// The key that a doubt is about.
fn about<'a>(history: &'a History, doubt: &'a Doubt) -> Option<&'a Value> {
    match doubt {
        Doubt::BudgetSpent { key, .. } | Doubt::Unheld { key, .. } | Doubt::Stopped { key, .. } => {
            key.as_ref()
        }
        &Doubt::Unsupported { op: OpIndex(op), .. } => history.key_of(OpIndex(op)),
        Doubt::Unread { .. } | Doubt::Vacuous { .. } | Doubt::Unjudged { .. } => None,
    }
}
