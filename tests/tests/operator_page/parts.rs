//! What the page's own modules do with data that is rare.

use cellwatch_tests::{Browser, Cases, OperatorSite};
use serde_json::json;

/// A module's expression, and what it must give.
const EXPRESSIONS: [(&str, &str, &str); 38] = [
    ("time.js", "m.countdown(440000)", "7:20"),
    ("time.js", "m.countdown(3723000)", "1:02:03"),
    ("time.js", "m.span(42000)", "42 s"),
    ("time.js", "m.span(440000)", "7 min 20 s"),
    ("time.js", "m.span(86400000 * 9)", "9 days"),
    ("time.js", "m.span(-5)", "0 s"),
    // The hour that comes twice, and the one that never comes, in the site's zone.
    (
        "time.js",
        "(m.setZone('Europe/Berlin'), m.clock(Date.UTC(2026, 9, 25, 0, 30)) + m.zoneWords(Date.UTC(2026, 9, 25, 0, 30)))",
        "02:30:00CEST",
    ),
    (
        "time.js",
        "(m.setZone('Europe/Berlin'), m.clock(Date.UTC(2026, 9, 25, 1, 30)) + m.zoneWords(Date.UTC(2026, 9, 25, 1, 30)))",
        "02:30:00CET",
    ),
    ("time.js", "(m.setZone('Europe/Berlin'), m.clock(Date.UTC(2026, 2, 29, 1, 0)))", "03:00:00"),
    (
        "time.js",
        "(m.setUtc(true), m.clock(Date.UTC(2026, 2, 29, 1, 0)) + m.zoneWords(0) + (m.setUtc(false), ''))",
        "01:00:00UTC",
    ),
    (
        "time.js",
        "(m.setZone('No/Where'), m.clock(0) + (m.setZone('Europe/Berlin'), ''))",
        "00:00:00",
    ),
    // A field of day and time is the site's clock: winter, summer, the hour that comes twice, the one that never comes, UTC.
    (
        "time.js",
        "(m.setZone('Europe/Berlin'), new Date(m.fromField('2026-01-15T12:00')).toISOString())",
        "2026-01-15T11:00:00.000Z",
    ),
    (
        "time.js",
        "new Date(m.fromField('2026-07-15T12:00:30')).toISOString()",
        "2026-07-15T10:00:30.000Z",
    ),
    (
        "time.js",
        "new Date(m.fromField('2026-10-25T02:30')).toISOString()",
        "2026-10-25T01:30:00.000Z",
    ),
    ("time.js", "m.clock(m.fromField('2026-03-29T02:30'))", "03:30:00"),
    (
        "time.js",
        "(m.setUtc(true), new Date(m.fromField('2026-07-15T12:00')).toISOString() + (m.setUtc(false), ''))",
        "2026-07-15T12:00:00.000Z",
    ),
    ("time.js", "String(m.fromField(''))", "null"),
    (
        "export.js",
        "m.csv([['a', 'b,c'], [null, '=1+1'], [-5, 'q\"q']])",
        "a,\"b,c\"\r\n,'=1+1\r\n-5,\"q\"\"q\"",
    ),
    ("words.js", "m.number(37, 2)", "37.00"),
    ("words.js", "m.tagWords('DO.SP') + '/' + m.tagWords('X.SP')", "dissolved O₂ set-point/X.SP"),
    (
        "words.js",
        "m.alarmWords({ kind: 'HH', source: 'TEMP.PV', limit: 38, unit_of_measure: '°C' })",
        "temperature above 38 °C",
    ),
    (
        "words.js",
        "m.alarmWords({ kind: 'LL', source: 'X.9', limit: -0.5, unit_of_measure: '1' })",
        "X.9 below -0.5",
    ),
    (
        "words.js",
        "m.alarmWords({ kind: 'communication', source: 'bx-01', limit: null })",
        "bx-01 does not answer",
    ),
    (
        "words.js",
        "m.look({ state: 'RTNUN' }) + m.look({ state: 'LTACK' }) + m.look({ state: 'DSUPR' })",
        "filledoutlinedashed",
    ),
    ("band.js", "String(m.scale({ ll: null, l: null, h: null, hh: null, setPoint: 37 }))", "null"),
    (
        "band.js",
        "m.bandBar({ ll: 36, l: 36.5, h: 37.5, hh: 38, setPoint: 37 }, 45, 2).querySelector('path.pointer') !== null ? 'arrow' : 'bar'",
        "arrow",
    ),
    (
        "band.js",
        "m.bandBar({ ll: null, l: null, h: 35, hh: 50, setPoint: null }, -400, 0).querySelector('path.pointer') !== null ? 'arrow' : 'bar'",
        "bar",
    ),
    (
        "spark.js",
        "m.spark([[0, 1], [1000, null], [2000, 2], [3000, 3]], null, 4000, 4000).querySelector('path').getAttribute('d').match(/M/g).length + ' pieces'",
        "2 pieces",
    ),
    (
        "trends.js",
        "JSON.stringify(m.gaps({ points: [[0, 1], [5, null], [9, 2], [12, null]] }, 20))",
        "[[5,9],[12,20]]",
    ),
    // A gap ends where the journal says so, not at the next point that was sampled.
    (
        "trends.js",
        "JSON.stringify(m.gaps({ points: [[0, 1], [5, null], [90, 2]], gaps: [{ from_ms: 5, to_ms: 9 }] }, 95))",
        "[[5,9]]",
    ),
    // A time without pictures breaks the line; one of half a second does not.
    (
        "trends.js",
        "((points) => { m.append(points, { quality: 'good', value: 2, at_ms: 60000 }, 60100, 900); return JSON.stringify(points); })([[1000, 1, 'good']])",
        "[[1000,1,\"good\"],[1001,null,\"bad\"],[60000,2,\"good\"]]",
    ),
    (
        "trends.js",
        "((points) => { m.append(points, { quality: 'good', value: 2, at_ms: 1500 }, 1600, null); return JSON.stringify(points); })([[1000, 1, 'good']])",
        "[[1000,1,\"good\"],[1500,2,\"good\"]]",
    ),
    (
        "hour.js",
        "[m.isBreak(null, 9e9), m.isBreak(1000, 3500), m.isBreak(1000, 9000)].join()",
        "false,false,true",
    ),
    // What the journal has replaces the break that only this page had; a break after it stays.
    (
        "hour.js",
        "JSON.stringify(m.joined([[0, 1], [20000, 2], [40000, 3]], [[0, 1], [10, null], [50000, 4], [50010, null], [90000, 5]]))",
        "[[0,1],[20000,2],[40000,3],[50000,4],[50010,null],[90000,5]]",
    ),
    (
        "views/charts.js",
        "JSON.stringify(m.bandsOf({ bands: [{ from_ms: 0, to_ms: 5, by: 'former', phase: 'a', limits: null }, { from_ms: 5, to_ms: 9, by: 'present', phase: 'b', limits: { H: 1 } }] }, { limits: { H: 2 } }, { id: 'b' }).map((band) => [band.limits, String(band.to_ms)]))",
        "[[null,\"5\"],[{\"H\":2},\"Infinity\"]]",
    ),
    (
        "views/charts.js",
        "JSON.stringify(m.bandsOf({ bands: [{ from_ms: 5, to_ms: 9, by: 'present', phase: 'b', limits: { H: 1 } }] }, { limits: { H: 2 } }, { id: 'c' })[0].limits)",
        "{\"H\":1}",
    ),
    (
        "views/charts.js",
        "m.unjudged({ bands: [{ from_ms: 0, to_ms: 5, by: 'former' }, { from_ms: 5, to_ms: 9, by: 'present' }] }).replace(/^Up to .*: /, '')",
        "judged by a Master File before the present one; no limits are drawn there.",
    ),
    (
        "words.js",
        "m.classWords('gmp-critical') + '/' + m.classWords(null)",
        "matters for the release of the batch/",
    ),
];

