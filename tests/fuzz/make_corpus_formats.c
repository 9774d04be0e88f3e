#include "tests/fuzz/make_corpus_formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/proof/history_file.h"
#include "agent/store/history.h"
#include "scheduler/zone.h"
#include "tests/fuzz/place.h"
#include "tests/support/linked.h"
#include "tests/support/zip.h"
#include "updater/delta_make/delta_make.h"
#include "updater/fetch/fetch_protocol.h"
#include "updater/members/members.h"

#define SOCKET_BYTES 65536
#define HASH "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

static const struct {
	const char *path, *text;
} texts[] = {
	{ "note/signed", "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
			 "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
			 "E6RyyBwJnAM=\n" },
	{ "note/cosigned", "example.com/behind-the-sofa\n20852163\n" HASH "\n\n"
			   "\xe2\x80\x94 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
			   "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n" },
	{ "checkpoint/plain", "example.com/behind-the-sofa\n20852163\n" HASH "\n" },
	{ "checkpoint/extended", "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nan extension\n" },
	{ "policy/log", "# one log\n\nlog PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW https://x.example/\n"
			"quorum none\n" },
	{ "policy/groups", "witness W1 w+680f52bc+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\ngroup G any W1\n"
			   "group H all G\nquorum H\n" },
	{ "tlog_proof/proof", "c2sp.org/tlog-proof@v1\nextra YWdl\nindex 1\n" HASH "\n\nlog\n2\n" HASH "\n\n\xe2\x80\x94 log AAAAAAEC\n" },
	{ "tlog_proof/request", "old 20852014\n" HASH "\n" HASH "\n\nlog\n2\n" HASH "\n\n\xe2\x80\x94 log AAAAAAEC\n" },
	{ "ledger_entry/entry", "{\"form\":\"haishin-ledger-entry-1\",\"head\":\"zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=\",\"report\":7,\"rows\":120,\"sha256\":\""
				"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\"terminal\":\""
				"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\"}" },
	{ "catalog/whole", "{\"issued\":\"2026-01-10T00:00:00Z\",\"longest_disable_days\":30,\"packages\":[{\"package\":"
			   "\"distro-app\",\"priority\":1,\"version\":\"2.0.0\",\"release\":\"distro-app/distro-app-2.0.0.json\"},"
			   "{\"package\":\"reader-app/acme\",\"priority\":2,\"version\":\"5.1\",\"rollout_percent\":10,\"release\":"
			   "\"reader-app/acme/reader-app-acme-5.1.json\"}],\"campaigns\":[{\"number\":150,\"title\":\"winter\","
			   "\"first_night\":\"2026-01-19\",\"last_night\":\"2026-01-30\",\"window\":\"20:00-05:00\",\"left_out\":"
			   "[\"2026-01-25\"],\"afterwards\":\"all-day\",\"packages\":[\"distro-app\"]}]}" },
	{ "catalog/candidate", "{\"issued\":\"2026-01-10T00:00:00Z\",\"packages\":[{\"package\":\"face-library\",\"priority\":1,\"ve"
			   "rsion\":\"5.0.2\",\"release\":\"face-library/face-library-5.0.2.json\",\"candidate\":{\"version\":\""
			   "5.1.0\",\"release\":\"face-library/face-library-5.1.0.json\",\"digest\":\"0123456789abcdef0123456789"
			   "abcdef0123456789abcdef0123456789abcdef\",\"begun\":\"2026-01-10T00:00:00Z\",\"attempt\":2,\"state\":"
			   "\"stopped\",\"why\":\"dark\",\"recall\":true,\"brake\":false,\"stages\":[{\"night\":\"2026-01-19\","
			   "\"rings\":[\"pilot\"]},{\"night\":\"2026-01-20\",\"percent\":10}],\"stop_at\":{\"rolled_back\":200,"
			   "\"silent\":300},\"least\":20}}],\"campaigns\":[]}" },
	{ "brake/statement", "{\"signatures\":[{\"keyid\":\"77\",\"sig\":\"00\"}],\"signed\":{\"_type\":\"targets\",\"spec_version"
			   "\":\"1.0.34\",\"version\":7,\"expires\":\"2026-01-11T12:00:00Z\",\"targets\":{},\"haishin\":{\"issue"
			   "d\":\"2026-01-10T00:00:00Z\",\"stopped\":[{\"package\":\"face-library\",\"version\":\"5.1.0\",\"dige"
			   "st\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"attempt\":1,\"at\":\"202"
			   "6-01-10T00:00:00Z\",\"why\":\"dark\",\"by\":\"silent\"}],\"held\":[{\"package\":\"face-library\",\"d"
			   "igest\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"attempt\":1,\"stages"
			   "\":2}]}}}" },
	{ "release/checks", "{\"package\":\"face-library\",\"version\":\"5.1.0\",\"installed_bytes\":0,\"requires\":{\"distro-app\":"
			    "\"2.0.0\"},\"passes_through\":\"2.1\",\"self_test\":{\"argv\":[\"bin/face\",\"-t\"],\"timeout_s\":9},"
			    "\"health\":{\"url\":\"http://localhost:80/\",\"settle_s\":60},\"payload\":{\"target\":"
			    "\"face-library/face-library-5.1.0.tar.zst\",\"length\":0,\"tar_length\":0,\"sha256\":"
			    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"frames\":[]},\"files\":["
			    "{\"path\":\"bin\",\"type\":\"folder\",\"mode\":\"0755\"}]}" },
	{ "config/common", "# a terminal\n[server]\nurl = https://a.example/x/ file:///media/stick\n[network]\nrate = 4M\n\n[terminal]\n"
			   "institution_code = 0123456789\npackages = distro-app reader-app/acme\n[delivery]\n"
			   "window = mon-fri,20:00-05:00,,sat,sun,00:00-24:00\n" },
	{ "config/paths", "[paths]\nroot = /srv/t1\nstate = /var/lib/haishin\n[server]\nurl = http://10.0.0.1:8080\n"
			  "proxy = http://p:1\nstall_timeout = 5m\n[terminal]\ntime_zone = Etc/UTC\nlanguage = ja\n[install]\n"
			  "per_restart = one\nrollback = now\n[control]\nusers = desk staff\ngroup =\n" },
	{ "window/nightly", "20:00-05:00" },
	{ "window/week", "mon-fri,20:00-05:00,,sat,sun,00:00-24:00" },
	{ "plan/trial", "haishin-plan 1\nboot-id 5f1c0a52\nper-restart 1\npackage face-library\npriority 2\ngroup 1\nstate trial\n"
			"folder 5.1.0-0a1b2c3d\nformer 5.0.2-99887766\nstarts 1\nstarts-max 3\nself-test-timeout-s 60\n"
			"self-test bin/self-test --quick\ntested yes\nreason x\nline 7\nfuture word\npackage b\nstate condemned\n"
			"folder 1-00000000\n" },
	{ "plan/no-line-break", "haishin-plan 1\npackage b\nfolder 1-00000000" },
	{ "journal/two", "haishin-journal 1 forgotten 41\n42\t2026-01-20T21:02:11Z\t5f1c\tactivated\tface-library\t5.1.0-0a1b2c3d\t"
			 "5.0.2-99887766\t-\n43\t2026-01-21T21:02:11Z\t5f1d\trolled-back\tface-library\t5.1.0-0a1b2c3d\t"
			 "5.0.2-99887766\tself-test failed\n" },
};

