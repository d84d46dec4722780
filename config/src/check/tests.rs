use std::collections::BTreeMap;
use std::path::PathBuf;

use super::together;
use crate::{master_file, profile, site};

const SITE: &str = include_str!("../../examples/site.toml");
const PROFILE: &str = include_str!("../../examples/profiles/rocking-bag-25.toml");
const MASTER_FILE: &str = include_str!("../../examples/master-file.toml");
const PATH: &str = "profiles/rocking-bag-25.toml";

/// Which text is edited.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Site,
    Profile,
    MasterFile,
}

/// What is edited: text, what is replaced (once), by what; where the problems then are: file, a text of the line (the
/// first line that holds it), key; and what the first of them says.
struct Case {
    edit: (In, &'static str, &'static str),
    problems: &'static [(&'static str, &'static str, &'static str)],
    says: &'static str,
}

const MF: &str = "trust/master-file.cose";

#[rustfmt::skip] // one case a line
const CASES: &[Case] = &[
    Case { edit: (In::Site, "profile = \"profiles/rocking-bag-25.toml\"\naddress = \"127.0.0.1:15022\"", "profile = \"other.toml\"\naddress = \"127.0.0.1:15022\""),
        problems: &[("site.toml", "other.toml", "device[bx-02].profile")], says: "no profile could be read from \"other.toml\"" },
    Case { edit: (In::Site, "id = \"barcelona-1\"", "id = \"ulm-1\""),
        problems: &[(MF, "sites =", "master_file.sites")], says: "\"ulm-1\", is not listed: the file is for barcelona-1" },
    Case { edit: (In::Profile, "version = \"1.0\"", "version = \"1.1\""),
        problems: &[(MF, "profile_sha256 =", "equipment[rocking-bag-25].profile_sha256")], says: "is not the text that was approved" },
    Case { edit: (In::Profile, "id = \"rocking-bag-25\"", "id = \"rocking-bag-26\""),
        problems: &[("site.toml", "profile = ", "device[bx-01].profile")], says: "only approved equipment" },
    Case { edit: (In::Profile, "\"5\" = \"harvest\"", "\"5\" = \"wash\""),
        problems: &[(PATH, "\"5\" = \"wash\"", "parameter[PHASE].values.5"), (MF, "profile_sha256 =", "equipment[rocking-bag-25].profile_sha256")], says: "\"wash\" is no phase" },
    Case { edit: (In::MasterFile, "name = \"WEIGHT\"\nunit = \"g\"", "name = \"WEIGHT\"\nunit = \"kg\""),
        problems: &[(MF, "unit = \"kg\"", "parameter[WEIGHT].unit")], says: "is kg, but profiles/rocking-bag-25.toml gives g" },
    Case { edit: (In::MasterFile, "name = \"TEMP.PV\"\nunit = \"°C\"\nrange = [0.0, 50.0]", "name = \"TEMP.PV\"\nunit = \"°C\"\nrange = [0.0, 60.5] # wide"),
        problems: &[(MF, "# wide", "parameter[TEMP.PV].range")], says: "[0, 60] in profiles" },
    Case { edit: (In::MasterFile, "# --- Phases in", "[[parameter]] # new\nname = \"GLC\" # here\nunit = \"mM\"\nrange = [0, 50]\nstale_after_s = 60\ninstrument_response = \"r\"\n# --- Phases in"),
        problems: &[(MF, "# here", "parameter[GLC].name")], says: "no device of a unit provides" },
    Case { edit: (In::MasterFile, "# --- Phases in", "[[parameter]]\nname = \"SERIAL\" # here\nunit = \"1\"\nrange = [0, 50]\nstale_after_s = 60\ninstrument_response = \"r\"\n# --- Phases in"),
        problems: &[(MF, "# here", "parameter[SERIAL].name")], says: "is text in profiles" },
    Case { edit: (In::Profile, "unit = \"°C\"\nrange = [0.0, 60.0]\nsentinels", "unit = \"°C\"\nrange = [10.0, 37.8]\nsentinels"),
        problems: &[(MF, "profile_sha256 =", "equipment[rocking-bag-25].profile_sha256"), (MF, "range = [0.0, 50.0]", "parameter[TEMP.PV].range"), (MF, "limit = 38.0", "alarm[TEMP.HH].limit")], says: "is not the text" },
    // Entered by hand or by a device
    Case { edit: (In::MasterFile, "# --- Phases in", "[[parameter]]\nname = \"TEMP.SP\"\nentry = \"manual\" # here\nunit = \"°C\"\nrange = [0, 50]\nstale_after_s = 60\ninstrument_response = \"r\"\n# --- Phases in"),
        problems: &[(MF, "# here", "parameter[TEMP.SP].entry")], says: "a parameter has one source" },
    Case { edit: (In::MasterFile, "# --- Phases in", "[[parameter]]\nname = \"VIAB\"\nentry = \"manual\"\nunit = \"%\"\nrange = [0, 100]\nstale_after_s = 60\ninstrument_response = \"r\"\n# --- Phases in"),
        problems: &[], says: "" },
    // Times of polls
    Case { edit: (In::MasterFile, "critical = false\nstale_after_s = 25.0", "critical = false\nsampling_s = 4.0 # here\nstale_after_s = 25.0"),
        problems: &[(MF, "# here", "parameter[ROCK.ANGLE].sampling_s")], says: "polls it every 5 s" },
    Case { edit: (In::MasterFile, "stale_after_s = 25.0", "stale_after_s = 4.9 # here"),
        problems: &[(MF, "# here", "parameter[ROCK.ANGLE].stale_after_s")], says: "every value would be stale" },
    // Rates
    Case { edit: (In::MasterFile, "kind = \"L\"\nlimit = 5.5", "kind = \"rate\"\nlimit = 5.5\nwindow_s = 9.9 # here"),
        problems: &[(MF, "# here", "alarm[ROCK.ANGLE.L].window_s")], says: "9.9 is not within 2 to 4096 polls, 10 to 20480 s" },
    Case { edit: (In::MasterFile, "kind = \"L\"\nlimit = 5.5", "kind = \"rate\"\nlimit = 5.5\nwindow_s = 10"),
        problems: &[], says: "" },
    Case { edit: (In::Profile, "range = [0.0, 42.0]\nsentinels = [65535]\nperiod_ms = 1000", "range = [0.0, 42.0]\nsentinels = [65535]\nperiod_ms = 1001"),
        problems: &[(MF, "profile_sha256 =", "equipment[rocking-bag-25].profile_sha256")], says: "is not the text" },
    // Serial numbers
    Case { edit: (In::Profile, "period_ms = 60000\nrole = \"serial\"", "period_ms = 60000"),
        problems: &[(MF, "profile_sha256 =", "equipment[rocking-bag-25].profile_sha256"), (MF, "serials =", "equipment[rocking-bag-25].serials")], says: "is not the text" },
    // States
    Case { edit: (In::MasterFile, "# --- Phases in", "[[parameter]]\nname = \"DOOR\"\nunit = \"1\"\nrange = [0, 1]\nstale_after_s = 60\ninstrument_response = \"r\"\n[[alarm]]\nid = \"DOOR.OPEN\"\nparameter = \"DOOR\"\nkind = \"discrete\"\nstates = [\"open\",\n\"ajar\"] # here\npriority = \"low\"\nclass = \"equipment\"\ncause = \"c\"\nconsequence = \"c\"\nresponse = \"r\"\ntime_to_respond_s = 60\n# --- Phases in"),
        problems: &[(MF, "# here", "alarm[DOOR.OPEN].states[2]")], says: "\"ajar\" is no state of DOOR in profiles/rocking-bag-25.toml: it has closed, open" },
    Case { edit: (In::MasterFile, "# --- Phases in", "[[parameter]]\nname = \"DOOR\"\nunit = \"1\"\nrange = [0, 1]\nstale_after_s = 60\ninstrument_response = \"r\"\n[[alarm]]\nid = \"DOOR.OPEN\"\nparameter = \"DOOR\"\nkind = \"discrete\"\nstates = [\"open\", \"closed\"] # here\npriority = \"low\"\nclass = \"equipment\"\ncause = \"c\"\nconsequence = \"c\"\nresponse = \"r\"\ntime_to_respond_s = 60\n# --- Phases in"),
        problems: &[(MF, "# here", "alarm[DOOR.OPEN].states")], says: "would always stand" },
    Case { edit: (In::MasterFile, "# --- Phases in", "[[parameter]]\nname = \"DOOR\"\nunit = \"1\"\nrange = [0, 1]\nstale_after_s = 60\ninstrument_response = \"r\"\n[[alarm]]\nid = \"DOOR.H\"\nparameter = \"DOOR\"\nkind = \"H\" # here\nlimit = 0.5\npriority = \"low\"\nclass = \"equipment\"\ncause = \"c\"\nconsequence = \"c\"\nresponse = \"r\"\ntime_to_respond_s = 60\n# --- Phases in"),
        problems: &[(MF, "# here", "alarm[DOOR.H].kind")], says: "use kind = \"discrete\"" },
    Case { edit: (In::MasterFile, "kind = \"L\"\nlimit = 5.5\ndeadband = 0.1", "kind = \"discrete\" # here\nstates = [\"low\"]"),
        problems: &[(MF, "# here", "alarm[ROCK.ANGLE.L].kind")], says: "is a number without states" },
    // The agent's own ids
    Case { edit: (In::MasterFile, "id = \"ROCK.ANGLE.L\"", "id = \"bx-01.LINK\" # here"),
        problems: &[(MF, "# here", "alarm[bx-01.LINK].id")], says: "the agent makes itself for device bx-01" },
    Case { edit: (In::MasterFile, "id = \"ROCK.ANGLE.L\"", "id = \"bx-01.IDENTITY\" # here"),
        problems: &[(MF, "# here", "alarm[bx-01.IDENTITY].id")], says: "the agent makes itself for device bx-01" },
    Case { edit: (In::MasterFile, "id = \"ROCK.ANGLE.L\"", "id = \"bx-99.LINK\""),
        problems: &[], says: "" },
    // Set-points
    Case { edit: (In::MasterFile, "kind = \"L\"\nlimit = 5.5", "kind = \"deviation\" # here\nlimit = 5.5"),
        problems: &[], says: "" },
];

