#include "updater/fetch/http_hop.h"

#include <curl/curl.h>

#define ALERT_REVOKED 44
#define ALERT_EXPIRED 45

enum http_hop http_hop_of(const struct error *err)
{
	switch (err->sys) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		return HTTP_HOP_PROXY;
	case CURLE_COULDNT_RESOLVE_HOST:
		return HTTP_HOP_NAME;
	case CURLE_COULDNT_CONNECT:
		return HTTP_HOP_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return HTTP_HOP_TLS;
	case CURLE_TOO_MANY_REDIRECTS:
		return HTTP_HOP_REDIRECT;
	case HTTP_ALERT_SYS + ALERT_REVOKED:
	case HTTP_ALERT_SYS + ALERT_EXPIRED:
		return HTTP_HOP_CERTIFICATE_OVER;
	default:
		return err->code == ERROR_CERTIFICATE ? HTTP_HOP_CERTIFICATE : HTTP_HOP_ANSWER;
	}
}

bool http_failed_alone(const struct error *err)
{
	return err->sys >= HTTP_STATUS_SYS + 500 && !err->retry_after_s;
}

void http_blame_file(struct error *err)
{
	if (err->code == ERROR_NETWORK && http_failed_alone(err))
		err->code = ERROR_SERVER;
}
