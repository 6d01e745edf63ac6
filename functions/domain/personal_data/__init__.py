"""Personal data: found, then masked with reversible placeholders, refused or allowed.

    find     text → findings                     policy   what to do with each kind
    mask     value → value with placeholders     restore  and back, where the policy says so

Importing this package costs little; recognisers and model are loaded by the first text.
"""

from functions.domain.personal_data.entities import EntityType, Finding
from functions.domain.personal_data.find import find

__all__ = ["EntityType", "Finding", "find"]
