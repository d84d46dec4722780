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

use table::Section;

/// A cell that has not ended by then never will.
const CELL_WITHIN: Duration = Duration::from_secs(240);

// Req: LAW-01, LAW-02, LAW-07, ACQ-05, ACQ-06, UA-01, UA-03, UA-04
#[test]
fn fault_matrix() {
    let mut cases = Cases::of("fault_matrix");
    let only = std::env::var("CELLWATCH_CELLS").unwrap_or_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut sections = vec![modbus::section(), opcua::section()];
    let failed = runtime.block_on(async {
        let mut running = JoinSet::new();
        for section in &mut sections {
            for (row, cells) in section.rows.iter_mut().enumerate() {
                for (column, cell) in cells.cells.iter_mut().enumerate() {
                    let name = format!("{}, {}", cells.fault, section.columns[column]);
                    let Some(run) = cell.take_run().filter(|_| name.contains(&only)) else {
                        continue;
                    };
                    let title = section.title;
                    running.spawn(async move {
                        let ended = tokio::time::timeout(CELL_WITHIN, run).await;
                        (
                            title,
                            row,
                            column,
                            name,
                            ended.unwrap_or_else(|_| Err("it did not end".to_owned())),
                        )
                    });
                }
            }
        }
        let mut failed = String::new();
        while let Some(ended) = running.join_next().await {
            let (title, row, column, name, outcome) = ended.expect("a cell does not panic");
            cases.tried(format_args!("{title}: {name}"));
            let section = sections.iter_mut().find(|one| one.title == title).expect("its section");
            if let Err(why) = &outcome {
                writeln!(failed, "{name}: {why}").expect("a string takes everything");
            }
            section.rows[row].cells[column].ended(outcome);
        }
        failed
    });
    println!("{}", sections.iter().map(Section::markdown).collect::<String>());
    assert!(failed.is_empty(), "red cells:\n{failed}");
    if only.is_empty() {
        document::compare(&sections);
    }
}
