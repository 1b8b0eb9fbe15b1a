//! What a run of the checks does.

use std::fmt::Write as _;

use crate::crypto;
use crate::encoding::json::Value;
use crate::error::{Error, Result};
use crate::options;
use crate::store::request::is_name;

const WHAT: &str = "conformance";

const MEMBERS: &[&str] =
    &["run_id", "part", "collects_by_itself", "only", "racer", "rounds", "racers", "killed", "acknowledged"];

/// The most bytes of a run's id, so that there is room for what comes after it in a key.
const MAX_RUN_ID_BYTES: usize = 32;

/// The settings of a run.
#[derive(Clone, Debug, Default)]
pub struct ConformanceOptions {
    run_id: Option<String>,
    pub(super) collects_by_itself: Option<bool>,
    pub(super) only: Option<String>,
    pub(super) part: Part,
}

/// What is done in a run.
#[derive(Clone, Debug, Default)]
pub enum Part {
    /// The checks by one caller.
    #[default]
    Check,
    /// One of several racers.
    Contend {
        /// Its number, from 1.
        racer: u64,
        /// How often it does everything.
        rounds: u64,
    },
    /// The judgement of what the racers have left.
    Settle {
        /// How many there were.
        racers: u64,
        /// How many of them were killed.
        killed: u64,
        /// The lines of their progress.
        acknowledged: Vec<String>,
    },
}

impl ConformanceOptions {
    /// With this id, which all parts of a race have in common: at most 32 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`run_id`).
    pub fn new(run_id: &str) -> Result<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !is_name(run_id) || run_id.len() > MAX_RUN_ID_BYTES || !run_id.bytes().all(is_plain) {
            let message = format!("run_id must be 1 to {MAX_RUN_ID_BYTES} letters, digits, - and _");
            return Err(Error::invalid_argument("run_id", message));
        }
        Ok(Self { run_id: Some(run_id.to_owned()), ..Self::default() })
    }

    /// Reads the document:
    ///
    /// - `run_id`: at most 32 letters, digits, `-` and `_`; one at random if it is missing, which only a `check` may have;
    /// - `part`: `check`, the default, `contend` or `settle`;
    /// - `collects_by_itself`: whether the store removes what is over on its own, so that its sweep need not; without it, a
    ///   sweep that removes nothing passes, and is noted;
    /// - `only` of `check`: the name of one check, and no other is made;
    /// - `racer`, `rounds` of `contend`: the number of this racer, from 1, and how often it does everything;
    /// - `racers`, `killed`, `acknowledged` of `settle`: how many racers there were, how many of them were killed, none by
    ///   default, and the lines of their progress.
    ///
    /// # Errors
    /// `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARGUMENT`: the field names the member.
    pub fn from_json(json: &str) -> Result<Self> {
        let parsed = options::parse(json, WHAT)?;
        let mut document = Read::default();
        options::each(parsed.document(), |name, value| document.set(name, value))?;
        document.finish()
    }

    /// As the racer with this number, from 1.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`racer`, `rounds`).
    pub fn contend(self, racer: u64, rounds: u64) -> Result<Self> {
        in_range("racer", racer, 1, 1_000_000)?;
        in_range("rounds", rounds, 1, 1_000_000)?;
        Ok(Self { part: Part::Contend { racer, rounds }, ..self })
    }

    /// As the judge of so many racers.
    ///
    /// # Errors
    /// `ERR_INVALID_ARGUMENT` (`racers`, `killed`).
    pub fn settle(self, racers: u64, killed: u64, acknowledged: Vec<String>) -> Result<Self> {
        in_range("racers", racers, 1, 1_000_000)?;
        in_range("killed", killed, 0, racers)?;
        Ok(Self { part: Part::Settle { racers, killed, acknowledged }, ..self })
    }

    /// Whether the store removes what is over on its own, so that its sweep need not. Where it is not said, a sweep that
    /// removes nothing passes, and is noted.
    #[must_use]
    pub fn collects_by_itself(self, collects: bool) -> Self {
        Self { collects_by_itself: Some(collects), ..self }
    }

    /// With the check of this name, and no other.
    #[must_use]
    pub fn only(self, check: &str) -> Self {
        Self { only: Some(check.to_owned()), ..self }
    }

    pub(super) fn run_id(&self) -> Result<String> {
        if let Some(id) = &self.run_id {
            return Ok(id.clone());
        }
        let mut bytes = [0; 8];
        crypto::random(&mut bytes)?;
        Ok(bytes.iter().fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        }))
    }
}

fn in_range(name: &'static str, number: u64, least: u64, most: u64) -> Result<()> {
    match (least..=most).contains(&number) {
        true => Ok(()),
        false => Err(Error::invalid_argument(name, format!("{name} must be from {least} to {most}"))),
    }
}

/// The members, before it is known whether they go together.
#[derive(Default)]
struct Read {
    run_id: Option<String>,
    part: Option<String>,
    collects_by_itself: Option<bool>,
    only: Option<String>,
    racer: Option<u64>,
    rounds: Option<u64>,
    racers: Option<u64>,
    killed: Option<u64>,
    acknowledged: Option<Vec<String>>,
}

