//! The planner against what it promises, and against brute force.
//! Req: LAW-07

use cellwatch_config::profile::{self, DataType, ModbusRules, NoRead, Parameter, Profile, Table};
use cellwatch_core::acquire::{Block, plan};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A parameter as the planner sees it.
#[derive(Clone, Debug)]
struct Wanted {
    bits: bool,
    address: u16,
    data_type: DataType,
    slow: bool,
    alone: bool,
    guarded: bool,
}

fn base() -> Profile {
    let text = "[profile]\nid = \"p\"\nmodel = \"p\"\nversion = \"1\"\n[[parameter]]\nname = \"P\"\ntable = \"input\"\naddress = 0\ntype = \"u16\"\nunit = \"1\"\n";
    profile::parse("p.toml", text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn parameters(wanted: &[Wanted]) -> Vec<Parameter> {
    let base = base().parameters.remove(0);
    let one = |wanted: &Wanted| {
        let mut one = base.clone();
        one.table = if wanted.bits { Table::Discrete } else { Table::Holding };
        one.data_type = if wanted.bits { DataType::Bit } else { wanted.data_type };
        one.address = wanted.address;
        one.period_ms = if wanted.slow { 5000 } else { 1000 };
        one.read_alone = wanted.alone;
        one.belief.torn_guard = wanted.guarded && one.data_type.is_number_of_words();
        one
    };
    wanted.iter().map(one).collect()
}

/// `mixed` with bits, of two periods, and guarded.
fn wanted(addresses: std::ops::RangeInclusive<u16>, mixed: bool) -> impl Strategy<Value = Wanted> {
    let types = vec![
        DataType::U16,
        DataType::RegisterBit(3),
        DataType::F32,
        DataType::I64,
        DataType::Text(7),
    ];
    let rarely = move |one_in: u32| (0..one_in).prop_map(move |drawn| mixed && drawn == 0);
    let alone = (0..8).prop_map(|drawn| drawn == 0);
    (rarely(4), addresses, prop::sample::select(types), rarely(3), alone, rarely(4)).prop_map(
        |(bits, address, data_type, slow, alone, guarded)| Wanted {
            bits,
            address,
            data_type,
            slow,
            alone,
            guarded,
        },
    )
}

fn rules() -> impl Strategy<Value = ModbusRules> {
    let forbidden = (any::<bool>(), 0u16..60, 0u16..4).prop_map(|(bits, first, more)| NoRead {
        table: if bits { Table::Discrete } else { Table::Holding },
        first,
        last: first + more,
    });
    (8u16..=30, 1u16..=20, 0u16..10, prop::collection::vec(forbidden, 0..4)).prop_map(
        |(max_registers, max_bits, max_gap, no_read)| ModbusRules {
            max_registers,
            max_bits,
            max_gap,
            timeout_ms: 1000,
            max_lateness_ms: 3000,
            no_read,
        },
    )
}

fn is_forbidden(rules: &ModbusRules, table: Table, start: u32, end: u32) -> bool {
    let ranges = rules.no_read.iter().filter(|range| range.table == table);
    ranges.into_iter().any(|range| u32::from(range.first) < end && start <= u32::from(range.last))
}

fn span(parameter: &Parameter) -> (u32, u32) {
    let start = u32::from(parameter.address);
    (start, start + u32::from(parameter.width()))
}

/// True where the range has something that must be read alone.
fn has_alone(parameters: &[Parameter], table: Table, start: u32, end: u32) -> bool {
    let mut alone = parameters.iter().filter(|one| one.read_alone && one.table == table);
    alone.any(|one| span(one).0 < end && start < span(one).1)
}

fn check(
    parameters: &[Parameter],
    rules: &ModbusRules,
    blocks: &[Block],
) -> Result<(), TestCaseError> {
    let mut served: Vec<usize> = blocks.iter().flat_map(|one| one.parameters.clone()).collect();
    served.sort_unstable();
    prop_assert_eq!(served, (0..parameters.len()).collect::<Vec<_>>(), "each exactly once");
    for block in blocks {
        let start = u32::from(block.address);
        let end = start + u32::from(block.count);
        let most = if block.table.is_bits() { rules.max_bits } else { rules.max_registers };
        prop_assert!(block.count >= 1 && block.count <= most && end <= 65536);
        prop_assert!(!is_forbidden(rules, block.table, start, end), "{block:?}");
        let mut reached = start;
        for parameter in block.parameters.iter().map(|index| &parameters[*index]) {
            let (from, to) = span(parameter);
            prop_assert!(from >= start && to <= end);
            prop_assert!(from <= reached + u32::from(rules.max_gap), "a gap that is too wide");
            reached = reached.max(to);
            prop_assert_eq!(parameter.table, block.table);
            prop_assert_eq!(parameter.period_ms, block.period_ms);
            prop_assert_eq!(parameter.belief.torn_guard, block.guarded);
        }
        let alone = has_alone(parameters, block.table, start, end);
        prop_assert!(!alone || block.parameters.len() == 1, "read with something else: {block:?}");
        prop_assert_eq!(reached, end, "nothing is read behind the last");
    }
    Ok(())
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// Only maps that a profile may have: what lies in a forbidden range or beyond the caps is refused there.
fn allowed(parameters: Vec<Parameter>, rules: &ModbusRules) -> Vec<Parameter> {
    let fits = |parameter: &Parameter| {
        let (start, end) = span(parameter);
        end <= 65536 && !is_forbidden(rules, parameter.table, start, end)
    };
    parameters.into_iter().filter(fits).collect()
}

#[test]
fn every_parameter_is_read_once_within_caps_and_outside_what_is_forbidden() {
    let cases = 2000;
    let lists = prop::collection::vec(wanted(0..=80, true), 0..40);
    let high = prop::collection::vec(wanted(65_480..=65_535, true), 0..20);
    let input = (lists, high, rules());
    runner(cases)
        .run(&input, |(low, high, rules)| {
            let parameters = allowed(parameters(&[low, high].concat()), &rules);
            check(&parameters, &rules, &plan(&parameters, &rules))
        })
        .unwrap_or_else(|error| panic!("{error}"));
    println!("planner, promises: {cases} maps");
}

#[test]
fn no_gap_is_bridged_over_what_must_be_read_alone() {
    let one = |address, alone, slow| Wanted {
        bits: false,
        address,
        data_type: DataType::U16,
        slow,
        alone,
        guarded: false,
    };
    let rules = ModbusRules { max_gap: 8, ..base().modbus };
    for slow in [false, true] {
        let parameters =
            parameters(&[one(2, false, false), one(8, true, slow), one(10, false, false)]);
        let blocks = plan(&parameters, &rules);
        let mut reads: Vec<_> = blocks.iter().map(|one| (one.address, one.count)).collect();
        reads.sort_unstable();
        assert_eq!(reads, [(2, 1), (8, 1), (10, 1)]);
    }
    println!("planner, read alone: 2 maps");
}

/// The fewest reads of all ways to group the parameters.
fn fewest(parameters: &[Parameter], rules: &ModbusRules) -> usize {
    fn fits(group: &[&Parameter], all: &[Parameter], rules: &ModbusRules) -> bool {
        let mut group = group.to_vec();
        group.sort_by_key(|one| one.address);
        let start = span(group[0]).0;
        let mut reached = start;
        for one in &group {
            let (from, to) = span(one);
            if from > reached + u32::from(rules.max_gap) {
                return false;
            }
            reached = reached.max(to);
        }
        reached - start <= u32::from(rules.max_registers)
            && !is_forbidden(rules, group[0].table, start, reached)
            && (group.len() == 1 || !has_alone(all, group[0].table, start, reached))
    }
    fn place<'p>(
        rest: &'p [Parameter],
        groups: &mut Vec<Vec<&'p Parameter>>,
        all: &[Parameter],
        rules: &ModbusRules,
        best: &mut usize,
    ) {
        let Some((first, rest)) = rest.split_first() else {
            if groups.iter().all(|group| fits(group, all, rules)) {
                *best = groups.len().min(*best);
            }
            return;
        };
        for index in 0..groups.len() {
            groups[index].push(first);
            place(rest, groups, all, rules, best);
            groups[index].pop();
        }
        groups.push(vec![first]);
        place(rest, groups, all, rules, best);
        groups.pop();
    }
    let mut best = usize::MAX;
    place(parameters, &mut Vec::new(), parameters, rules, &mut best);
    best
}

#[test]
fn no_grouping_takes_fewer_reads() {
    let cases = 400;
    let input = (prop::collection::vec(wanted(0..=60, false), 1..=7), rules());
    let merged = std::cell::Cell::new(0);
    runner(cases)
        .run(&input, |(wanted, rules)| {
            let parameters = allowed(parameters(&wanted), &rules);
            if parameters.is_empty() {
                return Ok(());
            }
            let planned = plan(&parameters, &rules).len();
            merged.set(merged.get() + u32::from(planned < parameters.len()));
            prop_assert_eq!(planned, fewest(&parameters, &rules));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    println!("planner, brute force: {cases} maps, {} with merged reads", merged.get());
    assert!(merged.get() > cases / 4);
}

#[test]
fn no_map_however_odd_makes_it_panic() {
    let cases = 1000;
    let odd =
        (any::<bool>(), any::<u16>(), 0u16..=u16::MAX).prop_map(|(alone, address, width)| Wanted {
            bits: false,
            address,
            data_type: DataType::Text(width),
            slow: false,
            alone,
            guarded: false,
        });
    let rules = (any::<u16>(), any::<u16>(), any::<u16>(), any::<u16>()).prop_map(
        |(most, gap, first, last)| {
            let no_read = vec![NoRead { table: Table::Holding, first, last }];
            ModbusRules {
                max_registers: most,
                max_bits: most,
                max_gap: gap,
                timeout_ms: 1,
                max_lateness_ms: 3000,
                no_read,
            }
        },
    );
    runner(cases)
        .run(&(prop::collection::vec(odd, 0..30), rules), |(wanted, rules)| {
            let parameters = parameters(&wanted);
            let blocks = plan(&parameters, &rules);
            let served: usize = blocks.iter().map(|block| block.parameters.len()).sum();
            prop_assert_eq!(served, parameters.len());
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    println!("planner, odd maps: {cases} maps");
}
