#include "tests/collector/proxy.h"

#include <stdio.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/nginx.h"

/* A report may be sent to the next one again: the same report twice is one. */
static void write_upstream(struct collector *const *collectors, size_t count, struct buf *ret_text)
{
	int failed = buf_printf(ret_text, NULL, "\tupstream collectors {\n");

	for (size_t i = 0; i < count; i++)
		failed |= buf_printf(ret_text, NULL, "\t\tserver unix:%s/%s max_fails=0;\n",
			collectors[i]->folder.path, collectors[i]->socket);
	if (failed | buf_printf(ret_text, NULL, "\t}\n"))
		abort();
}

static void write_configuration(
	struct collector *const *collectors, size_t count, int port, struct buf *ret_text)
{
	const char *at = collectors[0]->folder.path;
	char crl[700] = "";

	if (faccessat(collectors[0]->folder.fd, "crl.pem", R_OK, 0) == 0)
		(void)snprintf(crl, sizeof(crl), "\t\tssl_crl %s/crl.pem;\n", at);
	if (buf_printf(ret_text, NULL, "events {}\nhttp {\n") < 0)
		abort();
	write_upstream(collectors, count, ret_text);
	if (buf_printf(ret_text, NULL,
		    "\tserver {\n\t\tlisten 127.0.0.1:%d ssl;\n\t\tssl_certificate %s/server.pem;\n"
		    "\t\tssl_certificate_key %s/server.key;\n\t\tssl_client_certificate %s/ca.pem;\n%s"
		    "\t\tssl_verify_client optional;\n\t\tlocation / {\n\t\t\tproxy_pass http://collectors;\n"
		    "\t\t\tproxy_next_upstream error timeout non_idempotent;\n"
		    "\t\t\tproxy_set_header X-Client-Verify $ssl_client_verify;\n"
		    "\t\t\tproxy_set_header X-Client-Certificate $ssl_client_escaped_cert;\n"
		    "\t\t\tproxy_set_header X-Client-Address $remote_addr;\n\t\t}\n\t}\n}\n",
		    port, at, at, at, crl) < 0)
		abort();
}

void proxy_start(struct proxy *proxy, struct collector *const *collectors, size_t count)
{
	AUTO(buf) struct buf text = BUF_INIT(16384);
	int port, fd = nginx_listen(&port);

	write_configuration(collectors, count, port, &text);
	folder_init(&proxy->folder);
	nginx_start(&proxy->nginx, &proxy->folder, buf_text(&text), fd);
	(void)snprintf(proxy->base, sizeof(proxy->base), "https://127.0.0.1:%d", port);
	for (size_t i = 0; i < count; i++)
		(void)snprintf(collectors[i]->base, sizeof(collectors[i]->base), "%s", proxy->base);
}

void proxy_stop(struct proxy *proxy)
{
	nginx_stop(&proxy->nginx);
	folder_clear(&proxy->folder);
}
