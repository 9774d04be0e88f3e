#include "updater/rewrite/elf_image.h"

#include <elf.h>
#include <endian.h>
#include <string.h>
#include <unistd.h>

/* The section's names are looked for in so many bytes. */
#define NAMES_SIZE 4096u

struct headers {
	Elf64_Shdr sections[ELF_SECTIONS_MOST];
	size_t count;
	char names[NAMES_SIZE + 1];
};

static int no_program(struct error *err, const char *why)
{
	return error_set(err, ERROR_NOT_FOUND, "not a program whose addresses can be followed: %s", why);
}

static bool read_at(int fd, void *ret_bytes, size_t len, uint64_t at)
{
	return pread(fd, ret_bytes, len, (off_t)at) == (ssize_t)len;
}

static int read_head(int fd, uint64_t size, Elf64_Ehdr *ret_head, struct error *err)
{
	if (size > ELF_BYTES_MOST)
		return no_program(err, "too large");
	if (size < sizeof(*ret_head) || !read_at(fd, ret_head, sizeof(*ret_head), 0) ||
		memcmp(ret_head->e_ident, ELFMAG, SELFMAG) != 0 || ret_head->e_ident[EI_CLASS] != ELFCLASS64 ||
		ret_head->e_ident[EI_DATA] != ELFDATA2LSB)
		return no_program(err, "no ELF of 64 bits, little-endian");
	if (le16toh(ret_head->e_machine) != EM_X86_64 && le16toh(ret_head->e_machine) != EM_AARCH64)
		return no_program(err, "another processor");
	return 0;
}

static int read_headers(int fd, uint64_t size, const Elf64_Ehdr *head, struct headers *ret_headers, struct error *err)
{
	uint64_t at = le64toh(head->e_shoff), names_at, names_size;
	size_t count = le16toh(head->e_shnum), names = le16toh(head->e_shstrndx);

	if (count == 0 || count > ELF_SECTIONS_MOST || names >= count ||
		le16toh(head->e_shentsize) != sizeof(Elf64_Shdr) || at > size ||
		count * sizeof(Elf64_Shdr) > size - at ||
		!read_at(fd, ret_headers->sections, count * sizeof(Elf64_Shdr), at))
		return no_program(err, "its table of sections");
	names_at = le64toh(ret_headers->sections[names].sh_offset);
	names_size = le64toh(ret_headers->sections[names].sh_size);
	names_size = names_size < NAMES_SIZE ? names_size : NAMES_SIZE;
	if (names_at > size || names_size > size - names_at ||
		!read_at(fd, ret_headers->names, (size_t)names_size, names_at))
		return no_program(err, "the names of its sections");
	ret_headers->names[names_size] = '\0';
	ret_headers->count = count;
	return 0;
}

static bool has_name(const struct headers *headers, const Elf64_Shdr *section, const char *name)
{
	uint32_t at = le32toh(section->sh_name);

	return at < NAMES_SIZE && strcmp(headers->names + at, name) == 0;
}

/* What a section is to a rewrite; false: nothing. */
static bool kind_of(const struct headers *headers, const Elf64_Shdr *section, enum elf_section_kind *ret_kind)
{
	uint64_t flags = le64toh(section->sh_flags);
	uint32_t type = le32toh(section->sh_type);

	if (!(flags & SHF_ALLOC)) {
		*ret_kind = ELF_OTHER_SYMBOLS;
		return type == SHT_SYMTAB;
	}
	if (type == SHT_NOBITS && flags & SHF_TLS)
		return false;
	if (type == SHT_NOBITS)
		*ret_kind = ELF_SPACE;
	else if (type == SHT_RELA)
		*ret_kind = ELF_RELOCATIONS;
	else if (type == SHT_DYNSYM)
		*ret_kind = ELF_SYMBOLS;
	else if (flags & SHF_EXECINSTR)
		*ret_kind = ELF_CODE;
	else if (flags & SHF_WRITE)
		*ret_kind = ELF_DATA;
	else if (has_name(headers, section, ".eh_frame"))
		*ret_kind = ELF_UNWIND;
	else if (has_name(headers, section, ".eh_frame_hdr"))
		*ret_kind = ELF_UNWIND_INDEX;
	else if (has_name(headers, section, ".gcc_except_table"))
		*ret_kind = ELF_EXCEPTIONS;
	else if (type == SHT_PROGBITS)
		*ret_kind = ELF_CONSTANTS;
	else
		return false;
	return true;
}

