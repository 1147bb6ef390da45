//! `rashomon audit --claims FILE`: claims that others wrote down, of a history or of a target.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use rashomon_checker::formats::{self, ReadOptions};
use rashomon_checker::{Guess, History, visible};
use rashomon_results::{Store, find_history};

use super::file;
use super::words::Audited;
use crate::audit::{
    HistorySource, JudgedClaim, JudgedHistory, JudgedRun, JudgedTarget, WrittenClaims, options,
};
use crate::campaign::SeedRange;
use crate::cli::opened::{Known, Opened};
use crate::cli::output::Output;
use crate::exit::Exit;
use crate::report::{ToldClaims, written_claims_page, written_claims_report};
use crate::subject::Subject;

/// What the claims of a file are held against, and how.
pub(super) struct WrittenAudit<'a> {
    /// The file.
    pub(super) claims: &'a Path,
    /// Where runs are kept.
    pub(super) store: &'a Path,
    /// The seeds of runs of a target.
    pub(super) seeds: SeedRange,
    /// Whether to stop.
    pub(super) stop: &'a Arc<AtomicBool>,
}

impl WrittenAudit<'_> {
    /// Audits.
    ///
    /// # Errors
    /// All that is wrong with the file, before anything is run; or what cannot be read or run.
    pub(super) fn run(&self, audited: &Audited, output: &Output) -> anyhow::Result<Exit> {
        let path = self.claims;
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let claims = file::read(&path.display().to_string(), &text).map_err(anyhow::Error::msg)?;
        let (of, judged) = match audited {
            Audited::Target(target) => {
                let target = Subject::from(target.clone());
                (target.words().unwrap_or_default().0.join(" "), self.of_target(&claims, &target)?)
            }
            Audited::History(path) => (path.clone(), self.of_history(&claims, path)?),
        };
        let told = ToldClaims {
            file: path.display().to_string(),
            of: visible(&of).into_owned(),
            system: &claims.system,
            judged: &judged,
            is_interrupted: self.stop.load(Ordering::Relaxed),
        };
        told.exit().note();
        if output.json {
            output.json(&written_claims_report(&told));
        } else {
            output.page(&written_claims_page(&told, output.screen()));
        }
        Ok(told.exit())
    }

    fn of_target(
        &self,
        claims: &WrittenClaims,
        target: &Subject,
    ) -> anyhow::Result<Vec<JudgedClaim>> {
        let judged = JudgedTarget { target, seeds: self.seeds, stop: self.stop };
        claims.claims.iter().map(|claim| judged.judge(claim)).collect()
    }

    fn of_history(&self, claims: &WrittenClaims, name: &str) -> anyhow::Result<Vec<JudgedClaim>> {
        let (history, source) = self.read(claims, name)?;
        let judged = JudgedHistory { history, source, options: options(self.stop) };
        Ok(claims.claims.iter().map(|claim| judged.judge(claim)).collect())
    }

    /// A history: that of a stored run, or one in a file. What the objects of a run are its workload says, and not the
    /// file of claims.
    ///
    /// # Errors
    /// If it cannot be read, or nothing is known of how the run went.
    fn read(&self, claims: &WrittenClaims, name: &str) -> anyhow::Result<(History, HistorySource)> {
        let path = Path::new(name);
        if !path.is_file() && (!path.exists() || path.join("run.toml").is_file()) {
            let run = Store::at(self.store).find(name)?;
            let Opened { folder, settings, plan, known, .. } = Opened::open(run)?;
            let path = folder.path().join("history.jsonl");
            let Known::Record { driven, .. } = known else {
                let (run, path) = (folder.path().display(), path.display());
                anyhow::bail!(
                    "{run} does not say how the run went: make it again (rashomon replay {run}), or hold the claims \
                     against what was recorded ({path})"
                );
            };
            let kind = settings.kind().context("an unknown workload")?;
            let run = JudgedRun { settings, kind, plan, driven: *driven };
            return Ok((load(&path)?, HistorySource::Run(Box::new(run))));
        }
        let path = if path.is_dir() { find_history(path)? } else { path.to_owned() };
        let history = load(&path)?;
        let model = if let Some(model) = claims.model {
            model
        } else {
            let how = || {
                let path = path.display();
                format!("{path}: write model = \"register\" (`rashomon list models`) into the file")
            };
            Guess::of(&history.tally()).with_context(how)?.model
        };
        Ok((history, HistorySource::System(model)))
    }
}

fn load(path: &Path) -> anyhow::Result<History> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let loaded = formats::load(BufReader::new(file), &ReadOptions::default());
    Ok(loaded.with_context(|| path.display().to_string())?.history)
}
