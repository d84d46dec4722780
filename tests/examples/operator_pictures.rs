//! Makes the documentation's pictures of the operator page from a real run: `tests/screenshots` calls it.
//!
//! Usage: `operator_pictures FOLDER`.

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cellwatch_tests::{Browser, OperatorSite, Page, Scheme, await_until};
use serde_json::json;

/// So long the cultures are watched before the first picture: there shall be something to see in the lines.
const CALM: Duration = Duration::from_secs(240);
const PANEL: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);
const PASSWORD: &str = "a long enough password";

fn main() {
    let folder = PathBuf::from(env::args().nth(1).expect("the folder for the pictures"));
    let mut site = OperatorSite::of(4);
    let browser = Browser::start(site.rig.path());
    let operator = browser.page();
    site.open(&operator);
    let one_time = site.account("m.soler", "operator");
    site.first_login(&operator, "m.soler", &one_time, PASSWORD);
    let quality = browser.page();
    let one_time = site.account("q.vidal", "quality");
    site.first_login(&quality, "q.vidal", &one_time, PASSWORD);

    let since = Instant::now();
    await_until("something to see in the lines", CALM * 2, || {
        let left = CALM.saturating_sub(since.elapsed());
        // Whoever presses nothing is logged out.
        operator.press("Shift");
        quality.press("Shift");
        if left.is_zero() { Ok(()) } else { Err(format!("{} s", left.as_secs())) }
    });
    let calm = Album { page: &operator, root: site.url(""), folder: &folder };
    calm.take(
        "overview-calm",
        "",
        PANEL,
        Scheme::Light,
        "document.querySelectorAll('.spark').length >= 18",
    );
    calm.take(
        "overview-calm-phone",
        "",
        PHONE,
        Scheme::Light,
        "document.querySelectorAll('.tile.normal').length === 4",
    );
    calm.take(
        "alarms-calm",
        "#/alarms",
        PANEL,
        Scheme::Light,
        "document.querySelector('.calm') !== null",
    );
    calm.take(
        "unit-calm",
        "#/unit/BX-02",
        PANEL,
        Scheme::Light,
        "document.querySelectorAll('.plot canvas').length >= 4",
    );
    calm.take(
        "alarms-calm-phone",
        "#/alarms",
        PHONE,
        Scheme::Light,
        "document.querySelector('.calm') !== null",
    );
    calm.take(
        "system",
        "#/system",
        PANEL,
        Scheme::Light,
        "document.querySelectorAll('.devices tbody tr').length === 4",
    );

    // A culture that warms at the pace of nature, and two other troubles that somebody has seen already.
    site.cultures[1].set("AGIT.SP", 11.4);
    operator.open(&site.url(""));
    operator.awaits_text("BX-02 agitation above 11 rpm");
    see(&operator, "Raised for the new bag, recipe step 14. Back to 10 rpm at 15:00.");
    site.cultures[2]
        .fault(&json!({ "fault": "value-out-of-range", "parameter": "PH.PV", "as": "no-value" }));
    operator.awaits_text("BX-03 pH: no believable reading");
    see(&operator, "Bag sits askew on the reader; maintenance is called.");
    let _heats = site.cultures[0].break_heater(3);
    operator.awaits_text("BX-01 temperature above 38 °C");
    site.cultures[0].speed(1);

    calm.take("overview-alarm", "", PANEL, Scheme::Light, "document.querySelectorAll('.spark').length >= 18 && document.querySelector('.first') !== null");
    calm.take("overview-alarm-dark", "", PANEL, Scheme::Dark, "document.querySelectorAll('.spark').length >= 18 && document.querySelector('.first') !== null");
    calm.take(
        "overview-alarm-phone",
        "",
        PHONE,
        Scheme::Light,
        "document.querySelector('.first') !== null",
    );
    calm.take(
        "alarms-alarm",
        "#/alarms",
        PANEL,
        Scheme::Light,
        "document.querySelectorAll('.alarm').length >= 2",
    );
    calm.take(
        "alarms-alarm-phone",
        "#/alarms",
        PHONE,
        Scheme::Light,
        "document.querySelectorAll('.alarm').length >= 2",
    );
    calm.open("");
    operator.click(".first [data-action=silence]");
    calm.shoot("overview-silenced", PANEL, Scheme::Light, "document.querySelector('.first p.horn') !== null && document.querySelectorAll('.spark').length >= 18");
    for (name, scheme) in [("unit-alarm", Scheme::Light), ("unit-alarm-dark", Scheme::Dark)] {
        operator.size(PANEL.0, PANEL.1);
        operator.open(&site.url("#/unit/BX-01"));
        operator.awaits(
            "the button",
            "document.querySelector('.charts header button:last-child:enabled') !== null",
        );
        operator.click(".charts header button:last-child");
        calm.shoot(name, PANEL, scheme, "document.querySelectorAll('.plot canvas').length >= 4");
    }
    calm.open("#/alarms");
    operator.click("[data-action=acknowledge]");
    operator.awaits("the question", "document.querySelector('dialog textarea') !== null");
    operator.write("Heater switched off at the panel, cover open, supervisor called.");
    calm.shoot("acknowledge", PANEL, Scheme::Light, "document.querySelector('dialog') !== null");
    operator.fill("dialog input[type=password]", PASSWORD);
    operator.click("dialog button[type=submit]");
    operator.awaits_text("Heater switched off at the panel");
    let trail = Album { page: &quality, root: site.url(""), folder: &folder };
    trail.take(
        "trail",
        "#/trail",
        PANEL,
        Scheme::Light,
        "document.querySelectorAll('table.trail tbody tr').length > 8",
    );
    let visitor = browser.page();
    let login = Album { page: &visitor, root: site.url(""), folder: &folder };
    login.take("login", "#/login", PANEL, Scheme::Light, "document.querySelector('form') !== null");

    // What is wrong with the agent itself; and a page without its agent.
    site.broker.stop();
    calm.take(
        "system-alarm",
        "#/system",
        PANEL,
        Scheme::Light,
        "document.querySelector('.problems li') !== null && document.body.innerText.includes('No link to the Control Site')",
    );
    calm.open("");
    operator.awaits("the lines", "document.querySelectorAll('.spark').length >= 18");
    site.kill_agent();
    operator.awaits_text("No connection to the agent since");
    calm.picture("overview-lost");
}

