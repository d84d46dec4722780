//! How long a reading over its limit takes to the stack light, to the page and to a subscriber, and what open pages cost:
//! `tests/bench to_the_people` calls it and prints what it prints.
//!
//! Device, stack light, page's client and subscriber are threads of this program, so that one clock times all of them: from the reply that carries
//! the value, as it is handed to the kernel, to the coils, to the event of the stream and to the alarm's record as they are read.

mod subscriber;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicI16, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use cellwatch_model::AlarmTransition;
use cellwatch_record::{Body, decode};
use cellwatch_tests::usage::{pause, resident_mib, to_f64, work_s};
use cellwatch_tests::wire_device::serve;
use cellwatch_tests::{AGENT, Device, MasterFile, Process, Rig, SITE, SiteFile, await_until};

/// Alarms that are timed.
const ROUNDS: usize = 200;
/// Open pages, where they cost something.
const PAGES: [usize; 3] = [0, 1, 50];
/// The agent's work is measured for so long, each.
const WINDOW: Duration = Duration::from_secs(30);
/// Units of the site whose pages are open, and parameters of each.
const UNITS: usize = 10;
const PARAMETERS: usize = 16;
/// The horn's coil among the two of the stack light; the other one is red.
const HORN: u8 = 2;
/// A raw number within the limit, and one beyond it: hundredths of a degree.
const WITHIN: i16 = 3700;
const BEYOND: i16 = 3900;

fn main() {
    delays();
    costs();
}

/// Registers that all hold the same number.
fn registers(request: &[u8], raw: i16) -> Vec<u8> {
    let count = request.get(4).copied().unwrap_or_default();
    let words = raw.to_be_bytes().repeat(usize::from(count));
    [&[request[0], count * 2], words.as_slice()].concat()
}

fn profile(parameters: usize, period_ms: u32) -> String {
    let mut text =
        "[profile]\nid = \"every-type\"\nmodel = \"Benchmark\"\nversion = \"1.0\"\n\n[modbus]\n"
            .to_owned();
    for number in 0..parameters {
        let name = if number == 0 { "TEMP.PV".to_owned() } else { format!("V{number:02}") };
        write!(
            text,
            "\n[[parameter]]\nname = \"{name}\"\ntable = \"input\"\naddress = {number}\ntype = \"i16\"\nscale = 0.01\ndecimals = 2\nunit = \"°C\"\nrange = [0.0, 60.0]\nperiod_ms = {period_ms}\n"
        )
        .expect("a string takes everything");
    }
    text
}

/// An agent that polls devices at `addresses`, with a stack light and a broker at `port`; gives its page's host.
fn agent(
    rig: &Rig,
    port: u16,
    addresses: &[String],
    profile: &str,
    light: &str,
) -> (Process, String) {
    let devices = addresses.iter().enumerate();
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port,
        devices: devices.map(|(index, one)| Device::numbered(index + 1, one)).collect(),
        segment_mib: 64,
    };
    rig.configure(&site_file, profile, &MasterFile::version_1(profile).text());
    rig.write(
        "site.toml",
        format!(
            "{}\n[[annunciator]]\nid = \"light\"\naddress = \"{light}\"\nlamps = [\"red\", \"horn\"]\nunits = [\"BX-01\"]\n",
            site_file.text()
        ),
    );
    let mut agent = rig.agent();
    let page = agent.ready()["page"].as_str().expect("the page").to_owned();
    (agent, page.trim_start_matches("http://").to_owned())
}

/// The page's stream without a login: `event` is called with the data of each event.
fn look(host: &str, event: impl Fn(&str)) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /api/events HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
    let mut lines = BufReader::with_capacity(1 << 18, stream);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        if let Some(data) = line.strip_prefix("data: ") {
            event(data);
        }
        line.clear();
    }
    Ok(())
}

