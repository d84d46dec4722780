//! Somebody without a pointer.

use cellwatch_tests::{Browser, Cases, OperatorSite};
use serde_json::json;

const PASSWORD: &str = "another long password";

/// Logs in, acknowledges and shelves with keys only; focus never gets lost while pictures change.
// Req: PAGE-55
#[test]
fn keys_are_enough() {
    let mut cases = Cases::of("operator_page_keyboard");
    let site = OperatorSite::start();
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    let one_time = site.account("nuria", "operator");
    let _stays = site.cultures[1].break_heater(20);
    site.cultures[1].set("AGIT.SP", 11.5);
    site.open(&page);
    page.awaits_text("BX-02 temperature above 38 °C");
    site.cultures[1].speed(1);
    page.awaits(
        "the alarm on agitation",
        "document.querySelector('.tile.open .why').innerText.includes('agitation above 11 rpm')",
    );

    page.tab_to("header .right a.button");
    page.press("Enter");
    page.awaits(
        "the name's field has the focus",
        "document.activeElement?.matches('input[autocomplete=username]') === true",
    );
    page.write("nuria");
    page.press("Tab");
    page.write(&one_time);
    page.press("Enter");
    page.awaits_text("Choose a password of your own");
    page.tab_to("input[autocomplete=current-password]");
    page.write(&one_time);
    page.press("Tab");
    page.write(PASSWORD);
    page.press("Tab");
    page.write(PASSWORD);
    page.press("Enter");
    page.awaits("the overview", "document.querySelectorAll('.tile').length === 2");
    cases.tried("logged in and changed the password");

    let tabs = page.tab_to(".first button.main");
    page.press("Enter");
    page.awaits("the question", "document.activeElement?.matches('dialog textarea') === true");
    page.write("Looking after it.");
    page.tab_to("dialog input[type=password]");
    page.write(PASSWORD);
    page.tab_to("dialog button[type=submit]");
    page.press("Enter");
    page.awaits_text("seen by nuria");
    page.awaits("the question is closed", "document.querySelector('dialog') === null");
    cases.tried(format_args!("acknowledged; the button is {tabs} Tab keys away"));

    page.tab_to("nav a[href='#/alarms']");
    page.press("Enter");
    let card = "article[data-unit='BX-02'][data-alarm='AGIT.H']";
    page.awaits(
        "the alarm on agitation",
        &format!("document.querySelector({}) !== null", json!(card)),
    );
    let shelve = format!("{card} [data-action=shelve]");
    page.tab_to(&shelve);
    // Ten pictures later it is still there.
    let _counted = page.eval("globalThis.pictures = 0; new EventSource('/api/events').addEventListener('view', () => { pictures += 1; }); true");
    page.awaits("ten pictures", "pictures >= 10");
    let still = format!("document.activeElement?.matches({}) === true", json!(shelve));
    assert_eq!(page.eval(&still), json!(true), "focus stays on what has it while pictures change");
    page.press("Enter");
    page.awaits("the question", "document.querySelector('dialog') !== null");
    page.press("Escape");
    page.awaits(
        "Escape closes it",
        &format!("document.querySelector('dialog') === null && {still}"),
    );
    page.press("Enter");
    page.awaits(
        "the first choice has the focus",
        "document.activeElement?.matches('dialog input[type=radio]') === true",
    );
    page.press("ArrowRight");
    page.tab_to("dialog textarea");
    page.write("The supervisor is here.");
    page.tab_to("dialog button[type=submit]");
    page.press("Enter");
    page.awaits("the question is closed", "document.querySelector('dialog') === null");
    page.awaits(
        "it is no longer among the standing ones",
        &format!("document.querySelector({}) === null", json!(card)),
    );
    page.tab_to("a[href='#/alarms/shelved']");
    page.press("Enter");
    page.awaits_text("shelved until");
    page.awaits_text("The supervisor is here.");
    cases.tried("shelved with reason and time; Escape gives up; focus stays");
    assert_eq!(page.complaints(), Vec::<String>::new());
}
