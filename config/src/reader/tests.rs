use super::notes::{MAX_BYTES, MAX_PROBLEMS};
use super::suggest::nearest;
use super::*;

#[test]
fn the_nearest_known_key_is_suggested_only_when_it_is_near() {
    let known = ["port", "host", "keep_alive_s", "id"];
    let cases = [
        ("prot", Some("port")),
        ("pert", Some("port")),
        ("part_", None), // two changed of four: too far to be sure
        ("pord", Some("port")),
        ("keep_alive", Some("keep_alive_s")),
        ("keepalive_s", Some("keep_alive_s")),
        ("i", Some("id")),
        ("name", None),
        ("", None),
    ];
    for (typed, wanted) in cases {
        assert_eq!(nearest(typed, known), wanted, "{typed}");
    }
    assert_eq!(nearest(&"x".repeat(1 << 20), known), None);
    println!("suggestions: {} cases", cases.len() + 1);
}

// Req: LAW-10
#[test]
fn problems_are_bounded_and_the_rest_is_counted() {
    use std::fmt::Write as _;
    let mut text = String::new();
    for number in 0..MAX_PROBLEMS + 7 {
        writeln!(text, "key{number:04} = 1").expect("to a string");
    }
    let problems = read("f.toml", &text, |_| Some(())).expect_err("unknown keys").0;
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert!(problems[MAX_PROBLEMS].message.contains("and 7 more"));
    assert!(problems.is_sorted_by_key(|problem| problem.line));
    println!("bounded problems: 1 case");
}

// Req: LAW-10
#[test]
fn a_text_beyond_the_bound_is_refused_unread() {
    let problems = read("f.toml", &"#".repeat(MAX_BYTES + 1), |_| Some(())).expect_err("long").0;
    assert_eq!((problems.len(), problems[0].line), (1, 1));
    println!("bounded text: 1 case");
}

#[test]
fn ids_that_would_break_a_message_are_called_by_number() {
    let text =
        "[[a]]\nid = \"x\\ny\"\nb = 1\n[[a]]\nid = \"ok\"\nb = 1\n[[a]]\nid = \"]\"\nb = 1\n";
    let problems = read("f.toml", text, |root| {
        for section in root.tables("a", "id") {
            let _ = section.must("id", Value::text);
            section.finish();
        }
        Some(())
    })
    .expect_err("b is unknown")
    .0;
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["a[1].b", "a[ok].b", "a[3].b"]);
    assert!(problems.iter().all(|problem| !problem.to_string().contains('\n')));
    println!("names in keys: 3 cases");
}
