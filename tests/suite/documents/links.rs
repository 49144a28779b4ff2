//! Links lead to a file of the repository, and to a heading of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Document, documents, repository, sample};

/// The path of a relative link from the top; `None`: it leads out of the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut segments: Vec<&str> = from.split('/').collect();
    segments.pop();
    for segment in link.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

/// The file and the anchor that a link leads to; `None` for another site.
fn target(document: &Document, link: &str) -> Option<(String, String)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let path = match path {
        "" => document.name.clone(),
        path => resolve(&document.name, path).unwrap_or_else(|| path.to_owned()),
    };
    Some((path, anchor.to_owned()))
}

fn broken(
    document: &Document,
    files: &BTreeSet<String>,
    anchors: &BTreeMap<&str, &BTreeSet<String>>,
) -> Vec<String> {
    let is_broken = |link: &&String| {
        let Some((path, anchor)) = target(document, link) else {
            return false;
        };
        let has_anchor = || {
            let anchors = anchors.get(path.as_str());
            anchors.is_some_and(|anchors| anchors.contains(&anchor))
        };
        !files.contains(&path) || !(anchor.is_empty() || has_anchor())
    };
    let broken = document.links.iter().filter(is_broken);
    broken
        .map(|link| format!("{}: {link} leads nowhere", document.name))
        .collect()
}

fn anchors(documents: &[Document]) -> BTreeMap<&str, &BTreeSet<String>> {
    let anchors = documents.iter().map(|it| (it.name.as_str(), &it.anchors));
    anchors.collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let documents = documents();
    let (files, anchors) = (repository(), anchors(&documents));

    let broken: Vec<String> = documents
        .iter()
        .flat_map(|document| broken(document, &files, &anchors))
        .collect();

    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_document_is_reached_from_the_readme() {
    let documents = documents();
    let mut reached = BTreeSet::from(["README.md".to_owned()]);
    let mut waiting = vec!["README.md".to_owned()];
    while let Some(name) = waiting.pop() {
        let document = documents.iter().find(|document| document.name == name);
        for link in document.iter().flat_map(|document| &document.links) {
            if let Some((path, _)) = document.and_then(|document| target(document, link))
                && reached.insert(path.clone())
            {
                waiting.push(path);
            }
        }
    }

    let unreached: Vec<&str> = documents
        .iter()
        .map(|document| document.name.as_str())
        .filter(|name| !reached.contains(*name))
        .collect();
    assert!(unreached.is_empty(), "{unreached:?}");
}

#[test]
fn a_broken_link_is_found() {
    let document = sample(
        "# A heading, with `code`\n## Twice\n## Twice\n[a](#a-heading-with-code) [b](#twice-1) \
         [c](../README.md) [d](../README.md#nothing) [e](nothing.md) [f](https://example.com/x#y) \
         [g](#nothing)",
    );
    let documents = [document];

    let mut files = repository();
    files.insert(documents[0].name.clone());
    let broken = broken(&documents[0], &files, &anchors(&documents));

    let links: Vec<_> = ["../README.md#nothing", "nothing.md", "#nothing"]
        .map(|link| format!("docs/sample.md: {link} leads nowhere"))
        .into();
    assert_eq!(broken, links);
}
