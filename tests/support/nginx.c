#include "tests/support/nginx.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONFIGURATION_SIZE 16384

static void need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "test nginx: %s\n", what);
	abort();
}

int nginx_listen(int *ret_port)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(where);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need(fd >= 0 && bind(fd, (struct sockaddr *)&where, sizeof(where)) == 0 && listen(fd, 64) == 0 &&
			getsockname(fd, (struct sockaddr *)&where, &len) == 0,
		"cannot listen");
	*ret_port = ntohs(where.sin_port);
	return fd;
}

static void put_configuration(const struct folder *folder, const char *configuration)
{
	const char *http = strstr(configuration, "http {\n"), *at = folder->path;
	char text[CONFIGURATION_SIZE];
	int len;

	need(http != NULL, "the configuration has no 'http {'");
	http += strlen("http {\n");
	len = snprintf(text, sizeof(text),
		"daemon off;\nuser root root;\nerror_log %s/error.log;\npid %s/pid;\n%.*s"
		"\taccess_log off;\n\tclient_body_temp_path %s/t1;\n\tproxy_temp_path %s/t2;\n\tfastcgi_temp_path "
		"%s/t3;\n"
		"\tuwsgi_temp_path %s/t4;\n\tscgi_temp_path %s/t5;\n%s",
		at, at, (int)(http - configuration), configuration, at, at, at, at, at, http);
	need(len > 0 && (size_t)len < sizeof(text), "the configuration is too long");
	folder_put(folder, "nginx.conf", text, (size_t)len);
}

void nginx_start(struct program *nginx, const struct folder *folder, const char *configuration, int take_listen_fd)
{
	char conf[FOLDER_PATH_SIZE + 16], prefix[FOLDER_PATH_SIZE + 16];
	const char *argv[] = {"/usr/sbin/nginx", "-c", conf, "-p", prefix, "-e", "stderr", NULL};

	put_configuration(folder, configuration);
	(void)snprintf(conf, sizeof(conf), "%s/nginx.conf", folder->path);
	(void)snprintf(prefix, sizeof(prefix), "%s/", folder->path);
	(void)setenv("NGINX", "3;", 1);
	program_start(nginx, argv, take_listen_fd);
	(void)unsetenv("NGINX");
	(void)close(take_listen_fd);
}

void nginx_stop(struct program *nginx)
{
	char output[4096];

	if (program_stop(nginx, SIGTERM, output, sizeof(output)) != 0)
		need(0, output);
}