impl Read {
    fn set(&mut self, name: &str, value: Value<'_>) -> Result<()> {
        match name {
            "run_id" => self.run_id = Some(options::string(name, value)?),
            "part" => self.part = Some(options::string(name, value)?),
            "collects_by_itself" => self.collects_by_itself = Some(options::flag(name, value)?),
            "only" => self.only = Some(options::string(name, value)?),
            "racer" => self.racer = Some(count(name, value)?),
            "rounds" => self.rounds = Some(count(name, value)?),
            "racers" => self.racers = Some(count(name, value)?),
            "killed" => self.killed = Some(count(name, value)?),
            // A race whose racers were killed before they had done anything has none.
            "acknowledged" => {
                let Value::Array(lines) = value else { return Err(options::wrong(name, "a list of strings", value)) };
                self.acknowledged = Some(lines.map(|line| options::string(name, line)).collect::<Result<_>>()?);
            }
            _ => return Err(options::unknown(name, MEMBERS, WHAT)),
        }
        Ok(())
    }

    fn finish(self) -> Result<ConformanceOptions> {
        let part = self.part.as_deref().unwrap_or("check");
        if !["check", "contend", "settle"].contains(&part) {
            return Err(Error::invalid_argument("part", "part must be check, contend or settle"));
        }
        let given = [
            ("only", self.only.is_some(), "check"),
            ("racer", self.racer.is_some(), "contend"),
            ("rounds", self.rounds.is_some(), "contend"),
            ("racers", self.racers.is_some(), "settle"),
            ("killed", self.killed.is_some(), "settle"),
            ("acknowledged", self.acknowledged.is_some(), "settle"),
        ];
        if let Some((name, _, of)) = given.into_iter().find(|(_, is_given, of)| *is_given && *of != part) {
            return Err(Error::invalid_argument(name, format!("{name} is for the part {of}")));
        }
        let base = match &self.run_id {
            Some(id) => ConformanceOptions::new(id)?,
            None if part == "check" => ConformanceOptions::default(),
            None => return Err(missing("run_id")),
        };
        let base = ConformanceOptions { collects_by_itself: self.collects_by_itself, only: self.only, ..base };
        match part {
            "contend" => {
                let racer = self.racer.ok_or_else(|| missing("racer"))?;
                base.contend(racer, self.rounds.ok_or_else(|| missing("rounds"))?)
            }
            "settle" => {
                let racers = self.racers.ok_or_else(|| missing("racers"))?;
                base.settle(racers, self.killed.unwrap_or(0), self.acknowledged.unwrap_or_default())
            }
            _ => Ok(base),
        }
    }
}

fn missing(name: &'static str) -> Error {
    Error::invalid_argument(name, format!("{name} is missing"))
}

fn count(name: &str, value: Value<'_>) -> Result<u64> {
    let Value::Number(number) = value else { return Err(options::wrong(name, "a number", value)) };
    number
        .as_i64()
        .and_then(|count| u64::try_from(count).ok())
        .ok_or_else(|| Error::invalid_argument(name.to_owned(), format!("{name} must be a whole number, 0 or more")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn documents() {
        for good in [
            "{}",
            r#"{"run_id": "a-1_B", "collects_by_itself": true, "only": "keys/longest"}"#,
            r#"{"run_id": "a", "part": "contend", "racer": 1, "rounds": 10}"#,
            r#"{"run_id": "a", "part": "settle", "racers": 2, "killed": 1, "acknowledged": ["1 increment 1"]}"#,
            r#"{"run_id": "a", "part": "settle", "racers": 2, "acknowledged": []}"#,
        ] {
            assert!(ConformanceOptions::from_json(good).is_ok(), "{good}");
        }
        let long = format!(r#"{{"run_id": "{}"}}"#, "a".repeat(33));
        for (bad, field) in [
            (r#"{"run_id": ""}"#, "run_id"),
            (r#"{"run_id": "a/b"}"#, "run_id"),
            (long.as_str(), "run_id"),
            (r#"{"part": "contend", "racer": 1, "rounds": 1}"#, "run_id"),
            (r#"{"part": "race"}"#, "part"),
            (r#"{"racer": 1}"#, "racer"),
            (r#"{"run_id": "a", "part": "contend", "racer": 1, "rounds": 1, "only": "keys/longest"}"#, "only"),
            (r#"{"run_id": "a", "part": "contend", "racer": 0, "rounds": 1}"#, "racer"),
            (r#"{"run_id": "a", "part": "contend", "racer": -1, "rounds": 1}"#, "racer"),
            (r#"{"run_id": "a", "part": "contend", "racer": 1}"#, "rounds"),
            (r#"{"run_id": "a", "part": "contend", "racer": 1, "rounds": 1, "killed": 0}"#, "killed"),
            (r#"{"run_id": "a", "part": "settle", "racers": 1, "killed": 2}"#, "killed"),
            (r#"{"run_id": "a", "part": "settle", "racers": 1, "acknowledged": "x"}"#, "acknowledged"),
        ] {
            let error = ConformanceOptions::from_json(bad).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)), "{bad}");
        }
        let error = ConformanceOptions::from_json(r#"{"run": "a"}"#).unwrap_err();
        assert_eq!(error.code(), Code::UnknownOption);
    }

    #[test]
    fn an_id_at_random() {
        let options = ConformanceOptions::default();
        assert_eq!(options.run_id().unwrap().len(), 16);
        assert_ne!(options.run_id().unwrap(), options.run_id().unwrap());
    }
}
