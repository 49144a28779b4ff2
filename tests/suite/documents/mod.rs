//! The documents: every link leads somewhere, and what they name exists.

mod commands;
mod links;
mod names;
mod paths;
mod pictures;
mod readme;
mod served;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

const TOP: &str = env!("CARGO_MANIFEST_DIR");
/// Directories that are not part of the repository: builds, installed programs, the state of `make run`.
const NOT_OURS: [&str; 9] = [
    ".git",
    "target",
    "node_modules",
    ".rubrica",
    ".bench",
    ".chaos",
    ".venv",
    ".pytest_cache",
    "__pycache__",
];
/// Documents that speak about other times: their links are followed, and their names are not looked up.
const HISTORY: [&str; 2] = ["CHANGELOG.md", "docs/decisions/"];

/// A Markdown file of the repository.
struct Document {
    /// Its path from the top.
    name: String,
    text: String,
    /// The anchors of its headings.
    anchors: BTreeSet<String>,
    /// Where its links and images lead.
    links: Vec<String>,
    /// The code in its sentences and tables.
    code: Vec<String>,
    /// The commands in its shell examples; those that continue on the next line are one.
    commands: Vec<String>,
}

impl Document {
    fn parse(name: &str, text: String) -> Self {
        let mut document = Self {
            name: name.to_owned(),
            text: String::new(),
            anchors: BTreeSet::new(),
            links: Vec::new(),
            code: Vec::new(),
            commands: Vec::new(),
        };
        let mut heading = None::<String>;
        let mut shell = None::<String>;
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    document.add_anchor(&heading.take().unwrap_or_default());
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push(dest_url.into_string());
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language)))
                    if &*language == "sh" =>
                {
                    shell = Some(String::new());
                }
                Event::End(TagEnd::CodeBlock) => {
                    let lines = shell.take().unwrap_or_default().replace("\\\n", " ");
                    document.commands.extend(lines.lines().map(str::to_owned));
                }
                Event::Text(text) => {
                    for open in [&mut heading, &mut shell].into_iter().flatten() {
                        open.push_str(&text);
                    }
                }
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&code);
                    }
                    document.code.push(code.into_string());
                }
                _ => {}
            }
        }
        document.text = text;
        document
    }

    /// Adds the anchor of a heading, as GitHub makes it; a second one of the same text gets a number.
    fn add_anchor(&mut self, heading: &str) {
        let is_kept =
            |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_');
        let kept: String = heading.to_lowercase().chars().filter(is_kept).collect();
        let anchor = kept.replace(' ', "-");
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let mut names = std::iter::once(anchor.clone()).chain(numbered);
        let free = names.find(|name| !self.anchors.contains(name));
        self.anchors.extend(free);
    }

    /// Whether it describes the present.
    fn is_current(&self) -> bool {
        !HISTORY.iter().any(|history| self.name.starts_with(history))
    }
}

/// All files and directories of the repository, by their paths from the top.
fn repository() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![String::new()];
    while let Some(directory) = waiting.pop() {
        let entries = fs::read_dir(Path::new(TOP).join(&directory)).expect("a directory");
        for entry in entries {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            let path = match directory.as_str() {
                "" => name,
                directory => format!("{directory}/{name}"),
            };
            if entry.file_type().expect("a type").is_dir() {
                waiting.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

/// All documents. What is below `src` is text of the OpenAPI documents.
fn documents() -> Vec<Document> {
    let is_document = |path: &&String| {
        Path::new(path).extension().is_some_and(|it| it == "md") && !path.starts_with("src/")
    };
    let files = repository();
    let documents = files.iter().filter(is_document).map(|path| {
        let text = fs::read_to_string(Path::new(TOP).join(path)).expect("a text");
        Document::parse(path, text)
    });
    documents.collect()
}

/// Fails with all that is wrong with the documents that describe the present.
#[track_caller]
fn check(mut faults_of: impl FnMut(&Document) -> Vec<String>) {
    let documents = documents();
    assert!(documents.len() > 20, "documents are found");
    let current = documents.iter().filter(|document| document.is_current());
    let faults: Vec<String> = current
        .flat_map(|document| {
            let faults = faults_of(document).into_iter();
            faults.map(|fault| format!("{}: {fault}", document.name))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A document of a test.
fn sample(text: &str) -> Document {
    Document::parse("docs/sample.md", text.to_owned())
}
