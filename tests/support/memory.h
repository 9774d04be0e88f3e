/* What this process takes of memory, as the kernel counts it. */
#ifndef TESTS_SUPPORT_MEMORY_H
#define TESTS_SUPPORT_MEMORY_H

struct memory {
	long most_kib; /* resident at most so far (VmHWM): with libraries and other files, which processes share */
	long own_kib;  /* of that its own (RssAnon), the largest that was seen by memory_look() */
};

/* Looks again; the figures of MEMORY only grow. */
void memory_look(struct memory *memory);

#endif
