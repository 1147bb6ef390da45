//! Part of Rashomon.
