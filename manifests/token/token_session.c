#include "manifests/token/token_session.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MOST 64

P11KitUri *token_read_uri(const char *text, struct error *err)
{
	AUTO(uri) P11KitUri *uri = p11_kit_uri_new();
	int result = uri ? p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri) : P11_KIT_URI_NO_MEMORY;

	/* What it holds is not repeated: a PIN may be in it. */
	if (result != P11_KIT_URI_OK)
		(void)error_set(err, ERROR_USAGE, "not a pkcs11: URI: %s", p11_kit_uri_message(result));
	else if (p11_kit_uri_get_pin_value(uri) || p11_kit_uri_get_pin_source(uri))
		(void)error_set(err, ERROR_USAGE,
			"a pkcs11: URI must hold no PIN, which everybody could read; give --pin-file or --pin-fd, or "
			"be asked");
	else if (p11_kit_uri_any_unrecognized(uri))
		(void)error_set(err, ERROR_USAGE, "the pkcs11: URI holds an attribute that is not known");
	else
		return take_ptr(&uri);
	return NULL;
}

int token_failed(const struct token_session *session, const char *what, CK_RV rv, struct error *err)
{
	return error_set(err, ERROR_FAILED, "token '%s': %s: %s", session->label, what, p11_kit_strerror(rv));
}

/* ---- Finding the token ---- */

static int load_modules(P11KitUri *uri, struct token_session *session, struct error *err)
{
	const char *path = p11_kit_uri_get_module_path(uri);
	CK_RV rv;

	if (!path) {
		if (!(session->modules = p11_kit_modules_load_and_initialize(0)))
			return error_set(err, ERROR_FAILED, "p11-kit cannot load the libraries of tokens");
		return 0;
	}
	session->one_module = true;
	if (!(session->modules = calloc(2, sizeof(*session->modules))))
		return error_set(err, ERROR_FAILED, "no memory for a token");
	if (!(session->modules[0] = p11_kit_module_load(path, 0)))
		return error_set(err, ERROR_NOT_FOUND, "the token's library '%s' cannot be loaded", path);
	if ((rv = p11_kit_module_initialize(session->modules[0])) != CKR_OK) {
		p11_kit_module_release(session->modules[0]);
		session->modules[0] = NULL;
		return error_set(err, ERROR_FAILED, "the token's library '%s': %s", path, p11_kit_strerror(rv));
	}
	return 0;
}

/* Looks through one module; notes the token where it is there. Returns how many match. */
static unsigned int match_slots(
	P11KitUri *uri, CK_FUNCTION_LIST *module, struct token_session *session, CK_SLOT_ID *ret_slot)
{
	CK_SLOT_ID slots[SLOTS_MOST];
	CK_ULONG count = SLOTS_MOST;
	unsigned int found = 0;

	if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return 0;
	for (CK_ULONG i = 0; i < count; i++) {
		CK_TOKEN_INFO info;

		if (module->C_GetTokenInfo(slots[i], &info) != CKR_OK || !(info.flags & CKF_TOKEN_INITIALIZED) ||
			!p11_kit_uri_match_token_info(uri, &info))
			continue;
		session->module = module;
		session->info = info;
		*ret_slot = slots[i];
		found++;
	}
	return found;
}

static int find_token(P11KitUri *uri, struct token_session *session, CK_SLOT_ID *ret_slot, struct error *err)
{
	unsigned int found = 0;
	size_t len = sizeof(session->info.label);

	for (size_t i = 0; session->modules[i]; i++)
		found += match_slots(uri, session->modules[i], session, ret_slot);
	if (found != 1) {
		session->module = NULL;
		return found ? error_set(err, ERROR_INPUT, "more than one token matches the URI; say \"serial=\" too")
			     : error_set(err, ERROR_NOT_FOUND,
				       "no token matches the URI: is it plugged in? \"p11tool --list-tokens\" lists "
				       "them");
	}
	while (len > 0 && session->info.label[len - 1] == ' ')
		len--;
	memcpy(session->label, session->info.label, len);
	return 0;
}

/* ---- Logging in ---- */

/* A service that starts over and over would use up the few tries that a token allows before it locks itself. */
static int check_tries(const struct token_session *session, const struct token_pin *pin, struct error *err)
{
	if (!pin->is_unattended || !(session->info.flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY)))
		return 0;
	return error_set(err, ERROR_INPUT,
		"a wrong PIN was given to token '%s' before: none is tried, as it locks itself after a few. Put the right "
		"one into the PIN file, and log in once by hand: \"p11tool --login --list-privkeys\" and the token's URI",
		session->label);
}

