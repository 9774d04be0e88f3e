/* With which of zlib's settings something was compressed. */
#ifndef UPDATER_ATTEMPT_DEFLATE_SETTING_H
#define UPDATER_ATTEMPT_DEFLATE_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True where zlib makes PACKED out of DATA, byte for byte; SETTING (members.h) says with what. It is tried first as it
 * comes in. */
bool deflate_setting_find(
	const uint8_t *data, size_t len, const uint8_t *packed, size_t packed_len, uint8_t *setting);

#endif
