//! Which model a history is of, from its functions and the sorts of values that they carry.

use std::fmt;
use std::sync::Arc;

use super::ModelKind;
use crate::{Shapes, Sorts, Tally, visible};

/// A model found out from the operations, and not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The model.
    pub model: ModelKind,
    /// The functions that it was guessed from, in the order of their names.
    pub functions: Vec<Arc<str>>,
}

impl Guess {
    /// The one model that a history of which this is known can be of. Of a history of no
    /// operations, any.
    ///
    /// A register is also a register with `cas`, and texts that are only put and got are values of
    /// a register; both count as one. `enqueue` and `dequeue` are taken for those of a queue.
    ///
    /// ```
    /// use rashomon_checker::{Event, EventKind, Guess, History, ModelKind, ProcessId, Value};
    ///
    /// let event = |index, kind, f, value| Event::new(index, ProcessId(0), kind, f, value);
    /// let mut events = vec![
    ///     event(0, EventKind::Invoke, "add", Value::Int(1)),
    ///     event(1, EventKind::Ok, "add", Value::Nil),
    /// ];
    /// let history = History::from_events(events.clone())?;
    /// let why = Guess::of(&history.tally()).unwrap_err();
    /// assert_eq!(why.to_string(), "`add` may be of a set or of a counter");
    ///
    /// events.push(event(2, EventKind::Invoke, "read", Value::Nil));
    /// events.push(event(3, EventKind::Ok, "read", Value::Int(1)));
    /// let history = History::from_events(events)?;
    /// assert_eq!(Guess::of(&history.tally()).unwrap().model, ModelKind::Counter);
    /// # Ok::<(), rashomon_checker::HistoryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Why there is none, or not only one.
    pub fn of(tally: &Tally) -> Result<Self, NoGuess> {
        let functions: Vec<Arc<str>> = tally.shapes.keys().cloned().collect();
        let guess = |model| Ok(Self { model, functions: functions.clone() });
        if functions.is_empty() {
            return guess(ModelKind::CasRegister);
        }
        let foreign = |f: &&Arc<str>| ModelKind::having(f).next().is_none();
        let foreign: Vec<Arc<str>> = functions.iter().filter(foreign).cloned().collect();
        if !foreign.is_empty() {
            return Err(NoGuess::Foreign { functions: foreign });
        }
        let has_all = |model: &ModelKind| functions.iter().all(|f| model.has(f));
        let having: Vec<ModelKind> = ModelKind::ALL.into_iter().filter(has_all).collect();
        if having.is_empty() {
            return Err(NoGuess::Mixed { functions });
        }
        let seen = Seen(tally);
        let judged: Vec<(ModelKind, Result<(), String>)> =
            having.into_iter().map(|model| (model, seen.fits(model))).collect();
        let fitting = judged.iter().filter(|(_, fits)| fits.is_ok()).map(|&(model, _)| model);
        match one_of_each(fitting.collect(), &seen).as_slice() {
            &[model] => guess(model),
            [] => Err(NoGuess::OtherValues {
                why: judged.into_iter().filter_map(|(_, fits)| fits.err()).collect(),
            }),
            several => Err(NoGuess::Several { functions, models: several.to_vec() }),
        }
    }
}

/// Drops models that judge as another one that fits.
fn one_of_each(mut fitting: Vec<ModelKind>, seen: &Seen<'_>) -> Vec<ModelKind> {
    let drop = |fitting: &mut Vec<ModelKind>, model, for_the_sake_of: ModelKind| {
        if fitting.contains(&for_the_sake_of) {
            fitting.retain(|&other| other != model);
        }
    };
    drop(&mut fitting, ModelKind::Register, ModelKind::CasRegister);
    drop(&mut fitting, ModelKind::PriorityQueue, ModelKind::Queue);
    // A text is empty before it is put, and a register holds nil.
    if !seen.read().meet(Sorts::EMPTY_TEXT) {
        drop(&mut fitting, ModelKind::Kv, ModelKind::CasRegister);
    }
    fitting
}

/// What sorts of values were seen.
struct Seen<'a>(&'a Tally);

const ANY_TEXT: Sorts = Sorts::TEXT.and(Sorts::EMPTY_TEXT);

