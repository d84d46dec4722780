//! Commands in documents exist as they are written.

use std::collections::BTreeMap;
use std::fs;

use cellwatch_tests::{Cases, binary, finish, root};

use crate::assert_none;
use crate::files::{File, all};

const BINARIES: [&str; 5] = ["cellwatch", "control-site", "reactor", "rehearsal", "demo"];
/// Subcommands of cargo that documents may name, and the words for `tests/run`.
const CARGO: [&str; 9] =
    ["install", "build", "test", "run", "clippy", "fmt", "doc", "deny", "tree"];
const TESTS_RUN: [&str; 6] = ["install", "fmt", "clippy", "doc", "deny", "tests"];

/// A command in a document.
struct Written {
    place: String,
    words: Vec<String>,
}

/// Programs, subcommands and flags of every command in a ```sh block are known.
// Req: DOC-01
#[test]
fn documented_commands_exist() {
    let mut cases = Cases::of("documented_commands_exist");
    let mut helps = Helps::default();
    let mut wrong = Vec::new();
    assert!(root().join("README.md").exists(), "there is a README.md");
    for file in all().iter().filter(|file| file.has_extension(&["md"])) {
        for Written { place, words } in written(file) {
            if let Some(judged) = helps.judge(&words) {
                cases.tried(format_args!("{place}: {}", words.join(" ")));
                wrong.extend(
                    judged.err().map(|problem| format!("{place}: {}: {problem}", words.join(" "))),
                );
            }
        }
    }
    assert_none("commands in documents", &wrong);
}

/// The commands in the ```sh blocks of a document.
fn written(file: &File) -> Vec<Written> {
    let mut commands = Vec::new();
    let mut in_block = false;
    let mut so_far = String::new();
    for (index, line) in file.text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            in_block = !in_block && ["```sh", "```console", "```bash"].contains(&trimmed);
            continue;
        }
        if !in_block {
            continue;
        }
        let code = trimmed.split(" #").next().unwrap_or_default().trim();
        let code = code.strip_prefix("$ ").unwrap_or(code);
        if code.starts_with('#') {
            continue;
        }
        if let Some(first) = code.strip_suffix('\\') {
            so_far.push_str(first);
            continue;
        }
        so_far.push_str(code);
        for command in std::mem::take(&mut so_far).split(['|', ';', '&']) {
            let words: Vec<String> = command
                .split_whitespace()
                .skip_while(|word| {
                    word.split_once('=').is_some_and(|(name, _)| {
                        name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                    })
                })
                .map(str::to_owned)
                .collect();
            if !words.is_empty() {
                commands.push(Written { place: format!("{}:{}", file.path, index + 1), words });
            }
        }
    }
    commands
}

/// What `--help` says, by program and subcommand.
#[derive(Default)]
struct Helps(BTreeMap<Vec<String>, String>);

impl Helps {
    /// Whether a command is right; none if it is not one of ours.
    fn judge(&mut self, words: &[String]) -> Option<Result<(), String>> {
        let program = words[0].rsplit('/').next().unwrap_or_default();
        if words[0].ends_with("tests/run") {
            return Some(words[1..].iter().try_for_each(|word| tests_run(word)));
        }
        if words[0].ends_with("tests/long") {
            return Some(words[1..].iter().try_for_each(|word| tests_long(word)));
        }
        if program == "cargo" {
            return Some(self.cargo(&words[1..]));
        }
        BINARIES.contains(&program).then(|| self.ours(program, &words[1..]))
    }

    fn cargo(&mut self, words: &[String]) -> Result<(), String> {
        let first = words.first().map(String::as_str).unwrap_or_default();
        if first == "demo" {
            return self.ours("demo", &words[1..]);
        }
        if !CARGO.contains(&first) {
            return Err(format!("cargo {first} is not among {CARGO:?} and demo"));
        }
        let after = |flags: [&str; 2]| {
            let at = words.iter().position(|word| flags.contains(&word.as_str()))?;
            words.get(at + 1).map(String::as_str)
        };
        if let Some(package) = after(["-p", "--package"]) {
            let manifests = all();
            let name = format!("name = \"{package}\"");
            if !manifests
                .iter()
                .any(|file| file.path.ends_with("Cargo.toml") && file.text.contains(&name))
            {
                return Err(format!("there is no package {package}"));
            }
        }
        match (after(["--bin", "--bin"]), words.iter().position(|word| word == "--")) {
            (Some(binary), Some(at)) => self.ours(binary, &words[at + 1..]),
            _ => Ok(()),
        }
    }

    fn ours(&mut self, program: &str, words: &[String]) -> Result<(), String> {
        let mut path = vec![program.to_owned()];
        let mut help = self.of(&path)?;
        let mut rest = words;
        while let Some((next, after)) = rest.split_first() {
            let known = subcommands(&help);
            if known.is_empty() || next.starts_with('-') {
                break;
            }
            if !known.contains(&next.as_str()) {
                return Err(format!("{} knows {known:?}, not {next}", path.join(" ")));
            }
            path.push(next.clone());
            help = self.of(&path)?;
            rest = after;
        }
        for word in rest.iter().filter(|word| word.starts_with("--")) {
            let flag = word.split('=').next().unwrap_or_default();
            let known = help.split([' ', ',', '=', '\n', '[', ']', '<']).any(|word| word == flag);
            if !known {
                return Err(format!("{} has no {flag}", path.join(" ")));
            }
        }
        Ok(())
    }

    fn of(&mut self, path: &[String]) -> Result<String, String> {
        if let Some(help) = self.0.get(path) {
            return Ok(help.clone());
        }
        let mut command = binary(&path[0]);
        command.args(&path[1..]).arg("--help");
        let helped = finish(command);
        if helped.status != Some(0) {
            return Err(format!("{} --help: {helped}", path.join(" ")));
        }
        self.0.insert(path.to_vec(), helped.stdout.clone());
        Ok(helped.stdout)
    }
}

/// Names under "Commands:" in a help.
fn subcommands(help: &str) -> Vec<&str> {
    let commands = help.split_once("\nCommands:\n").map_or("", |(_, after)| after);
    let lines = commands.lines().take_while(|line| line.starts_with("  "));
    lines
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// A word after `tests/run`: a step, or a test target of this crate.
fn tests_run(word: &str) -> Result<(), String> {
    let targets = root().join("tests/tests");
    let is_target = || {
        fs::read_dir(&targets)
            .into_iter()
            .flatten()
            .flatten()
            .any(|entry| entry.path().file_stem().and_then(|stem| stem.to_str()) == Some(word))
    };
    if TESTS_RUN.contains(&word) || is_target() {
        Ok(())
    } else {
        Err(format!("tests/run knows no {word}"))
    }
}

fn tests_long(word: &str) -> Result<(), String> {
    if root().join(format!("tests/campaigns/{word}.sh")).is_file() {
        Ok(())
    } else {
        Err(format!("tests/long knows no {word}"))
    }
}
