"""Reads every form of feed with feedparser, and pictures as XML and PNG, as those who use them do."""

import json
import struct
import sys
import urllib.request
import xml.dom.minidom
import zlib

import feedparser

BASE = sys.argv[1]
TOPICS = [
    "all", "services/x", "countries/US", "categories/social", "claims", "claims/owner-attack",
]
read = 0


def get(path):
    with urllib.request.urlopen(BASE + path) as answer:
        return answer.read()


for topic in TOPICS:
    titles = []
    for form in ["rss.xml", "atom.xml"]:
        path = f"/feeds/{topic}/{form}"
        feed = feedparser.parse(get(path))
        assert not feed.bozo, (path, feed.get("bozo_exception"))
        assert feed.version in ("rss20", "atom10"), (path, feed.version)
        assert feed.entries, path
        for entry in feed.entries:
            assert entry.title and entry.link.startswith("http") and entry.id, (path, entry)
            assert entry.published_parsed, (path, entry)
        titles.append([entry.title for entry in feed.entries])
        read += 1
    feed = json.loads(get(f"/feeds/{topic}/feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    titles.append([item["title"] for item in feed["items"]])
    assert titles[0] == titles[1] == titles[2], (topic, titles)
    read += 1

for path in ["/s/x/badge.svg", "/api/v1/endpoints/social_x/uptimes/24h/badge.svg"]:
    picture = xml.dom.minidom.parseString(get(path)).documentElement
    assert picture.tagName == "svg" and picture.getAttribute("aria-label"), path
    read += 1

png = get("/s/x/picture.png")
assert png.startswith(b"\x89PNG\r\n\x1a\n")
place, kinds, packed = 8, [], b""
while place < len(png):
    (length,) = struct.unpack(">I", png[place : place + 4])
    kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
    (crc,) = struct.unpack(">I", png[place + 8 + length : place + 12 + length])
    assert zlib.crc32(kind + data) == crc, kind
    kinds.append(kind)
    packed += data if kind == b"IDAT" else b""
    place += 12 + length
assert kinds == [b"IHDR", b"PLTE", b"IDAT", b"IEND"], kinds
assert len(zlib.decompress(packed)) == 630 * 1201
read += 1
print(f"{read} feeds and pictures read, a picture of {len(png)} bytes")
