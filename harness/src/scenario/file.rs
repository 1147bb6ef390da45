//! A scenario as it is in a file.

use rashomon_checker::{Event, EventKind, ProcessId, Time, Value};
use rashomon_workloads::generator::RecordedOp;
use rashomon_workloads::{Object, Op, Place, Words, read_action};
use serde::{Deserialize, Serialize};

use super::Scenario;
use crate::chance::Chance;
use crate::fault::Plan;
use crate::run::drive::Closing;
use crate::settings::Settings;
use crate::strict::Header;

/// What a scenario says first.
pub(crate) const HEADER: Header = Header { format: "rashomon-scenario", version: 1 };

/// The latest time of a scenario, in nanoseconds: seven days.
const LONGEST: u64 = 7 * 24 * 3_600 * 1_000_000_000;
/// The longest that a message, a write or a client takes by chance, in nanoseconds: an hour.
const LATEST: u64 = 3_600 * 1_000_000_000;

/// The file of a scenario in the folder of a run that was made by it.
pub(crate) const FILE: &str = "scenario.json";

/// A scenario as it is in a file.
#[derive(Serialize, Deserialize)]
pub(super) struct ScenarioFile {
    format: String,
    version: u64,
    settings: Settings,
    plan: Plan,
    operations: Vec<OperationLine>,
    closing: Closing,
    chance: Chance,
}

/// An operation as it is in a file: in the words of a history.
#[derive(Serialize, Deserialize)]
struct OperationLine {
    /// Nanoseconds since the start of the run.
    time: u64,
    process: u32,
    /// The number of the node that is asked, from 1.
    node: u16,
    object: String,
    f: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Value>,
    value: Value,
}

impl From<&RecordedOp> for OperationLine {
    fn from(recorded: &RecordedOp) -> Self {
        let RecordedOp { at, slot, op } = recorded;
        let event = Words::default().invocation(ProcessId(*slot), op);
        Self {
            time: at.0,
            process: *slot,
            node: recorded.node(),
            object: Object::of(&op.action).name().to_owned(),
            f: event.f.to_string(),
            key: event.key,
            value: event.value,
        }
    }
}

impl OperationLine {
    fn read(self) -> Result<RecordedOp, String> {
        let object = Object::named(&self.object)
            .ok_or_else(|| format!("there is no object {:?}; an example: register", self.object))?;
        let event = Event {
            key: self.key,
            ..Event::new(0, ProcessId(self.process), EventKind::Invoke, &self.f, self.value)
        };
        let strange = |_| {
            format!("{:?} with this key and value is no operation of a {}", self.f, self.object)
        };
        let action = read_action(object, &event).map_err(strange)?;
        let op = Op { action, place: Place::Node(self.node) };
        Ok(RecordedOp { at: Time(self.time), slot: self.process, op })
    }
}

impl From<Scenario> for ScenarioFile {
    fn from(scenario: Scenario) -> Self {
        Self {
            format: HEADER.format.to_owned(),
            version: HEADER.version,
            operations: scenario.operations.iter().map(OperationLine::from).collect(),
            settings: scenario.settings,
            plan: scenario.plan,
            closing: scenario.closing,
            chance: scenario.chance,
        }
    }
}

/// The reader of the file checks its header: see [`crate::strict`].
impl TryFrom<ScenarioFile> for Scenario {
    type Error = String;

    fn try_from(file: ScenarioFile) -> Result<Self, String> {
        let ScenarioFile { settings, plan, operations, closing, chance, .. } = file;
        settings.validate().map_err(|why| format!("settings: {why}"))?;
        let members = settings.members();
        plan.check_nodes(&members).map_err(|why| format!("plan: {why}"))?;
        let ids: Vec<u32> = plan.spans.iter().map(|span| span.id).collect();
        if let Some((at, id)) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id)) {
            return Err(format!(
                "plan.spans.{at}.id: {id} is another span's; give it a number of its own"
            ));
        }
        if plan.end().0 > LONGEST {
            return Err("plan.spans: a span ends after more than 7 days; end it earlier".to_owned());
        }
        if chance.decided.iter().any(|(name, &it)| name.usual().is_some() && it > LATEST) {
            return Err(
                "chance.decided: a message, write or client that takes more than an hour; \
                        give less"
                    .to_owned(),
            );
        }
        let read = |(at, line): (usize, OperationLine)| {
            let place = |why: String| format!("operations.{at}: {why}");
            if line.time > LONGEST {
                return Err(place(
                    "it is invoked after more than 7 days; invoke it earlier".to_owned(),
                ));
            }
            if line.process >= settings.processes {
                let most = settings.processes - 1;
                return Err(place(format!(
                    "process is {}; settings.processes allows 0 to {most}",
                    line.process
                )));
            }
            if line.node == 0 || usize::from(line.node) > members.len() {
                return Err(place(format!("node is {}; give 1 to {}", line.node, members.len())));
            }
            line.read().map_err(place)
        };
        let operations = operations.into_iter().enumerate().map(read);
        let mut operations = operations.collect::<Result<Vec<RecordedOp>, _>>()?;
        operations.sort_by_key(|it| it.at);
        Ok(Self { settings, plan, operations, closing, chance })
    }
}
