//! Lists of resources.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Text;
use crate::quantity::Quantity;

/// Names of resources and how much of each.
#[derive(Clone, Debug, Default)]
pub struct ResourceList<'a>(pub Vec<(Text<'a>, Quantity)>);

impl ResourceList<'_> {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a container asks for.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct Resources<'a> {
    /// `requests`; `None` where the field is absent, which is not the same as empty in a status.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub requests: Option<ResourceList<'a>>,
    /// `limits`: what a request is where a pod that no server has read yet leaves it out.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub limits: Option<ResourceList<'a>>,
}

/// A quantity, which a person may have written as a number.
struct Amount(Quantity);

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quantity such as 500m or 2Gi")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
        Quantity::decode(text).map(Amount).map_err(|error| E::custom(format!("`{text}`: {error}")))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Amount, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Amount, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Amount, E> {
        self.visit_str(&number.to_string())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = ResourceList<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of quantities")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ResourceList<'de>, A::Error> {
        let mut list = Vec::with_capacity(map.size_hint().unwrap_or(4));
        while let Some((name, Amount(quantity))) = map.next_entry()? {
            list.push((name, quantity));
        }
        Ok(ResourceList(list))
    }

    fn visit_unit<E>(self) -> Result<ResourceList<'de>, E> {
        Ok(ResourceList::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ResourceList<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor)
    }
}

impl Serialize for ResourceList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, quantity) in &self.0 {
            map.serialize_entry(name, &quantity.to_string())?;
        }
        map.end()
    }
}