#[test]
fn what_does_not_fit_between_files_is_found() {
    let mut wrong = Vec::new();
    for case in CASES {
        let (edited, find, with) = case.edit;
        let text = |which: In, good: &str| {
            if which != edited {
                return good.to_owned();
            }
            assert!(good.contains(find), "{find:?} is not in the example");
            good.replacen(find, with, 1)
        };
        let texts =
            [text(In::Site, SITE), text(In::Profile, PROFILE), text(In::MasterFile, MASTER_FILE)];
        let site = site::parse("site.toml", &texts[0]).unwrap_or_else(|p| panic!("{p}"));
        let profile = profile::parse(PATH, &texts[1]).unwrap_or_else(|p| panic!("{p}"));
        let master_file =
            master_file::parse("mf", texts[2].as_bytes()).unwrap_or_else(|p| panic!("{p}"));
        let profiles = BTreeMap::from([(PathBuf::from(PATH), profile)]);
        let found = together(&site, "site.toml", &profiles, Some(&master_file));

        let line = |file: &str, mark: &str| {
            let text = if file == "site.toml" {
                &texts[0]
            } else if file == PATH {
                &texts[1]
            } else {
                &texts[2]
            };
            text.lines().position(|line| line.contains(mark)).map_or(0, |index| index + 1)
        };
        let wanted: Vec<(&str, usize, &str)> =
            case.problems.iter().map(|(file, mark, key)| (*file, line(file, mark), *key)).collect();
        let got: Vec<(&str, usize, &str)> =
            found.iter().map(|p| (p.file.as_str(), p.line, p.key.as_str())).collect();
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        let says = found.first().is_none_or(|first| first.message.contains(case.says));
        if got != wanted || !says {
            wrong.push(format!("{with:?}: wanted {wanted:?}, got\n    {}", shown.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("files together: {} cases", CASES.len());
}

#[test]
fn a_unit_has_no_parameter_twice_and_a_device_has_one_unit() {
    let mut site = site::parse("site.toml", SITE).expect("good");
    let profile = profile::parse(PATH, PROFILE).expect("good");
    let profiles = BTreeMap::from([(PathBuf::from(PATH), profile)]);
    assert_eq!(together(&site, "site.toml", &profiles, None), []);

    site.units[0].devices.push("bx-02".to_owned());
    let problems = together(&site, "site.toml", &profiles, None);
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["unit[BX-01].devices[2]", "unit[BX-02].devices[1]"]);
    assert!(problems[0].message.contains("HEARTBEAT, PHASE"), "{}", problems[0]);
    assert!(problems[1].message.contains("already belongs to unit \"BX-01\""), "{}", problems[1]);

    site.units[0].devices = vec!["bx-09".to_owned()];
    let problems = together(&site, "site.toml", &profiles, None);
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["device[bx-01].id", "unit[BX-01].devices[1]"]);
    println!("units together: 3 cases");
}

/// A set-point that another device holds is none of this unit's.
#[test]
fn every_unit_has_the_set_points_that_it_is_judged_by() {
    let two_devices = SITE.replacen(
        "profile = \"profiles/rocking-bag-25.toml\"\naddress = \"127.0.0.1:15022\"",
        "profile = \"other.toml\"\naddress = \"127.0.0.1:15022\"",
        1,
    );
    let site = site::parse("site.toml", &two_devices).expect("good");
    let other = PROFILE.replacen("id = \"rocking-bag-25\"", "id = \"other\"", 1).replacen(
        "name = \"TEMP.SP\"",
        "name = \"TEMP.XX\"",
        1,
    );
    let profiles = BTreeMap::from([
        (PathBuf::from(PATH), profile::parse(PATH, PROFILE).expect("good")),
        (PathBuf::from("other.toml"), profile::parse("other.toml", &other).expect("good")),
    ]);
    let text = MASTER_FILE.replacen("# --- Phases in", "[[equipment]]\nprofile = \"other\"\nprofile_sha256 = \"OTHER\"\n[[parameter]]\nname = \"TEMP.SP\"\nunit = \"°C\"\nrange = [0, 50]\nstale_after_s = 60\ninstrument_response = \"r\"\n# --- Phases in", 1)
        + "[[alarm]]\nid = \"TEMP.DEV\"\nparameter = \"TEMP.PV\"\nkind = \"deviation\"\nlimit = 0.4\nreference = \"TEMP.SP\"\npriority = \"low\"\nclass = \"equipment\"\ncause = \"c\"\nconsequence = \"c\"\nresponse = \"r\"\ntime_to_respond_s = 60\n";
    let hash = profiles[&PathBuf::from("other.toml")].sha256;
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = master_file::parse("mf", text.replacen("OTHER", &hash, 1).as_bytes())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let problems = together(&site, "site.toml", &profiles, Some(&file));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].key, "alarm[TEMP.DEV].reference");
    assert!(problems[0].message.contains("unit BX-02 has TEMP.PV"), "{}", problems[0]);
    assert_eq!(super::with_profiles(&file, MF, &profiles), [], "without a site, no unit lacks it");
    println!("set-points of units: 2 cases");
}

