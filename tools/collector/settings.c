#include "tools/collector/settings.h"

#include <stdio.h>
#include <string.h>

static int set_option(struct config *config, const char *text, struct error *err)
{
	const char *equals = strchr(text, '='), *dot = equals ? memchr(text, '.', (size_t)(equals - text)) : NULL;
	char section[96], key[64];

	if (!dot || (size_t)(dot - text) >= sizeof(section) || (size_t)(equals - dot) > sizeof(key))
		return error_set(err, ERROR_USAGE, "--set '%s' has not the form SECTION.KEY=VALUE", text);
	(void)snprintf(section, sizeof(section), "%.*s", (int)(dot - text), text);
	(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - dot - 1), dot + 1);
	return config_set(config, section, key, equals + 1, err);
}

static int set_options(const struct args *args, struct config *config, struct error *err)
{
	const char *store = args_get(args, "store"), *keep = args_get(args, "keep"), *text;

	for (size_t i = 0; (text = args_nth(args, "set", i)); i++)
		if (set_option(config, text, err) < 0)
			return -1;
	if (store && config_set(config, "store", "url", store, err) < 0)
		return -1;
	return keep ? config_set(config, "store", "keep_days", keep, err) : 0;
}

int settings_load(const struct args *args, struct config *ret_config, struct error *err)
{
	const char *file = args_get(args, "config");
	struct error why;

	if (config_load(file ? file : SETTINGS_FILE, ret_config, &why) < 0)
		return why.code == ERROR_NOT_FOUND
			       ? error_set(err, why.code, "%s; 'haishin-site create' sets a collector up, --config names another file",
					 why.text)
			       : error_set(err, why.code, "%s", why.text);
	if (set_options(args, ret_config, err) < 0)
		return -1;
	config_use_credentials(ret_config);
	return config_check(ret_config, err);
}

struct private_key_place settings_authority_key(const struct config *config)
{
	return (struct private_key_place){.key = config->authority_key, .pin = config->authority_pin};
}

int settings_open_authority(
	const struct config *config, const struct clock *clock, struct authority **ret_authority, struct error *err)
{
	const struct private_key_place key = settings_authority_key(config);

	if (!*config->authority_certificate)
		return error_set(err, ERROR_INPUT, "no certificates are issued here: [authority] is not set");
	return authority_open(config->authority_certificate, &key, clock->now_s(clock), ret_authority, err);
}
