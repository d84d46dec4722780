//! The demo from its start to its end.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::watch;
use tokio::time::sleep;

use super::follow::follow;
use super::signals::Signals;
use super::{Out, Places, layout, summary};
use crate::cli::DemoArgs;
use crate::deviation::{Course, Seen, expected};
use crate::plant::{Folder, Plant, UNITS, make_keys};
use crate::process::{Build, Programs, own_program};
use crate::report::{Report, problems};
use crate::watch::{ControlSite, published};

/// When the heater breaks; in a short demo after a quarter of its time.
const BREAKS_AFTER: Duration = Duration::from_secs(8);

/// Runs the demo as asked.
///
/// # Errors
/// It could not run: status 2.
pub fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let out = Out::new(args.json);
    out.line(
        "cellwatch demo: two bioreactors, one agent, a broker and a Control Site on this machine\n",
    );
    if let Some(data) = &args.data {
        Folder::check(data)?;
    }
    let demo = own_program()?;
    if let Some(build) = Build::by_cargo(&demo) {
        out.line("  building the programs (the first time takes some minutes)");
        build.run(std::io::stderr().is_terminal())?;
    }
    let programs = Programs::find(&demo)?;
    // One thread: the death of the thread that started a process would end that process.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the event loop")?;
    runtime.block_on(demonstrate(args, &programs, out))
}

async fn demonstrate(args: &DemoArgs, programs: &Programs, out: Out) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    let mut folder = Folder::new(args.data.as_deref(), args.keep)?;
    out.line("  making keys and certificates, signing the Master File as QA and as QP");
    make_keys(&folder, programs)?;
    out.line("  starting broker, bioreactors, Control Site, agent");
    let started = tokio::select! {
        started = Plant::start(&folder, programs) => started,
        () = signals.asked() => bail!("asked to end before everything ran"),
    };
    let plant = started.inspect_err(|_| folder.keep())?;
    let control_site = ControlSite::open(&folder.database())?;

    out.line(&layout(&places(&plant, &folder, programs)));
    out.line(&match args.duration {
        Some(duration) => {
            format!("  Ends by itself after {} s; Ctrl-C ends it now.\n", duration.as_secs())
        }
        None => "  Runs until Ctrl-C.\n".to_owned(),
    });
    let out = out.from_now();
    let mut wrong = watch_over(args, &plant, &control_site, &mut signals, out).await;
    let seconds = out.seconds();

    out.line("\n  ending: the agent first, then what it still has to tell, then the rest");
    let journal = folder.journal();
    tokio::select! {
        problems = plant.end(&journal, &control_site) => wrong.extend(problems),
        () = signals.asked() => wrong.push("ended in a hurry: not everything was waited for".to_owned()),
    }
    drop(plant);

    let counts = control_site.counts()?;
    let report = Report::new(seconds, published(&journal)?, &counts);
    let provoked = if args.duration.is_some() { expected(UNITS[0].0) } else { BTreeSet::new() };
    wrong.extend(problems(&report, &counts, UNITS.len(), &provoked));
    Ok(tell(args, &mut folder, &report, &wrong, out))
}

/// Until it is time to end; gives what went wrong.
async fn watch_over(
    args: &DemoArgs,
    plant: &Plant,
    control_site: &ControlSite,
    signals: &mut Signals,
    out: Out,
) -> Vec<String> {
    let (sender, seen) = watch::channel(Seen::new());
    let Some(reactor) = plant.reactors.first() else { return Vec::new() };
    let after = args.duration.map_or(BREAKS_AFTER, |all| BREAKS_AFTER.min(all / 4));
    let (unit, control, page) = (reactor.unit, &reactor.control, &plant.page);
    let course = Course { unit, control, page, after, seen, out };
    let failed = RefCell::new(Vec::new());
    let course = async {
        if let Err(error) = course.run().await {
            let sentence = format!("the deviation did not go as it should: {error:#}");
            out.event(&sentence);
            failed.borrow_mut().push(sentence);
        }
        std::future::pending::<()>().await;
    };
    let time = async {
        match args.duration {
            Some(duration) => sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        () = time => None,
        () = signals.asked() => None,
        dead = plant.one_ended() => Some(dead.to_string()),
        unreadable = follow(control_site, &sender, out) => Some(format!("{unreadable:#}")),
        () = course => None,
    };
    if ended.is_some() {
        out.event("something ended by itself; what it said last stands below");
    }
    failed.into_inner().into_iter().chain(ended).collect()
}

fn places<'a>(plant: &'a Plant, folder: &'a Folder, programs: &'a Programs) -> Places<'a> {
    Places {
        page: &plant.page,
        mqtt: &plant.mqtt,
        reactors: plant
            .reactors
            .iter()
            .map(|reactor| (reactor.unit, reactor.modbus.as_str(), reactor.control.as_str()))
            .collect(),
        folder: folder.path(),
        stays: folder.stays(),
        agent: &programs.agent,
    }
}

/// The numbers; what is wrong on standard error.
fn tell(
    args: &DemoArgs,
    folder: &mut Folder,
    report: &Report,
    wrong: &[String],
    out: Out,
) -> ExitCode {
    out.line(&summary(report));
    if !wrong.is_empty() {
        folder.keep();
    }
    if folder.stays() {
        out.line(&format!("  folder         {} stays", folder.path().display()));
    }
    for sentence in wrong {
        eprintln!("demo: {sentence}");
    }
    if args.json
        && let Ok(json) = serde_json::to_string(report)
    {
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{json}").and_then(|()| stdout.flush()).ok();
    }
    ExitCode::from(u8::from(!wrong.is_empty()))
}
