"""What records there are of an account, a voice, its consent, or an output: each table says how it hangs on them.

A table that is neither here nor in LEFT_OUT fails a test, so that no new record is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ACCOUNT, VOICE, CONSENT, OUTPUT = "account", "voice", "consent", "output"

# Secrets, and what would let somebody act as a person or hear of another: no bundle holds these, whoever asks.
NEVER = {
    "accounts.user": {"password", "is_superuser"},
    "accounts.apikey": {"digest"},
    "consent.ownerlink": {"token_sha256"},
    "consent.forbiddenattempt": {"sealed"},
    "takedowns.counternotice": {"sealed"},
    "takedowns.privacyrequest": {"contact", "asker", "client", "words", "object"},
    "synthesis.screening": {"digest"},
    "moderation.report": {"account", "reporter", "client"},
}


@dataclass(frozen=True)
class Table:
    """How rows of a table are found: for each scope, the lookups that lead from a row to what the bundle is about.

    `shown` are the fields that the account itself may see in its own bundle; empty: the whole table is not for it.
    """

    model: str
    about: Mapping[str, tuple[str, ...]]
    shown: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        return self.model.replace(".", "-")


def _of_voice(way: str) -> dict[str, tuple[str, ...]]:
    """A table that hangs on a voice, and belongs to its consent."""
    return {ACCOUNT: (f"{way}__account",), VOICE: (way,), CONSENT: (way,), OUTPUT: (f"{way}__speech_requests__output",)}


def _shown(*names: str) -> frozenset[str]:
    return frozenset(names)


TABLES = (
    Table(
        "accounts.user",
        {
            ACCOUNT: ("pk",),
            VOICE: ("voices",),
            CONSENT: ("voices",),
            OUTPUT: ("speech_requests__output",),
        },
        _shown("id", "email", "full_name"),
    ),
    Table("account.emailaddress", {ACCOUNT: ("user",)}),
    Table("accounts.creditentry", {ACCOUNT: ("user",)}),
    Table("accounts.apikey", {ACCOUNT: ("user",)}),
    Table("accounts.legaltext", {ACCOUNT: ("acceptances__account",)}),
    Table("accounts.textacceptance", {ACCOUNT: ("account",)}),
    Table("accounts.sanction", {ACCOUNT: ("account",)}),
    Table("accounts.strike", {ACCOUNT: ("account",)}),
    Table(
        "voices.voice",
        {
            ACCOUNT: ("account",),
            VOICE: ("pk",),
            CONSENT: ("pk",),
            OUTPUT: ("speech_requests__output",),
        },
        _shown("id", "account", "owner", "kind", "whose", "name", "status", "created_at", "activated_at"),
    ),
    Table("voices.voiceowner", _of_voice("voice"), _shown("id", "name", "account", "created_at")),
    Table(
        "voices.recording",
        {ACCOUNT: ("voice__account",), VOICE: ("voice",), CONSENT: ("voice",)},
        _shown("id", "voice", "purpose", "seconds", "rate", "sha256", "received_at"),
    ),
    Table("voices.voiceprint", {ACCOUNT: ("recording__voice__account",), VOICE: ("recording__voice",)}),
    Table("voices.voiceshare", {ACCOUNT: ("voice__account", "account"), VOICE: ("voice",)}),
    Table("voices.catalogueentry", {VOICE: ("voice",), OUTPUT: ("voice__speech_requests__output",)}),
    Table(
        "voices.rightsrecord",
        {VOICE: ("voice",), CONSENT: ("voice",), OUTPUT: ("voice__speech_requests__output",)},
    ),
    Table("voices.licence", {ACCOUNT: ("acceptances__account",), VOICE: ("voice",)}),
    Table("voices.licenceacceptance", {ACCOUNT: ("account",), VOICE: ("voice",)}),
    Table(
        "consent.attestation",
        {
            scope: tuple(
                f"{way}{end}"
                for way in (
                    "consentrecord__voice",
                    "ownerconsent__invitation__voice",
                    "statement__attempt__voice",
                )
            )
            for scope, end in (
                (ACCOUNT, "__account"),
                (VOICE, ""),
                (CONSENT, ""),
                (OUTPUT, "__speech_requests__output"),
            )
        },
        _shown("id", "kind", "version", "text", "sha256", "in_use_from"),
    ),
    Table(
        "consent.invitation",
        _of_voice("voice"),
        _shown(
            "id", "voice", "email", "reason", "invited_at", "status", "answered_at",
            "commercial", "sharing", "languages", "until",
        ),
    ),
    Table(
        "consent.ownerconsent",
        _of_voice("invitation__voice"),
        _shown(
            "id", "invitation", "attestation", "text_sha256", "signature", "explicit", "specific", "informed",
            "revocable", "written", "adult_confirmed", "signed_at", "commercial", "sharing", "languages", "until",
        ),
    ),
    Table(
        "consent.ownerlink",
        {ACCOUNT: ("invitation__voice__account",), VOICE: ("invitation__voice",), CONSENT: ("invitation__voice",)},
    ),
    Table(
        "consent.consentrecord",
        _of_voice("voice"),
        _shown(
            "id", "voice", "attestation", "text_sha256", "account", "ip_address", "user_agent", "given_at",
            "retain_until", "owner_consent", "status", "withdrawn_at",
        ),
    ),
    Table(
        "consent.attempt",
        {ACCOUNT: ("voice__account",), VOICE: ("voice",), CONSENT: ("voice",)},
        _shown("id", "voice", "step", "recording", "status", "submitted_at"),
    ),
    Table(
        "consent.challenge",
        {ACCOUNT: ("voice__account",), VOICE: ("voice",), CONSENT: ("voice",)},
        _shown("id", "voice", "words", "shown_at", "answered_at", "attempt", "status"),
    ),
    Table(
        "consent.statement",
        _of_voice("attempt__voice"),
        _shown("id", "attempt", "attestation", "name", "on", "text_sha256"),
    ),
    Table(
        "consent.check",
        {ACCOUNT: ("attempt__voice__account",), VOICE: ("attempt__voice",), CONSENT: ("attempt__voice",)},
        _shown("id", "attempt", "code", "label", "verdict", "sentence", "engine", "version", "measured_at"),
    ),
    Table(
        "consent.document",
        {ACCOUNT: ("voice__account",), VOICE: ("voice",), CONSENT: ("voice",)},
        _shown(
            "id", "voice", "kind", "type", "size", "sha256", "signed_on", "uploaded_at", "account", "retain_until",
            "status", "judged_at",
        ),
    ),
    Table(
        "consent.declaration",
        _of_voice("voice"),
        _shown("id", "voice", "alive", "adult", "office", "office_until", "public_figure", "declared_at"),
    ),
    Table("consent.forbiddenattempt", {ACCOUNT: ("account",), VOICE: ("voice",)}),
    Table(
        "consent.narrowing",
        _of_voice("consent__invitation__voice"),
        _shown("id", "consent", "made_at", "commercial", "sharing", "languages", "until"),
    ),
    Table("synthesis.speechrequest", {ACCOUNT: ("account",), VOICE: ("voice",), OUTPUT: ("output",)}),
    Table(
        "synthesis.screening",
        {ACCOUNT: ("account",), VOICE: ("request__voice",), OUTPUT: ("request__output",)},
    ),
    Table("synthesis.output", {ACCOUNT: ("request__account",), VOICE: ("request__voice",), OUTPUT: ("pk",)}),
    Table("synthesis.freeze", {ACCOUNT: ("subject",), VOICE: ("subject",)}),
    Table("synthesis.preview", {VOICE: ("voice",)}),
    Table(
        "takedowns.evidencedemand",
        {ACCOUNT: ("voice__account",), VOICE: ("voice",), CONSENT: ("voice",)},
        _shown("id", "voice", "reason", "demanded_at", "asked_at", "due_at", "document", "status"),
    ),
    Table("takedowns.claim", {ACCOUNT: ("voice__account",), VOICE: ("voice",)}),
    Table("takedowns.counternotice", {ACCOUNT: ("account",), VOICE: ("claim__voice",)}),
    Table("takedowns.inactivitynotice", {ACCOUNT: ("voice__account",), VOICE: ("voice",)}),
    Table("takedowns.privacyrequest", {ACCOUNT: ("account",)}),
    Table("takedowns.privacystep", {ACCOUNT: ("request__account",)}),
    Table("takedowns.policereferral", {ACCOUNT: ("account",)}),
    Table("takedowns.revocation", {ACCOUNT: ("voice__account",), VOICE: ("voice",), CONSENT: ("voice",)}),
    Table(
        "takedowns.revocationstep",
        {ACCOUNT: ("revocation__voice__account",), VOICE: ("revocation__voice",), CONSENT: ("revocation__voice",)},
    ),
)  # fmt: skip

# Cases are found by what they are about, whatever table that is in; these hang on them.
CASES = "moderation.case"
OF_CASES = (
    Table(
        "moderation.decision",
        {"case": ("case",)},
        _shown("id", "case", "choice", "section", "reason", "decided_at", "status"),
    ),
    Table(
        "moderation.statementofreasons",
        {"case": ("decision__case",)},
        _shown("id", "decision", "recipient", "subject", "body", "composed_at", "sent_at"),
    ),
    Table("moderation.appeal", {"case": ("decision__case",)}),
    Table("moderation.report", {"case": ("case",)}),
)

LEFT_OUT = {
    "accounts.formeraddress": "keyed digests that mean nothing elsewhere",
    "moderation.policysection": "the policy, which is published",
    "moderation.nogoentry": "the No-Go list is its custodians' alone",
    "moderation.nogovoiceprint": "the No-Go list",
    "moderation.nogorevision": "the No-Go list",
    "moderation.nogoscreening": "the No-Go list",
    "moderation.nogomatch": "the No-Go list",
    "moderation.custodiancase": "the No-Go list",
    "moderation.savedview": "a moderator's own",
    "synthesis.detection": "what strangers asked, and nothing of who was asked about",
    "moderation.nogorecording": "the No-Go list",
    "takedowns.deadline": "the clocks of others' requests; what was late stands in the audit",
    "takedowns.destruction": "certificates of what went by the schedule, and of nobody by name",
    "takedowns.notice": "who gave notice and what they swore; the claim says that there was one",
    "takedowns.noticefile": "what came with a notice",
    "takedowns.noticequestion": "what was asked of who gave notice",
    "takedowns.notifierbar": "of who gave notice",
    "takedowns.listingrequest": "the No-Go list",
    "takedowns.ownerrequest": "of somebody without an account; what came of it stands in the revocation",
    "takedowns.ownermatch": "of somebody without an account",
    "takedowns.ownerphrase": "of somebody without an account",
    "takedowns.ownerrecording": "of somebody without an account",
    "takedowns.portallink": "lets its holder in",
    "voices.recordingfingerprint": "of sound, and of no use elsewhere",
    "voices.resemblance": "names the voices of others",
    "takedowns.legalrequest": "the authorities' own; each is kept with its document",
    "velluto.auditevent": "has a file of its own, audit.json",
    "velluto.audithead": "stands in what the bundle is about",
    "velluto.auditcheckpoint": "kept outside, and published",
    "velluto.job": "work, no record; what it did stands in the rows and in the audit",
    "velluto.datakey": "keys",
    "velluto.vaultobject": "where files lie; the files are there",
}
