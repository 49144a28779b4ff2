//! Lists the files of `sql/migrations` for `store::schema::migrations`, so that a migration is one file.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=sql/migrations");
    let directory = format!("{}/sql/migrations", env::var("CARGO_MANIFEST_DIR")?);
    let mut migrations: Vec<(usize, String, String)> = Vec::new();
    for entry in fs::read_dir(&directory)? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let (version, name) = version_and_name(&file)
            .ok_or_else(|| format!("sql/migrations/{file} is not named V<number>__<name>.sql"))?;
        migrations.push((version, name, format!("{directory}/{file}")));
    }
    migrations.sort();

    let mut list = String::from("[\n");
    for (position, (version, name, path)) in migrations.iter().enumerate() {
        let expected = position + 1;
        if *version != expected {
            return Err(format!("sql/migrations has V{version} where V{expected} is due").into());
        }
        writeln!(
            list,
            "Migration {{ version: {version}, name: {name:?}, sql: include_str!({path:?}) }},"
        )?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), list)?;
    Ok(())
}

/// The parts of a file name such as `V1__tables.sql`.
fn version_and_name(file: &str) -> Option<(usize, String)> {
    let stem = file.strip_suffix(".sql")?;
    let (version, name) = stem.strip_prefix('V')?.split_once("__")?;
    Some((version.parse().ok()?, name.to_owned()))
}
