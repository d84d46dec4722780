//! The control port: JSON over HTTP on loopback, for demonstrations and tests.
//!
//! | request | does |
//! |---|---|
//! | `GET /state` | true values, what each register shows, faults, what was served |
//! | `POST /faults` `{"fault": "sensor-stuck", "parameter": "TEMP.PV", "for_s": 30}` | breaks something, gives its id |
//! | `DELETE /faults/{id}` | mends it |
//! | `POST /set` `{"parameter": "TEMP.SP", "value": 38.6}` | turns a set-point at the panel |
//! | `POST /phase` `{"phase": "expansion"}` | begins a phase |
//! | `POST /speed` `{"factor": 60}` | process time per real time |
//!
//! With several `--bus-unit`, each reactor has these below `/unit/{n}`; the first one has them at the root too.
//!
//! What cannot be done is answered with 400 and `{"error": …}`, which lists what can.

mod http;
mod state;

pub use http::{bus_router, router};
