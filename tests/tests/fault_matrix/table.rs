//! The table: what is expected in each cell, and what came of it.

use std::fmt::Write as _;
use std::pin::Pin;

/// What came of a cell: what could not be judged, or what was wrong.
pub(crate) type Outcome = Result<Vec<String>, String>;

/// A cell that runs.
pub(crate) type Run = Pin<Box<dyn Future<Output = Outcome> + Send>>;

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
    run: Option<Box<dyn Fn() -> Run>>,
    failed: bool,
}

impl Cell {
    /// A cell in which the agent must say this.
    pub(crate) fn new<F>(says: impl Into<String>, run: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let run = move || -> Run { Box::pin(run()) };
        Self { says: says.into(), run: Some(Box::new(run)), failed: false }
    }

    /// The transport does not know the fault.
    pub(crate) fn none() -> Self {
        Self { says: "–".to_owned(), run: None, failed: false }
    }

    /// True where there is something to run.
    pub(crate) const fn runs(&self) -> bool {
        self.run.is_some()
    }

    /// Starts it; none where there is nothing to run.
    pub(crate) fn run(&self) -> Option<Run> {
        self.run.as_ref().map(|run| run())
    }

    /// It is red.
    pub(crate) const fn failed(&mut self) {
        self.failed = true;
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
