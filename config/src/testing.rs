//! Table tests: a good text, one edit, and the places that must be complained about.

use crate::{Problem, Problems};

/// One edit of a good text.
pub(crate) struct Case {
    /// What is replaced (once).
    pub(crate) find: &'static str,
    /// By what. A comment `#!` marks the line of the next expected problem; with fewer marks than problems the
    /// last mark holds for the rest.
    pub(crate) with: &'static str,
    /// Keys of the expected problems, in the order of the file; `@7 key` where the line, 7, cannot be marked.
    pub(crate) keys: &'static [&'static str],
    /// Part of the first message.
    pub(crate) says: &'static str,
}

/// Shorthand for [`Case`].
pub(crate) const fn case(
    find: &'static str,
    with: &'static str,
    keys: &'static [&'static str],
    says: &'static str,
) -> Case {
    Case { find, with, keys, says }
}

/// Runs every case against `parse` and prints how many.
pub(crate) fn run<T>(
    what: &str,
    good: &str,
    cases: &[Case],
    parse: impl Fn(&str) -> Result<T, Problems>,
) {
    if let Err(problems) = parse(good) {
        panic!("the good text of {what} has problems:\n{problems}");
    }
    let mut wrong = Vec::new();
    for case in cases {
        let Case { find, with, keys, says } = case;
        assert!(good.contains(find), "{what}: {find:?} is not in the good text");
        let text = good.replacen(find, with, 1);
        match parse(&text) {
            Ok(_) => wrong.push(format!("{with:?} is accepted")),
            Err(Problems(problems)) => {
                if let Err(difference) = expect(&text, &problems, keys, says) {
                    wrong.push(format!("{with:?}: {difference}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
    println!("{what}: {} cases", cases.len());
}

/// Compares lines (by the marks in `text`), keys and the first message.
fn expect(
    text: &str,
    problems: &[Problem],
    keys: &[&'static str],
    says: &str,
) -> Result<(), String> {
    let marks: Vec<usize> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("#!"))
        .map(|(index, _)| index + 1)
        .collect();
    let line_of = |index: usize| marks.get(index).or(marks.last()).copied().unwrap_or(1);
    let mut marked = 0;
    let mut place = |key: &'static str| match key.strip_prefix('@').and_then(|k| k.split_once(' '))
    {
        Some((line, key)) => (line.parse().expect("a line"), key),
        None => {
            marked += 1;
            (line_of(marked - 1), key)
        }
    };
    let wanted: Vec<(usize, &str)> = keys.iter().map(|key| place(key)).collect();
    let found: Vec<(usize, &str)> =
        problems.iter().map(|problem| (problem.line, problem.key.as_str())).collect();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    if found != wanted {
        return Err(format!("expected {wanted:?}, got\n    {}", shown.join("\n    ")));
    }
    if problems.first().is_some_and(|first| !first.message.contains(says)) {
        return Err(format!("the first does not say {says:?}:\n    {}", shown.join("\n    ")));
    }
    Ok(())
}
