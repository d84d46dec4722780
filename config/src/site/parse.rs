//! Reads a site file.

use super::annunciator::{annunciators, check as check_annunciators};
use super::device::devices;
use super::line::lines;
use super::mail::mail;
use super::names::{RESERVED, TOPIC_LEVEL};
use super::opcua::servers;
use super::page::page;
use super::{
    Agent, Broker, ClockSource, Device, Frames, Journal, LOWER_TOPIC_LEVEL, Place, Site, Trust,
    Unit, lower_topic_level_ok, membership, topic_level_ok,
};
use crate::Problems;
use crate::reader::{Section, Value, Word, read};

impl Word for ClockSource {
    const WORDS: &'static [(&'static str, Self)] =
        &[("kernel", Self::Kernel), ("simulated", Self::Simulated)];
}

/// Reads a site file. `file_name` is only for messages.
///
/// # Errors
/// Every problem of the text.
pub fn parse(file_name: &str, text: &str) -> Result<Site, Problems> {
    let (mut site, lines) = read(file_name, text, site)?;
    site.lines = lines;
    Ok(site)
}

fn site(root: &Section<'_>) -> Option<Site> {
    let names = root.table("site").map(|section| {
        let id = section.must("id", |id| id.name(LOWER_TOPIC_LEVEL, lower_topic_level_ok));
        let name = section.must("name", Value::text);
        let time_zone = section.must("time_zone", |zone| {
            zone.name("an IANA name such as \"Europe/Madrid\" or \"UTC\"", time_zone_ok)
        });
        section.finish();
        (id, name, time_zone)
    });
    let agent = root.table("agent").and_then(|section| agent(&section));
    let trust = root.table("trust").and_then(|section| trust(&section));
    let broker = root.table("broker").and_then(|section| broker(&section));
    let journal = root.table_or_empty("journal").and_then(|section| journal(&section));
    let frames = root.table_or_empty("frames").and_then(|section| {
        let seconds = section.or("seconds", 5, |seconds| seconds.integer(1..=60));
        section.finish();
        Some(Frames { seconds: seconds? })
    });
    let page = root.table_or_empty("page").and_then(|section| page(&section));
    let lines = lines(root);
    let servers = servers(root);
    let devices = devices(root, lines.as_deref(), servers.as_deref());
    let units = units(root);
    if let (Some(devices), Some(units)) = (&devices, &units) {
        check_membership(devices, units);
    }
    let annunciators = annunciators(root);
    if let (Some(annunciators), Some(units), Some(lines), Some(devices)) =
        (&annunciators, &units, &lines, &devices)
    {
        check_annunciators(annunciators, units, lines, devices);
    }
    let mail = root.maybe_table("mail", mail);
    let (id, name, time_zone) = names?;
    Some(Site {
        id: id?,
        name: name?,
        time_zone: time_zone?,
        agent: agent?,
        trust: trust?,
        broker: broker?,
        journal: journal?,
        frames: frames?,
        page: page?,
        shared_lines: lines?.into_iter().map(|(_, line)| line).collect(),
        opcua_servers: servers?.into_iter().map(|(_, server)| server).collect(),
        devices: devices?.into_iter().map(|(_, device)| device).collect(),
        units: units?.into_iter().map(|(_, unit)| unit).collect(),
        annunciators: annunciators?.into_iter().map(|(_, one)| one).collect(),
        mail: mail?,
        lines: crate::Lines::default(),
    })
}

