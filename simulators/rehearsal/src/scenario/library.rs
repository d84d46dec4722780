//! The scenarios that come with the program.

/// A scenario with what people are expected to see.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its id.
    pub id: &'static str,
    /// Its TOML.
    pub text: &'static str,
    /// What people see, line by line, where that is laid down.
    pub expected: Option<&'static str>,
}

macro_rules! known {
    ($id:literal) => {
        Known {
            id: $id,
            text: include_str!(concat!("../../scenarios/", $id, ".toml")),
            expected: Some(include_str!(concat!("../../scenarios/", $id, ".expected"))),
        }
    };
}

/// Every scenario.
pub const LIBRARY: [Known; 2] = [known!("nine-days"), known!("calm-nine-days")];

/// The scenario with this id.
#[must_use]
pub fn known(id: &str) -> Option<Known> {
    LIBRARY.into_iter().find(|one| one.id == id)
}
