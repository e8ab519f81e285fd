//! How many objects are requested in a page. A page is held as text until its objects are read, so it must not be large.

/// The bytes that a page should have.
const TARGET: usize = 4 << 20;

/// Objects in the first page, before their size is known.
const FIRST: u32 = 20;

/// How much larger the next page may be: small objects may be followed by large ones.
const GROWTH: u32 = 4;

/// How many objects are requested in a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageSize {
    most: u32,
    now: u32,
}

impl PageSize {
    /// The size of the first page. `most` is the most that any page may have.
    pub(super) fn new(most: u32) -> Self {
        let most = most.max(1);
        Self { most, now: FIRST.min(most) }
    }

    /// How many objects are requested in the next page.
    pub(super) const fn now(self) -> u32 {
        self.now
    }

    /// A page with so many objects had so many bytes.
    pub(super) fn was(&mut self, objects: usize, bytes: usize) {
        let fitting = TARGET.checked_div(bytes.checked_div(objects).unwrap_or(0).max(1)).unwrap_or(0);
        let fitting = u32::try_from(fitting).unwrap_or(u32::MAX);
        self.now = fitting.clamp(1, self.now.saturating_mul(GROWTH).min(self.most));
    }

    /// A page of this size was too large. Returns whether a smaller one can be requested.
    pub(super) fn was_too_large(&mut self) -> bool {
        let smaller = self.now > 1;
        self.now = (self.now / 4).max(1);
        smaller
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_about_the_same_bytes() {
        let mut size = PageSize::new(500);
        let mut sizes = Vec::new();
        for object in [8_000, 8_000, 8_000, 8_000, 1_000_000, 30_000_000, 100, 100, 100] {
            let objects = usize::try_from(size.now()).unwrap();
            size.was(objects, objects * object);
            sizes.push(size.now());
        }
        assert_eq!(sizes, [80, 320, 500, 500, 4, 1, 4, 16, 64]);
        size.was(0, 40);
        assert_eq!(size.now(), 256);
        assert_eq!(PageSize::new(2).now(), 2);
    }

    #[test]
    fn a_page_that_is_too_large_is_made_smaller_until_it_has_one_object() {
        let mut size = PageSize::new(500);
        size.was(20, 20 * 100);
        assert_eq!(size.now(), 80);
        let sizes: Vec<(bool, u32)> = (0..4).map(|_| (size.was_too_large(), size.now())).collect();
        assert_eq!(sizes, [(true, 20), (true, 5), (true, 1), (false, 1)]);
    }
}
