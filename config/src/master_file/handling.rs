//! How people handle an alarm: acknowledgement, shelving, calling again, first-out.

use super::AlarmClass;
use crate::reader::{Section, Value};

/// Longest shelving of what is not GMP-critical where the Master File says nothing: 8 h (domain: shelving
/// at most 30 min for critical parameters, 8 h for others; GMP-critical ones not at all).
const SHELVE_MAX_S: u32 = 28_800;

/// Each field as far as it could be read.
pub(super) struct Handling {
    pub(super) ack_required: Option<bool>,
    pub(super) comment_required: Option<bool>,
    pub(super) shelve_max_ms: Option<Option<u64>>,
    pub(super) re_alarm_ms: Option<Option<u64>>,
    pub(super) suppressed_by: Option<Vec<String>>,
}

impl Handling {
    pub(super) fn read(section: &Section<'_>, class: Option<AlarmClass>) -> Self {
        let is_critical = class == Some(AlarmClass::GmpCritical);
        let default_ms = (!is_critical).then_some(u64::from(SHELVE_MAX_S) * 1000);
        let shelve_max_ms = section.or("shelve_max_s", default_ms, |time| {
            let ms = time.duration_ms(1000, 0.0..=f64::from(SHELVE_MAX_S))?;
            if is_critical && ms > 0 {
                return time
                    .problem("a gmp-critical alarm is never put aside: leave shelve_max_s out");
            }
            Some(Some(ms).filter(|ms| *ms > 0))
        });
        Self {
            ack_required: section.or("ack_required", true, Value::boolean),
            comment_required: section.or("comment_required", is_critical, Value::boolean),
            shelve_max_ms,
            re_alarm_ms: section
                .maybe("re_alarm_s", |time| time.duration_ms(1000, 60.0..=86_400.0)),
            suppressed_by: section.or("suppressed_by", Vec::new(), |ids| ids.set(Value::text)),
        }
    }
}
