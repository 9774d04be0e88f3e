/* An account of Debian's that no other test runs programs as: a bound on processes counts all of an account. Tests that run programs as
 * it take turns (RESOURCE_LOCK hostile-account). */
#ifndef TESTS_ROLLBACK_HOSTILE_ACCOUNT_H
#define TESTS_ROLLBACK_HOSTILE_ACCOUNT_H

#define HOSTILE_USER "games"
#define HOSTILE_UID 5
#define HOSTILE_GID 60

#endif
