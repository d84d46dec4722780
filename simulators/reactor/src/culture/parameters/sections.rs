//! The parameters of the process model, with their units and the range in which each is meaningful.

use super::section::Section;

macro_rules! section {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $low:literal to $high:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$field_doc])* pub $field: f64,)* }

        impl $name {
            pub(super) fn read(section: &mut Section<'_, '_, '_>) -> Self {
                Self { $($field: section.number(stringify!($field), ($low, $high)),)* }
            }
        }
    };
}

section! {
    /// `[vessel]`: the bag and what is in it at the start.
    Vessel {
        /// Working volume, L.
        volume_l: 0.05 to 25.0,
        /// Density of the culture, g/mL.
        density_g_per_ml: 0.9 to 1.2,
        /// Viable cells at seeding, 1e6/mL.
        seed_1e6_per_ml: 0.01 to 10.0,
        /// Share of the seeded cells that live, %.
        seed_viability_percent: 1.0 to 100.0,
        /// Glucose of the medium, mM.
        glucose_mm: 0.0 to 60.0,
        /// Lactate of the medium, mM.
        lactate_mm: 0.0 to 40.0,
        /// Bicarbonate of the medium, mM.
        bicarbonate_mm: 1.0 to 60.0,
    }
}

section! {
    /// `[thermal]`: vessel, heater and its controller.
    Thermal {
        /// Heat capacity of the culture per volume, kJ/(K·L).
        culture_kj_per_k_l: 3.0 to 5.0,
        /// Heat capacity of tray and bag, kJ/K.
        tray_kj_per_k: 0.0 to 20.0,
        /// Heat transfer to the room, W/K.
        loss_w_per_k: 0.2 to 50.0,
        /// The loss is this many times larger with the door open.
        door_open_loss_factor: 1.0 to 10.0,
        /// Room, °C.
        room_c: 5.0 to 35.0,
        /// Daily swing of the room around its mean, °C.
        room_swing_c: 0.0 to 5.0,
        /// Most that the heater gives, W.
        heater_max_w: 1.0 to 2000.0,
        /// First-order lag of the heating pad, s.
        heater_lag_s: 1.0 to 600.0,
        /// Heat of rocking, W per rpm.
        rocking_w_per_rpm: 0.0 to 1.0,
        /// Heat of respiration, kJ per mol O₂.
        respiration_kj_per_mol: 0.0 to 600.0,
        /// Independent thermal cut-out opens at, °C.
        cut_out_c: 38.5 to 60.0,
        /// … and closes again this much lower, K.
        cut_out_hysteresis_k: 0.1 to 10.0,
        /// Proportional gain of the controller, W/K.
        gain_w_per_k: 0.0 to 1000.0,
        /// Integral time of the controller, s.
        integral_s: 10.0 to 10000.0,
    }
}

section! {
    /// `[growth]`: cells, glucose, lactate.
    Growth {
        /// Largest growth rate, 1/d.
        mu_max_per_day: 0.1 to 2.0,
        /// Spread of the growth rate between donors, %.
        donor_spread_percent: 0.0 to 50.0,
        /// Centre of the logistic activation, h.
        activation_centre_h: 0.0 to 200.0,
        /// Slope of the logistic activation, h.
        activation_slope_h: 0.5 to 50.0,
        /// Monod constant of glucose, mM.
        glucose_half_mm: 0.01 to 20.0,
        /// Lactate that halves growth, mM.
        lactate_half_mm: 1.0 to 200.0,
        /// Growth falls below this pH.
        ph_low: 6.0 to 7.4,
        /// Growth falls above this pH.
        ph_high: 7.2 to 8.5,
        /// Distance from `ph_low` or `ph_high` that halves growth.
        ph_width: 0.01 to 1.0,
        /// Dissolved oxygen that halves growth, % air.
        oxygen_half_percent_air: 0.1 to 50.0,
        /// Best temperature, °C.
        temperature_best_c: 30.0 to 40.0,
        /// Width of the bell around it, °C.
        temperature_width_c: 0.2 to 10.0,
        /// Death that is always there, 1/d.
        death_per_day: 0.0 to 1.0,
        /// Largest death by lactate, 1/d.
        death_lactate_per_day: 0.0 to 2.0,
        /// Lactate of half that death, mM.
        death_lactate_half_mm: 1.0 to 200.0,
        /// Death without glucose, 1/d.
        death_starved_per_day: 0.0 to 10.0,
        /// Cells starve below this glucose, mM.
        starved_below_mm: 0.0 to 5.0,
        /// They feel it with this lag, h.
        starved_lag_h: 0.1 to 200.0,
        /// Heat kills above, °C.
        heat_death_above_c: 37.5 to 45.0,
        /// Death by heat, 1/h per °C.
        death_heat_per_h_c: 0.0 to 2.0,
        /// Glucose for maintenance, fmol per cell and h.
        maintenance_fmol_per_cell_h: 0.0 to 300.0,
        /// Cells made of glucose, 1e8 per mmol.
        yield_1e8_per_mmol: 0.1 to 100.0,
        /// Lactate made of glucose, mol/mol.
        lactate_per_glucose: 0.0 to 2.0,
        /// Oxygen uptake of an activated cell, fmol per cell and h.
        oxygen_fmol_per_cell_h: 0.0 to 1000.0,
        /// Uptake of a resting cell as a share of it.
        oxygen_resting_share: 0.0 to 1.0,
    }
}

