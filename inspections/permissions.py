"""Who follows what has to be checked."""

import rules

from accounts.permissions import is_department, is_inspector

rules.add_perm("inspections.see_watch_list", is_inspector | is_department)
