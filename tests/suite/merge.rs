//! The deep merge of custom fields follows RFC 7396 (JSON Merge Patch), compared with another
//! implementation. Documents are compared as Postgres compares jsonb.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio_postgres::Client;

use crate::harness::{TestApp, cases, holds, runtime};

/// The `cases` with unexpected results, each alone and as part of a large document, which is merged in
/// another way.
const DIFFERENCES: &str = "
    select target, patch, json_merge_patch(target, patch) as merged, expected
    from (
        select target || extra, patch, expected || extra
        from unnest($1::jsonb[], $2::jsonb[], $3::jsonb[]) as sent (target, patch, expected)
        cross join (
            values ('{}'::jsonb), (jsonb_build_object('extra', repeat('x', 3000)))
        ) as more (extra)
    ) as cases (target, patch, expected)
    where json_merge_patch(target, patch) is distinct from expected";

async fn assert_merged(sql: &Client, targets: &[Value], patches: &[Value], expected: &[Value]) {
    let rows = sql
        .query(DIFFERENCES, &[&targets, &patches, &expected])
        .await
        .unwrap();

    if let Some(row) = rows.first() {
        let [target, patch, merged, expected]: [Value; 4] = [0, 1, 2, 3].map(|n| row.get(n));
        panic!("{target}\npatched with {patch}\nis {merged}\nnot {expected}");
    }
}

#[tokio::test]
async fn the_examples_of_rfc_7396_give_its_results() {
    // Appendix A, where target and patch are objects: custom fields are nothing else.
    let table = [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (
            json!({"a": "b"}),
            json!({"b": "c"}),
            json!({"a": "b", "b": "c"}),
        ),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (
            json!({"a": "b", "b": "c"}),
            json!({"a": null}),
            json!({"b": "c"}),
        ),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (
            json!({"a": {"b": "c"}}),
            json!({"a": {"b": "d", "c": null}}),
            json!({"a": {"b": "d"}}),
        ),
        (
            json!({"a": [{"b": "c"}]}),
            json!({"a": [1]}),
            json!({"a": [1]}),
        ),
        (
            json!({"e": null}),
            json!({"a": 1}),
            json!({"e": null, "a": 1}),
        ),
        (
            json!({}),
            json!({"a": {"bb": {"ccc": null}}}),
            json!({"a": {"bb": {}}}),
        ),
        // The example of section 3.
        (
            json!({
                "title": "Goodbye!",
                "author": {"givenName": "John", "familyName": "Doe"},
                "tags": ["example", "sample"],
                "content": "This will be unchanged"
            }),
            json!({
                "title": "Hello!",
                "phoneNumber": "+01-123-456-7890",
                "author": {"familyName": null},
                "tags": ["example"]
            }),
            json!({
                "title": "Hello!",
                "author": {"givenName": "John"},
                "tags": ["example"],
                "content": "This will be unchanged",
                "phoneNumber": "+01-123-456-7890"
            }),
        ),
    ];
    let app = TestApp::start().await;
    let sql = app.sql().await;

    for (target, patch, expected) in table {
        assert_merged(&sql, &[target], &[patch], &[expected]).await;
    }
}

#[tokio::test]
async fn falsy_values_are_merged_as_values() {
    let app = TestApp::start().await;
    let sql = app.sql().await;

    for value in [
        json!(0),
        json!(false),
        json!(""),
        json!([]),
        json!([null]),
        json!({}),
    ] {
        let patch = [json!({"a": value})];
        assert_merged(&sql, &[json!({"a": 1})], &patch, &patch).await;
    }
    // An empty object merges, where there is one.
    let target = [json!({"a": {"b": 1}})];
    assert_merged(&sql, &target, &[json!({"a": {}})], &target).await;
}

#[test]
fn any_documents_merge_as_another_implementation_merges_them() {
    let runtime = runtime();
    let app = runtime.block_on(TestApp::start());
    let sql = runtime.block_on(app.sql());
    let pairs = prop::collection::vec((objects(), objects()), 500);

    holds(cases(20), &runtime, &pairs, async |pairs| {
        let (targets, patches): (Vec<Value>, Vec<Value>) = pairs.into_iter().unzip();
        let merge = |(target, patch): (&Value, &Value)| {
            let mut merged = target.clone();
            json_patch::merge(&mut merged, patch);
            merged
        };
        let expected: Vec<Value> = targets.iter().zip(&patches).map(merge).collect();

        assert_merged(&sql, &targets, &patches, &expected).await;
    });
}

/// Objects with few different keys, so that target and patch share keys at every depth.
fn objects() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => (0..3).prop_map(Value::from),
        1 => prop::sample::select(vec!["1.50", "1e2", "12345678901234567890.1", "-0"])
            .prop_map(|number| serde_json::from_str(number).unwrap()),
        1 => "[a-cé\"]{0,2}".prop_map(Value::from),
    ];
    let value = scalar.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            4 => object(inner),
        ]
    });
    object(value)
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec!["a", "b", "c", "A", "", "$.a"]).prop_map(str::to_owned);
    prop::collection::vec((key, value), 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}
