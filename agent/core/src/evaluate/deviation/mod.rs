//! Deviation candidates for quality assurance: what the Master File's rules open, and the evidence.
//!
//! An excursion makes two objects: the operator's alarm, and QA's candidate. Nobody on site acknowledges a
//! candidate, and it decides nothing: it holds what happened before, during and after.
//!
//! ```text
//!   alarm raised ──▶ watched ──rule's time over──▶ open ──returned and seen──▶ collecting ──10 min──▶ closed
//!                       │ returned, seen: forgotten   ▲ acknowledged, another rule: updated
//! ```

mod evidence;
mod machine;
mod rules;

pub(super) use machine::Deviations;
