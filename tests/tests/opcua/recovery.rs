//! What becomes of a session when the server restarts, forgets it, or the network is cut: nothing wrong is
//! recorded, and the time that was lost is a gap.

use cellwatch_tests::Cases;
use rusqlite::types::Value as Sql;
use serde_json::json;

use crate::bench::{Asyncua, Bench, NAMESPACES};
use crate::proxy::Proxy;

/// Every value of the temperature that was recorded as good is one that was served.
fn only_served(bench: &Bench, served: &[f64]) {
    // The temperature is the first parameter; quality 0 is good.
    let rows = bench
        .control_site
        .rows("SELECT DISTINCT value FROM readings WHERE parameter = 0 AND quality = 0");
    for row in &rows {
        let [Sql::Real(value)] = row.as_slice() else { panic!("{rows:?}") };
        assert!(served.iter().any(|one| one.to_bits() == value.to_bits()), "{rows:?}");
    }
    assert!(!rows.is_empty(), "no value was recorded");
}

/// The server ends and comes back with its namespaces in another order, where another node has the old
/// index and identifier.
// Req: LAW-01, LAW-02, UA-01, UA-04
#[test]
fn a_restart_with_namespaces_in_another_order() {
    let mut cases = Cases::of("opcua: a restart");
    let bench = Bench::new();
    let device = Asyncua::start(&bench.rig, &[]);
    let port = device.port.to_string();
    bench.configure(&device.endpoint, "security = \"none\"");
    let agent = bench.rig.agent();
    bench.temperature(36.99, "good");
    device.process.kill();
    bench.event("the loss", "device bx-01 does not answer%");
    bench.event("the gap's beginning", "device bx-01 is not watched%");
    bench.temperature(f64::NAN, "bad: not connected");
    cases.tried("the server is away");

    let turned = NAMESPACES.iter().rev().copied().collect::<Vec<_>>().join(",");
    let mut device = Asyncua::start(&bench.rig, &["--port", &port, "--namespaces", &turned]);
    bench.event("the gap's end", "device bx-01 was not watched for%");
    bench.temperature(36.99, "good");
    device.set("TEMP.PV", 37.5);
    bench.temperature(37.5, "good");
    cases.tried("it is back with its namespaces turned round");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    bench.control_site.await_through(bench.rig.last_seq());
    only_served(&bench, &[36.99, 37.5]);
    cases.tried("nothing but what was served");
}

/// The server forgets the subscription, and says that its queue lost values.
// Req: LAW-02, UA-03, UA-04
#[test]
fn a_subscription_that_is_forgotten_and_a_queue_that_lost_values() {
    let mut cases = Cases::of("opcua: subscriptions");
    let bench = Bench::new();
    let mut device = Asyncua::start(&bench.rig, &[]);
    bench.configure(&device.endpoint, "security = \"none\"");
    let agent = bench.rig.agent();
    bench.temperature(36.99, "good");
    // Uncertain, of a data value, overflow: asyncua does not send the bits of a status that is good.
    device.tell(&json!({ "set": "TEMP.PV", "value": 37.1, "status": 0x4093_0480 }));
    bench.event("the loss of values", "device bx-01: the server''s queue lost values of TEMP.PV%");
    bench.temperature(37.1, "uncertain: sensor failure");
    cases.tried("a queue that lost values");

    device.tell(&json!({ "forget": 1 }));
    bench.event("the gap", "device bx-01 was not watched for%");
    device.set("TEMP.PV", 37.25);
    bench.temperature(37.25, "good");
    cases.tried("a subscription that the server does not know any more");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    bench.control_site.await_through(bench.rig.last_seq());
    only_served(&bench, &[36.99, 37.25]);
}

/// The network is cut, and later passes nothing on although connections stay open.
// Req: LAW-01, LAW-02, LAW-07, UA-04
#[test]
fn a_network_that_is_cut_and_one_that_is_mute() {
    let mut cases = Cases::of("opcua: the network");
    let bench = Bench::new();
    let mut device = Asyncua::start(&bench.rig, &[]);
    let proxy = Proxy::to(device.port);
    bench.configure(&format!("opc.tcp://127.0.0.1:{}", proxy.port), "security = \"none\"");
    let agent = bench.rig.agent();
    bench.temperature(36.99, "good");
    proxy.cut();
    bench.event("the loss", "device bx-01 does not answer%");
    device.set("TEMP.PV", 37.3);
    proxy.mend();
    bench.event("the gap", "device bx-01 was not watched for%");
    bench.temperature(37.3, "good");
    cases.tried("cut and mended");

    let gaps = bench.events("device bx-01 was not watched for%");
    proxy.mute();
    bench.temperature(f64::NAN, "bad: not connected");
    device.set("TEMP.PV", 37.4);
    proxy.mend();
    bench.temperature(37.4, "good");
    let _more = bench.control_site.await_rows(
        "another gap",
        &format!("SELECT 1 FROM (SELECT count(*) AS gaps FROM events WHERE text LIKE 'device bx-01 was not watched for%') WHERE gaps > {gaps}"),
    );
    cases.tried("half-open and mended");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    bench.control_site.await_through(bench.rig.last_seq());
    only_served(&bench, &[36.99, 37.3, 37.4]);
}

/// A server that keeps one value between two publishes would lose others without a word: that is said. Its
/// table of namespaces grows while a session lives: nodes are looked up again.
// Req: LAW-02, UA-01, UA-03
#[test]
fn short_queues_and_a_table_of_namespaces_that_grows() {
    let mut cases = Cases::of("opcua: what a server grants");
    let bench = Bench::new();
    let mut device = Asyncua::start(&bench.rig, &["--queue-max", "1"]);
    bench.configure(&device.endpoint, "security = \"none\"");
    let agent = bench.rig.agent();
    bench.temperature(36.99, "good");
    bench.event(
        "the short queues",
        "device bx-01: the server grants less than it was asked for:%of 16 values it keeps 1, and says nothing where it loses some%",
    );
    cases.tried("queues of one value");

    device.tell(&json!({ "register": "urn:example:foreign:new" }));
    bench.event("another session", "device bx-01 was not watched for%");
    device.set("TEMP.PV", 37.6);
    bench.temperature(37.6, "good");
    cases.tried("a namespace more");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    bench.control_site.await_through(bench.rig.last_seq());
    only_served(&bench, &[36.99, 37.6]);
}