/// Nanoseconds since the program began.
fn since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn delays() {
    let began = Instant::now();
    let raw = Arc::new(AtomicI16::new(WITHIN));
    // When the first reply with the number beyond the limit was handed to the kernel; 0 while there is none.
    let replied = Arc::new(AtomicU64::new(0));
    let (raw_served, replied_served) = (Arc::clone(&raw), Arc::clone(&replied));
    let device = serve(move |request| {
        let raw = raw_served.load(Ordering::SeqCst);
        if raw == BEYOND {
            let at = since(began);
            let _first = replied_served.compare_exchange(0, at, Ordering::SeqCst, Ordering::SeqCst);
        }
        registers(request, raw)
    });
    let (lit, light_seen) = mpsc::channel();
    let light = serve(move |request| {
        let coils = request.get(6).copied().unwrap_or_default();
        let _heard = lit.send((since(began), coils));
        request[..5].to_vec()
    });
    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let (agent, host) = agent(&rig, broker.port, &[device], &profile(1, 100), &light);
    let (published, record_seen) = mpsc::channel();
    let topic = format!("cellwatch/1/{SITE}/{AGENT}/BX-01/alarm");
    subscriber::subscribe(&rig, &broker, topic, move |sealed| {
        let _heard = published.send((since(began), u8::from(is_raised(sealed))));
    });
    let (shown, page_seen) = mpsc::channel();
    thread::spawn(move || {
        let seen = |data: &str| {
            // What is drawn first; whatever else the agent has to say calls at other times.
            let calls = data.contains("\"urgent\":{\"unit\":\"BX-01\"");
            let _heard = shown.send((since(began), u8::from(calls)));
        };
        drop(look(&host, seen));
    });
    let next = |seen: &mpsc::Receiver<(u64, u8)>, wanted: fn(u8) -> bool| loop {
        let (at, is) = seen.recv_timeout(Duration::from_secs(60)).expect("it comes");
        if wanted(is) {
            return at;
        }
    };
    let dark = |is: u8| is == 0;
    await_until("a receipt", Duration::from_secs(60), || match control_site.through() {
        through if through > 0 => Ok(()),
        _ => Err(control_site.state()),
    });
    next(&light_seen, dark);
    let (mut to_light, mut to_page, mut to_subscriber) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        while light_seen.try_recv().is_ok() || page_seen.try_recv().is_ok() {}
        while record_seen.try_recv().is_ok() {}
        replied.store(0, Ordering::SeqCst);
        raw.store(BEYOND, Ordering::SeqCst);
        let sounds = next(&light_seen, |coils| coils & HORN != 0);
        let shows = next(&page_seen, |calls| calls != 0);
        let arrives = next(&record_seen, |raised| raised != 0);
        let from = replied.load(Ordering::SeqCst);
        to_light.push(sounds.saturating_sub(from));
        to_page.push(shows.saturating_sub(from));
        to_subscriber.push(arrives.saturating_sub(from));
        raw.store(WITHIN, Ordering::SeqCst);
        let answered = rig.cellwatch(&[
            "acknowledge",
            "--unit",
            "BX-01",
            "--alarm",
            "TEMP.HH",
            "--comment",
            "timed",
        ]);
        assert_eq!(answered.status, Some(0), "{answered}");
        // Red stays until the value has returned as well.
        next(&light_seen, dark);
        next(&page_seen, dark);
    }
    println!("| from the reply over the limit to | alarms | p50 | p99 | worst |");
    println!("|---|---|---|---|---|");
    for (what, mut times) in [
        ("the coils of the stack light", to_light),
        ("the event on the page's stream", to_page),
        ("the sealed record at a subscriber of the broker", to_subscriber),
    ] {
        times.sort_unstable();
        let at =
            |percent: usize| times[(times.len() * percent).div_ceil(100).clamp(1, times.len()) - 1];
        println!(
            "| {what} | {} | {} | {} | {} |",
            times.len(),
            ms(at(50)),
            ms(at(99)),
            ms(at(100))
        );
    }
    println!();
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}

/// True for the record of an alarm that is raised.
fn is_raised(sealed: &[u8]) -> bool {
    let record = cellwatch_seal::open(sealed).map(|sealed| decode(sealed.untrusted_payload()));
    matches!(
        record.expect("a seal").expect("a record").body,
        Body::Alarm(change) if change.transition == AlarmTransition::Raised
    )
}

fn ms(ns: u64) -> String {
    format!("{}.{:02} ms", ns / 1_000_000, ns / 10_000 % 100)
}

fn costs() {
    let addresses: Vec<String> =
        (0..UNITS).map(|_| serve(|request| registers(request, WITHIN))).collect();
    let light = serve(|request| request[..5].to_vec());
    let rig = Rig::new();
    // Nobody is there: port 9 discards.
    let (agent, host) = agent(&rig, 9, &addresses, &profile(PARAMETERS, 1000), &light);
    println!("| open pages | events a second and page | of one core | resident |");
    println!("|---|---|---|---|");
    let mut open = 0;
    let events = Arc::new(AtomicU64::new(0));
    for pages in PAGES {
        for _ in open..pages {
            let (host, events) = (host.clone(), Arc::clone(&events));
            thread::spawn(move || {
                let count = |_: &str| {
                    let _before = events.fetch_add(1, Ordering::Relaxed);
                };
                drop(look(&host, count));
            });
        }
        open = pages;
        await_until("each page its first event", Duration::from_secs(60), || {
            let heard = events.load(Ordering::Relaxed);
            if heard >= pages as u64 { Ok(()) } else { Err(heard) }
        });
        let (work_before, heard_before, since) =
            (work_s(agent.id()), events.load(Ordering::Relaxed), Instant::now());
        pause(WINDOW);
        let seconds = since.elapsed().as_secs_f64();
        let share = 100.0 * (work_s(agent.id()) - work_before) / seconds;
        let heard = events.load(Ordering::Relaxed) - heard_before;
        let each = if pages == 0 { 0.0 } else { to_f64(heard) / seconds / to_f64(pages as u64) };
        println!("| {pages} | {each:.1} | {share:.1} % | {:.1} MiB |", resident_mib(agent.id()));
    }
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}
