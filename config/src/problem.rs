//! What is wrong with a file, said so that a person can mend it.

use std::fmt;

/// One problem of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// The key, such as `broker.port`, `parameter[TEMP.PV].unit` or, where a table has no usable id, `alarm[3].limit`
    /// (counted from 1). Empty where the whole text is meant.
    pub key: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, key, message } = self;
        if key.is_empty() {
            write!(f, "{file}:{line}: {message}")
        } else {
            write!(f, "{file}:{line}: {key}: {message}")
        }
    }
}

/// All problems of a file: at least one, in the order of their lines. Displayed one a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", one_a_line(.0))]
pub struct Problems(pub Vec<Problem>);

fn one_a_line(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
