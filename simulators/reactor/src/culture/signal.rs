//! What the culture can tell, by the names that device profiles use.

use cellwatch_model::UnitOfMeasure;

macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident = $text:literal in $unit:ident, $kind:ident;)*) => {
        /// A value of the process, a set-point or a contact.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Signal { $($(#[$doc])* $name,)* }

        impl Signal {
            /// Every signal.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Name as in device profiles.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Unit of measure of its value.
            #[must_use]
            pub const fn unit(self) -> UnitOfMeasure {
                match self { $(Self::$name => UnitOfMeasure::$unit,)* }
            }

            /// True for a set-point: it can be set at the panel.
            #[must_use]
            pub const fn is_set_point(self) -> bool {
                match self { $(Self::$name => matches!(Kind::$kind, Kind::SetPoint),)* }
            }
        }
    };
}

enum Kind {
    Measured,
    SetPoint,
    Contact,
}

signals! {
    /// Temperature of the culture.
    Temperature = "TEMP.PV" in Celsius, Measured;
    /// pH of the culture.
    Ph = "PH.PV" in Ph, Measured;
    /// Dissolved oxygen.
    Oxygen = "DO.PV" in PercentAir, Measured;
    /// Partial pressure of CO₂ in the culture.
    Pco2 = "PCO2.PV" in MillimetreMercury, Measured;
    /// Rocking speed.
    Agitation = "AGIT.PV" in Rpm, Measured;
    /// Rocking angle.
    RockAngle = "ROCK.ANGLE" in Degree, Measured;
    /// Pressure of the bag over the room's.
    BagPressure = "PRESS.BAG" in Millibar, Measured;
    /// Balance, tared with the empty bag.
    Weight = "WEIGHT" in Gram, Measured;
    /// Gas flow into the bag.
    GasFlow = "GAS.FLOW" in LitrePerMinute, Measured;
    /// CO₂ of the inlet.
    Co2Inlet = "CO2.INLET" in Percent, Measured;
    /// O₂ of the inlet.
    O2Inlet = "O2.INLET" in Percent, Measured;
    /// Fresh medium.
    PerfusionFlow = "PERF.FLOW" in MillilitrePerHour, Measured;
    /// Glucose.
    Glucose = "GLC" in MillimolePerLitre, Measured;
    /// Lactate.
    Lactate = "LAC" in MillimolePerLitre, Measured;
    /// Viable cells.
    Cells = "VCD" in MillionCellsPerMillilitre, Measured;
    /// Viable cells as a share of all.
    Viability = "VIAB" in Percent, Measured;
    /// Heater output as a share of its most.
    HeaterOutput = "HEATER.OUT" in Percent, Measured;
    /// Room temperature.
    Room = "ROOM.TEMP" in Celsius, Measured;
    /// Temperature wanted.
    TemperatureSetPoint = "TEMP.SP" in Celsius, SetPoint;
    /// pH wanted.
    PhSetPoint = "PH.SP" in Ph, SetPoint;
    /// Dissolved oxygen wanted.
    OxygenSetPoint = "DO.SP" in PercentAir, SetPoint;
    /// Rocking speed wanted.
    AgitationSetPoint = "AGIT.SP" in Rpm, SetPoint;
    /// Rocking angle wanted.
    RockAngleSetPoint = "ROCK.ANGLE.SP" in Degree, SetPoint;
    /// Gas flow wanted.
    GasFlowSetPoint = "GAS.FLOW.SP" in LitrePerMinute, SetPoint;
    /// CO₂ of the inlet wanted.
    Co2InletSetPoint = "CO2.INLET.SP" in Percent, SetPoint;
    /// Door contact: 1 is open.
    Door = "DOOR" in One, Contact;
}

impl Signal {
    /// The signal of this name. Short names of set-points that some devices use are understood too.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = match name {
            "ROCK.SP" | "ANGLE.SP" => "ROCK.ANGLE.SP",
            "GAS.SP" | "FLOW.SP" => "GAS.FLOW.SP",
            "CO2.SP" => "CO2.INLET.SP",
            "DOOR.OPEN" => "DOOR",
            other => other,
        };
        Self::ALL.iter().copied().find(|signal| signal.name() == name)
    }
}
