//! Files of `src` import in one direction: no file leads back to itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{directory, files};

/// A path of names, from the root of the crate on.
type Path = Vec<String>;

/// One file of the crate: what it imports, and what it only passes on.
struct Source {
    file: String,
    module: Path,
    imports: Vec<Path>,
    exports: BTreeMap<String, Path>,
}

struct Crate {
    sources: Vec<Source>,
    modules: BTreeMap<Path, usize>,
}

impl Crate {
    fn read(files: &[(String, String)]) -> Self {
        let sources: Vec<Source> = files
            .iter()
            .map(|(file, text)| read_source(file, text))
            .collect();
        let modules = sources.iter().enumerate();
        let modules = modules.map(|(index, source)| (source.module.clone(), index));
        Self {
            modules: modules.collect(),
            sources,
        }
    }

    /// The file that defines what a path leads to.
    fn definition(&self, path: &[String]) -> Option<usize> {
        let mut path = path.to_vec();
        // A name may be passed on several times.
        for _ in 0..8 {
            let depth = (1..=path.len())
                .rev()
                .find(|depth| self.modules.contains_key(&path[..*depth]))?;
            let found = self.modules[&path[..depth]];
            let name = path.get(depth);
            match name.and_then(|name| self.sources[found].exports.get(name)) {
                Some(target) => path = [target.as_slice(), &path[depth + 1..]].concat(),
                None => return Some(found),
            }
        }
        None
    }

    /// The files that each file needs. Not counted is the module that it is a part of: methods of
    /// its types stand in several files.
    fn arrows(&self) -> Vec<BTreeSet<usize>> {
        let arrows = self.sources.iter().map(|source| {
            let needed = source
                .imports
                .iter()
                .filter_map(|path| self.definition(path));
            let is_part = |of: &usize| source.module.starts_with(&self.sources[*of].module);
            needed.filter(|needed| !is_part(needed)).collect()
        });
        arrows.collect()
    }

    /// Files that need each other: those that stay when all are taken away, again and again, that need
    /// no other or are needed by no other.
    fn circles(&self) -> Vec<String> {
        let arrows = self.arrows();
        let mut left: BTreeSet<usize> = (0..arrows.len()).collect();
        loop {
            let stays = |file: &usize| {
                let needs = arrows[*file].iter().any(|needed| left.contains(needed));
                needs && left.iter().any(|other| arrows[*other].contains(file))
            };
            let kept: BTreeSet<usize> = left.iter().copied().filter(stays).collect();
            if kept.len() == left.len() {
                break;
            }
            left = kept;
        }
        let name = |file: &usize| self.sources[*file].file.clone();
        let lines = left.iter().map(|file| {
            let needed: Vec<String> = arrows[*file].intersection(&left).map(name).collect();
            format!("{} needs {}", name(file), needed.join(", "))
        });
        lines.collect()
    }
}

fn read_source(file: &str, text: &str) -> Source {
    let names = file.trim_end_matches(".rs").split('/').map(str::to_owned);
    let mut module: Path = names.collect();
    module.pop_if(|name| matches!(name.as_str(), "mod" | "lib"));
    let (mut imports, mut exports) = (Vec::new(), BTreeMap::new());
    for (is_export, tree) in uses(text) {
        for (path, name) in expand(&tree) {
            let path = absolute(&path, &module);
            if is_export {
                exports.insert(name, path);
            } else {
                imports.push(path);
            }
        }
    }
    Source {
        file: file.to_owned(),
        module,
        imports,
        exports,
    }
}

/// The trees of a file's `use`, outside of its tests, and whether they only pass something on.
fn uses(text: &str) -> Vec<(bool, String)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find("use ") {
        let line = rest[..start].rsplit('\n').next().unwrap_or_default();
        rest = &rest[start + "use ".len()..];
        let is_declared = line.is_empty() || (line.starts_with("pub") && line.ends_with(' '));
        if is_declared && let Some((tree, after)) = rest.split_once(';') {
            found.push((line.starts_with("pub"), tree.to_owned()));
            rest = after;
        }
    }
    found
}

/// The paths of a tree, and the name that each gets.
fn expand(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    let Some((prefix, list)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let name = if alias.is_empty() {
            path.rsplit("::").next().unwrap_or_default()
        } else {
            alias
        };
        let path = path.trim_end_matches("::self");
        return vec![(path.to_owned(), name.trim().to_owned())];
    };
    let list = list.rsplit_once('}').map_or(list, |(list, _)| list);
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (place, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    items.push(&list[start..]);
    items.retain(|item| !item.trim().is_empty());
    let expanded = items
        .into_iter()
        .flat_map(|item| expand(&format!("{prefix}{}", item.trim())));
    expanded.collect()
}

/// A path from the root of the crate on. One of another crate leads nowhere from here.
fn absolute(path: &str, module: &[String]) -> Path {
    let (first, rest) = path.split_once("::").unwrap_or((path, ""));
    let (start, rest) = match first {
        "crate" => (&module[..0], rest),
        "self" => (module, rest),
        "super" => (&module[..module.len().saturating_sub(1)], rest),
        _ => (module, path),
    };
    let rest = rest.split("::").filter(|name| !name.is_empty());
    start
        .iter()
        .cloned()
        .chain(rest.map(str::to_owned))
        .collect()
}

#[test]
fn circles_are_found_through_names_that_are_passed_on() {
    let crate_of = |last: &str| {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        Crate::read(&[
            file("a.rs", "use crate::b::{C, d as e};\n"),
            file("b/mod.rs", "mod c;\npub use c::C;\n"),
            file("b/c.rs", last),
        ])
    };

    assert!(crate_of("use std::fmt;\n").circles().is_empty());
    let expected = ["a.rs needs b/c.rs", "b/c.rs needs a.rs"];
    assert_eq!(crate_of("use crate::a::F;\n").circles(), expected);
}

#[test]
fn no_file_leads_back_to_itself() {
    let sources = Crate::read(&files(&directory("src"), "rs"));
    assert!(
        sources
            .sources
            .iter()
            .any(|source| !source.imports.is_empty())
    );

    assert_eq!(sources.circles(), [""; 0]);
}
