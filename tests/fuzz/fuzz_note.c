/* Signed notes: what is taken apart is all of what came, and no key has signed what a fuzzer made. */
#include <stdlib.h>
#include <string.h>

#include "ledger/note/cosignature.h"
#include "ledger/note/note.h"
#include "tests/fuzz/fuzz.h"

#define KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct note note;
	struct vkey key;
	int64_t time_s;
	size_t taken;

	if (vkey_parse(SPAN(KEY), &key, NULL) < 0)
		abort();
	if (note_parse((struct span){(const char *)data, len}, &note, NULL) < 0)
		return 0;
	taken = note.text.len + 1;
	for (size_t i = 0; i < note.count; i++)
		taken += note.signatures[i].line.len;
	if (taken != len || cosignature_check(&note, &key, &time_s) == NOTE_SIGNED)
		abort();
	(void)note_check(&note, &key);
	return 0;
}
