//! Pictures show what their text says, and the picture of the modules shows the modules.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{TOP, repository};

/// What a graph holds: its nodes, and its edges as `from->to`.
#[derive(Debug, PartialEq, Eq, Default)]
struct Graph {
    nodes: BTreeSet<String>,
    edges: BTreeSet<String>,
}

impl Graph {
    /// Reads a text in the form of `docs/images`: a node or edge a line. Edges with attributes only
    /// arrange the picture.
    fn of_text(text: &str) -> Self {
        let mut graph = Self::default();
        for line in text.lines().map(str::trim) {
            let is_word = |word: &str| {
                !word.is_empty() && word.chars().all(|it| it.is_ascii_alphabetic() || it == '_')
            };
            if is_word(line) {
                graph.nodes.insert(line.to_owned());
            } else if let Some((from, to)) = line.split_once(" -> ")
                && is_word(from)
                && is_word(to)
            {
                graph.nodes.extend([from.to_owned(), to.to_owned()]);
                graph.edges.insert(format!("{from}->{to}"));
            }
        }
        graph
    }

    /// Reads the titles that Graphviz gives to nodes and edges.
    fn of_svg(svg: &str) -> Self {
        let groups = svg.split("<g id=\"").skip(1);
        let mut graph = Self::default();
        for group in groups {
            let title = group
                .split("<title>")
                .nth(1)
                .and_then(|rest| rest.split("</title>").next());
            let title = title.unwrap_or_default().replace("&#45;&gt;", "->");
            if group.starts_with("node") {
                graph.nodes.insert(title);
            } else if group.starts_with("edge") {
                graph.edges.insert(title);
            }
        }
        graph
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(TOP).join(path)).expect("a text")
}

fn architecture() -> Graph {
    Graph::of_text(&read("docs/images/architecture.dot"))
}

#[test]
fn every_picture_shows_what_its_text_says() {
    let files = repository();
    let texts = files.iter().filter_map(|path| path.strip_suffix(".dot"));
    let mut count = 0;
    for name in texts {
        let text = Graph::of_text(&read(&format!("{name}.dot")));
        let picture = Graph::of_svg(&read(&format!("{name}.svg")));
        assert_eq!(picture, text, "{name}: run `make pictures`");
        count += 1;
    }
    assert!(count > 0, "pictures are found");
}

#[test]
fn the_picture_of_the_modules_shows_each_module() {
    let files = repository();
    let modules: BTreeSet<String> = files
        .iter()
        .filter_map(|path| path.strip_prefix("src/"))
        .filter(|path| !path.contains('/'))
        .map(|path| path.trim_end_matches(".rs").to_owned())
        .filter(|name| !matches!(name.as_str(), "lib" | "main"))
        .collect();

    let shown = architecture().nodes.into_iter();
    // Servers are written with a capital letter.
    let shown = shown.filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()));

    assert_eq!(shown.collect::<BTreeSet<String>>(), modules);
}

#[test]
fn each_arrow_of_that_picture_is_a_dependency() {
    let files = repository();
    for edge in architecture().edges {
        let (from, to) = edge.split_once("->").expect("an edge");
        if to.starts_with(|first: char| first.is_ascii_uppercase()) {
            continue;
        }
        let is_of_module = |path: &&String| {
            path.starts_with(&format!("src/{from}/")) || **path == format!("src/{from}.rs")
        };
        let mut sources = files
            .iter()
            .filter(is_of_module)
            .filter(|path| Path::new(path).extension() == Some("rs".as_ref()));
        assert!(sources.any(|path| uses(&read(path), to)), "{edge}");
    }
}

/// Whether a source uses a module of the crate, alone or in a list.
fn uses(source: &str, module: &str) -> bool {
    let is_it = |name: &str| {
        let name = name.trim_start();
        name.strip_prefix(module).is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
        })
    };
    source
        .split("crate::")
        .skip(1)
        .any(|used| match used.strip_prefix('{') {
            Some(list) => list
                .split(';')
                .next()
                .unwrap_or_default()
                .split(',')
                .any(is_it),
            None => is_it(used),
        })
}

#[test]
fn a_use_is_found_alone_and_in_a_list() {
    assert!(uses("use crate::store::Store;", "store"));
    assert!(uses("use crate::{auth, store, tls};", "store"));
    assert!(!uses("use crate::stores::Store;", "store"));
    assert!(!uses("use crate::auth::store;", "store"));
}
