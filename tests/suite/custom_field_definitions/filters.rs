//! `GET /public/v1/contacts?customFields.<key>=<value>`

use serde_json::{Value, json};

use crate::harness::{Tenant, TestApp};

async fn define(app: &TestApp, tenant: &Tenant, key: &str, field_type: &str) {
    let body = json!({"key": key, "type": field_type, "filterable": true});
    let answer = app.define(&tenant.key, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

async fn store(app: &TestApp, tenant: &Tenant, name: &str, custom_fields: Value) -> String {
    let body = json!({"email": format!("{name}@example.com"), "customFields": custom_fields});
    let result = app.upsert(&tenant.key, &body).await.result();
    result["contactId"].as_str().unwrap().to_owned()
}

/// The names of the contacts that a query finds, over all pages.
async fn found(app: &TestApp, tenant: &Tenant, query: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = app
            .list_contacts(&tenant.key, &format!("limit=2&{query}{cursor}"))
            .await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        let page = answer.json();
        for contact in page["data"].as_array().unwrap() {
            let email = contact["email"].as_str().unwrap();
            names.push(email.trim_end_matches("@example.com").to_owned());
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return names,
        }
    }
}

#[tokio::test]
async fn contacts_are_found_by_the_values_that_they_hold_now() {
    let app = TestApp::start().await;
    let (tenant, stranger) = (app.tenant().await, app.tenant().await);
    store(&app, &tenant, "before", json!({"plan": "pro"})).await;
    define(&app, &tenant, "plan", "text").await;
    define(&app, &stranger, "plan", "text").await;
    for name in ["a", "b", "c"] {
        store(&app, &tenant, name, json!({"plan": "pro", "n": 1})).await;
    }
    store(&app, &tenant, "other", json!({"plan": "free"})).await;
    store(&app, &stranger, "stranger", json!({"plan": "pro"})).await;

    assert_eq!(
        found(&app, &tenant, "customFields.plan=pro").await,
        ["before", "a", "b", "c"]
    );
    store(&app, &tenant, "b", json!({"plan": "free"})).await;
    store(&app, &tenant, "c", json!({"plan": null})).await;
    let id = store(&app, &tenant, "a", json!({"n": 2})).await;
    assert_eq!(
        found(&app, &tenant, "customFields.plan=pro").await,
        ["before", "a"]
    );
    app.put_contact(&tenant.key, &id, &json!({"customFields": {"plan": "free"}}))
        .await;
    assert_eq!(
        found(&app, &tenant, "customFields.PLAN=free").await,
        ["a", "b", "other"]
    );
    assert_eq!(
        found(&app, &stranger, "customFields.plan=pro").await,
        ["stranger"]
    );
}

#[tokio::test]
async fn values_are_compared_by_their_type() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    for (key, field_type) in [
        ("n", "number"),
        ("vip", "boolean"),
        ("born", "date"),
        ("t", "text"),
    ] {
        define(&app, &tenant, key, field_type).await;
    }
    let long = "x".repeat(5000);
    store(
        &app,
        &tenant,
        "a",
        json!({"n": 1.50, "vip": true, "born": "2000-01-31"}),
    )
    .await;
    store(
        &app,
        &tenant,
        "b",
        json!({"n": 1e3, "vip": false, "t": "grün & blau"}),
    )
    .await;
    store(&app, &tenant, "c", json!({"t": long})).await;
    store(&app, &tenant, "d", json!({"T": "two", "t": "one"})).await;

    for (query, names) in [
        ("customFields.n=1.5", vec!["a"]),
        ("customFields.n=15e-1", vec!["a"]),
        ("customFields.n=1000.0", vec!["b"]),
        ("customFields.n=2", vec![]),
        ("customFields.vip=false", vec!["b"]),
        ("customFields.born=2000-01-31", vec!["a"]),
        ("customFields.t=gr%C3%BCn%20%26%20blau", vec!["b"]),
        (&format!("customFields.t={long}"), vec!["c"]),
        ("customFields.t=one", vec!["d"]),
        ("customFields.t=two", vec!["d"]),
        ("customFields.vip=true&customFields.n=1.5", vec!["a"]),
        ("customFields.vip=true&customFields.n=1000", vec![]),
    ] {
        assert_eq!(found(&app, &tenant, query).await, names, "{query}");
    }
    for query in [
        "customFields.n=one",
        "customFields.n=1e999999",
        "customFields.vip=yes",
        "customFields.born=31.01.2000",
        "customFields.t=%00",
    ] {
        let answer = app.list_contacts(&tenant.key, query).await;
        answer.error(422, "validation_error");
    }
}

