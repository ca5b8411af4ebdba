/*
 * A file of BTF (the kernel's type information) in memory: where each type is,
 * checked once so that nobody has to again. Knows nothing of what the types
 * mean: that is host_btf.c, which calls it.
 */
#include "parser/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20)

/* Types are multiples of 4 bytes: the kind goes below the offset. */
#define PLACE_SHIFT 3
#define KIND_MASK   31

/* What follows a type: so much once, and so much for each of its items. Kinds
 * the kernel may add later have sizes we cannot know. */
static const struct {
	bool is_known;
	uint8_t once;
	uint8_t each;
} layouts[NR_BTF_KINDS] = {
	[BTF_KIND_INT] = { true, sizeof(uint32_t), 0 },
	[BTF_KIND_PTR] = { true, 0, 0 },
	[BTF_KIND_ARRAY] = { true, sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT] = { true, 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION] = { true, 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM] = { true, 0, sizeof(struct btf_enum) },
	[BTF_KIND_FWD] = { true, 0, 0 },
	[BTF_KIND_TYPEDEF] = { true, 0, 0 },
	[BTF_KIND_VOLATILE] = { true, 0, 0 },
	[BTF_KIND_CONST] = { true, 0, 0 },
	[BTF_KIND_RESTRICT] = { true, 0, 0 },
	[BTF_KIND_FUNC] = { true, 0, 0 },
	[BTF_KIND_FUNC_PROTO] = { true, 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR] = { true, sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC] = { true, 0, sizeof(struct btf_var_secinfo) },
	[BTF_KIND_FLOAT] = { true, 0, 0 },
	[BTF_KIND_DECL_TAG] = { true, sizeof(struct btf_decl_tag), 0 },
	[BTF_KIND_TYPE_TAG] = { true, 0, 0 },
	[BTF_KIND_ENUM64] = { true, 0, sizeof(struct btf_enum64) },
};

/* ---- opening ---- */

/* A part of the file that the header names; false if it is not inside. */
static bool find_section(const struct btf_file *file,
			 const struct btf_header *header, uint32_t offset,
			 uint32_t length, const uint8_t **section)
{
	uint64_t start = (uint64_t)header->hdr_len + offset;

	if (start > file->size || length > file->size - start)
		return false;
	*section = file->bytes + start;
	return true;
}

static const struct btf_type *type_at(const struct btf_file *file,
				      uint32_t offset)
{
	return (const void *)(file->types + offset);
}

/* The bytes of the type at `offset`, or 0 if it is not all inside. */
static uint32_t type_bytes(const struct btf_file *file, uint32_t offset,
			   uint32_t size)
{
	const struct btf_type *type;
	uint32_t kind, bytes;

	if (size - offset < sizeof(*type))
		return 0;
	type = type_at(file, offset);
	kind = BTF_INFO_KIND(type->info);
	if (kind >= NR_BTF_KINDS || !layouts[kind].is_known)
		return 0;
	/* At most 65535 items of 12 bytes. */
	bytes = (uint32_t)sizeof(*type) + layouts[kind].once +
		BTF_INFO_VLEN(type->info) * layouts[kind].each;
	return bytes <= size - offset ? bytes : 0;
}

/* Finds the type behind the ones known. What follows a malformed one cannot
 * be told, so the file ends there. */
static bool find_next(struct btf_file *file)
{
	uint32_t bytes = type_bytes(file, file->next, file->types_size);
	uint32_t kind;

	if (!bytes) {
		file->types_size = file->next;
		return false;
	}
	kind = BTF_INFO_KIND(type_at(file, file->next)->info);
	file->places[file->count++ - file->first] =
		file->next << PLACE_SHIFT | kind;
	file->next += bytes;
	return true;
}

