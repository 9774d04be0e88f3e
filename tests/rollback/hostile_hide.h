/* What a hostile program does to be seen by nobody: neither by who is to end it, nor by who counts what it uses. */
#ifndef TESTS_ROLLBACK_HOSTILE_HIDE_H
#define TESTS_ROLLBACK_HOSTILE_HIDE_H

/* Leaves a process whose first thread has ended, which the kernel shows as one that has ended. */
int hide_behind_a_thread(char **where);

/* Leaves one that waits for its child to take its memory over, which that never does: until then it cannot be stopped. */
int hide_behind_a_vfork(char **where);

/* 4 GiB in eight processes of that kind; does not end. */
int hide_memory_behind_threads(char **where);

/* 4 GiB as a table of processes adds up, a quarter of one as the machine sees it: nothing wrong with that. */
int share_memory(char **where);

/* Leaves many that make orphans without end, so that whoever takes them in has no time for anything else. */
int make_orphans(char **where);

/* Leaves one, and takes the descriptors from who is to look for it. */
int blind_the_keeper(char **where);

/* Has the machine keep what is left of it when it falls, by a program of the machine's. */
int ask_for_a_core(char **where);

/* Types into the terminal of whoever started it. */
int reach_the_terminal(char **where);

#endif
