//! First-order lags and PI controllers, the two pieces that everything else is made of.

/// A value that follows its target with a first-order lag; exact for a target that stays during a step.
#[derive(Clone, Debug)]
pub(super) struct Lag {
    value: f64,
    /// Share of the way to the target that one step covers.
    share: f64,
}

impl Lag {
    pub(super) fn new(start: f64, lag_s: f64, step_s: f64) -> Self {
        Self { value: start, share: 1.0 - (-step_s / lag_s).exp() }
    }

    pub(super) fn step(&mut self, target: f64) -> f64 {
        self.value += (target - self.value) * self.share;
        self.value
    }

    pub(super) const fn value(&self) -> f64 {
        self.value
    }
}

/// A PI controller with a limited output; its integral stops where the output is at its limit.
#[derive(Clone, Debug)]
pub(super) struct Pi {
    gain: f64,
    integral_s: f64,
    low: f64,
    high: f64,
    integral: f64,
}

impl Pi {
    pub(super) const fn new(gain: f64, integral_s: f64, low: f64, high: f64) -> Self {
        Self { gain, integral_s, low, high, integral: 0.0 }
    }

    /// Starts at this output without an error.
    pub(super) const fn settle(&mut self, output: f64) {
        self.integral = output;
    }

    pub(super) fn step(&mut self, error: f64, step_s: f64) -> f64 {
        let proportional = self.gain * error;
        let output = proportional + self.integral;
        let pushes_on = (output >= self.high && error > 0.0) || (output <= self.low && error < 0.0);
        if !pushes_on {
            let integral = self.integral + proportional * step_s / self.integral_s;
            self.integral = integral.clamp(self.low, self.high);
        }
        (proportional + self.integral).clamp(self.low, self.high)
    }
}
