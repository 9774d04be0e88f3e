#include "tools/repo/release/binaries.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"

#define SEGMENTS_MOST 64
#define DYNAMIC_MOST 1024
#define TEXT_SIZE 96

/* Debian's names. */
static const struct {
	uint16_t machine;
	unsigned char class;
	const char *name;
} architectures[] = {
	{EM_X86_64, ELFCLASS64, "amd64"},
	{EM_AARCH64, ELFCLASS64, "arm64"},
	{EM_ARM, ELFCLASS32, "armhf"},
	{EM_386, ELFCLASS32, "i386"},
	{EM_RISCV, ELFCLASS64, "riscv64"},
};

/* Debian has these on every machine: the C library, and what its package manager needs; and terminals have what haishin itself
 * needs. */
static const char *const everywhere[] = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1",
	"libutil.so.1", "libresolv.so.2", "libanl.so.1", "libcrypt.so.1", "libgcc_s.so.1", "libstdc++.so.6",
	"libz.so.1", "libtinfo.so.6", "libcrypto.so.3", "libssl.so.3", "libcurl.so.4", "libinih.so.1",
	"libjansson.so.4", "liblzma.so.5", "libseccomp.so.2", "libsqlite3.so.0", "libzstd.so.1",
	"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux-armhf.so.3", "/lib/ld-linux.so.2",
	"/lib/ld-linux-riscv64-lp64d.so.1"};

/* ---- One file ---- */

struct segment {
	uint32_t type;
	uint64_t offset, address, size;
};

struct image {
	int fd;
	bool is_64;
	const char *architecture;
	struct segment segments[SEGMENTS_MOST];
	size_t count;
};

static bool read_at(int fd, uint64_t offset, void *data, size_t len)
{
	return offset <= INT64_MAX && pread(fd, data, len, (off_t)offset) == (ssize_t)len;
}

static const char *architecture_of(const Elf32_Ehdr *header)
{
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
		if (header->e_machine == architectures[i].machine &&
			header->e_ident[EI_CLASS] == architectures[i].class)
			return architectures[i].name;
	return NULL;
}

static bool read_segment(const struct image *image, uint64_t offset, struct segment *ret_segment)
{
	Elf64_Phdr wide;
	Elf32_Phdr narrow;

	if (image->is_64 ? !read_at(image->fd, offset, &wide, sizeof(wide))
			 : !read_at(image->fd, offset, &narrow, sizeof(narrow)))
		return false;
	*ret_segment = image->is_64
			       ? (struct segment){wide.p_type, wide.p_offset, wide.p_vaddr, wide.p_filesz}
			       : (struct segment){narrow.p_type, narrow.p_offset, narrow.p_vaddr, narrow.p_filesz};
	return true;
}

/* False for what is no ELF file of an architecture that is known here; all of these are little-endian. */
static bool read_image(struct image *image)
{
	Elf32_Ehdr narrow;
	Elf64_Ehdr wide;
	uint64_t offset;
	size_t count, step;

	if (!read_at(image->fd, 0, &narrow, sizeof(narrow)) || memcmp(narrow.e_ident, ELFMAG, SELFMAG) != 0 ||
		narrow.e_ident[EI_DATA] != ELFDATA2LSB || !(image->architecture = architecture_of(&narrow)))
		return false;
	image->is_64 = narrow.e_ident[EI_CLASS] == ELFCLASS64;
	if (image->is_64 && !read_at(image->fd, 0, &wide, sizeof(wide)))
		return false;
	offset = image->is_64 ? wide.e_phoff : narrow.e_phoff;
	count = image->is_64 ? wide.e_phnum : narrow.e_phnum;
	step = image->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	for (size_t i = 0; i < count && i < SEGMENTS_MOST; i++, image->count++)
		if (offset > INT64_MAX || !read_segment(image, offset + i * step, &image->segments[i]))
			break;
	return true;
}

static const struct segment *find_segment(const struct image *image, uint32_t type)
{
	for (size_t i = 0; i < image->count; i++)
		if (image->segments[i].type == type)
			return &image->segments[i];
	return NULL;
}

/* Where in the file the byte at ADDRESS is; 0 where it is in none of its segments. */
static uint64_t offset_of(const struct image *image, uint64_t address)
{
	for (size_t i = 0; i < image->count; i++) {
		const struct segment *segment = &image->segments[i];

		if (segment->type == PT_LOAD && address >= segment->address &&
			address - segment->address < segment->size)
			return segment->offset + (address - segment->address);
	}
	return 0;
}

/* False where no text ends within TEXT_SIZE bytes. */
static bool read_text(const struct image *image, uint64_t offset, char ret_text[static TEXT_SIZE])
{
	ssize_t got = offset > INT64_MAX ? -1 : pread(image->fd, ret_text, TEXT_SIZE, (off_t)offset);

	return got > 0 && memchr(ret_text, '\0', (size_t)got) && *ret_text;
}

/* ---- What it needs ---- */

