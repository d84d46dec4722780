use super::*;
use crate::profile;

const PATH: &str = "profiles/rocking-bag-25-perfused.toml";
const PROFILE: &str = include_str!("../../examples/profiles/rocking-bag-25-perfused.toml");
const FILE: &str = include_str!("../../examples/t-cell-nine-days.toml");

fn of(text: &str) -> Report {
    let profile = profile::parse(PATH, PROFILE).expect("good");
    report("mf.toml", text.as_bytes(), &BTreeMap::from([(PathBuf::from(PATH), profile)]))
}

#[test]
fn the_nine_days_are_told_phase_by_phase() {
    let Report { text, problems } = of(FILE);
    assert_eq!(problems, []);
    let said = [
        "MF-TCELL-009 version 1: Autologous T cells, nine-day perfused expansion\n",
        "valid 2026-05-31 22:00 UTC to 2028-05-31 22:00 UTC, replaces the one in force with the next batch\n",
        "  expansion     Perfused expansion  96 h      192 h    harvest\n",
        "  harvest       Harvest and wash    1 h       6 h      end\n",
        "TEMP.PV, °C, critical\n  phase                                LL  L     set-point  H     HH\n",
        "  outside a batch, setup               –   –     37         –     –\n",
        "  activation, transduction, expansion  36  36.5  37         37.5  38\n",
        "  harvest                              –   –     37         –     38\n",
        "WEIGHT faster than 2 g per minute over 10 min",
        "TEMP.SP more than 0.15 °C from its set-point",
        "AGIT.PV more than 1.5 rpm from AGIT.SP",
        "DOOR is open",
        "  VIAB, %      every 24 h  counts for 36 h  two people\n",
        "an action limit of a critical parameter stands for 5 min",
        "PRESS.HH stands for 0 s",
        "when nobody has acknowledged for 15 min",
        "TEMP.PV is critical, but no alarm judges it in setup",
        "No problem found.\n",
    ];
    for line in said {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    println!("report: {} lines looked for", said.len());
}

#[test]
fn what_is_wrong_is_told_with_the_rest_or_alone() {
    let wrong = FILE.replacen("window_s = 600.0", "window_s = 3.0", 1);
    let Report { text, problems } = of(&wrong);
    assert_eq!(problems.len(), 1);
    let end = "\n1 problem:\n  mf.toml:";
    assert!(text.contains(end) && text.contains("Limits"), "{text}");
    let unreadable = of("limits = none");
    assert!(unreadable.text.starts_with("1 problem:\n  mf.toml:1: "), "{}", unreadable.text);
    let many = of("");
    assert!(many.text.starts_with("3 problems:\n"), "{}", many.text);
    println!("reports with problems: 3 cases");
}

#[test]
fn a_reviewer_may_ask() {
    let same = FILE.replacen(
        "response = \"Compare set-point and value at the panel; look for warm feed bags on the tray.\"",
        "response = \"Switch the heater off at the panel, open the cover, call the supervisor. Note the highest temperature.\"",
        1,
    );
    let Report { text, problems } = of(&same);
    assert_eq!(problems, []);
    assert!(text.contains("TEMP.HH asks for the same response as TEMP.H: is it needed?"), "{text}");
    let without = report("mf.toml", FILE.as_bytes(), &BTreeMap::new());
    assert!(without.text.contains("profile rocking-bag-25-perfused was not given"));
    println!("advice: 2 cases");
}