static void widen(uint64_t *begin, uint64_t *end, const struct elf_section *section)
{
	if (*end == 0 || section->address < *begin)
		*begin = section->address;
	if (section->address + section->size > *end)
		*end = section->address + section->size;
}

/* Where the names of symbols are. */
static uint64_t names_of(const struct headers *headers, const Elf64_Shdr *symbols)
{
	uint32_t link = le32toh(symbols->sh_link);
	const Elf64_Shdr *names = link < headers->count ? &headers->sections[link] : NULL;

	if (!names)
		return 0;
	return le64toh(names->sh_flags) & SHF_ALLOC ? le64toh(names->sh_addr)
						    : ELF_NOT_LOADED + le64toh(names->sh_offset) % ELF_BYTES_MOST;
}

static void take_section(struct elf_image *image, struct elf_section section)
{
	if (section.kind != ELF_OTHER_SYMBOLS)
		widen(&image->begin, &image->end, &section);
	if (section.kind == ELF_CODE)
		widen(&image->code_begin, &image->code_end, &section);
	if (section.kind == ELF_DATA)
		widen(&image->data_begin, &image->data_end, &section);
	if (section.kind == ELF_CONSTANTS)
		widen(&image->constants_begin, &image->constants_end, &section);
	if (section.kind == ELF_SYMBOLS)
		image->symbols = section.address;
	image->sections[image->count++] = section;
}

/* Sections follow each other in the file: no byte is in two of them, so work is bounded by the file's size. */
static int take_sections(
	struct elf_image *image, const struct headers *headers, uint64_t file_size, struct error *err)
{
	uint64_t behind = 0;

	for (size_t i = 0; i < headers->count; i++) {
		const Elf64_Shdr *header = &headers->sections[i];
		struct elf_section section = {.offset = le64toh(header->sh_offset),
			.size = le64toh(header->sh_size),
			.address = le64toh(header->sh_addr),
			.names = names_of(headers, header)};

		if (!kind_of(headers, header, &section.kind) || section.size == 0)
			continue;
		if (section.address >= ELF_BYTES_MOST * 4 || section.size > ELF_BYTES_MOST)
			return no_program(err, "its addresses");
		if (section.kind != ELF_SPACE) {
			if (section.offset < behind || section.offset > file_size ||
				section.size > file_size - section.offset)
				return no_program(err, "its sections overlap, or end behind it");
			behind = section.offset + section.size;
		}
		take_section(image, section);
	}
	return image->code_end ? 0 : no_program(err, "no code");
}

int elf_image_read(int fd, uint64_t size, struct elf_image *ret_image, struct error *err)
{
	struct elf_image image = {0};
	struct headers headers = {0};
	Elf64_Ehdr head;

	if (read_head(fd, size, &head, err) < 0 || read_headers(fd, size, &head, &headers, err) < 0)
		return -1;
	image.is_arm = le16toh(head.e_machine) == EM_AARCH64;
	if (take_sections(&image, &headers, size, err) < 0)
		return -1;
	*ret_image = image;
	return 0;
}

const struct elf_section *elf_image_find(const struct elf_image *image, enum elf_section_kind kind)
{
	for (size_t i = 0; i < image->count; i++)
		if (image->sections[i].kind == kind)
			return &image->sections[i];
	return NULL;
}
