#include "common/web/patience.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#define LOOK_EVERY_MS 250

struct patience {
	const struct clock *clock;
	pthread_t thread;
	pthread_mutex_t lock; /* guards all below, and the entries in the list */
	pthread_cond_t news;  /* the list is no longer empty, or over is true */
	struct patience_entry *first;
	bool over;
};

static int64_t now_ms(const struct patience *patience)
{
	return patience->clock->monotonic_ms(patience->clock);
}

/* A connection that was shut down reads as ended to the server, which closes it in its own time. */
static void end_overdue(struct patience *patience)
{
	int64_t at_ms = now_ms(patience);

	for (struct patience_entry *entry = patience->first; entry; entry = entry->behind)
		if (entry->ends_ms <= at_ms)
			(void)shutdown(entry->fd, SHUT_RDWR);
}

static void *look_after(void *context)
{
	struct patience *patience = context;

	(void)pthread_mutex_lock(&patience->lock);
	while (!patience->over) {
		if (!patience->first) {
			(void)pthread_cond_wait(&patience->news, &patience->lock);
			continue;
		}
		end_overdue(patience);
		(void)pthread_mutex_unlock(&patience->lock);
		patience->clock->wait_ms(patience->clock, LOOK_EVERY_MS);
		(void)pthread_mutex_lock(&patience->lock);
	}
	(void)pthread_mutex_unlock(&patience->lock);
	return NULL;
}

int patience_new(const struct clock *clock, struct patience **ret_patience, struct error *err)
{
	struct patience *patience = calloc(1, sizeof(*patience));

	if (!patience)
		return error_set(err, ERROR_FAILED, "no memory for connections");
	patience->clock = clock;
	(void)pthread_mutex_init(&patience->lock, NULL);
	(void)pthread_cond_init(&patience->news, NULL);
	if (pthread_create(&patience->thread, NULL, look_after, patience) != 0) {
		free(patience);
		return error_set(err, ERROR_FAILED, "cannot start a thread");
	}
	*ret_patience = patience;
	return 0;
}

void patience_free(struct patience *patience)
{
	if (!patience)
		return;
	(void)pthread_mutex_lock(&patience->lock);
	patience->over = true;
	(void)pthread_cond_signal(&patience->news);
	(void)pthread_mutex_unlock(&patience->lock);
	(void)pthread_join(patience->thread, NULL);
	(void)pthread_cond_destroy(&patience->news);
	(void)pthread_mutex_destroy(&patience->lock);
	free(patience);
}

static void take_out(struct patience *patience, struct patience_entry *entry)
{
	if (!entry->waits)
		return;
	if (entry->before)
		entry->before->behind = entry->behind;
	else
		patience->first = entry->behind;
	if (entry->behind)
		entry->behind->before = entry->before;
	entry->before = entry->behind = NULL;
	entry->waits = false;
}

void patience_begin(struct patience *patience, struct patience_entry *entry, int fd, int64_t most_s)
{
	(void)pthread_mutex_lock(&patience->lock);
	take_out(patience, entry);
	*entry = (struct patience_entry){
		.fd = fd, .ends_ms = now_ms(patience) + 1000 * most_s, .behind = patience->first, .waits = true};
	if (patience->first)
		patience->first->before = entry;
	patience->first = entry;
	(void)pthread_cond_signal(&patience->news);
	(void)pthread_mutex_unlock(&patience->lock);
}

void patience_end(struct patience *patience, struct patience_entry *entry)
{
	(void)pthread_mutex_lock(&patience->lock);
	take_out(patience, entry);
	(void)pthread_mutex_unlock(&patience->lock);
}
