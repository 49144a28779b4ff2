//! One list of each API holds its endpoints: what is served is what is documented.

use super::{directory, files};

#[test]
fn an_api_serves_nothing_beside_its_list_of_endpoints() {
    for (file, source) in files(&directory("src/http"), "rs") {
        let is_api = file.starts_with("public/") || file.starts_with("admin/");
        for registers in ["web::to(", "web::resource(", "web::scope(", ".route("] {
            assert!(
                !(is_api && source.contains(registers)),
                "{file}: {registers}"
            );
        }
    }
}
