/* Secrets that all collectors on one store have in common: made at the first start. */
#ifndef COLLECTOR_STORE_SECRET_H
#define COLLECTOR_STORE_SECRET_H

#include "collector/store/database.h"

#define SECRET_SIZE 65

/* 32 bytes at random in hexadecimal, the same whoever asks for NAME. */
WARN_UNUSED int secret_load(
	struct database *database, const char *name, char ret_secret[static SECRET_SIZE], struct error *err);

#endif
