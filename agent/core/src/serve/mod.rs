//! Serve: what people and dashboards see: latest values and standing alarms as plain JSON, a
//! convenience and no evidence.

mod json;

pub(crate) use json::{alarms_json, values_json};
