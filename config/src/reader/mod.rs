//! Reads TOML by hand-written getters that note every problem with its line and key and go on.
//!
//! A getter gives `None` only after it has noted a problem, so that a model is whole exactly when there are none.
//! Why not serde: it stops at the first problem.

mod notes;
mod section;
mod suggest;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use notes::read;
pub(crate) use section::Section;
pub(crate) use value::{Value, Word};
