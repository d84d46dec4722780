//! Chromium without a window, spoken to over its DevTools pipe: no driver and no port between.
//!
//! - `pipe`: the process, and messages that end with a zero byte.
//! - `page`: a tab: what stands in it, keys and clicks as people press them, pictures.
//! - `keys`: the keys that tests press.
//! - `axe`: axe-core, which `tests/run` installs.

mod axe;
mod keys;
mod page;
mod pipe;

pub use axe::Violation;
pub use page::{Page, Scheme};
pub use pipe::Browser;
