"""Who may read and change regulation data."""

import rules

# The law is no secret: everybody with an account, council members included, may read the sheets.
rules.add_perm("regulations.see_regulations", rules.is_active)
