/* A program of ours, or a real server, run by a test. What cannot be started ends the test program. */
#ifndef TESTS_SUPPORT_PROGRAM_H
#define TESTS_SUPPORT_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

struct program {
	pid_t pid;
	int out_fd; /* its standard output and error */
};

/* Starts it; PASS_FD becomes its descriptor 3, unless it is -1. */
void program_start(struct program *program, const char *const *argv, int pass_fd);
/* Reads one line of its output, without the line break; "" at the end. */
void program_read_line(struct program *program, char *ret_line, size_t size);
/* Reads all of its output and waits; returns its exit status, or 128 + the signal that ended it. */
int program_wait(struct program *program, char *ret_output, size_t size);
/* Sends SIGNAL first. */
int program_stop(struct program *program, int signal, char *ret_output, size_t size);
/* The processor time that it has had so far, all threads, in milliseconds. */
long program_cpu_ms(const struct program *program);

#endif
