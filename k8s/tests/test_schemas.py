"""Every object is what the cluster's API takes, and has no field that the API does not know."""

import kubernetes_validate
import pytest

# The oldest release with every field that is used, and the newest with a schema.
VERSIONS = ["1.27", kubernetes_validate.latest_version()]

# Kinds that operators bring; their schemas are not at hand.
FOREIGN = {"ServiceMonitor", "PrometheusRule", "ExternalSecret"}


@pytest.mark.parametrize("version", VERSIONS)
def test_objects_fit_the_api(cluster, version):
    for item in cluster.objects:
        if item["kind"] in FOREIGN:
            with pytest.raises(kubernetes_validate.SchemaNotFoundError):
                kubernetes_validate.validate(item, version, strict=True)
        else:
            kubernetes_validate.validate(item, version, strict=True)
