"""Who prepares trade promotion."""

import rules

from accounts.permissions import is_department, is_trade_promotion_officer

rules.add_perm("trade_promotion.see_eligible_products", is_trade_promotion_officer | is_department)
