#include "tests/agent/status/situations/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECKS "--self-test=bin/self-test --health=bin/health"

void stage_run(const char *fmt, ...)
{
	char command[4096];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("'%s' failed", command);
}

void stage_configure(struct stage *stage, const char *server, const char *more)
{
	struct world *world = stage->world;
	char path[FOLDER_PATH_SIZE + 64];
	struct config config;
	struct error err;
	char text[2048];
	int len = snprintf(text, sizeof(text),
		"[paths]\nroot = %s/terminal\nprograms = /programs\n[server]\nurl = %s\n"
		"ca_file = /etc/haishin/ca.pem\nconnect_timeout = 1s\nstall_timeout = 3s\n"
		"[terminal]\ninstitution_code = " CODE "\n"
		"packages = distro-app face-library linkage-app reader-app/acme\n"
		"[users]\nfetch = nobody\nself_test = nobody\n[delivery]\nstart_delay = 0\n%s",
		world->folder.path, server, more);

	world_close(world);
	folder_put(&world->folder, "terminal/etc/haishin/haishin.conf", text, (size_t)len);
	(void)snprintf(path, sizeof(path), "%s/terminal/etc/haishin/haishin.conf", world->folder.path);
	if (config_load(&world->fs, path, NULL, &config, &err) < 0)
		return; /* that is the situation */
	config_clear(&world->config);
	world->config = config;
}

void stage_configure_stick(struct stage *stage, const char *more)
{
	char url[FOLDER_PATH_SIZE + 64];

	(void)snprintf(url, sizeof(url), "file://%s/publisher/repository", stage->world->folder.path);
	stage_configure(stage, url, more);
}

void stage_run_on_terminal(struct stage *stage, const char *command)
{
	stage_configure_stick(stage, "");
	stage_run("cd %s/terminal && %s", stage->world->folder.path, command);
}

void stage_put_certificate(struct stage *stage, const struct pki *pki, const char *name, int64_t from_s, int64_t to_s)
{
	const struct folder *folder = &stage->world->folder;
	struct pki_pair pair;

	pki_issue_client(pki, &pair, name, from_s, to_s);
	folder_put(folder, "terminal/etc/haishin/certificates/client.pem", pair.pem, strlen(pair.pem));
	folder_put_secret(folder, "terminal/etc/haishin/certificates/client.key", pair.key_pem);
	pki_pair_clear(&pair);
}

void stage_url(struct stage *stage, const char *scheme, const char *path, char ret_url[static URL_SIZE])
{
	(void)snprintf(ret_url, URL_SIZE, "%s://127.0.0.1:%d%s", scheme, bad_server_port(stage->server), path);
}

static void serve(struct stage *stage, const struct pki *server_pki, const struct pki *client_pki, int64_t until_s, const char *more)
{
	char repository[FOLDER_PATH_SIZE + 64], url[URL_SIZE];
	struct bad_server_options options = {.folder = repository};
	struct pki_pair pair = {0};

	(void)snprintf(repository, sizeof(repository), "%s/publisher/repository", stage->world->folder.path);
	if (server_pki) {
		pki_issue_server(server_pki, &pair, pki_yesterday(), until_s);
		options.certificate_pem = pair.pem;
		options.key_pem = pair.key_pem;
		options.client_ca_pem = client_pki ? client_pki->ca_pem : NULL;
	}
	stage->server = bad_server_start(&options);
	stage_url(stage, server_pki ? "https" : "http", "", url);
	stage_configure(stage, url, more);
	if (server_pki)
		pki_pair_clear(&pair);
}

void stage_serve(struct stage *stage, const struct pki *server_pki, const struct pki *client_pki, const char *more)
{
	serve(stage, server_pki, client_pki, pki_next_year(), more);
}

void stage_serve_until(struct stage *stage, const struct pki *pki, int64_t until_s)
{
	serve(stage, pki, pki, until_s, "");
}

void stage_serve_well(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

void stage_publish_what_is_there(struct stage *stage)
{
	stage_configure_stick(stage, "");
	world_repo(stage->world, "catalog set --back " PACKAGE "=1.0.0");
	world_repo(stage->world, "publish");
}

void stage_put_back(struct stage *stage)
{
	struct world *world = stage->world;

	world_close(world);
	if (stage->server)
		bad_server_stop(stage->server);
	stage->server = NULL;
	stage->turn_matters = stage->service_is_disabled = false;
	stage_run("cd %s && rm -rf terminal publisher keys && cp -a saved/. .", world->folder.path);
	world->now_s = stage->evening_s;
	world->publisher_ahead_s = stage->publisher_ahead_s;
	world->booted_s = 0;
	(void)strcpy(world->boot_id, "boot-1");
}

int stage_set(void **state)
{
	static const char *const packages[] = {"distro-app", PACKAGE, "linkage-app", "reader-app/acme"};
	struct stage *stage = calloc(1, sizeof(*stage));
	struct world *world;
	void *made;

	assert_int_equal(world_setup(&made), 0);
	stage->world = world = made;
	pki_init(&stage->pki, "the authority");
	pki_init(&stage->stranger, "a stranger");
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++)
		world_add(world, packages[i], "1.0.0", CHECKS);
	world_add(world, PACKAGE, "2.0.0", CHECKS);
	world_add(world, PACKAGE, "3.0.0", CHECKS " --requires=distro-app=9.0.0");
	world_add(world, PACKAGE, "4.0.0", CHECKS " --requires=distro-app=2.0.0");
	world_add(world, "distro-app", "2.0.0", CHECKS);
	world_add(world, PACKAGE, "6.0.0", CHECKS " --requires=distro-app=666.0.0");
	world_add(world, "distro-app", "666.0.0", CHECKS);
	world_add(world, PACKAGE, "666.0.0", CHECKS);
	world_publish(world, "distro-app=1.0.0 " PACKAGE "=1.0.0 linkage-app=1.0.0 reader-app/acme=1.0.0");
	world_does(world, JOB_BUTTON);
	world_restart(world);
	world_does(world, JOB_CONFIRM);
	world_close(world);
	world_publish(world, PACKAGE "=2.0.0");
	folder_put(&world->folder, "terminal/etc/haishin/ca.pem", stage->pki.ca_pem, strlen(stage->pki.ca_pem));
	stage->evening_s = world->now_s;
	stage->publisher_ahead_s = world->publisher_ahead_s;
	stage_run("cd %s && mkdir saved && cp -a terminal publisher keys saved/", world->folder.path);
	*state = stage;
	return 0;
}

int stage_clear(void **state)
{
	struct stage *stage = *state;
	void *world = stage->world;

	if (stage->server)
		bad_server_stop(stage->server);
	pki_clear(&stage->pki);
	pki_clear(&stage->stranger);
	free(stage);
	return world_teardown(&world);
}
