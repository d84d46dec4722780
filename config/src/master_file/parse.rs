//! Reads a Master File and checks its meaning.

use super::alarm::alarms;
use super::deviation::deviations;
use super::equipment::equipment;
use super::limits::check_limits;
use super::parameter::parameters;
use super::phase::phases;
use super::reach::check_reach;
use super::references::check_references;
use super::route::routes;
use super::{Activation, MasterFile};
use crate::reader::{Section, Value, Word, read};
use crate::site::{LOWER_TOPIC_LEVEL, NAME, lower_topic_level_ok, name_ok};
use crate::{Problem, Problems};

impl Word for Activation {
    const WORDS: &'static [(&'static str, Self)] =
        &[("next-batch", Self::NextBatch), ("at-once", Self::AtOnce)];
}

/// Reads a Master File from its exact bytes, those that the approvers signed. `file_name` is only for messages.
///
/// Dates are checked against each other, never against a clock: whether they gate is the core's to judge (LAW-05).
///
/// # Errors
/// Every problem of the text.
pub fn parse(file_name: &str, bytes: &[u8]) -> Result<MasterFile, Problems> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Problems(vec![Problem {
            file: file_name.to_owned(),
            line,
            key: String::new(),
            message: "the bytes from here on are not UTF-8 text: save the file as UTF-8".to_owned(),
        }])
    })?;
    let (mut master_file, lines) = read(file_name, text, master_file)?;
    master_file.lines = lines;
    Ok(master_file)
}

fn master_file(root: &Section<'_>) -> Option<MasterFile> {
    let head = root.table("master_file").and_then(|section| head(&section));
    let equipment = equipment(root);
    let phases = phases(root);
    let parameters = parameters(root);
    let alarms = alarms(root, &parameters, &phases);
    check_limits(&parameters, &phases, &alarms);
    check_reach(&parameters, &alarms);
    check_references(&parameters, &alarms);
    let deviations = deviations(root, &parameters, &alarms);
    let routes = routes(root);
    let head = head?;
    Some(MasterFile {
        equipment: equipment?,
        parameters: parameters.into_iter().map(|read| read.build()).collect::<Option<_>>()?,
        phases: phases.into_iter().map(|read| read.build()).collect::<Option<_>>()?,
        alarms: alarms.into_iter().map(|read| read.build()).collect::<Option<_>>()?,
        deviations: deviations?,
        routes: routes?,
        ..head
    })
}

fn head(section: &Section<'_>) -> Option<MasterFile> {
    let id = section.must("id", |id| id.name(NAME, name_ok));
    let version = section.must("version", |version| version.integer(1..=i64::MAX));
    let product = section.must("product", Value::text);
    let effective = section.must("effective", Value::utc);
    let expires = section.must("expires", Value::utc);
    let activation = section.or("activation", Activation::default(), Value::word);
    let reason = section.or("reason", String::new(), |reason| reason.any_text().map(str::to_owned));
    let sites = section.must("sites", |sites| {
        let ids = sites.set(|id| id.name(LOWER_TOPIC_LEVEL, lower_topic_level_ok))?;
        if ids.is_empty() {
            return sites.problem("is empty: list the sites that this file is for");
        }
        Some(ids)
    });
    section.finish();
    if let (Some(effective), Some(expires)) = (effective, expires)
        && expires <= effective
    {
        section.problem("expires", "is not after effective: the file would never be valid");
    }
    if activation == Some(Activation::AtOnce)
        && reason.as_ref().is_some_and(|reason| reason.trim().is_empty())
    {
        section.problem("reason", "activation = \"at-once\" needs QA's reason: write it here");
    }
    Some(MasterFile {
        id: id?,
        version: version?,
        product: product?,
        effective: effective?,
        expires: expires?,
        activation: activation?,
        reason: reason?,
        sites: sites?,
        equipment: Vec::new(),
        parameters: Vec::new(),
        phases: Vec::new(),
        alarms: Vec::new(),
        deviations: Vec::new(),
        routes: Vec::new(),
        lines: crate::Lines::default(),
    })
}
