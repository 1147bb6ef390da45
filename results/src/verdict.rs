//! `verdict.json` on disk: written whole, read strictly.

use serde::Deserialize;

use crate::{RunFolder, RunRecord, StoreError, strict};

/// The name of the file.
const FILE: &str = "verdict.json";

/// What `verdict.json` of a run holds.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredVerdict {
    /// Nothing: the run was ended before it was judged.
    Absent,
    /// The record of the run.
    Record(Box<RunRecord>),
    /// What an earlier rashomon concluded, before there were records.
    Earlier {
        /// The name of its format.
        schema: String,
        /// The verdict, in a word.
        verdict: String,
    },
}

/// How `verdict.json` began before there were records.
const EARLIER: &str = "rashomon.result/1";

/// As much as is read of a file from before there were records.
#[derive(Deserialize)]
struct Earlier {
    schema: String,
    verdict: String,
}

impl RunFolder {
    /// Writes the record of the run.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_record(&self, record: &RunRecord) -> Result<(), StoreError> {
        self.write_json(FILE, record)
    }

    /// Reads what was concluded from the run.
    ///
    /// # Errors
    /// If the file cannot be read, is of another format or version, or holds a field that is not
    /// known: the place is named.
    pub fn verdict(&self) -> Result<StoredVerdict, StoreError> {
        let path = self.path().join(FILE);
        if !path.is_file() {
            return Ok(StoredVerdict::Absent);
        }
        let text = self.read_text(FILE)?;
        if let Ok(Earlier { schema, verdict }) = serde_json::from_str(&text)
            && schema == EARLIER
        {
            return Ok(StoredVerdict::Earlier { schema, verdict });
        }
        match strict::json(&text, RunRecord::HEADER) {
            Ok(record) => Ok(StoredVerdict::Record(Box::new(record))),
            Err(problem) => Err(StoreError::Content { path, problem }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::Store;

    /// A small record, in the words of the file.
    const RECORD: &str = r#"{
        "format": "rashomon-record", "version": 1, "verdict": "valid", "exit": 0, "run": null,
        "build": {"version": "0.1.0", "commit": null, "dirty": null, "target": "t", "canary": null},
        "seed": 7, "driver": "simulation", "workload": "register",
        "target": {"target": "paxos", "nodes": 3, "bugs": [], "quorum": 2, "leases": true},
        "settings": {"faults": ["kill"], "time_ms": 8000, "ops": null, "rate": 9, "fail_fast": false,
            "require": [],
            "processes": 2, "keys": 1, "ops_per_key": 100},
        "claim": {"text": "all", "registers": "linearizable", "counters": "linearizable", "durable": true, "converges": true,
            "under": ["kill"], "because": "it is so"},
        "claim_broken": false,
        "required": {"by": "claim", "checks": ["linearizable"], "uncovered": []},
        "checks": [{"check": "linearizable", "verdict": "valid", "required": true,
            "promised": true, "anomalies": [], "suspected": [], "doubts": []}],
        "ledger": {"acknowledged": 1, "lost": [], "diverged": [], "recovered": [], "never_read": [],
            "stale": [], "resurrected": []},
        "doubts": [],
        "known": {"settled": true, "unread": [{"key": "k", "node": 1, "why": "none"}],
            "breakdowns": [{"part": {"link": {"from": 1, "to": 2}}, "whose": "target", "what": "w"}],
            "sighting": null, "end": 9},
        "stopped": {"at": 3, "why": "the first violation"},
        "evidence": {"operations": 4, "ok": 3, "fail": 0, "info": 1, "concurrency": 2, "bug_hits": 0,
            "judged_seconds": 0, "faults": [
                {"fault": {"id": 0, "start": 1, "lasts": 2, "fault": "kill", "node": {"node": 1}},
                 "what": "kill n1", "kind": "kill", "on": [1], "struck": 1, "healed": 3,
                 "efficacy": {"dropped": 0, "held": 0, "changed": 0, "killed": 1, "records_lost": 0,
                     "stalled": 0}}]},
        "again": "rashomon run"
    }"#;

    /// What a folder with this file says.
    fn read(text: &str) -> Result<StoredVerdict, String> {
        let root = tempfile::tempdir().unwrap();
        let folder = Store::at(root.path()).create(SystemTime::now(), "x").unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        folder.verdict().map_err(|error| error.to_string())
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let Ok(StoredVerdict::Record(record)) = read(RECORD) else { panic!("{:?}", read(RECORD)) };
        assert_eq!(record.evidence.faults[0].fault.parameters.len(), 1, "{record:?}");
        let root = tempfile::tempdir().unwrap();
        let folder = Store::at(root.path()).create(SystemTime::now(), "x").unwrap();
        assert_eq!(folder.verdict().unwrap(), StoredVerdict::Absent);
        folder.write_record(&record).unwrap();
        assert_eq!(folder.verdict().unwrap(), StoredVerdict::Record(record));
    }

    #[test]
    fn a_field_that_is_not_known_or_not_there_is_refused_with_its_place() {
        let cases = [
            ("\"exit\": 0", "\"exit\": 0, \"exits\": 0", "`exits` is not a known field"),
            ("\"killed\": 1", "\"killed\": 1, \"maimed\": 1", "faults.0.efficacy.maimed`"),
            ("\"suspected\": [],", "", "missing field `suspected`"),
            ("\"version\": 1,", "\"version\": 2,", "version 2 of rashomon-record"),
            ("rashomon-record", "rashomon-plan", "is not \"rashomon-record\""),
            ("\"verdict\": \"valid\", \"exit\"", "\"verdict\": \"fine\", \"exit\"", "`fine`"),
        ];
        for (from, to, told) in cases {
            assert!(RECORD.contains(from), "{from}");
            let error = read(&RECORD.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(told) && error.contains("verdict.json"), "{error}");
        }
    }

    #[test]
    fn what_an_earlier_rashomon_concluded_is_told_apart() {
        let earlier = read(r#"{"schema":"rashomon.result/1","verdict":"unknown","exit":3}"#);
        let (schema, verdict) = ("rashomon.result/1".to_owned(), "unknown".to_owned());
        assert_eq!(earlier, Ok(StoredVerdict::Earlier { schema, verdict }));
    }
}
