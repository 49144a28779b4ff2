//! The modules of `src`, and the direction of their dependencies.

use std::collections::BTreeSet;

use super::{directory, files};

/// The modules that each module may use. `main` and `lib` only declare modules.
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

/// The parts of `http` that each part may use: neither API uses the other one or the console.
const PARTS_OF_HTTP: [(&str, &[&str]); 6] = [
    ("shared", &[]),
    ("openapi", &["shared"]),
    ("public", &["openapi", "shared"]),
    ("admin", &["openapi", "shared"]),
    ("console", &["shared"]),
    ("ops", &["shared"]),
];

/// Modules that may use every other one.
const MAY_USE_ALL: [&str; 3] = ["cli", "lib", "main"];

/// Libraries that only these modules may use.
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

/// Each file of `src`: its name, its module, and its lines without comments.
fn sources() -> Vec<(String, String, String)> {
    let sources = files(&directory("src"), "rs")
        .into_iter()
        .map(|(file, text)| {
            let module = file.split(['/', '.']).next().unwrap().to_owned();
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            let code: Vec<&str> = text.lines().filter(is_code).collect();
            (file, module, code.join("\n"))
        });
    sources.collect()
}

/// The modules that a piece of code names as `crate::module` or within `crate::{…}`.
fn used_modules(code: &str) -> BTreeSet<String> {
    used_below("crate::", code)
}

/// What a piece of code names below a path.
fn used_below(above: &str, code: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for (place, _) in code.match_indices(above) {
        let path = &code[place + above.len()..];
        let Some(list) = path.strip_prefix('{') else {
            modules.insert(first_name(path));
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
                    modules.insert(first_name(&list[index..]));
                    is_start = false;
                }
                _ => {}
            }
        }
    }
    modules
}

fn first_name(path: &str) -> String {
    path.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn every_form_of_use_is_found() {
    let code =
        "use crate::a::{B, C};\nuse crate::{\n    d,\n    e::{F, g},\n};\nlet h = crate::i::J;";

    let modules: Vec<String> = used_modules(code).into_iter().collect();

    assert_eq!(modules, ["a", "d", "e", "i"]);
}

#[test]
fn modules_use_only_the_modules_below_them() {
    for (file, module, code) in sources() {
        if MAY_USE_ALL.contains(&module.as_str()) {
            continue;
        }
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("{file}: add the new module to MAY_USE"));

        for used in used_modules(&code) {
            let is_allowed = used == module || allowed.contains(&used.as_str());
            assert!(is_allowed, "{file} uses {used}");
        }
        assert!(
            !code.contains("super::super::"),
            "{file} bypasses the exports of its module"
        );
    }
}

#[test]
fn parts_of_http_use_only_their_shared_parts() {
    for (file, module, code) in sources() {
        let part = file.split('/').nth(1).unwrap_or_default();
        if module != "http" || part == "mod.rs" {
            continue;
        }
        let found = PARTS_OF_HTTP.iter().find(|(name, _)| *name == part);
        let (_, allowed) = found.unwrap_or_else(|| panic!("{file}: add it to PARTS_OF_HTTP"));
        for used in used_below("crate::http::", &code) {
            let is_allowed = used == part || allowed.contains(&used.as_str());
            assert!(is_allowed, "{file} uses {used}");
        }
    }
}

#[test]
fn no_two_modules_use_each_other() {
    // Because each module uses only earlier ones in this order.
    for (index, (module, allowed)) in MAY_USE.iter().enumerate() {
        let earlier = &MAY_USE[..index];
        for used in *allowed {
            assert!(
                earlier.iter().any(|(name, _)| name == used),
                "{module} uses {used}"
            );
        }
    }
}

#[test]
fn a_library_is_used_only_where_it_belongs() {
    for (file, module, code) in sources() {
        for (library, modules) in LIBRARIES {
            let names_it = code
                .match_indices(&format!("{library}::"))
                .any(|(place, _)| {
                    let before = code[..place].chars().next_back().unwrap_or(' ');
                    // Not the end of a longer name, nor a module of our own or of another library.
                    !before.is_alphanumeric() && before != '_' && before != ':'
                });
            assert!(
                !names_it || modules.contains(&module.as_str()),
                "{file} names {library}"
            );
        }
    }
}
