//! All tables of the device at one moment.

use cellwatch_config::profile::{Parameter, Table};

/// All tables of the device at one moment: what one request reads comes from one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    coils: Vec<u16>,
    discrete: Vec<u16>,
    input: Vec<u16>,
    holding: Vec<u16>,
}

impl Image {
    /// An image with room for these parameters; what no parameter names reads as 0.
    #[must_use]
    pub fn for_parameters(parameters: &[Parameter]) -> Self {
        let mut image = Self::default();
        for parameter in parameters {
            let end = usize::from(parameter.address) + usize::from(parameter.width());
            let words = image.table_mut(parameter.table);
            words.resize(words.len().max(end), 0);
        }
        image
    }

    /// Registers or bits (0 or 1), from address 0 to the end of the map.
    #[must_use]
    pub fn table(&self, table: Table) -> &[u16] {
        match table {
            Table::Coil => &self.coils,
            Table::Discrete => &self.discrete,
            Table::Input => &self.input,
            Table::Holding => &self.holding,
        }
    }

    /// Words of a parameter.
    #[must_use]
    pub fn words(&self, parameter: &Parameter) -> &[u16] {
        let start = usize::from(parameter.address);
        let end = start + usize::from(parameter.width());
        self.table(parameter.table).get(start..end).unwrap_or(&[])
    }

    /// Adds the words of a parameter; bits of one register come together.
    pub fn put(&mut self, parameter: &Parameter, words: &[u16]) {
        let start = usize::from(parameter.address);
        let places = self.table_mut(parameter.table).iter_mut().skip(start);
        for (place, word) in places.zip(words) {
            *place |= word;
        }
    }

    /// Sets every word to 0.
    pub fn clear(&mut self) {
        for words in [&mut self.coils, &mut self.discrete, &mut self.input, &mut self.holding] {
            words.fill(0);
        }
    }

    fn table_mut(&mut self, table: Table) -> &mut Vec<u16> {
        match table {
            Table::Coil => &mut self.coils,
            Table::Discrete => &mut self.discrete,
            Table::Input => &mut self.input,
            Table::Holding => &mut self.holding,
        }
    }
}
