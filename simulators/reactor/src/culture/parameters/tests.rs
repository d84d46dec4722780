#![allow(clippy::unwrap_used)]

use super::Parameters;

fn problems(text: &str) -> Vec<String> {
    let problems = Parameters::parse("p.toml", text).unwrap_err();
    problems.0.iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_loads() {
    let parameters = Parameters::parse("parameters.toml", Parameters::EXAMPLE).unwrap();
    let ids: Vec<&str> = parameters.phases.iter().map(|phase| phase.id.as_str()).collect();
    assert_eq!(ids, ["setup", "activation", "transduction", "expansion", "harvest"]);
}

#[test]
fn every_problem_at_once_with_file_line_and_key() {
    let line = |needle: &str| {
        1 + Parameters::EXAMPLE.lines().position(|line| line.starts_with(needle)).unwrap()
    };
    let text = Parameters::EXAMPLE
        .replace("room_c = 21.0 ", "room_c = 210.0 ")
        .replace("ph_noise = ", "ph_nois = ")
        .replace("pka = 6.10 ", "pka = \"6.1\" ");
    let found = problems(&text);
    assert_eq!(
        found[..2],
        [
            format!("p.toml:{}: thermal.room_c is 210, must be 5 to 35", line("room_c")),
            format!("p.toml:{}: gas.pka must be a number, 5.5 to 6.7", line("pka")),
        ]
    );
    assert!(
        found[2].starts_with(&format!("p.toml:{}: sensors.ph_noise is missing", line("[sensors]")))
    );
    assert!(
        found[3].starts_with(&format!("p.toml:{}: sensors.ph_nois is not known", line("ph_noise")))
    );
    assert_eq!(found.len(), 4);
    println!("cases: {}", found.len());
}

#[test]
fn what_is_no_toml_is_said_with_its_line() {
    let found = problems("[vessel]\nvolume_l = = 1\n");
    assert!(found[0].starts_with("p.toml:2: file is not TOML"), "{found:?}");
}

#[test]
fn two_phases_with_one_id_are_refused() {
    let text = Parameters::EXAMPLE.replace("id = \"harvest\"", "id = \"expansion\"");
    assert!(problems(&text)[0].contains("\"expansion\" is taken"));
}
