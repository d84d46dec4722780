//! What people do by the page besides acknowledging and shelving.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cellwatch_tests::{Browser, Cases, OperatorSite, Page, await_until};
use serde_json::json;

const PASSWORD: &str = "a fifth long password";

/// A result that people enter, which a second person confirms.
const BY_HAND: &str = r#"
[[parameter]]
name = "VCD"
entry = "manual"
unit = "1e6/mL"
range = [0.0, 100.0]
critical = true
second_person = true
sampling_s = 86400.0
stale_after_s = 129600.0
instrument_response = "Take the daily sample and count."
instrument_priority = "low"
"#;

/// A unit whose batch people lead, with a result by hand and an alarm that stays until it is reset.
fn led_by_people(profile: &mut String, master_file: &mut String) {
    let begin = profile.find("[[parameter]]\nname = \"PHASE\"").expect("the example's phase");
    let end = begin + profile[begin..].find("\n\n").expect("its end");
    profile.replace_range(begin..end, "");
    *master_file = master_file
        .replace("id = \"AGIT.REST.H\"\n", "id = \"AGIT.REST.H\"\nlatching = true\n")
        .replace(
            "\n# --- Phases in their order",
            &format!("{BY_HAND}\n# --- Phases in their order"),
        );
}

fn answer(page: &Page<'_>) {
    page.click("dialog button[type=submit]");
    page.awaits("the question is answered", "document.querySelector('dialog') === null");
}

fn asked(page: &Page<'_>, selector: &str) {
    page.click(selector);
    page.awaits("the question", "document.querySelector('dialog[open]') !== null");
}

/// The file of this name, once it is whole.
fn downloaded(folder: &Path, name: &str) -> String {
    let file: PathBuf = folder.join(name);
    await_until(name, Duration::from_secs(60), || {
        fs::read_to_string(&file).ok().filter(|text| !text.is_empty()).ok_or("not there")
    })
}

