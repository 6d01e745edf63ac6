"""What the page about cost says of templates is so, and no template has what nobody priced."""

import pytest

from infra.billing.idle import stacks
from infra.billing.runs import MEMORY_MB
from infra.pages import of_templates, stale
from tests.infra.templates import Template, each


@pytest.mark.parametrize("which", ["deployed", "grown", "switched_on"])
def test_everything_in_a_template_is_priced_or_said_to_be_free(
    which: str, request: pytest.FixtureRequest
):
    found: list[Template] = request.getfixturevalue(which)
    for stack in stacks(found[0].file.parent):
        assert all(charge.cost(stack.region) >= 0 for charge in stack.charges())


def test_the_page_says_what_the_templates_cost(deployed: list[Template]):
    found = stale(parts=of_templates(deployed[0].file.parent))
    assert not [page.name for page in found], "run 'python -m infra.pages'"


def test_functions_have_the_memory_that_runs_are_reckoned_with(deployed: list[Template]):
    functions = each(deployed, "AWS::Lambda::Function")
    assert {function["MemorySize"] for _, _, function in functions} == {MEMORY_MB}
