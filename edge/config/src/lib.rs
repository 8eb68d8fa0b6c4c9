//! Files in, checked plain types out, every error at once with file, line and column.

mod types;

pub use types::*;
