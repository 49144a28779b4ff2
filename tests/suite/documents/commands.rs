//! Commands of `rubrica` and their options that the documents name exist.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory};
use rubrica::cli::Cli;

use super::{Document, check, documents, sample};

const PROGRAM: &str = "rubrica";
/// What ends a command in a line of a shell.
const ENDS: [&str; 6] = ["|", "<", ">", "#", "&&", ";"];
/// What stands before a command in a line of a shell.
const STARTS: [&str; 4] = ["|", "--", "exec rubrica", "exec rubrica --"];

fn program() -> Command {
    let mut program = Cli::command();
    program.build();
    program
}

/// The commands in a line of a shell, each without the program's name.
fn commands_of_line(line: &str) -> Vec<Vec<&str>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_start = |place: usize| {
        let before = words[..place].join(" ");
        place == 0 || STARTS.iter().any(|start| before.ends_with(start))
    };
    let starts = (0..words.len()).filter(|place| words[*place] == PROGRAM && is_start(*place));
    starts
        .map(|start| {
            let words = words[start + 1..].iter().copied();
            words.take_while(|word| !ENDS.contains(word)).collect()
        })
        .collect()
}

/// The commands that a document names. In a sentence the program may be left out: `key list`.
fn commands_of(document: &Document) -> Vec<Vec<&str>> {
    let groups: BTreeSet<String> = program()
        .get_subcommands()
        .filter(|command| command.has_subcommands() && command.get_name() != "help")
        .map(|command| command.get_name().to_owned())
        .collect();
    let mut found = Vec::new();
    for code in &document.code {
        let words: Vec<&str> = code.split_whitespace().collect();
        match words.split_first() {
            Some((&PROGRAM, rest)) => found.push(rest.to_vec()),
            Some((first, rest)) if groups.contains(*first) && !rest.is_empty() => {
                found.push(words);
            }
            _ => {}
        }
    }
    let lines = document.commands.iter();
    found.extend(lines.flat_map(|line| commands_of_line(line)));
    found
}

fn has_option(command: &Command, option: &str) -> bool {
    let name = option.trim_start_matches("--").split('=').next();
    command
        .get_arguments()
        .any(|argument| argument.get_long() == name)
}

/// What is wrong with a command.
fn fault(words: &[&str]) -> Option<String> {
    let program = program();
    let mut command = &program;
    for word in words {
        if word.starts_with("--") {
            if !has_option(command, word) {
                return Some(format!("{} has no option {word}", command.get_name()));
            }
        } else if command.has_subcommands() && *word != "…" {
            match command.find_subcommand(word) {
                Some(found) => command = found,
                None => return Some(format!("{} has no command {word}", command.get_name())),
            }
        }
    }
    None
}

/// An option that stands alone has to be one of some command.
fn fault_of_option(code: &str, commands: &[Command]) -> Option<String> {
    let option = code.split_whitespace().next()?;
    let is_unknown = option.starts_with("--")
        && option.len() > 2
        && !commands.iter().any(|command| has_option(command, option));
    is_unknown.then(|| format!("no command has the option {option}"))
}

/// All commands, those within others too.
fn all(command: &Command) -> Vec<Command> {
    let inner = command.get_subcommands().flat_map(all);
    std::iter::once(command.clone()).chain(inner).collect()
}

fn faults(document: &Document) -> Vec<String> {
    let commands = commands_of(document);
    let of_commands = commands.iter().filter_map(|words| fault(words));
    let all = all(&program());
    let options = document.code.iter();
    let of_options = options.filter_map(|code| fault_of_option(code, &all));
    of_commands.chain(of_options).collect()
}

#[test]
fn every_command_and_option_that_a_document_names_exists() {
    check(faults);
}

#[test]
fn the_guides_name_every_command() {
    let documents = documents();
    let named: Vec<Vec<&str>> = documents.iter().flat_map(commands_of).collect();
    let program = program();
    for command in program.get_subcommands() {
        let name = command.get_name();
        let mut paths: Vec<Vec<&str>> = command
            .get_subcommands()
            .map(|inner| vec![name, inner.get_name()])
            .collect();
        if paths.is_empty() {
            paths.push(vec![name]);
        }
        for path in paths.into_iter().filter(|path| !path.contains(&"help")) {
            let is_named = named.iter().any(|words| words.starts_with(&path));
            assert!(is_named, "no document names rubrica {}", path.join(" "));
        }
    }
}

#[test]
fn a_command_or_option_that_does_not_exist_is_found() {
    let document = sample(
        "`rubrica migrate` `key list` `rubrica admin …` `--json` `rubrica --version` `key` \
         `rubrica serv` `key lst` `--jsn`\n\n```sh\necho \"$PASSWORD\" | rubrica admin create --email a \
         --compny 1 | cat\nkubectl --namespace rubrica exec deployment/rubrica -- rubrica key create --nam x\n```\n",
    );

    let faults = faults(&document);

    let expected = [
        "rubrica has no command serv",
        "key has no command lst",
        "create has no option --compny",
        "create has no option --nam",
        "no command has the option --jsn",
    ];
    assert_eq!(faults, expected);
}
