/* The configuration of one terminal: /etc/haishin/haishin.conf and the files of conf.d beside it. Every setting is a
 * row of one table in config.c; docs/configuration.md describes them. */
#ifndef AGENT_CONFIG_CONFIG_H
#define AGENT_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/config/config_environment.h"
#include "agent/config/config_unknown.h"
#include "agent/config/config_value.h"
#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "scheduler/rate.h"
#include "scheduler/schedule.h"
#include "scheduler/zone.h"
#include "updater/fetch/http.h"

#define CONFIG_FILE "/etc/haishin/haishin.conf"

enum config_per_restart { CONFIG_PER_RESTART_ALL, CONFIG_PER_RESTART_ONE };
enum config_answer { CONFIG_YES, CONFIG_NO };
enum config_rollback { CONFIG_ROLLBACK_RESTART, CONFIG_ROLLBACK_NOW };

/* All paths are absolute, with the root in front. Texts that were left empty are "", never NULL. */
struct config {
	/* [paths] */
	char *root; /* "" where the terminal is the whole machine */
	char *state_path;
	char *cache_path;
	char *packages_path;
	char *run_path;
	char *programs_path;
	char *trusted_root_path;
	char *boot_id_path;
	char *machine_id_path;
	char *hardware_id_path;
	char *certificates_path;
	/* [server] */
	struct config_list server_urls; /* at least one; mirrors in order; no slash at the end */
	char *ca_file_path;		/* "": the system's */
	char *est_url;			/* where certificates are renewed; "": where the last one came from */
	char *report_url;		/* where reports go; "": nowhere */
	char *proxy;			/* "": none, and none is looked for (F15) */
	char *proxy_credentials_path;	/* of the file that holds its user and password; "": it asks for none */
	int64_t connect_timeout_s;
	int64_t stall_timeout_s;
	/* [network] */
	int64_t rate; /* bytes each second; 0: no limit, as for all rates */
	int64_t rate_outside_window;
	char *rate_by_hour_text; /* as written */
	struct rate_hours_list rate_by_hour;
	uint64_t budget;  /* bytes in one window; 0: no limit */
	int64_t budget_s; /* seconds of transfers in one window; 0: no limit */
	enum http_redirects redirects;
	/* [terminal] */
	char *institution_code; /* 10 digits (F16), or "" */
	char *institution_name; /* for completion reports (F24), or "" */
	char *telephone;	/* the same; 10 or 11 digits */
	char *ring;		/* of rollouts; "": none */
	char *zone_name;
	struct zone *zone; /* loaded */
	struct config_list packages;
	/* [delivery] */
	struct schedule_own own; /* what is asked of each night */
	char *windows_text; /* as written */
	int64_t start_delay_s;
	int64_t attempts_per_night;
	int64_t longest_by_hand_s; /* a delivery outside the window */
	uint64_t reserve_space; /* bytes of the disk that delivery leaves free */
	int64_t reserve_files;	/* files and folders that it leaves room for; of a small disk less (common/disk/disk.h) */
	/* [install] */
	enum config_per_restart per_restart;
	enum config_rollback rollback;	 /* when a release that failed is taken back */
	char *applications_command_path; /* "": applications are stopped and started through their units */
	char *units; /* PACKAGE=NAME.service with blanks between them */
	char *network_packages; /* with blanks between them; their checks may use the network */
	int64_t keep_former;
	int64_t starts_max;
	/* [control] */
	char *control_users; /* names with blanks between them */
	char *control_group;
	enum config_answer control_polkit; /* is it asked about all others? */
	char *staff_may_set; /* names of settings with blanks between them */
	/* [users] */
	char *fetch_user;
	char *self_test_user;
	/* [history] */
	int64_t history_keep_rows; /* in the store; older ones are archived */
	uint64_t history_max_size; /* bytes of archived files */
	int64_t history_keep_days; /* in which none of them is removed */
	/* [notice] */
	char *notice_command_path; /* "": none */
	/* [restart] */
	char *restart_at;		   /* "04:30"; "": never */
	enum config_answer restart_on_request; /* may those who may change things restart it? */
	char *restart_command_path;	   /* "": the service manager */
	char *restart_in_use_command_path; /* "": logins */

