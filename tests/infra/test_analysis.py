"""What analysers find is accepted at its resources with a reason, or it fails."""

import json
from pathlib import Path

import pytest

from infra.analysis import accepted, advisories, cdk_nag, page
from infra.analysis.accepted import Accepted, judge
from infra.analysis.finding import Finding
from infra.analysis.templates import Template, templates
from infra.blueprint import ROOT
from tests.infra import templates as read

REASON = "It is meant, as everybody who reads this can see."
LOCK = Path("requirements/some.txt")


def finding(rule: str = "CKV_1", place: str = "state/Outcomes", detail: str = "") -> Finding:
    return Finding(rule, "AWS::S3::Bucket", place, "stack", "Outcomes12AB34CD", detail)


def entry(**more: tuple[str, ...]) -> Accepted:
    said = {"rules": ("CKV_1",), "kinds": ("AWS::S3::Bucket",), **more}
    return Accepted.model_validate({**said, "reason": REASON})


@pytest.mark.parametrize(
    "other",
    [
        entry(rules=("CKV_2",)),
        entry(kinds=("AWS::SNS::Topic",)),
        entry(at=("state/Exports",)),
        entry(details=("Resource::[*] s3:*",)),
    ],
)
def test_a_finding_stays_open_unless_rule_kind_place_and_detail_are_accepted(other: Accepted):
    assert judge([finding()], [other]).open == (finding(),)
    assert judge([finding()], [other, entry()]).open == ()


def test_an_entry_that_says_more_than_was_found_is_stale():
    wide = entry(rules=("CKV_1", "CKV_2"), at=("state/Outcomes", "audit/*"))
    stale = [*judge([finding()], [wide]).stale]
    assert stale == ["CKV_2 in the entry for CKV_1", "audit/* in the entry for CKV_1"]
    assert not [*judge([finding()], [entry()]).stale]


def test_a_reason_is_a_sentence(tmp_path: Path):
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\nrules = ["R"]\nkinds = ["AWS::S3::Bucket"]\nreason = "no"\n')
    with pytest.raises(ValueError, match="at least 25 characters"):
        accepted.read(file)


def test_the_page_has_every_entry_with_its_reason():
    text = page.PAGE.read_text(encoding="utf-8")
    for one in accepted.read():
        row = next((line for line in text.splitlines() if line.endswith(f"| {one.reason} |")), "")
        assert all(f"`{rule}`" in row for rule in one.rules), one.rules
    assert page.PART.search(text), "the page has no place for the table"


def test_a_page_is_stale_when_its_table_is(tmp_path: Path):
    file = tmp_path / "security.md"
    file.write_text("<!-- accepted: made by `python -m infra.analysis --write` -->\n<!-- end -->\n")
    judged = judge([finding()], [entry()])
    assert page.is_stale(judged, file)
    page.write(judged, file)
    assert not page.is_stale(judged, file)
    assert f"| `CKV_1` | S3::Bucket | 1 | {REASON} |" in file.read_text(encoding="utf-8")


def test_places_do_not_change_with_regions_agents_or_teams(grown: list[read.Template]):
    found = [*_all(grown[0].file.parent)]
    agents = [template for template in found if "-agent-" in template.stack]
    shards = [template for template in found if "-teams-" in template.stack]
    assert {_places(one) for one in agents if len(one.resources) == len(agents[0].resources)} == {
        _places(agents[0])
    }
    assert {place for one in shards for place in _places(one)} == {
        f"teams-<n>/{kind}" for kind in ("ApiKey", "UsagePlanKey", "WaitConditionHandle")
    }
    assert not [place for one in found for place in _places(one) if "eucentral1" in place]


def test_an_open_resource_is_told_by_its_actions_and_an_unknown_one_is_refused(tmp_path: Path):
    statement = {"Effect": "Allow", "Action": ["s3:GetObject", "xray:PutSpans"], "Resource": "*"}
    policy = {"PolicyDocument": {"Statement": [statement]}, "PolicyName": "P", "Users": ["u"]}
    file = tmp_path / "stack.json"
    resource = {"Type": "AWS::IAM::Policy", "Properties": policy}
    file.write_text(json.dumps({"Resources": {"Rights": resource}}))
    found = cdk_nag.findings([Template("gatehouse-eu-central-1-state", "eu-central-1", file)])
    details = {one.detail for one in found if one.rule == "AwsSolutions-IAM5"}
    assert details == {"Resource::* s3:GetObject", "Resource::* xray:PutSpans"}
    left = {one.detail for one in judge(found, accepted.read()).open}
    assert "Resource::* s3:GetObject" in left
    assert "Resource::* xray:PutSpans" not in left


def test_whatever_a_zone_can_switch_on_is_accepted_or_clean(switched_on: list[read.Template]):
    found = cdk_nag.findings([*_all(switched_on[0].file.parent)])
    judged = judge(found, accepted.read())
    assert not judged.open, "\n".join(map(str, judged.open))
    chosen = {entry: each for entry, each in judged.accepted.items() if entry.chosen}
    assert all(chosen.values())
    assert not [*judge((one for each in chosen.values() for one in each), chosen).stale]


def test_a_database_that_was_not_reached_is_not_a_clean_bill():
    skipped = {"name": "uv", "skip_reason": "not found"}
    known = {"id": "CVE-1", "fix_versions": ["2"]}
    bad = {"name": "uv", "version": "1", "vulns": [known]}
    unread = advisories.of_python(LOCK, json.dumps({"dependencies": [skipped]}), "")
    found = advisories.of_python(LOCK, json.dumps({"dependencies": [bad, skipped]}), "")
    offline = advisories.of_python(LOCK, "", "Traceback\nConnectionError: no route")
    assert found.advisories == ["uv 1: CVE-1, mended in 2"]
    assert "no route" in "".join(offline.lines())
    assert advisories.verdict([unread]) == advisories.verdict([offline]) == advisories.UNKNOWN
    assert advisories.verdict([unread, found]) == advisories.FOUND


def test_npm_is_read_alike():
    refused = advisories.of_npm(LOCK, json.dumps({"message": "405 Method Not Allowed"}), "")
    clean = advisories.of_npm(LOCK, json.dumps({"vulnerabilities": {}}), "")
    entry = {"range": "<2", "severity": "high"}
    found = advisories.of_npm(LOCK, json.dumps({"vulnerabilities": {"ws": entry}}), "")
    assert "405" in "".join(refused.lines())
    assert "no known vulnerability" in "".join(clean.lines())
    assert found.advisories == ["ws <2: high"]
    assert advisories.verdict([clean]) == advisories.CLEAN


def test_every_lock_is_audited():
    assert {lock.name for lock in advisories.PYTHON_LOCKS} >= {"dev.txt", "checkov.txt"}
    assert all(lock.is_file() for lock in advisories.NPM_LOCKS)
    kept = [*ROOT.glob("package-lock.json"), *ROOT.glob("sdk/*/package-lock.json")]
    assert {*kept} == {*advisories.NPM_LOCKS}


def _places(template: Template) -> frozenset[str]:
    return frozenset(template.place(logical_id) for logical_id in template.resources)


def _all(assembly: Path) -> list[Template]:
    return templates(assembly)
