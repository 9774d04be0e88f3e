/* Takes one sync out, as a negative control: the questions have to notice. The linker leads the program's calls of syncfs
 * here; its fsyncs, and SQLite's, are not touched. */
#ifndef TESTS_PROOFS_LOST_SYNC_H
#define TESTS_PROOFS_LOST_SYNC_H

/* The NUMBERth syncfs of this process, from 1, will do nothing; 0: all of them work. It is the one that makes a
 * staged release durable before it gets its name. */
void lost_sync_arm(int number);

#endif
