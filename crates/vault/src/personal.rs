//! The type of what concerns a person.

/// Content about a person: the only type that binds to a sealed column. It has no `Display`, its `Debug` prints
/// nothing, and only API views and exports (`tidy` lists the files) call [`Personal::reveal`].
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for a view that a scope has been allowed to see.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself.
    pub fn into_revealed(self) -> T {
        self.0
    }

    /// The same person's value in another form.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Personal<U> {
        Personal(f(self.0))
    }
}

impl<T> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal(…)")
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
