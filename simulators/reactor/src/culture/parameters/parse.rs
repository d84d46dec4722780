//! Text in, parameters out; every problem at once, with file, line and key.

use std::fmt;

use toml::de::{DeTable, DeValue};

use super::section::{Reader, Section};
use super::sections::{
    Acidity, Gas, Growth, Motion, Perfusion, Phase, Sensors, SetPoints, Thermal, Vessel,
};

/// Parameters of the process model.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// The bag and what is in it at the start.
    pub vessel: Vessel,
    /// Vessel, heater and its controller.
    pub thermal: Thermal,
    /// Cells, glucose, lactate.
    pub growth: Growth,
    /// Fresh medium.
    pub perfusion: Perfusion,
    /// Gas transfer, mixing, head space.
    pub gas: Gas,
    /// The pH controller.
    pub acidity: Acidity,
    /// The rocking platform.
    pub motion: Motion,
    /// Set-points after a start.
    pub set_points: SetPoints,
    /// Noise, lag, drift.
    pub sensors: Sensors,
    /// Phases in their order; at least one.
    pub phases: Vec<Phase>,
}

/// One problem of a parameter file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterProblem {
    /// The file's name.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Key, such as `thermal.room_c`.
    pub key: String,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for ParameterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} {}", self.file, self.line, self.key, self.what)
    }
}

/// Every problem of a parameter file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterProblems(pub Vec<ParameterProblem>);

impl fmt::Display for ParameterProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ParameterProblems {}

const TABLES: [&str; 10] = [
    "vessel",
    "thermal",
    "growth",
    "perfusion",
    "gas",
    "acidity",
    "motion",
    "set_points",
    "sensors",
    "phase",
];

impl Parameters {
    /// The parameter file that comes with the simulator: a 1 L rocking bag.
    pub const EXAMPLE: &str = include_str!("../../../parameters.toml");

    /// Parameters from the text of a file.
    ///
    /// # Errors
    /// Every key that is missing, unknown, of the wrong type or out of its range: mend the file.
    pub fn parse(file: &str, text: &str) -> Result<Self, ParameterProblems> {
        let mut reader = Reader { file, text, problems: Vec::new() };
        let root = match DeTable::parse(text) {
            Ok(root) => root,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                reader.problem(at, "file".to_owned(), format!("is not TOML: {}", error.message()));
                return Err(ParameterProblems(reader.problems));
            }
        };
        let root = root.get_ref();
        for (name, _) in root {
            if !TABLES.contains(&name.get_ref().as_ref()) {
                let what = format!("is not known; known are {}", TABLES.join(", "));
                reader.problem(name.span().start, name.get_ref().to_string(), what);
            }
        }
        let parameters = Self {
            vessel: table(&mut reader, root, "vessel", Vessel::read),
            thermal: table(&mut reader, root, "thermal", Thermal::read),
            growth: table(&mut reader, root, "growth", Growth::read),
            perfusion: table(&mut reader, root, "perfusion", Perfusion::read),
            gas: table(&mut reader, root, "gas", Gas::read),
            acidity: table(&mut reader, root, "acidity", Acidity::read),
            motion: table(&mut reader, root, "motion", Motion::read),
            set_points: table(&mut reader, root, "set_points", SetPoints::read),
            sensors: table(&mut reader, root, "sensors", Sensors::read),
            phases: phases(&mut reader, root),
        };
        reader.finish(parameters)
    }
}

fn table<T>(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    name: &str,
    read: impl FnOnce(&mut Section<'_, '_, '_>) -> T,
) -> T {
    let found = root.iter().find(|(key, _)| key.get_ref() == name);
    let table = found.and_then(|(_, value)| value.get_ref().as_table());
    let span = found.map_or(0..0, |(key, _)| key.span());
    if table.is_none() {
        let what = format!("is missing: add the table [{name}]");
        reader.problem(span.start, name.to_owned(), what);
    }
    let mut section = Section::new(reader, name, span, table);
    let value = read(&mut section);
    section.end();
    value
}

fn phases(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Vec<Phase> {
    let list = root.iter().find(|(key, _)| key.get_ref() == "phase");
    let array = list.and_then(|(_, value)| value.get_ref().as_array());
    let Some(array) = array.filter(|array| !array.is_empty()) else {
        let at = list.map_or(0, |(key, _)| key.span().start);
        reader.problem(at, "phase".to_owned(), "is missing: add a [[phase]]".to_owned());
        return Vec::new();
    };
    let mut phases: Vec<Phase> = Vec::new();
    for (index, item) in array.iter().enumerate() {
        let name = format!("phase[{index}]");
        let DeValue::Table(table) = item.get_ref() else {
            reader.problem(item.span().start, name, "must be a table [[phase]]".to_owned());
            continue;
        };
        let mut section = Section::new(reader, &name, item.span(), Some(table));
        let phase = Phase::read(&mut section);
        section.end();
        if phase.id == IDLE || phases.iter().any(|other| other.id == phase.id) {
            let what = format!("\"{}\" is taken: each phase has its own id, not {IDLE}", phase.id);
            reader.problem(item.span().start, format!("{name}.id"), what);
        }
        phases.push(phase);
    }
    phases
}

/// The phase before and after a run.
pub(crate) const IDLE: &str = "idle";
