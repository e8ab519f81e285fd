"""Validates reports: validate.py FOLDER-OF-SARIF-SCHEMA FOLDER-OF-XSD FOLDER-OF-REPORTS."""

import json
import pathlib
import sys

import jsonschema
import xmlschema

schemas, xsds, reports = map(pathlib.Path, sys.argv[1:])

# What GitLab requires of each entry, as its documentation of Code Quality describes it.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    # Relative to the root of the repository, without ./ in front.
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}

(sarif,) = schemas.glob("sarif-2.1.0*.json")
sarif = json.loads(sarif.read_text())
validator = jsonschema.validators.validator_for(sarif)
validator.check_schema(sarif)
xsds = [xmlschema.XMLSchema(path) for path in sorted(xsds.glob("*/junit-10.xsd"))]
assert xsds, "no XSD"

# A validator that accepts everything proves nothing.
assert not validator(sarif).is_valid({"version": "2.1.0", "runs": [{"results": [{}]}]})
assert not xsds[-1].is_valid("<testsuites><testcase/></testsuites>")
assert not jsonschema.Draft202012Validator(GITLAB).is_valid([{}])

counts = {"sarif": 0, "xml": 0, "json": 0}
results = 0
for path in sorted(reports.iterdir()):
    kind = path.suffix[1:]
    counts[kind] += 1
    if kind == "xml":
        for xsd in xsds:
            xsd.validate(str(path))
        continue
    report = json.loads(path.read_text())
    if kind == "sarif":
        validator(sarif).validate(report)
        results += len(report["runs"][0]["results"])
    else:
        jsonschema.Draft202012Validator(GITLAB).validate(report)
        fingerprints = [issue["fingerprint"] for issue in report]
        assert len(fingerprints) == len(set(fingerprints)), f"{path}: two issues have one fingerprint"
assert all(count >= 6 for count in counts.values()), counts
assert results > 50, results
print(f"formats: {counts} valid by their schemas, {results} results")
