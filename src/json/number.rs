//! Numbers that scripts must not round.

use std::borrow::Cow;

use num_bigint::BigUint;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::explore::probability::Probability;

/// A count, as a string of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count(pub BigUint);

/// A reduced fraction: `"1/8"`, `"0"`, `"1"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fraction(pub Probability);

impl From<usize> for Count {
    fn from(count: usize) -> Self {
        Self(count.into())
    }
}

impl From<&BigUint> for Count {
    fn from(count: &BigUint) -> Self {
        Self(count.clone())
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A count; it may pass 2^53", "type": "string", "pattern": "^(0|[1-9][0-9]*)$" })
    }
}

impl JsonSchema for Fraction {
    fn schema_name() -> Cow<'static, str> {
        "Fraction".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A reduced fraction",
            "type": "string",
            "pattern": "^(0|1|[1-9][0-9]*/[1-9][0-9]*)$",
        })
    }
}
