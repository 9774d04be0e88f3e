#!/usr/bin/env python3
"""Each sentence of the line for support that has its Japanese (common/words/support_details.h) is still said somewhere: what is
between its holes stands in the sources. One that was reworded would be shown in English, and nobody would notice.
usage: test_support_details.py SOURCE_DIR"""
import os
import re
import sys

LIST = 'common/words/support_details.h'
HALLS = ['agent', 'common', 'ledger', 'manifests', 'rollback', 'scheduler', 'tools', 'updater']
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"|\bPRI[a-zA-Z0-9]+|\b[A-Z][A-Z_]+\b')
CONVERSION = re.compile(r'%[-0-9.*]*(?:hh|h|ll|l|z|j)?[a-zA-Z]|%[-0-9.*]*\x00')


def literals(text):
    """Literals beside each other as one; a macro between them, such as PRIu64, as the end of a conversion."""
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
    end, whole = 0, ''
    for match in PIECE.finditer(text):
        if text[end:match.start()].strip():
            yield whole
            whole = ''
        whole += match.group(1) if match.group(1) is not None else '\x00'
        end = match.end()
    yield whole


def said(root):
    for hall in HALLS:
        for folder, _, files in os.walk(os.path.join(root, hall)):
            for name in files:
                path = os.path.join(folder, name)
                if name.endswith(('.c', '.h')) and not path.endswith(LIST):
                    with open(path, encoding='utf-8') as file:
                        yield from literals(file.read())


def main(root):
    with open(os.path.join(root, LIST), encoding='utf-8') as file:
        ours = file.read().split('#define EACH_DETAIL_OF_OTHERS')[0]
    sentences = re.findall(r'DETAIL\(N_\("((?:[^"\\]|\\.)*)"\)\)', ours)
    sources = '\n'.join(CONVERSION.sub('%s', text) for text in said(root))
    lost = [sentence for sentence in sentences for piece in re.split(r' \(%s\)|%s|(?=; )', sentence)
            if piece.strip(" '();:,") and piece not in sources]
    for sentence in lost:
        print(f"{LIST}: nobody says '{sentence}' any more")
    if len(sentences) < 100:
        print(f'{LIST}: its rows were not found')
    return 1 if lost or len(sentences) < 100 else 0


sys.exit(main(sys.argv[1]))
