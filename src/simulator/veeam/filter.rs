//! The filter language of the query service: comparisons, `;` for and, `,` for or, parentheses. What it does not know is
//! refused. Binding `;` tighter than `,` is an assumption; nothing published says which. Used by `query.rs`.

use super::{
    row::{Kind, Shape, Value},
    time::{self, Micros},
};
use std::cmp::Ordering;

/// A condition on the rows of one kind.
#[derive(Debug, PartialEq)]
pub(crate) enum Filter {
    /// No condition.
    Everything,
    Compare(&'static str, Operator, Value),
    And(Vec<Filter>),
    Or(Vec<Filter>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
    Above,
    Below,
}

/// Longest first, so that `>=` is not read as `>`.
const OPERATORS: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    (">", Operator::Above),
    ("<", Operator::Below),
];
/// No sane filter nests deeper.
const DEEPEST: usize = 32;

impl Filter {
    /// Reads the text of a `filter=`.
    pub(crate) fn parse(kind: Kind, text: &str) -> Result<Self, String> {
        let mut parser = Parser { kind, rest: text };
        let filter = parser.any(0)?;
        if parser.rest.is_empty() {
            Ok(filter)
        } else {
            Err(format!("unexpected {:?} in the filter", parser.rest))
        }
    }

    /// Whether a row whose fields `field` gives satisfies it. A field that the row does not have equals nothing.
    pub(crate) fn accepts(&self, field: &impl Fn(&str) -> Option<Value>) -> bool {
        match self {
            Self::Everything => true,
            Self::And(all) => all.iter().all(|each| each.accepts(field)),
            Self::Or(any) => any.iter().any(|each| each.accepts(field)),
            Self::Compare(name, operator, value) => match field(name) {
                None => *operator == Operator::NotEqual,
                Some(has) => operator.holds(has.compare(value)),
            },
        }
    }

    /// Between which moments of creation every accepted row lies, given that none lives longer than `longest`: so that
    /// months of history need not be looked through.
    pub(crate) fn created(&self, longest: Micros, known_until: Micros) -> (Micros, Micros) {
        let unfinished = (known_until.saturating_sub(longest), Micros::MAX);
        match self {
            Self::Compare("CreationTime", operator, Value::Time(at)) => match operator {
                Operator::Equal => (*at, *at),
                Operator::NotEqual => (Micros::MIN, Micros::MAX),
                Operator::AtLeast | Operator::Above => (*at, Micros::MAX),
                Operator::AtMost | Operator::Below => (Micros::MIN, *at),
            },
            Self::Compare("EndTime", Operator::AtLeast | Operator::Above, Value::Time(at)) => {
                (at.saturating_sub(longest), Micros::MAX)
            }
            Self::Compare("State", Operator::Equal, Value::Order(_, "InProgress" | "Pending" | "Working"))
            | Self::Compare("State", Operator::NotEqual, Value::Order(_, "Stopped" | "Completed")) => unfinished,
            Self::Everything | Self::Compare(..) => (Micros::MIN, Micros::MAX),
            Self::And(all) => all
                .iter()
                .map(|each| each.created(longest, known_until))
                .fold((Micros::MIN, Micros::MAX), |(from, to), (a, b)| {
                    (from.max(a), to.min(b))
                }),
            Self::Or(any) => any
                .iter()
                .map(|each| each.created(longest, known_until))
                .fold((Micros::MAX, Micros::MIN), |(from, to), (a, b)| {
                    (from.min(a), to.max(b))
                }),
        }
    }
}

impl Operator {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::AtLeast => order.is_ge(),
            Self::AtMost => order.is_le(),
            Self::Above => order.is_gt(),
            Self::Below => order.is_lt(),
        }
    }
}

