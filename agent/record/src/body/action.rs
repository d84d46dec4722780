//! A person did something (LAW-11): who, role, when, why, old and new value.

use crate::cbor::{DecodeError, MapWriter, Reader};

/// A named person. No patient is ever one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Name as known at the site.
    pub name: String,
    /// Role at the time.
    pub role: String,
}

impl Person {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        map.key(1).str(&self.name);
        map.key(2).str(&self.role);
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("person")?;
        let name = map.required(1)?.string()?;
        let role = map.required(2)?.string()?;
        map.end()?;
        Ok(Self { name, role })
    }
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Who.
    pub person: Person,
    /// What, such as `acknowledge`.
    pub what: String,
    /// To what: an alarm's id, an account.
    pub target: String,
    /// Why, in the person's words.
    pub reason: String,
    /// The value before, where one was changed.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// Why it was refused; none if it was carried out.
    pub refusal: Option<String>,
}

impl Action {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::begin(out);
        self.person.write(map.key(1).0);
        map.key(2).str(&self.what);
        map.key(3).str(&self.target);
        map.key(4).str(&self.reason);
        map.opt_str(5, self.old.as_deref());
        map.opt_str(6, self.new.as_deref());
        map.opt_str(7, self.refusal.as_deref());
        map.end();
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut map = reader.map("action")?;
        let person = Person::read(map.required(1)?)?;
        let what = map.required(2)?.string()?;
        let target = map.required(3)?.string()?;
        let reason = map.required(4)?.string()?;
        let old = map.opt_string(5)?;
        let new = map.opt_string(6)?;
        let refusal = map.opt_string(7)?;
        map.end()?;
        Ok(Self { person, what, target, reason, old, new, refusal })
    }
}
