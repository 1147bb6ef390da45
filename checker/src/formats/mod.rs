//! Histories as files.