struct Parser<'a> {
    kind: Kind,
    rest: &'a str,
}

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Result<Filter, String> {
        let mut any = vec![self.all(depth)?];
        while self.takes(',') {
            any.push(self.all(depth)?);
        }
        Ok(single(any, Filter::Or))
    }

    fn all(&mut self, depth: usize) -> Result<Filter, String> {
        let mut all = vec![self.one(depth)?];
        while self.takes(';') {
            all.push(self.one(depth)?);
        }
        Ok(single(all, Filter::And))
    }

    fn one(&mut self, depth: usize) -> Result<Filter, String> {
        if depth > DEEPEST {
            return Err("the filter nests too deeply".to_owned());
        }
        if self.takes('(') {
            let inner = self.any(depth + 1)?;
            return if self.takes(')') {
                Ok(inner)
            } else {
                Err("a parenthesis is not closed".to_owned())
            };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let end = self
            .rest
            .find(['=', '!', '<', '>'])
            .ok_or("a comparison has no operator")?;
        let (name, rest) = self.rest.split_at(end);
        let (name, shape) = self
            .kind
            .field(name.trim())
            .ok_or_else(|| format!("{:?} is no parameter of this type", name.trim()))?;
        let (word, operator) = OPERATORS
            .iter()
            .find(|(word, _)| rest.starts_with(word))
            .ok_or("a comparison has no operator")?;
        self.rest = &rest[word.len()..];
        let text = self.value()?;
        let value = shape
            .value(&text)
            .ok_or_else(|| format!("{text:?} is no value of {name}"))?;
        Ok(Filter::Compare(name, *operator, value))
    }

    /// A value in quotes, an inner quote doubled; or without them up to the next separator, blanks silently dropped.
    fn value(&mut self) -> Result<String, String> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([';', ',', ')', '(']).unwrap_or(self.rest.len());
            let (value, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok(value.replace(' ', ""));
        };
        let mut value = String::new();
        let mut characters = quoted.char_indices().peekable();
        while let Some((index, character)) = characters.next() {
            if character != '"' {
                value.push(character);
            } else if characters.next_if(|(_, next)| *next == '"').is_some() {
                value.push('"');
            } else {
                self.rest = &quoted[index + 1..];
                return Ok(value);
            }
        }
        Err("a quote is not closed".to_owned())
    }

    fn takes(&mut self, character: char) -> bool {
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

fn single(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.remove(0),
        _ => join(filters),
    }
}

impl Shape {
    /// The value that `text` stands for, if it stands for one of this shape.
    pub(crate) fn value(self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(Value::Text(text.to_owned())),
            Self::Time => time::read(text).map(Value::Time),
            Self::Words(words) => words
                .iter()
                .position(|word| word.eq_ignore_ascii_case(text))
                .map(|index| Value::Order(index, words[index])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(filter: &str, result: usize, created: &str) -> bool {
        let filter = Filter::parse(Kind::Task, filter).expect("a filter");
        filter.accepts(&|field| match field {
            "Result" => Some(Value::Order(result, "")),
            "CreationTime" => time::read(created).map(Value::Time),
            "VmDisplayName" => Some(Value::Text("a \"b\"".to_owned())),
            _ => None,
        })
    }

    #[test]
    fn words_compare_by_their_order_and_times_by_time() {
        for (result, holds) in [(0, false), (1, true), (2, true)] {
            assert_eq!(accepts("Result>=Warning", result, "2026-01-01"), holds);
        }
        let window = "CreationTime>=\"2026-01-01T00:00:00Z\";CreationTime<2026-01-02T00:00:00";
        assert!(accepts(window, 0, "2026-01-01T23:59:59.999999Z"));
        assert!(!accepts(window, 0, "2026-01-02"));
    }

    #[test]
    fn and_binds_tighter_than_or_and_parentheses_bind_tightest() {
        assert!(accepts(
            "Result==Success,Result==Failed;Result==Warning",
            0,
            "2026-01-01"
        ));
        assert!(!accepts(
            "(Result==Success,Result==Failed);Result==Warning",
            0,
            "2026-01-01"
        ));
        assert!(accepts(
            "(CreationTime>=\"2027-01-01\"),(EndTime>=2026-01-01),(Result!=Failed)",
            1,
            "2026-01-01"
        ));
    }

    #[test]
    fn a_quote_in_a_value_is_doubled_and_blanks_without_quotes_are_dropped() {
        assert!(accepts("VmDisplayName==\"a \"\"b\"\"\"", 0, "2026-01-01"));
        assert!(!accepts("VmDisplayName==a \"b\"", 0, "2026-01-01"));
        assert!(accepts("EndTime!=2026-01-01", 0, "2026-01-01"));
    }

    #[test]
    fn junk_is_refused() {
        for text in [
            "",
            "Result",
            "Result=Success",
            "Result==Perfect",
            "Nonsense==1",
            "CreationTime>=soon",
            "(Result==Failed",
            "Result==Failed)",
            "VmDisplayName==\"a",
            "Result==Failed;",
        ] {
            assert!(Filter::parse(Kind::Task, text).is_err(), "{text:?}");
        }
        assert!(Filter::parse(Kind::Task, &"(".repeat(100_000)).is_err());
    }
}
