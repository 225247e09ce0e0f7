//! The house has floors: every arrow (`use crate::…`) points down, and there is no circle within a floor. The table is the
//! one in CONTRIBUTING.md; the code of the library without its tests is held against it.

mod arrows;
mod table;
mod tokens;

use arrows::{Arrow, Source, arrows, module};
use replication_exporter::source::vendors::ALL;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use table::{Floor, Row, rows};

/// Every break of the table, with file, line and the row.
fn breaks(document: &str, sources: &[Source]) -> Vec<String> {
    let rows = rows(document);
    let mut found = rooms_without_a_row(&rows, sources);
    let mut level: BTreeMap<(String, String), Arrow> = BTreeMap::new();
    for arrow in arrows(sources) {
        let ([from, ..], [to, ..]) = (&arrow.from[..], &arrow.to[..]) else {
            continue;
        };
        let (Some(own), Some(other)) = (row_of(&rows, from), row_of(&rows, to)) else {
            continue;
        };
        if from == to {
            continue;
        }
        let fine = match (&own.floor, &other.floor) {
            (Floor::Aside { may_use, .. }, _) => may_use.iter().any(|path| arrow.to.starts_with(path)),
            (_, Floor::Aside { users, .. }) => users.contains(from),
            (Floor::Number(above), Floor::Number(below)) => above >= below,
        };
        if !fine {
            found.push(format!("{} breaks\n    {}", shown(&arrow), own.text));
        } else if own.floor == other.floor {
            level.entry((from.clone(), to.clone())).or_insert(arrow);
        }
    }
    found.extend(circles(&level, &rows));
    found
}

fn row_of<'a>(rows: &'a [Row], room: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.rooms.iter().any(|known| known == room))
}

fn shown(arrow: &Arrow) -> String {
    let (file, line) = (arrow.file.display(), arrow.line);
    format!(
        "{file}:{line}: `{}` uses `{}`",
        arrow.from.join("::"),
        arrow.to.join("::")
    )
}

/// A room without a row, with two, or a row for a room that is not there.
fn rooms_without_a_row(rows: &[Row], sources: &[Source]) -> Vec<String> {
    let there: BTreeSet<String> = sources
        .iter()
        .filter_map(|source| module(&source.path).into_iter().next())
        .collect();
    let listed: Vec<&String> = rows.iter().flat_map(|row| &row.rooms).collect();
    let wrong = there.iter().filter_map(|room| {
        let count = listed.iter().filter(|known| **known == room).count();
        (count != 1).then(|| format!("src/{room}: {count} rows of the table have it"))
    });
    let gone = listed.iter().filter(|room| !there.contains(**room));
    let gone = gone.map(|room| format!("the table has `{room}`, and src has not"));
    wrong.chain(gone).collect()
}

/// Each arrow of a circle between rooms of one floor.
fn circles(level: &BTreeMap<(String, String), Arrow>, rows: &[Row]) -> Vec<String> {
    let reaches = |from: &String, to: &String| {
        let mut seen = BTreeSet::from([from]);
        let mut next = vec![from];
        while let Some(room) = next.pop() {
            let found = level.keys().filter(|(user, _)| user == room).map(|(_, used)| used);
            next.extend(found.filter(|used| seen.insert(*used)));
        }
        seen.contains(to)
    };
    level
        .iter()
        .filter(|((from, to), _)| reaches(to, from))
        .map(|((from, _), arrow)| {
            let row = row_of(rows, from).map_or("", |row| &row.text);
            format!("{} in a circle within\n    {row}", shown(arrow))
        })
        .collect()
}

fn sources(folder: &Path, root: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, root, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("text");
            let path = path.strip_prefix(root).expect("below the root").to_owned();
            found.push(Source { path, text });
        }
    }
}

#[test]
fn every_arrow_points_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("CONTRIBUTING.md")).expect("CONTRIBUTING.md");
    let mut found = Vec::new();
    sources(&root.join("src"), root, &mut found);
    assert!(found.len() > 100, "{} files", found.len());
    let broken = breaks(&document, &found);
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn no_vendor_knows_another() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    sources(&root.join("src/source"), root, &mut found);
    let vendor = |path: &[String]| {
        ALL.iter()
            .map(|vendor| vendor.name())
            .find(|name| path.get(1).is_some_and(|part| part == name))
    };
    let mut asked = 0;
    for arrow in arrows(&found) {
        if let (Some(own), Some(other)) = (vendor(&arrow.from), vendor(&arrow.to)) {
            asked += 1;
            assert_eq!(own, other, "{}", shown(&arrow));
        }
    }
    assert!(asked > 0, "the vendors' folders are found");
}

