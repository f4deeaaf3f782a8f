"""From a district and a commune as officers write them to the unit of the official list."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import AdministrativeUnit
from products.cells import UnitName, unit_key


class UnknownPlaceError(LookupError):
    """No such unit; the message is the Vietnamese sentence for the officer, `name` what it is
    about.
    """

    def __init__(self, message: str, name: UnitName | None = None) -> None:
        super().__init__(message)
        self.name = name


class Places:
    """The units of one edition by name, read once with what they went into; two queries
    however many rows ask.
    """

    def __init__(self, edition: int = 2021) -> None:
        units = AdministrativeUnit.objects.filter(edition=edition)
        units = units.select_related("parent").prefetch_related("successors")
        self._districts: dict[str, list[AdministrativeUnit]] = defaultdict(list)
        self._communes: dict[tuple[int, str], list[AdministrativeUnit]] = defaultdict(list)
        self._all = list(units)
        for unit in self._all:
            if unit.level == AdministrativeUnit.Level.DISTRICT:
                self._districts[unit_key(unit.name)].append(unit)
            elif unit.level == AdministrativeUnit.Level.COMMUNE and unit.parent_id:
                self._communes[unit.parent_id, unit_key(unit.name)].append(unit)

    def find(
        self,
        district: UnitName | None,
        commune: UnitName | None,
        *,
        default: AdministrativeUnit | None = None,
        within: AdministrativeUnit | None = None,
    ) -> AdministrativeUnit:
        """The commune, or the district where none is written. Where the row names no district it
        is `default`, or that of the one commune of this name that went into `within`, a unit of
        2025. Raises UnknownPlaceError.
        """
        if district is None and default is None and within and commune:
            return self._former(within, commune)
        found = self._district(district) if district else default
        if found is None:
            raise UnknownPlaceError("Chưa ghi quận, huyện, thị xã.")
        return self._commune(found, commune) if commune else found

    def _former(self, now: AdministrativeUnit, name: UnitName) -> AdministrativeUnit:
        found = [unit for unit in self._all if now in unit.successors.all()]
        wanted = [unit for unit in found if unit_key(unit.name) in {name.key, name.whole_key}]
        names = ", ".join(f"{unit.full_name} ({unit.district.full_name})" for unit in found)
        message = f"Hãy ghi tên xã, phường, thị trấn trước ngày 1/7/2025: {names}."
        return _only(wanted, name, f"{now.full_name} không gồm “{name.written}”. {message}")

    def _district(self, name: UnitName) -> AdministrativeUnit:
        candidates = self._districts.get(name.key) or self._districts.get(name.whole_key) or []
        return _only(candidates, name, f"Không có quận, huyện, thị xã “{name.written}” ở Hà Nội.")

    def _commune(self, district: AdministrativeUnit, name: UnitName) -> AdministrativeUnit:
        found = self._communes
        candidates = found.get((district.pk, name.key)) or found.get((district.pk, name.whole_key))
        message = f"{district.full_name} không có xã, phường, thị trấn “{name.written}”."
        return _only(candidates or [], name, message)


def _only(
    candidates: Iterable[AdministrativeUnit], name: UnitName, message: str
) -> AdministrativeUnit:
    """The one unit that is meant; a kind that is written (xã, thị trấn) decides between two."""
    units = list(candidates)
    if len(units) > 1 and name.kind:
        units = [unit for unit in units if unit.kind == name.kind] or units
    if not units:
        raise UnknownPlaceError(message, name)
    if len(units) > 1:
        kinds = ", ".join(unit.full_name for unit in units)
        raise UnknownPlaceError(f"“{name.written}” có thể là {kinds}: hãy ghi rõ.", name)
    return units[0]
