#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/keys/keyring.h"

static const struct args_option options[] = {
	OPTION_KEYS,
	{"kind", "KIND", "of a new key: ed25519 (default), ecdsa (P-256) or rsa (PSS, 3072 bits)"},
	{"token", "URI", "the key is in the token that this pkcs11: URI (RFC 7512) names"},
	{"unencrypted", NULL, "write the private key without a passphrase"},
	OPTION_PASSPHRASE_FILE,
	OPTION_PASSPHRASE_FD,
	OPTION_PIN_FILE,
	OPTION_PIN_FD,
	OPTION_JSON,
	OPTIONS_END,
};

static int read_kind(const struct args *args, enum key_kind *ret_kind, struct error *err)
{
	static const struct {
		const char *name;
		enum key_kind kind;
	} kinds[] = {{"ed25519", KEY_ED25519}, {"ecdsa", KEY_ECDSA_P256}, {"rsa", KEY_RSA_PSS}};
	const char *name = args_get(args, "kind");

	/* Not every token knows Ed25519. */
	*ret_kind = args_has(args, "token") ? KEY_ECDSA_P256 : KEY_ED25519;
	for (size_t i = 0; name && i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*ret_kind = kinds[i].kind;
			return 0;
		}
	return name ? error_set(err, ERROR_USAGE, "--kind '%.40s' is none of ed25519, ecdsa, rsa", name) : 0;
}

static json_t *describe(const struct keyring_key *key)
{
	return JSON_OBJECT({
		json_text("name", key->name),
		json_text("id", key->id),
		json_share("scheme", json_object_get(key->public_key, "scheme")),
		json_text("public", key->path),
		json_flag("private", key->has_private),
		json_flag("token", key->in_token),
	});
}

static int print_key(const struct tool *tool, const struct keyring_key *key, struct error *err)
{
	AUTO(json) json_t *json = NULL;

	if (!tool->json) {
		(void)printf("%s  %-20s %s%s  %s\n", key->id,
			json_string_value(json_object_get(key->public_key, "scheme")), key->name,
			!key->has_private ? " (public half only)"
			: key->in_token	  ? " (in a token)"
					  : "",
			key->path);
		return 0;
	}
	json = describe(key);
	return tool_print_json(json, err);
}

static const struct keyring_key *new_or_known(
	const struct tool *tool, struct keyring *keyring, bool make, enum key_kind kind, struct error *err)
{
	const char *name = args_positional(tool->args, 1);
	const char *uri = args_get(tool->args, "token");

	if (uri)
		return keyring_take_from_token(keyring, name, uri, make, kind, err);
	if (make)
		return keyring_generate(keyring, name, kind, args_has(tool->args, "unencrypted"), err);
	(void)error_set(err, ERROR_USAGE, "key use: --token is missing: which key is to be used?");
	return NULL;
}

static int make_key(const struct tool *tool, bool make, struct error *err)
{
	AUTO(keyring) struct keyring keyring = {0};
	const struct keyring_key *key;
	const char *folder;
	enum key_kind kind;

	if (args_want_positional(tool->args, 2, 2, "the name of the new key", err) < 0 ||
		args_want(tool->args, "keys", &folder, err) < 0 || read_kind(tool->args, &kind, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, true, err) < 0)
		return -1;
	key = new_or_known(tool, &keyring, make, kind, err);
	return key && keyring_keep(&keyring, err) == 0 ? print_key(tool, key, err) : -1;
}

static int list_keys(const struct tool *tool, struct error *err)
{
	AUTO(keyring) struct keyring keyring = {0};
	AUTO(json) json_t *list = json_array();
	const char *folder;

	if (args_want_positional(tool->args, 1, 1, "", err) < 0 || args_want(tool->args, "keys", &folder, err) < 0 ||
		keyring_init(&keyring, tool->fs, tool->args, false, err) < 0)
		return -1;
	for (size_t i = 0; i < keyring.count; i++) {
		if (tool->json && json_array_append_new(list, describe(&keyring.keys[i])) < 0)
			return error_set(err, ERROR_FAILED, "no memory for a list of keys");
		if (!tool->json && print_key(tool, &keyring.keys[i], err) < 0)
			return -1;
	}
	return tool->json ? tool_print_json(list, err) : 0;
}

static int run(struct tool *tool, struct error *err)
{
	const char *action = args_positional(tool->args, 0);

	if (action && strcmp(action, "new") == 0)
		return make_key(tool, true, err);
	if (action && strcmp(action, "use") == 0)
		return make_key(tool, false, err);
	if (action && strcmp(action, "list") == 0)
		return list_keys(tool, err);
	return error_set(err, ERROR_USAGE, "key: say \"new NAME\", \"use NAME --token URI\" or \"list\"");
}

const struct command command_key = {
	.name = "key",
	.arguments = "new NAME | use NAME --token URI | list --keys DIR",
	.summary = "Make a key pair, or list the keys in a folder",
	.help = "A private key is written to NAME.pem (PKCS#8, encrypted with the passphrase), its public half to\n"
		"NAME.pub.json. Only the latter is ever given to somebody else.\n"
		"With --token URI (RFC 7512: \"pkcs11:token=Publisher\") the key is made in that token and never\n"
		"leaves it, or, with \"use\", is one that is there (\"pkcs11:token=Publisher;object=root-1\"); "
		"NAME.pkcs11\n"
		"then holds its URI. The PIN is asked for, or comes by --pin-file or --pin-fd.\n",
	.options = options,
	.run = run,
};