#[test]
fn profiles_alone_are_checked_as_with_a_site() {
    let file = master_file::parse("mf", MASTER_FILE.as_bytes()).expect("good");
    let with = |text: &str| {
        let profile = profile::parse(PATH, text).unwrap_or_else(|problems| panic!("{problems}"));
        let problems =
            super::with_profiles(&file, MF, &BTreeMap::from([(PathBuf::from(PATH), profile)]));
        problems.into_iter().map(|one| (one.file, one.key)).collect::<Vec<_>>()
    };
    assert_eq!(with(PROFILE), []);
    let renamed = with(&PROFILE.replacen("id = \"rocking-bag-25\"", "id = \"rb\"", 1));
    assert_eq!(renamed, [(PATH.to_owned(), "profile.id".to_owned())]);
    let changed = with(&PROFILE.replacen("version = \"1.0\"", "version = \"1.1\"", 1));
    assert_eq!(changed, [(MF.to_owned(), "equipment[rocking-bag-25].profile_sha256".to_owned())]);
    println!("profiles alone: 3 cases");
}

// Req: LAW-02
#[test]
fn what_stands_still_is_read_often_enough_to_be_found() {
    let by_node = SITE.replacen("address = \"127.0.0.1:15021\"", "opcua = \"server\"", 1).replacen(
        "modbus_unit = 1 ",
        "# ",
        1,
    ) + "\n[[opcua]]\nid = \"server\"\nendpoint = \"opc.tcp://10.0.8.40:4840\"\n";
    let node = "[profile]\nid = \"n\"\nmodel = \"m\"\nversion = \"1\"\n[opcua]\nnamespace = \"urn:x\"\n[[parameter]]\nname = \"N.T\"\nnode = \"s=T\"\ntype = \"f64\"\nunit = \"°C\"\nfrozen_after_s = ";
    let by_node = by_node.replacen(PATH, "node.toml", 1);
    let found = |frozen_after_s: &str, check_s: &str| {
        let text = format!("{by_node}check_s = {check_s}\n");
        let site = site::parse("site.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
        let node = format!("{node}{frozen_after_s}\n");
        let profiles = BTreeMap::from([
            (PathBuf::from(PATH), profile::parse(PATH, PROFILE).expect("good")),
            (
                PathBuf::from("node.toml"),
                profile::parse("node.toml", &node).unwrap_or_else(|problems| panic!("{problems}")),
            ),
        ]);
        let line = text.lines().position(|line| line.starts_with("check_s")).map(|at| at + 1);
        let problems = together(&site, "site.toml", &profiles, None);
        assert!(problems.iter().all(|one| Some(one.line) == line), "{problems:?}");
        problems.into_iter().map(|one| (one.key, one.message)).collect::<Vec<_>>()
    };
    assert_eq!(found("60", "20"), []);
    let problems = found("60", "20.1");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].0, "opcua[server].check_s");
    for says in [
        "N.T of device \"bx-01\" is frozen after 60.0 s",
        "check_s = 20.0",
        "frozen_after_s = 60.3",
    ] {
        assert!(problems[0].1.contains(says), "{says}: {}", problems[0].1);
    }
    println!("reads of what stands still: 2 cases");
}
