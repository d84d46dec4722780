//! Devices of one kind, and a site that polls them each second.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cellwatch_tests::wire_device::serve;
use cellwatch_tests::{Device, MasterFile, Rig, SiteFile};

/// One parameter in so many has four limits.
const JUDGED: u16 = 5;

pub(crate) struct Plant {
    pub(crate) addresses: Vec<String>,
    registers: u16,
    words: u16,
    read: Arc<AtomicU64>,
}

impl Plant {
    pub(crate) fn start(devices: usize, registers: u16, words: u16) -> Self {
        let read = Arc::new(AtomicU64::new(0));
        let addresses = (0..devices).map(|_| {
            let read = Arc::clone(&read);
            let beat = AtomicU64::new(0);
            serve(move |request| {
                let count = u16::from_be_bytes([request[3], request[4]]);
                read.fetch_add(u64::from(count / words), Ordering::Relaxed);
                answer(request, words, beat.fetch_add(1, Ordering::Relaxed))
            })
        });
        Self { addresses: addresses.collect(), registers, words, read }
    }

    /// Values that were read so far.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    pub(crate) fn configure(&self, rig: &Rig, port: u16) {
        let devices = self.addresses.iter().enumerate();
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port,
            devices: devices.map(|(index, one)| Device::numbered(index + 1, one)).collect(),
            segment_mib: 64,
        };
        let profile = self.profile();
        let mut master_file = MasterFile::version_1(&profile).text();
        for number in (JUDGED..self.registers / self.words).step_by(usize::from(JUDGED)) {
            limits(&mut master_file, &format!("V{number:04}"));
        }
        rig.configure(&site_file, &profile, &master_file);
        rig.write("site.toml", site_file.text().replace("seconds = 1", "seconds = 5"));
    }

    fn profile(&self) -> String {
        let mut text =
            "[profile]\nid = \"every-type\"\nmodel = \"Benchmark\"\nversion = \"1.0\"\n\n[modbus]\n"
                .to_owned();
        let kind = if self.words == 1 { "type = \"i16\"\nscale = 0.01" } else { "type = \"f32\"" };
        for number in 0..self.registers / self.words {
            let name = if number == 0 { "TEMP.PV".to_owned() } else { format!("V{number:04}") };
            let address = number * self.words;
            write!(
                text,
                "\n[[parameter]]\nname = \"{name}\"\ntable = \"input\"\naddress = {address}\n{kind}\ndecimals = 2\nunit = \"°C\"\nrange = [0.0, 60.0]\nperiod_ms = 1000\n"
            )
            .expect("a string takes everything");
        }
        text
    }
}

/// Values about 37 that move a little with every answer, each its own way.
fn answer(request: &[u8], words: u16, beat: u64) -> Vec<u8> {
    let first = u16::from_be_bytes([request[1], request[2]]);
    let count = u16::from_be_bytes([request[3], request[4]]);
    let mut reply = vec![request[0], u8::try_from(count * 2).expect("at most 125 registers")];
    for address in (first..first + count).step_by(usize::from(words)) {
        let step = (u64::from(address).wrapping_mul(7) + beat) % 16;
        let step = u16::try_from(step).expect("below 16");
        if words == 1 {
            reply.extend((3_700 + step).to_be_bytes());
        } else {
            reply.extend((37.0 + f32::from(step) / 100.0).to_be_bytes());
        }
    }
    reply
}

fn limits(master_file: &mut String, parameter: &str) {
    write!(
        master_file,
        "\n[[parameter]]\nname = \"{parameter}\"\nunit = \"°C\"\nrange = [0.0, 60.0]\ncritical = false\nstale_after_s = 10.0\ninstrument_delay_s = 10.0\ninstrument_response = \"See to the sensor.\"\ninstrument_priority = \"low\"\n"
    )
    .expect("a string takes everything");
    for (kind, limit) in [("HH", 45.0), ("H", 40.0), ("L", 34.0), ("LL", 30.0)] {
        write!(
            master_file,
            "\n[[alarm]]\nid = \"{parameter}.{kind}\"\nparameter = \"{parameter}\"\nkind = \"{kind}\"\nlimit = {limit:.1}\ndeadband = 0.1\npriority = \"medium\"\nclass = \"equipment\"\ncause = \"benchmark\"\nconsequence = \"none\"\nresponse = \"Look.\"\ntime_to_respond_s = 600\n"
        )
        .expect("a string takes everything");
    }
}
