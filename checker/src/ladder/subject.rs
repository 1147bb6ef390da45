//! What is judged, as the checks of the ladder want it.

use std::cell::OnceCell;

use super::{Standing, story};
use crate::k_atomic::{self, SmallestKs, StaleByAge, Staleness, Versioned};
use crate::linearizability::Options;
use crate::weak::{Breach, NoSessionView, SessionView, WeakJudgement, session_view};
use crate::{Anomaly, Budget, Consistency, Doubt, History, ModelKind, OpIndex, Verdict};

/// A history, what it is a history of, and how much judging it may take.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What happened.
    pub history: &'a History,
    /// What the objects are.
    pub model: ModelKind,
    /// How to judge.
    pub options: &'a Options,
    view: OnceCell<Result<SessionView, NoSessionView>>,
    smallest: OnceCell<SmallestKs>,
}

impl<'a> Subject<'a> {
    /// A history of objects of this model.
    pub fn new(history: &'a History, model: ModelKind, options: &'a Options) -> Self {
        Self { history, model, options, view: OnceCell::new(), smallest: OnceCell::new() }
    }

    /// Whether the objects are registers, which are nil before the first write. A text is not one: it
    /// begins empty, and an empty text that nothing wrote would be a read from nowhere.
    pub fn is_of_registers(&self) -> bool {
        matches!(self.model, ModelKind::Register | ModelKind::CasRegister)
    }

    /// Judges models of sessions on registers, one judgement a model.
    pub fn of_sessions<const N: usize>(
        &self,
        models: [Consistency; N],
        check: impl FnOnce(&crate::weak::Sessions, &Budget) -> [WeakJudgement; N],
    ) -> Vec<Standing> {
        if !self.is_of_registers() {
            let why = format!("defined for registers, not for a {}", self.model);
            return models.map(|_| Standing::NotJudged(why.clone())).into();
        }
        let view = match self.sessions() {
            Ok(view) => view,
            Err(why) => return models.map(|model| self.without_sessions(model, why)).into(),
        };
        let judged = check(&view.sessions, &self.options.budget).into_iter().zip(models);
        judged.map(|(judgement, model)| self.standing(view, model, judgement)).collect()
    }

    /// The history as its sessions see it, made once.
    ///
    /// # Errors
    ///
    /// If it has none: see [`session_view`].
    pub fn sessions(&self) -> Result<&SessionView, &NoSessionView> {
        self.view.get_or_init(|| session_view(self.history)).as_ref()
    }

    /// How stale the reads of registers are; none where they do not name their writes.
    pub(super) fn staleness(&self) -> Option<Staleness> {
        let view = self.sessions().ok().filter(|_| self.is_of_registers())?;
        Some(k_atomic::measure(&self.versioned(view)))
    }

    /// How far behind reads are. The smallest `k` is searched for once.
    pub(super) fn versioned<'s>(&'s self, view: &'s SessionView) -> Versioned<'s> {
        Versioned::knowing(self.history, view, &self.options.budget, &self.smallest)
    }

    /// How likely reads of registers are stale, by the time since the acknowledgement; nothing where they do
    /// not name their writes.
    pub(super) fn stale_by_age(&self) -> Vec<StaleByAge> {
        let view = self.sessions().ok().filter(|_| self.is_of_registers());
        view.map(|view| k_atomic::stale_by_age(self.history, view)).unwrap_or_default()
    }

    /// What a verdict says of a model.
    pub fn of_verdict(verdict: Verdict<Anomaly>) -> Standing {
        match verdict {
            Verdict::Valid { .. } => Standing::Held,
            Verdict::Invalid { anomaly, .. } => Standing::Broken(Box::new(anomaly)),
            Verdict::Unknown { doubt, mut more } => {
                more.insert(0, doubt);
                Standing::Undecided(more)
            }
        }
    }

    fn standing(
        &self,
        view: &SessionView,
        model: Consistency,
        judgement: WeakJudgement,
    ) -> Standing {
        match judgement {
            WeakJudgement::Holds => Standing::Held,
            WeakJudgement::Broken(Breach { ops, .. }) => {
                Standing::Broken(Box::new(story::anomaly(self.history, view, model, &ops)))
            }
            WeakJudgement::Undecided(reason) => self.out_of_budget(reason),
        }
    }

    /// Undecided, because the budget is spent.
    pub fn out_of_budget(&self, reason: String) -> Standing {
        Standing::Undecided(vec![Doubt::BudgetSpent {
            key: None,
            configurations: self.options.budget.configurations,
            bytes: self.options.budget.bytes,
            proved_events: 0,
            events: self.history.event_count() as u64,
            why: Some(reason),
        }])
    }

    /// What is said where the history is none of reads that name their writes.
    fn without_sessions(&self, model: Consistency, why: &NoSessionView) -> Standing {
        match *why {
            NoSessionView::FromNowhere(read) => self.unwritten(model, None, read),
            NoSessionView::FromFailed(read, write) => self.unwritten(model, Some(write), read),
            NoSessionView::Function(_)
            | NoSessionView::Argument(_)
            | NoSessionView::LostFromNowhere(_)
            | NoSessionView::WentOn(_)
            | NoSessionView::WrittenTwice(..)
            | NoSessionView::WritesNil(_) => self.undecided(why),
        }
    }

    /// Undecided, because reads do not name their writes.
    pub(super) fn undecided(&self, why: &NoSessionView) -> Standing {
        let unfit = |op: OpIndex, reason: String| {
            Standing::Undecided(vec![Doubt::Unsupported { op, reason }])
        };
        match *why {
            NoSessionView::Function(op) => {
                let f = crate::visible(self.history.f(op)).to_string();
                unfit(op, format!("only reads, writes and `cas` are judged, not `{f}`"))
            }
            NoSessionView::Argument(op) => unfit(
                op,
                "a `cas` needs a list of the value expected and the one to write".to_owned(),
            ),
            NoSessionView::LostFromNowhere(op) => unfit(
                op,
                "its outcome is unknown, its value was read, and nothing wrote what it expected"
                    .to_owned(),
            ),
            NoSessionView::WentOn(op) => unfit(
                op,
                "its outcome is unknown, its value was read, and its process went on".to_owned(),
            ),
            NoSessionView::WrittenTwice(one, other) => unfit(
                other,
                format!("it writes what {one} wrote, so that a read does not name its write"),
            ),
            NoSessionView::WritesNil(op) => {
                unfit(op, "it writes what a register holds that was never written".to_owned())
            }
            NoSessionView::FromNowhere(read) | NoSessionView::FromFailed(read, _) => {
                unfit(read, "it returns what nothing wrote".to_owned())
            }
        }
    }

    fn unwritten(&self, model: Consistency, write: Option<OpIndex>, read: OpIndex) -> Standing {
        Standing::Broken(Box::new(story::from_nothing(self.history, model, write, read)))
    }
}
