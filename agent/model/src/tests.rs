use super::*;

#[test]
fn every_quality_survives_its_code() {
    let mut cases = 0;
    for cause in Cause::ALL {
        for quality in [Quality::Uncertain(cause), Quality::Bad(cause)] {
            assert_eq!(Quality::from_code(quality.code()), Ok(quality));
            assert_eq!(quality.opc_ua_status() >> 30, u32::from(quality.code() >> 6) + 1);
            cases += 1;
        }
    }
    assert_eq!(Quality::from_code(0), Ok(Quality::Good));
    assert_eq!(Quality::from_code(17), Err(UnknownQualityCode(17)));
    assert_eq!(Quality::from_code(0x81), Err(UnknownQualityCode(0x81)));
    println!("quality codes: {cases} cases");
}

#[test]
fn a_rounded_number_equals_the_limit_written_with_the_same_digits() {
    for (value, decimals, text) in
        [(37.499_999_999, 2, "37.5"), (-0.004, 2, "-0"), (7.205, 2, "7.2"), (0.1 + 0.2, 1, "0.3")]
    {
        let rounded = from_mantissa(mantissa(value, decimals).expect("fits"), decimals);
        let written: f64 = text.parse().expect("a number");
        assert!((rounded - written).abs() == 0.0, "{value} gave {rounded}, not {written}");
    }
    assert_eq!(mantissa(f64::NAN, 2), None);
    assert_eq!(mantissa(1e300, 2), None);
    assert_eq!(mantissa(1.0, MAX_DECIMALS + 1), None);
}

#[test]
fn alarm_words_survive_code_and_word() {
    for one in AlarmTransition::ALL {
        assert_eq!(AlarmTransition::from_code(one.code()), Some(*one));
        assert_eq!(AlarmTransition::from_word(one.word()), Some(*one));
    }
    for one in IsaState::ALL {
        assert_eq!(IsaState::from_code(one.code()), Some(*one));
    }
    assert_eq!(Priority::from_word("high"), Some(Priority::High));
    assert_eq!(LimitKind::from_code(0), None);
}

#[test]
fn units_of_measure_parse_as_written() {
    for unit in UnitOfMeasure::ALL {
        assert_eq!(unit.symbol().parse(), Ok(*unit));
    }
    let message = "furlong".parse::<UnitOfMeasure>().expect_err("unknown").to_string();
    assert!(message.contains("furlong") && message.contains("°C"), "{message}");
}

#[test]
fn monotonic_time_saturates() {
    assert_eq!(Mono(u64::MAX).plus_ms(1), Mono(u64::MAX));
    assert_eq!(Mono(5).ms_since(Mono(9)), 0);
    assert_eq!(Mono(2_999_999).floor_ms(), Mono(2_000_000));
}
