//! Stack lights and horns as people see them on the page.

use serde::Serialize;

use super::NamedView;

/// What stack lights and horns show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnnunciationView {
    /// `none` where no annunciator has a horn, else `silent`, `sounding`, `silenced` (something calls, and somebody
    /// has silenced every horn that would sound) or `tested`.
    pub horn: &'static str,
    /// Who silenced one last; only where `horn` is `silenced`.
    pub silenced: Option<SilencedView>,
    /// The annunciators in the site file's order.
    pub lights: Vec<LightView>,
}

/// Who silenced the horn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SilencedView {
    /// The person.
    pub by: NamedView,
    /// When.
    pub at_ms: i64,
    /// When a horn sounds again if nobody acknowledges what it is silent of.
    pub until_ms: Option<i64>,
}

/// A stack light.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LightView {
    /// Its id.
    pub id: String,
    /// Units that it shows; all where it is empty.
    pub units: Vec<String>,
    /// What it should show now, in the order of its coils.
    pub lamps: Vec<LampView>,
    /// Whether it answers; none before the first write has ended.
    pub answers: Option<bool>,
    /// Why the last write failed.
    pub trouble: Option<String>,
    /// Its lamps are being checked or tested.
    pub tested: bool,
}

/// A lamp, or the horn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LampView {
    /// `red`, `amber`, `green`, `blue` or `horn`.
    pub lamp: &'static str,
    /// `off`, `on` or `flashing`.
    pub lit: &'static str,
}