static void need(struct binaries *binaries, const char *name, const char *path)
{
	struct binaries_library *library = &binaries->libraries[binaries->count];

	for (size_t i = 0; i < ARRAY_SIZE(everywhere); i++)
		if (strcmp(everywhere[i], name) == 0 || strncmp(name, "ld-linux", 8) == 0)
			return;
	for (size_t i = 0; i < binaries->count; i++)
		if (strcmp(binaries->libraries[i].name, name) == 0)
			return;
	if (binaries->count == BINARIES_LIBRARIES_MOST)
		return;
	(void)snprintf(library->name, sizeof(library->name), "%s", name);
	(void)snprintf(library->needed_by, sizeof(library->needed_by), "%s", path);
	binaries->count++;
}

static bool read_dynamic(const struct image *image, uint64_t offset, Elf64_Dyn *ret_entry)
{
	Elf32_Dyn narrow;

	if (image->is_64)
		return read_at(image->fd, offset, ret_entry, sizeof(*ret_entry));
	if (!read_at(image->fd, offset, &narrow, sizeof(narrow)))
		return false;
	*ret_entry = (Elf64_Dyn){.d_tag = narrow.d_tag, .d_un.d_val = narrow.d_un.d_val};
	return true;
}

/* Where in the file the table of names begins; 0 where there is none. */
static uint64_t find_names(const struct image *image, const struct segment *dynamic, size_t step)
{
	Elf64_Dyn entry;

	for (size_t i = 0; i < DYNAMIC_MOST && read_dynamic(image, dynamic->offset + i * step, &entry); i++) {
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_STRTAB)
			return offset_of(image, entry.d_un.d_val);
	}
	return 0;
}

static void take_needs(const struct image *image, struct binaries *binaries, const char *path)
{
	const struct segment *dynamic = find_segment(image, PT_DYNAMIC);
	const struct segment *loader = find_segment(image, PT_INTERP);
	size_t step = image->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t names = dynamic && dynamic->offset <= INT64_MAX ? find_names(image, dynamic, step) : 0;
	char text[TEXT_SIZE];
	Elf64_Dyn entry;

	if (loader && read_text(image, loader->offset, text))
		need(binaries, text, path);
	if (!names)
		return;
	for (size_t i = 0; i < DYNAMIC_MOST && read_dynamic(image, dynamic->offset + i * step, &entry); i++) {
		if (entry.d_tag == DT_NULL)
			return;
		if (entry.d_tag == DT_NEEDED && entry.d_un.d_val < INT32_MAX &&
			read_text(image, names + entry.d_un.d_val, text))
			need(binaries, text, path);
	}
}

/* ---- Whom it is for ---- */

static void tell_of_architecture(
	struct binaries *binaries, const char *architecture, const char *path, bool run, struct problems *problems)
{
	struct error why = {0};

	if (binaries->wanted) {
		if (strcmp(architecture, binaries->wanted) == 0)
			return;
		(void)error_set(&why, ERROR_INPUT, "'%s' is for %s: terminals of %s cannot run it", path,
			architecture, binaries->wanted);
		if (!run || problems_take(problems, &why) < 0)
			problems_warn(problems, "%s", why.text);
		return;
	}
	if (!binaries->seen) {
		binaries->seen = architecture;
		(void)snprintf(binaries->seen_in, sizeof(binaries->seen_in), "%s", path);
	} else if (strcmp(binaries->seen, architecture) != 0 && !binaries->has_told_of_both) {
		binaries->has_told_of_both = true;
		problems_warn(problems,
			"'%s' is for %s and '%s' for %s: a terminal runs one of them; --architecture says "
			"which is meant",
			binaries->seen_in, binaries->seen, path, architecture);
	}
}

void binaries_look_at(struct binaries *binaries, int dir_fd, const char *path, bool run, struct problems *problems)
{
	AUTO(fd) int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct image image = {.fd = fd};

	if (fd < 0 || !read_image(&image))
		return;
	tell_of_architecture(binaries, image.architecture, path, run, problems);
	take_needs(&image, binaries, path);
}

static bool is_brought(const struct release *release, const char *library)
{
	for (size_t i = 0; i < release->files_count; i++) {
		const char *slash = strrchr(release->files[i].path, '/');

		if (strcmp(slash ? slash + 1 : release->files[i].path, library) == 0)
			return true;
	}
	return false;
}

void binaries_judge(const struct binaries *binaries, const struct release *release, struct problems *problems)
{
	for (size_t i = 0; i < binaries->count; i++)
		if (!is_brought(release, binaries->libraries[i].name))
			problems_warn(problems, "'%s' needs %s on every terminal, which the release does not bring",
				binaries->libraries[i].needed_by, binaries->libraries[i].name);
}

int binaries_check_architecture(const char *name, struct error *err)
{
	AUTO(buf) struct buf known = BUF_INIT(256);

	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++) {
		if (strcmp(architectures[i].name, name) == 0)
			return 0;
		if (buf_printf(&known, err, "%s%s", i ? ", " : "", architectures[i].name) < 0)
			return -1;
	}
	return error_set(err, ERROR_USAGE, "--architecture '%.40s' is none of %s", name, buf_text(&known));
}
