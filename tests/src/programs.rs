//! Where programs are.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::finish;

/// The root of the workspace.
///
/// # Panics
/// This crate has been moved out of it.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

/// A folder of this crate.
#[must_use]
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Where cargo puts binaries, after all of them were built from the sources as they are.
static BINARIES: LazyLock<PathBuf> = LazyLock::new(|| {
    // `tests/run` has built them just before.
    if env::var_os("CELLWATCH_TESTS_BUILT").is_none() {
        let mut build = Command::new(env!("CARGO"));
        build.current_dir(root()).args(["build", "--quiet", "--workspace", "--bins", "--locked"]);
        let built = finish(build);
        assert_eq!(built.status, Some(0), "the binaries do not build:\n{}", built.stderr);
    }
    // A test's own binary is at <target>/<profile>/deps.
    let test = env::current_exe().expect("a test knows its own file");
    test.ancestors().nth(2).expect("deps lies in the profile's folder").to_owned()
});

/// A command of one of this workspace's binaries, built from the sources as they are.
///
/// # Panics
/// It does not build.
#[must_use]
pub fn binary(name: &str) -> Command {
    Command::new(BINARIES.join(name))
}

/// Python with the packages of `tests/requirements.txt`, which `tests/run` installs.
///
/// # Panics
/// They are not installed.
#[must_use]
pub fn python(script: &str) -> Command {
    let installed = env::var_os("CELLWATCH_PYTHON").map_or_else(
        || {
            let home = PathBuf::from(env::var_os("HOME").expect("HOME is set"));
            let cache = env::var_os("XDG_CACHE_HOME").map_or(home.join(".cache"), PathBuf::from);
            cache.join("cellwatch/venv/bin/python")
        },
        PathBuf::from,
    );
    assert!(installed.exists(), "{}: is missing; `tests/run` installs it", installed.display());
    let mut command = Command::new(installed);
    command.arg("-u").arg(folder("foreign").join(script));
    command
}

/// A command of Mosquitto's, also where Debian puts daemons.
#[must_use]
pub fn mosquitto(name: &str) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/bin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.exists());
    Command::new(found.unwrap_or_else(|| name.into()))
}

/// The same command, run by another program whose own arguments come first, such as `strace`.
#[must_use]
pub fn under(wrapper: &[&str], command: &Command) -> Command {
    let mut wrapped = Command::new(wrapper[0]);
    wrapped.args(&wrapper[1..]).arg(command.get_program()).args(command.get_args());
    wrapped
}
