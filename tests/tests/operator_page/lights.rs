//! Stack light and horn on the page.

use cellwatch_tests::{Browser, Cases, OperatorSite, Page, StackLight};

const PASSWORD: &str = "a fourth long password";

/// Every view but the overview.
const VIEWS: [&str; 5] = ["#/unit/BX-01", "#/alarms", "#/system", "#/trail", "#/login"];

/// The strip of what calls: shape, words, unit, time left, a way to it, and words for whoever reads by ear.
fn calls(page: &Page<'_>, view: &str) {
    page.awaits(
        view,
        "(() => { const strip = document.querySelector('.calling');
           return strip !== null && strip.checkVisibility() && strip.getBoundingClientRect().bottom < innerHeight
             && strip.querySelector('.shape.filled') !== null && /^BX-01 temperature/.test(strip.querySelector('a').textContent)
             && strip.querySelector('a').hash === '#/unit/BX-01' && /answer within [0-9:]+/.test(strip.innerText)
             && document.querySelector('[role=alert]#told').textContent.includes('BX-01 temperature')
             && document.querySelector('nav .count.open') !== null && !document.querySelector('nav .count').classList.contains('seen'); })()",
    );
}

/// Somebody silences the horn and the page says who; tests lights and horn; a light that is gone is said where people look, and is
/// back by itself; all of it is on the trail. Who may not is offered nothing.
// Req: ANN-02, ANN-03, ANN-04, LAW-11
#[test]
fn lights_and_horn_on_the_page() {
    let mut cases = Cases::of("operator_page_lights");
    let mut site = OperatorSite::of(1);
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    let light = site.light.take().expect("a site has a stack light");
    site.open(&page);
    let fault = site.cultures[0].break_heater(20);
    light.awaits_on("horn");
    site.cultures[0].mend(fault, 1);
    page.awaits_text("the horn sounds");
    let no_button = "document.querySelector('[data-action=silence]') === null";
    page.awaits("nothing to press without a login", no_button);
    cases.tried("the horn sounds: the page says so, and offers silence to nobody who may not");
    // Whatever somebody looks at: what calls is in sight.
    for view in VIEWS {
        page.open(&site.url(view));
        calls(&page, view);
    }
    cases.tried("an unanswered alarm is in sight on every view, logged in or not");
    let viewer = browser.page();
    let one_time = site.account("vera", "viewer");
    site.first_login(&viewer, "vera", &one_time, PASSWORD);
    viewer.awaits_text("the horn sounds");
    viewer.awaits("nothing to press for a viewer", no_button);
    cases.tried("a viewer is told as well, and has nothing to press");

    let one_time = site.account("maria", "operator");
    site.first_login(&page, "maria", &one_time, PASSWORD);
    for view in VIEWS {
        page.open(&site.url(view));
        calls(&page, view);
        page.awaits("silence is in reach", "document.querySelectorAll('.calling [data-action=silence]').length === 1 && document.querySelectorAll('[data-action=silence]').length === 1");
    }
    page.open(&site.url("#/unit/BX-01"));
    page.click(".calling [data-action=silence]");
    light.awaits_off("horn");
    page.awaits_text("horn silenced by maria");
    page.open(&site.url("#/"));
    page.awaits_text("horn silenced by maria");
    viewer.awaits_text("horn silenced by maria");
    page.awaits("the alarm calls on", "document.querySelector('.first') !== null");
    light.awaits_on("red");
    cases.tried("silenced with one press: the page says by whom, the alarm calls on");

    page.open(&site.url("#/system"));
    page.awaits_text("Stack light and horn");
    page.click("[data-action=test]");
    page.awaits("the question", "document.querySelector('dialog[open] textarea') !== null");
    page.click("dialog button[type=submit]");
    light.awaits("everything lit and sounding", |now| now.len() == 4);
    page.awaits_text("lamps tested");
    light.awaits_off("horn");
    cases.tried("tested from the system's view");

    let address = light.address.clone();
    light.kill();
    page.awaits_text("does not answer");
    page.open(&site.url("#/"));
    page.awaits_text("Stack light light does not answer");
    page.awaits_text("stay near this page");
    cases.tried("a lost light is said on the overview");
    let light = StackLight::start(site.rig.path(), &address);
    light.awaits_on("red");
    page.awaits(
        "the light is back",
        "!document.body.innerText.includes('does not answer. Alarms are not seen')",
    );
    cases.tried("it is back by itself, and shows what stands");

    page.open(&site.url("#/trail"));
    for words in ["silence the horn", "test the lights and horn", "AGENT.ANNUNCIATOR"] {
        page.awaits_text(words);
    }
    cases.tried("the trail has silence, test and the lost light");
    assert_eq!(page.complaints(), Vec::<String>::new());
}
