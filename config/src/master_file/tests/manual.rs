//! Parameters that a person measures and enters.

use super::*;

fn manual() -> String {
    good()
        + "[[parameter]]\nname = \"VIAB\"\nentry = \"manual\"\nunit = \"%\"\nrange = [0, 100]\nset_point = 95\ncritical = true\nsampling_s = 86400\nstale_after_s = 129600\ninstrument_response = \"Count.\"\n"
        + "[[alarm]]\nid = \"VIAB.LL\"\nparameter = \"VIAB\"\nkind = \"LL\"\nlimit = 80\npriority = \"high\"\nclass = \"gmp-critical\"\ncause = \"c\"\nconsequence = \"d\"\nresponse = \"r\"\ntime_to_respond_s = 600\n"
}

#[test]
fn a_critical_one_needs_a_second_person_unless_the_file_says_otherwise() {
    let file = parse("mf.toml", manual().as_bytes()).unwrap_or_else(|p| panic!("{p}"));
    let parameter = file.parameter("VIAB").expect("there");
    assert_eq!((parameter.entry, parameter.second_person), (Entry::Manual, true));
    assert_eq!((parameter.sampling_ms, parameter.stale_after_ms), (Some(86_400_000), 129_600_000));
    let device = file.parameter("T").expect("there");
    assert_eq!((device.entry, device.second_person), (Entry::Device, false));
    assert_eq!((device.sampling_ms, device.max_rate_per_min), (None, None));
    let alone = manual().replacen("critical = true", "critical = true\nsecond_person = false", 1);
    let file = parse("mf.toml", alone.as_bytes()).unwrap_or_else(|p| panic!("{p}"));
    assert!(!file.parameter("VIAB").expect("there").second_person);
    println!("manual parameters: 3 cases");
}

#[test]
fn each_mistake_is_found() {
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case("entry = \"manual\"", "entry = \"hand\" #!", &["parameter[VIAB].entry", "@70 parameter[VIAB].stale_after_s"], "\"device\", \"manual\""),
        case("sampling_s = 86400", "sampling_s = 1209601 #!", &["parameter[VIAB].sampling_s"], "0.1 to 1209600"),
        case("sampling_s = 86400", "sampling_s = 0 #!", &["parameter[VIAB].sampling_s"], "0.1 to 1209600"),
        case("stale_after_s = 129600", "stale_after_s = 3600 #!", &["parameter[VIAB].stale_after_s"], "below sampling_s"),
        case("stale_after_s = 5.0", "stale_after_s = 86401 #!", &["parameter[T].stale_after_s"], "0.1 to 86400"),
        case("stale_after_s = 5.0", "second_person = true #!\nstale_after_s = 5.0", &["parameter[T].second_person"], "a device enters nothing"),
        case("stale_after_s = 5.0", "second_person = 2 #!\nstale_after_s = 5.0", &["parameter[T].second_person"], "true or false"),
        case("sampling_s = 86400", "max_rate_per_min = 1 #!\nsampling_s = 86400", &["parameter[VIAB].max_rate_per_min"], "show no rate"),
        case("kind = \"LL\"", "kind = \"rate\" #!\nwindow_s = 60", &["alarm[VIAB.LL].kind"], "use LL, L, H, HH or deviation"),
        case("kind = \"LL\"\nlimit = 80", "kind = \"discrete\" #!\nstates = [\"low\"]", &["alarm[VIAB.LL].kind"], "entered by hand"),
        case("limit = 80", "limit = 80\non_delay_s = 1 #!", &["alarm[VIAB.LL].on_delay_s"], "judged at once"),
        case("limit = 80", "limit = 80\noff_delay_s = 1 #!", &["alarm[VIAB.LL].off_delay_s"], "judged at once"),
    ];
    run("manual parameters", &manual(), cases, |text| parse("mf.toml", text.as_bytes()));
}
