//! The table: what is expected in each cell, and what came of it.

use std::fmt::Write as _;
use std::pin::Pin;

/// What runs in a cell: an error says what was wrong.
pub(crate) type Run = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Faults of one protocol.
pub(crate) struct Section {
    /// The protocol.
    pub(crate) title: &'static str,
    /// Its transports.
    pub(crate) columns: Vec<&'static str>,
    /// Its faults.
    pub(crate) rows: Vec<Row>,
}

/// A fault.
pub(crate) struct Row {
    /// In words.
    pub(crate) fault: &'static str,
    /// One for each transport.
    pub(crate) cells: Vec<Cell>,
}

/// A fault on a transport.
pub(crate) struct Cell {
    /// What the agent says of it; a dash where the transport does not know the fault.
    says: String,
    run: Option<Run>,
    failed: bool,
}

impl Cell {
    /// A cell in which the agent must say this.
    pub(crate) fn new(says: impl Into<String>, run: Run) -> Self {
        Self { says: says.into(), run: Some(run), failed: false }
    }

    /// The transport does not know the fault.
    pub(crate) fn none() -> Self {
        Self { says: "–".to_owned(), run: None, failed: false }
    }

    /// What is to be run; once.
    pub(crate) fn take_run(&mut self) -> Option<Run> {
        self.run.take()
    }

    /// It was run.
    pub(crate) fn ended(&mut self, outcome: Result<(), String>) {
        self.failed = outcome.is_err();
    }
}

impl Section {
    /// As it stands in the document.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n| fault |", self.title);
        for column in &self.columns {
            write!(text, " {column} |").expect("a string takes everything");
        }
        text += "\n|---|";
        text += &"---|".repeat(self.columns.len());
        text += "\n";
        for Row { fault, cells } in &self.rows {
            write!(text, "| {fault} |").expect("a string takes everything");
            for cell in cells {
                let red = if cell.failed { "RED: " } else { "" };
                write!(text, " {red}{} |", cell.says).expect("a string takes everything");
            }
            text += "\n";
        }
        text + "\n"
    }
}
