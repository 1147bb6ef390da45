//! Why there is no report.

use thiserror::Error;

/// Why there is no report. What is wrong with a node is never an error: it is in the report.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// The request is invalid.
    #[error("{0}")]
    Settings(String),
    /// A run could not be made or kept: a program that does not start, a folder that cannot be written.
    #[error("{0}")]
    Run(String),
}

impl From<anyhow::Error> for HarnessError {
    fn from(error: anyhow::Error) -> Self {
        Self::Run(format!("{error:#}"))
    }
}
