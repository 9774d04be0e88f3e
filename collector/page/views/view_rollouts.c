#include "collector/page/views/view_rollouts.h"

#include <stdio.h>
#include <string.h>

#include "collector/api/api_rollouts.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/list.h"
#include "collector/page/base/moment.h"
#include "manifests/catalog/candidate.h"

static double value_real(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* Several rollouts have such tables: each is told by whose it is. */
static void begin_table(struct html *html, const json_t *rollout, const char *caption, const char *const *columns)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s %s: %s", value_text(rollout, "package"), value_text(rollout, "version"), caption);
	list_begin_table(html, text, columns);
}

/* ---- How it stands ---- */

static const char *state_of(const struct html *html, const json_t *rollout)
{
	const char *state = value_text(json_object_get(rollout, "plan"), "state");

	if (json_is_true(json_object_get(rollout, "is_over")))
		return _("over");
	if (json_is_object(json_object_get(rollout, "stopped")))
		return _("stopped by the brake");
	if (strcmp(state, "stopped") == 0)
		return _("stopped by the operator");
	return strcmp(state, "withdrawn") == 0 ? _("withdrawn by the operator") : _("running");
}

static const char *sentence_of(const struct html *html, const char *verdict)
{
	if (strcmp(verdict, "well") == 0)
		return _("Those who took it are well: the next stage opens in its night.");
	if (strcmp(verdict, "undecided") == 0)
		return _("Neither harm nor its absence is shown yet: it waits at this stage.");
	if (strcmp(verdict, "rolled-back") == 0)
		return _("Too many terminals took it back.");
	if (strcmp(verdict, "silent") == 0)
		return _("Too many terminals have not been heard of since they took it.");
	return _("Not enough terminals are known to have taken it yet: it waits at this stage.");
}

static void put_finding(struct html *html, const char *name, const json_t *finding, int64_t bound)
{
	html_put(html, "<tr><th scope=\"row\">%s<td class=\"number\">%'lld<td class=\"number\">%'lld<td class=\"number\">%.1f %%"
		       "<td class=\"number\">%.1f %%<td class=\"number\">%.1f %%<td class=\"number\">%.1f<td class=\"number\">%.1f",
		name, (long long)value_number(finding, "judged"), (long long)value_number(finding, "harmed"),
		100 * value_real(finding, "usual"), 100 * value_real(finding, "caused"), (double)bound / 100,
		value_real(finding, "harm"), value_real(finding, "doubt"));
}

static void put_judgement(struct html *html, const json_t *rollout)
{
	const char *const columns[] = {_("What befell terminals"), _("#judged"), _("#of them"), _("#usual"), _("#caused"),
		_("#bound"), _("#stops at 3.3"), _("#opens at -2.0"), NULL};
	const json_t *judgement = json_object_get(rollout, "judgement"), *plan = json_object_get(rollout, "plan");

	if (!json_is_object(judgement))
		return;
	html_put(html, "<p>%s", sentence_of(html, value_text(rollout, "verdict")));
	begin_table(html, rollout, _("The judgement"), columns);
	put_finding(html, _("rolled back"), json_object_get(judgement, "rolled_back"),
		value_number(plan, "most_rolled_back"));
	put_finding(html, _("not heard of since"), json_object_get(judgement, "silent"), value_number(plan, "most_silent"));
	list_end_table(html);
}

/* A share of nobody beside a ring is not said. */
static void put_whom(struct html *html, const json_t *stage)
{
	const json_t *rings = json_object_get(stage, "rings"), *ring;
	int64_t percent = value_number(stage, "percent");
	const char *joint = "";
	size_t i;

	html_put(html, "%s: ", value_text(stage, "night"));
	if (percent > 0 || json_array_size(rings) == 0) {
		html_put(html, "%lld %%", (long long)percent);
		joint = " + ";
	}
	json_array_foreach (rings, i, ring) {
		html_put(html, "%s%s", joint, json_string_value(ring));
		joint = " + ";
	}
}

static void put_stages(struct html *html, const json_t *rollout)
{
	const json_t *stages = json_object_get(json_object_get(rollout, "plan"), "stages"), *stage;
	size_t i;

	html_put(html, "<p>%s</p><ol class=\"stages\">", _("Stages; those in bold may be open:"));
	json_array_foreach (stages, i, stage) {
		html_put(html, (int64_t)i < value_number(rollout, "stages_open") ? "<li><strong>" : "<li><span>");
		put_whom(html, stage);
		html_put(html, (int64_t)i < value_number(rollout, "stages_open") ? "</strong>" : "</span>");
	}
	html_put(html, "</ol>");
}

/* ---- The curve ---- */

#define CURVE_WIDTH 320
#define CURVE_HEIGHT 80

/* Terminals that took it, added up night by night; the table below says the same in numbers. */
static void put_curve(struct html *html, const json_t *nights)
{
	size_t count = json_array_size(nights);
	int64_t sum = 0, whole = 0;

	for (size_t i = 0; i < count; i++)
		whole += value_number(json_array_get(nights, i), "taken");
	if (whole == 0)
		return;
	html_put(html, "<svg class=\"chart curve\" role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\"><polyline fill=\"none\" "
		       "stroke=\"currentColor\" stroke-width=\"2\" vector-effect=\"non-scaling-stroke\" points=\"0,%d",
		_("Terminals that took it, night by night"), CURVE_WIDTH, CURVE_HEIGHT, CURVE_HEIGHT);
	for (size_t i = 0; i < count; i++) {
		sum += value_number(json_array_get(nights, i), "taken");
		html_put(html, " %d,%d", (int)((i + 1) * CURVE_WIDTH / count),
			(int)(CURVE_HEIGHT - sum * (CURVE_HEIGHT - 2) / whole));
	}
	html_put(html, "\"/></svg>");
}

