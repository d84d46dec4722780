//! An alarm from the fault to the trail.

use cellwatch_tests::{Browser, Cases, OperatorSite};

/// Process time per real time while the heater is stuck, and while the culture cools down.
const HEATING: u32 = 20;
const COOLING: u32 = 60;
const PASSWORD: &str = "a long enough password";

/// A fault is injected; the tile changes, the horn sounds at the stack light; an operator logs in, acknowledges with a comment,
/// the horn stops; the alarm returns to normal; the trail shows it all. The broker is stopped meanwhile and the page says so; the
/// agent is killed and the page says so.
// Req: ANN-01, ANN-04, PAGE-51, PAGE-52, PAGE-54, PAGE-57, LAW-06, LAW-11
#[test]
fn an_alarm_from_the_fault_to_the_trail() {
    let mut cases = Cases::of("operator_page");
    let mut site = OperatorSite::start();
    let browser = Browser::start(site.rig.path());
    let page = browser.page();
    let light = site.light.take().expect("a site has a stack light");
    site.open(&page);
    page.awaits("both tiles normal", "document.querySelectorAll('.tile.normal').length === 2");
    assert!(!page.text().contains("BX-01-2"), "no batch id without a login:\n{}", page.text());
    light.awaits("green, and nothing else", |now| now == ["green"]);
    page.awaits_text("stack light green");
    cases.tried("calm, nobody logged in: two tiles, normal, no batch id; the stack light is green");

    let fault = site.cultures[0].break_heater(HEATING);
    page.awaits(
        "the tile of BX-01 in alarm, the other one calm",
        "document.querySelectorAll('.tile.open').length === 1
         && document.querySelector('.tile.open h2').textContent === 'BX-01'
         && document.querySelector('.tile.open .state').innerText.includes('ALARM')
         && document.querySelectorAll('.tile.normal').length === 1",
    );
    page.awaits_text("BX-01 temperature above 38 °C");
    page.awaits_text("Switch the heater off at the panel");
    page.awaits_text("answer within");
    site.cultures[0].mend(fault, 1);
    cases.tried("the heater sticks: tile, most urgent alarm, response, time left");

    light.awaits_on("horn");
    page.awaits_text("the horn sounds");
    cases.tried("the horn sounds at the stack light, and the page says so");

    site.broker.stop();
    page.awaits_text("No link to the Control Site");
    cases.tried("the broker is stopped: the page says so");

    let one_time = site.account("maria", "operator");
    site.first_login(&page, "maria", &one_time, PASSWORD);
    cases.tried("first login: the password is changed");

    page.click(".first button.main");
    page.awaits(
        "the question",
        "document.querySelector('dialog textarea') === document.activeElement",
    );
    page.click("dialog button[type=submit]");
    page.awaits_text("This alarm wants a comment");
    page.fill("dialog textarea", "Heater off, <b>cover</b> open.");
    page.fill("dialog input[type=password]", "somebody else's password");
    page.click("dialog button[type=submit]");
    page.awaits(
        "a refusal in words",
        "document.querySelector('dialog .problem')?.textContent.includes('assword') === true",
    );
    page.fill("dialog input[type=password]", PASSWORD);
    page.click("dialog button[type=submit]");
    page.awaits("the question answered", "document.querySelector('dialog') === null");
    page.awaits_text("seen by maria");
    page.awaits_text("Heater off, <b>cover</b> open.");
    assert_eq!(page.eval("document.querySelectorAll('main b').length > 0 && ![...document.querySelectorAll('main b')].some((one) => one.textContent === 'cover')"), true);
    cases.tried("acknowledged with a comment, without the broker; a comment is text and no markup");

    site.broker.start_again();
    page.awaits(
        "the link to the Control Site",
        "!document.body.innerText.includes('No link to the Control Site')",
    );
    cases.tried("the broker is back: the page says so");

    let answers_all = |until: &str| {
        format!(
            "(() => {{ const button = document.querySelector('.first .act button.main');
               if (!document.querySelector('dialog') && button) button.click();
               const words = document.querySelector('dialog textarea');
               if (words && words.value === '') words.value = 'cooling down';
               document.querySelector('dialog button[type=submit]:enabled')?.click();
               return {until} && document.querySelector('dialog') === null; }})()"
        )
    };
    // The alert alarm below it calls as well.
    page.awaits(
        "nothing calls any more",
        &answers_all("document.querySelector('.first') === null"),
    );
    light.awaits_off("horn");
    light.awaits_on("red");
    page.awaits(
        "the page says that the horn is silent",
        "!/horn (sounds|silenced)/.test(document.body.innerText)",
    );
    cases.tried("what calls is acknowledged: the horn stops, red stays");

    // Whatever alert alarm still calls is answered, so that the tile can become calm again.
    site.cultures[0].speed(COOLING);
    page.awaits(
        "no standing alarm of BX-01 but answered ones",
        &answers_all("document.querySelectorAll('.tile.normal').length === 2"),
    );
    site.cultures[0].speed(1);
    light.awaits("green again", |now| now == ["green"]);
    cases.tried("back to normal: the tile is calm, the stack light green");

    page.open(&site.url("#/trail"));
    for words in [
        "add account",
        "acknowledge",
        "raised",
        "returned",
        "Heater off, <b>cover</b> open.",
        "maria",
    ] {
        page.awaits_text(words);
    }
    cases.tried("the trail shows alarm, person, comment and return");
    page.open(&site.url("#/unit/BX-01"));
    page.awaits("charts", "document.querySelectorAll('.plot canvas').length >= 3");
    page.awaits("a trend with an alarm's marks", "document.querySelectorAll('figure').length >= 3");
    page.awaits_text("nothing of that time is kept here");
    let room = "[...document.querySelectorAll('.plot')].map((plot) => plot.previousElementSibling.getBoundingClientRect().height)";
    let heights = page.eval(room);
    let heights = heights.as_array().expect("heights");
    assert!(heights.iter().all(|one| one.as_f64() < Some(60.0)), "words, and no gap: {heights:?}");
    cases.tried("the unit's trends are drawn");

    page.open(&site.url("#/"));
    site.kill_agent();
    light.awaits("its watchdog finds nobody: dark", <[String]>::is_empty);
    page.awaits_text("No connection to the agent since");
    page.awaits(
        "the picture marked as old",
        "document.body.classList.contains('lost') && document.title.startsWith('NOT CONNECTED')",
    );
    let age = "Number(/data (\\d+) s old/.exec(document.querySelector('header .clock').innerText)?.[1] ?? 0)";
    let before = page.eval(age).as_f64().expect("an age");
    page.awaits("the age goes on counting", &format!("{age} > {before}"));
    cases.tried("the agent is killed: the page says so and since when, and its age counts");

    let complaints = page.complaints();
    assert!(complaints.is_empty(), "the page did something wrong: {complaints:#?}");
    site.start_agent();
    page.awaits("the page lives again", "!document.body.classList.contains('lost')");
    page.awaits(
        "the line of the last hour is broken off where nobody watched",
        "(document.querySelector('.rows .spark path')?.getAttribute('d').match(/M/g) ?? []).length >= 2",
    );
    page.open(&site.url("#/login"));
    page.fill("input[autocomplete=username]", "maria");
    page.fill("input[autocomplete=current-password]", PASSWORD);
    page.press("Enter");
    page.awaits_text("Log out");
    page.open(&site.url("#/unit/BX-01"));
    page.awaits(
        "the gap in the trend",
        "/one gap|gaps/.test(document.querySelector('figcaption')?.innerText ?? '')",
    );
    cases.tried("the agent is started again: line and trend are broken off where nobody watched");

    let complaints = page.complaints();
    assert!(complaints.is_empty(), "the page did something wrong: {complaints:#?}");
    let elsewhere = page.asked_elsewhere(&site.url(""));
    assert!(elsewhere.is_empty(), "the page asks nobody but its agent: {elsewhere:?}");
    cases.tried("no exception, nothing against the content security policy, no request elsewhere");
}
