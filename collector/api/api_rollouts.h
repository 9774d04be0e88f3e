/* Rollouts: how far each has come, what befell terminals, the judgement; the brake's statement; and the button that stops one. */
#ifndef COLLECTOR_API_API_ROLLOUTS_H
#define COLLECTOR_API_API_ROLLOUTS_H

#include "collector/api/api_context.h"

#define API_ROLLOUTS_TOKEN_SIZE 65

void api_rollouts_list(struct api *api, struct database *database, struct exchange *exchange);
/* The statement as it was signed last, for terminals and for whoever copies it to a mirror. */
void api_rollouts_brake(struct api *api, struct database *database, struct exchange *exchange);

/* What is answered, for the page too: {"rollouts": [...], "brake_issued": moment}; NULL on failure. */
json_t *api_rollouts_tell(struct database *database, struct error *err);

/* Of the page's form: only the page that an operator got here has it, so that no other site can press the button in the operator's
 * browser. */
void api_rollouts_token(const struct api *api, const struct client *client, const char *package, const char *version,
	char ret_token[static API_ROLLOUTS_TOKEN_SIZE]);
/* Stops what the form in the body names (package, version, why, token). ERROR_DENIED where the token is not its own, ERROR_INPUT,
 * ERROR_NOT_FOUND. Texts are those of the form; *RET_STOPPED is false where it was stopped already. */
struct api_rollouts_order {
	char package[80], version[64], why[256], token[API_ROLLOUTS_TOKEN_SIZE];
};
WARN_UNUSED int api_rollouts_stop(struct api *api, struct database *database, const struct exchange *exchange,
	struct api_rollouts_order *ret_order, bool *ret_stopped, struct error *err);

#endif
