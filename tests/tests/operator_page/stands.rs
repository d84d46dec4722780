//! The agent answers, but no longer reads.

use cellwatch_tests::{Browser, Cases, OperatorSite, Scheme};

const PASSWORD: &str = "a sixth long password";

/// The page's event stream, whose pictures are held back while `standing` is true: heartbeats come through as they come from a server whose
/// loop stands.
const STREAM: &str = "window.standing = false;
  const Stream = window.EventSource;
  window.EventSource = class extends Stream {
    addEventListener(type, listener, ...more) {
      super.addEventListener(type, type === 'view' ? (event) => { if (!window.standing) listener(event); } : listener, ...more);
    }
  };";

/// How many pieces the first line of the overview has.
const PIECES: &str =
    "(document.querySelector('.rows .spark path')?.getAttribute('d').match(/M/g) ?? []).length";

/// While heartbeats come and pictures do not, the page says that the picture stands still, marks it as old and counts its age; when pictures come
/// again the line of the last hour is broken off where there were none, until the journal has told what was read meanwhile.
// Req: PAGE-52, PAGE-53, PAGE-56
#[test]
fn a_picture_that_stands_still() {
    let mut cases = Cases::of("operator_page_stands");
    let site = OperatorSite::of(1);
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    page.begins_with(STREAM);
    site.open(&page);
    page.awaits("a line", &format!("{PIECES} === 1"));
    let _stands = page.eval("window.standing = true");
    page.awaits_text("The agent’s picture stands still");
    let text = page.text();
    assert!(text.contains("look at the devices themselves"), "{text}");
    assert!(!text.contains("No connection to the agent"), "{text}");
    page.awaits("marked as old", "document.body.classList.contains('lost')");
    let age = "Number(/data (\\d+) s old/.exec(document.querySelector('header .clock').innerText)?.[1] ?? 0)";
    let before = page.eval(age).as_f64().expect("an age");
    page.awaits("the age goes on counting", &format!("{age} > {before}"));
    cases.tried("heartbeats without pictures: said in words, marked as old, the age counts");

    for scheme in [Scheme::Light, Scheme::Dark] {
        page.scheme(scheme);
        let worst = page.eval(WORST).as_f64().expect("a ratio");
        assert!(worst >= 4.5, "{scheme:?}: text beneath the stripes has a contrast of {worst}:1");
        cases.tried(format_args!("text beneath the stripes can be read, {scheme:?}"));
    }

    let _lives = page.eval("window.standing = false");
    page.awaits("a living picture", "!document.body.classList.contains('lost')");
    page.awaits("the line is broken off", &format!("{PIECES} === 2"));
    cases.tried("pictures come again: the line is broken where there were none");

    let one_time = site.account("maria", "operator");
    site.first_login(&page, "maria", &one_time, PASSWORD);
    page.awaits("the journal has told what was read meanwhile", &format!("{PIECES} === 1"));
    cases.tried("what was read meanwhile is asked of the journal");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

/// The lowest contrast of a text and its ground in grey, beneath a stripe, which lies over both, and beside it.
const WORST: &str = "(() => {
  const style = getComputedStyle(document.querySelector('main'));
  const colour = (name) => [1, 3, 5].map((at) => parseInt(style.getPropertyValue(`--${name}`).trim().slice(at, at + 2), 16));
  const share = Number(/(\\d+)%/.exec([...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).find((rule) => rule.selectorText === '.lost main::after').cssText)[1]) / 100;
  const grey = ([r, g, b]) => Array(3).fill(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const striped = (name) => grey(colour(name)).map((one, i) => one * (1 - share) + colour('ink')[i] * share);
  const light = (rgb) => rgb.map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const pairs = ['ink', 'quiet', 'p1', 'p2', 'p3', 'p4'].flatMap((text) => ['ground', 'card', 'raised'].map((ground) => [text, ground]));
  return Math.min(...pairs.map(([text, ground]) => Math.min(contrast(striped(text), striped(ground)), contrast(grey(colour(text)), grey(colour(ground))))));
})()";
