/*
 * The small symbol table that some distributions leave in a stripped program:
 * .gnu_debugdata, a packed (xz) ELF file with the functions that the dynamic
 * linker does not need. Called by host_debug.c.
 */
#include <gelf.h>
#include <lzma.h>
#include <sys/mman.h>
#include <unistd.h>

#include "parser/host_debug.h"

/* The data come from whoever made the program. */
#define MEMORY_MAX   ((uint64_t)128 << 20) /* of the decoder */
#define UNPACKED_MAX ((size_t)256 << 20)
#define BLOCK        ((size_t)64 << 10)

static bool write_whole(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t length = write(fd, bytes, size);

		if (length <= 0)
			return false;
		bytes += length;
		size -= (size_t)length;
	}
	return true;
}

/* False if what is packed is broken, or too large. */
static bool unpack(lzma_stream *stream, int fd)
{
	uint8_t block[BLOCK];
	lzma_ret result = LZMA_OK;

	while (result == LZMA_OK) {
		stream->next_out = block;
		stream->avail_out = sizeof(block);
		result = lzma_code(stream, LZMA_FINISH);
		if (stream->total_out > UNPACKED_MAX ||
		    !write_whole(fd, block, sizeof(block) - stream->avail_out))
			return false;
	}
	return result == LZMA_STREAM_END;
}

int debug_packed_open(struct Elf *program)
{
	Elf_Scn *section = section_find(program, ".gnu_debugdata");
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
	lzma_stream stream = LZMA_STREAM_INIT;
	int fd;

	if (!data || !data->d_buf || !data->d_size ||
	    lzma_stream_decoder(&stream, MEMORY_MAX, 0) != LZMA_OK)
		return -1;
	stream.next_in = data->d_buf;
	stream.avail_in = data->d_size;
	fd = memfd_create("symbols", MFD_CLOEXEC);
	if (fd >= 0 && !unpack(&stream, fd)) {
		close(fd);
		fd = -1;
	}
	lzma_end(&stream);
	return fd;
}
