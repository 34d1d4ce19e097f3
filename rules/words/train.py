#!/usr/bin/env python3
"""Makes `trigrams.bin` from text and source code: train.py DIRECTORY... > trigrams.bin

How likely each letter is after the two before it, in words of English and of
identifiers. 27 * 27 * 27 bytes, indexed by (first, second, letter), where 0 is
the beginning of a word and 1 to 26 are a to z: -log2 of the probability in
sixteenths of a bit, at most 255.
"""
import collections
import math
import os
import re
import sys

ENDINGS = (".rs", ".md", ".py", ".txt", ".c", ".h", ".pl", ".pm", ".rst", ".html", ".toml", "copyright")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
LONGEST_TOKEN = 24
LEAST_FILES = 4


def words():
    """Words with the number of files that hold them."""
    files = collections.Counter()
    for root in sys.argv[1:]:
        for directory, _, names in os.walk(root):
            for name in names:
                path = os.path.join(directory, name)
                if not name.endswith(ENDINGS) or os.path.islink(path) or os.path.getsize(path) > 1 << 20:
                    continue
                with open(path, encoding="utf-8", errors="ignore") as text:
                    tokens = {token for token in re.findall(r"[A-Za-z_]+", text.read()) if len(token) <= LONGEST_TOKEN}
                files.update({word.lower() for token in tokens for word in WORD.findall(token)})
    return {word: count for word, count in files.items() if count >= LEAST_FILES and len(word) >= 2}


def main():
    one, two, three = collections.Counter(), collections.Counter(), collections.Counter()
    for word, count in words().items():
        weight = math.log2(count)
        letters = [0, 0] + [ord(letter) - 96 for letter in word]
        for first, second, letter in zip(letters, letters[1:], letters[2:]):
            one[letter] += weight
            two[second, letter] += weight
            three[first, second, letter] += weight
    total = sum(one.values())
    after_two, after_three = collections.Counter(), collections.Counter()
    for (second, _), weight in two.items():
        after_two[second] += weight
    for (first, second, _), weight in three.items():
        after_three[first, second] += weight
    table = bytearray()
    for first in range(27):
        for second in range(27):
            for letter in range(27):
                chance = 0.02 / 26 + 0.08 * one[letter] / total
                chance += 0.2 * two[second, letter] / max(after_two[second], 1)
                chance += 0.7 * three[first, second, letter] / max(after_three[first, second], 1)
                table.append(min(255, round(-16 * math.log2(chance))) if letter else 255)
    sys.stdout.buffer.write(table)


main()