/// A batch is started, led on and ended; a result is entered, confirmed by somebody else and corrected; an alarm is taken out of service,
/// returned and reset; quality marks the trail as reviewed; lists and trail are exported.
// Req: PAGE-58, ACC-01, LAW-11
#[test]
fn what_people_do_by_the_page() {
    let mut cases = Cases::of("operator_page_doing");
    let site = OperatorSite::edited(1, led_by_people);
    let browser = Browser::start(site.rig.path());
    let downloads = site.rig.path().join("downloads");
    fs::create_dir(&downloads).expect("a folder");
    let person = |name: &str, role: &str| {
        let page = browser.page();
        page.downloads_to(&downloads);
        let one_time = site.account(name, role);
        site.first_login(&page, name, &one_time, PASSWORD);
        page
    };
    let unit = site.url("#/unit/BX-01");
    let olga = person("olga", "supervisor");
    let peter = person("peter", "operator");

    olga.open(&unit);
    asked(&olga, "[data-action=start-batch]");
    olga.fill("dialog input", "B-2026-117");
    answer(&olga);
    olga.awaits_text("batch B-2026-117, since");
    let current = |name: &str| {
        format!("document.querySelector('.phases .current')?.innerText.includes('{name}') === true")
    };
    olga.awaits("the first phase", &current("Setup and load"));
    asked(&olga, "[data-action=set-phase]");
    answer(&olga);
    olga.awaits("the next phase", &current("Activation"));
    // What the new phase judges moves what stands below it.
    olga.awaits_text("Agitation above 1 rpm");
    olga.awaits("charts", "document.querySelectorAll('.plot canvas').length >= 3");
    cases.tried("a batch is started and led on to its next phase");

    asked(&olga, "[data-enter=VCD]");
    olga.fill("dialog input[inputmode=decimal]", "420");
    olga.click("dialog button[type=submit]");
    olga.awaits_text("must lie between 0 and 100");
    olga.fill("dialog input[inputmode=decimal]", "4,2");
    answer(&olga);
    olga.awaits_text("waits for a second person");
    olga.awaits(
        "who entered it cannot confirm it",
        "document.querySelector('[data-action=confirm-result]') === null",
    );
    peter.open(&unit);
    peter.awaits("charts", "document.querySelectorAll('.plot canvas').length >= 3");
    asked(&peter, "[data-action=confirm-result]");
    answer(&peter);
    olga.awaits(
        "confirmed by peter",
        "document.querySelector('.results tbody tr').innerText.includes('peter')",
    );
    asked(&peter, "[data-action=correct-result]");
    peter.fill("dialog input[inputmode=decimal]", "4.3");
    peter.click("dialog button[type=submit]");
    peter.awaits_text("Write a reason");
    peter.fill("dialog textarea", "Read off the wrong line.");
    answer(&peter);
    olga.awaits_text("was 4.2");
    olga.awaits_text("Read off the wrong line.");
    cases.tried("a result is entered, confirmed by a second person, and corrected with a reason");

    // It rocks, where the bag should rest in this phase.
    let card = "article[data-alarm='AGIT.REST.H']";
    let mara = person("mara", "maintenance");
    mara.open(&site.url("#/alarms"));
    mara.click(&format!("{card} [data-action=take-out-of-service]"));
    mara.fill("dialog textarea", "Probe is being changed.");
    answer(&mara);
    let gone = |page: &Page<'_>, what: &str| {
        page.awaits(what, &format!("document.querySelector(\"{card}\") === null"));
    };
    gone(&mara, "it calls nobody");
    mara.open(&site.url("#/alarms/out-of-service"));
    mara.awaits_text("Probe is being changed.");
    asked(&mara, &format!("{card} [data-action=return-to-service]"));
    answer(&mara);
    gone(&mara, "it is back in service");
    cases.tried("an alarm is taken out of service with a reason, and returned");

    peter.open(&site.url("#/alarms"));
    peter.awaits("it calls again", &format!("document.querySelector(\"{card}\") !== null"));
    let _stands_still = site.cultures[0].fault(&json!({ "fault": "agitation-stopped" }));
    peter.awaits(
        "everything is answered, and one waits for its reset",
        "(() => { const button = document.querySelector('[data-action=acknowledge]');
           if (!document.querySelector('dialog') && button) button.click();
           const words = document.querySelector('dialog textarea');
           if (words && words.value === '') words.value = 'It shall rest.';
           document.querySelector('dialog button[type=submit]:enabled')?.click();
           return document.body.innerText.includes('wants a reset') && document.querySelector('dialog') === null; })()",
    );
    peter.awaits_text("back to normal, latched, seen");
    peter.downloads_to(&downloads);
    peter.click("[data-action=export]");
    let list = downloaded(&downloads, "alarms-standing.csv");
    assert!(list.starts_with("unit,alarm,words") && list.contains("AGIT.REST.H"), "{list}");
    asked(&peter, &format!("{card} [data-action=reset]"));
    answer(&peter);
    gone(&peter, "the latch is cleared");
    cases.tried("a latched alarm is exported with the list, and reset");

    olga.open(&unit);
    asked(&olga, "[data-action=end-batch]");
    answer(&olga);
    olga.awaits_text("no batch runs");
    let quinn = person("quinn", "quality");
    quinn.open(&site.url("#/trail"));
    quinn.awaits_text("correct result");
    quinn.awaits(
        "the batches",
        "document.querySelectorAll('.filters select option[value=\"B-2026-117\"]').length === 1",
    );
    quinn.choose(".filters select", "B-2026-117");
    quinn.awaits_text("start batch");
    asked(&quinn, "[data-action=review]");
    quinn.click("dialog button[type=submit]");
    quinn.awaits_text("A review needs words");
    quinn.fill("dialog textarea", "Whole batch read, nothing to add.");
    answer(&quinn);
    quinn.awaits_text("Reviewed by quinn");
    quinn.awaits_text("Whole batch read, nothing to add.");
    cases.tried("the batch is ended; quality marks its trail as reviewed");

    quinn.click("a[download='trail.csv']");
    let csv = downloaded(&downloads, "trail.csv");
    quinn.click("a[download='trail.json']");
    let text = downloaded(&downloads, "trail.json");
    for words in [
        "start batch",
        "set phase",
        "enter result",
        "confirm result",
        "correct result",
        "take out of service",
        "reset",
        "end batch",
        "Read off the wrong line.",
        "olga",
        "peter",
        "mara",
    ] {
        assert!(csv.contains(words), "{words:?} in {csv}");
        assert!(text.contains(words), "{words:?} in {text}");
    }
    cases.tried("the batch's trail is exported as CSV and JSON");
    for page in [&olga, &peter, &mara, &quinn] {
        assert_eq!(page.complaints(), Vec::<String>::new());
    }
}
