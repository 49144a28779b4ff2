//! The rooms of `src` and the one direction between them.

use std::collections::BTreeSet;

use super::{directory, files};

/// Which rooms each room may know. `main` and `lib` only name what there is.
const MAY_USE: [(&str, &[&str]); 19] = [
    ("ambient", &[]),
    ("threads", &[]),
    ("domain", &[]),
    ("retry_after", &["ambient"]),
    ("config", &["domain"]),
    ("metrics", &["domain"]),
    ("traces", &["config"]),
    ("telemetry", &["config", "traces"]),
    ("tls", &["metrics"]),
    ("fair_share", &["config", "domain", "metrics"]),
    (
        "store",
        &[
            "ambient",
            "config",
            "domain",
            "fair_share",
            "metrics",
            "retry_after",
            "threads",
        ],
    ),
    (
        "limits",
        &["ambient", "config", "domain", "metrics", "threads"],
    ),
    ("usage", &["ambient", "domain", "metrics", "store"]),
    (
        "auth",
        &[
            "ambient",
            "config",
            "domain",
            "metrics",
            "retry_after",
            "store",
            "usage",
        ],
    ),
    ("readiness", &["ambient", "metrics", "retry_after", "store"]),
    ("oidc", &["ambient", "config", "domain"]),
    (
        "administration",
        &[
            "ambient",
            "auth",
            "config",
            "domain",
            "limits",
            "metrics",
            "oidc",
            "retry_after",
            "store",
        ],
    ),
    (
        "http",
        &[
            "administration",
            "ambient",
            "auth",
            "domain",
            "fair_share",
            "limits",
            "metrics",
            "oidc",
            "readiness",
            "retry_after",
            "store",
            "traces",
        ],
    ),
    (
        "server",
        &[
            "administration",
            "ambient",
            "auth",
            "config",
            "domain",
            "fair_share",
            "http",
            "limits",
            "metrics",
            "readiness",
            "store",
            "tls",
            "usage",
        ],
    ),
];

/// Which parts of `http` each part may know: no API knows another one, nor the console.
const PARTS_OF_HTTP: [(&str, &[&str]); 6] = [
    ("shared", &[]),
    ("openapi", &["shared"]),
    ("public", &["openapi", "shared"]),
    ("admin", &["openapi", "shared"]),
    ("console", &["shared"]),
    ("ops", &["shared"]),
];

/// Rooms that nobody knows but the command line.
const MAY_USE_ALL: [&str; 3] = ["cli", "lib", "main"];

/// What only some rooms may name.
const LIBRARIES: [(&str, &[&str]); 15] = [
    ("actix_web", &["http", "server"]),
    ("askama", &["http"]),
    ("argon2", &["auth"]),
    ("clap", &["cli", "main"]),
    ("deadpool_postgres", &["store"]),
    ("jsonwebtoken", &["auth", "oidc"]),
    ("opentelemetry", &["traces"]),
    ("reqwest", &["oidc"]),
    ("tracing_opentelemetry", &["traces"]),
    ("moka", &["auth", "limits"]),
    // The configuration refuses bad URLs with the libraries that will read them.
    ("redis", &["auth", "cli", "config", "limits", "server"]),
    ("rustls", &["store", "tls", "server", "cli"]),
    ("tokio_postgres", &["config", "store"]),
    ("utoipa", &["http"]),
    ("utoipa_swagger_ui", &["http"]),
];

/// Each file of `src`: its name, its room, its lines that are no comments.
fn sources() -> Vec<(String, String, String)> {
    let sources = files(&directory("src"), "rs")
        .into_iter()
        .map(|(file, text)| {
            let room = file.split(['/', '.']).next().unwrap().to_owned();
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            let code: Vec<&str> = text.lines().filter(is_code).collect();
            (file, room, code.join("\n"))
        });
    sources.collect()
}

/// The rooms that a piece of code names as `crate::room` or within `crate::{…}`.
fn used_rooms(code: &str) -> BTreeSet<String> {
    used_below("crate::", code)
}

/// What a piece of code names below a path.
fn used_below(above: &str, code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (place, _) in code.match_indices(above) {
        let path = &code[place + above.len()..];
        let Some(list) = path.strip_prefix('{') else {
            rooms.insert(first_name(path));
            continue;
        };
        let (mut depth, mut is_start) = (0_usize, true);
        for (index, character) in list.char_indices() {
            match character {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => is_start = true,
                _ if is_start && !character.is_whitespace() => {
                    rooms.insert(first_name(&list[index..]));
                    is_start = false;
                }
                _ => {}
            }
        }
    }
    rooms
}

fn first_name(path: &str) -> String {
    path.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn rooms_are_found_in_all_forms_of_use() {
    let code =
        "use crate::a::{B, C};\nuse crate::{\n    d,\n    e::{F, g},\n};\nlet h = crate::i::J;";

    let rooms: Vec<String> = used_rooms(code).into_iter().collect();

    assert_eq!(rooms, ["a", "d", "e", "i"]);
}

#[test]
fn rooms_know_only_what_is_below_them() {
    for (file, room, code) in sources() {
        if MAY_USE_ALL.contains(&room.as_str()) {
            continue;
        }
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{file}: a new room: say above what it may use"));

        for used in used_rooms(&code) {
            let is_allowed = used == room || allowed.contains(&used.as_str());
            assert!(is_allowed, "{file} uses {used}");
        }
        assert!(
            !code.contains("super::super::"),
            "{file} leaves its room by the window"
        );
    }
}

#[test]
fn parts_of_http_know_only_what_they_share() {
    for (file, room, code) in sources() {
        let part = file.split('/').nth(1).unwrap_or_default();
        if room != "http" || part == "mod.rs" {
            continue;
        }
        let found = PARTS_OF_HTTP.iter().find(|(name, _)| *name == part);
        let (_, allowed) = found.unwrap_or_else(|| panic!("{file}: say above what it may use"));
        for used in used_below("crate::http::", &code) {
            let is_allowed = used == part || allowed.contains(&used.as_str());
            assert!(is_allowed, "{file} uses {used}");
        }
    }
}

#[test]
fn no_two_rooms_know_each_other() {
    // Follows from there being an order in which each room uses earlier ones alone.
    for (index, (room, allowed)) in MAY_USE.iter().enumerate() {
        let earlier = &MAY_USE[..index];
        for used in *allowed {
            assert!(
                earlier.iter().any(|(name, _)| name == used),
                "{room} uses {used}"
            );
        }
    }
}

#[test]
fn a_library_is_named_only_where_it_belongs() {
    for (file, room, code) in sources() {
        for (library, rooms) in LIBRARIES {
            let names_it = code
                .match_indices(&format!("{library}::"))
                .any(|(place, _)| {
                    let before = code[..place].chars().next_back().unwrap_or(' ');
                    // Not the end of a longer name, nor a module of our own or of another library.
                    !before.is_alphanumeric() && before != '_' && before != ':'
                });
            assert!(
                !names_it || rooms.contains(&room.as_str()),
                "{file} names {library}"
            );
        }
    }
}
