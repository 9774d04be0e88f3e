/* What is the case on this terminal, and what to do about it. status_collect.h gathers it from store, disk, plan
 * and the kept catalog, status_judge.h judges it, status_json.h writes it for the control socket. */
#ifndef AGENT_STATUS_STATUS_H
#define AGENT_STATUS_STATUS_H

#include "agent/base/terminal.h"
#include "agent/choice/candidates.h"
#include "agent/machine/machine.h"
#include "agent/machine/machine_clock.h"
#include "agent/machine/machine_walls.h"
#include "agent/proof/identity.h"
#include "agent/server/last_contact.h"
#include "agent/status/explain_gates.h"
#include "common/words/status_reasons.h"
#include "common/words/status_words.h"
#include "agent/store/delivery.h"
#include "agent/store/headline.h"
#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "agent/store/sent_report.h"
#include "agent/store/soundness.h"
#include "rollback/versions.h"

/* The first word that staff see. */
enum status_verdict {
#define VERDICT_ENUM(enumerator, name, words) STATUS_##enumerator,
	EACH_STATUS_VERDICT(VERDICT_ENUM)
#undef VERDICT_ENUM
};

/* Contact is missed when so many windows in a row ended without it although the terminal was on; when it was off in
 * so many of them; or when so much time has passed, whatever the reason. */
#define STATUS_WINDOWS_WITHOUT_CONTACT 2
#define STATUS_WINDOWS_OFF 3
#define STATUS_LONGEST_SILENCE_S (7 * 86400)

/* Once is an accident on the way, which haishin makes good by asking again: people are told of what is not what was published
 * where that came twice within so long. Nothing of it is used, and history and report have each of them. */
#define STATUS_ALTERED_S (7 * 86400)

/* A client certificate that ends within so many days needs attention; its end is shown from 90 days on. */
#define STATUS_CERTIFICATE_DAYS 7

/* That a terminal got another key of its own is told for so long, and as long as it shares a certificate. */
#define STATUS_IDENTITY_TOLD_S (30 * 86400)

#define STATUS_WINDOWS_MOST 14
/* What became of one window. */
struct status_window {
	int64_t opens_s;
	int64_t attempts;
	bool is_woken; /* the machine was started for it by its clock's alarm */
	char date[NIGHT_DATE_TEXT_SIZE];
	char outcome[16]; /* as in struct contact_row */
};

struct status_problem {
	enum status_reason reason;
	char package[PACKAGE_NAME_SIZE]; /* "" where it is about none */
	char version[VERSION_TEXT_SIZE]; /* of what was taken back or refused; may be "" */
	char detail[STORE_TEXT_SIZE];
};

struct status_package {
	char name[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];	  /* of current; VERSION_BROKEN for none */
	char folder[VERSIONS_FOLDER_SIZE];	  /* of current; "" for none */
	char previous_version[VERSION_TEXT_SIZE]; /* the way back; "" for none */
	char staged_version[VERSION_TEXT_SIZE];	  /* "" for none */
	char staged_folder[VERSIONS_FOLDER_SIZE]; /* the same */
	char newest[VERSION_TEXT_SIZE];		  /* of the kept catalog; "" where it names none */
	bool is_not_its_turn; /* the newest is being rolled out, and its turn has not come here */
	char waits_with[PACKAGE_NAME_SIZE]; /* whose turn that is, where it is not its own: one that the newest requires; "" */
	bool has_candidate;   /* the catalog has one for it */
	struct candidate_here candidate;
	json_t *notes; /* what the staged release changes, or else the current one (headline_find()); NULL: nothing is said */
	struct soundness soundness; /* of the files of current */
	bool is_odd; /* its folder is not as releases and guard need it; what is current is not known then */
	bool on_trial;
	bool condemned;
	bool has_no_former; /* it is condemned, and there is no release to go back to */
	bool is_wanted_back; /* its newest delivery was taken back, or dropped, because a person here asked for it */
	bool is_let_come; /* the same, and somebody here has let it come again */
	enum explain_gate gate; /* the first that is shut, of explain; EXPLAIN_GATES: none, it may come now */
	char gate_code[16];	/* and what stands there: an error's name, or "" */
	char gate_detail[STORE_TEXT_SIZE];
	bool is_held;
	struct pause_row hold;
	bool has_delivery;
	struct delivery delivery; /* the newest */
	bool needs_one_kept_here; /* another package that its newest release requires is held, or was sent away by a person here */
	bool came_altered_again;  /* what came of it was not what was published, the last time and before (STATUS_ALTERED_S) */
};

