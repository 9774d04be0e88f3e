#include "agent/night/night_contact.h"

#include "agent/night/night_package.h"
#include "agent/proof/chapter.h"
#include "agent/server/last_contact.h"
#include "agent/store/history.h"

static int note_check(struct night *night, const struct error *why, struct error *err)
{
	struct history_entry entry = {.operation = night->options->by_hand ? "install" : "check", .outcome = "done"};
	char detail[STORE_TEXT_SIZE];

	if (why) {
		entry.outcome = why->code == ERROR_REFUSED || why->code == ERROR_ALTERED || why->code == ERROR_EXPIRED
					? "refused"
					: "failed";
		entry.error = why->code;
		entry.detail = why->text;
	} else {
		(void)snprintf(detail, sizeof(detail),
			"root %lld, timestamp %lld, snapshot %lld, catalog of %zu packages",
			(long long)tuf_client_version(night->distribution.trust, "root", NULL),
			(long long)tuf_client_version(night->distribution.trust, "timestamp", NULL),
			(long long)tuf_client_version(night->distribution.trust, "snapshot", NULL),
			night->distribution.catalog->packages_count);
		entry.detail = detail;
	}
	return history_add(night->terminal->store, &entry, err);
}

/* The client certificate must be renewed in time: 90, 30 and 7 days ahead, every night from then on. */
static void warn_of_certificate(const struct night *night)
{
	const struct certificate *certificate = &night->distribution.connection.certificate;
	const struct env *env = night->terminal->env;

	if (certificate->expires_s && certificate_warning_days(certificate->expires_s, env->clock->now_s(env->clock)))
		log_line(env->log, LOG_LEVEL_WARNING,
			"the client certificate '%s' expires in %lld days; have it renewed", certificate->name,
			(long long)((certificate->expires_s - env->clock->now_s(env->clock)) / 86400));
}

/* What could not be recorded counts more than WHY; returns -1. */
static int note_failed_check(struct night *night, const struct error *why, struct error *err)
{
	if (!night->options->by_hand && last_contact_note_failure(night->terminal->store, why, err) < 0)
		return -1;
	if (note_check(night, why, err) < 0)
		return -1;
	*err = *why;
	return -1;
}

/* Which client certificate is shown from now on, and whose. */
static int note_certificate(struct night *night, struct error *err)
{
	if (last_contact_note_certificate(&night->distribution, err) < 0)
		return -1;
	return chapter_note(night->terminal, &night->distribution.connection.certificate, err);
}

int night_refresh_trust(struct night *night, struct error *err)
{
	struct connection_options options = {
		.stop_fd = night->options->stop_fd,
		.opens_s = night->options->opens_s,
		.closes_s = night->options->closes_s,
		.arrived = night_note_arrival,
		.context = night,
	};
	struct error why = {0};

	job_lines_progress(night->lines, "checking", NULL);
	if (distribution_open(night->terminal, &options, &night->distribution, &why) < 0 ||
		(!night->options->by_hand && note_certificate(night, &why) < 0) ||
		distribution_refresh(&night->distribution, &why) < 0)
		return note_failed_check(night, &why, err);
	if (!night->options->by_hand) {
		night->result->contact = true;
		warn_of_certificate(night);
	}
	if (last_contact_note(&night->distribution, !night->options->by_hand, err) < 0)
		return -1;
	return note_check(night, NULL, err);
}
