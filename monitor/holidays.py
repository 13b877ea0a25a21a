"""The days on which Chinese offices do not work: weekends and public holidays. Data and one question, nothing else."""

from datetime import date

#: Lunar New Year's Day, the Dragon Boat Festival and the Mid-Autumn Festival (lunar 1/1, 5/5 and 8/15) as month and
#: day. A year that is missing costs some false alarms about quiet sources, and no more.
_LUNAR = {
    2024: ((2, 10), (6, 10), (9, 17)),
    2025: ((1, 29), (5, 31), (10, 6)),
    2026: ((2, 17), (6, 19), (9, 25)),
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
    2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)),
    2034: ((2, 19), (6, 20), (9, 27)),
    2035: ((2, 8), (6, 10), (9, 16)),
    2036: ((1, 28), (5, 30), (10, 4)),
    2037: ((2, 15), (6, 18), (9, 24)),
    2038: ((2, 4), (6, 7), (9, 13)),
    2039: ((1, 24), (5, 27), (10, 2)),
    2040: ((2, 12), (6, 14), (9, 20)),
}
#: First and last day of the holidays that the solar calendar fixes: New Year, Qingming, Labour Day, National Day.
_SOLAR = (((1, 1), (1, 3)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((10, 1), (10, 8)))
#: The Spring Festival: from the eve to the seventh day.
_SPRING = range(-1, 7)


def is_day_off(day: date) -> bool:
    """Whether few offices publish on this day, by the calendar of Beijing. Pure.

    The weekends that the State Council turns into workdays, which it announces each autumn, count as days off.

    >>> is_day_off(date(2026, 3, 2)), is_day_off(date(2026, 3, 7)), is_day_off(date(2026, 2, 18))
    (False, True, True)
    """
    if day.weekday() >= 5:
        return True
    if any(date(day.year, *first) <= day <= date(day.year, *last) for first, last in _SOLAR):
        return True
    if (lunar := _LUNAR.get(day.year)) is None:
        return False
    spring, *others = (date(day.year, *festival) for festival in lunar)
    return (day - spring).days in _SPRING or day in others