	/* [power] */
	enum config_answer power_wake; /* is the machine started for its turn? */
	char *power_clock_path;	       /* whose alarm does that */
	char *power_down_command_path; /* "": the service manager */

	/* [environment NAME] */
	struct environments environments;	 /* besides production */
	char environment[ENVIRONMENT_NAME_SIZE]; /* in force; what is special to it stands in the members above */
	char lost_environment[ENVIRONMENT_NAME_SIZE]; /* was chosen, and the files name it no more; "" for none */
	char *environment_path; /* state that belongs to it: trusted metadata, the kept catalog */

	struct config_unknowns unknowns; /* in the files, and without effect */

	char *file;	     /* that was read first */
	char *root_override; /* as it was given; NULL: none */
	char **sources;	     /* for config_source() */
	char **values;	     /* for config_text() */
};

/* Reads FILE (NULL: CONFIG_FILE below ROOT_OVERRIDE) and the *.conf of the folder conf.d beside it, sorted by name; a
 * later file may change what an earlier one set. ROOT_OVERRIDE (NULL: none) goes before [paths] root. What is wrong
 * in a file is ERROR_INPUT, "FILE:LINE: what is wrong"; so is a missing [server] url, and a file that everybody may
 * write where this process is root. ERROR_NOT_FOUND where FILE is missing. On failure RET is left alone.
 *
 * A setting that this program does not know is no error: it may be one of a newer agent, and the one that takes over
 * from it must start. It is kept in RET->unknowns; config_mistake_refuse() makes an error of it. */
WARN_UNUSED int config_load(
	struct fs *fs, const char *file, const char *root_override, struct config *ret, struct error *err);
void config_clear(struct config *config);
DEFINE_AUTO(config, struct config, config_clear);

/* The settings, for whoever prints or checks them. False beyond the last. Texts are static. */
struct config_setting {
	const char *section;
	const char *key;
	const char *fallback; /* the default, as it would be written; "" for empty */
	const char *meaning;  /* one line */
};
bool config_setting_at(size_t index, struct config_setting *ret_setting);

/* VALUE as that setting, which is a text, has it: a telephone number without hyphens. ERROR_INPUT says why it will not do. *RET_TEXT is
 * to be freed. */
WARN_UNUSED int config_plain(
	const char *section, const char *key, const char *value, char **ret_text, struct error *err);

#define CONFIG_SOURCE_DEFAULT "default"
/* Where a setting's value comes from: "FILE:LINE", or CONFIG_SOURCE_DEFAULT. Valid as long as CONFIG.
 * A key that is none of the table is a mistake of the caller. */
const char *config_source(const struct config *config, const char *section, const char *key);

/* A setting's value as it was written, or its default. Valid as long as CONFIG. A key that is none of the table is a mistake of the
 * caller. */
const char *config_text(const struct config *config, const char *section, const char *key);

/* Does the terminal run PACKAGE? */
bool config_runs(const struct config *config, const char *package);

/* ---- For config_load.c: the one table of settings, and what its rows can do. ---- */

/* One row for each key. */
struct config_row {
	struct config_setting setting;
	enum config_kind kind;
	size_t at; /* of the member in struct config */
	int64_t lowest, highest;
	const char *choices; /* of a choice, in the order of its enum, with blanks between them */
};

size_t config_rows_count(void);
/* NULL beyond the last. */
const struct config_row *config_row_at(size_t index);
/* The index of that setting, by its name or one that it had before; false where there is none. */
bool config_row_find(const char *section, const char *key, size_t *ret_index);

void *config_row_member(const struct config_row *row, struct config *config);
/* Sets its member, and what is made of it. ERROR_INPUT says what is wrong with VALUE. */
WARN_UNUSED int config_row_set(
	const struct config_row *row, struct fs *fs, const char *value, struct config *config, struct error *err);
/* Would VALUE do? */
WARN_UNUSED int config_row_check(const struct config_row *row, const char *value, struct error *err);

#endif