#[tokio::test]
async fn filters_combine_with_deletion_and_consent() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    define(&app, &tenant, "plan", "text").await;
    for name in ["a", "b", "c", "d", "e"] {
        store(&app, &tenant, name, json!({"plan": "pro"})).await;
    }
    let consent =
        json!({"email": "b@example.com", "marketingConsent": {"email": true, "whatsapp": false}});
    app.upsert(&tenant.key, &consent).await.result();
    for name in ["a", "c", "d"] {
        let id = store(&app, &tenant, name, json!({})).await;
        assert_eq!(app.delete_contact(&tenant.key, &id).await.status, 204);
    }
    store(&app, &tenant, "d", json!({})).await;

    for (query, names) in [
        ("", vec!["b", "d", "e"]),
        ("&deleted=only", vec!["a", "c"]),
        ("&deleted=include", vec!["a", "b", "c", "d", "e"]),
        ("&consent.email=true", vec!["b"]),
        ("&consent.email=true&consent.whatsapp=true", vec![]),
    ] {
        let query = format!("customFields.plan=pro{query}");
        assert_eq!(found(&app, &tenant, &query).await, names, "{query}");
    }
}

#[tokio::test]
async fn filtering_by_an_unfilterable_field_is_refused_with_the_remedy() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let list = || app.list_contacts(&tenant.key, "customFields.plan=pro");

    let undefined = list().await.error(422, "validation_error");
    app.define(&tenant.key, &json!({"key": "plan", "type": "text"}))
        .await;
    let defined = list().await.error(422, "validation_error");
    app.redefine(&tenant.key, "plan", &json!({"filterable": true}))
        .await;
    assert_eq!(list().await.status, 200);
    app.redefine(&tenant.key, "plan", &json!({"filterable": false}))
        .await;
    let no_longer = list().await.error(422, "validation_error");

    for (error, how) in [
        (undefined, "POST /public/v1/custom-fields"),
        (defined, "PATCH /public/v1/custom-fields/PLAN"),
        (no_longer, "PATCH /public/v1/custom-fields/PLAN"),
    ] {
        assert_eq!(error["details"]["field"], "customFields.plan");
        assert!(error["message"].as_str().unwrap().contains(how), "{error}");
    }
}

