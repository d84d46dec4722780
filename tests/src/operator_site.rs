//! A whole site with its operator page: two cultures, broker, Control Site, agent, people.

use std::fs;

use serde_json::json;

use crate::{
    Broker, ControlSite, Culture, Device, MasterFile, Page, Process, Rig, SITE, SiteFile,
    StackLight, binary, root,
};

/// Where the page listens at first.
const ANY_PORT: &str = "listen = \"127.0.0.1:0\"";

/// A site whose page can be opened.
#[derive(Debug)]
pub struct OperatorSite {
    /// Its folder.
    pub rig: Rig,
    /// Mosquitto.
    pub broker: Broker,
    /// The Control Site.
    pub control_site: ControlSite,
    /// The stack light and horn; none while it is away.
    pub light: Option<StackLight>,
    /// The cultures of `BX-01`, `BX-02` and so on.
    pub cultures: Vec<Culture>,
    agent: Option<Process>,
    page: String,
}

impl OperatorSite {
    /// Starts everything: two cultures. Alarms come after seconds where the example's come after a minute.
    ///
    /// # Panics
    /// Something does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::of(2)
    }

    /// The same with so many cultures, `BX-01` and so on.
    ///
    /// # Panics
    /// Something does not start.
    #[must_use]
    pub fn of(cultures: u32) -> Self {
        Self::edited(cultures, |_, _| {})
    }

    /// The same; `edit` changes the texts of the agent's profile and Master File before they are signed.
    ///
    /// # Panics
    /// Something does not start.
    #[must_use]
    pub fn edited(cultures: u32, edit: impl FnOnce(&mut String, &mut String)) -> Self {
        let rig = Rig::new();
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        let example = root().join("config/examples/profiles/rocking-bag-25.toml");
        let mut profile = fs::read_to_string(&example).expect("the example profile");
        let cultures: Vec<Culture> =
            (1..=cultures).map(|seed| Culture::start(rig.path(), &example, seed)).collect();
        let devices = cultures.iter().enumerate();
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port: broker.port,
            devices: devices
                .map(|(index, culture)| Device::numbered(index + 1, &culture.modbus))
                .collect(),
            segment_mib: 64,
        };
        let mut master_file = MasterFile::of_the_example(SITE);
        for delay in ["on_delay_s", "off_delay_s"] {
            for seconds in ["15.0", "60.0", "120.0"] {
                master_file =
                    master_file.replace(&format!("{delay} = {seconds}"), &format!("{delay} = 2.0"));
            }
        }
        let approved = MasterFile::sha256_of(&profile);
        edit(&mut profile, &mut master_file);
        let master_file = master_file.replace(&approved, &MasterFile::sha256_of(&profile));
        let light = StackLight::start(rig.path(), "127.0.0.1:0");
        rig.configure(&site_file, &profile, &master_file);
        rig.write("site.toml", site_file.text() + &light.declared());
        let light = Some(light);
        let (agent, page) = (None, String::new());
        let mut site = Self { rig, broker, control_site, light, cultures, agent, page };
        site.start_agent();
        site
    }

    /// Starts the agent.
    ///
    /// # Panics
    /// It runs already, or does not start.
    pub fn start_agent(&mut self) {
        assert!(self.agent.is_none(), "the agent runs already");
        let mut command = binary("cellwatch");
        command.args(["run", "--json-ready", "--config"]).arg(self.rig.site().join("site.toml"));
        let mut agent = Process::start("agent", self.rig.path(), command);
        let ready = agent.ready();
        ready["page"].as_str().expect("the page is served").clone_into(&mut self.page);
        self.agent = Some(agent);
        // Started again it is found where it was.
        let file = self.rig.site().join("site.toml");
        let text = fs::read_to_string(&file).expect("the site file");
        let port = self.page.rsplit(':').next().expect("the page's port");
        fs::write(&file, text.replace(ANY_PORT, &format!("listen = \"127.0.0.1:{port}\"")))
            .expect("the site file");
    }

    /// Ends it at once (SIGKILL).
    ///
    /// # Panics
    /// It does not run.
    pub fn kill_agent(&mut self) {
        self.agent.take().expect("the agent runs").kill();
    }

    /// The address of a view: `#/alarms`, or nothing for the overview.
    #[must_use]
    pub fn url(&self, view: &str) -> String {
        format!("{}/{view}", self.page)
    }

    /// Makes an account, and gives its one-time password.
    ///
    /// # Panics
    /// It is refused.
    #[must_use]
    pub fn account(&self, name: &str, role: &str) -> String {
        self.rig.account(name, role)
    }

    /// Opens the overview, and awaits that it shows living values of every unit.
    pub fn open(&self, page: &Page<'_>) {
        page.open(&self.url(""));
        page.awaits(
            "every unit with a phase",
            &format!(
                "document.querySelectorAll('.tile .phase b').length === {}",
                self.cultures.len()
            ),
        );
        page.awaits(
            "values",
            "[...document.querySelectorAll('.tile')].every((tile) => tile.querySelectorAll('.value').length > 3)",
        );
    }

    /// Logs in with a one-time password, as a person at a keyboard and pointer does, and changes it to `password`.
    pub fn first_login(&self, page: &Page<'_>, name: &str, one_time: &str, password: &str) {
        page.open(&self.url("#/login"));
        page.fill("input[autocomplete=username]", name);
        page.fill("input[autocomplete=current-password]", one_time);
        page.press("Enter");
        page.awaits_text("Choose a password of your own");
        page.fill("input[autocomplete=current-password]", one_time);
        page.tab_to("input[autocomplete=new-password]");
        page.write(password);
        page.press("Tab");
        page.write(password);
        page.press("Enter");
        let name = json!(name);
        page.awaits(
            "the person's name in the header",
            &format!("document.querySelector('header .person .name')?.textContent.startsWith({name}) === true"),
        );
        page.awaits("the overview", "document.querySelector('.tile') !== null");
    }
}