/* A service that the catalog names (F22), and the first package that is too old for it. */
struct status_service {
	char name[PACKAGE_NAME_SIZE];
	char title[STORE_TEXT_SIZE];
	char package[PACKAGE_NAME_SIZE]; /* "": all that this terminal runs is new enough */
	char here[VERSION_TEXT_SIZE];
	char needed[VERSION_TEXT_SIZE];
};

/* The windows that are over, and the one that is open or comes next. */
struct status_windows {
	struct status_window items[STATUS_WINDOWS_MOST]; /* oldest first */
	size_t count;
	int without_contact;   /* in a row, the newest last, the terminal being on */
	int off;	       /* in a row, the newest last */
	int64_t next_opens_s;  /* 0: none */
	int64_t next_closes_s; /* 0: never */
};

/* What the kept catalog says of the terminal as a whole. */
struct status_catalog {
	bool is_kept;
	int64_t longest_disable_days; /* its policy; 0: none */
	struct status_service *services;
	size_t services_count;
};

struct status_report {
	bool is_made; /* reports are wanted, and one was made */
	struct sent_report row;
	int64_t taken_s; /* when the server took the last one; 0: never */
};

struct status_judgement {
	enum status_verdict verdict;
	enum status_reason reason;
	struct status_problem *problems; /* all that needs attention */
	size_t problems_count;
};

struct status {
	int64_t now_s;
	int64_t time_floor_s;		 /* the newest time that anything signed has vouched for */
	struct machine machine;
	struct machine_clock clock;
	struct status_package *packages; /* by priority */
	size_t count;
	bool is_disabled;
	struct pause_row disabled;
	char installed_newer
		[VERSION_TEXT_SIZE]; /* the agent that is installed; "" where it is no newer than the one that runs */
	bool store_set_aside;
	struct machine_walls walls;
	struct last_contact last_contact;
	int64_t deltas_missed; /* agent/server/delta_count.h */
	bool has_check;
	struct history_row last_check; /* the last time the server was asked */
	bool check_came_altered_again; /* as of a package: it, and another one before */
	struct status_windows windows;
	struct status_catalog catalog;
	struct status_report report;
	bool has_receipt;
	struct history_row last_receipt; /* of the ledger; its outcome says whether it held */
	struct identity identity; /* the last change of its key */
	struct status_judgement judgement;
};
void status_clear(struct status *status);
DEFINE_AUTO(status, struct status, status_clear);

/* How the package stands, in one word: a name of EACH_PACKAGE_STATE. */
const char *status_package_state(const struct status_package *package);

/* Files of its current release are damaged, the server has it, and nothing newer comes in its place. */
bool status_package_wants_repair(const struct status_package *package);

/* Its newest delivery ended in STATE, and what that brought is still what the catalog wants. */
bool status_package_ended_in(const struct status_package *package, enum delivery_state state);

/* That, and what came was not what was published: it comes again by itself. */
bool status_package_came_altered(const struct status_package *package);

/* The last time that the server was asked ended so. */
bool status_last_check_failed_with(const struct status *status, enum error_code code);

const char *status_verdict_name(enum status_verdict verdict);
const char *status_reason_name(enum status_reason reason);

#endif
