"""Workflows to start from."""

from collections.abc import Mapping
from typing import Any, ClassVar

from frontdesk.kyc.rules.refusals import NotFound

Body = dict[str, Any]


class TemplateNotFound(NotFound):
    """There is no template of that name."""

    reason: ClassVar[str] = "template_not_found"

    def __init__(self) -> None:
        super().__init__("Template not found")


def template_body(
    kind: str,
    *,
    name: str,
    overrides: Mapping[str, Any] | None = None,
    subsession_workflow_id: str | None = None,
) -> Body:
    """A body to be parsed like any other; `overrides` replace whole keys. Raises `TemplateNotFound`."""
    make = _TEMPLATES.get(kind)
    if make is None:
        raise TemplateNotFound
    body = {"template_type": kind, **make(subsession_workflow_id), **(overrides or {})}
    return {**body, "name": name}


def _documents(step_id: str, name: str, document_type: str, label: str, **more: Any) -> Body:
    asked = {"document_type": document_type, "display_name": label, "auto_extract": True, **more}
    return {
        "step_id": step_id,
        "name": name,
        "type": "document_upload",
        "document_requirements": [asked],
    }


def _form(step_id: str, name: str, *fields: Body) -> Body:
    return {"step_id": step_id, "name": name, "type": "form_fill", "custom_fields": list(fields)}


def _field(field_id: str, name: str, kind: str, *, required: bool = True, **options: Any) -> Body:
    return {
        "field_id": field_id,
        "field_key": field_id,
        "name": name,
        "type": kind,
        "required": required,
        **options,
    }


def _person() -> list[Body]:
    return [
        _field("full_name", "Full name", "name", name_type="individual", validate_lists=True),
        _field("date_of_birth", "Date of birth", "date", max_date="today-18y"),
        _field("nationality", "Nationality", "country", country_type="nationality"),
        _field("residence", "Country of residence", "country", country_type="residence"),
        _field("email", "Email", "email", validate_email=True, block_disposable=True),
        _field("phone", "Phone", "phone", format="international"),
    ]


def _identity() -> Body:
    return _documents("id_document", "ID document", "id", "Government ID")


def _basic(subsessions: str | None) -> Body:
    address = _documents("address_proof", "Proof of address", "proof_of_address", "Proof of address")
    return {
        "description": "Identity, address and personal details of a private customer",
        "entity_types": ["individual"],
        "steps": [_identity(), address, _form("personal_info", "Personal information", *_person())],
    }


def _company(subsessions: str | None) -> Body:
    details = _form(
        "company_info",
        "Company information",
        _field("legal_name", "Legal name", "name", name_type="company", validate_lists=True),
        _field("registration_number", "Registration number", "text", max_length=50),
        _field("incorporation_country", "Country of incorporation", "country", country_type="incorporation"),
        _field(
            "address",
            "Registered address",
            "address",
            country_field="incorporation_country",
            required_parts=["line1", "city", "country"],
        ),
        _field("website", "Website", "url", required=False),
    )
    share = _field("share", "Share in percent", "number", min_value=0, max_value=100)
    return {
        "description": "Incorporation, details, shareholders and directors of a company",
        "entity_types": ["company"],
        "steps": [
            _documents("incorporation", "Incorporation", "company_charter", "Company charter", entity_role="company"),
            details,
            _people("shareholders", "Shareholders", "ubo", subsessions, share, sum_field="share", sum_max=100),
            _people("directors", "Directors", "director", subsessions),
        ],
    }


def _people(step_id: str, name: str, category: str, subsessions: str | None, *more: Body, **options: Any) -> Body:
    """Related parties: each in a session of their own, or else by name in a form."""
    if subsessions is not None:
        config = {"workflow_id": subsessions, "category": category, "min_required": 1, "max_allowed": 10}
        return {
            "step_id": step_id,
            "name": name,
            "type": "subsession_collection",
            "subsession_config": config,
        }
    person = [
        _field("full_name", "Full name", "name", validate_lists=True),
        _field("nationality", "Nationality", "country", country_type="nationality"),
        *more,
    ]
    for one in person:
        del one["field_key"]
    entries = _field(f"{step_id}_list", name, "entity_array", item_fields=person, min_items=1, max_items=20, **options)
    return _form(step_id, name, entries)


def _merchant(subsessions: str | None) -> Body:
    return {
        "description": "Licence, business, bank account and merchants of a marketplace seller",
        "entity_types": ["both"],
        "steps": [
            _documents(
                "business_license",
                "Business licence",
                "business_license",
                "Business licence",
                entity_role="company",
            ),
            _form(
                "business_info",
                "Business information",
                _field("business_name", "Business name", "name", name_type="company", validate_lists=True),
                _field("business_country", "Country", "country", country_type="incorporation"),
                _field("business_email", "Email", "email", validate_email=True),
                _field("business_phone", "Phone", "phone", format="international"),
                _field("business_website", "Website", "url", required=False),
            ),
            _documents("bank", "Bank account", "bank_ownership", "Proof of bank account", entity_role="company"),
            _form(
                "sub_merchants",
                "Sub-merchants",
                _field("sub_merchants", "Sub-merchants", "sub_merchants", required=False),
            ),
        ],
    }


def _pep(subsessions: str | None) -> Body:
    """Names step types that are still to come, so saving it is refused until they are there."""
    exposed = {
        "action": "show",
        "match": "all",
        "conditions": [{"field_id": "is_pep", "operator": "equals", "value": True}],
    }
    questions = [
        _field("is_pep", "Do you hold, or did you hold, a public office?", "boolean"),
        _field("pep_role", "Which office?", "text", max_length=200, conditional_logic=exposed),
        _field("source_of_funds", "Source of funds", "text", multiline=True),
        _field("source_of_wealth", "Source of wealth", "text", multiline=True),
    ]
    return {
        "description": "Enhanced checks of politically exposed persons",
        "entity_types": ["individual"],
        "steps": [
            _identity(),
            {"step_id": "liveness", "name": "Liveness", "type": "liveness"},
            _form("personal_info", "Personal information", *_person(), *questions),
            _documents("evidence", "Evidence", "source_of_funds", "Evidence of funds", allow_multiple=True),
            {"step_id": "validation", "name": "Review", "type": "validation"},
        ],
        "validation_config": {"automation_rules": {"default_action": "manual_review"}},
    }


_TEMPLATES = {
    "basic-kyc": _basic,
    "company-kyc": _company,
    "merchant-onboarding": _merchant,
    "pep-enhanced": _pep,
}
