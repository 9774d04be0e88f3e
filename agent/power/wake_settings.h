/* What wake.c and wake_power.c keep in the store. Times are in seconds; those on the wall's clock UTC. */
#ifndef AGENT_POWER_WAKE_SETTINGS_H
#define AGENT_POWER_WAKE_SETTINGS_H

#define WAKE_SETTING_ALARM "wake.alarm_s"	    /* the alarm that stands; 0: none of ours */
#define WAKE_SETTING_CLOCK "wake.alarm_clock_s"	    /* the same as the real-time clock was told */
#define WAKE_SETTING_BOOT "wake.boot_id"	    /* the start of the machine that was looked at last */
#define WAKE_SETTING_TROUBLE "wake.trouble"	    /* why it could not be set */
#define WAKE_SETTING_WOKEN "wake.woken_s"	    /* when our alarm last woke the machine */
#define WAKE_SETTING_DOWN "wake.down"		    /* what it goes back to: one of enum wake_down */

enum wake_down { WAKE_DOWN_NO, WAKE_DOWN_OFF, WAKE_DOWN_SLEEP };

#endif
