//! Text that an array wrote, made fit to be shown, in a log line, an error, a page: capped, and without characters that act
//! instead of show. The one place that says which those are. Escaping is the page's; labels keep their text.

/// The longest name that is shown whole.
pub(crate) const NAME: usize = 256;
/// The longest message that is shown whole.
pub(crate) const MESSAGE: usize = 1000;
/// The longest text of an array that a message quotes whole.
pub(crate) const QUOTE: usize = 200;

/// At most `longest` characters of `text`, on one line, with everything that is unprintable made visible.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let mut shown: String = text.chars().take(longest).map(visible).collect();
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

fn visible(character: char) -> char {
    match character {
        '\n' | '\t' | '\r' => ' ',
        other if is_unprintable(other) => '\u{fffd}',
        other => other,
    }
}

/// Whether a character does something else to a line than to stand in it: it ends it, moves a terminal's cursor, turns the
/// direction of what stands beside it around, or is not seen at all.
#[must_use]
pub(crate) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
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
        let acting = [
            '\u{1b}',
            '\u{7f}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fffa}',
            '\u{e0041}',
        ];
        for character in acting {
            assert_eq!(shown(&character.to_string(), 10), "\u{fffd}", "{character:?}");
        }
        assert_eq!(shown("Zürich — 東京 🗄", 20), "Zürich — 東京 🗄");
    }
}
