//! A reactor that can be driven without sockets.

use std::time::Duration;

use cellwatch_config::profile::{DataType, Parameter, Profile, Table};

use super::{Counters, Log, ServerLife, Showings};
use crate::culture::{Culture, Parameters, SetPointRefused, Signal, StartState, UnknownPhase};
use crate::face::{Face, FaceProblems, Image, Moment, Sent, encode};
use crate::faults::{Conduct, Damage, Fault, FaultRequest, Faults, Header, Reach};
use crate::modbus::pdu::{self, ExceptionCode, Request};

/// What a reactor is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its registers.
    pub profile: Profile,
    /// Its process.
    pub parameters: Parameters,
    /// Donor, drifts and noise.
    pub seed: u64,
    /// Serial number.
    pub serial: String,
    /// Warmed or cold.
    pub start: StartState,
}

/// A reactor: culture, face and faults.
#[derive(Clone, Debug)]
pub struct Reactor {
    culture: Culture,
    face: Face,
    faults: Faults,
    seed: u64,
    speed: f64,
    device_time: Duration,
    /// What its clock said when device time began, since 1970-01-01 UTC.
    clock: Duration,
    /// Device time at which it was last switched on.
    booted: Duration,
    /// Connections up to this number are dead.
    deaf_through: u64,
    server: ServerLife,
    image: Option<Image>,
    /// What was served.
    pub counters: Counters,
    /// The last reads that were answered, as they truly were.
    pub log: Log,
    /// What the OPC UA face showed last.
    pub showings: Showings,
}

/// How a request is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Not at all.
    Silent,
    /// With this.
    Send {
        /// Function code and data.
        pdu: Vec<u8>,
        /// To be added to the header.
        header: Header,
        /// Only after this; further requests wait.
        slow: Duration,
        /// Only after this; further requests go on.
        late: Option<Duration>,
        /// As other bytes.
        damage: Option<Damage>,
    },
}

impl Reactor {
    /// A reactor at seeding, at speed 1.
    ///
    /// # Errors
    /// The profile cannot be served by the model.
    pub fn new(setup: Setup) -> Result<Self, FaceProblems> {
        let culture = Culture::new(setup.parameters, setup.seed, setup.start);
        let face = Face::new(setup.profile, &culture, &setup.serial, setup.seed)?;
        Ok(Self {
            culture,
            face,
            faults: Faults::default(),
            seed: setup.seed,
            speed: 1.0,
            device_time: Duration::ZERO,
            clock: Duration::ZERO,
            booted: Duration::ZERO,
            deaf_through: 0,
            server: ServerLife::default(),
            image: None,
            counters: Counters::default(),
            log: Log::default(),
            showings: Showings::default(),
        })
    }

    /// Lets the culture grow older before the device is switched on: process time only.
    pub fn age(&mut self, process_time: Duration) {
        self.culture.advance(process_time);
        self.image = None;
    }

    /// Sets its clock: what it says now, since 1970-01-01 UTC.
    pub fn set_clock(&mut self, since_1970: Duration) {
        self.clock = since_1970.saturating_sub(self.device_time);
        self.image = None;
    }

    /// Lets device time pass, and `speed` times as much process time.
    pub fn advance(&mut self, device_time: Duration) {
        self.device_time += device_time;
        self.faults.expire(self.device_time);
        self.apply_faults();
        self.culture.advance(device_time.mul_f64(self.speed));
    }

    /// All tables as they stand now.
    pub fn image(&mut self) -> &Image {
        let Self { culture, face, faults, device_time, clock, booted, image, .. } = self;
        image.get_or_insert_with(|| {
            let clock = clock.saturating_add(*device_time);
            let device_time = device_time.saturating_sub(*booted);
            let moment = Moment { culture, device_time, clock };
            face.image(moment, |parameter, sent| faults.instead(parameter, sent))
        })
    }

    /// Answers a request: function code and data.
    pub fn answer(&mut self, request: &[u8]) -> Reply {
        let function = request.first().copied().unwrap_or_default();
        // Function codes are 1 to 127; one counter takes the nonsense.
        *self.counters.by_function.entry(function & 0x7f).or_default() += 1;
        let conduct = self.faults.conduct();
        if conduct.silent || conduct.reach == Reach::Away {
            self.counters.unanswered += 1;
            return Reply::Silent;
        }
        let answer = match conduct.exception {
            Some(code) => pdu::exception(function, code),
            None => match self.honest(request, &conduct) {
                Ok(reply) => reply,
                Err(code) => pdu::exception(function, code.code()),
            },
        };
        if answer.first().is_some_and(|function| function & 0x80 != 0) {
            self.counters.exceptions += 1;
        }
        let pdu = if conduct.header.other_function { pdu::other_function(answer) } else { answer };
        let Conduct { header, slow, late, damage, .. } = conduct;
        Reply::Send { pdu, header, slow, late, damage }
    }

