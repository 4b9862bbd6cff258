"""Holds what kuberlock wrote against the validators of others.

Usage: validate.py VALIDATORS SCHEMAS ROOT FORMAT=FILE...

Enters: files that kuberlock wrote, by format; ROOT is the folder that their locations are relative
to. Leaves: one line a fault on standard error, and exit code 1 where there is any.
"""

import csv
import html.parser
import json
import pathlib
import sys

import jsonschema
import yaml

VALIDATORS, SCHEMAS, ROOT = (pathlib.Path(argument) for argument in sys.argv[1:4])
FAULTS = []


def fault(format, message):
    FAULTS.append(f"{format}: {message}")


def by_schema(format, value, schema):
    validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    for error in list(validator(schema).iter_errors(value))[:5]:
        place = "/".join(str(step) for step in error.absolute_path)
        fault(format, f"{place}: {error.message[:300]}")


def schema(name):
    return json.loads((SCHEMAS / name).read_text())


def check_json(path):
    by_schema("json", json.loads(path.read_text()), schema("scan.json"))


def check_diff(path):
    by_schema("diff", json.loads(path.read_text()), schema("scan-diff.json"))


def check_jsonl(path):
    finding = schema("scan.json")
    finding = {**finding, "$ref": "#/$defs/finding", "properties": {}, "required": []}
    finding.pop("additionalProperties", None)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        by_schema(f"jsonl line {number}", json.loads(line), finding)


def check_csv(path):
    with path.open(newline="") as file:
        rows = list(csv.reader(file, strict=True))
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            fault("csv", f"row {number} has {len(row)} cells, the heading {len(rows[0])}")
        for cell in row:
            if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
                fault("csv", f"row {number} has a cell that a spreadsheet computes: {cell[:60]}")
    if len(rows) < 2:
        fault("csv", "no findings")


def check_sarif(path):
    """The schema, what GitHub takes, and whether the lines are there.

    https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
    """
    log = json.loads(path.read_text())
    by_schema("sarif", log, json.loads((VALIDATORS / "sarif.json").read_text()))
    if path.stat().st_size > 10 << 20:
        fault("sarif", "more than 10 MiB")
    if len(log["runs"]) > 20:
        fault("sarif", "more than 20 runs")
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        ids = {rule["id"] for rule in rules}
        limits = [("results", run["results"], 25000), ("rules", rules, 25000)]
        for what, things, most in limits:
            if len(things) > most:
                fault("sarif", f"{len(things)} {what}")
        for rule in rules:
            if len(rule.get("properties", {}).get("tags", [])) > 20:
                fault("sarif", f"{rule['id']} has more than 20 tags")
        lines = 0
        for result in run["results"]:
            if result["ruleId"] not in ids:
                fault("sarif", f"no rule {result['ruleId']}")
            if not result.get("partialFingerprints"):
                fault("sarif", f"a result of {result['ruleId']} without a fingerprint")
            locations = result.get("locations", [])
            if not locations or len(locations) > 1000:
                fault("sarif", f"{len(locations)} locations for {result['ruleId']}")
            for location in locations:
                lines += real_line(result, location["physicalLocation"])
        if run["results"] and not lines:
            fault("sarif", "no result points at a line")


def real_line(result, physical):
    """Whether the result points at a line, and a fault where that line does not exist."""
    uri = physical["artifactLocation"]["uri"]
    region = physical.get("region")
    if region is None:
        return 0
    text = content(uri)
    if text is None:
        fault("sarif", f"{result['ruleId']} points into `{uri}`, which is no file")
        return 0
    text = text.split("\n")
    line, column = region["startLine"], region.get("startColumn", 1)
    if not 1 <= line <= len(text):
        fault("sarif", f"{uri} has no line {line}")
    elif not 1 <= column <= len(text[line - 1]) + 1:
        fault("sarif", f"{uri}:{line} has no column {column}")
    elif not text[line - 1].strip():
        fault("sarif", f"{uri}:{line} is empty")
    return 1


def content(uri):
    """The text of a file below ROOT, or of a node's file as the bundled snapshot holds it."""
    if (ROOT / uri).is_file():
        return (ROOT / uri).read_text()
    steps = uri.split("/", 2)
    if steps[0] != "nodes" or len(steps) < 3:
        return None
    record = ROOT / "examples/cluster/nodes" / steps[1] / "files.jsonl"
    for line in record.read_text().splitlines() if record.is_file() else []:
        file = json.loads(line)
        if file["path"] == "/" + steps[2]:
            return file.get("content")
    return None


def check_junit(path):
    import junitparser

    report = junitparser.JUnitXml.fromfile(str(path))
    for suite in report:
        cases = list(suite)
        failed = sum(any(isinstance(r, junitparser.Failure) for r in c.result) for c in cases)
        skipped = sum(any(isinstance(r, junitparser.Skipped) for r in c.result) for c in cases)
        for what, told, counted in [
            ("tests", suite.tests, len(cases)),
            ("failures", suite.failures, failed),
            ("skipped", suite.skipped, skipped),
        ]:
            if told != counted:
                fault("junit", f"{suite.name} tells {told} {what} and has {counted}")
        for case in cases:
            if not case.name or not case.classname:
                fault("junit", f"a case of {suite.name} without a name or class")
    if not report.failures:
        fault("junit", "no failures")