#[cfg(test)]
mod bad_examples {
    use super::*;

    const TABLE: &str = "\
| floor | room | holds | never holds |
|---|---|---|---|
| 2 | `top.rs`, `side/` | | |
| 1 | `mid/` | | |
| 0 | `low.rs` | | |
| aside | `toy/` | only `top` uses it | anything but `low::Thing` |
";

    fn broken(files: &[(&str, &str)]) -> Vec<String> {
        let rooms = [
            "src/top.rs",
            "src/side/mod.rs",
            "src/mid/mod.rs",
            "src/low.rs",
            "src/toy/mod.rs",
        ];
        let mut sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| Source {
                path: path.into(),
                text: (*text).to_owned(),
            })
            .collect();
        for room in rooms {
            if !files.iter().any(|(path, _)| *path == room) {
                let (path, text) = (room.into(), String::new());
                sources.push(Source { path, text });
            }
        }
        breaks(TABLE, &sources)
    }

    #[test]
    fn down_and_level_are_fine() {
        let fine = [
            (
                "src/top.rs",
                "use crate::{side::A, mid::{self, B}, toy};\nfn f() { crate::low::g() }",
            ),
            (
                "src/mid/mod.rs",
                "use crate::low::Thing; // use crate::top::X;\nconst S: &str = \"crate::top\";",
            ),
            ("src/toy/mod.rs", "use crate::low::Thing;"),
        ];
        assert_eq!(broken(&fine), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_upwards_is_found_wherever_it_is_written() {
        for (file, text) in [
            ("src/low.rs", "\nuse crate::mid::X;"),
            ("src/low.rs", "\nuse crate::{low::Y, mid::X};"),
            ("src/low.rs", "use crate::{\nmid::{X, Y}};"),
            ("src/low.rs", "\nfn f() { g!(x = crate::mid::X) }"),
            ("src/low.rs", "\nuse super::mid::X;"),
            ("src/low.rs", "\npub use crate::mid as other;"),
            ("src/mid/deep/a.rs", "\nuse super::super::super::top::X;"),
        ] {
            let found = broken(&[(file, text)]);
            assert!(
                found.iter().all(|line| line.starts_with(&format!("{file}:2: "))),
                "{text}: {found:?}"
            );
            assert!(!found.is_empty(), "{text}");
            assert!(
                found[0].contains("| 0 | `low.rs`") || found[0].contains("| 1 | `mid/`"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_circle_within_a_floor_is_found() {
        let found = broken(&[
            ("src/top.rs", "use crate::side::A;"),
            ("src/side/mod.rs", "use crate::top::B;"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("circle within\n    | 2 |"), "{found:?}");
    }

    #[test]
    fn who_stands_aside_uses_and_is_used_as_the_table_says() {
        let found = broken(&[("src/toy/mod.rs", "use crate::low::Other;")]);
        assert!(found[0].contains("| aside |"), "{found:?}");
        let found = broken(&[("src/side/mod.rs", "use crate::toy::A;")]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn tests_stand_apart_and_a_room_needs_a_row() {
        let tests = "#[cfg(test)]\n#[path = \"low_tests.rs\"]\nmod tests;\n#[cfg(test)]\nmod more { use crate::top::X; }\n#[cfg(test)]\nuse crate::mid::Y;";
        let apart = [("src/low.rs", tests), ("src/low_tests.rs", "use crate::top::X;")];
        // By its name the file is a room of its own: nothing else is said of it.
        assert_eq!(broken(&apart), ["src/low_tests: 0 rows of the table have it"]);
        let after = [("src/low.rs", "#[cfg(test)]\nmod more { }\nuse crate::top::X;")];
        assert_eq!(broken(&after).len(), 1, "what follows a test is no test");
        assert_eq!(broken(&[("src/new.rs", "")]), ["src/new: 0 rows of the table have it"]);
    }
}