section! {
    /// `[perfusion]`: fresh medium by cell density; cells stay.
    Perfusion {
        /// Feed begins at, 1e6/mL.
        step_1_1e6_per_ml: 0.0 to 1000.0,
        /// First rate, vessel volumes per day.
        step_1_per_day: 0.0 to 10.0,
        /// Second step at, 1e6/mL.
        step_2_1e6_per_ml: 0.0 to 1000.0,
        /// Second rate, vessel volumes per day.
        step_2_per_day: 0.0 to 10.0,
        /// Third step at, 1e6/mL.
        step_3_1e6_per_ml: 0.0 to 1000.0,
        /// Third rate, vessel volumes per day.
        step_3_per_day: 0.0 to 10.0,
        /// Glucose of the feed, mM.
        feed_glucose_mm: 0.0 to 200.0,
        /// Bicarbonate of the feed, mM.
        feed_bicarbonate_mm: 0.0 to 100.0,
        /// Gain of the level controller, 1/h.
        level_gain_per_h: 0.0 to 100.0,
    }
}

section! {
    /// `[gas]`: transfer, mixing, the bag's head space.
    Gas {
        /// kLa of oxygen at the reference rocking, 1/h.
        kla_per_h: 0.1 to 100.0,
        /// Reference rocking speed, rpm.
        kla_reference_rpm: 1.0 to 60.0,
        /// Reference rocking angle, °.
        kla_reference_deg: 1.0 to 15.0,
        /// kLa grows with speed to this power.
        kla_exponent: 0.0 to 4.0,
        /// kLa at rest, 1/h.
        kla_rest_per_h: 0.0 to 20.0,
        /// kLa of CO₂ as a share of that of oxygen.
        kla_co2_share: 0.1 to 1.5,
        /// Oxygen in air-saturated medium, mM.
        oxygen_saturation_mm: 0.1 to 0.5,
        /// CO₂ breathed out per O₂ taken up, mol/mol.
        respiratory_quotient: 0.5 to 1.5,
        /// Solubility of CO₂, mM/mmHg.
        co2_mm_per_mmhg: 0.01 to 0.1,
        /// Dry pressure of the gas over the medium, mmHg.
        dry_pressure_mmhg: 400.0 to 800.0,
        /// pKa of CO₂ and bicarbonate.
        pka: 5.5 to 6.7,
        /// Lag of the mass flow controllers, s.
        flow_lag_s: 0.1 to 60.0,
        /// Lag of the gas mixture in the head space, s.
        mixing_lag_s: 0.1 to 600.0,
        /// Pressure of the bag per flow through its vent filter, mbar per L/min.
        vent_mbar_per_l_min: 0.0 to 1000.0,
        /// Lag of the bag's pressure, s.
        pressure_lag_s: 0.1 to 120.0,
        /// Least oxygen of the inlet, %.
        oxygen_min_percent: 0.0 to 21.0,
        /// Most oxygen of the inlet, %.
        oxygen_max_percent: 21.0 to 100.0,
        /// Gain of the oxygen controller, % O₂ per % air.
        oxygen_gain: 0.0 to 10.0,
        /// Integral time of the oxygen controller, s.
        oxygen_integral_s: 10.0 to 100000.0,
    }
}

