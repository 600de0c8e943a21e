"""What usage costs: a dated price book, billing rules, tiers, free tiers and credits, as pure functions."""

from twin.semantics.pricing.bill import Bill, bill
from twin.semantics.pricing.book import PriceBook, standard_book
from twin.semantics.pricing.charge import Charge
from twin.semantics.pricing.plans import AccountPlan
from twin.semantics.pricing.usage import Holding, Use

__all__ = ["AccountPlan", "Bill", "Charge", "Holding", "PriceBook", "Use", "bill", "standard_book"]
