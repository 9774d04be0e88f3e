/* Errors: a code that a program may act on, and a sentence that a person can act on. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <stdint.h>

#include "common/error_codes.h"

struct error {
	enum error_code code;
	int sys;	       /* errno, CURLcode or SQLite code behind it; 0 if none */
	int64_t retry_after_s; /* the pause that the server asked for; 0: it did not */
	char text[512];	       /* outermost context first; no allocation, so it works when memory is gone */
};

#define WARN_UNUSED __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt_at, first_at) __attribute__((__format__(__printf__, fmt_at, first_at)))

/* Sets code and sentence, clears the rest; returns -1, so that it can be returned. ERR may be NULL. A sentence that
 * does not fit is cut. */
int error_set(struct error *err, enum error_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As error_set, with ": " and the text of errno value SYS behind the sentence, and the code that SYS calls for where
 * it is more exact than ERROR_FAILED: ENOENT is ERROR_NOT_FOUND; ENOSPC and EDQUOT are ERROR_NO_SPACE. */
int error_system(struct error *err, int sys, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "fmt: " in front of the sentence; returns -1. */
int error_context(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Shows the compiler that the result is -1, so that it knows which paths leave results unset. */
#define error_set(...) (error_set(__VA_ARGS__), -1)
#define error_system(...) (error_system(__VA_ARGS__), -1)
#define error_context(...) (error_context(__VA_ARGS__), -1)

/* The name of a code as the history and JSON show it, such as "refused". */
const char *error_code_name(enum error_code code);

/* The code of that name; ERROR_FAILED for a name of none, which may be NULL. */
enum error_code error_code_of_name(const char *name);

/* The exit status of a program that ends with this code (docs/cli.md). */
int error_exit_status(enum error_code code);

#endif