/// Somebody acknowledges what calls, with these words.
fn see(page: &Page<'_>, words: &str) {
    page.click(".first button.main");
    page.fill("dialog textarea", words);
    page.click("dialog button[type=submit]");
    page.awaits("nothing calls any more", "document.querySelector('.first') === null");
}

/// Takes pictures of a page.
struct Album<'a> {
    page: &'a Page<'a>,
    root: String,
    folder: &'a Path,
}

impl Album<'_> {
    fn open(&self, view: &str) {
        // From another document, so that nothing of the last picture is left.
        self.page.open("about:blank");
        self.page.open(&format!("{}{view}", self.root));
    }

    fn take(&self, name: &str, view: &str, size: (u32, u32), scheme: Scheme, ready: &str) {
        self.page.size(size.0, size.1);
        self.open(view);
        self.shoot(name, size, scheme, ready);
    }

    fn shoot(&self, name: &str, (width, height): (u32, u32), scheme: Scheme, ready: &str) {
        self.page.size(width, height);
        self.page.scheme(scheme);
        self.page.awaits("a living picture", "document.querySelector('header .clock strong') !== null && !document.body.classList.contains('lost')");
        self.page.awaits(name, ready);
        self.picture(name);
    }

    fn picture(&self, name: &str) {
        let _drawn = self.page.eval("new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done(true))); })");
        self.page.picture(&self.folder.join(format!("operator-{name}.png")));
        println!("operator-{name}");
    }
}
