//! Units of measure of parameters and limits.

use std::fmt;
use std::str::FromStr;

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A unit of measure, written as in device profiles and Master Files.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum UnitOfMeasure { $($(#[$doc])* $name,)* }

        impl UnitOfMeasure {
            /// Every unit of measure.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As written in files, records and on pages.
            #[must_use]
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

units! {
    /// No unit: pH, counts, states.
    One = "1",
    /// Degree Celsius.
    Celsius = "°C",
    /// pH units.
    Ph = "pH",
    /// Percent.
    Percent = "%",
    /// Percent of air saturation (dissolved oxygen).
    PercentAir = "% air",
    /// Millimetre of mercury (partial pressure of CO₂).
    MillimetreMercury = "mmHg",
    /// Revolutions or rocks per minute.
    Rpm = "rpm",
    /// Degree of arc.
    Degree = "°",
    /// Gram.
    Gram = "g",
    /// Kilogram.
    Kilogram = "kg",
    /// Millilitre.
    Millilitre = "mL",
    /// Millilitre per hour.
    MillilitrePerHour = "mL/h",
    /// Millilitre per minute.
    MillilitrePerMinute = "mL/min",
    /// Litre per minute.
    LitrePerMinute = "L/min",
    /// Millibar.
    Millibar = "mbar",
    /// Pascal.
    Pascal = "Pa",
    /// Millimole per litre.
    MillimolePerLitre = "mM",
    /// Million cells per millilitre.
    MillionCellsPerMillilitre = "1e6/mL",
    /// Volt.
    Volt = "V",
    /// Second.
    Second = "s",
    /// Hour.
    Hour = "h",
}

/// A unit that is not in the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unit of measure \"{0}\" is not known; known are {known}", known = known())]
pub struct UnknownUnitOfMeasure(pub String);

fn known() -> String {
    let symbols: Vec<&str> = UnitOfMeasure::ALL.iter().map(|unit| unit.symbol()).collect();
    symbols.join(", ")
}

impl FromStr for UnitOfMeasure {
    type Err = UnknownUnitOfMeasure;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|unit| unit.symbol() == text)
            .ok_or_else(|| UnknownUnitOfMeasure(text.to_owned()))
    }
}

impl fmt::Display for UnitOfMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}