static int log_in_with(struct token_session *session, const struct buf *pin, struct error *err)
{
	CK_RV rv = session->module->C_Login(session->session, CKU_USER, (CK_UTF8CHAR *)pin->data, pin->len);

	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return 0;
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE)
		return error_set(err, ERROR_INPUT,
			"the PIN does not open token '%s'; a token locks itself after a few wrong ones",
			session->label);
	if (rv == CKR_PIN_LOCKED)
		return error_set(err, ERROR_INPUT,
			"token '%s' has locked itself after wrong PINs; its security officer can set a new PIN",
			session->label);
	return token_failed(session, "logging in", rv, err);
}

static int log_in(struct token_session *session, const struct token_pin *pin, struct error *err)
{
	AUTO(secret) struct buf text = BUF_INIT(TOKEN_PIN_MAX_BYTES);
	CK_SESSION_INFO info;

	if (!(session->info.flags & CKF_LOGIN_REQUIRED) ||
		(session->module->C_GetSessionInfo(session->session, &info) == CKR_OK &&
			(info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS)))
		return 0;
	if (check_tries(session, pin, err) < 0)
		return -1;
	/* One with a keypad of its own asks for itself. */
	if (!(session->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) &&
		pin->ask(pin->context, session->label, &text, err) < 0)
		return -1;
	return log_in_with(session, &text, err);
}

int token_session_open(
	P11KitUri *uri, bool write, const struct token_pin *pin, struct token_session *ret_session, struct error *err)
{
	AUTO(token_session) struct token_session session = {0};
	CK_SLOT_ID slot = 0;
	CK_RV rv;

	if (load_modules(uri, &session, err) < 0 || find_token(uri, &session, &slot, err) < 0)
		return -1;
	rv = session.module->C_OpenSession(
		slot, CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0), NULL, NULL, &session.session);
	if (rv != CKR_OK) {
		session.module = NULL;
		return token_failed(&session, "opening a session", rv, err);
	}
	if (log_in(&session, pin, err) < 0)
		return -1;
	*ret_session = session;
	session = (struct token_session){0};
	return 0;
}

void token_session_close(struct token_session *session)
{
	if (session->module)
		(void)session->module->C_CloseSession(session->session);
	if (session->modules && !session->one_module)
		p11_kit_modules_finalize_and_release(session->modules);
	if (session->modules && session->one_module) {
		if (session->modules[0]) {
			(void)p11_kit_module_finalize(session->modules[0]);
			p11_kit_module_release(session->modules[0]);
		}
		free(session->modules);
	}
	*session = (struct token_session){0};
}

/* ---- Objects ---- */

int token_find(const struct token_session *session, CK_ATTRIBUTE *template, size_t count,
	CK_OBJECT_HANDLE *ret_object, struct error *err)
{
	CK_OBJECT_HANDLE objects[2];
	CK_ULONG found = 0;
	CK_RV rv = session->module->C_FindObjectsInit(session->session, template, count);

	if (rv == CKR_OK) {
		rv = session->module->C_FindObjects(session->session, objects, 2, &found);
		(void)session->module->C_FindObjectsFinal(session->session);
	}
	if (rv != CKR_OK)
		return token_failed(session, "looking for a key", rv, err);
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND,
			"token '%s' has no such key; \"p11tool --list-privkeys --login\" lists them", session->label);
	if (found > 1)
		return error_set(
			err, ERROR_INPUT, "token '%s' has more than one such key; say \"id=\" too", session->label);
	*ret_object = objects[0];
	return 0;
}

int token_attribute(const struct token_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
	struct buf *ret_value, struct error *err)
{
	unsigned char value[4096];
	CK_ATTRIBUTE attribute = {type, value, sizeof(value)};
	CK_RV rv = session->module->C_GetAttributeValue(session->session, object, &attribute, 1);

	if (rv != CKR_OK || attribute.ulValueLen == (CK_ULONG)-1 || attribute.ulValueLen > sizeof(value))
		return token_failed(session, "reading a key's public half", rv, err);
	buf_empty(ret_value);
	return buf_append(ret_value, value, attribute.ulValueLen, err);
}
