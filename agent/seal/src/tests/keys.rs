//! Keys and their files.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ring::digest::{SHA256, digest};

use super::people::key;
use crate::{KeyError, KeyFileError, KeyId, PublicKey, Sealer, SealingKey, key_file};

/// RFC 8032 §7.1, test 3, in the PKCS#8 of RFC 8410 (version 1, without the public half).
#[test]
fn the_signature_is_that_of_the_rfc() {
    let seed = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
    let public = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
    let signature = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                     18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
    let seed: PublicKey = seed.parse().unwrap();
    let pkcs8 = [
        &[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22][..],
        &[0x04, 0x20],
        &seed.0,
    ]
    .concat();
    let key = SealingKey::from_pkcs8(&pkcs8).unwrap();
    assert_eq!(key.public().to_string(), public);
    let signed: String = key.sign(&[0xaf, 0x82]).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signed, signature);
    assert!(!format!("{key:?}").contains(&seed.to_string()), "the private half is not shown");
}

#[test]
fn ids_are_the_first_eight_bytes_of_the_hash() {
    let public = key().public();
    let id = public.id();
    assert_eq!(id.0, digest(&SHA256, &public.0).as_ref()[..8]);
    assert_eq!(id.to_string().parse::<KeyId>(), Ok(id));
    assert_eq!(public.to_string().to_uppercase().parse::<PublicKey>(), Ok(public));
    for bad in ["", "00", &"0g".repeat(32), &"00".repeat(33), &"+0".repeat(32), &"é".repeat(32)] {
        let error = bad.parse::<PublicKey>().unwrap_err().to_string();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
    }
}

#[test]
fn a_key_is_kept_and_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let (private, public) = (dir.path().join("seal.pk8"), dir.path().join("seal.pub"));
    let (key, pkcs8) = SealingKey::generate().unwrap();
    key_file::write_new(&private, &pkcs8).unwrap();
    key_file::write_public(&public, &key.public()).unwrap();
    assert_eq!(key_file::read(&private).unwrap().public(), key.public());
    assert_eq!(key_file::read_public(&public).unwrap(), key.public());
    let mode = fs::metadata(&private).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(fs::read_to_string(&public).unwrap(), format!("{}\n", key.public()));
}

#[test]
fn a_key_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("seal.pk8");
    let (_, first) = SealingKey::generate().unwrap();
    let (second_key, second) = SealingKey::generate().unwrap();
    key_file::write_new(&path, &first).unwrap();
    let error = key_file::write_new(&path, &second).unwrap_err();
    assert!(matches!(error, KeyFileError::Exists { .. }), "{error}");
    let error = key_file::write_public(&path, &second_key.public()).unwrap_err();
    assert!(matches!(error, KeyFileError::Exists { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), first);
    // Nor through a link that leads nowhere.
    let link = dir.path().join("link.pk8");
    std::os::unix::fs::symlink(dir.path().join("nowhere"), &link).unwrap();
    let error = key_file::write_new(&link, &second).unwrap_err();
    assert!(matches!(error, KeyFileError::Exists { .. }), "{error}");
    assert!(!dir.path().join("nowhere").exists());
}

#[test]
fn a_private_key_that_others_can_touch_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("seal.pk8");
    key_file::write_new(&path, &SealingKey::generate().unwrap().1).unwrap();
    let modes = [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777];
    for mode in modes {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = key_file::read(&path).unwrap_err();
        let KeyFileError::Permissions { mode: found, .. } = error else { panic!("{error}") };
        assert_eq!(found, mode);
        let mend = format!("chmod 600 {}", path.display());
        assert!(error.to_string().contains(&mend), "{error}");
    }
    for mode in [0o600, 0o400, 0o700] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        key_file::read(&path).unwrap();
    }
    println!("{} modes", modes.len() + 3);
}

#[test]
fn what_is_no_key_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    assert!(matches!(key_file::read(&path), Err(KeyFileError::Missing { .. })));
    assert!(matches!(key_file::read_public(&path), Err(KeyFileError::Missing { .. })));
    assert!(matches!(key_file::read(dir.path()), Err(KeyFileError::NotAFile { .. })));
    key_file::write_new(&path, b"not a key").unwrap();
    let error = key_file::read(&path).unwrap_err();
    assert!(matches!(error, KeyFileError::Key { cause: KeyError::NotAKey { .. }, .. }), "{error}");
    assert!(matches!(key_file::read_public(&path), Err(KeyFileError::PublicKey { .. })));
    let long = dir.path().join("long");
    key_file::write_new(&long, &[0; 5000]).unwrap();
    assert!(matches!(key_file::read(&long), Err(KeyFileError::NotAFile { .. })));
    let nowhere = dir.path().join("no/where");
    assert!(matches!(key_file::write_new(&nowhere, b""), Err(KeyFileError::Io { .. })));

    let (one, other) = (SealingKey::generate().unwrap().1, key().public());
    let mut torn = one;
    let at = torn.len() - 32;
    torn[at..].copy_from_slice(&other.0);
    assert!(SealingKey::from_pkcs8(&torn).is_err(), "its public half is another key's");
}
