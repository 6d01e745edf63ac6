"""Personal data: found, then masked with reversible placeholders, refused or allowed."""

from functions.domain.personal_data.find import find
from functions.domain.personal_data.entities import EntityType, Finding
