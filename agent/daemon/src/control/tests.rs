#![allow(clippy::unwrap_used)]

use std::os::unix::fs::PermissionsExt;

use tokio::sync::mpsc;

use super::account::name_in;
use super::{Answer, Call, Request, account_name, ask, socket_path, start};

#[test]
fn accounts_have_their_names() {
    let passwd =
        "root:x:0:0:root:/root:/bin/sh\n\nbroken\nmaria:x:1001:1001::/var/lib/maria:/bin/sh\n";
    assert_eq!(name_in(passwd, 0).as_deref(), Some("root"));
    assert_eq!(name_in(passwd, 1001).as_deref(), Some("maria"));
    assert_eq!(name_in(passwd, 7), None);
    println!("accounts: 3 cases");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_named_and_answered() {
    let dir = tempfile::tempdir().unwrap();
    let (calls, mut received) = mpsc::channel::<Call>(4);
    start(dir.path(), calls).unwrap();
    let mode = std::fs::metadata(socket_path(dir.path())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    tokio::spawn(async move {
        while let Some(Call { by, request, answer, .. }) = received.recv().await {
            let said = match request {
                Request::Acknowledge { unit, alarm, comment } => {
                    assert_eq!(
                        (unit.as_deref(), comment.as_str()),
                        (Some("BX-01"), "seen \"it\"\n")
                    );
                    Answer::Recorded { seq: 12, by, refusal: Some(alarm) }
                }
                Request::Status {} => Answer::Status(serde_json::json!({ "seq": 12 })),
                Request::ListPeople {}
                | Request::ChangePeople { .. }
                | Request::SilenceHorn { .. }
                | Request::TestRoute { .. }
                | Request::TrustCertificate { .. }
                | Request::TestAnnunciators {} => Answer::Error("not asked here".to_owned()),
            };
            answer.send(said).unwrap();
        }
    });
    let folder = dir.path().to_owned();
    let ask = move |request: Request| ask(&folder, &request).unwrap();
    let (acknowledged, status) = tokio::task::spawn_blocking(move || {
        let acknowledge = Request::Acknowledge {
            unit: Some("BX-01".to_owned()),
            alarm: "TEMP.HH".to_owned(),
            comment: "seen \"it\"\n".to_owned(),
        };
        (ask(acknowledge), ask(Request::Status {}))
    })
    .await
    .unwrap();
    let by = account_name(rustix::process::geteuid().as_raw()).unwrap();
    assert_eq!(acknowledged, Answer::Recorded { seq: 12, by, refusal: Some("TEMP.HH".into()) });
    assert_eq!(status, Answer::Status(serde_json::json!({ "seq": 12 })));

    let wrong = serde_json::from_str::<Request>(
        r#"{"acknowledge":{"alarm":"A","comment":"c","who":"me"}}"#,
    );
    assert!(wrong.is_err(), "nobody says who they are: the kernel does");
    let empty = tempfile::tempdir().unwrap();
    let error = super::ask(empty.path(), &Request::Status {}).unwrap_err().to_string();
    assert!(error.contains("Does cellwatch run"), "{error}");
    println!("control socket: 5 cases");
}
