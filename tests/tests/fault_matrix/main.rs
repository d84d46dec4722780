//! Every fault × every transport it applies to: the shipped adapters drive the shipped core against a device that is
//! broken on the wire, beside healthy neighbours. The table stands in `docs/fault-matrix.md`, and is compared with it.
//!
//! In each cell: no value is Good that the device did not hold when it was asked; a cause names the trouble; no
//! neighbour's poll is skipped, by the neighbour's own log; and the device is believed again without a restart.
//!
//! A protocol is a module that gives a [`table::Section`] of its own with its transports as columns.

mod document;
mod modbus;
mod opcua;
mod site;
mod table;

use std::fmt::Write as _;
use std::time::Duration;

use cellwatch_tests::Cases;
use tokio::task::JoinSet;

use table::{Outcome, Section};

/// A cell that has not ended by then never will.
const CELL_WITHIN: Duration = Duration::from_secs(240);
/// So many cells at once: all of them; then those again in which this machine stood still so that something could not
/// be judged, fewer at a time, at last alone.
const AT_ONCE: [usize; 5] = [usize::MAX, 8, 1, 1, 1];

/// Where a cell stands: section, row, column.
type Place = (usize, usize, usize);

fn name(sections: &[Section], (section, row, column): Place) -> String {
    let section = &sections[section];
    format!("{}: {}, {}", section.title, section.rows[row].fault, section.columns[column])
}

/// Cells that can run and whose name has these words in it.
fn places(sections: &[Section], only: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for (number, section) in sections.iter().enumerate() {
        for (row, cells) in section.rows.iter().enumerate() {
            for (column, cell) in cells.cells.iter().enumerate() {
                let place = (number, row, column);
                if cell.runs() && name(sections, place).contains(only) {
                    places.push(place);
                }
            }
        }
    }
    places
}

/// Runs cells side by side.
async fn run(sections: &[Section], places: &[Place]) -> Vec<(Place, Outcome)> {
    let mut running = JoinSet::new();
    for &(section, row, column) in places {
        let run = sections[section].rows[row].cells[column].run().expect("it can run");
        running.spawn(async move {
            let ended = tokio::time::timeout(CELL_WITHIN, run).await;
            ((section, row, column), ended.unwrap_or_else(|_| Err("it did not end".to_owned())))
        });
    }
    running.join_all().await
}

// Req: LAW-01, LAW-02, LAW-07, ACQ-05, ACQ-06, UA-01, UA-03, UA-04
#[test]
fn fault_matrix() {
    let mut cases = Cases::of("fault_matrix");
    let only = std::env::var("CELLWATCH_CELLS").unwrap_or_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut sections = vec![modbus::section(), opcua::section()];
    let mut left = places(&sections, &only);
    cases.tried_many(left.len(), "a cell");
    let mut failed = String::new();
    for at_once in AT_ONCE {
        if left.is_empty() {
            break;
        }
        let mut waived = Vec::new();
        for places in left.chunks(at_once) {
            for (place, outcome) in runtime.block_on(run(&sections, places)) {
                let name = name(&sections, place);
                match outcome {
                    Ok(what) if what.is_empty() => println!("  {name}"),
                    Ok(what) => {
                        println!("  {name}: the machine stood still, {what:?} says nothing");
                        waived.push(place);
                    }
                    Err(why) => {
                        sections[place.0].rows[place.1].cells[place.2].failed();
                        writeln!(failed, "{name}: {why}").expect("a string takes everything");
                    }
                }
            }
        }
        println!("cells in which something could not be judged: {}", waived.len());
        left = waived;
    }
    for place in left {
        sections[place.0].rows[place.1].cells[place.2].failed();
        let why = "this machine stood still each time, alone too: run it where there is less to do";
        writeln!(failed, "{}: {why}", name(&sections, place)).expect("a string takes everything");
    }
    println!("{}", sections.iter().map(Section::markdown).collect::<String>());
    assert!(failed.is_empty(), "red cells:\n{failed}");
    if only.is_empty() {
        document::compare(&sections);
    }
}