    fn honest(&mut self, request: &[u8], conduct: &Conduct) -> Result<Vec<u8>, ExceptionCode> {
        match pdu::parse(request)? {
            Request::Read { table, address, count } => {
                let rules = &self.face.profile().modbus;
                let most = if table.is_bits() { rules.max_bits } else { rules.max_registers };
                if count > most {
                    return Err(ExceptionCode::IllegalDataValue);
                }
                let words = pdu::within(self.image().table(table), address, count)?.to_vec();
                self.log.served(table, address, &words);
                Ok(pdu::read_reply(table, &of_another_length(words, table, conduct)))
            }
            Request::Write { address, words } => {
                let write = self.face.panel_write(address, &words);
                let write = write.ok_or(ExceptionCode::IllegalDataAddress)?;
                self.set(write.signal, write.value).map_err(|_| ExceptionCode::IllegalDataValue)?;
                Ok(pdu::write_reply(request))
            }
        }
    }

    /// Breaks something; gives the fault's id.
    pub fn break_something(&mut self, request: FaultRequest) -> u64 {
        let parameter = request.fault.parameter().map(str::to_owned);
        let words = parameter.map_or_else(Vec::new, |name| self.words_of(&name));
        if request.fault == Fault::HalfOpen {
            self.deaf_through = self.counters.connections;
        }
        self.server.outlive(&request.fault);
        if request.fault == Fault::Reboot {
            self.booted = self.device_time;
            self.culture.set_defaults();
        }
        let id = self.faults.add(request, self.device_time, words);
        self.apply_faults();
        id
    }

    /// A connection is taken; gives its number, from 1, and whether nothing will ever be said on it.
    pub fn connected(&mut self) -> (u64, bool) {
        self.counters.connections += 1;
        (self.counters.connections, self.faults.conduct().accepts_only)
    }

    /// True where the connection with this number is dead without anybody having said so.
    #[must_use]
    pub const fn is_dead(&self, connection: u64) -> bool {
        connection <= self.deaf_through
    }

    /// The life of its OPC UA server.
    #[must_use]
    pub const fn server(&self) -> ServerLife {
        self.server
    }

    /// Mends something; false when there is no such fault.
    pub fn mend(&mut self, id: u64) -> bool {
        let mended = self.faults.remove(id);
        self.apply_faults();
        mended
    }

    /// Sets a set-point at the panel, in its signal's unit.
    ///
    /// # Errors
    /// Not a set-point, or beyond what the panel takes.
    pub fn set(&mut self, signal: Signal, value: f64) -> Result<(), SetPointRefused> {
        self.image = None;
        self.culture.set(signal, value)
    }

    /// Begins a phase now.
    ///
    /// # Errors
    /// There is no such phase.
    pub fn enter_phase(&mut self, id: &str) -> Result<(), UnknownPhase> {
        self.image = None;
        self.culture.enter_phase(id)
    }

    /// Process time per device time, 0.001 to 100 000; false when the factor is beyond.
    pub fn set_speed(&mut self, factor: f64) -> bool {
        let taken = (0.001..=100_000.0).contains(&factor);
        if taken {
            self.speed = factor;
        }
        taken
    }

    /// Process time per device time.
    #[must_use]
    pub const fn speed(&self) -> f64 {
        self.speed
    }

    /// Since the device was switched on.
    #[must_use]
    pub const fn device_time(&self) -> Duration {
        self.device_time
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The culture.
    #[must_use]
    pub const fn culture(&self) -> &Culture {
        &self.culture
    }

    /// The face.
    #[must_use]
    pub const fn face(&self) -> &Face {
        &self.face
    }

    /// What is broken.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Words of a parameter now; empty when the profile has none of this name.
    pub fn words_of(&mut self, name: &str) -> Vec<u16> {
        let found = self.face.profile().parameters.iter().find(|one| one.name == name);
        let Some(parameter) = found.cloned() else { return Vec::new() };
        self.words(&parameter)
    }

    fn words(&mut self, parameter: &Parameter) -> Vec<u16> {
        let words = self.image().words(parameter).to_vec();
        if !matches!(parameter.data_type, DataType::RegisterBit(_)) {
            return words;
        }
        // Its neighbours in the register are not its own.
        let mask = encode(parameter, &Sent::Raw(1));
        words.iter().zip(mask).map(|(word, mask)| word & mask).collect()
    }

    fn apply_faults(&mut self) {
        self.image = None;
        self.culture.heater = self.faults.heater();
        self.culture.agitation_stopped = self.faults.agitation_stopped();
        self.culture.door_open = self.faults.door_open();
    }
}

/// A register, or eight bits, fewer or more where a fault says so.
fn of_another_length(mut words: Vec<u16>, table: Table, conduct: &Conduct) -> Vec<u16> {
    let step = if table.is_bits() { 8 } else { 1 };
    if conduct.wrong_length {
        words.truncate(words.len().saturating_sub(step));
    }
    if conduct.extra_length {
        words.resize(words.len() + step, 0);
    }
    words
}
