#include "tools/repo/workbench/bench_programs.h"

static int run_watched(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct bench_programs *programs = processes->context;
	int64_t begun_ms = programs->clock->monotonic_ms(programs->clock);

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
