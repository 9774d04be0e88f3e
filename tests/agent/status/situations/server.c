#include "tests/agent/status/situations/situation.h"

#include <stdio.h>
#include <time.h>

static void damage(struct stage *stage, const char *pattern)
{
	stage_run("for file in %s/publisher/repository/%s; do sed -i '1s/\\(.*\\)/\\1 /' \"$file\"; done",
		stage->world->folder.path, pattern);
}

static void forged_metadata(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage_run("sed -i 's/\"version\":/\"version\":1/' %s/publisher/repository/metadata/timestamp.json",
		stage->world->folder.path);
}

static void altered_on_the_way(struct stage *stage)
{
	world_repo(stage->world, "catalog set " PACKAGE "=2.0.0 --rollout 99");
	world_repo(stage->world, "publish");
	stage_configure_stick(stage, "");
	damage(stage, "metadata/[0-9]*.snapshot.json");
}

static void release_is_not_there(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage_run("rm %s/publisher/repository/targets/" PACKAGE "/*.json", stage->world->folder.path);
}

static void nobody_signs_any_more(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->world->now_s += 400 * (int64_t)DAY_S;
}

/* "<html>": as a network shows it before somebody signs in. */
static void put_in_place_of_metadata(struct stage *stage, const char *page)
{
	stage_configure_stick(stage, "");
	stage_run(
		"for file in %s/publisher/repository/metadata/timestamp.json; do printf '%%s' '%s' >\"$file\"; done",
		stage->world->folder.path, page);
}

static void a_login_page_answers(struct stage *stage)
{
	put_in_place_of_metadata(stage, "<html><form>Sign in</form></html>");
}

static void nothing_is_answered(struct stage *stage)
{
	put_in_place_of_metadata(stage, "");
}

static void a_proxy_answers_in_json(struct stage *stage)
{
	put_in_place_of_metadata(stage, "{\"error\": \"sign in first\"}");
}

static void the_timestamp_has_expired(struct stage *stage)
{
	stage_configure_stick(stage, "");
	stage->world->now_s += 8 * (int64_t)DAY_S;
}

static void server_is_gone(struct stage *stage)
{
	stage_configure(stage, "http://127.0.0.1:9", "");
}

static void name_is_wrong(struct stage *stage)
{
	stage_configure(stage, "http://no-such-name.invalid", "");
}

static void proxy_is_gone(struct stage *stage)
{
	stage_configure(stage, "http://127.0.0.1:9/haishin", "[server]\nproxy = http://127.0.0.1:9\n");
}

static void proxy_wants_a_password(struct stage *stage)
{
	char more[128];

	stage_serve(stage, NULL, NULL, "");
	(void)snprintf(more, sizeof(more), "[server]\nproxy = http://127.0.0.1:%d\n", bad_server_port(stage->server));
	stage_configure(stage, "http://distribution.invalid", more);
	for (int i = 0; i < 8; i++)
		bad_server_queue(stage->server, BAD_STATUS, 407);
}

static void somebody_else_answers(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	stage_serve(stage, &stage->stranger, NULL, "");
}

static void no_tls_where_tls_should_be(struct stage *stage)
{
	char url[URL_SIZE];

	stage_put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	stage_serve(stage, NULL, NULL, "");
	stage_url(stage, "https", "", url);
	stage_configure(stage, url, "");
}

