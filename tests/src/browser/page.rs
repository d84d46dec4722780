//! A tab.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use serde_json::{Value, json};

use super::keys::pressed;
use super::pipe::{Browser, SOON};
use crate::await_until;

/// What the reader's system prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A tab of the browser.
#[derive(Debug)]
pub struct Page<'a> {
    browser: &'a Browser,
    session: String,
    context: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(browser: &'a Browser, session: String, context: String) -> Self {
        let page = Self { browser, session, context };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"] {
            page.ask(domain, &json!({}));
        }
        page.size(1280, 800);
        page
    }

    fn ask(&self, method: &str, parameters: &Value) -> Value {
        self.browser.ask(Some(&self.session), method, parameters)
    }

    /// Its size in CSS pixels; below 600 wide it is a phone's.
    pub fn size(&self, width: u32, height: u32) {
        let mobile = width < 600;
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile }),
        );
    }

    /// Light or dark, and nothing moves: pictures and rules of contrast see what is meant to be seen.
    pub fn scheme(&self, scheme: Scheme) {
        let word = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [
                { "name": "prefers-color-scheme", "value": word },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] }),
        );
    }

    /// Runs a script at the begin of each document that is opened from now on, before the page's own.
    pub fn begins_with(&self, script: &str) {
        self.ask("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }));
    }

    /// Opens an address.
    ///
    /// # Panics
    /// Nothing answers there.
    pub fn open(&self, url: &str) {
        let opened = self.ask("Page.navigate", &json!({ "url": url }));
        assert_eq!(opened.get("errorText"), None, "{url}: {opened}");
    }

    /// What an expression gives; a promise is awaited.
    ///
    /// # Panics
    /// It throws.
    #[must_use]
    pub fn eval(&self, expression: &str) -> Value {
        let result = self.ask(
            "Runtime.evaluate",
            &json!({ "expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true }),
        );
        let thrown = result.get("exceptionDetails");
        assert!(thrown.is_none(), "{expression}: {}", thrown.unwrap_or(&Value::Null));
        result["result"]["value"].clone()
    }

    /// Awaits that an expression is true.
    ///
    /// # Panics
    /// It does not become true; what the page says instead is in the message.
    pub fn awaits(&self, what: &str, expression: &str) {
        await_until(what, SOON * 2, || {
            let is = self.eval(expression);
            if is == json!(true) {
                return Ok(());
            }
            Err(format!("{expression} is {is}; the page says:\n{}", self.text()))
        });
    }

    /// Awaits that a text can be read on the page.
    ///
    /// # Panics
    /// It does not come.
    pub fn awaits_text(&self, text: &str) {
        let text = json!(text);
        self.awaits(
            &format!("the text {text}"),
            &format!("document.body !== null && document.body.innerText.includes({text})"),
        );
    }

    /// Everything that can be read.
    #[must_use]
    pub fn text(&self) -> String {
        let text = self.eval("document.body?.innerText ?? ''");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Presses a key: `Tab`, `Shift+Tab`, `Enter`, `Escape`, an arrow, or a character.
    pub fn press(&self, key: &str) {
        for event in pressed(key) {
            self.ask("Input.dispatchKeyEvent", &event);
        }
    }

    /// Writes a text where the cursor is.
    pub fn write(&self, text: &str) {
        self.ask("Input.insertText", &json!({ "text": text }));
    }

    /// Presses Tab until the element that a selector names has the focus, as somebody without a mouse does; gives how
    /// often.
    ///
    /// # Panics
    /// It cannot be reached so.
    pub fn tab_to(&self, selector: &str) -> usize {
        const TABS_MAX: usize = 120;
        let selector = json!(selector);
        let is_there = format!("document.activeElement?.matches({selector}) === true");
        for tabs in 0..TABS_MAX {
            if self.eval(&is_there) == json!(true) {
                return tabs;
            }
            self.press("Tab");
        }
        panic!("{selector} cannot be reached with the Tab key:\n{}", self.text());
    }

    /// Clicks in the middle of the first element that a selector names, once it is there and stands still.
    ///
    /// # Panics
    /// It does not come.
    pub fn click(&self, selector: &str) {
        let quoted = json!(selector);
        self.awaits(
            &format!("{selector} to click on"),
            &format!("document.querySelector({quoted})?.checkVisibility() === true"),
        );
        let place = self.eval(&format!(
            "new Promise((done) => {{
               let before = '';
               const look = () => {{
                 const one = document.querySelector({quoted});
                 one?.scrollIntoView({{ block: 'center' }});
                 const box = one?.getBoundingClientRect();
                 const place = box ? [box.x + box.width / 2, box.y + box.height / 2] : [];
                 if (box && before === place.join()) {{ done(place); return; }}
                 before = place.join();
                 requestAnimationFrame(() => requestAnimationFrame(look));
               }};
               look();
             }})"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            self.ask(
                "Input.dispatchMouseEvent",
                &json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 }),
            );
        }
    }

    /// Clicks into a field and writes; what stood there is replaced.
    pub fn fill(&self, selector: &str, text: &str) {
        self.click(selector);
        let _selected = self.eval("document.activeElement.select?.()");
        self.write(text);
    }

    /// Files that the page hands out go to this folder from now on.
    pub fn downloads_to(&self, folder: &Path) {
        let wanted = json!({
            "behavior": "allow",
            "browserContextId": self.context,
            "downloadPath": folder,
        });
        self.browser.ask(None, "Browser.setDownloadBehavior", &wanted);
    }

    /// Chooses in the list that a selector names, as somebody with keys does.
    pub fn choose(&self, selector: &str, value: &str) {
        let (selector, value) = (json!(selector), json!(value));
        let _chosen = self.eval(&format!(
            "(() => {{ const list = document.querySelector({selector}); list.value = {value};
               list.dispatchEvent(new Event('change', {{ bubbles: true }})); return list.value; }})()"
        ));
    }

    /// Writes a picture of what is in sight.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn picture(&self, file: &Path) {
        let shot = self.ask("Page.captureScreenshot", &json!({ "format": "png" }));
        let data = shot["data"].as_str().expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
        fs::write(file, bytes).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// What the page did wrong since the last look: exceptions, and what the browser refused it (such as by the content
    /// security policy). Requests that the server answers with an error are not among them.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let thrown = self.browser.events(&self.session, "Runtime.exceptionThrown");
        let mut all: Vec<String> =
            thrown.iter().map(|event| event["params"]["exceptionDetails"].to_string()).collect();
        for event in self.browser.events(&self.session, "Log.entryAdded") {
            let entry = &event["params"]["entry"];
            if entry["level"] == "error" && entry["source"] != "network" {
                all.push(entry.to_string());
            }
        }
        all
    }

    /// Addresses that the page has asked, other than those that begin with `own`.
    #[must_use]
    pub fn asked_elsewhere(&self, own: &str) -> Vec<String> {
        let requests = self.browser.events(&self.session, "Network.requestWillBeSent");
        let urls = requests.iter().filter_map(|event| event["params"]["request"]["url"].as_str());
        let is_own =
            |url: &&str| url.starts_with(own) || url.starts_with("data:") || *url == "about:blank";
        urls.filter(|url| !is_own(url)).map(str::to_owned).collect()
    }
}
