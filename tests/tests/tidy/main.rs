//! The repository against itself: its rules, its requirements, its dependencies, its documents.

mod commands;
mod dependencies;
mod examples;
mod files;
mod requirements;
mod sources;

/// Fails with everything that was found, one a line.
fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}