static void certificate_is_missing(struct stage *stage)
{
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_has_expired(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, CODE, pki_yesterday(), time(NULL) + DAY_S);
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_is_not_valid_yet(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, CODE, time(NULL) + 30 * (int64_t)DAY_S, pki_next_year());
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_lacks_its_key(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	stage_run("rm %s/terminal/etc/haishin/certificates/client.key", stage->world->folder.path);
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_is_not_accepted(struct stage *stage)
{
	stage_put_certificate(stage, &stage->stranger, CODE, pki_yesterday(), pki_next_year());
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_is_of_another_institution(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, "9912345678", pki_yesterday(), pki_next_year());
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

static void certificate_ends_soon(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, CODE, pki_yesterday(), time(NULL) + 20 * (int64_t)DAY_S);
	stage_serve(stage, &stage->pki, &stage->pki, "");
}

static void fail_requests(struct stage *stage, int status)
{
	stage_serve_well(stage);
	for (int i = 0; i < 8; i++)
		bad_server_queue(stage->server, BAD_STATUS, (uint64_t)status);
}

static void server_is_ill(struct stage *stage)
{
	fail_requests(stage, 503);
}

static void the_network_wants_a_sign_in(struct stage *stage)
{
	fail_requests(stage, 511);
}

static void server_refuses(struct stage *stage)
{
	fail_requests(stage, 451);
}

static void server_points_elsewhere(struct stage *stage)
{
	stage_serve_well(stage);
	for (int i = 0; i < 8; i++)
		bad_server_queue(stage->server, BAD_REDIRECT_LOOP, 0);
}

static void path_is_wrong(struct stage *stage)
{
	char url[URL_SIZE];

	stage_serve_well(stage);
	stage_url(stage, "https", "/elsewhere", url);
	stage_configure(stage, url, "");
}

static void payload_is_not_there(struct stage *stage)
{
	struct error err = {0};

	stage_configure_stick(stage, "");
	stage_run("rm %s/publisher/repository/targets/" PACKAGE "/*.tar.zst", stage->world->folder.path);
	(void)!world_run(stage->world, JOB_BUTTON, NULL, &err);
}

/* What comes in place of one file of the newest release, on a way that is open otherwise; the button has met it TIMES times. */
static void spoil(struct stage *stage, const char *part, enum bad_fault fault, uint64_t at, int times)
{
	struct error err = {0};

	stage_serve_well(stage);
	bad_server_spoil(stage->server, part, fault, at);
	for (int i = 0; i < times; i++)
		(void)!world_run(stage->world, JOB_BUTTON, NULL, &err);
}

static void a_page_in_place_of_the_payload(struct stage *stage)
{
	spoil(stage, PACKAGE "-2.0.0.tar.zst", BAD_PAGE, 300, 1);
}

static void a_redirect_in_place_of_the_payload(struct stage *stage)
{
	spoil(stage, PACKAGE "-2.0.0.tar.zst", BAD_STATUS, 302, 1);
}

static void a_loop_in_place_of_the_release(struct stage *stage)
{
	spoil(stage, PACKAGE "-2.0.0.json", BAD_REDIRECT_LOOP, 0, 1);
}

static void the_payload_is_forbidden(struct stage *stage)
{
	spoil(stage, PACKAGE "-2.0.0.tar.zst", BAD_STATUS, 451, 1);
}

static void the_server_fails_at_the_payload(struct stage *stage)
{
	spoil(stage, PACKAGE "-2.0.0.tar.zst", BAD_STATUS, 500, 1);
}

static void the_payload_came_damaged_once(struct stage *stage)
{
	spoil(stage, PACKAGE "-2.0.0.tar.zst", BAD_ZEROS, 0, 1);
	bad_server_spoil(stage->server, NULL, BAD_NOTHING, 0);
}

static void the_payload_comes_damaged_again(struct stage *stage)
{
	spoil(stage, PACKAGE "-2.0.0.tar.zst", BAD_ZEROS, 0, 2);
}

static void the_catalog_comes_damaged(struct stage *stage)
{
	spoil(stage, "catalog.json", BAD_ZEROS, 0, 0);
}

static void the_catalog_comes_damaged_again(struct stage *stage)
{
	spoil(stage, "catalog.json", BAD_ZEROS, 0, 1);
}

static void not_there_and_a_page_in_place_of_the_payload(struct stage *stage)
{
	stage_run("rm -rf %s/terminal/opt/haishin/" PACKAGE, stage->world->folder.path);
	a_page_in_place_of_the_payload(stage);
}

static void the_servers_certificate_has_expired(struct stage *stage)
{
	stage_put_certificate(stage, &stage->pki, CODE, pki_yesterday(), pki_next_year());
	stage_serve_until(stage, &stage->pki, time(NULL) - 3600);
}

/* What is signed from now on lives so many days ("ROLE": N, ...): ROLE, snapshot and timestamp are; then three days go by in which nobody
 * signs anything. */
static void let_expire(struct stage *stage, const char *days, const char *role)
{
	stage_configure_stick(stage, "");
	stage_run("echo '{\"expiry_days\": {%s}}' >%s/publisher/haishin-repo.json", days, stage->world->folder.path);
	world_publisher_lives_now(stage->world);
	world_repo(stage->world, "rotate %s", role);
	world_repo(stage->world, "publish");
	stage->world->now_s += 3 * (int64_t)DAY_S;
}

static void only_the_snapshot_has_expired(struct stage *stage)
{
	let_expire(stage, "\"timestamp\": 30, \"snapshot\": 2", "operator");
}

static void only_the_catalogs_role_has_expired(struct stage *stage)
{
	let_expire(stage, "\"timestamp\": 30, \"snapshot\": 30, \"delegated\": 2", "operator");
}

static void only_targets_has_expired(struct stage *stage)
{
	let_expire(stage, "\"timestamp\": 30, \"snapshot\": 30, \"targets\": 2", "targets");
}

static void only_root_has_expired(struct stage *stage)
{
	let_expire(stage, "\"timestamp\": 30, \"snapshot\": 30, \"root\": 2", "root");
}

static void much_has_expired_at_once(struct stage *stage)
{
	let_expire(stage, "\"timestamp\": 2, \"snapshot\": 2, \"root\": 2, \"delegated\": 2", "root");
}

static void only_the_vendors_role_has_expired(struct stage *stage)
{
	let_expire(stage, "\"timestamp\": 30, \"snapshot\": 30, \"delegated\": 2", PACKAGE);
}

static void not_there_and_the_vendors_role_has_expired(struct stage *stage)
{
	stage_run("rm -rf %s/terminal/opt/haishin/" PACKAGE, stage->world->folder.path);
	only_the_vendors_role_has_expired(stage);
}

const struct situation situations_of_server[] = {
	{"forged metadata", forged_metadata, NULL, "signature", "trust-refused", "refused"},
	{"altered on the way", altered_on_the_way, NULL, "signature", "trust-refused", "refused"},
	{"the release is not where it should be", release_is_not_there, NULL, "last-try", "nothing", "file-missing"},
	{"nobody signs any more", nobody_signs_any_more, NULL, "signature", "trust-expired", "expired"},
	{"only the timestamp has expired", the_timestamp_has_expired, NULL, "signature", "trust-expired", "expired"},
	{"a login page answers", a_login_page_answers, NULL, "network", "server-stranger", "all-current"},
	{"an empty file answers", nothing_is_answered, NULL, "network", "server-stranger", "all-current"},
	{"a proxy answers in JSON", a_proxy_answers_in_json, NULL, "network", "server-stranger", "all-current"},
	{"the server is gone", server_is_gone, NULL, "network", "server-stopped", "all-current"},
	{"the server's name is wrong (F21)", name_is_wrong, NULL, "network", "name-", "all-current"},
	{"the proxy is gone (F15)", proxy_is_gone, NULL, "network", "proxy-unreachable", "all-current"},
	{"the proxy wants a password (F15)", proxy_wants_a_password, NULL, "network", "proxy-refuses", "all-current"},
	{"somebody else answers", somebody_else_answers, NULL, "network", "tls-untrusted", "server-untrusted"},
	{"no TLS where it should be", no_tls_where_tls_should_be, NULL, "network", "tls-failed", "all-current"},
	{"no client certificate (F16)", certificate_is_missing, NULL, "certificate", "certificate-missing",
		"certificate"},
	{"the client certificate has expired (F16)", certificate_has_expired, NULL, "certificate",
		"certificate-expired", "certificate"},
	{"the client certificate is not valid yet", certificate_is_not_valid_yet, NULL, "certificate",
		"certificate-not-yet", "certificate"},
	{"the client certificate lacks its key", certificate_lacks_its_key, NULL, "certificate",
		"certificate-unusable", "certificate"},
	{"the client certificate is not accepted", certificate_is_not_accepted, NULL, "certificate",
		"certificate-refused", "certificate"},
	{"a certificate of another institution (F16)", certificate_is_of_another_institution, NULL, "",
		"certificate-of-another", "newer-release"},
	{"the client certificate ends soon", certificate_ends_soon, NULL, "", "certificate-ends", "newer-release"},
	{"the server is ill", server_is_ill, NULL, "network", "server-silent", "all-current"},
	{"the network wants somebody to sign in (511)", the_network_wants_a_sign_in, NULL, "network", "server-stranger",
		"all-current"},
	{"the server refuses", server_refuses, NULL, "network", "server-refuses", "all-current"},
	{"the server points elsewhere", server_points_elsewhere, NULL, "network", "server-redirects", "all-current"},
	{"the path is wrong", path_is_wrong, NULL, "network", "server-no-repository", "all-current"},
	{"the payload is not where it should be", payload_is_not_there, NULL, "last-try", "nothing", "file-missing"},
	{"a page in place of the payload", a_page_in_place_of_the_payload, NULL, "last-try", "nothing", "file-replaced"},
	{"a redirect in place of the payload", a_redirect_in_place_of_the_payload, NULL, "last-try", "nothing",
		"file-replaced"},
	{"a loop in place of the release", a_loop_in_place_of_the_release, NULL, "last-try", "nothing", "file-replaced"},
	{"not there, and a page in place of the payload", not_there_and_a_page_in_place_of_the_payload, NULL, "last-try",
		"nothing", "file-replaced"},
	{"the payload is forbidden (451)", the_payload_is_forbidden, NULL, "last-try", "nothing", "file-missing"},
	{"the server fails at the payload alone (500)", the_server_fails_at_the_payload, NULL, "last-try", "nothing",
		"file-missing"},
	{"the payload came damaged once", the_payload_came_damaged_once, NULL, "last-try", "nothing", "newer-release"},
	{"the payload comes damaged again and again", the_payload_comes_damaged_again, NULL, "last-try", "nothing",
		"altered"},
	{"the catalog comes damaged", the_catalog_comes_damaged, NULL, "last-try", "trust-altered", "all-current"},
	{"the catalog comes damaged again and again", the_catalog_comes_damaged_again, NULL, "last-try", "trust-altered",
		"altered"},
	{"the server's certificate has expired", the_servers_certificate_has_expired, NULL, "network", "tls-untrusted",
		"server-untrusted"},
	{"only the snapshot has expired", only_the_snapshot_has_expired, NULL, "signature", "trust-expired", "expired"},
	{"only the catalog's role has expired", only_the_catalogs_role_has_expired, NULL, "signature", "trust-expired",
		"expired"},
	{"only targets has expired", only_targets_has_expired, NULL, "signature", "trust-expired", "expired"},
	{"only root has expired", only_root_has_expired, NULL, "signature", "trust-expired", "expired"},
	{"much has expired at once", much_has_expired_at_once, NULL, "signature", "trust-expired", "expired"},
	{"only the vendor's role has expired", only_the_vendors_role_has_expired, NULL, "last-try", "nothing", "expired"},
	{"not there, and the vendor's role has expired", not_there_and_the_vendors_role_has_expired, NULL, "last-try",
		"nothing", "expired"},
	{0},
};
