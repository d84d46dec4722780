//! Which names may stand for what.

/// True for a level of the agent's topics: 1 to 32 of `A-Z a-z 0-9 -`. Neither `/`, `+`, `#` nor `$` of MQTT can
/// slip in.
#[must_use]
pub fn topic_level_ok(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Describes [`topic_level_ok`].
pub(super) const TOPIC_LEVEL: &str = "1 to 32 letters a-z, A-Z, digits and -";

/// True for the id of a site, an agent or a phase: [`topic_level_ok`] without capitals.
pub(crate) fn lower_topic_level_ok(text: &str) -> bool {
    topic_level_ok(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Describes [`lower_topic_level_ok`].
pub(crate) const LOWER_TOPIC_LEVEL: &str = "1 to 32 letters a-z, digits and -";

/// True for the id of a device, profile, parameter or alarm: 1 to 48 of `A-Z a-z 0-9 . _ -`.
pub(crate) fn name_ok(text: &str) -> bool {
    (1..=48).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Describes [`name_ok`].
pub(crate) const NAME: &str = "1 to 48 letters a-z, A-Z, digits, '.', '_' and '-'";

/// Topic levels of the agent itself: no unit may be called so (architecture, topics).
pub(super) const RESERVED: [&str; 5] = ["backfill", "down", "event", "health", "presence"];
