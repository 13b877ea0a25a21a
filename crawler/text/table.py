"""The fold table: one character to one character, shipped as data (fold_table.txt) and read once.

Made from OpenCC (Apache-2.0) by tests/bench/build_text_tables.py. A table of single characters never changes the length
of a text and never depends on what stands beside a character, so a folded keyword is a substring of a folded text
wherever the keyword was one of the text. Phrase conversion (了解 but 瞭望) gives both away for 0.03 % of all
characters.
"""

from functools import cache
from importlib.resources import files

#: Stored with the folded texts of a corpus. Raise it with every change of the table, of monitor.text.fold, and of
#: crawler.text.byteshift.
FOLD_VERSION = "3"

#: Every blank but the newline, which is a paragraph's border. Here and not in the file: editors mend blanks.
_BLANKS = (
    "\t\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


@cache
def fold_table() -> dict[int, str]:
    """For str.translate(): traditional to simplified, NFKC of length 1, lower case, punctuation to ASCII.

    Each target folds to itself. For reading only: all callers share it.

    >>> "ＡＩ與數字經濟。".translate(fold_table())
    'ai与数字经济.'
    """
    table = {ord(blank): " " for blank in _BLANKS}
    for line in files(__package__).joinpath("fold_table.txt").read_bytes().decode().split("\n"):
        table.update(dict.fromkeys(map(ord, line[1:]), line[:1]))
    return table
