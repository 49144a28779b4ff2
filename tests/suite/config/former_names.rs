//! A setting that was renamed keeps its former name for one release.

use std::collections::BTreeSet;

use rubrica::config::FORMER_NAMES;

use super::{complaint, file, load, path};
use crate::harness::Binary;

/// The former names of these settings, as `section.key`.
pub fn former_names_of<'a>(settings: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let former = |setting: &String| {
        FORMER_NAMES.iter().find_map(|(former, current)| {
            let rest = setting.strip_prefix(current)?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{former}{rest}"))
        })
    };
    settings.filter_map(former).collect()
}

#[test]
fn a_file_and_variables_may_use_former_names() {
    let file = file("[groups]\nwriters = 3\nat_once = 4\n[batching]\nreaders = 5\n");

    let settings = load(Some(&file), &[("RUBRICA__GROUPS__SIZE", "50")]).unwrap();

    let batching = settings.batching;
    assert_eq!((batching.writers, batching.direct_connections), (3, 4));
    assert_eq!((batching.readers, batching.size), (5, 50));
}

#[test]
fn a_variable_with_a_former_name_overrides_a_file_with_that_name() {
    let file = file("[groups]\nsize = 20\n");

    let settings = load(Some(&file), &[("RUBRICA__GROUPS__SIZE", "50")]).unwrap();

    assert_eq!(settings.batching.size, 50);
}

#[test]
fn two_names_of_one_setting_are_refused_with_the_one_to_remove() {
    let text = "[groups]\nat_once = 4\n";
    let both = file("[groups]\nat_once = 4\n[batching]\ndirect_connections = 4\n");
    let former = file(text);
    let mixed = file("[groups]\nat_once = 4\ndirect_connections = 4\n");
    let in_file = |file| format!("groups.at_once in {}", path(file));

    for (file, variables, remove) in [
        (Some(&both), &[][..], in_file(&both)),
        (Some(&mixed), &[], in_file(&mixed)),
        (
            Some(&former),
            &[("RUBRICA__BATCHING__DIRECT_CONNECTIONS", "4")],
            in_file(&former),
        ),
        (
            None,
            &[
                ("RUBRICA__BATCHING__SIZE", "20"),
                ("RUBRICA__GROUPS__SIZE", "20"),
            ],
            "RUBRICA__GROUPS__SIZE".to_owned(),
        ),
    ] {
        let complaint = complaint(file, variables);

        assert!(
            complaint.contains(&format!("remove {remove}")),
            "{complaint}"
        );
    }
}

#[test]
fn a_wrong_value_is_refused_with_the_name_that_was_used() {
    let complaint = complaint(None, &[("RUBRICA__GROUPS__AT_ONCE", "many")]);

    assert!(
        complaint.contains("RUBRICA__GROUPS__AT_ONCE"),
        "{complaint}"
    );
}

#[tokio::test]
async fn one_warning_names_the_new_names() {
    let file = file("[groups]\nwriters = 1\n");
    let rubrica = Binary::without_database()
        .set("RUBRICA_CONFIG", path(&file))
        .set("RUBRICA__GROUPS__AT_ONCE", "1");
    let renamed = format!(
        "the next release rejects former names of settings: \
         RUBRICA__GROUPS__AT_ONCE is now RUBRICA__BATCHING__DIRECT_CONNECTIONS; \
         groups.writers in {} is now batching.writers",
        path(&file)
    );

    let run = rubrica.run(&["check-config"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(run.errors, format!("rubrica: warning: {renamed}\n"));
    let shown: toml::Table = run.output.parse().expect("TOML");
    assert_eq!(shown["batching"]["writers"].as_integer(), Some(1));
    assert!(!shown.contains_key("groups"));

    let serving = rubrica.serve().await;
    let logged = serving.until_log("former names").await;
    assert_eq!(logged["level"], "WARN");
    assert_eq!(logged["message"], renamed);
    let log = serving.log();
    assert_eq!(
        log.iter().filter(|it| it.contains("former names")).count(),
        1
    );
}

#[test]
fn current_names_are_accepted_without_a_warning() {
    let rubrica = Binary::without_database().set("RUBRICA__BATCHING__SIZE", "50");

    let shown: toml::Table = rubrica.run(&["check-config"]).text().parse().expect("TOML");

    assert_eq!(shown["batching"]["size"].as_integer(), Some(50));
}
