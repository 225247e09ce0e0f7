//! Text that an array wrote, made fit to be shown: capped, and without characters that act instead of show. Escaping is the
//! page's.

/// The longest name that is shown whole.
pub(crate) const NAME: usize = 256;
/// The longest message that is shown whole.
pub(crate) const MESSAGE: usize = 1000;

/// At most `longest` characters of `text`; control characters and those that turn the direction of text are made visible.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let mut shown: String = text.chars().take(longest).map(visible).collect();
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

fn visible(character: char) -> char {
    match character {
        '\n' | '\t' => ' ',
        // Bidirectional controls: one of them in a name turns around what stands beside it.
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other if other.is_control() => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(shown("ééé", 3), "ééé");
        assert_eq!(shown("éééé", 3), "ééé…");
    }

    #[test]
    fn what_acts_instead_of_showing_is_made_visible() {
        assert_eq!(shown("a\u{202e}b\0c\nd\u{85}", 10), "a\u{fffd}b\u{fffd}c d\u{fffd}");
    }
}
