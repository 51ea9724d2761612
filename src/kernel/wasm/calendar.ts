/** Months are 1 to 12. */
export function daysOfMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}

/** Of a date of the Gregorian calendar that there is, counted in eras of 400 years that begin in March. */
export function daysSince1970(year: i32, month: i32, day: i32): i32 {
  const marchYear = month <= 2 ? year - 1 : year
  const era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
  const yearOfEra = marchYear - era * 400
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
