"""Who follows the programme as a whole."""

import rules

from accounts.permissions import is_department

rules.add_perm("planning.see_dashboard", is_department)
