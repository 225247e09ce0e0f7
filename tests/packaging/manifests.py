"""Judges rendered manifests: against the schemas of Kubernetes and of the Prometheus operator, against the restricted pod
security standard, and for names that must meet. Usage: manifests.py FILE...; says nothing about a file but problems."""

import importlib
import json
import sys

import kubernetes_validate
import yaml

VERSIONS = ("1.25", "1.30", "1.37")
OPERATOR = importlib.import_module("cloudcoil.models.prometheus_operator.v1")
SAFE_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def unknown_keys(written, known, path=""):
    """Keys that the operator's schema does not have: its models drop them silently."""
    if isinstance(written, dict) and isinstance(known, dict):
        for key, value in written.items():
            if key in known:
                yield from unknown_keys(value, known[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is not in the schema"
    elif isinstance(written, list) and isinstance(known, list):
        for index, (one, other) in enumerate(zip(written, known)):
            yield from unknown_keys(one, other, f"{path}[{index}]")


def schema(document):
    if document["apiVersion"].startswith("monitoring.coreos.com/"):
        model = getattr(OPERATOR, document["kind"])
        try:
            parsed = model.model_validate(document)
        except ValueError as error:
            yield str(error)
            return
        yield from unknown_keys(document, parsed.model_dump(mode="json", by_alias=True, exclude_unset=True))
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{version}: {error.message}"


def restricted(template):
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/, Restricted, and a little more."""
    spec = template["spec"]
    pod = spec.get("securityContext", {})
    if any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
        yield "a namespace of the host"
    if spec.get("automountServiceAccountToken") is not False:
        yield "a token of the API"
    for volume in spec.get("volumes", []):
        if kinds := set(volume) - {"name"} - SAFE_VOLUMES:
            yield f"volume {volume['name']}: {kinds}"
    for container in spec.get("initContainers", []) + spec["containers"]:
        own = container.get("securityContext", {})
        both = {**pod, **own}
        if both.get("runAsNonRoot") is not True or both.get("runAsUser", 1) == 0:
            yield "may run as root"
        if both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield "no seccomp profile"
        if own.get("privileged") or own.get("allowPrivilegeEscalation") is not False:
            yield "may gain privileges"
        if own.get("capabilities", {}).get("drop") != ["ALL"] or own["capabilities"].get("add"):
            yield "capabilities"
        if own.get("readOnlyRootFilesystem") is not True:
            yield "can write into its image"
        if not container.get("resources", {}).get("limits", {}).get("memory"):
            yield "no memory limit"
        if any("hostPort" in port for port in container.get("ports", [])):
            yield "a port of the host"


def workload(document, documents):
    """A StatefulSet and what it refers to."""
    spec, template = document["spec"], document["spec"]["template"]
    yield from restricted(template)
    named = {(other["kind"], other["metadata"]["name"]) for other in documents}
    labels = template["metadata"]["labels"]
    if not spec["selector"]["matchLabels"].items() <= labels.items():
        yield "the selector does not match its own pods"
    pod = template["spec"]
    for kind, name in (("Service", spec["serviceName"]), ("ServiceAccount", pod["serviceAccountName"])):
        # `there` is the user's own.
        if name != "there" and (kind, name) not in named:
            yield f"{kind} {name} is not there"
    services = [other for other in documents if other["kind"] == "Service"]
    container = pod["containers"][0]
    ports = {port["name"] for port in container["ports"]}
    for service in services:
        if not service["spec"]["selector"].items() <= labels.items():
            yield f"Service {service['metadata']['name']} selects other pods"
        if not {port["targetPort"] for port in service["spec"]["ports"]} <= ports:
            yield "the Service's port is not the container's"
    for monitor in (other for other in documents if other["kind"] == "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        if not any(wanted <= service["metadata"]["labels"].items() for service in services):
            yield "the ServiceMonitor selects no Service"
    for policy in (other for other in documents if other["kind"] == "NetworkPolicy"):
        if not policy["spec"]["podSelector"].get("matchLabels", {}).items() <= labels.items():
            yield "the NetworkPolicy selects other pods"
    for budget in (other for other in documents if other["kind"] == "PodDisruptionBudget"):
        if not budget["spec"]["selector"]["matchLabels"].items() <= labels.items():
            yield "the PodDisruptionBudget selects other pods"
        if budget["spec"]["maxUnavailable"] < 1:
            yield "the PodDisruptionBudget lets no node be drained"
    for monitor in (other for other in documents if other["kind"] == "ServiceMonitor"):
        label = monitor["spec"].get("jobLabel")
        if label and not all(label in service["metadata"]["labels"] for service in services):
            yield f"no Service has the label {label} of the job"
    if "demo" in container.get("args", []) and not any(mount["mountPath"] == "/tmp" for mount in container["volumeMounts"]):
        yield "the demo has nowhere to write its configuration"
    volumes = {volume["name"] for volume in pod["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", [])}
    if mounts := {mount["name"] for mount in container["volumeMounts"]} - volumes:
        yield f"no volume for {mounts}"
    env = {variable["name"]: variable.get("value") for variable in container["env"]}
    if env.get("REPLICATION_EXPORTER_SHARD_COUNT") != str(spec["replicas"]):
        yield "the shards are not as many as the pods"


def config_map(document):
    if len(json.dumps(document)) > 1_000_000:
        yield "too large for a ConfigMap"
    for key, value in document["data"].items():
        if key.endswith(".json"):
            json.loads(value)


def main():
    problems = 0
    for file in sys.argv[1:]:
        with open(file, encoding="utf-8") as stream:
            documents = [document for document in yaml.safe_load_all(stream) if document]
        if not any(document["kind"] == "StatefulSet" for document in documents):
            sys.exit(f"{file}: no StatefulSet")
        for document in documents:
            found = list(schema(document))
            if document["kind"] == "StatefulSet":
                found += workload(document, documents)
            elif document["kind"] == "ConfigMap":
                found += config_map(document)
            for problem in found:
                problems += 1
                print(f"{file}: {document['kind']} {document['metadata']['name']}: {problem}")
        kinds = sorted(document["kind"] for document in documents)
        print(f"{file}: {', '.join(f'{kinds.count(kind)} {kind}' for kind in sorted(set(kinds)))}")
    sys.exit(1 if problems else 0)


main()
