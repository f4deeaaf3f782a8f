"""Who may read and change regulation data."""

import rules

from accounts.permissions import has_role
from accounts.roles import Role

# The law is no secret: whoever works with dossiers may read the sheets they are scored by.
rules.add_perm("regulations.see_regulations", has_role(*Role))
