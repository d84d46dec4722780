//! Scenarios: text in, a course of events out.

mod course;
mod library;
mod model;

pub use course::{Course, Step};
pub use library::{Known, LIBRARY, known};
pub use model::{Drift, FaultAt, Late, PanelAt, Sample, Scenario, ScenarioProblem};
