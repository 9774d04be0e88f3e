/* Callers who are neither root nor named by [control] users and group: polkit, where the machine has it, decides whether they may,
 * and asks them for an administrator's password where its rules say so. A program of its own (haishin-permit) asks polkit, so that
 * the agent neither waits nor links what that takes.
 *
 * Who is asked about is the process that called, held by a descriptor from the moment of the question on: an answer counts only while that process
 * lives, and its user is the one that the kernel noted when it connected. So neither a process that takes over its number nor
 * one that has become somebody else gets what it asked for. */
#ifndef AGENT_RIGHTS_PERMISSION_H
#define AGENT_RIGHTS_PERMISSION_H

#include "agent/config/config.h"
#include "agent/rights/change_kind.h"
#include "agent/varlink/varlink_answer.h"
#include "common/auto.h"

#define PERMISSION_QUESTIONS 8	    /* at a time; one of each user */
#define PERMISSION_WAIT_S 120	    /* for a password; longer than that nobody is asked */
#define PERMISSION_PROGRAM "haishin-permit" /* in [paths] programs */
#define PERMISSION_PROCESS_FD 3	    /* where that program has the caller's process */

/* How PERMISSION_PROGRAM ends. */
#define EACH_PERMISSION_END(END)                                                                                     \
	END(GRANTED, 0)                                                                                              \
	END(REFUSED, 1)	      /* polkit's rules, or whoever was asked, say no */                                      \
	END(NOBODY_ASKS, 2)   /* a password would do, but nothing there can ask for it */                             \
	END(DISMISSED, 3)     /* the question was put away, or not answered in time */                                \
	END(NO_AUTHORITY, 4) /* polkit does not answer, or does not know the action */

enum permission_end {
#define PERMISSION_ENUMERATOR(enumerator, status) PERMISSION_##enumerator = (status),
	EACH_PERMISSION_END(PERMISSION_ENUMERATOR)
#undef PERMISSION_ENUMERATOR
};

struct permissions; /* the questions that wait for an answer */

WARN_UNUSED int permissions_new(struct permissions **ret_permissions, struct error *err);
/* Ends the programs that ask. The calls must have ended. */
void permissions_free(struct permissions *permissions);
DEFINE_AUTO_PTR(permissions, struct permissions, permissions_free);

/* True where polkit is asked on this machine: it is installed, knows our actions, and [control] polkit is yes. */
bool permission_is_asked_for(const struct config *config);

/* May the caller, who is not allowed anyway, do what is of KIND? *RET_ASKED: polkit is asked, the caller has promised to wait
 * (varlink_wait()), and the call is to be handled anew when permissions_take() says so. Else 0: granted. ERROR_DENIED with a
 * sentence that says why not; ERROR_BUSY where too much is asked already. */
WARN_UNUSED int permission_ask(struct permissions *permissions, const struct config *config, struct varlink_call *call,
	enum change_kind kind, bool *ret_asked, struct error *err);

/* A child of this process has ended: true if calls that wait are to be handled anew. */
bool permissions_take(struct permissions *permissions);

#endif
