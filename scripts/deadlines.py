"""Writes what crates/vault/src/law/tests.rs compares with: the last day of a period of one month and of three for every day of
2024 to 2036 in five countries, by python-dateutil and the package `holidays`, which share nothing with the program.

    pip install holidays python-dateutil && python scripts/deadlines.py > crates/vault/src/law/deadlines.txt

A line is a country, a month, and a letter for each of its days for one month and for three: how many days later the period
ends, from 28 and from 88 on, as digits to the base of 36."""
from datetime import date, timedelta

import holidays
from dateutil.relativedelta import relativedelta

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def last(start, months, free):
    end = start + relativedelta(months=months)
    while end.weekday() >= 5 or end in free:
        end += timedelta(days=1)
    return end


for country in ("DE", "ES", "FR", "IE", "IT"):
    free = holidays.country_holidays(country, years=range(2024, 2038), observed=False)
    for year in range(2024, 2037):
        for month in range(1, 13):
            one = three = ""
            day = date(year, month, 1)
            while day.month == month:
                one += DIGITS[(last(day, 1, free) - day).days - 28]
                three += DIGITS[(last(day, 3, free) - day).days - 88]
                day += timedelta(days=1)
            print(f"{country} {year}-{month:02} {one} {three}")
