/* In place of haishin-fetch, for fuzz_worker: sends the bytes of the file that WORKER_SAYS names, whatever it is asked, and goes. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_FD 3

int main(void)
{
	const char *path = getenv("WORKER_SAYS");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char bytes[65536];
	ssize_t len;

	while (fd >= 0 && (len = read(fd, bytes, sizeof(bytes))) > 0)
		if (send(SOCKET_FD, bytes, (size_t)len, MSG_NOSIGNAL) != len)
			return 1;
	(void)shutdown(SOCKET_FD, SHUT_WR);
	while (read(SOCKET_FD, bytes, sizeof(bytes)) > 0)
		;
	return 0;
}