def check_prometheus(path):
    from prometheus_client.parser import text_string_to_metric_families

    seen = set()
    count = 0
    for family in text_string_to_metric_families(path.read_text()):
        if not family.documentation or family.type == "unknown":
            fault("prometheus", f"{family.name} has no help or type")
        for sample in family.samples:
            count += 1
            key = (sample.name, tuple(sorted(sample.labels.items())))
            if key in seen:
                fault("prometheus", f"twice: {key}")
            seen.add(key)
    if count < 10:
        fault("prometheus", f"only {count} samples")


def check_ocsf(path):
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

    text = path.read_text()
    values = json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines())
    count = 0
    for value in values:
        count += 1
        try:
            ComplianceFinding(**value)
        except Exception as error:  # noqa: BLE001: whatever it says is the fault
            fault("ocsf", f"event {count}: {str(error)[:300]}")
            return
    if not count:
        fault("ocsf", "no events")


def check_report(format, path):
    """Against the definition's own schema, as the API server prunes and validates by it."""
    items = json.loads(path.read_text())["items"]
    kinds = {}
    for file in sorted((VALIDATORS / "crd").glob("*.yaml")):
        for definition in yaml.safe_load_all(file.read_text()):
            if definition and definition["kind"] == "CustomResourceDefinition":
                group, kind = definition["spec"]["group"], definition["spec"]["names"]["kind"]
                for version in definition["spec"]["versions"]:
                    key = (f"{group}/{version['name']}", kind)
                    kinds[key] = closed(version["schema"]["openAPIV3Schema"])
    if not items:
        fault(format, "no reports")
    for item in items:
        key = (item["apiVersion"], item["kind"])
        if key not in kinds:
            fault(format, f"no definition of {key}")
            continue
        by_schema(format, item, kinds[key])
        if len(json.dumps(item)) > 1_500_000:
            fault(format, f"{item['metadata']['name']} is larger than etcd takes")


def closed(node, top=True):
    """The schema with unknown fields refused, and what only OpenAPI knows made JSON Schema's."""
    if isinstance(node, list):
        return [closed(one, False) for one in node]
    if not isinstance(node, dict):
        return node
    node = {key: closed(value, False) for key, value in node.items() if key != "format"}
    if "properties" in node and isinstance(node["properties"], dict) and node.get("type") == "object":
        if top:
            node["properties"]["metadata"] = {"type": "object"}
        node.setdefault("additionalProperties", False)
    return node


class Page(html.parser.HTMLParser):
    """Balanced, and with nothing from elsewhere."""

    VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr", "source"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        attributes = dict(attributes)
        if tag == "script" and "src" in attributes:
            fault("html", "a script from elsewhere")
        if tag in ("link", "img", "iframe", "object", "embed"):
            source = attributes.get("href") or attributes.get("src") or ""
            if not source.startswith("data:"):
                fault("html", f"<{tag}> from `{source}`")
        for name in attributes:
            if name.startswith("on"):
                fault("html", f"an attribute {name}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            fault("html", f"</{tag}> closes nothing at {self.getpos()}")


def check_html(path):
    page = Page()
    page.feed(path.read_text())
    page.close()
    for tag in page.open:
        fault("html", f"<{tag}> is never closed")


def check_comparison(path):
    by_schema("comparison", json.loads(path.read_text()), schema("kube-bench-comparison.json"))


def check_own(name, path):
    by_schema(name, json.loads(path.read_text()), schema(f"{name}.json"))


def check_yaml(name, path):
    by_schema(name, yaml.safe_load(path.read_text()), schema(f"{name}.json"))


CHECKS = {
    "comparison": check_comparison,
    "csv": check_csv,
    "diff": check_diff,
    "html": check_html,
    "json": check_json,
    "jsonl": check_jsonl,
    "junit": check_junit,
    "namespace-check": lambda path: check_own("namespace-check", path),
    "namespace-proposal": lambda path: check_own("namespace-proposal", path),
    **{
        f"netpol-{name}": lambda path, name=name: check_own(f"netpol-{name}", path)
        for name in ["list", "eval", "explain", "matrix", "exposure", "diff", "compare"]
    },
    "ocsf": check_ocsf,
    "openreports": lambda path: check_report("openreports", path),
    "policyreport": lambda path: check_report("policyreport", path),
    "prometheus": check_prometheus,
    "sarif": check_sarif,
    "config": lambda path: check_yaml("config", path),
    "tailoring": lambda path: check_yaml("tailoring", path),
    "waivers": lambda path: check_yaml("waivers", path),
}

for argument in sys.argv[4:]:
    name, file = argument.split("=", 1)
    CHECKS[name](pathlib.Path(file))
for line in FAULTS[:50]:
    print(line, file=sys.stderr)
print(f"{len(sys.argv) - 4} files, {len(FAULTS)} faults")
sys.exit(bool(FAULTS))