section! {
    /// `[acidity]`: the pH controller trims CO₂ around its set-point and doses base.
    Acidity {
        /// CO₂ may be trimmed this far from its set-point, % of the gas.
        co2_trim_percent: 0.0 to 20.0,
        /// Gain of the trim, % CO₂ per pH.
        co2_gain_percent_per_ph: 0.0 to 1000.0,
        /// Integral time of the trim, s.
        co2_integral_s: 10.0 to 100000.0,
        /// Base is dosed this far below the set-point, pH.
        base_dead_zone_ph: 0.0 to 0.5,
        /// Gain of the base pump, mM/h per pH.
        base_gain_mm_per_h_ph: 0.0 to 1000.0,
        /// Most that the base pump doses, mM/h.
        base_max_mm_per_h: 0.0 to 100.0,
    }
}

section! {
    /// `[motion]`: the rocking platform.
    Motion {
        /// Lag of the rocking speed, s.
        speed_lag_s: 0.1 to 60.0,
        /// Lag of the rocking angle, s.
        angle_lag_s: 0.1 to 60.0,
    }
}

section! {
    /// `[set_points]`: what the panel shows after a start.
    SetPoints {
        /// Temperature, °C.
        temperature_c: 4.0 to 42.0,
        /// pH.
        ph: 6.0 to 8.0,
        /// Dissolved oxygen, % air.
        oxygen_percent_air: 0.0 to 150.0,
        /// Gas flow, L/min.
        gas_flow_l_per_min: 0.0 to 5.0,
        /// CO₂ of the inlet, %.
        co2_percent: 0.0 to 20.0,
    }
}

section! {
    /// `[sensors]`: noise (standard deviation), lag, drift.
    Sensors {
        /// Conversions per second: between two the reading stays.
        conversions_per_s: 0.1 to 50.0,
        /// Temperature, °C.
        temperature_noise_c: 0.0 to 5.0,
        /// Temperature, s.
        temperature_lag_s: 0.1 to 600.0,
        /// Temperature, °C/d.
        temperature_drift_c_per_day: 0.0 to 1.0,
        /// pH.
        ph_noise: 0.0 to 1.0,
        /// pH, s.
        ph_lag_s: 0.1 to 600.0,
        /// pH, 1/d.
        ph_drift_per_day: 0.0 to 0.2,
        /// Dissolved oxygen, % air.
        oxygen_noise_percent_air: 0.0 to 20.0,
        /// Dissolved oxygen, s.
        oxygen_lag_s: 0.1 to 600.0,
        /// Dissolved oxygen, % air/d.
        oxygen_drift_percent_air_per_day: 0.0 to 5.0,
        /// Partial pressure of CO₂, mmHg.
        pco2_noise_mmhg: 0.0 to 20.0,
        /// Partial pressure of CO₂, s.
        pco2_lag_s: 0.1 to 600.0,
        /// Rocking speed, rpm.
        agitation_noise_rpm: 0.0 to 5.0,
        /// Rocking angle, °.
        angle_noise_deg: 0.0 to 2.0,
        /// Bag pressure, mbar.
        pressure_noise_mbar: 0.0 to 20.0,
        /// Balance, g.
        weight_noise_g: 0.0 to 100.0,
        /// Flows, % of the value.
        flow_noise_percent: 0.0 to 20.0,
        /// CO₂ and O₂ of the inlet, % of the gas.
        inlet_noise_percent: 0.0 to 2.0,
        /// Glucose and lactate, % of the value.
        metabolite_noise_percent: 0.0 to 30.0,
        /// Cell count, % of the value.
        cells_noise_percent: 0.0 to 50.0,
    }
}

/// `[[phase]]`: one phase of the run, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Id as in the profile's `PHASE` values and in the Master File.
    pub id: String,
    /// Duration, h.
    pub duration_h: f64,
    /// Rocking speed, rpm; 0 is static.
    pub agitation_rpm: f64,
    /// Rocking angle, °.
    pub angle_deg: f64,
    /// Fresh medium by the perfusion ladder.
    pub perfused: bool,
    /// Culture drained during the phase, % of the working volume.
    pub drained_percent: f64,
}

impl Phase {
    pub(super) fn read(section: &mut Section<'_, '_, '_>) -> Self {
        Self {
            id: section.text("id"),
            duration_h: section.number("duration_h", (0.01, 1000.0)),
            agitation_rpm: section.number("agitation_rpm", (0.0, 60.0)),
            angle_deg: section.number("angle_deg", (0.0, 15.0)),
            perfused: section.flag("perfused"),
            drained_percent: section.number("drained_percent", (0.0, 95.0)),
        }
    }
}
