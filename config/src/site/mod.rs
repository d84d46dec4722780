//! The site file: which agent this is, its devices and units, its broker, keys and folders.

mod model;

pub use model::{Agent, Broker, ClockSource, Device, Frames, Journal, Site, Trust, Unit};
