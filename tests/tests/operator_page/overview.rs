//! Four units on a small panel: what a nurse must see from the door is in sight, whole, calm and in alarm.

use cellwatch_tests::{Browser, Cases, OperatorSite, Page, Scheme};
use serde_json::{Value, json};

/// At least so many pixels for a value of a calm panel: at 1280 × 800 on ten inches a digit is then 5′ high from three metres.
const CALM_VALUE_PX: f64 = 36.0;
/// And while another unit calls.
const VALUE_PX: f64 = 20.0;

/// Everything of the overview that is hidden or cut: an empty list where all is in sight.
const HIDDEN: &str = "(() => {
  const wrong = [];
  const seen = (where, one, name) => {
    if (!one) { wrong.push(`${where}: no ${name}`); return; }
    if (!one.checkVisibility()) { wrong.push(`${where}: ${name} is hidden`); return; }
    // Room of the font above and below its letters may reach beyond a line.
    const beyond = Math.max(2, 0.06 * parseFloat(getComputedStyle(one).fontSize));
    if (one.clientWidth > 0 && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + beyond)) wrong.push(`${where}: ${name} is cut: ${one.textContent}`);
    const box = one.getBoundingClientRect();
    if (box.width < 4 || box.height < 4) wrong.push(`${where}: ${name} has no room`);
    for (let around = one.parentElement; around; around = around.parentElement) {
      if (around.nodeName === 'MAIN' && window.scrolls) break;
      if (getComputedStyle(around).overflowY === 'visible') continue;
      const edge = around.getBoundingClientRect();
      if (box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1)
        wrong.push(`${where}: ${name} is beyond ${around.className || around.nodeName}: ${one.textContent}`);
    }
  };
  for (const tile of document.querySelectorAll('.tile')) {
    const where = tile.querySelector('h2').textContent;
    const part = (selector, name) => seen(where, tile.querySelector(selector), name);
    part('h2', 'id');
    part('.phase b', 'phase');
    part('.phase .lasts', 'time in the phase');
    part('.state span', 'state');
    const area = (row) => { const box = row.querySelector('.band')?.getBoundingClientRect(); return box ? box.width * box.height : Infinity; };
    const rows = [...tile.querySelectorAll('.rows li')];
    if (rows.length < 4) wrong.push(`${where}: ${rows.length} values`);
    const still = Math.max(0, ...rows.filter((row) => row.matches('.still')).map(area));
    for (const row of rows) {
      const tag = row.querySelector('.tag');
      seen(where, tag, 'name of a value');
      const none = row.matches('.none');
      seen(where, row.querySelector(none ? '.no-reading' : '.value strong'), `reading of ${tag.textContent}`);
      seen(where, row.querySelector(none ? '.doubt' : '.band'), `${none ? 'cause' : 'band'} of ${tag.textContent}`);
      if (row.matches('.loud') && area(row) < still - 1) wrong.push(`${where}: the band of ${tag.textContent} is smaller than one that calls nobody`);
    }
    const alarms = tile.querySelectorAll('.why p:not(.more)').length;
    if (tile.matches('.open, .seen')) {
      part('.why .shape', 'shape of the alarm');
      part('.why strong', 'alarm');
    }
    if (tile.matches('.open') && tile.querySelector('.why .left')) part('.why .left', 'time left');
    const shown = [...tile.querySelectorAll('.why p:not(.more)')].filter((one) => one.checkVisibility()).length;
    if (shown < alarms) part('.more .of-low', 'number of further alarms');
  }
  const first = document.querySelector('.first');
  if (first) for (const [selector, name] of [['h2', 'most urgent alarm'], ['.response', 'response'], ['.left strong', 'time left'], ['.act > *', 'button']])
    seen('first', first.querySelector(selector), name);
  return JSON.stringify(wrong);
})()";

fn hidden(page: &Page<'_>) -> Vec<String> {
    let _drawn = page.eval("new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done(true))); })");
    let text = page.eval(HIDDEN);
    serde_json::from_str(text.as_str().expect("a list")).expect("JSON")
}

/// Pixels of the smallest value.
fn smallest(page: &Page<'_>) -> f64 {
    page.eval("Math.min(...[...document.querySelectorAll('.rows .value strong')].map((one) => parseFloat(getComputedStyle(one).fontSize)))")
        .as_f64()
        .expect("a size")
}

/// The contrast of each pair of the page's colours that stand beside each other in a band, as the style has them.
fn contrasts(page: &Page<'_>) -> Value {
    page.eval(
        "(() => {
           const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
           const light = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
             .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)).reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
           const contrast = (a, b) => { const [x, y] = [light(colour(a)), light(colour(b))].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
           return ['band', 'alert', 'track'].map((ground) => contrast('edge', ground));
         })()",
    )
}

