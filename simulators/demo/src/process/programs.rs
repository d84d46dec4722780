//! The workspace's other binaries: built by the cargo that started the demo, found beside it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

const PACKAGES: [&str; 3] = ["cellwatch-daemon", "cellwatch-reactor", "cellwatch-control-site"];

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The demo's own.
    pub demo: PathBuf,
    /// `cellwatch`.
    pub agent: PathBuf,
    /// `reactor`.
    pub reactor: PathBuf,
    /// `control-site`.
    pub control_site: PathBuf,
}

impl Programs {
    /// Finds them beside the demo's own program.
    ///
    /// # Errors
    /// One is missing.
    pub fn find(demo: &Path) -> anyhow::Result<Self> {
        let folder = folder_of(demo);
        let find = |name: &str| {
            let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
            if path.is_file() {
                return Ok(path);
            }
            bail!("{} is missing: start with `cargo demo`, which builds it", path.display())
        };
        Ok(Self {
            demo: demo.to_owned(),
            agent: find("cellwatch")?,
            reactor: find("reactor")?,
            control_site: find("control-site")?,
        })
    }
}

/// The demo's own program. To be asked for first: after a build its file may be another.
///
/// # Errors
/// The operating system does not tell.
pub fn own_program() -> anyhow::Result<PathBuf> {
    env::current_exe().context("cannot find the demo's own program")
}

/// A build of the other programs, as the demo itself was built.
#[derive(Clone, Debug)]
pub struct Build {
    cargo: OsString,
    manifest: PathBuf,
    folder: PathBuf,
}

impl Build {
    /// By the cargo that started the demo; `None` if it was started otherwise.
    #[must_use]
    pub fn by_cargo(demo: &Path) -> Option<Self> {
        let cargo = env::var_os("CARGO")?;
        let manifest = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).join("Cargo.toml");
        Some(Self { cargo, manifest, folder: folder_of(demo).to_owned() })
    }

    /// Builds, with cargo's progress on standard error or without.
    ///
    /// # Errors
    /// The build fails; cargo has said why on standard error.
    pub fn run(&self, progress: bool) -> anyhow::Result<()> {
        let mut command = Command::new(&self.cargo);
        command.arg("build");
        if !progress {
            command.arg("--quiet");
        }
        for package in PACKAGES {
            command.args(["--package", package]);
        }
        command.args(["--profile", profile(&self.folder)]);
        command.arg("--manifest-path").arg(&self.manifest);
        if let Some(target) = self.folder.parent() {
            command.arg("--target-dir").arg(target);
        }
        let status = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .context("cannot run cargo to build the other programs")?;
        if !status.success() {
            bail!("cargo could not build {}: what it said stands above", PACKAGES.join(", "));
        }
        Ok(())
    }
}

fn folder_of(program: &Path) -> &Path {
    program.parent().unwrap_or(Path::new(""))
}

/// Cargo names the folder of a profile after it, but that of `dev` `debug`.
fn profile(folder: &Path) -> &str {
    match folder.file_name().and_then(OsStr::to_str) {
        None | Some("debug") => "dev",
        Some(name) => name,
    }
}
