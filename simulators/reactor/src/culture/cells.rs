//! Cells, what they eat and what they make. Growth is a product of factors between 0 and 1.

use super::parameters::{Growth, Vessel};

#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub(super) viable_1e6_per_ml: f64,
    pub(super) dead_1e6_per_ml: f64,
    pub(super) glucose_mm: f64,
    pub(super) lactate_mm: f64,
    /// How far the cells feel that there is no glucose, 0 to 1.
    starved: f64,
    /// This donor's growth against the mean donor's.
    donor: f64,
    rates: Rates,
}

/// What the cells did in the last step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    pub(super) oxygen_uptake_mm_per_h: f64,
    pub(super) lactate_made_mm_per_h: f64,
}

/// What the cells live in during a step.
pub(super) struct Surroundings {
    pub(super) age_h: f64,
    pub(super) temperature_c: f64,
    pub(super) ph: f64,
    pub(super) oxygen_percent_air: f64,
    pub(super) dilution_per_h: f64,
    pub(super) feed_glucose_mm: f64,
}

impl Cells {
    pub(super) fn new(vessel: &Vessel, donor: f64) -> Self {
        let viable = vessel.seed_1e6_per_ml;
        Self {
            viable_1e6_per_ml: viable,
            dead_1e6_per_ml: viable * (100.0 / vessel.seed_viability_percent - 1.0),
            glucose_mm: vessel.glucose_mm,
            lactate_mm: vessel.lactate_mm,
            starved: 0.0,
            donor,
            rates: Rates::default(),
        }
    }

    pub(super) const fn rates(&self) -> Rates {
        self.rates
    }

    pub(super) fn viability_percent(&self) -> f64 {
        100.0 * self.viable_1e6_per_ml / (self.viable_1e6_per_ml + self.dead_1e6_per_ml)
    }

    pub(super) fn step(&mut self, growth: &Growth, around: &Surroundings, step_h: f64) {
        let active = activation(growth, around.age_h);
        let per_h = self.growth_per_h(growth, around, active);
        let none = (1.0 - self.glucose_mm / growth.starved_below_mm.max(1e-9)).max(0.0);
        self.starved += (none - self.starved) * step_h / growth.starved_lag_h;
        let deaths_per_h = self.death_per_h(growth, around.temperature_c);
        let viable = self.viable_1e6_per_ml;

        // fmol/(cell·h) × 1e6/mL × 1e-3 = mM/h
        let eats = self.glucose_mm / (0.05 + self.glucose_mm);
        let for_growth = per_h / (growth.yield_1e8_per_mmol * 1e8) * 1e12;
        let glucose = (growth.maintenance_fmol_per_cell_h + for_growth) * viable * 1e-3 * eats;
        let lactate = growth.lactate_per_glucose * glucose;
        let resting = growth.oxygen_resting_share;
        let uptake = growth.oxygen_fmol_per_cell_h * (resting + (1.0 - resting) * active);
        let breathes = around.oxygen_percent_air / (1.0 + around.oxygen_percent_air);
        self.rates = Rates {
            oxygen_uptake_mm_per_h: uptake * viable * 1e-3 * breathes,
            lactate_made_mm_per_h: lactate,
        };

        let fresh = around.dilution_per_h;
        self.viable_1e6_per_ml += (per_h - deaths_per_h) * viable * step_h;
        self.dead_1e6_per_ml += deaths_per_h * viable * step_h;
        let glucose_change = fresh * (around.feed_glucose_mm - self.glucose_mm) - glucose;
        self.glucose_mm = (self.glucose_mm + glucose_change * step_h).max(0.0);
        self.lactate_mm += (lactate - fresh * self.lactate_mm) * step_h;
    }

    fn growth_per_h(&self, growth: &Growth, around: &Surroundings, active: f64) -> f64 {
        let glucose = self.glucose_mm / (growth.glucose_half_mm + self.glucose_mm);
        let lactate = 1.0 / (1.0 + (self.lactate_mm / growth.lactate_half_mm).powi(2));
        let acid = ((growth.ph_low - around.ph) / growth.ph_width).max(0.0);
        let alkaline = ((around.ph - growth.ph_high) / growth.ph_width).max(0.0);
        let ph = 1.0 / (1.0 + acid * acid + alkaline * alkaline);
        let oxygen = around.oxygen_percent_air
            / (growth.oxygen_half_percent_air + around.oxygen_percent_air);
        let off = (around.temperature_c - growth.temperature_best_c) / growth.temperature_width_c;
        let temperature = (-off * off).exp();
        let most = growth.mu_max_per_day / 24.0 * self.donor;
        most * active * glucose * lactate * ph * oxygen * temperature
    }

    fn death_per_h(&self, growth: &Growth, temperature_c: f64) -> f64 {
        let lactate = (self.lactate_mm / growth.death_lactate_half_mm).powi(2);
        let heat = (temperature_c - growth.heat_death_above_c).max(0.0);
        (growth.death_per_day
            + growth.death_lactate_per_day * lactate / (1.0 + lactate)
            + growth.death_starved_per_day * self.starved)
            / 24.0
            + growth.death_heat_per_h_c * heat
    }
}

/// Share of the cells that are activated at this age.
fn activation(growth: &Growth, age_h: f64) -> f64 {
    1.0 / (1.0 + (-(age_h - growth.activation_centre_h) / growth.activation_slope_h).exp())
}