/// Phase and time in it, every critical value with its band, state, alarm with response and time left: all in sight and whole in a tile of
/// four on a panel of 1280 × 800, and with other numbers of units, where more than six scroll on such a panel; the limits stand out from their grounds; values can be read from afar.
// Req: PAGE-51, LAW-11
#[test]
fn everything_is_in_sight() {
    let mut cases = Cases::of("operator_page_overview");
    let site = OperatorSite::of(4);
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    site.open(&page);
    page.awaits("four calm tiles", "document.querySelectorAll('.tile.normal').length === 4");
    assert_eq!(hidden(&page), Vec::<String>::new());
    assert!(smallest(&page) >= CALM_VALUE_PX, "values are {} px high", smallest(&page));
    cases.tried("four calm tiles: phase, values and bands are whole, and can be read from afar");
    for scheme in [Scheme::Light, Scheme::Dark] {
        page.scheme(scheme);
        let found = contrasts(&page);
        let enough = |one: &Value| one.as_f64().is_some_and(|ratio| ratio >= 3.0);
        assert!(found.as_array().is_some_and(|all| all.iter().all(enough)), "{scheme:?}: {found}");
        cases.tried(format_args!("edges of limits stand out by 3:1, {scheme:?}"));
    }
    page.scheme(Scheme::Light);

    let _stays = site.cultures[0].break_heater(20);
    site.cultures[0].set("AGIT.SP", 11.5);
    site.cultures[1].set("AGIT.SP", 11.5);
    page.awaits_text("BX-01 temperature above 38 °C");
    site.cultures[0].speed(1);
    page.awaits(
        "two tiles in alarm, one of them with two alarms",
        "document.querySelectorAll('.tile.open').length === 2 && document.querySelector('.tile.open .more .of-low')?.textContent === '+1 more'",
    );
    site.cultures[2]
        .fault(&json!({ "fault": "value-out-of-range", "parameter": "PH.PV", "as": "no-value" }));
    page.awaits(
        "no reading of pH",
        "document.querySelectorAll('.tile')[2].querySelector('.no-reading') !== null",
    );
    assert_eq!(hidden(&page), Vec::<String>::new());
    assert!(smallest(&page) >= VALUE_PX, "values are {} px high", smallest(&page));
    cases.tried(
        "four tiles, three in alarm: alarm, response and time left are whole, and so is all else",
    );

    // The same with other numbers of units, made of the same picture; the stream is held meanwhile.
    page.awaits(
        "the alarm of the missing reading",
        "document.querySelectorAll('.tile')[2].querySelector('.why')?.textContent.includes('pH: no believable reading')",
    );
    for (units, (width, height)) in [
        (1, PANEL),
        (2, PANEL),
        (3, PANEL),
        (6, PANEL),
        (9, PANEL),
        (9, (1920, 1080)),
        (4, (1920, 1080)),
    ] {
        page.size(width, height);
        let _held = page.eval(&format!(
            "Promise.all([import('/stream.js'), import('/store.js')]).then(([stream, store]) => {{
               stream.close();
               window.whole ??= store.state.view;
               window.scrolls = {units} > 6 && {width} < 1900;
               const {{ units, alarms }} = window.whole;
               const name = (i) => `BX-0${{i + 1}}`;
               store.state.view = {{ ...window.whole,
                 units: Array.from({{ length: {units} }}, (_, i) => ({{ ...units[i % 4], id: name(i) }})),
                 alarms: Array.from({{ length: {units} }}, (_, i) => alarms.filter((one) => one.unit === units[i % 4].id).map((one) => ({{ ...one, unit: name(i) }}))).flat() }};
               store.changed();
               return true;
             }})"
        ));
        assert_eq!(hidden(&page), Vec::<String>::new(), "{units} units, {width} × {height}");
        let stays = page.eval("(() => { const main = document.querySelector('main'); main.scrollTop = main.scrollHeight; const stays = document.querySelector('.first').getBoundingClientRect().top >= main.getBoundingClientRect().top - 1; return { scrolled: main.scrollTop > 0, stays }; })()");
        let scrolls = units > 6 && width < 1900;
        assert_eq!(stays, json!({ "scrolled": scrolls, "stays": true }), "{units} units");
        cases.tried(format_args!("{units} units in alarm on {width} × {height}"));
    }
    assert_eq!(page.complaints(), Vec::<String>::new());
}

/// A ten-inch panel.
const PANEL: (u32, u32) = (1280, 800);
