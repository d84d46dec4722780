//! The files of the repository.

use std::fs;
use std::path::Path;

use cellwatch_tests::root;

/// Folders that are made, not written.
const MADE: [&str; 6] = [".git", "target", "node_modules", "__pycache__", ".venv", "vendor"];

/// A text file of the repository.
pub(crate) struct File {
    /// Path from the root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn has_extension(&self, extensions: &[&str]) -> bool {
        let extension = Path::new(&self.path).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extensions.contains(&extension))
    }

    /// Lines that belong to tests, with their numbers from 1: all of a test's file, else those after `#[cfg(test)]`
    /// where a module with a body follows.
    pub(crate) fn test_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let whole = self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("/properties.rs")
            || self.path.ends_with("/testing.rs");
        let lines: Vec<&str> = self.text.lines().collect();
        let inline = lines
            .windows(2)
            .position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_end().ends_with('{'));
        let begin = if whole { 0 } else { inline.unwrap_or(lines.len()) };
        lines.into_iter().enumerate().skip(begin).map(|(index, line)| (index + 1, line))
    }
}

/// Every text file, in the order of its path.
pub(crate) fn all() -> Vec<File> {
    let mut files = Vec::new();
    collect(root(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 100, "the repository has more files than {}", files.len());
    files
}

fn collect(folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !MADE.contains(&name) {
                collect(&path, files);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root()).expect("below the root").display().to_string();
            files.push(File { path, text });
        }
    }
}
