//! `cellwatch keygen`.

use std::path::Path;

use cellwatch_seal::{PublicKey, Sealer, SealingKey, key_file};

use super::Done;
use crate::installation::Installation;
use crate::keys::KeyFiles;

pub(super) fn keygen(out: &Path, public_out: Option<&Path>) -> anyhow::Result<Done> {
    make(out, public_out)?;
    eprintln!(
        "{} holds the private key. Give the public key to the Control Site, which puts it into the roster.",
        out.display()
    );
    Ok(Done::Fine)
}

/// Makes the key that is to follow the present one.
pub(super) fn rotate(config: &Path, public_out: Option<&Path>) -> anyhow::Result<Done> {
    let installation = Installation::read(config)?;
    let files = KeyFiles::of(&installation);
    make(files.next(), public_out)?;
    eprintln!(
        "{} holds the next private key. Give the public key to the Control Site, which puts it into the roster beside the present one. \
         When that roster comes, the agent changes to the new key by itself and records it, sealed with both.",
        files.next().display()
    );
    Ok(Done::Fine)
}

fn make(out: &Path, public_out: Option<&Path>) -> anyhow::Result<PublicKey> {
    let (key, pkcs8) = SealingKey::generate()?;
    key_file::write_new(out, &pkcs8)?;
    let public = key.public();
    if let Some(path) = public_out {
        key_file::write_public(path, &public)?;
    }
    println!("public key: {public}");
    println!("key id:     {}", public.id());
    Ok(public)
}
