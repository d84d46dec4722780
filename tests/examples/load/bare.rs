//! The least that reads and delivers: registers in requests of 124 each second, one message a device every five seconds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellwatch_daemon::broker::{Settings, client_config};
use cellwatch_tests::{AGENT, SITE};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, MqttOptions};
use rumqttc::{TlsConfiguration, Transport};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_modbus::client::{Reader, tcp};

/// Registers of one request: the most that are whole values of two (125, Modbus Application Protocol V1.1b3 §6.4).
const REQUEST_MAX: u16 = 124;
const READS_PER_MESSAGE: usize = 5;
/// As the agent's: what five reads of a thousand values take is more than the library allows unasked.
const PACKET_BYTES_MAX: u32 = 4 << 20;

pub(crate) fn run(folder: &str, port: &str, registers: &str, devices: &str) {
    let folder = Path::new(folder);
    let port = port.parse().expect("a port");
    let registers: u16 = registers.parse().expect("a number of registers");
    let settings = Settings {
        host: "localhost".to_owned(),
        port,
        authority: folder.join("authority.pem"),
        certificate: folder.join("client.pem"),
        private_key: folder.join("client.key"),
        keep_alive_s: 30,
        client_id: "bare".to_owned(),
        topics: format!("cellwatch/1/{SITE}/{AGENT}/"),
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let tls = client_config(&settings).expect("the site's files");
        let mut options = MqttOptions::new("bare", "localhost", port);
        options.set_transport(Transport::Tls(TlsConfiguration::Rustls(Arc::new(tls))));
        options.set_keep_alive(Duration::from_secs(30));
        options.set_max_packet_size(Some(PACKET_BYTES_MAX));
        let (client, mut eventloop) = AsyncClient::new(options, 128);
        let mut polls = JoinSet::new();
        for (index, address) in devices.split(',').enumerate() {
            let address = address.parse().expect("an address");
            let topic = format!("{}BX-{:02}/telemetry", settings.topics, index + 1);
            let client = client.clone();
            polls.spawn(async move {
                let mut device = tcp::connect(address).await.expect("the device answers");
                let mut ticks = interval(Duration::from_secs(1));
                ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
                let mut payload = Vec::new();
                for read in 1.. {
                    ticks.tick().await;
                    for first in (0..registers).step_by(usize::from(REQUEST_MAX)) {
                        let count = REQUEST_MAX.min(registers - first);
                        let words = device.read_input_registers(first, count).await;
                        let words = words.expect("it answers").expect("without exception");
                        payload.extend(words.into_iter().flat_map(u16::to_be_bytes));
                    }
                    if read % READS_PER_MESSAGE == 0 {
                        let payload = std::mem::take(&mut payload);
                        let sent = client.publish(&topic, QoS::AtLeastOnce, false, payload).await;
                        sent.expect("the broker takes it");
                    }
                }
            });
        }
        loop {
            tokio::select! {
                event = eventloop.poll() => drop(event.expect("the broker is there")),
                ended = polls.join_next() => panic!("a device's loop ended: {ended:?}"),
            }
        }
    });
}