static void put_nights(struct html *html, const json_t *rollout)
{
	const char *const columns[] = {_("Night"), _("#took it"), _("#ended"), _("#rolled back"), _("#not heard of since"),
		_("#others"), _("#others not heard of since"), NULL};
	const json_t *nights = json_object_get(rollout, "nights"), *night;
	size_t i;

	put_curve(html, nights);
	begin_table(html, rollout, _("Night by night"), columns);
	json_array_foreach (nights, i, night)
		html_put(html, "<tr><th scope=\"row\">%s<td class=\"number\">%'lld<td class=\"number\">%'lld<td class=\"number\">%'lld"
			       "<td class=\"number\">%'lld<td class=\"number\">%'lld<td class=\"number\">%'lld",
			value_text(night, "night"), (long long)value_number(night, "taken"),
			(long long)value_number(night, "ended"), (long long)value_number(night, "rolled_back"),
			(long long)value_number(night, "silent"), (long long)value_number(night, "others"),
			(long long)value_number(night, "others_silent"));
	list_end_table(html);
}

/* ---- What was done, and the button ---- */

/* Letters of three bytes: whatever fits into the field is taken. */
#define REASON_MOST (CANDIDATE_MAX_WHY_BYTES / 3)

static void put_events(struct html *html, const json_t *rollout)
{
	const char *const columns[] = {_("When"), _("What"), _("Stage"), _("By"), _("Why"), NULL};
	const json_t *events = json_object_get(rollout, "events"), *event;
	size_t i;

	begin_table(html, rollout, _("What was done"), columns);
	json_array_foreach (events, i, event) {
		html_put(html, "<tr><td>");
		moment_put(html, value_moment_s(event, "at"));
		html_put(html, "<td><code>%s</code><td>%lld<td><bdi>%s</bdi><td><bdi>%s</bdi>", value_text(event, "what"),
			(long long)value_number(event, "stage"), value_text(event, "by"), value_text(event, "why"));
	}
	list_end_table(html);
}

static void put_button(struct html *html, const struct api *api, const struct client *client, const json_t *rollout)
{
	const char *package = value_text(rollout, "package"), *version = value_text(rollout, "version");
	char token[API_ROLLOUTS_TOKEN_SIZE];

	if (client->role != ROLE_OPERATOR || json_is_true(json_object_get(rollout, "is_over")) ||
		json_is_object(json_object_get(rollout, "stopped")))
		return;
	api_rollouts_token(api, client, package, version, token);
	html_put(html, "<form method=\"post\" action=\"/brake\"><input type=\"hidden\" name=\"package\" value=\"%s\">"
		       "<input type=\"hidden\" name=\"version\" value=\"%s\"><input type=\"hidden\" name=\"token\" value=\"%s\">",
		package, version, token);
	html_put(html, "<label>%s <input name=\"why\" required maxlength=\"%d\"></label> <button class=\"stop\">%s</button>"
		       "<p class=\"quiet\">%s</form>",
		_("Why"), REASON_MOST, _("Stop this rollout"),
		_("No further terminal takes it; only the operator's offline key resumes it. Your name and the reason are recorded."));
}

static void put_rollout(struct html *html, const struct api *api, const struct client *client, const json_t *rollout)
{
	const json_t *stopped = json_object_get(rollout, "stopped");

	html_put(html, "<section><h2>%s %s</h2><p class=\"lead\">%s", value_text(rollout, "package"),
		value_text(rollout, "version"), state_of(html, rollout));
	if (json_is_object(stopped)) {
		html_put(html, ": ");
		moment_put(html, value_moment_s(stopped, "at"));
		html_put(html, ", <bdi>%s</bdi>: <bdi>%s</bdi>", value_text(stopped, "by"), value_text(stopped, "why"));
	}
	put_button(html, api, client, rollout);
	put_stages(html, rollout);
	put_judgement(html, rollout);
	put_nights(html, rollout);
	put_events(html, rollout);
	html_put(html, "</section>");
}

void view_rollouts(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(html) struct html html = HTML_INIT;
	AUTO(json) json_t *told = NULL;
	const json_t *rollout, *list;
	struct error err = {0};
	size_t i;

	if (!(told = api_rollouts_tell(database, &err))) {
		frame_answer_error(exchange, &err);
		return;
	}
	list = json_object_get(told, "rollouts");
	frame_begin(&html, exchange, FRAME_RELEASES, N_("Rollouts"));
	html_put(&html, "<h1>%s</h1><p>%s ", html_word(&html, N_("Rollouts")),
		html_word(&html, N_("The brake's last statement:")));
	moment_put(&html, value_moment_s(told, "brake_issued"));
	json_array_foreach (list, i, rollout)
		put_rollout(&html, api, exchange->client, rollout);
	if (json_array_size(list) == 0)
		html_put(&html, "<p class=\"quiet\">%s", html_word(&html, N_("The catalog names no candidate.")));
	frame_end(&html, exchange);
}

void view_rollouts_stop(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(html) struct html html = HTML_INIT;
	struct api_rollouts_order order;
	struct error err = {0};
	bool is_stopped;

	if (api_rollouts_stop(api, database, exchange, &order, &is_stopped, &err) < 0) {
		frame_answer_error(exchange, &err);
		return;
	}
	frame_begin(&html, exchange, FRAME_RELEASES, N_("Rollouts"));
	html_put(&html, "<h1>%s %s</h1><p class=\"lead\">%s<p><a href=\"/rollouts\">%s</a>", order.package, order.version,
		is_stopped ? html_word(&html, N_("It is stopped. Terminals hear of it at their next contact."))
			   : html_word(&html, N_("It was stopped already.")),
		html_word(&html, N_("Rollouts")));
	frame_end(&html, exchange);
}
