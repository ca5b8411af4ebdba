/*
 * Build ids and debug links. A file found by its build id is that very file; a
 * file found by name must have the right checksum. Called by host_elf.c,
 * host_dwarf.c and runtime/.
 */
#include "parser/host_debug.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEBUG_FOLDER "/usr/lib/debug"
#define BUILD_ID_MAX 64
#define FILE_MAX     ((off_t)4 << 30)

struct Elf_Scn *section_find(struct Elf *elf, const char *name)
{
	Elf_Scn *section = NULL;
	const char *other;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		other = gelf_getshdr(section, &header)
				? elf_strptr(elf, names, header.sh_name)
				: NULL;
		if (other && strcmp(other, name) == 0)
			return section;
	}
	return NULL;
}

static int open_plain(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) || !S_ISREG(status.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- by build id ---- */

/* The id in a section of notes; its length, 0 if there is none. */
static size_t note_build_id(Elf_Data *data, const uint8_t **id)
{
	size_t at = 0, name, description;
	GElf_Nhdr note;

	while (at < data->d_size &&
	       (at = gelf_getnote(data, at, &note, &name, &description))) {
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
		    memcmp((const char *)data->d_buf + name, "GNU", 4) != 0)
			continue;
		*id = (const uint8_t *)data->d_buf + description;
		return note.n_descsz;
	}
	return 0;
}

static size_t find_build_id(Elf *elf, const uint8_t **id)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf_Data *data;
	size_t length;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) ||
		    header.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(section, NULL);
		length = data && data->d_buf ? note_build_id(data, id) : 0;
		if (length)
			return length;
	}
	return 0;
}

static int open_by_build_id(Elf *elf, const char *root)
{
	const uint8_t *id;
	size_t length = find_build_id(elf, &id);
	char hex[2 * BUILD_ID_MAX + 1];
	char path[PATH_MAX];

	if (length < 2 || length > BUILD_ID_MAX)
		return -1;
	for (size_t i = 0; i < length; i++)
		sprintf(hex + 2 * i, "%02x", id[i]);
	snprintf(path, sizeof(path),
		 "%s" DEBUG_FOLDER "/.build-id/%.2s/%s.debug", root, hex,
		 hex + 2);
	return open_plain(path);
}

/* ---- by name ---- */

/* The checksum of .gnu_debuglink: CRC-32, as in zip files. */
static uint32_t checksum(const uint8_t *bytes, size_t size)
{
	uint32_t table[256], sum = UINT32_MAX;

	for (uint32_t i = 0; i < ARRAY_SIZE(table); i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^
				   (table[i] & 1 ? 0xedb88320u : 0);
	}
	for (size_t i = 0; i < size; i++)
		sum = sum >> 8 ^ table[(sum ^ bytes[i]) & 0xff];
	return ~sum;
}

static bool has_checksum(int fd, uint32_t wanted)
{
	struct stat status;
	void *bytes;
	bool has;

	if (fstat(fd, &status) || status.st_size <= 0 ||
	    status.st_size > FILE_MAX)
		return false;
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd,
		     0);
	if (bytes == MAP_FAILED)
		return false;
	has = checksum(bytes, (size_t)status.st_size) == wanted;
	munmap(bytes, (size_t)status.st_size);
	return has;
}

/* The name in .gnu_debuglink, which a checksum follows; NULL: none. */
static const char *find_link(Elf *elf, uint32_t *sum)
{
	Elf_Scn *section = section_find(elf, ".gnu_debuglink");
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
	size_t length;

	if (!data || !data->d_buf)
		return NULL;
	length = (strnlen(data->d_buf, data->d_size) + 4) / 4 * 4;
	if (length + sizeof(*sum) > data->d_size)
		return NULL;
	memcpy(sum, (const char *)data->d_buf + length, sizeof(*sum));
	return data->d_buf;
}

static int open_by_link(Elf *elf, const char *root, const char *path)
{
	static const char *const places[] = {
		"%s%s/%s",
		"%s%s/.debug/%s",
		"%s" DEBUG_FOLDER "%s/%s",
	};
	char real[PATH_MAX], file[2 * PATH_MAX];
	uint32_t sum;
	const char *name = find_link(elf, &sum);
	char *slash;

	snprintf(file, sizeof(file), "%s%s", root, path);
	if (!name || !*name || strchr(name, '/') || !realpath(file, real) ||
	    strncmp(real, root, strlen(root)) != 0)
		return -1;
	slash = strrchr(real, '/');
	*slash = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int fd;

		snprintf(file, sizeof(file), places[i], root,
			 real + strlen(root), name);
		fd = open_plain(file);
		if (fd >= 0 && has_checksum(fd, sum))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

int debug_file_open(struct Elf *program, const char *root, const char *path)
{
	int fd = open_by_build_id(program, root);

	if (fd < 0)
		fd = open_by_link(program, root, path);
	return fd >= 0 ? fd : debug_packed_open(program);
}
