"""Makes a screenshot small: a PNG of at most 256 colours. What is drawn has few, all the rest is smoothing of edges."""

import collections
import struct
import zlib


def shrink(path):
    """Replaces the file, which is a PNG as chromium writes it: 8 bits, RGB or RGBA, not interlaced."""
    width, height, rows = read(path.read_bytes())
    counts = collections.Counter(color for row in rows for color in row)
    palette = [color for color, _ in counts.most_common(256)]
    places = {color: place for place, color in enumerate(palette)}

    def place(color):
        if color not in places:
            distances = (sum((a - b) ** 2 for a, b in zip(color, other)) for other in palette)
            places[color] = min(zip(distances, range(256)))[1]
        return places[color]

    data = b"".join(b"\0" + bytes(map(place, row)) for row in rows)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(map(bytes, palette))),
        (b"IDAT", zlib.compress(data, 9)),
        (b"IEND", b""),
    ]
    out = b"\x89PNG\r\n\x1a\n"
    for name, content in chunks:
        out += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    path.write_bytes(out)


def read(png):
    """Width, height and rows of colours."""
    place, data = 8, b""
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        content = png[place + 8 : place + 8 + length]
        if name == b"IHDR":
            width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", content)
            assert depth == 8 and kind in (2, 6) and not interlaced, "no screenshot of chromium's"
            size = 3 if kind == 2 else 4
        elif name == b"IDAT":
            data += content
        place += length + 12
    data = zlib.decompress(data)
    stride, above, rows = width * size, bytes(width * size), []
    for y in range(height):
        start = y * (stride + 1)
        above = unfilter(data[start], bytearray(data[start + 1 : start + 1 + stride]), above, size)
        rows.append([bytes(above[x : x + 3]) for x in range(0, stride, size)])
    return width, height, rows


def unfilter(kind, line, above, size):
    for x in range(len(line) if kind else 0):
        left = line[x - size] if x >= size else 0
        up = above[x]
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            corner = above[x - size] if x >= size else 0
            guess = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))[2]
        line[x] = (line[x] + guess) & 255
    return line
