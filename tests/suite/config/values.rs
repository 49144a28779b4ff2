//! The values that a setting accepts.

use super::{complaint, file, load};

#[test]
fn a_bad_value_is_refused_with_the_name_of_its_variable() {
    for (name, value) in [
        ("HTTP__LISTEN", "8080"),
        ("HTTP__LISTEN", "localhost:8080"),
        ("HTTP__LISTEN", "0.0.0.0:65536"),
        ("OPS__LISTEN", "nowhere"),
        ("HTTP__WORKERS", "-1"),
        ("HTTP__WORKERS", "two"),
        ("HTTP__KEEP_ALIVE", "75"),
        ("HTTP__REQUEST_TIMEOUT", "soon"),
        ("HTTP__TRUSTED_PROXIES", "10.0.0.0/33"),
        ("HTTP__TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("HTTP__TRUSTED_PROXIES", "0.0.0.0/0"),
        ("HTTP__TRUSTED_PROXIES", "::/0"),
        ("HTTP__TRUSTED_PROXIES", "10.0.0.0/8,::/0"),
        ("HTTP__TRUSTED_PROXIES", "10.1.2.3/0"),
        ("HTTP__TRUSTED_PROXIES", "0.0.0.0/1,128.0.0.0/1"),
        ("DATABASE__URL", "mysql://localhost"),
        ("DATABASE__MAX_CONNECTIONS", "many"),
        ("DATABASE__DEADLINE", "-5s"),
        ("REDIS__URL", "localhost"),
        ("RATE_LIMIT__LIMIT", "1.5"),
        ("RATE_LIMIT__LIMIT", "-600"),
        ("RATE_LIMIT__WINDOW", "60"),
        ("RATE_LIMIT__ON_REDIS_FAILURE", "panic"),
        ("RATE_LIMIT__REPLICAS", "0"),
        ("AUTH__CACHE_CAPACITY", "1e5"),
        ("LOG__FORMAT", "xml"),
    ] {
        let variable = format!("RUBRICA__{name}");

        let complaint = complaint(None, &[(&variable, value)]);

        assert!(complaint.contains(&variable), "{value}: {complaint}");
    }
}

#[test]
fn a_value_out_of_range_is_refused_with_the_name_of_its_setting() {
    for (name, value, key) in [
        ("HTTP__REQUEST_TIMEOUT", "0s", "http.request_timeout"),
        (
            "FAIR_SHARE__COMPANY_BODY_KIB",
            "16383",
            "fair_share.company_body_kib",
        ),
        ("FAIR_SHARE__BODY_KIB", "32767", "fair_share.body_kib"),
        ("FAIR_SHARE__PAGE_KIB", "127", "fair_share.page_kib"),
        (
            "FAIR_SHARE__COMPANY_STATEMENTS",
            "0",
            "fair_share.company_statements",
        ),
        ("HTTP__BODY_RATE_KIB", "0", "http.body_rate_kib"),
        ("HTTP__WRITE_TIMEOUT", "0s", "http.write_timeout"),
        ("RATE_LIMIT__COMPANY_LIMIT", "0", "rate_limit.company_limit"),
        ("DATABASE__MAX_CONNECTIONS", "6", "database.max_connections"),
        ("BATCHING__WRITERS", "0", "batching.writers"),
        ("AUDIT__RETENTION", "29d", "audit.retention"),
        (
            "PRIVACY__DELETED_RETENTION",
            "23h",
            "privacy.deleted_retention",
        ),
        ("BATCHING__READERS", "0", "batching.readers"),
        ("BATCHING__SIZE", "0", "batching.size"),
        ("BATCHING__SIZE", "1001", "batching.size"),
        ("BATCHING__QUEUE_CAPACITY", "199", "batching.queue_capacity"),
        (
            "DATABASE__STATEMENT_TIMEOUT",
            "0s",
            "database.statement_timeout",
        ),
        ("DATABASE__LOCK_TIMEOUT", "999us", "database.lock_timeout"),
        ("DATABASE__DEADLINE", "0s", "database.deadline"),
        ("REDIS__TIMEOUT", "0s", "redis.timeout"),
        ("REDIS__PREFIX", "{rubrica}", "redis.prefix"),
        ("RATE_LIMIT__LIMIT", "0", "rate_limit"),
        ("RATE_LIMIT__WINDOW", "25h", "rate_limit"),
        ("AUTH__FAILURE_LIMIT", "0", "auth.failure_limit"),
        ("AUTH__CACHE_TTL", "0s", "auth.cache_ttl"),
        ("USAGE__FLUSH_INTERVAL", "99ms", "usage.flush_interval"),
        ("USAGE__FLUSH_INTERVAL", "31s", "usage.flush_interval"),
        ("USAGE__RETENTION", "23h", "usage.retention"),
        ("LOG__LEVEL", "rubrica=loud", "log.level"),
        ("HTTP__TLS_CERTIFICATE", "/tls.crt", "http.tls_certificate"),
        ("HTTP__TLS_KEY", "/tls.key", "http.tls_key"),
    ] {
        let complaint = complaint(None, &[(&format!("RUBRICA__{name}"), value)]);

        assert!(complaint.contains(key), "{name}={value}: {complaint}");
    }
}

#[test]
fn a_bad_value_in_a_file_is_named_with_the_file() {
    for (content, key) in [
        ("[http]\nlisten = 8080\n", "http.listen"),
        ("[http]\nkeep_alive = 75\n", "http.keep_alive"),
        (
            "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"x\"]\n",
            "http.trusted_proxies",
        ),
        ("[rate_limit]\nlimit = -1\n", "rate_limit.limit"),
        (
            "[rate_limit]\non_redis_failure = true\n",
            "rate_limit.on_redis_failure",
        ),
        (
            "[database]\nmigrate_url = [\"postgres://localhost\"]\n",
            "database.migrate_url",
        ),
    ] {
        let file = file(content);

        let complaint = complaint(Some(&file), &[]);

        assert!(complaint.contains(&format!("{key} in /")), "{complaint}");
    }
}

#[test]
fn a_list_is_a_list_in_a_file_and_a_text_with_commas_in_a_variable() {
    let file = file("[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"fd00::/8\"]\n");
    let variable = [("RUBRICA__HTTP__TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8")];

    let listed = load(Some(&file), &[]).unwrap().http.trusted_proxies;
    let separated = load(None, &variable).unwrap().http.trusted_proxies;

    assert_eq!(listed.len(), 2);
    assert_eq!(listed, separated);
}

#[test]
fn numbers_and_choices_are_read_from_variables() {
    let settings = load(
        None,
        &[
            ("RUBRICA__HTTP__WORKERS", "3"),
            ("RUBRICA__RATE_LIMIT__ON_REDIS_FAILURE", "deny"),
            ("RUBRICA__DATABASE__DEADLINE", "1s 500ms"),
            ("RUBRICA__LOG__LEVEL", "info,rubrica=debug"),
        ],
    )
    .unwrap();

    assert_eq!(settings.http.workers, 3);
    assert_eq!(
        settings.rate_limit.on_redis_failure,
        rubrica::config::OnRedisFailure::Deny
    );
    assert_eq!(settings.database.deadline.as_millis(), 1500);
}
