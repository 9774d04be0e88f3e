/* The clock that runs while the machine is off, and its alarm, as Linux shows them: a folder such as /sys/class/rtc/rtc0 with the files
 * since_epoch and wakealarm. Its time need not be the system's: alarms are seconds on this clock. */
#ifndef AGENT_POWER_REAL_TIME_CLOCK_H
#define AGENT_POWER_REAL_TIME_CLOCK_H

#include <stdint.h>

#include "common/error.h"

struct real_time_clock {
	int64_t now_s;
	int64_t alarm_s; /* 0: none is set, or it has rung */
};

/* ERROR_NOT_FOUND where the machine has none at PATH, or one that cannot wake it; ERROR_INPUT where it says no number. */
WARN_UNUSED int real_time_clock_read(const char *path, struct real_time_clock *ret_clock, struct error *err);

/* Sets the alarm, in place of one that is set; 0: none. The clock is asked whether it has taken it: ERROR_FAILED where not. */
WARN_UNUSED int real_time_clock_set(const char *path, int64_t alarm_s, struct error *err);

#endif