impl Seen<'_> {
    fn any(&self, functions: &[&str], sorts: impl Fn(&Shapes) -> Sorts) -> Sorts {
        let shapes = functions.iter().filter_map(|&f| self.0.shapes.get(f));
        shapes.map(sorts).fold(Sorts::default(), Sorts::and)
    }

    fn arguments(&self, functions: &[&str]) -> Sorts {
        self.any(functions, |shapes| shapes.arguments)
    }

    fn returns(&self, functions: &[&str]) -> Sorts {
        self.any(functions, |shapes| shapes.returns)
    }

    /// What was read.
    fn read(&self) -> Sorts {
        self.returns(&["read", "get"])
    }

    /// Whether the values are those of this model, and if not, why.
    fn fits(&self, model: ModelKind) -> Result<(), String> {
        match model {
            ModelKind::Register | ModelKind::CasRegister => {
                within(model, "`cas` was asked for with", self.arguments(&["cas"]), Sorts::LIST)?;
                let written = self.arguments(&["write", "put", "set"]);
                within(model, "what was written holds", written, Sorts::ALL.but(Sorts::NIL))?;
                let swapped = self.any(&["cas"], |shapes| shapes.pairs);
                given_back(model, "read", self.read(), "wrote", written.and(swapped))
            }
            ModelKind::Kv => {
                let texts = ANY_TEXT.and(Sorts::NIL);
                within(model, "what was read holds", self.read(), texts)?;
                let changes = self.arguments(&["put", "write", "append"]);
                within(model, "what was put or appended holds", changes, texts)
            }
            ModelKind::Set => {
                let lists = Sorts::LIST.and(Sorts::NIL);
                within(model, "`read` returned", self.read(), lists)?;
                within(model, "`contains` returned", self.returns(&["contains"]), Sorts::BOOL)
            }
            ModelKind::Counter => {
                let numbers = Sorts::INT.and(Sorts::NIL);
                within(model, "`read` returned", self.read(), numbers)?;
                within(model, "`add` was asked for with", self.arguments(&["add"]), Sorts::INT)
            }
            ModelKind::ListAppend => {
                within(model, "`read` returned", self.read(), Sorts::LIST.and(Sorts::NIL))
            }
            ModelKind::Queue => self.takes(model, &["enqueue"], &["dequeue", "peek"]),
            ModelKind::Stack => self.takes(model, &["push"], &["pop", "peek"]),
            ModelKind::PriorityQueue => {
                self.takes(model, &["insert", "enqueue"], &["delete-min", "dequeue", "peek"])
            }
            ModelKind::Deque => self.takes(
                model,
                &["push-front", "push-back"],
                &["pop-front", "pop-back", "peek-front", "peek-back"],
            ),
            ModelKind::Mutex | ModelKind::Echo | ModelKind::UniqueIds => Ok(()),
        }
    }

    /// Whether what is taken out of a container is of the sorts that are put in.
    fn takes(&self, model: ModelKind, insert: &[&str], take: &[&str]) -> Result<(), String> {
        given_back(model, "took out", self.returns(take), "put in", self.arguments(insert))
    }
}

/// Whether these sorts are all among those allowed.
fn within(model: ModelKind, what: &str, sorts: Sorts, allowed: Sorts) -> Result<(), String> {
    if sorts.are_among(allowed) {
        return Ok(());
    }
    Err(format!("of a {model}, but {what} {}", sorts.but(allowed)))
}

/// Whether all that came back is nil or of the sorts given.
fn given_back(
    model: ModelKind,
    took: &str,
    back: Sorts,
    gave: &str,
    given: Sorts,
) -> Result<(), String> {
    if back.are_among(given.and(Sorts::NIL)) {
        return Ok(());
    }
    let strange = back.but(given.and(Sorts::NIL));
    Err(format!("of a {model}, but operations {took} {strange} and {gave} {given}"))
}

/// Why no model could be guessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGuess {
    /// No model has these functions.
    Foreign {
        /// In the order of their names.
        functions: Vec<Arc<str>>,
    },
    /// No model has all of these functions.
    Mixed {
        /// In the order of their names.
        functions: Vec<Arc<str>>,
    },
    /// Some models have these functions, but the values are not theirs.
    OtherValues {
        /// For each of the models, why not.
        why: Vec<String>,
    },
    /// It may be one of several, which differ.
    Several {
        /// In the order of their names.
        functions: Vec<Arc<str>>,
        /// Those that it may be.
        models: Vec<ModelKind>,
    },
}

impl fmt::Display for NoGuess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { functions } => {
                write!(out, "no model has {}", list(functions, "or", quoted))
            }
            Self::Mixed { functions } => {
                write!(out, "no model has all of {}", list(functions, "and", quoted))
            }
            Self::OtherValues { why } => {
                write!(out, "the operations may be {}", list(why, "or", Clone::clone))
            }
            Self::Several { functions, models } => {
                let models = list(models, "or", |model| format!("of a {model}"));
                write!(out, "{} may be {models}", list(functions, "and", quoted))
            }
        }
    }
}

/// A given model lacks a function of the history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LacksFunction {
    /// The model given.
    pub model: ModelKind,
    /// The function that it lacks.
    pub f: Arc<str>,
    /// The models that have it.
    pub having: Vec<ModelKind>,
}

impl LacksFunction {
    /// The first function of a history, in the order of names, that `model` lacks, if any.
    pub fn of(model: ModelKind, tally: &Tally) -> Option<Self> {
        let f = tally.shapes.keys().find(|f| !model.has(f))?.clone();
        let having = ModelKind::having(&f).collect();
        Some(Self { model, f, having })
    }
}

impl fmt::Display for LacksFunction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, f, having } = self;
        let known = list(model.functions(), "and", |f| format!("`{f}`"));
        let having = match having.as_slice() {
            [] => "no model has it".to_owned(),
            having => format!("models that have it: {}", list(having, "and", ToString::to_string)),
        };
        write!(out, "the model {model} has no {}, only {known}; {having}", quoted(f))
    }
}

fn quoted(f: &Arc<str>) -> String {
    format!("`{}`", visible(f))
}

/// Items in a sentence: `a, b or c`.
fn list<T>(items: &[T], last_after: &str, tell: impl Fn(&T) -> String) -> String {
    let told: Vec<String> = items.iter().map(tell).collect();
    match told.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("{} {last_after} {last}", rest.join(", "))
        }
        _ => told.concat(),
    }
}

#[cfg(test)]
mod tests;
