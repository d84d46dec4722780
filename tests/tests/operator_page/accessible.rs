//! axe-core on every view.

use cellwatch_tests::{Browser, Cases, OperatorSite, Page, Scheme};

const PASSWORD: &str = "a third long password";
/// Views with what tells that they are there.
const VIEWS: [(&str, &str); 9] = [
    ("#/", ".tile .value"),
    ("#/unit/BX-01", ".values li"),
    ("#/alarms", ".alarm"),
    ("#/alarms/shelved", ".calm"),
    ("#/alarms/suppressed", ".alarm"),
    ("#/alarms/history", "table"),
    ("#/trail", "table.trail"),
    ("#/system", ".card"),
    ("#/login", "form"),
];

/// No rule of WCAG 2.2 A and AA that a machine can judge is broken: each view, in alarm, logged in and not, light and dark, panel
/// and phone; dialogs; the page without its agent.
// Req: PAGE-56
#[test]
fn nothing_that_axe_finds() {
    let mut cases = Cases::of("operator_page_accessible");
    let mut site = OperatorSite::start();
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    let _stays = site.cultures[0].break_heater(20);
    site.cultures[0].set("AGIT.SP", 11.5);
    site.open(&page);
    page.awaits_text("BX-01 temperature above 38 °C");
    site.cultures[0].speed(1);
    page.awaits_text("agitation above 11 rpm");
    let mut wrong = Vec::new();
    let mut judge = |page: &Page<'_>, what: String| {
        wrong.extend(page.violations().iter().map(|one| format!("{what}: {one}")));
        cases.tried(what);
    };
    for scheme in [Scheme::Light, Scheme::Dark] {
        page.scheme(scheme);
        judge(&page, format!("overview without a login, {scheme:?}"));
        page.open(&site.url("#/login"));
        page.awaits("the form", "document.querySelector('form') !== null");
        judge(&page, format!("login, {scheme:?}"));
        page.open(&site.url("#/"));
        page.awaits("the overview", "document.querySelector('.tile .value') !== null");
    }
    let one_time = site.account("olga", "supervisor");
    site.first_login(&page, "olga", &one_time, PASSWORD);
    for (size, name) in [((1280, 800), "panel"), ((390, 844), "phone")] {
        page.size(size.0, size.1);
        for scheme in [Scheme::Light, Scheme::Dark] {
            page.scheme(scheme);
            for (view, is_there) in VIEWS {
                page.open(&site.url(view));
                page.awaits(view, &format!("document.querySelector({is_there:?}) !== null"));
                judge(&page, format!("{view}, {name}, {scheme:?}"));
            }
        }
    }
    page.size(1280, 800);
    page.open(&site.url("#/alarms"));
    for action in ["acknowledge", "shelve", "comment"] {
        page.click(&format!("[data-action={action}]"));
        page.awaits("the question", "document.querySelector('dialog[open]') !== null");
        judge(&page, format!("the question before {action}"));
        page.press("Escape");
        page.awaits("no question", "document.querySelector('dialog') === null");
    }
    page.open(&site.url("#/"));
    page.awaits("the overview", "document.querySelector('.tile .value') !== null");
    site.kill_agent();
    page.awaits_text("No connection to the agent since");
    judge(&page, "the page without its agent".to_owned());
    assert!(wrong.is_empty(), "axe-core finds:\n{}", wrong.join("\n"));
    assert_eq!(page.complaints(), Vec::<String>::new());
}
