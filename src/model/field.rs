//! What one answer says about one fact.
//!
//! The difference between "the array says there is none" and "the array did not say" decides whether a fact is dropped or
//! kept, so it has its own type instead of an `Option`.

/// What an answer says about a field that carries a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Absent or unreadable: the fact stays as it was.
    #[default]
    Silent,
    /// The array says that there is none (`""`, null): the fact is dropped.
    Never,
    /// The array gave this value: it replaces the fact, in either direction of time.
    Is(T),
}

impl<T> Field<T> {
    /// The value, if the array gave one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Silent | Self::Never => None,
        }
    }

    /// The same statement about something derived from the value; `None` from `f` means that it was unreadable.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Option<U>) -> Field<U> {
        match self {
            Self::Silent => Field::Silent,
            Self::Never => Field::Never,
            Self::Is(value) => f(value).map_or(Field::Silent, Field::Is),
        }
    }

    /// Applies the statement to what was known before.
    pub fn update(self, fact: &mut Option<T>) {
        match self {
            Self::Silent => {}
            Self::Never => *fact = None,
            Self::Is(value) => *fact = Some(value),
        }
    }
}

impl<T> From<Option<T>> for Field<T> {
    /// `None` is silence, never "there is none".
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Silent, Self::Is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_keeps_a_fact_and_never_drops_it() {
        let mut fact = Some(1);
        Field::Silent.update(&mut fact);
        assert_eq!(fact, Some(1));
        Field::Is(2).update(&mut fact);
        assert_eq!(fact, Some(2));
        Field::Never.update(&mut fact);
        assert_eq!(fact, None);
    }
}
