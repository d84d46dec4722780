//! The one table: from what stands to what lights and horns show.

use cellwatch_config::site::Lamp;
use cellwatch_model::Priority;

/// What stands among the alarms that an annunciator shows, and whether the agent itself is well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Highest priority that nobody has acknowledged.
    pub unacknowledged: Option<Priority>,
    /// Highest priority that stands and was acknowledged.
    pub acknowledged: Option<Priority>,
    /// An alarm of the agent's own stands.
    pub own_trouble: bool,
    /// Of those the highest of which nobody has silenced the horn.
    pub audible: Option<Priority>,
}

/// How a lamp is lit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lit {
    /// Dark; of the horn: silent.
    #[default]
    Off,
    /// Lit; of the horn: sounding.
    On,
    /// Half a second lit, half a second dark.
    Flashing,
}

impl Lit {
    /// The word for people's pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Flashing => "flashing",
        }
    }
}

/// What lights and horn show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// Critical and high alarms.
    pub red: Lit,
    /// Medium and low alarms.
    pub amber: Lit,
    /// Nothing is wrong.
    pub green: Lit,
    /// The agent itself needs attention.
    pub blue: Lit,
    /// The audible signal.
    pub horn: Lit,
}

impl Signal {
    /// Everything lit, for a check of the lamps; with the horn only when a person tests it.
    #[must_use]
    pub const fn test(horn: bool) -> Self {
        let horn = if horn { Lit::On } else { Lit::Off };
        Self { red: Lit::On, amber: Lit::On, green: Lit::On, blue: Lit::On, horn }
    }

    /// What a lamp shows.
    #[must_use]
    pub const fn of(&self, lamp: Lamp) -> Lit {
        match lamp {
            Lamp::Red => self.red,
            Lamp::Amber => self.amber,
            Lamp::Green => self.green,
            Lamp::Blue => self.blue,
            Lamp::Horn => self.horn,
        }
    }
}

/// The table. A lamp flashes for what nobody has acknowledged and is steady for what somebody has; an alarm that returned before it was acknowledged goes on calling. Low alarms do not sound.
#[must_use]
pub const fn signal(standing: Standing) -> Signal {
    let Standing { unacknowledged, audible, acknowledged, own_trouble } = standing;
    let (new_red, new_amber) = match unacknowledged {
        Some(Priority::Critical | Priority::High) => (true, false),
        Some(Priority::Medium | Priority::Low) => (false, true),
        None => (false, false),
    };
    let sounds = matches!(audible, Some(Priority::Critical | Priority::High | Priority::Medium));
    let (old_red, old_amber) = match acknowledged {
        Some(Priority::Critical | Priority::High) => (true, false),
        Some(Priority::Medium | Priority::Low) => (false, true),
        None => (false, false),
    };
    let is_calm = unacknowledged.is_none() && acknowledged.is_none() && !own_trouble;
    Signal {
        red: lit(new_red, old_red),
        amber: lit(new_amber, old_amber),
        green: lit(false, is_calm),
        blue: lit(false, own_trouble),
        horn: lit(false, sounds),
    }
}

const fn lit(flashing: bool, steady: bool) -> Lit {
    if flashing {
        Lit::Flashing
    } else if steady {
        Lit::On
    } else {
        Lit::Off
    }
}
