//! How fast records are verified, beside the bare signature: `tests/bench verify`.
//!
//! Prints a table in Markdown. Both rates are of one core, measured in turns in the same run, the best of each.
#![allow(clippy::expect_used, missing_docs, reason = "a benchmark")]

use std::time::{Duration, Instant};

use cellwatch_control_site::intake::{Checked, OwnClock, Verifier};
use cellwatch_model::{Clock, ClockSync, Mono, Quality, Utc, Value};
use cellwatch_record::{
    Body, Chain, Column, Common, Frame, Hash, Head, Identity, JournalId, RECORD_CONTENT_TYPE,
    Sample, Track, bundle,
};
use cellwatch_seal::{AgentKey, Roster, Sealer, SealingKey, Thresholds, open, seal};
use ring::signature::{ED25519, UnparsedPublicKey};

const AGENT: &str = "agent-1";
const SITE: &str = "site-1";
const UNIT: &str = "BX-01";
const NOW: Utc = Utc(1_790_000_000_000_000_000);
/// A typical unit: 30 parameters at 1 Hz in frames of 5 s.
const PARAMETERS: u16 = 30;
const SAMPLES: usize = 5;
/// Records in a round.
const RECORDS: usize = 2_000;
const ROUNDS: usize = 5;

fn frame() -> Body {
    let offsets = (0..SAMPLES).map(|index| u32::try_from(index * 1_000).unwrap_or(0)).collect();
    let sample = |parameter: u16, index: usize| {
        let hundredths = 3_700 + (usize::from(parameter) * 7 + index * 3) % 40;
        let word = u16::try_from(hundredths).unwrap_or(0);
        let value = Some(Value::Number(f64::from(word) / 100.0));
        Sample { value, quality: Quality::Good, raw: [word].as_slice().into(), stamp: None }
    };
    let column = |parameter| Column {
        parameter,
        decimals: 2,
        track: 0,
        samples: (0..SAMPLES).map(|index| sample(parameter, index)).collect(),
    };
    Body::Telemetry(Frame {
        from: Mono(55_000_000_000),
        tracks: vec![Track(offsets)],
        columns: (0..PARAMETERS).map(column).collect(),
    })
}

fn records(key: &SealingKey) -> Vec<Vec<u8>> {
    let head = Head { journal: JournalId([7; 16]), seq: 0, hash: Hash::NONE };
    let mut chain = Chain::new(AGENT.to_owned(), head);
    let common = Common {
        identity: Identity::default(),
        prev: Hash::NONE,
        boot: 1,
        utc: NOW,
        mono: Mono(60_000_000_000),
        clock: Clock { sync: ClockSync::Synchronised, error_bound_us: 400, offset_us: 0 },
        master_file: 1,
        unit: Some(UNIT.to_owned()),
        batch: Some("B-1".to_owned()),
        phase: Some("expansion".to_owned()),
    };
    let sealed = |_| seal(key, RECORD_CONTENT_TYPE, &chain.append(common.clone(), frame()).1);
    (0..RECORDS).map(sealed).collect()
}

fn verifier(key: &SealingKey) -> Verifier {
    let roster = Roster {
        version: 1,
        issued: Utc(0),
        expires: Utc(i64::MAX),
        roots: vec![],
        root_threshold: 1,
        approvers: vec![],
        receipt_keys: vec![],
        command_keys: vec![],
        agents: vec![AgentKey {
            agent: AGENT.to_owned(),
            site: SITE.to_owned(),
            key: key.public(),
        }],
        thresholds: Thresholds { qa: 1, qp: 1 },
        revoked: vec![],
    };
    Verifier::new(roster, OwnClock::Trusted)
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn main() {
    let (key, _) = SealingKey::generate().expect("randomness");
    let (sealed, verifier) = (records(&key), verifier(&key));
    let topic = format!("cellwatch/1/{SITE}/{AGENT}/{UNIT}/telemetry");
    let backfill = format!("cellwatch/1/{SITE}/{AGENT}/backfill");
    let bundles: Vec<Vec<u8>> = sealed.chunks(100).map(bundle::encode).collect();
    // The bare floor: Ed25519 over as many bytes, nothing opened, decoded, compared or hashed.
    let public = key.public();
    let bare = UnparsedPublicKey::new(&ED25519, public.0);
    let signed: Vec<(Vec<u8>, [u8; 64])> = sealed
        .iter()
        .map(|one| {
            let payload = open(one).expect("a seal").untrusted_payload().to_vec();
            let signature = key.sign(&payload);
            (payload, signature)
        })
        .collect();
    let good = |checked: &[Checked]| checked.iter().all(|one| matches!(one, Checked::Record(_)));
    let mut best = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        let floor = timed(|| {
            for (payload, signature) in &signed {
                bare.verify(payload, signature).expect("a signature");
            }
        });
        let live = timed(|| {
            for one in &sealed {
                assert!(good(&verifier.check(&topic, one, NOW)), "each verifies");
            }
        });
        let bundled = timed(|| {
            for one in &bundles {
                assert!(good(&verifier.check(&backfill, one, NOW)), "each verifies");
            }
        });
        for (best, one) in best.iter_mut().zip([floor, live, bundled]) {
            *best = (*best).min(one);
        }
    }
    #[allow(clippy::cast_precision_loss)] // a few thousand
    let rate = |took: Duration| RECORDS as f64 / took.as_secs_f64();
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    println!(
        "Verification of records, one core, profile {profile}: {RECORDS} frames of {PARAMETERS} parameters and {SAMPLES} samples, {} bytes each, best of {ROUNDS}\n",
        sealed[0].len()
    );
    println!("| what | records/s | of the bare rate |\n|---|---:|---:|");
    println!("| bare Ed25519 (`ring`), as many bytes | {:.0} | 100 % |", rate(best[0]));
    for (what, took) in [("a live message each", best[1]), ("bundles of 100", best[2])] {
        let of_bare = 100.0 * rate(took) / rate(best[0]);
        println!(
            "| opened, verified, decoded, compared with its topic, hashed: {what} | {:.0} | {of_bare:.0} % |",
            rate(took)
        );
    }
}
