//! A site with an agent, its page, and people.

use std::fs;

use cellwatch_tests::{Device, Finished, MasterFile, Process, Pymodbus, Rig, SiteFile, folder};

use cellwatch_tests::http::{Page, Tab};

/// Every role that a person can have.
pub(crate) const ROLES: [&str; 5] = ["viewer", "operator", "supervisor", "maintenance", "quality"];
/// Everybody's own password.
pub(crate) const PASSWORD: &str = "three wet horses 7";
/// A unit's name that is a script: free text of the site file.
pub(crate) const SCRIPT: &str = "<script>alert(1)</script>";

pub(crate) struct Scene {
    pub(crate) rig: Rig,
    pub(crate) agent: Process,
    pub(crate) page: Page,
    _device: Pymodbus,
}

impl Scene {
    /// `edit` changes the site file's text.
    pub(crate) fn start(edit: impl Fn(String) -> String) -> Self {
        let rig = Rig::new();
        let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
        let device = Pymodbus::start(rig.path(), "every-type.json");
        let site = SiteFile {
            host: "localhost".to_owned(),
            // Nobody is there: the page needs no network beyond the room.
            port: 9,
            devices: vec![Device::numbered(1, &device.address)],
            segment_mib: 64,
        };
        // 37.0 °C is served: beyond the limit, and a critical alarm.
        let file = MasterFile::version_1(&profile).text();
        let file = file
            .replace("limit = 38.0", "limit = 36.5")
            .replace("set_point = 37.0", "set_point = 36.0");
        rig.configure(&site, &profile, &file);
        let named = site.text().replace("Unit BX-01", SCRIPT);
        rig.write("site.toml", edit(named));
        let (agent, page) = started(&rig);
        Self { rig, agent, page, _device: device }
    }

    pub(crate) fn operators(&self, arguments: &[&str]) -> Finished {
        let all: Vec<&str> = ["operators"].iter().chain(arguments).copied().collect();
        self.rig.cellwatch(&all)
    }

    /// Adds a person; gives the password for the first login.
    pub(crate) fn add(&self, name: &str, role: &str) -> String {
        self.rig.account(name, role)
    }

    /// A person of this role who has logged in and changed the first password.
    pub(crate) fn person(&self, role: &str) -> Tab {
        let name = format!("{role} one");
        let first = self.add(&name, role);
        let mut tab = Tab::new(&self.page);
        tab.first_login(&name, &first, PASSWORD);
        tab
    }
}

fn started(rig: &Rig) -> (Process, Page) {
    let mut agent = rig.agent();
    let ready = agent.ready();
    let address = ready["page"].as_str().expect("the page is served");
    let host = address.trim_start_matches("http://").to_owned();
    (agent, Page(host))
}