/// Numbers, times, gaps and exports at their edges; an old picture patched in place keeps what is being typed.
// Req: PAGE-53, PAGE-57
#[test]
fn parts_of_the_page() {
    let mut cases = Cases::of("operator_page_parts");
    let site = OperatorSite::start();
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    site.open(&page);
    for (module, expression, wanted) in EXPRESSIONS {
        let got = page.eval(&format!("import('/{module}').then((m) => {expression})"));
        assert_eq!(got, json!(wanted), "{module}: {expression}");
        cases.tried(format_args!("{module}: {expression}"));
    }

    let kept = page.eval(
        "import('/dom.js').then(({ h, show }) => {
           const place = h('div', {});
           document.body.append(place);
           const picture = (order, words) => show(place, ...order.map((key) => h('p', { key }, key)), h('input', { 'aria-label': 'x' }), h('b', {}, words));
           picture(['a', 'b', 'c'], '<i>one</i>');
           const [a] = place.children;
           const field = place.querySelector('input');
           field.focus();
           field.value = 'typed';
           picture(['c', 'a'], 'two');
           const is = [place.children[1] === a, document.activeElement === field, field.value, place.textContent, place.querySelector('i')];
           place.remove();
           return JSON.stringify(is);
         })",
    );
    assert_eq!(kept, json!("[true,true,\"typed\",\"catwo\",null]"));
    cases.tried("a patched picture: same elements, focus, typed words; text is no markup");
    assert_eq!(page.complaints(), Vec::<String>::new());
}