/* Each message ends with a NUL. */
static const char messages[] = "{\"method\":\"jp.haishin.Agent.Echo\",\"parameters\":{\"a\":[1,null,\"\\u3042\"]}}\0"
			       "{\"method\":\"jp.haishin.Agent.Pages\",\"more\":true}\0"
			       "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":"
			       "\"jp.haishin.Agent\"}}\0"
			       "{\"method\":\"org.varlink.service.GetInfo\",\"oneway\":true}\0"
			       "{\"method\":\"jp.haishin.Agent.Follow\",\"more\":true}";

/* Two parts, so that the way from one to the next is met too. */
static void put_history(const struct folder *corpus)
{
	struct history_row row = { .boot_id = "boot-1", .operation = "check", .outcome = "done", .error = "none" };
	struct history_chain chain = HISTORY_CHAIN_BEGIN;
	AUTO(buf) struct buf text = BUF_INIT(65536);
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, NULL);

	if (!signer)
		abort();
	for (int part = 0; part < 2; part++) {
		AUTO(history_seal) struct history_seal seal = { 0 };

		row.number = chain.number + 1;
		(void)strcpy(row.previous, chain.digest);
		if (history_row_digest(&row, row.row_digest, NULL) < 0 ||
		    history_seal_begin(&seal, &chain, 1768042800, signer, &text, NULL) < 0 ||
		    history_seal_row(&seal, &row, &text, NULL) < 0 || history_seal_end(&seal, signer, &text, NULL) < 0)
			abort();
		chain = seal.chain;
	}
	folder_put(corpus, "history_file/two-parts", text.data, text.len);
}

