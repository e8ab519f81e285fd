//! Puts a mistake into a field that is chosen first, and adds what the field needs around it.

use crate::cases::mutate::Tools;
use crate::json::Json;
use crate::random::Random;
use crate::schema::{Kind, Schema};

/// For each struct of the schema the fields that hold it, as positions of owner and field.
#[derive(Clone, Debug)]
pub(crate) struct Parents {
    parents: Vec<Vec<(usize, usize)>>,
    /// All fields, each as likely as any other.
    fields: Vec<(usize, usize)>,
}

/// A way from the root is at most this long.
const LONGEST: usize = 14;
/// So often a pattern is expanded until it has the wanted field.
const TRIES: usize = 12;

impl Parents {
    /// Looks the parents up.
    pub(crate) fn of(schema: &Schema) -> Self {
        let mut parents = vec![Vec::new(); schema.structs.len()];
        let mut fields = Vec::new();
        for (owner, shape) in schema.structs.iter().enumerate() {
            for (position, field) in shape.fields.iter().enumerate() {
                fields.push((owner, position));
                if let Some(held) = held_struct(&field.kind)
                    && let Some(list) = parents.get_mut(held)
                {
                    list.push((owner, position));
                }
            }
        }
        Self { parents, fields }
    }

    /// A random way from the root to a random field.
    fn way(&self, root: usize, random: &mut Random) -> Option<Vec<(usize, usize)>> {
        let mut way = vec![*random.pick(&self.fields)?];
        while way.len() < LONGEST {
            let (owner, _) = *way.last()?;
            if owner == root {
                way.reverse();
                return Some(way);
            }
            way.push(*random.pick(self.parents.get(owner)?)?);
        }
        None
    }
}

fn held_struct(kind: &Kind) -> Option<usize> {
    match kind {
        Kind::Struct(owner) => Some(*owner),
        Kind::List(item) | Kind::Map(item) => held_struct(item),
        _ => None,
    }
}

impl Tools<'_> {
    /// Sets a random field of the whole schema, with all that has to be around it.
    pub(crate) fn plant(&self, document: &mut Json, parents: &Parents, random: &mut Random) {
        let Kind::Struct(root) = self.root else { return };
        let Some(way) = parents.way(*root, random) else { return };
        let known = way.iter().all(|(owner, position)| {
            let field = self.schema.get(*owner).and_then(|shape| shape.fields.get(*position));
            field.is_some_and(|field| field.minors & self.mask != 0)
        });
        if known {
            self.follow(document, &way, random);
        }
    }

    fn follow(&self, value: &mut Json, way: &[(usize, usize)], random: &mut Random) {
        let Some(((owner, position), rest)) = way.split_first() else { return };
        let Some(field) = self.schema.get(*owner).and_then(|shape| shape.fields.get(*position)) else {
            return;
        };
        if rest.is_empty() {
            let planted = self.planted(*owner, *position, &field.kind, value.get(&field.name), random);
            value.set(&field.name, planted);
            return;
        }
        if value.get(&field.name).is_none_or(|value| *value == Json::Null) {
            value.set(&field.name, Json::Null);
        }
        let Some(place) = value.get_mut(&field.name) else { return };
        self.descend(place, &field.kind, rest, random);
    }

    /// Goes on below a field, into an item of a list where the field is one.
    fn descend(&self, place: &mut Json, kind: &Kind, rest: &[(usize, usize)], random: &mut Random) {
        let next = rest.first().and_then(|(owner, position)| self.schema.get(*owner)?.fields.get(*position));
        let Some(next) = next else { return };
        match kind {
            Kind::Struct(owner) => {
                let fits =
                    matches!(place, Json::Map(_)) && (place.get(&next.name).is_some() || random.percent(25));
                if !fits {
                    *place = self.with_field(*owner, &next.name, random);
                }
                self.follow(place, rest, random);
            }
            Kind::List(item) => {
                let Kind::Struct(owner) = item.as_ref() else { return };
                if !matches!(place, Json::List(_)) {
                    *place = Json::List(Vec::new());
                }
                let Json::List(items) = place else { return };
                let fitting = items.iter().position(|item| item.get(&next.name).is_some());
                // Containers take any field; of most other things a new one is needed, since their fields exclude each other.
                let plain = ["containers", "initContainers"];
                let any = (!items.is_empty() && plain.iter().any(|name| self.holds_container(*owner, name)))
                    .then(|| random.below(items.len()));
                let position = fitting.or(any).unwrap_or_else(|| {
                    let mut fresh = self.with_field(*owner, &next.name, random);
                    if fresh.get("name").is_some() {
                        fresh.set("name", Json::String(format!("p{}", items.len())));
                    }
                    items.push(fresh);
                    items.len().saturating_sub(1)
                });
                if let Some(item) = items.get_mut(position) {
                    self.follow(item, rest, random);
                }
            }
            _ => {}
        }
    }

    /// Whether the struct is the one that the pod's field of this name lists.
    fn holds_container(&self, owner: usize, name: &str) -> bool {
        let pod = self.schema.position("PodSpec").and_then(|pod| self.schema.get(pod));
        let field = pod.and_then(|pod| pod.field(name));
        field.is_some_and(|field| held_struct(&field.kind) == Some(owner))
    }

    /// A value of the struct that has the field: of the vocabulary's the first that happens to.
    fn with_field(&self, owner: usize, name: &str, random: &mut Random) -> Json {
        for _ in 0..TRIES {
            let value = self.whole(owner, random);
            if value.get(name).is_some() {
                return value;
            }
        }
        let value = self.whole(owner, random);
        if random.percent(50) { value } else { Json::Map(Vec::new()) }
    }

    /// The value for the field itself.
    fn planted(
        &self,
        owner: usize,
        position: usize,
        kind: &Kind,
        now: Option<&Json>,
        random: &mut Random,
    ) -> Json {
        let words = self.vocabulary.words(owner, position);
        match kind {
            Kind::List(item) => {
                let mut items = now.map(Json::items).unwrap_or_default().to_vec();
                match random.below(100) {
                    0..15 => items.clear(),
                    15..27 => {
                        let one = self.fresh_of(item, words, random);
                        let count = if one.is_empty() { 256 } else { 33 };
                        items = vec![one; count];
                    }
                    27..45 => items.extend(items.first().cloned()),
                    _ => items.push(self.bad_of(item, words, random)),
                }
                Json::List(items)
            }
            Kind::Map(item) => {
                let mut map = match now {
                    Some(Json::Map(entries)) => Json::Map(entries.clone()),
                    _ => Json::Map(Vec::new()),
                };
                let value = if random.percent(50) {
                    self.bad_of(item, words, random)
                } else {
                    self.fresh_of(item, words, random)
                };
                let key = self.key(words, random);
                map.set(&key, value);
                map
            }
            _ => self.bad_of(kind, words, random),
        }
    }

    fn bad_of(
        &self,
        kind: &Kind,
        words: Option<&crate::cases::vocabulary::Words>,
        random: &mut Random,
    ) -> Json {
        let bad = words.map(|words| &words.bad).filter(|bad| !bad.is_empty() && random.percent(85));
        match bad.and_then(|bad| random.pick(bad)) {
            Some(value) => value.clone(),
            None => self.fresh_of(kind, words, random),
        }
    }
}
