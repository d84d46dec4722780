#![allow(clippy::unwrap_used)]

mod channel;
mod late_replies;
mod rules;
mod tables;