static void put_zone(const struct folder *corpus, const char *name, const char *path)
{
	AUTO(free) char *bytes = NULL;
	struct folder zones = { .fd = -1 };
	struct fs fs;
	size_t len;

	fs_init(&fs);
	if ((zones.fd = fs_open_dir(&fs, -1, ZONE_FOLDER, NULL)) < 0 || !(bytes = folder_get(&zones, name, &len)))
		abort();
	folder_put(corpus, path, bytes, len);
	(void)close(zones.fd);
}

/* With programs and archives looked into, and as older agents read it. */
static void put_delta(const struct folder *corpus, const char *path, bool former_format)
{
	AUTO(buf) struct buf delta = BUF_INIT(1u << 20);
	AUTO(fd) int from_fd = place_empty("from");
	AUTO(fd) int to_fd = place_empty("to");
	struct delta_side from = { .release = place_payload(PLACE_OLD)->release, .dir_fd = from_fd };
	struct delta_side to = { .release = place_payload(PLACE_NEW)->release, .dir_fd = to_fd };
	struct delta_options options = { .former_format = former_format };

	place_install(from_fd, PLACE_OLD);
	place_install(to_fd, PLACE_NEW);
	if (delta_make(&from, &to, &options, &delta, NULL) < 0)
		abort();
	folder_put(corpus, path, delta.data, delta.len);
}

/* What deltas look into: programs, archives, and the pieces of one. */
static void put_looked_into(const struct folder *corpus)
{
	static const struct zip_member members[] = { { "a", "some text, some text", 20, 6 }, { "b", "as it is", 8, 0 },
		{ "c", "more text, more text", 20, 0x19 } };
	AUTO(buf) struct buf x86 = BUF_INIT(1u << 20);
	AUTO(buf) struct buf arm = BUF_INIT(1u << 20);
	AUTO(buf) struct buf zip = BUF_INIT(1u << 20);
	AUTO(buf) struct buf stream = BUF_INIT(1u << 20);

	linked_make(&x86, false, 0);
	linked_make(&arm, true, 0);
	folder_put(corpus, "rewrite/x86-64", x86.data, x86.len);
	folder_put(corpus, "rewrite/arm", arm.data, arm.len);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		zip_add(&zip, &members[i]);
	zip_add(&zip, &(struct zip_member){ "inner.jar", zip.data, zip.len, 6 });
	folder_put(corpus, "members/zip", zip.data, zip.len);
	if (buf_append(&stream, "\5\0\0\0", 4, NULL) < 0 || members_piece_append(&stream, MEMBERS_PLAIN, 0, 3, NULL) < 0 ||
	    members_piece_append(&stream, MEMBERS_OPEN, 6, 0, NULL) < 0 ||
	    members_piece_append(&stream, MEMBERS_DEFLATED, 9, 9, NULL) < 0 ||
	    members_piece_append(&stream, MEMBERS_PLAIN, 0, 2, NULL) < 0 ||
	    members_piece_append(&stream, MEMBERS_CLOSE, 0, 0, NULL) < 0 || buf_append(&stream, "abcdefghijklmn", 14, NULL) < 0)
		abort();
	folder_put(corpus, "members_writer/pieces", stream.data, stream.len);
}

static void say(const struct fetch_link *link, enum fetch_frame frame, struct buf *payload, int written)
{
	if (written < 0 || fetch_send(link, frame, payload->data, payload->len, NULL) < 0)
		abort();
	buf_empty(payload);
}

