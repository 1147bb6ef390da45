//! The checks of a history that is read in groups of keys.

use rashomon_checker::convergence::Judge;
use rashomon_checker::formats::Format;
use rashomon_checker::groups::{Gathered, Streamed, in_slices};
use rashomon_checker::invariants::{Figure, Latencies};
use rashomon_checker::linearizability::{FailedCas, Options};
use rashomon_checker::passes::{Cut, Group};
use rashomon_checker::{
    Anomaly, Budget, Consistency, ConvergenceKind, Doubt, Guess, LacksFunction, ModelKind, NoGuess,
    Tally, Verdict, visible,
};

/// A check, its verdict, and the number of its anomalies and doubts. Not all of them are
/// reported.
pub(super) struct Answered {
    pub(super) asked: String,
    pub(super) verdict: Verdict<Anomaly>,
    pub(super) found: u64,
    /// What the model was guessed from, if it was not given.
    pub(super) guess: Option<Guess>,
    /// Whether the exit code depends on it.
    pub(super) required: bool,
    /// Of an invariant: how many of what there are.
    pub(super) figures: Vec<Figure>,
    /// Of an invariant: how long what took.
    pub(super) latencies: Vec<Latencies>,
}

impl Answered {
    /// An answer that is required, without a word on a model or numbers beside it.
    pub(super) fn of(asked: String, verdict: Verdict<Anomaly>) -> Self {
        let found = (verdict.anomalies().count() + verdict.doubts().count()) as u64;
        let (figures, latencies) = (Vec::new(), Vec::new());
        Self { asked, verdict, found, guess: None, required: true, figures, latencies }
    }
}

/// The function of a transaction, in our files and in those of Elle.
const TRANSACTION: &str = "txn";

/// The most anomalies and doubts that are reported: more of a kind do not help, and may not fit into
/// memory.
const KEEP: usize = 1000;

/// The checks that apply, and their verdicts so far.
pub(super) struct Asking {
    model: ModelKind,
    /// What the model was guessed from, if it was not given.
    guess: Option<Guess>,
    options: Options,
    linearizable: Option<Gathered>,
    converge: Option<Judge>,
    /// Whether anything judges final reads of such objects.
    compares_finals: bool,
    /// Doubts about what could not be read, reported already.
    unread: bool,
    /// Events of the groups in which nothing is wrong or in doubt.
    proved_events: u64,
    nodes: u64,
}

impl Asking {
    /// The checks that apply to a history with these facts.
    pub(super) fn of(
        tally: &Tally,
        given: Option<ModelKind>,
        options: Options,
    ) -> anyhow::Result<Self> {
        if given.is_none() && tally.by_f.contains_key(TRANSACTION) {
            return Self::of_transactions(tally, options);
        }
        let any_final = tally.finals > 0;
        let guess = if given.is_none() { Some(guess(tally)?) } else { None };
        let guessed = guess.as_ref().map(|guess| guess.model);
        let asked = given.or(guessed).expect("a model is given or guessed");
        if let Some(lacks) = LacksFunction::of(asked, tally) {
            anyhow::bail!("{lacks}");
        }
        let is_set = asked == ModelKind::Set;
        let kind = ConvergenceKind::of(asked);
        // A set with final reads was recorded to see whether it converges; it need not be
        // linearizable.
        let only_converge = is_set && any_final && given.is_none();
        Ok(Self {
            model: asked,
            guess,
            options,
            linearizable: (!only_converge).then(|| Gathered::new(KEEP)),
            converge: any_final.then(|| final_reads(kind, asked)),
            compares_finals: kind.is_some(),
            unread: false,
            proved_events: 0,
            nodes: tally.nodes,
        })
    }

    /// No check of single objects: isolation models are required, and decided from all of the history.
    fn of_transactions(tally: &Tally, options: Options) -> anyhow::Result<Self> {
        if let Some(other) = tally.by_f.keys().find(|f| &***f != TRANSACTION) {
            let other = visible(other);
            anyhow::bail!(
                "this history has transactions (`{TRANSACTION}`) and `{other}`: give --model for the \
                 operations on single objects, or leave one of both out"
            );
        }
        Ok(Self {
            model: ModelKind::ListAppend,
            guess: None,
            options,
            linearizable: None,
            converge: None,
            compares_finals: false,
            unread: false,
            proved_events: 0,
            nodes: tally.nodes,
        })
    }

    /// Whether the history is one of transactions.
    pub(super) fn is_of_transactions(&self) -> bool {
        self.linearizable.is_none() && self.converge.is_none()
    }

