//! Rewrites the texts of a JSON document and leaves every other byte as it is, also in one that is no JSON after all.

use super::{Leaf, SCRUBBED, secrets::is_secret_key};

/// An object or array that is open.
#[derive(Default)]
struct Frame {
    is_object: bool,
    expects_key: bool,
    /// The present key; an array has that of its own place.
    key: String,
    /// Whether something around it is of a secret.
    secret: bool,
}

impl Frame {
    fn is_secret(&self) -> bool {
        self.secret || is_secret_key(&self.key)
    }
}

/// The document with every text value replaced by what `leaf` makes of it. A number under a secret key is replaced too.
pub(super) fn rewrite(text: &str, leaf: impl Fn(Leaf<'_>) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<Frame> = vec![Frame::default()];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            c if is_literal(c) => rest.find(|c| !is_literal(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        let Some(frame) = open.last_mut() else { break };
        match first {
            '{' | '[' => {
                let inner = Frame {
                    is_object: first == '{',
                    expects_key: first == '{',
                    secret: frame.is_secret(),
                    key: frame.key.clone(),
                };
                open.push(inner);
                out.push(first);
            }
            '}' | ']' => {
                if open.len() > 1 {
                    open.pop();
                }
                out.push(first);
            }
            ',' => {
                frame.expects_key = frame.is_object;
                out.push(first);
            }
            '"' => {
                let value = decoded(token);
                if frame.expects_key {
                    frame.expects_key = false;
                    frame.key = value;
                    out.push_str(token);
                } else {
                    let secret = frame.is_secret();
                    let new = leaf(Leaf {
                        key: &frame.key,
                        secret,
                        value: &value,
                    });
                    // As it was spelled, if nothing had to go.
                    out.push_str(&if new == value { token.to_owned() } else { quoted(&new) });
                }
            }
            c if is_literal(c) && frame.is_secret() && !matches!(token, "null" | "true" | "false") => {
                out.push_str(&quoted(SCRUBBED));
            }
            _ => out.push_str(token),
        }
    }
    out
}

fn is_literal(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

/// The length of the string literal at the start of `text`, quotes included; of all of it if it does not end.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn decoded(token: &str) -> String {
    serde_json::from_str(token).unwrap_or_else(|_| token.trim_matches('"').to_owned())
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
