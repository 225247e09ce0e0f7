//! Enums whose values are words of labels: each word is written once, beside its value.

/// Makes a field-less enum with its words: the values of a label.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of exposition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Every word, in the order of exposition.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word of the label.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}
pub(crate) use words;