#[tokio::test]
async fn an_update_of_other_fields_is_a_hot_update_and_writes_no_filter_value() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    define(&app, &tenant, "plan", "text").await;
    store(&app, &tenant, "jane", json!({"plan": "pro", "visits": 0})).await;
    let sql = app.sql().await;
    let values = "select string_agg(format('%s %s', xmin, v), ',') from filterable_values as v";
    let before: String = sql.query_one(values, &[]).await.unwrap().get(0);

    // In one transaction, because the statistics of a transaction are exact.
    sql.batch_execute("begin").await.unwrap();
    for visits in 1..=10 {
        let upsert = format!(
            "select upsert_contact({}, 'client', 'jane@example.com', null,
                 '{{\"visits\": {visits}}}', null, null, false, 'replace', false, '{{}}')",
            tenant.company
        );
        sql.batch_execute(&upsert).await.unwrap();
    }
    let counts = "select pg_stat_get_xact_tuples_updated('contacts'::regclass),
         pg_stat_get_xact_tuples_hot_updated('contacts'::regclass)";
    let counts = sql.query_one(counts, &[]).await.unwrap();
    sql.batch_execute("commit").await.unwrap();

    let (updated, hot): (i64, i64) = (counts.get(0), counts.get(1));
    assert_eq!((updated, hot), (10, 10));
    let after: String = sql.query_one(values, &[]).await.unwrap().get(0);
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_filter_is_served_by_its_index_in_the_order_of_ids() {
    let app = TestApp::start().await;
    let sql = app.sql().await;
    sql.batch_execute(
        "alter table contacts set (autovacuum_enabled = false);
         alter table filterable_values set (autovacuum_enabled = false);
         insert into contacts (company_id, email, custom_fields, deleted_at)
         select 1, 'jane' || n || '@example.com',
             jsonb_build_object('often', n % 2, 'seldom', n % 2000),
             case when n % 5 = 0 then now() end
         from generate_series(1, 20000) as n;
         insert into filterable_values (company_id, definition_id, digest, contact_id)
         select 1, case member.key when 'often' then 7 else 8 end,
             custom_field_digest(member.value), contacts.id
         from contacts, jsonb_each(custom_fields) as member",
    )
    .await
    .unwrap();
    sql.batch_execute("set default_statistics_target = 200")
        .await
        .unwrap();
    sql.batch_execute("vacuum (analyze)").await.unwrap();
    let list = include_str!("../../../sql/queries/list_contacts_by_custom_field.sql");
    sql.batch_execute(&format!("prepare list as\n{list}"))
        .await
        .unwrap();

    for (definition, further, is_deleted) in [
        ("7", "'{}', '{}'", "false"),
        ("7", "'{}', '{}'", "true"),
        ("7", "'{}', '{}'", "null"),
        ("8", "'{}', '{}'", "false"),
        ("7", "'{8}', '{1}'", "false"),
    ] {
        let execute = format!(
            "explain execute list (1, 100, 51, {definition}, '1', {further}, {is_deleted}, null, null, 1048576)"
        );
        let rows = sql.query(&execute, &[]).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");

        assert!(
            plan.contains(
                "Index Only Scan using filterable_values_pkey on filterable_values holders"
            ),
            "{plan}"
        );
        let sorts = plan.lines().filter(|line| line.contains("Sort Key"));
        let sorts: Vec<&str> = sorts.map(str::trim).collect();
        assert_eq!(sorts, ["Sort Key: page.place"], "{execute}: {plan}");
        for work in ["Seq Scan", "Bitmap"] {
            assert!(!plan.contains(work), "{execute}: {plan}");
        }
    }
}

#[tokio::test]
async fn a_filter_by_a_key_that_no_field_can_have_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    define(&app, &tenant, "plan", "text").await;

    for query in [
        "customFields.%00=1",
        "customFields.=1",
        "customFields.%20=1",
        "customFields.plan%00=1",
        "customFields.a%0Ab=1",
        &format!("customFields.{}=1", "k".repeat(129)),
        "%00=1",
        "cursor=%00",
    ] {
        app.list_contacts(&tenant.key, query)
            .await
            .error(400, "bad_request");
    }
}

#[tokio::test]
async fn at_most_ten_different_filters_are_accepted() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let fields: Vec<String> = (0..11).map(|n| format!("f{n}")).collect();
    for field in &fields {
        define(&app, &tenant, field, "text").await;
    }
    let values: serde_json::Map<String, Value> = fields
        .iter()
        .map(|field| (field.clone(), json!("x")))
        .collect();
    store(&app, &tenant, "jane", Value::Object(values)).await;
    let query = |fields: &[String]| {
        let filters = fields.iter().map(|field| format!("customFields.{field}=x"));
        filters.collect::<Vec<_>>().join("&")
    };

    let ten = format!("{}&consent.email=true", query(&fields[..10]));
    assert_eq!(app.list_contacts(&tenant.key, &ten).await.status, 200);
    assert_eq!(found(&app, &tenant, &query(&fields[..10])).await, ["jane"]);

    let eleven = app.list_contacts(&tenant.key, &query(&fields)).await;
    let message = eleven.error(400, "bad_request")["message"].to_string();
    assert!(message.contains("at most 10"), "{message}");
    for twice in [
        "customFields.f1=x&customFields.f1=x",
        "customFields.f1=x&customFields.f1=y",
        "customFields.f1=x&customFields.F1=x",
    ] {
        let answer = app.list_contacts(&tenant.key, twice).await;
        let message = answer.error(400, "bad_request")["message"].to_string();
        assert!(message.contains("twice"), "{message}");
    }
}
