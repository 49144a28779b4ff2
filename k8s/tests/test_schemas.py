"""Every object is what the cluster's API takes, and has no field that the API does not know."""

import jsonschema
import kubernetes_validate
import pytest
from operator_kinds import FIELDS, schema_of
from rendered import is_dns_label, name_of

# The oldest release with every field that is used, and the newest with a schema.
VERSIONS = ["1.27", kubernetes_validate.latest_version()]


@pytest.mark.parametrize("version", VERSIONS)
def test_objects_fit_the_api(cluster, version):
    for item in cluster.objects:
        if schema_of(item):
            with pytest.raises(kubernetes_validate.SchemaNotFoundError):
                kubernetes_validate.validate(item, version, strict=True)
        else:
            kubernetes_validate.validate(item, version, strict=True)


def test_objects_of_operators_have_only_known_fields(cluster, two_databases):
    for item in cluster.objects + two_databases.objects:
        if schema := schema_of(item):
            jsonschema.validate(item["spec"], schema)


def test_every_kind_of_an_operator_is_rendered(all_components):
    rendered = {f"{item['apiVersion']} {item['kind']}" for item in all_components.objects}
    assert FIELDS.keys() <= rendered


def test_names_are_dns_labels(cluster, two_databases):
    """Pods and hosts are named by them. The API server warns of a Job's name with a dot at each apply."""
    for item in cluster.objects + two_databases.objects:
        assert is_dns_label(name_of(item)), name_of(item)
