//! Writes the file with which a scheduler does the shares of a campaign.

use std::path::Path;

use clap::ValueEnum;

use crate::campaign::Campaign;
use crate::cli::words;

/// The flags of an export.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// Print a file with which a scheduler does the campaign in shares; runs nothing
    #[arg(long, value_name = "SCHEDULER", requires = "shares")]
    export: Option<Scheduler>,
    /// With --export: in how many shares
    #[arg(long, value_name = "N", requires = "export", value_parser = |text: &str| words::whole(text, 1_u32, 10_000))]
    shares: Option<u32>,
    /// With --export kubernetes: the image that has rashomon in it
    #[arg(long, value_name = "IMAGE", requires = "export", value_parser = image)]
    image: Option<String>,
}

/// A scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scheduler {
    /// An array of jobs
    Slurm,
    /// An indexed job, and a map of configuration with the campaign's file
    Kubernetes,
}

/// What is to be exported.
pub(super) struct WantedExport<'a> {
    scheduler: Scheduler,
    shares: u32,
    image: Option<&'a str>,
}

/// A campaign that is to be exported.
pub(super) struct Export<'a> {
    pub(super) file: &'a Path,
    pub(super) profile: Option<&'a str>,
    pub(super) campaign: &'a Campaign,
}

/// The name of an image goes into YAML as it is.
fn image(name: &str) -> Result<String, String> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:@".contains(it);
    let fits = !name.is_empty() && name.chars().all(is_plain);
    if fits {
        Ok(name.to_owned())
    } else {
        Err("an image is named like registry/rashomon:1".to_owned())
    }
}

impl ExportArgs {
    /// What is to be exported, if anything is.
    pub(super) fn wanted(&self) -> Option<WantedExport<'_>> {
        let (scheduler, shares) = (self.export?, self.shares?);
        Some(WantedExport { scheduler, shares, image: self.image.as_deref() })
    }
}

impl Export<'_> {
    /// The file for the scheduler.
    pub(super) fn text(&self, wanted: &WantedExport<'_>) -> anyhow::Result<String> {
        match wanted.scheduler {
            Scheduler::Slurm => self.slurm(wanted.shares),
            Scheduler::Kubernetes => self.kubernetes(wanted),
        }
    }

    /// ` --profile NAME`, if there is one.
    fn flags(&self) -> String {
        self.profile.map_or_else(String::new, |profile| format!(" --profile {profile}"))
    }

    fn slurm(&self, shares: u32) -> anyhow::Result<String> {
        let (name, flags, last) = (&self.campaign.name, self.flags(), shares - 1);
        let file = self.file.to_str().filter(|it| !it.contains(['\'', '\n']));
        let file = file
            .ok_or_else(|| anyhow::anyhow!("the name of the file cannot be quoted; rename it"))?;
        Ok(format!(
            "#!/bin/bash
# Does the campaign in {shares} shares. A share that was ended goes on where it was: submit this again.
# Afterwards: rashomon campaign '{file}'{flags} --campaigns \"$RASHOMON_CAMPAIGNS\" --merge \"$RASHOMON_CAMPAIGNS/{folder}\"
#SBATCH --job-name=rashomon-{name}
#SBATCH --array=0-{last}
#SBATCH --requeue
set -eu
# A folder that all nodes share.
export RASHOMON_CAMPAIGNS=${{RASHOMON_CAMPAIGNS:-$PWD/results/campaigns}}
code=0
rashomon campaign '{file}'{flags} --quiet --share \"$SLURM_ARRAY_TASK_ID/{shares}\" || code=$?
# 1 and 3 are what was found, which the merge reports.
case $code in 0|1|3) exit 0 ;; *) exit $code ;; esac
",
            folder = super::folder_of(self.campaign),
        ))
    }

    fn kubernetes(&self, wanted: &WantedExport<'_>) -> anyhow::Result<String> {
        let image = wanted.image.ok_or_else(|| {
            anyhow::anyhow!("--export kubernetes needs --image IMAGE, which has rashomon in it")
        })?;
        let text = std::fs::read_to_string(self.file)?;
        let lines = text.lines().map(|line| format!("    {line}").trim_end().to_owned());
        let (shares, flags) = (wanted.shares, self.flags());
        // Names of objects have small letters and no underscores.
        let name = format!("rashomon-{}", self.campaign.name.to_lowercase().replace('_', "-"));
        Ok(format!(
            "# Does the campaign in {shares} shares. It needs a claim of a volume that all pods share, called
# {name}; the journals are in it. Afterwards, with that volume at DIR:
#   rashomon campaign FILE{flags} --campaigns DIR --merge DIR/{folder}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  campaign.toml: |
{file}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
  completionMode: Indexed
  completions: {shares}
  parallelism: {shares}
  backoffLimitPerIndex: 3
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: rashomon
          image: {image}
          command:
            - sh
            - -c
            # 1 and 3 are what was found, which the merge reports.
            - >-
              rashomon campaign /campaign/campaign.toml{flags} --quiet --campaigns /results
              --store /results/runs --share \"$JOB_COMPLETION_INDEX/{shares}\";
              code=$?; case $code in 0|1|3) exit 0 ;; *) exit $code ;; esac
          volumeMounts:
            - {{name: campaign, mountPath: /campaign}}
            - {{name: results, mountPath: /results}}
      volumes:
        - name: campaign
          configMap: {{name: {name}}}
        - name: results
          persistentVolumeClaim: {{claimName: {name}}}
",
            folder = super::folder_of(self.campaign),
            file = lines.collect::<Vec<_>>().join("\n"),
        ))
    }
}