/// The shape only: whether the zone exists, the machine's own tables say.
fn time_zone_ok(text: &str) -> bool {
    let level = |level: &str| {
        !level.is_empty()
            && level.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    text.len() <= 64 && (text == "UTC" || (text.contains('/') && text.split('/').all(level)))
}

fn agent(section: &Section<'_>) -> Option<Agent> {
    let id = section.must("id", |id| id.name(LOWER_TOPIC_LEVEL, lower_topic_level_ok));
    let data_dir = section.must("data_dir", Value::path);
    let key = section.must("key", Value::path);
    let clock = section.or("clock", ClockSource::default(), Value::word);
    section.finish();
    Some(Agent { id: id?, data_dir: data_dir?, key: key?, clock: clock? })
}

fn trust(section: &Section<'_>) -> Option<Trust> {
    let root_keys = section.must("root_keys", |keys| {
        let files = keys.set(Value::path)?;
        if files.is_empty() {
            return keys.problem(
                "is empty: name at least one public root key, or no roster can be trusted",
            );
        }
        Some(files)
    });
    let roster = section.must("roster", Value::path);
    let master_file = section.must("master_file", Value::path);
    section.finish();
    Some(Trust { root_keys: root_keys?, roster: roster?, master_file: master_file? })
}

fn broker(section: &Section<'_>) -> Option<Broker> {
    let host = section.must("host", |host| {
        host.name("a host name or IP address as in the broker's certificate", host_ok)
    });
    let port = section.or("port", 8883, |port| port.integer(1..=65535));
    let authority = section.must("authority", Value::path);
    let certificate = section.must("certificate", Value::path);
    let private_key = section.must("private_key", Value::path);
    let keep_alive_s = section.or("keep_alive_s", 30, |seconds| seconds.integer(5..=300));
    section.finish();
    Some(Broker {
        host: host?,
        port: port?,
        authority: authority?,
        certificate: certificate?,
        private_key: private_key?,
        keep_alive_s: keep_alive_s?,
    })
}

fn journal(section: &Section<'_>) -> Option<Journal> {
    let segment_mib = section.or("segment_mib", 64, |mib| mib.integer(1..=256));
    let commit_delay_ms = section.or("commit_delay_ms", 200, |delay| delay.integer(0..=1000));
    let keep_days = section.or("keep_days", 90, |days| days.integer(1..=3650));
    let keep_mib = section.or("keep_mib", 16_384, |mib| mib.integer(1..=10_000_000));
    let reserve_mib = section.or("reserve_mib", 64, |mib| mib.integer(1..=4096));
    section.finish();
    Some(Journal {
        segment_mib: segment_mib?,
        commit_delay_ms: commit_delay_ms?,
        keep_days: keep_days?,
        keep_mib: keep_mib?,
        reserve_mib: reserve_mib?,
    })
}

pub(super) fn host_ok(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte))
}

fn units<'a>(root: &Section<'a>) -> Option<Vec<(Section<'a>, Unit)>> {
    let sections = root.tables("unit", "id");
    if sections.is_empty() {
        root.problem("unit", "there is no [[unit]]: add at least one that holds the devices");
        return None;
    }
    let mut units = Vec::new();
    for section in sections {
        let id = section.must("id", |id| {
            let text = id.name(TOPIC_LEVEL, topic_level_ok)?;
            if RESERVED.contains(&text.as_str()) {
                return id.problem(format!(
                    "{text:?} is a topic of the agent itself: choose another id"
                ));
            }
            Some(text)
        });
        let name = section.must("name", Value::text);
        let devices = section.must("devices", |devices| {
            let ids = devices.set(|id| id.text())?;
            if ids.is_empty() {
                return devices.problem("is empty: name the devices of this unit");
            }
            Some(ids)
        });
        section.finish();
        let unit = (|| Some(Unit { id: id?, name: name?, devices: devices? }))();
        units.push(unit.map(|unit| (section, unit)));
    }
    units.into_iter().collect()
}

fn check_membership(devices: &[(Section<'_>, Device)], units: &[(Section<'_>, Unit)]) {
    let ids = devices.iter().map(|(_, device)| device.id.as_str());
    let belongs = units.iter().map(|(_, unit)| (unit.id.as_str(), unit.devices.as_slice()));
    for (place, message) in membership(ids, belongs) {
        match place {
            Place::Device(index) => devices[index].0.problem("id", message),
            Place::Entry(unit, entry) => units[unit].0.problem_in("devices", entry, message),
        }
    }
}
