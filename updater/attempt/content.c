#include "updater/attempt/content.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

void content_clear(struct content *content)
{
	if (content->bytes)
		(void)munmap(content->bytes, content->len);
	if (content->fd >= 0)
		(void)close(content->fd);
	*content = (struct content)CONTENT_INIT;
}

int content_map(struct content *content, struct error *err)
{
	struct stat st;
	void *bytes;

	if (fstat(content->fd, &st) < 0)
		return error_system(err, errno, "cannot look at a file");
	if (st.st_size == 0)
		return 0;
	if ((bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, content->fd, 0)) ==
		MAP_FAILED)
		return error_system(err, errno, "cannot map a file");
	content->bytes = bytes;
	content->len = (size_t)st.st_size;
	return 0;
}

int content_read(struct tree *tree, const struct release_file *file, struct content *ret_content, struct error *err)
{
	AUTO(content) struct content content = CONTENT_INIT;
	uint64_t size;

	if ((content.fd = tree_open_file(tree, file->path, O_RDONLY, &size, NULL, err)) < 0)
		return -1;
	if (size != file->size)
		return error_set(err, ERROR_INPUT, "'%s' is not what its release says", file->path);
	if (content_map(&content, err) < 0)
		return error_context(err, "'%s'", file->path);
	*ret_content = content;
	content = (struct content)CONTENT_INIT;
	return 0;
}

int content_scratch(struct content *ret_content, struct error *err)
{
	int fd = memfd_create("haishin-delta", MFD_CLOEXEC);

	if (fd < 0)
		return error_system(err, errno, "cannot make a file in memory");
	*ret_content = (struct content){.fd = fd};
	return 0;
}
