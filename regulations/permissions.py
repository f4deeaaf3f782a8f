"""Who may read and change regulation data."""

import rules

from accounts.permissions import is_system_administrator

# The law is no secret: everybody with an account, council members included, may read the sheets.
rules.add_perm("regulations.see_regulations", rules.is_active)
# Drafts, sheets that have to be completed, putting in force.
rules.add_perm("regulations.edit_regulations", is_system_administrator)
