//! The face: the culture as the registers of a device profile, the same file that the agent reads.
//!
//! In: a profile, the culture, what is broken. Out: an [`Image`] of all tables, taken at one moment, from
//! which every read is answered; and the value that somebody at the panel wrote.

mod encode;
#[expect(clippy::module_inception, reason = "the folder is named after its main type")]
mod face;
mod image;
mod panel;
mod source;

pub use encode::{Sent, can_say_no_value, encode};
pub use face::{Face, FaceProblem, FaceProblems, Moment};
pub use image::Image;
pub use panel::{PanelWrite, decode_number};
pub use source::Source;

#[cfg(test)]
mod tests;
