//! `cellwatch keygen`.

use std::path::Path;

use cellwatch_seal::{Sealer, SealingKey, key_file};

use super::Done;

pub(super) fn keygen(out: &Path, public_out: Option<&Path>) -> anyhow::Result<Done> {
    let (key, pkcs8) = SealingKey::generate()?;
    key_file::write_new(out, &pkcs8)?;
    let public = key.public();
    if let Some(path) = public_out {
        key_file::write_public(path, &public)?;
    }
    println!("public key: {public}");
    println!("key id:     {}", public.id());
    eprintln!(
        "{} holds the private key. Give the public key to the Control Site, which puts it into the roster.",
        out.display()
    );
    Ok(Done::Fine)
}
