/* What a release is made of, and the limits of all of it. */
#ifndef MANIFESTS_RELEASE_RELEASE_PARTS_H
#define MANIFESTS_RELEASE_RELEASE_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"

#define RELEASE_MAX_BYTES (64u << 20)
#define RELEASE_MAX_FILES 1000000u
#define RELEASE_MAX_FRAMES 65536u
#define RELEASE_MAX_INSTALLED_BYTES (UINT64_C(1) << 40)
#define RELEASE_FRAME_BYTES (4u << 20)	    /* of payload tar in a frame, about */
#define RELEASE_FRAME_MAX_BYTES (16u << 20) /* of payload tar in a frame, at most: bounds the terminal's memory */
#define RELEASE_AGENT_PACKAGE "distro-app"     /* what the agent itself comes in */
#define RELEASE_AGENT_PROGRAM "bin/haishind" /* without which such a release would run nothing */
#define RELEASE_MAX_ARGUMENTS 16
#define RELEASE_PATH_SIZE 1024
#define RELEASE_MAX_TIMEOUT_S 600

enum release_file_type { RELEASE_FILE, RELEASE_FOLDER, RELEASE_LINK };

struct release_file {
	enum release_file_type type;
	const char *path;     /* relative, components without "." and "..", names that Windows can hold too */
	uint32_t mode;	      /* permission bits 0777; never setuid, setgid or sticky */
	uint64_t size;	      /* of a file's content; 0 otherwise */
	uint64_t tar_offset;  /* where its content begins in the uncompressed payload; 0 where size is 0 */
	struct sha256 sha256; /* of a file's content */
	const char *link;     /* a link's target: relative, and staying inside the release; NULL otherwise */
};

/* What a release changes, in its vendor's words. */
#define RELEASE_MAX_NOTES 8
#define RELEASE_NOTE_MAX_BYTES 4096
#define RELEASE_LANGUAGE_SIZE 17
struct release_note {
	const char *language; /* "ja", "en", "pt-BR" */
	const char *text;     /* lines of plain text, no character of which acts (common/text.h); the first says it all in short */
};

struct release_frame {
	uint64_t offset;      /* where the compressed frame begins in the payload */
	uint64_t length;      /* compressed */
	uint64_t tar_offset;  /* where its content begins in the uncompressed payload */
	uint64_t tar_length;  /* uncompressed, at most RELEASE_FRAME_MAX_BYTES */
	struct sha256 sha256; /* of the compressed frame */
};

struct release_requirement {
	const char *package;
	const char *version; /* the lowest that will do (F22) */
};

/* A program of the release that says whether it works. */
struct release_check {
	const char *argv[RELEASE_MAX_ARGUMENTS +
			 1];   /* argv[0] relative to the release's folder; NULL-terminated; empty: none */
	int64_t timeout_s;     /* 1 to RELEASE_MAX_TIMEOUT_S */
	int64_t retries;       /* tries after the first, 0 to 100 */
	int64_t retry_pause_s; /* between tries, 0 to 600 */
};

enum release_health_kind { RELEASE_HEALTH_NONE, RELEASE_HEALTH_COMMAND, RELEASE_HEALTH_UNIT, RELEASE_HEALTH_HTTP };

struct release_health {
	enum release_health_kind kind;
	struct release_check check; /* its argv only for a command */
	const char *unit;	    /* a systemd unit that must be active */
	const char *url;	    /* http://localhost... that must answer 200 */
	int64_t settle_s;	    /* how long it must stay healthy before it is confirmed, 0 to 3600 */
};

struct release {
	const char *package;
	const char *version;
	uint64_t installed_bytes; /* sum of all files */
	const char *payload_target;
	uint64_t payload_length;
	struct sha256 payload_sha256;
	uint64_t tar_length;
	struct release_requirement *requires;
	size_t requires_count;
	const char *passes_through;	/* the lowest version that may jump to this one directly (F23); NULL: any */
	struct release_check self_test; /* run at boot before the applications, without privileges */
	struct release_check migrate;	/* run before it, on a copy of the package's data/; its tries do not count */
	bool wants_network; /* its programs ask for the machine's network, which the terminal's settings may give */
	struct release_health health; /* run after the applications started */
	struct release_note notes[RELEASE_MAX_NOTES]; /* by language */
	size_t notes_count;
	struct release_file *files;   /* in the order of the payload, folders before what they hold */
	size_t files_count;
	struct release_frame *frames; /* in order, without gaps */
	size_t frames_count;
	void *memory; /* owns every string above */
};

#endif
