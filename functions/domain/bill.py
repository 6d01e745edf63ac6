"""What AWS Budgets watches of the gatehouse: one budget for each business unit and region.

The bill tells calls of models apart by the tags of inference profiles, and these belong to business
units. A team that shares its unit with others cannot be seen there by itself.
"""

from functions.domain.bedrock_tags import NO_WORD, digest, tag

LONGEST_NAME = 100


def budget_name(region: str, business_unit: str) -> str:
    """The name of a business unit's budget: readable, and no other in the account has it."""
    unit = tag(business_unit)
    words = NO_WORD.sub("-", f"gatehouse {region} {unit}").strip("-")
    end = digest(region, unit)
    return f"{words[: LONGEST_NAME - len(end) - 1].strip('-')}-{end}"
