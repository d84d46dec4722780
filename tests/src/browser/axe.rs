//! axe-core, which `tests/run` installs.

use std::env;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::Page;

/// A rule that the page breaks.
#[derive(Clone, Debug)]
pub struct Violation {
    /// axe's name of the rule.
    pub rule: String,
    /// What is wrong, and where.
    pub words: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.words)
    }
}

/// What lies over text as a pseudo-element (a tile's link, the stripes of an old picture) does not hide the text from the judgement. Left out is only
/// what axe cannot judge by its nature: a single digit in a shape, and text that the footer covers until it is scrolled.
const JUDGE: &str = "axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    checks: { 'color-contrast': { options: { ignorePseudo: true } } },
  }).then((found) => {
    const checks = (node) => node.any.concat(node.all, node.none);
    const words = (one, nodes) => [one.id, one.help + '\\n' + nodes.map((node) =>
      `  ${node.target.join(' ')}: ${node.html.slice(0, 160)}\\n    ${checks(node).map((check) => check.message).join('; ')}`).join('\\n')];
    const beyond = ['shortTextContent', 'bgOverlap', 'elmPartiallyObscured', 'elmPartiallyObscuring'];
    const unclear = found.incomplete.filter((one) => one.id === 'color-contrast')
      .map((one) => [one, one.nodes.filter((node) => !checks(node).some((check) => beyond.includes(check.data?.messageKey)))])
      .filter(([, nodes]) => nodes.length > 0);
    const judged = found.passes.some((one) => one.id === 'color-contrast');
    return [...found.violations.map((one) => words(one, one.nodes)), ...unclear.map(([one, nodes]) => words(one, nodes)),
      ...(judged ? [] : [['color-contrast', 'no contrast was judged']])];
  })";

/// The file of the npm package `axe-core`.
fn script() -> String {
    let file = env::var_os("CELLWATCH_AXE").map_or_else(
        || {
            let home = PathBuf::from(env::var_os("HOME").expect("HOME is set"));
            let cache = env::var_os("XDG_CACHE_HOME").map_or(home.join(".cache"), PathBuf::from);
            cache.join("cellwatch/npm/node_modules/axe-core/axe.min.js")
        },
        PathBuf::from,
    );
    fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; `tests/run` installs it", file.display()))
}

impl Page<'_> {
    /// What axe-core finds wrong by the rules of WCAG 2.2 A and AA and its own best practices. That it cannot judge a contrast, or judged none,
    /// counts as wrong too.
    ///
    /// # Panics
    /// It cannot be run.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        // Given by the debugger, not by the page: the content security policy does not see it.
        if self.eval("typeof axe") == "undefined" {
            let _loaded = self.eval(&format!("{}; true", script()));
        }
        let found = self.eval(JUDGE);
        let violations = found.as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        violations
            .iter()
            .map(|one| Violation { rule: text(&one[0]), words: text(&one[1]) })
            .collect()
    }
}
