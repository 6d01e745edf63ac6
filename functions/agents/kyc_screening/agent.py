"""KYC screening: the model copies, code proves, checks and decides.

texts ── model copies words ── claims: do they stand there? ── identity ── checks ── verdict
  └──── machine-readable zone, read by code alone ─────────────┘
"""

from functions.domain.agent import Tools

from . import mrz
from .checks import Checks
from .claims import Claims, Texts
from .contract import Screening, ScreeningRequest
from .extraction import Extraction, ask_for
from .identity import identity
from .verdict import verdict


def answer(request: ScreeningRequest, tools: Tools) -> Screening:
    """Screen one applicant."""
    people, zone = mrz.split(request.document)
    texts = Texts(applicant=request.applicant, document=people, zone=zone)
    claims = Claims(texts, tools.ask(ask_for(request), Extraction))
    proved = identity(claims, tools.today)
    checks = Checks(request, texts, proved, tools.today).all()
    decided, reasons = verdict(proved, checks)
    return Screening(
        verdict=decided,
        reasons=reasons,
        identity=proved,
        dropped=tuple(claims.dropped),
        checks=checks,
    )