    /// Whether a violation has been found.
    pub(super) fn has_found(&self) -> bool {
        self.linearizable.as_ref().is_some_and(|gathered| gathered.counts()[0] > 0)
    }

    /// What the objects are.
    pub(super) fn model(&self) -> ModelKind {
        self.model
    }

    /// How the last group was judged.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// Whether linearizability is among the questions; then it is the first.
    pub(super) fn linearizable_is_asked(&self) -> bool {
        self.linearizable.is_some()
    }

    /// Events of the groups in which nothing is wrong or in doubt.
    pub(super) fn proved_events(&self) -> u64 {
        self.proved_events
    }

    /// Judges a group with each check.
    pub(super) fn judge(&mut self, group: &Group) {
        // Jepsen's etcd client, whose logs these are, fails a `cas` for one reason only.
        let failed_cas = match group.format {
            Format::JepsenLog => FailedCas::Mismatched,
            _ => FailedCas::SaysNothing,
        };
        let bytes = self.options.budget.bytes.min(group.search_bytes);
        let budget = Budget { bytes, ..self.options.budget.clone() };
        self.options.failed_cas = failed_cas;
        let options = Options { budget, ..self.options.clone() };
        let doubt = group.doubt();
        let is_news = !matches!(group.cut, Some(Cut::Unread { .. }))
            || !std::mem::replace(&mut self.unread, true);
        let news = doubt.as_ref().filter(|_| is_news);
        let streamed = group.streamed.as_ref().filter(|streamed| streamed.model() == self.model);
        if let Some(gathered) = &mut self.linearizable {
            if !matches!(streamed, Some(Streamed::Consistent(_))) {
                gathered.judge(&group.history, self.model, &options);
            }
            if let Some(streamed) = streamed {
                gathered.stream(streamed);
            }
            let is_told = streamed.is_some() && matches!(group.cut, Some(Cut::Full { .. }));
            news.filter(|_| !is_told).cloned().into_iter().for_each(|doubt| gathered.doubt(doubt));
            if gathered.counts() == [0, 0] {
                self.proved_events += group.history.event_count() as u64;
            }
        }
        if let Some(judge) = &mut self.converge {
            // The final reads are at the end, and so not there if there is none.
            if doubt.is_none() && self.compares_finals {
                in_slices(&group.history, |slice| judge.add(slice));
            }
            news.cloned().into_iter().for_each(|doubt| judge.doubt(doubt));
        }
    }

    /// Records something that could not be judged.
    pub(super) fn doubt(&mut self, doubt: &Doubt) {
        self.linearizable.iter_mut().for_each(|gathered| gathered.doubt(doubt.clone()));
        self.converge.iter_mut().for_each(|judge| judge.doubt(doubt.clone()));
    }

    /// The answers.
    pub(super) fn finish(self) -> Vec<Answered> {
        let model = self.model;
        let linearizable = self.linearizable.map(|gathered| {
            let [anomalies, doubts] = gathered.counts();
            Answered {
                found: if anomalies > 0 { anomalies } else { doubts },
                guess: self.guess,
                ..Answered::of(format!("linearizable as {}", model.name()), gathered.finish())
            }
        });
        let converge = self.converge.map(|judge| {
            let asked = "replicas converge, nothing is lost".to_owned();
            Answered::of(asked, judge.finish(self.nodes).verdict)
        });
        linearizable.into_iter().chain(converge).collect()
    }
}

/// The judge of final reads; one that is in doubt from the start where nothing judges those of `model`.
fn final_reads(kind: Option<ConvergenceKind>, model: ModelKind) -> Judge {
    let mut judge = Judge::keeping(kind.unwrap_or(ConvergenceKind::Register), KEEP);
    if kind.is_none() {
        let reason =
            format!("final reads are judged for registers, sets and counters, not for a {model}");
        judge.doubt(Doubt::Unjudged { consistency: Consistency::Convergent, reason });
    }
    judge
}

/// The model that a history is of, when none is given.
fn guess(tally: &Tally) -> anyhow::Result<Guess> {
    Guess::of(tally).map_err(|why| {
        let models: &[ModelKind] = match &why {
            NoGuess::Several { models, .. } => models,
            NoGuess::Foreign { .. } | NoGuess::Mixed { .. } | NoGuess::OtherValues { .. } => &[],
        };
        let which: Vec<String> = models.iter().map(|model| format!("--model {model}")).collect();
        match which.as_slice() {
            [] => anyhow::anyhow!(
                "{why}; `rashomon list models` lists the operations of each --model"
            ),
            which => anyhow::anyhow!("{why}; give {}", which.join(" or ")),
        }
    })
}
