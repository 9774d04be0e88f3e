/* Release by scope: what a function acquires it releases on every path. */
#ifndef COMMON_AUTO_H
#define COMMON_AUTO_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* AUTO(fd) int fd = -1; calls auto_fd(&fd) when fd leaves its scope. */
#define AUTO(name) __attribute__((cleanup(auto_##name)))

/* Gives AUTO(name) to pointers to TYPE, cleared by CLEAR, which accepts NULL. */
#define DEFINE_AUTO_PTR(name, type, clear)                                                                           \
	static inline void auto_##name(type **object)                                                                \
	{                                                                                                            \
		clear(*object);                                                                                      \
	}                                                                                                            \
	struct auto_semicolon_##name

/* Gives AUTO(name) to structs of TYPE the caller owns, cleared by CLEAR, which accepts what one is
 * told to begin with: X_INIT where there is one, zeroes elsewhere. */
#define DEFINE_AUTO(name, type, clear)                                                                               \
	static inline void auto_##name(type *object)                                                                 \
	{                                                                                                            \
		clear(object);                                                                                       \
	}                                                                                                            \
	struct auto_semicolon_##name

/* Hands a pointer over: yields its value and leaves NULL behind. */
#define take_ptr(pointer)                                                                                            \
	({                                                                                                           \
		__typeof__(*(pointer)) taken_ = *(pointer);                                                          \
		*(pointer) = NULL;                                                                                   \
		taken_;                                                                                              \
	})

/* Closes, where it is open, and leaves -1: zero is a descriptor like any other. A struct that holds one begins as its X_INIT
 * says, not zeroed. */
static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static inline void auto_fd(int *fd)
{
	fd_close(fd);
}

/* Hands a descriptor over: yields its value and leaves -1 behind. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void auto_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void auto_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
