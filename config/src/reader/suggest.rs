//! The known key that a person probably meant.

/// The nearest of `known` to `typed`, if it is near enough to be a slip of the finger: at most two letters
/// and a third of the word changed, or its letters in another order.
pub(super) fn nearest<'k>(
    typed: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    // Longer than any known key: no slip.
    if typed.len() > 64 {
        return None;
    }
    known
        .into_iter()
        .map(|key| (if is_anagram(typed, key) { 1 } else { distance(typed, key) }, key))
        .filter(|(changed, key)| *changed <= 2 && changed * 3 <= key.chars().count().max(3))
        .min()
        .map(|(_, key)| key)
}

/// Letters in another order: the commonest slip, `prot` for `port`.
fn is_anagram(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

/// Letters to insert, remove or replace to come from one word to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}