bool btf_file_parse(struct btf_file *file, const uint8_t *bytes, size_t size)
{
	struct btf_header header;
	const uint8_t *names;

	*file = (struct btf_file){ .bytes = bytes, .size = size };
	if (size < sizeof(header) || size > FILE_MAX)
		return false;
	memcpy(&header, bytes, sizeof(header));
	if (header.magic != BTF_MAGIC || header.version != BTF_VERSION ||
	    header.hdr_len < sizeof(header) || header.hdr_len % 4 ||
	    header.type_off % 4)
		return false;
	if (!find_section(file, &header, header.type_off, header.type_len,
			  &file->types) ||
	    !find_section(file, &header, header.str_off, header.str_len,
			  &names))
		return false;
	if (!header.str_len || names[header.str_len - 1])
		return false;
	file->names = (const char *)names;
	file->names_size = header.str_len;
	file->types_size = header.type_len;
	file->count = 1;
	/* Never touched beyond the last type, so the room costs nothing. */
	file->places = calloc(btf_id_limit(file), sizeof(*file->places));
	return file->places;
}

/* The kernel can map its BTF since Linux 6.16. */
static const uint8_t *map_file(int fd, size_t size)
{
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	return bytes == MAP_FAILED ? NULL : bytes;
}

static const uint8_t *read_bytes(int fd, size_t size)
{
	uint8_t *bytes = malloc(size);
	size_t length = 0;
	ssize_t got;

	while (bytes && length < size) {
		got = read(fd, bytes + length, size - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (length == size)
		return bytes;
	free(bytes);
	return NULL;
}

static enum host_status open_fd(struct btf_file *file, int fd)
{
	const uint8_t *bytes;
	struct stat status;
	bool is_mapped;
	size_t size;

	if (fstat(fd, &status) || status.st_size <= 0 ||
	    (uint64_t)status.st_size > FILE_MAX)
		return HOST_BAD;
	size = (size_t)status.st_size;
	bytes = map_file(fd, size);
	is_mapped = bytes;
	if (!bytes)
		bytes = read_bytes(fd, size);
	if (!bytes)
		return HOST_BAD;
	if (btf_file_parse(file, bytes, size)) {
		file->is_mapped = is_mapped;
		return HOST_OK;
	}
	if (is_mapped)
		munmap((void *)bytes, size);
	else
		free((void *)bytes);
	return HOST_BAD;
}

enum host_status btf_file_open(struct btf_file *file, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum host_status status;

	if (fd < 0)
		return status_of_errno(errno);
	status = open_fd(file, fd);
	close(fd);
	return status;
}

void btf_file_split(struct btf_file *file, struct btf_file *base)
{
	while (find_next(base))
		;
	file->base = base;
	file->first = base->count;
	file->first_name = base->names_size;
	file->count = base->count;
}

void btf_file_close(struct btf_file *file)
{
	free(file->places);
	if (file->is_mapped)
		munmap((void *)file->bytes, file->size);
	else
		free((void *)file->bytes);
	*file = (struct btf_file){ 0 };
}

/* ---- reading ---- */

static const struct btf_type *known_type(const struct btf_file *file,
					 uint32_t id)
{
	uint32_t place = file->places[id - file->first];

	return type_at(file, place >> PLACE_SHIFT & ~3u);
}

uint32_t btf_id_limit(const struct btf_file *file)
{
	uint32_t own = (uint32_t)(file->types_size / sizeof(struct btf_type));

	return file->first + own + 1;
}

const struct btf_type *btf_type(struct btf_file *file, uint32_t id)
{
	if (id < file->first)
		return btf_type(file->base, id);
	if (id >= btf_id_limit(file))
		return NULL;
	while (id >= file->count)
		if (!find_next(file))
			return NULL;
	return id ? known_type(file, id) : NULL;
}

const char *btf_name(const struct btf_file *file, uint32_t place)
{
	if (place < file->first_name)
		return btf_name(file->base, place);
	place -= file->first_name;
	return place < file->names_size ? file->names + place : "";
}

uint32_t btf_next(struct btf_file *file, uint32_t kinds, uint32_t after)
{
	uint32_t id = after < file->first ? file->first : after + 1;

	for (; id < file->count || find_next(file); id++)
		if (kinds >> (file->places[id - file->first] & KIND_MASK) & 1)
			return id;
	return 0;
}

uint32_t btf_find(struct btf_file *file, uint32_t kinds, const char *name,
		  uint32_t after)
{
	const struct btf_type *type;
	uint32_t id = after;

	while ((id = btf_next(file, kinds, id))) {
		type = known_type(file, id);
		if (!strcmp(btf_name(file, type->name_off), name))
			return id;
	}
	return 0;
}
