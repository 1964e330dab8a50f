from typing import Any, Self

import pytest
from pydantic import BaseModel, Field, ValidationError, model_validator

from greenroom.web.form import complaint


class Order(BaseModel):
    """What somebody types in."""

    budget_usd: float = Field(0, ge=0)
    period: str = ""

    @model_validator(mode="after")
    def _has_a_period(self) -> Self:
        if self.budget_usd and not self.period:
            raise ValueError("a budget needs a period")
        return self


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"budget_usd": -1}, "The budget cannot be this: Input should be greater than or equal to 0"),
        ({"budget_usd": 5}, "It cannot be this: a budget needs a period"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_with_the_field_if_it_is_one_alone(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Order.model_validate(given)
    assert complaint(wrong.value) == said
