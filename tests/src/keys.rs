//! Keys, certificates and signatures, made by the Control Site's own tools.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{AGENT, Finished, SITE, binary, finish};

/// A test authority in a folder (`control-site keys`).
#[derive(Debug)]
pub struct Keys {
    /// The folder.
    pub folder: PathBuf,
}

impl Keys {
    /// Makes one for [`SITE`] and [`AGENT`].
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn make(folder: PathBuf) -> Self {
        let mut command = binary("control-site");
        command.args(["keys", "--site", SITE, "--agent", AGENT, "--dir"]).arg(&folder);
        done(command);
        Self { folder }
    }

    /// A file of the authority.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Issues one more certificate (`control-site keys client` or `broker`) into `out`.
    ///
    /// # Panics
    /// It cannot be issued.
    pub fn issue(&self, what: &str, arguments: &[&str], out: &Path) {
        let mut command = binary("control-site");
        command.args(["keys", what, "--dir"]).arg(&self.folder).args(arguments);
        command.arg("--out").arg(out);
        done(command);
    }

    /// Signs a Master File with the keys that `signers` name, and gives the signed file's bytes.
    /// `flags` go to `control-site sign master-file`.
    ///
    /// # Panics
    /// It cannot be signed.
    #[must_use]
    pub fn sign(&self, text: &str, signers: &[&str], flags: &[&str]) -> Vec<u8> {
        let made = self.try_sign(text, signers, flags);
        made.unwrap_or_else(|refused| panic!("the Master File was not signed: {refused}"))
    }

    /// The same, where it may be refused.
    ///
    /// # Errors
    /// What the tool said.
    ///
    /// # Panics
    /// The tool cannot be started.
    pub fn try_sign(
        &self,
        text: &str,
        signers: &[&str],
        flags: &[&str],
    ) -> Result<Vec<u8>, Finished> {
        let folder = tempfile::tempdir_in(&self.folder).expect("a folder");
        let (file, out) =
            (folder.path().join("master-file.toml"), folder.path().join("master-file.cose"));
        fs::write(&file, text).expect("a file");
        let mut command = binary("control-site");
        command.args(["sign", "master-file"]).arg(&file).args(flags);
        for signer in signers {
            command.arg("--key").arg(self.path(signer));
        }
        let signed = finish({
            command.arg("--out").arg(&out);
            command
        });
        if signed.status == Some(0) { Ok(fs::read(out).expect("signed")) } else { Err(signed) }
    }
}

fn done(command: Command) {
    let words = format!("{command:?}");
    let finished = finish(command);
    assert_eq!(finished.status, Some(0), "{words}: {finished}");
}
