//! The keys that tests press.

use serde_json::{Value, json};

/// Name, code and number of a key, and the text that it types.
const KEYS: [(&str, &str, u32, &str); 11] = [
    ("Shift", "ShiftLeft", 16, ""),
    ("Tab", "Tab", 9, ""),
    ("Enter", "Enter", 13, "\r"),
    ("Escape", "Escape", 27, ""),
    (" ", "Space", 32, " "),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("Home", "Home", 36, ""),
    ("End", "End", 35, ""),
];
/// Modifier bit of the shift key (DevTools protocol, `Input.dispatchKeyEvent`).
const SHIFT: u32 = 8;

/// The events of a key that is pressed and let go: `Tab`, `Shift+Tab`, `Enter`, or one character.
pub(super) fn pressed(key: &str) -> [Value; 2] {
    let (name, modifiers) = key.strip_prefix("Shift+").map_or((key, 0), |name| (name, SHIFT));
    let known = KEYS.iter().find(|(known, ..)| *known == name);
    let (code, number, text) = match known {
        Some((_, code, number, text)) => ((*code).to_owned(), *number, (*text).to_owned()),
        None => {
            let letter = name.chars().next().expect("a key has a name").to_ascii_uppercase();
            (format!("Key{letter}"), u32::from(letter), name.to_owned())
        }
    };
    let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
    let event = |kind: &str| {
        json!({
            "type": kind,
            "key": name,
            "code": code,
            "windowsVirtualKeyCode": number,
            "modifiers": modifiers,
            "text": if kind == "keyDown" { text.as_str() } else { "" },
        })
    };
    [event(down), event("keyUp")]
}
