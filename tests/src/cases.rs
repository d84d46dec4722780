//! Counts what a test tried.

/// Counts cases and prints how many there were when it is dropped.
#[derive(Debug)]
pub struct Cases {
    name: &'static str,
    count: usize,
}

impl Cases {
    /// None yet.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self { name, count: 0 }
    }

    /// One more was tried; says which, where the test's output is shown.
    pub fn tried(&mut self, case: impl std::fmt::Display) {
        self.count += 1;
        println!("  {}: {case}", self.name);
    }

    /// So many more were tried.
    pub fn tried_many(&mut self, count: usize, case: impl std::fmt::Display) {
        self.count += count;
        println!("  {}: {count} × {case}", self.name);
    }
}

impl Drop for Cases {
    fn drop(&mut self) {
        println!("{}: {} cases", self.name, self.count);
    }
}
