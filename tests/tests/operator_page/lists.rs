//! Lists are searched, filtered and put in order; times are UTC where the reader wants it.

use cellwatch_tests::{Browser, Cases, OperatorSite, Page};
use serde_json::{Value, json};

const PASSWORD: &str = "a seventh long password";

/// The alarms in the order in which they are shown.
fn shown(page: &Page<'_>) -> Vec<String> {
    let list = page.eval(
        "[...document.querySelectorAll('article.alarm')].map((one) => `${one.dataset.unit} ${one.dataset.alarm}`)",
    );
    serde_json::from_value(list).expect("a list")
}

/// Chooses in the list whose label begins with these words.
fn choose(page: &Page<'_>, label: &str, value: &str) {
    let index = page.eval(&format!(
        "[...document.querySelectorAll('.filters label')].findIndex((one) => one.innerText.startsWith({}))",
        json!(label)
    ));
    let at = index.as_i64().filter(|at| *at >= 0).expect(label) + 1;
    page.choose(&format!(".filters label:nth-of-type({at}) select"), value);
    let _drawn = page.eval("new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done(true))); })");
}

/// The alarms' list by unit, priority, words and order; the history by unit, alarm and time; the clock pressed: every time is UTC, and
/// pressed again the site's.
// Req: PAGE-53, PAGE-58
#[test]
fn lists_and_times() {
    let mut cases = Cases::of("operator_page_lists");
    let site = OperatorSite::start();
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    site.open(&page);
    site.cultures[0].set("AGIT.SP", 11.5);
    page.awaits_text("BX-01 agitation above 11 rpm");
    site.cultures[1].set("AGIT.SP", 11.5);
    page.awaits("both units in alarm", "document.querySelectorAll('.tile.open').length === 2");
    let _stays = site.cultures[1].break_heater(20);
    page.awaits_text("BX-02 temperature above 38 °C");
    site.cultures[1].speed(1);
    let one_time = site.account("maria", "operator");
    site.first_login(&page, "maria", &one_time, PASSWORD);

    page.open(&site.url("#/alarms"));
    let (first, hot, second) = ("BX-01 AGIT.H", "BX-02 TEMP.HH", "BX-02 AGIT.H");
    page.awaits("three alarms", "document.querySelectorAll('article.alarm').length === 3");
    assert_eq!(shown(&page), [hot, first, second], "most urgent first, then the oldest");
    choose(&page, "Order", "newest");
    assert_eq!(shown(&page), [hot, second, first]);
    choose(&page, "Order", "unit");
    assert_eq!(shown(&page), [first, hot, second]);
    choose(&page, "Order", "urgency");
    cases.tried("alarms in three orders");
    choose(&page, "Unit", "BX-02");
    assert_eq!(shown(&page), [hot, second]);
    choose(&page, "Unit", "");
    choose(&page, "Priority", "2");
    assert_eq!(shown(&page), [hot]);
    choose(&page, "Priority", "");
    page.fill(".filters input[type=search]", "AGITATION");
    page.awaits("what is sought", "document.querySelectorAll('article.alarm').length === 2");
    assert_eq!(shown(&page), [first, second]);
    page.fill(".filters input[type=search]", "nothing is called so");
    page.awaits_text("No alarm is like this: change the filter.");
    cases.tried("alarms by unit, priority and words");

    page.open(&site.url("#/alarms/history"));
    let rows = "[...document.querySelectorAll('table tbody tr')].map((one) => one.innerText)";
    page.awaits(
        "both units' history",
        &format!("['BX-01', 'BX-02'].every((unit) => {rows}.some((row) => row.includes(unit)))"),
    );
    choose(&page, "Unit", "BX-02");
    page.awaits(
        "only that unit's",
        &format!("{rows}.length > 0 && {rows}.every((row) => row.includes('BX-02'))"),
    );
    choose(&page, "Unit", "");
    page.fill(".filters input[type=search]", "TEMP.HH");
    page.press("Enter");
    page.awaits(
        "only that alarm's",
        &format!("{rows}.length > 0 && {rows}.every((row) => row.includes('TEMP.HH'))"),
    );
    page.fill(".filters input[type=search]", "NO.SUCH");
    page.press("Enter");
    page.awaits_text("No alarm in this time.");
    choose(&page, "Time", "");
    page.fill(".filters input[type=search]", "AGIT.H");
    page.press("Enter");
    page.awaits(
        "of all times",
        &format!("{rows}.length > 1 && {rows}.every((row) => row.includes('AGIT.H'))"),
    );
    cases.tried("the history by unit, alarm and time");

    let clock =
        |page: &Page<'_>| page.eval("document.querySelector('header .clock strong').textContent");
    let first = |page: &Page<'_>| page.eval("document.querySelector('td.time').textContent");
    let is_utc = |clock: &Value| clock.as_str().is_some_and(|text| text.ends_with("UTC"));
    let (site_clock, site_time) = (clock(&page), first(&page));
    assert!(!is_utc(&site_clock), "{site_clock}");
    page.click("header .clock");
    page.awaits_text("All times are UTC now.");
    let pressed = "document.querySelector('header .clock').getAttribute('aria-pressed')";
    assert_eq!(page.eval(pressed), "true");
    assert!(is_utc(&clock(&page)), "{}", clock(&page));
    let utc_time = first(&page);
    assert_ne!(utc_time, site_time, "the list's times are UTC too");
    page.click("header .clock");
    page.awaits_text("All times are the site’s now");
    assert_eq!((first(&page), page.eval(pressed)), (site_time, json!("false")));
    cases.tried("the clock pressed: UTC everywhere, and back");
    assert_eq!(page.complaints(), Vec::<String>::new());
}
