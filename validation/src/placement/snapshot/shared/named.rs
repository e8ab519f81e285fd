//! A list of objects that are found by name.

use super::list::List;
use super::table::Table;

/// A list of objects, each found by its name. The name of an object with a namespace is `namespace/name`.
#[derive(Clone, Debug)]
pub(in crate::placement) struct Named<T> {
    list: List<T>,
    places: Table<u32>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { list: List::default(), places: Table::default() }
    }
}

impl<T> Named<T> {
    /// The objects.
    pub(in crate::placement) const fn list(&self) -> &List<T> {
        &self.list
    }

    /// How many there are.
    pub(in crate::placement) fn len(&self) -> usize {
        self.list.len()
    }

    /// The index of an object.
    pub(in crate::placement) fn place(&self, name: &str) -> Option<u32> {
        self.places.get(name).copied()
    }

    /// An object by its name.
    pub(in crate::placement) fn get(&self, name: &str) -> Option<&T> {
        self.list.get(self.place(name)? as usize)
    }

    /// The names in no particular order.
    pub(in crate::placement) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys()
    }

    /// Adds an object at the end, unless there is one of its name; the index if it was added.
    pub(in crate::placement) fn add(&mut self, name: &str, object: T) -> Option<u32> {
        if self.places.contains_key(name) {
            return None;
        }
        let place = u32::try_from(self.list.len()).ok()?;
        self.places.insert(Box::from(name), place);
        self.list.push(object);
        Some(place)
    }

    /// Adds an object at the end, or replaces the one of its name; the index if it was added. An equal one is left as it is, so that its
    /// chunk is not copied.
    pub(in crate::placement) fn put(&mut self, name: &str, object: T) -> Option<u32>
    where
        T: PartialEq,
    {
        let Some(place) = self.place(name) else { return self.add(name, object) };
        if self.list.get(place as usize) != Some(&object) {
            self.list.replace(place as usize, object);
        }
        None
    }

    /// Removes an object. The last one, which has the name that `name_of` gives, moves to its index. The index if it was there.
    pub(in crate::placement) fn remove(
        &mut self,
        name: &str,
        name_of: impl Fn(&T) -> Box<str>,
    ) -> Option<u32> {
        let place = self.place(name)?;
        self.places.remove(name);
        self.list.swap_remove(place as usize);
        if let Some(moved) = self.list.get(place as usize) {
            self.places.insert(name_of(moved), place);
        }
        Some(place)
    }
}