static void put_frames(const struct folder *corpus)
{
	static const struct http_options options = { .ca_pem = "-----BEGIN CERTIFICATE-----", .proxy = "http://p:1",
		.connect_timeout_ms = 1000, .redirects = HTTP_REDIRECTS_ANY };
	static const struct transport_request request = { .url = "https://a.example/x", .offset = 5, .length = 10, .limit = 20,
		.body = "body", .body_len = 4 };
	static const struct fetch_end end = { .code = ERROR_NETWORK, .sys = 7, .retry_after_s = 60, .reply = { 503, 12 }, .text = "busy" };
	AUTO(buf) struct buf payload = BUF_INIT(SOCKET_BYTES);
	char bytes[SOCKET_BYTES];
	int ends[2];
	struct fetch_link link = { .stop_fd = -1, .timeout_ms = 1000 };
	ssize_t len;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		abort();
	link.fd = ends[0];
	say(&link, FETCH_SETUP, &payload, fetch_write_setup(&options, &payload, NULL));
	say(&link, FETCH_READY, &payload, 0);
	say(&link, FETCH_GET, &payload, fetch_write_get(&request, 4096, &payload, NULL));
	say(&link, FETCH_DATA, &payload, buf_append(&payload, "data", 4, NULL));
	say(&link, FETCH_END, &payload, fetch_write_end(&end, &payload, NULL));
	(void)close(ends[0]);
	if ((len = recv(ends[1], bytes, sizeof(bytes), MSG_WAITALL)) <= 0)
		abort();
	(void)close(ends[1]);
	folder_put(corpus, "fetch_protocol/all", bytes, (size_t)len);
}

/* ---- Calls of every method, and what an honest worker says ---- */

#define CALL(method, parameters) "{\"method\":\"jp.haishin.Agent." method "\",\"more\":true,\"parameters\":{" parameters "}}\0"

static const char calls_that_look[] = CALL("GetStatus", "") CALL("GetVersion", "") CALL("GetHistory", "\"limit\":5") CALL(
	"GetHistory", "\"package\":\"face-library\",\"since\":\"2026-01-10\"") CALL("VerifyHistory", "")
	CALL("ExportHistory", "") CALL("GetKey", "") CALL("Explain", "") CALL("GetCompletion", "\"campaign\":1")
		CALL("GetEnvironment", "");
static const char calls_that_change[] = CALL("Disable", "\"why\":\"x\",\"until\":\"2026-02-01\"") CALL("Enable", "")
	CALL("Hold", "\"package\":\"face-library\"") CALL("Unhold", "\"package\":\"face-library\"")
		CALL("Rollback", "\"package\":\"face-library\"") CALL("SetEnvironment", "\"environment\":\"production\"");
static const char calls_that_begin[] = CALL("Check", "") CALL("DownloadNow", "") CALL("Install", "\"path\":\"/x\"");

static void put_calls(const struct folder *corpus)
{
	folder_put(corpus, "methods/look", calls_that_look, sizeof(calls_that_look) - 1);
	folder_put(corpus, "methods/change", calls_that_change, sizeof(calls_that_change) - 1);
	folder_put(corpus, "methods/begin", calls_that_begin, sizeof(calls_that_begin) - 1);
}

static void put_worker(const struct folder *corpus)
{
	static const char bytes[1000];
	struct fetch_end end = {.reply = {.http_status = 200, .bytes = sizeof(bytes)}};
	AUTO(buf) struct buf payload = BUF_INIT(4096);
	char said[SOCKET_BYTES];
	int pair[2];
	ssize_t len;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	const struct fetch_link link = {.fd = pair[0], .stop_fd = -1, .timeout_ms = -1};

	if (fetch_write_end(&end, &payload, NULL) < 0 || fetch_send(&link, FETCH_READY, NULL, 0, NULL) < 0 ||
		fetch_send(&link, FETCH_DATA, bytes, sizeof(bytes), NULL) < 0 ||
		fetch_send(&link, FETCH_END, payload.data, payload.len, NULL) < 0 ||
		(len = recv(pair[1], said, sizeof(said), 0)) <= 0)
		abort();
	(void)close(pair[0]);
	(void)close(pair[1]);
	folder_put(corpus, "worker/honest", said, (size_t)len);
}

void make_corpus_formats(const struct folder *corpus)
{
	const struct payload *payload = place_payload(PLACE_NEW);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		folder_put(corpus, texts[i].path, texts[i].text, strlen(texts[i].text));
	folder_put(corpus, "control/calls", messages, sizeof(messages));
	put_calls(corpus);
	put_worker(corpus);
	folder_put(corpus, "release/payload", payload->json.data, payload->json.len);
	folder_put(corpus, "payload/whole", payload->bytes.data, payload->bytes.len);
	put_zone(corpus, "Asia/Tokyo", "zone/tokyo");
	put_zone(corpus, "America/New_York", "zone/new-york");
	put_delta(corpus, "delta/made", false);
	put_delta(corpus, "delta/former", true);
	put_looked_into(corpus);
	put_frames(corpus);
	put_history(corpus);
}
