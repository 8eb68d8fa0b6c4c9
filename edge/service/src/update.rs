//! Signed updates: a release is verified, backed up before, laid beside what runs and tried. It stays only when it has shown that it
//! alarms; otherwise what ran before runs again, by itself.
//!
//! The installed package is the launcher: it alone decides what runs, from one file that is written before whatever it speaks of.

mod command;
mod install;
mod launch;
mod live;
mod page;
mod proof;
mod release;
mod state;
mod supervise;
mod trial;
mod version;

pub(crate) use command::command;
pub(crate) use launch::{run, told_to_stop};
pub(crate) use live::{Updating, stands_still};
pub(crate) use page::ForPage;
pub(crate) use trial::Seen;
pub(crate) use version::text as version;
