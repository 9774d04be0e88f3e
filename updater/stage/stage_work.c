#include "updater/stage/stage_work.h"

void stage_work_clear(struct stage_work *work)
{
	tree_clear(&work->tree);
	needs_clear(&work->needs);
	fd_close(&work->partial_fd);
}

int stage_work_tell(struct stage_work *work, struct error *err)
{
	const struct stage_request *request = work->request;

	work->progress.unpacked_bytes = work->done_before + (work->unpack ? atomic_load(&work->unpack->bytes) : 0);
	return request->progress ? request->progress(request->context, &work->progress, err) : 0;
}

uint64_t stage_work_saved(uint64_t all, uint64_t rest)
{
	return all > rest ? all - rest : 0;
}
