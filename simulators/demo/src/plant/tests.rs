use std::path::Path;

use cellwatch_config::site::Reach;
use cellwatch_config::{master_file, profile, site};
use sha2::{Digest, Sha256};

use super::{Address, Folder, MASTER_FILE, PROFILE, SITE, UNITS, site_file};

#[test]
fn the_master_file_is_valid_and_approves_the_profile() {
    let file = master_file::parse("master-file.toml", MASTER_FILE.as_bytes())
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert!(file.sites.iter().any(|site| site == SITE));
    let hash: String =
        Sha256::digest(PROFILE.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(
        MASTER_FILE.contains(&format!("profile_sha256 = \"{hash}\"")),
        "the profile has changed: write {hash} into simulators/demo/master-file.toml"
    );
    for alarm in ["TEMP.H", "TEMP.HH"] {
        let alarm = file.alarms.iter().find(|one| one.id == alarm).expect("is in the Master File");
        assert!(alarm.on_delay_ms <= 3000, "{}: seen in time", alarm.id);
    }
    println!("master file: 3 cases");
}

#[test]
fn the_site_file_is_valid() {
    let at = |port| Address { host: "127.0.0.1".to_owned(), port };
    let text = site_file(18883, &[at(15021), at(15022)]);
    let site = site::parse("site.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(site.broker.port, 18883);
    let units: Vec<&str> = site.units.iter().map(|unit| unit.id.as_str()).collect();
    assert_eq!(units, UNITS.map(|(id, _)| id));
    let reach: Vec<&Reach> = site.devices.iter().map(|device| &device.reach).collect();
    let tcp = |address: &str| Reach::Address(address.to_owned());
    assert_eq!(reach, [&tcp("127.0.0.1:15021"), &tcp("127.0.0.1:15022")]);
    assert!(profile::parse("rocking-bag-25.toml", PROFILE).is_ok());
    println!("site file: 4 cases");
}

#[test]
fn addresses() {
    let address = |host: &str, port| Address { host: host.to_owned(), port };
    assert_eq!(Address::parse("127.0.0.1:80").ok(), Some(address("127.0.0.1", 80)));
    assert_eq!(Address::parse("[::1]:80").ok(), Some(address("[::1]", 80)));
    for wrong in ["127.0.0.1", "a:b", "a:70000", ""] {
        assert!(Address::parse(wrong).is_err(), "{wrong}");
    }
    println!("addresses: 6 cases");
}

#[test]
fn folders() {
    let place = tempfile::tempdir().expect("a folder");
    let asked = place.path().join("demo");
    let folder = Folder::new(Some(&asked), false).expect("is new");
    assert!(folder.stays() && asked.join("logs").is_dir());
    drop(folder);
    let refused = Folder::new(Some(&asked), false).expect_err("is not empty").to_string();
    assert!(refused.contains("is not empty"), "{refused}");

    let fresh = Folder::new(None, false).expect("a temporary one");
    let path = fresh.path().to_owned();
    assert!(path.join("logs").is_dir() && !fresh.stays());
    drop(fresh);
    assert!(!path.exists(), "removed at the end");

    let mut kept = Folder::new(None, false).expect("a temporary one");
    kept.keep();
    let path = kept.path().to_owned();
    drop(kept);
    assert!(path.exists());
    std::fs::remove_dir_all(path).expect("removed");
    assert!(Folder::new(Some(Path::new("/dev/null")), false).is_err());
    println!("folders: 5 cases");
}
