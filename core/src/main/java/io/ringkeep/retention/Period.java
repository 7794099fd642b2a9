package io.ringkeep.retention;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;

/// A stretch of the calendar of which one snapshot is kept.
enum Period {
  HOUR {
    @Override
    String of(ZonedDateTime time) {
      // With the offset: the hour that comes twice when summer time ends is two hours.
      ZonedDateTime hour = time.truncatedTo(ChronoUnit.HOURS);
      return "hour %s %s%s".formatted(hour.toLocalDate(), hour.toLocalTime(), hour.getOffset());
    }
  },
  DAY {
    @Override
    String of(ZonedDateTime time) {
      return "day " + time.toLocalDate();
    }
  },
  WEEK {
    @Override
    String of(ZonedDateTime time) {
      LocalDate monday =
          time.toLocalDate().with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      return "week of " + monday;
    }
  },
  MONTH {
    @Override
    String of(ZonedDateTime time) {
      return "month %04d-%02d".formatted(time.getYear(), time.getMonthValue());
    }
  },
  YEAR {
    @Override
    String of(ZonedDateTime time) {
      return "year %04d".formatted(time.getYear());
    }
  };

  /// The one that `time` lies in, for people; equal for times in the same one.
  abstract String of(ZonedDateTime time);
}
