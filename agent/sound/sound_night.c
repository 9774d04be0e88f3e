#include "agent/sound/sound_night.h"

#include "agent/sound/sound_check.h"

struct looking {
	struct terminal *terminal;
	int64_t closes_s;
};

static int stop_at_the_end(void *context, uint64_t bytes, uint64_t total, struct error *err)
{
	const struct looking *looking = context;

	(void)bytes;
	(void)total;
	if (looking->closes_s && terminal_now_s(looking->terminal) >= looking->closes_s)
		return error_set(err, ERROR_STOPPED, "the window has ended; it goes on next night");
	return 0;
}

void sound_night(struct terminal *terminal, bool is_share, int64_t closes_s)
{
	struct looking looking = {.terminal = terminal, .closes_s = closes_s};
	const struct sound_watch watch = {.went_on = stop_at_the_end, .context = &looking};

	for (size_t i = 0; i < terminal->config->packages.count; i++) {
		const char *package = terminal->config->packages.items[i];
		struct sound_result result;
		struct error why = {0};

		if (sound_check(terminal, package, is_share ? SOUND_SHARE : SOUND_LOOK, &watch, &result, &why) < 0)
			log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s, ignored", why.text);
		else if (soundness_is_damaged(&result.soundness))
			log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s %s: its files are not what was delivered",
				package, result.version);
	}
}
