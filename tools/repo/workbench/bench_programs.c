#include "tools/repo/workbench/bench_programs.h"

#include <string.h>

#include "common/platform.h"

#define UNIT_COMES_UP_MS 5000 /* what ends at once must not pass for active */

/* As a terminal's service manager does, of the unit that runs the application; that is asked once it has been at work for a while. */
static int answer_for_unit(const struct bench_programs *programs, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	bool has_ended = bench_application_has_ended(programs->application);
	int64_t runs_ms = programs->clock->monotonic_ms(programs->clock) - programs->application->begun_ms;
	const char *state = has_ended			 ? "ActiveState=failed\nSubState=failed\n"
			    : runs_ms < UNIT_COMES_UP_MS ? "ActiveState=activating\nSubState=start\n"
							 : "ActiveState=active\nSubState=running\n";

	*ret_result = (struct process_result){0};
	return request->output ? buf_append(request->output, state, strlen(state), err) : 0;
}

static int run_watched(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct bench_programs *programs = processes->context;
	int64_t begun_ms = programs->clock->monotonic_ms(programs->clock);

	if (programs->application && strcmp(request->argv[0], PLATFORM_SERVICE_CONTROL) == 0)
		return answer_for_unit(programs, request, ret_result, err);
	if (programs->real.run(&programs->real, request, ret_result, err) < 0)
		return -1;
	if (programs->count < BENCH_RUNS_MOST)
		programs->ms[programs->count] = programs->clock->monotonic_ms(programs->clock) - begun_ms;
	programs->count++;
	if (request->cell && !request->cell->namespaces)
		programs->without_walls = true;
	return 0;
}

void bench_programs_init(struct bench_programs *programs, const struct clock *clock)
{
	*programs = (struct bench_programs){.watched = {.run = run_watched, .context = programs}, .clock = clock};
	processes_init(&programs->real);
}

void bench_programs_forget(struct bench_programs *programs)
{
	programs->count = 0;
	for (size_t i = 0; i < BENCH_RUNS_MOST; i++)
		programs->ms[i] = 0;
}
